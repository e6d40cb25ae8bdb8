"""The index of acts and the search over it: who did what on which case in which period (C.7)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk, deliver
from engine.errors import NotAllowed
from engine.people import Actor
from engine.queries.history_search import ActLine, ActPage, acts
from engine.storage import tables as t
from engine.trace.criteria import Criteria
from engine.trace.kinds import BY_CODE, BY_TYPE, KINDS
from engine.trace.office import outside
from tests.conftest import at_once, beijing
from tests.engine.verb_office import open_office
from tests.processes.office import case, task, wait_until


def auditor(desk: Desk) -> Actor:
    return desk.engine.accounts.actor_named("audit")


def found(desk: Desk, **asked: Any) -> list[ActLine]:
    desk.engine.acts.follow()
    page: ActPage = desk.engine.queries.search(acts, auditor(desk), Criteria.of(asked), "", 1000)
    return list(page.rows)


def rows(desk: Desk) -> list[tuple[Any, ...]]:
    with desk.engine.database.reading() as conn:
        return [tuple(row) for row in conn.execute(select(t.act).order_by(t.act.c.position))]


def test_no_two_kinds_share_a_number_a_code_or_an_event() -> None:
    assert len({kind.number for kind in KINDS}) == len({kind.code for kind in KINDS}) == len(KINDS)
    assert len(BY_TYPE) == sum(len(kind.types) for kind in KINDS)


def test_acts_are_found_by_person_department_kind_case_procedure_element_and_period(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    other = int(at_once(deliver(desk, 2)))
    wait_until(desk, beijing("2026-06-09T10:00"))
    opened = task(desk, key, "T12-04")
    who = desk.actor(opened.organisation_key, opened.role)
    desk.do(key, "T12-04", {"check_result": "accept"})

    work = found(desk, kinds=["work"], element="T12-04")
    number = case(desk, key).business_id

    assert [(line.instance_key, line.person, line.department) for line in work] == [
        (key, who.name, who.org_name)
    ]
    assert work[0] in found(desk, person=who.name) and work[0] in found(desk, person=who.username)
    assert work[0] in found(desk, department=who.org_name, role="handler")
    assert not found(desk, role="auditor")
    assert {line.instance_key for line in found(desk, text=number)} == {key}
    assert {line.instance_key for line in found(desk, process="ln_art12_application")} == {key, other}
    assert not found(desk, process="ln_art20_rectification")
    assert {line.at.date() for line in found(desk, since="2026-06-09", kinds=["work"])} == {work[0].at.date()}
    assert work[0] not in found(desk, until="2026-06-08")
    assert {line.kind for line in found(desk, by="platform", text=number)} <= {
        kind.name for kind in KINDS if kind.of_case
    }


def test_pages_of_acts_go_on_where_the_last_one_ended(desk: Desk) -> None:
    at_once(deliver(desk, 1))
    desk.engine.acts.follow()
    whole = found(desk)

    after, parts = "", []
    while True:
        page = desk.engine.queries.search(acts, auditor(desk), Criteria(), after, 3)
        parts += page.rows
        if not (after := page.after):
            break

    assert [line.position for line in parts] == [line.position for line in whole] and len(whole) > 6


def test_an_act_under_another_name_is_found_as_such_with_both_names(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    opened = task(desk, key, "T12-04")
    principal = desk.actor(opened.organisation_key, "handler")
    with desk.engine.database.reading() as conn:
        colleague = conn.execute(
            select(t.user.c.username, t.user.c.name)
            .where(
                t.user.c.organisation_key == opened.organisation_key,
                t.user.c.key.not_in(
                    select(t.user_role.c.user_key).where(
                        t.user_role.c.organisation_key == opened.organisation_key,
                        t.user_role.c.role == "handler",
                    )
                ),
            )
            .limit(1)
        ).one()
    desk.engine.handle(
        c.AuthoriseDeputy(
            actor=None,
            principal=principal.username,
            deputy=colleague.username,
            role="handler",
            valid_from="2026-06-08",
            valid_until="2026-06-30",
            doc_no="样例〔2026〕1号",
        )
    )
    substitute = desk.engine.accounts.actor_named(colleague.username)
    desk.engine.handle(c.ClaimTask(actor=substitute, task_key=opened.key))
    desk.engine.handle(
        c.CompleteTask(actor=substitute, task_key=opened.key, values={"check_result": "accept"})
    )

    [line] = found(desk, on_behalf=True, kinds=["work"])

    assert (line.person, line.principal) == (colleague.name, principal.name)
    assert {x.kind for x in found(desk, kinds=["mandate"])} == {BY_CODE["mandate"].name}


@pytest.mark.parametrize(
    ("at", "out"),
    [
        pytest.param("2026-06-17T08:29", True, id="before the office opens"),
        pytest.param("2026-06-17T08:30", False, id="as it opens"),
        pytest.param("2026-06-17T16:59", False, id="before it closes"),
        pytest.param("2026-06-17T17:00", True, id="as it closes"),
        pytest.param("2026-06-19T10:00", True, id="Dragon Boat holiday, a Friday"),
        pytest.param("2026-06-20T10:00", True, id="Saturday"),
        pytest.param("2026-05-09T10:00", False, id="a Saturday that is worked"),
    ],
)
def test_outside_office_hours_is_told_by_the_calendar(desk: Desk, at: str, out: bool) -> None:
    assert outside(beijing(at), desk.engine.calendar()) is out


def test_acts_outside_office_hours_are_those_of_people_by_the_calendar_known_then(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    wait_until(desk, beijing("2026-06-08T20:00"))
    desk.do(key, "T12-04", {"check_result": "accept"})
    wait_until(desk, beijing("2026-06-20T10:00"))

    off = found(desk, off_hours=True)

    assert off and {line.at for line in off} == {beijing("2026-06-08T20:00")}
    assert not [line for line in off if line.person == "共享平台"]


def test_what_is_recorded_long_after_it_happened_is_found_by_minutes(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    due = beijing("2026-06-16T00:00")
    desk.engine.clock.set(due + timedelta(minutes=45))  # type: ignore[attr-defined]
    desk.engine.sweep()

    late = found(desk, kinds=["expire"], late_minutes=45)

    assert [(line.instance_key, line.at, line.late) for line in late] == [(key, due, timedelta(minutes=45))]
    assert not found(desk, kinds=["expire"], late_minutes=46)


def test_a_delivery_after_the_period_is_found_as_late(desk: Desk) -> None:
    """Late receipt of documents: what meets a limit late, and what was delivered at that instant."""
    from tests.test_replay import written

    key = int(at_once(deliver(desk, 1)))
    desk.do(key, "T12-04", {"check_result": "accept"})
    wait_until(desk, beijing("2026-06-17T10:00"))
    desk.do(key, "T12-07", written("refuse")(desk, key))
    desk.do(key, "T12-08", {"decision": "sign"})

    late = found(desk, after_period=True)

    assert {line.kind for line in late} >= {BY_CODE["deliver"].name, BY_CODE["meet"].name}
    assert {line.at for line in late} == {beijing("2026-06-17T10:00")}


def test_an_administrators_jump_is_found(desk: Desk) -> None:
    office = open_office(desk.engine)
    office.fill("owner", "First")
    reason = "数据与实际不符，理由如上所述。"
    desk.engine.handle(
        c.verb_command(
            "jump",
            office.person("administrator"),
            task_key=office.task("Work").key,
            fields={"step": "First", "reason": reason},
        )
    )

    [line] = found(desk, kinds=["jump"])

    assert reason.rstrip("。") in line.text and line.instance_key == office.key


def test_who_is_no_auditor_searches_nothing(desk: Desk) -> None:
    handler = desk.engine.accounts.actor_named("gat.jb")

    with pytest.raises(NotAllowed):
        desk.engine.queries.search(acts, handler, Criteria())


def test_an_auditor_finds_nothing_of_a_case_that_is_withheld(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    assert found(desk, text=case(desk, key).business_id)
    with desk.engine.database.writing() as conn:
        conn.execute(
            t.process_instance.update()
            .where(t.process_instance.c.key == key)
            .values(withheld_key=auditor(desk).org_key)
        )

    assert not found(desk, kinds=["begin", "work", "deliver"])


def test_made_anew_the_index_is_the_same(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    wait_until(desk, beijing("2026-06-09T22:00"))
    desk.do(key, "T12-04", {"check_result": "accept"})
    wait_until(desk, beijing("2026-06-17T10:00"))
    desk.engine.acts.follow()
    before = rows(desk)

    desk.engine.acts.rebuild()

    assert rows(desk) == before and before


def test_of_several_that_follow_at_once_each_act_is_added_once(desk: Desk) -> None:
    at_once(deliver(desk, 1))
    threads = [threading.Thread(target=desk.engine.acts.follow) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.engine.acts.follow()
    before = rows(desk)

    desk.engine.acts.rebuild()

    assert rows(desk) == before


@pytest.mark.only("postgresql")
def test_an_event_whose_commit_is_late_is_not_passed_over(desk: Desk) -> None:
    """Positions are given out before the commit: one that appears below the highest must still be indexed."""
    engine = desk.engine
    at_once(deliver(desk, 1))
    row = {"stream": 1, "type": "InstanceEnded", "body": b"{}", "hash": bytes(32)}
    with engine.database.writing() as slow:
        engine.database.take_number(slow)
        slow.execute(t.event.insert(), {**row, "seq": 900_001})
        at_once(deliver(desk, 2))
        for _ in range(3):
            settled = engine.database.settled(t.event.c.position)
        pending = slow.execute(select(t.event.c.position).where(t.event.c.seq == 900_001)).scalar_one()
        assert settled < pending

    settled = max(engine.database.settled(t.event.c.position) for _ in range(2))

    assert settled > pending
