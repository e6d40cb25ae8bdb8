"""A case played again: what an auditor must be able to say of every event (C.7)."""

from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from engine.app import Engine
from engine.demo import verifications
from engine.demo.cases import Desk, begin, deliver, fill
from engine.errors import NotFound
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries.replay import replay
from engine.queries.replay.data import compact
from engine.queries.replay.views import Replay, ReplayStep
from engine.speech import english
from engine.storage.tables import process_instance
from tests.conftest import at_once, beijing
from tests.engine.test_calendar_notices import CLOSED, applied, closure, named
from tests.engine.test_substitution import Department
from tests.processes import rectification
from tests.processes import test_ln_art13_verification as art13
from tests.processes.office import case, limits, trail, wait_until
from tests.processes.test_versions import publish

MOST = 300_000  # bytes


def played(engine: Engine, key: int) -> Replay:
    found: Replay = engine.queries.search(replay, auditor(engine), key)
    return found


def auditor(engine: Engine) -> Actor:
    return engine.accounts.actor_named("audit")


def steps(found: Replay, type: str, element_id: str = "") -> list[ReplayStep]:
    return [s for s in found.steps if s.type == type and element_id in ("", s.element_id)]


# Events and tokens


def test_every_event_is_a_step_in_order_on_the_version_that_applied(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    found = played(desk.engine, key)

    assert [s.type for s in found.steps] == trail(desk, key)
    assert [s.seq for s in found.steps] == list(range(1, len(found.steps) + 1))
    assert {s.definition_key for s in found.steps} == {case(desk, key).definition_key}
    assert found.steps[-1].tokens, "a running case stands somewhere"


def test_a_loop_is_a_second_visit_with_a_number_of_its_own(desk: Desk) -> None:
    key = sent_back(desk, 1)
    found = played(desk.engine, key)

    assert [s.visit for s in steps(found, "UserTaskCompleted", "T12-01")] == [1, 2]
    assert len([v for v in found.visits if v[0] == "T12-01"]) == 2


def sent_back(desk: Desk, rounds: int) -> int:
    """Return an application that was sent back so many times before it was delivered."""
    key = begin(desk, 1)
    for n in range(rounds):
        fill(desk, key, n)
        desk.do(key, "T12-02", {"decision": "return", "comment": f"第{n + 1}次退回：用途说明不够具体。"})
    fill(desk, key, rounds)
    desk.do(key, "T12-02", {"decision": "agree"})
    return key


def test_r_v1_a_case_that_went_over_to_another_version_is_played_on_each_in_its_turn(desk: Desk) -> None:
    key = rebound(desk)
    found = played(desk.engine, key)

    assert [v.number for v in found.versions] == [1, 2]
    [turn] = steps(found, "InstanceRebound")
    first, second = (v.key for v in found.versions)
    assert {s.definition_key for s in found.steps if s.seq < turn.seq} == {first}
    assert {s.definition_key for s in found.steps if s.seq >= turn.seq} == {second}
    data = compact(found)
    assert data["versions"][1]["names"] == {"T12-02": "使用部门复核"}
    assert "names" not in data["versions"][0]


def rebound(desk: Desk) -> int:
    """Return an application that was begun under one version and delivered under the next, with another name in it."""
    key = begin(desk, 1)
    publish(desk, ('name="使用部门审核"', 'name="使用部门复核"'))
    fill(desk, key, 1)
    desk.do(key, "T12-02", {"decision": "agree"})
    return key


# Who, and for whom


def test_who_acted_is_told_as_named_that_day_with_whom_they_stood_in_for(desk: Desk) -> None:
    office = Department(desk)
    signing = office.drafted()
    office.rule()
    office.sign("sub.one", signing)
    found = played(desk.engine, office.case)

    [signed] = steps(found, "UserTaskCompleted", "T12-08")
    assert (signed.who.name, signed.who.stands_for) == ("代办one", office.name(office.head))
    assert signed.who.organisation == desk.actor(office.org, "head").org_name
    last = [t for t in found.tenures if t.element_id == "T12-08"][-1]
    assert (last.holder, last.stands_for, last.how) == ("代办one", office.name(office.head), "completed")


def test_the_platform_acts_by_itself_and_its_timers_tell_the_planned_instant(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-17T10:00"))
    found = played(desk.engine, key)

    [expired] = steps(found, "DeadlineExpired", "TM12-1")
    assert (expired.who.name, expired.who.organisation) == ("共享平台", "")
    assert expired.planned_at == beijing("2026-06-16T00:00")
    assert expired.mark == "overdue"


# Values before and after


def test_a_form_that_is_handed_in_again_tells_each_value_before_and_after(desk: Desk) -> None:
    key = sent_back(desk, 1)
    first, second = steps(played(desk.engine, key), "UserTaskCompleted", "T12-01")

    assert {change.before for change in first.changes} == {None}
    before = {change.label: change.after for change in first.changes}
    assert {change.label: change.before for change in second.changes if change.label in before} == before
    assert any(change.before != change.after for change in second.changes)


def test_what_is_masked_stays_masked(desk: Desk) -> None:
    number = "11010519491231002X"
    key = int(at_once(verifications.deliver(desk, 1, believed_value=f"持证人{number}")))
    found = played(desk.engine, key)

    data = orjson.dumps(compact(found)).decode()
    assert number not in data
    assert "*" * 14 + "002X" in data


def test_an_issued_document_is_told_with_its_number_and_hash(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    papers = [s.paper for s in played(desk.engine, key).steps if s.paper is not None]

    view = desk.engine.queries.case(auditor(desk.engine), key)
    assert [(p.key, p.number, p.sha256) for p in papers] == [
        (d.key, d.number, d.sha256) for d in view.documents
    ]


# Limits


def test_a_limit_is_told_at_the_instant_it_was_set(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-29T10:00"))
    found = played(desk.engine, key)

    assert found.limits
    for limit in found.limits:
        step = found.steps[limit.phases[0].seq - 1]
        assert (step.type, step.occurred_at) == ("DeadlineSet", limit.set_at)


def test_the_days_counted_so_far_are_those_of_the_explanation(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-15T10:00"))
    found = played(desk.engine, key)

    [row] = limits(desk, key, "TM12-1")
    explained = desk.engine.queries.deadline(auditor(desk.engine), row.key).then
    limit = next(x for x in found.limits if x.key == row.key)
    counted = limit.phases[-1].then
    assert [(d.date, d.role, d.number) for d in counted.days] == [
        (d.day.date, d.day.role.value, d.day.number) for d in explained.days
    ]
    reminded = steps(found, "NoticeSent")[-1]
    today = beijing_day(reminded.occurred_at)
    assert counted.counted(today) == len(
        [d for d in explained.days if d.day.number is not None and d.day.date <= today]
    )


def test_lateness_is_counted_day_by_day_up_to_the_number_that_was_recorded(desk: Desk) -> None:
    key = rectification.served(desk)
    wait_until(desk, beijing("2026-06-29T10:00"))
    rectification.reported(desk, key)
    found = played(desk.engine, key)

    limit = next(x for x in found.limits if x.late_wd)
    assert limit.phases[-1].state == "met_late"
    assert limit.late_on(beijing_day(desk.now)) == limit.late_wd
    assert any(line.late for line in found.answers.late)


def test_r_t14_where_the_calendar_moved_both_countings_stand_side_by_side(engine: Engine, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-09T10:00"))  # what is known later was not known when the limit was set
    applied(
        engine,
        named(engine, "admin"),
        named(engine, "admin2"),
        closure(case(desk, key).providing_key, CLOSED),
    )
    found = played(engine, key)

    limit = next(x for x in found.limits if x.element_id == "TM12-1")
    as_set, as_moved = limit.phases
    assert (as_set.due_on, as_set.then.due_on) == (date(2026, 6, 15), date(2026, 6, 15))
    assert as_set.now is not None
    assert as_set.now.due_on == date(2026, 6, 16)
    assert [d.role for d in as_set.then.days if d.date == CLOSED] == ["counted"]
    assert [d.role for d in as_set.now.days if d.date == CLOSED] == ["holiday"]
    assert (as_moved.due_on, as_moved.now) == (date(2026, 6, 16), None)
    assert not any(p.recorded_otherwise for p in limit.phases)


def test_an_extension_tells_who_approved_it_and_the_ground_of_the_request(desk: Desk) -> None:
    key = art13.delivered(desk)
    art13.ask(desk, key, 10)
    desk.do(key, "T13-E2", art13.AGREE)
    found = played(desk.engine, key)

    [line] = found.answers.extended
    request = steps(found, "UserTaskCompleted", "T13-E1")[-1]
    assert all(change.after.rstrip("。") in line.text for change in request.changes if change.after)
    assert [s.mark for s in steps(found, "DeadlineExtended")] == ["extension"]


# Who may see it


def test_a_case_that_is_withheld_from_the_auditors_department_is_not_there(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    with desk.engine.database.writing() as conn:
        change = update(process_instance).where(process_instance.c.key == key)
        conn.execute(change.values(withheld_key=auditor(desk.engine).org_key))

    with pytest.raises(NotFound):
        played(desk.engine, key)


def test_a_department_that_is_no_party_finds_no_case(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    parties = {case(desk, key).using_key, case(desk, key).providing_key, case(desk, key).managing_key}
    stranger = next(a for a in strangers(desk.engine) if a.org_key not in parties)

    with pytest.raises(NotFound):
        desk.engine.queries.search(replay, stranger, key)


def strangers(engine: Engine) -> list[Actor]:
    return [engine.accounts.actor_named(f"{code}.jb") for code in ("gat", "mzt", "rst")]


# A thousand events


def rounds_of_failed_checks(desk: Desk, events: int) -> int:
    """Return a rectification whose report fails its check again and again."""
    key = rectification.served(desk)
    while len(trail(desk, key)) < events:
        rectification.reported(desk, key)
        rectification.failed(desk, key)
        wait_until(desk, desk.now + desk.working_days(1))
    return key


@pytest.mark.parametrize("make", [rounds_of_failed_checks, lambda desk, n: sent_back(desk, n // 10)])
def test_a_thousand_events_fit_into_300_kb_in_either_language(desk: Desk, make: Any) -> None:
    key = make(desk, 1000)
    found = played(desk.engine, key)

    assert len(found.steps) >= 1000
    for say in (str, english):
        assert len(orjson.dumps(compact(found, say))) <= MOST * len(found.steps) / 1000


def test_what_stands_in_the_data_is_what_was_played(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    found = played(desk.engine, key)
    data = orjson.loads(orjson.dumps(compact(found)))

    texts = data["texts"]
    assert [texts[s["x"]] for s in data["steps"]] == [str(s.text) for s in found.steps]
    tokens: list[int] = []
    for told, step in zip(data["steps"], found.steps, strict=True):
        tokens = told.get("k", tokens)
        assert tuple(data["elements"][t][0] for t in tokens) == step.tokens
        assert tuple(texts[f] for f in told.get("f", ())) == step.taken
    [limit] = [x for x in data["limits"] if data["elements"][x["element"]][0] == "TM12-1"]
    counting = data["countings"][limit["phases"][0][4]]
    days = [data["days"][d] for d in counting["days"]]
    assert [d[0] for d in days] == [d.role for d in found.limits[0].phases[0].then.days]
