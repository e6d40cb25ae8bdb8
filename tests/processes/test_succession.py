"""A department merged or abolished (domain C.3.7): its successor goes on, no clock changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.answers import application
from engine.demo.cases import Desk, begin, deliver, fill, provide, replied
from engine.demo.seed import DEMO_PASSWORD
from engine.errors import InvalidInput, NotAllowed, WrongState
from engine.handlers.governments import GOVERNMENT
from engine.history.replay import rebuild
from engine.periods import beijing_day
from engine.storage.tables import catalogue_entry, grant, organisation, user, user_role
from tests.conftest import at_once, beijing, open_engine
from tests.databases import Where
from tests.processes.office import case, document_text, limits, open_tasks, task, told, trail, wait_until
from tests.test_replay import tables

DOC = "辽编办发〔2026〕21号"


def code(desk: Desk, key: int) -> str:
    with desk.engine.database.reading() as conn:
        return str(conn.execute(select(organisation.c.code).where(organisation.c.key == key)).scalar_one())


def third(desk: Desk, *others: int) -> int:
    """Return an ordinary department beside others."""
    with desk.engine.database.reading() as conn:
        keys = (
            conn.execute(
                select(organisation.c.key).where(~organisation.c.managing, organisation.c.kind != GOVERNMENT)
            )
            .scalars()
            .all()
        )
    return next(int(key) for key in keys if key not in others)


def record(desk: Desk, old: int, new: int, **changes: Any) -> None:
    values = {
        "actor": None,
        "code": code(desk, old),
        "successor_code": code(desk, new),
        "valid_from": "2026-06-08",
        "doc_no": DOC,
        **changes,
    }
    desk.engine.handle(c.SucceedOrganisation(**values))


def merge(desk: Desk, old: int, new: int) -> None:
    record(desk, old, new)
    while desk.engine.sweep():
        pass


def heir(desk: Desk, key: int) -> int:
    row = case(desk, key)
    return third(desk, row.using_key, row.providing_key, row.managing_key)


def test_tasks_of_the_provider_move_to_its_successor_and_the_clock_does_not(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    old, new = case(desk, key).providing_key, heir(desk, key)
    [before] = limits(desk, key, "TM12-1")

    wait_until(desk, beijing("2026-06-10T09:00"))
    merge(desk, old, new)

    assert task(desk, key, "T12-04").organisation_key == case(desk, key).providing_key == new
    [after] = limits(desk, key, "TM12-1")
    assert (after.due_at, after.terms, after.state) == (before.due_at, before.terms, "running")
    assert any(DOC in text and "期限不变" in text for _, text, _ in told(desk, key))
    desk.do(key, "T12-04", {"check_result": "accept"})


def test_the_successor_finds_the_task_in_its_inbox(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    new = heir(desk, key)
    merge(desk, case(desk, key).providing_key, new)

    rows = desk.engine.queries.inbox(desk.actor(new, "handler"), "department").rows
    assert key in [row.instance_key for row in rows]


def test_the_trail_says_why_and_each_case_moves_once(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    merge(desk, case(desk, key).providing_key, heir(desk, key))
    desk.engine.sweep()

    assert trail(desk, key).count("PartySucceeded") == 1
    actor = desk.actor(case(desk, key).using_key, "handler")
    texts = [line.text for line in desk.engine.queries.case(actor, key).history]
    assert any(DOC in text and "承接" in text for text in texts)


def test_documents_issued_before_keep_their_names(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    old = case(desk, key).providing_key
    with desk.engine.database.reading() as conn:
        name = conn.execute(select(organisation.c.name).where(organisation.c.key == old)).scalar_one()
    before = document_text(desk, key, "E-1")

    merge(desk, old, heir(desk, key))

    assert document_text(desk, key, "E-1") == before
    assert name in before


def test_a_case_that_reaches_its_provider_afterwards_goes_to_the_successor(desk: Desk) -> None:
    key = begin(desk, 1)
    old, new = case(desk, key).providing_key, heir(desk, key)
    record(desk, old, new)

    fill(desk, key, 1)  # before any sweep: whatever is done in a case meets the successor
    desk.do(key, "T12-02", {"decision": "agree"})

    assert task(desk, key, "T12-04").organisation_key == new


def test_people_roles_and_catalogue_move_and_nobody_signs_in_for_the_abolished_department(
    desk: Desk,
) -> None:
    key = begin(desk, 1)
    old, new = case(desk, key).providing_key, heir(desk, key)
    username = desk.actor(old, "handler").username

    merge(desk, old, new)

    with desk.engine.database.reading() as conn:
        for column in (
            user.c.organisation_key,
            user_role.c.organisation_key,
            catalogue_entry.c.provider_key,
        ):
            assert conn.execute(select(column).where(column == old)).first() is None
    token = desk.engine.accounts.sign_in(username, DEMO_PASSWORD, "")
    actor = desk.engine.accounts.actor(token)
    assert actor is not None
    assert (actor.org_key, actor.holds("handler", old), actor.holds("handler", new)) == (new, False, True)


def test_the_successor_reads_the_closed_cases_of_its_predecessor(desk: Desk) -> None:
    key = int(at_once(replied(desk, 1, "refuse", timedelta(0))))
    desk.do(key, "T12-13", {"decision": "accept"})
    old, new = case(desk, key).providing_key, heir(desk, key)

    merge(desk, old, new)

    assert case(desk, key).providing_key == old
    assert desk.engine.queries.case(desk.actor(new, "head"), key).head.key == key


def test_user_and_provider_become_one_department_and_the_case_is_void(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    row = case(desk, key)

    merge(desk, row.providing_key, row.using_key)

    row = case(desk, key)
    assert (row.state, row.result, open_tasks(desk, key)) == ("void", "void", set())
    assert {d.state for d in limits(desk, key, "TM12-1")} == {"cancelled"}
    actor = desk.actor(row.using_key, "handler")
    texts = [line.text for line in desk.engine.queries.case(actor, key).history]
    assert any("机构合并" in text and DOC in text for text in texts)


def granted(desk: Desk) -> int:
    key = int(at_once(replied(desk, 1, "agree", timedelta(0))))
    provide(desk, key)
    desk.do(key, "T12-10", {"ok": "usable"})
    desk.engine.sweep()
    return key


def grant_of(desk: Desk, key: int) -> Any:
    with desk.engine.database.reading() as conn:
        return conn.execute(select(grant).where(grant.c.instance_key == key)).one()


def test_a_living_grant_moves_to_the_successor_and_still_blocks_a_duplicate(desk: Desk) -> None:
    key = granted(desk)
    old, new = case(desk, key).using_key, heir(desk, key)

    merge(desk, old, new)

    assert grant_of(desk, key).using_key == new
    second = desk.start(new, grant_of(desk, key).resource_key)
    values = application(desk.variables(second)["resource"], beijing_day(desk.now), 1)
    desk.do(second, "T12-01", {**values, "title": "再次申请共享同一资源"})
    desk.do(second, "T12-02", {"decision": "agree"})
    assert open_tasks(desk, second) == {"T12-01"}


def test_a_grant_between_departments_that_become_one_is_over(desk: Desk) -> None:
    key = granted(desk)
    row = case(desk, key)

    merge(desk, row.using_key, row.providing_key)

    assert grant_of(desk, key).ended_on == beijing_day(desk.now)


def test_an_open_application_still_counts_as_a_duplicate_under_the_successor(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    old, new = case(desk, key).using_key, heir(desk, key)

    merge(desk, old, new)
    second = desk.start(new, int(desk.variables(key)["resource"]["key"]))
    fill(desk, second, 1)
    desk.do(second, "T12-02", {"decision": "agree"})

    assert case(desk, key).business_id in desk.variables(second)["check"]["defects"][0]


def test_a_chain_of_successions_ends_at_the_last(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    row = case(desk, key)
    first = heir(desk, key)
    last = third(desk, row.using_key, row.providing_key, first)
    record(desk, row.providing_key, first)
    record(desk, first, last)

    while desk.engine.sweep():
        pass

    assert case(desk, key).providing_key == task(desk, key, "T12-04").organisation_key == last


def test_a_due_limit_and_a_succession_in_one_case_do_not_stand_in_each_others_way(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    old, new = case(desk, key).providing_key, heir(desk, key)
    record(desk, old, new)

    wait_until(desk, beijing("2026-06-17T10:00"))

    assert case(desk, key).overdue
    assert open_tasks(desk, key) == {"T12-04", "T12-12"}
    assert task(desk, key, "T12-04").organisation_key == new


def test_replaying_rebuilds_what_a_succession_did(desk: Desk) -> None:
    key = granted(desk)
    other = int(at_once(deliver(desk, 4)))
    merge(desk, case(desk, key).providing_key, heir(desk, key))
    merge(desk, case(desk, other).providing_key, case(desk, other).using_key)
    with desk.engine.database.reading() as conn:
        before = tables(conn)

    with desk.engine.database.writing() as conn:
        rebuild(conn)

    with desk.engine.database.reading() as conn:
        assert tables(conn) == before


def test_a_succession_goes_on_after_a_restart(
    desk: Desk, database: Where, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [int(at_once(deliver(desk, 1))), begin(desk, 1), begin(desk, 1)]
    old, new = case(desk, keys[0]).providing_key, heir(desk, keys[0])
    record(desk, old, new)
    monkeypatch.setattr("engine.successions.SLICE", 1)
    desk.engine.sweep()
    desk.engine.close()

    engine = open_engine(database)
    again = Desk(engine)
    while engine.sweep():
        pass

    assert all(case(again, key).providing_key == new for key in keys)
    assert all(trail(again, key).count("PartySucceeded") == 1 for key in keys)
    engine.close()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"doc_no": " "}, "文号", id="no document"),
        pytest.param({"valid_from": "2026-06-09"}, "尚未生效", id="not yet"),
        pytest.param({"valid_from": "8. Juni"}, "日期", id="no date"),
    ],
)
def test_a_succession_without_document_or_day_is_refused(
    desk: Desk, changes: dict[str, Any], expected: str
) -> None:
    key = begin(desk, 1)

    with pytest.raises(InvalidInput, match=expected):
        record(desk, case(desk, key).providing_key, heir(desk, key), **changes)


def test_only_a_managing_department_of_the_same_area_succeeds_one(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))

    with pytest.raises(InvalidInput, match="管理部门"):
        record(desk, case(desk, key).managing_key, heir(desk, key))


def test_an_abolished_department_takes_no_new_user_and_is_abolished_once(desk: Desk) -> None:
    key = begin(desk, 1)
    old, new = case(desk, key).providing_key, heir(desk, key)
    merge(desk, old, new)

    with pytest.raises(WrongState, match="承接"):
        record(desk, old, new)
    with pytest.raises(WrongState, match="承接"):
        desk.engine.handle(
            c.RegisterUser(
                actor=None, username="x", name="某", org_code=code(desk, old), roles=(), password="x"
            )
        )


def test_only_an_administrator_may_record_a_succession(desk: Desk) -> None:
    key = begin(desk, 1)
    old, new = case(desk, key).providing_key, heir(desk, key)

    with pytest.raises(NotAllowed):
        record(desk, old, new, actor=desk.actor(old, "head"))


def test_a_department_has_one_name_a_day(desk: Desk) -> None:
    name = c.RenameOrganisation(
        actor=None, code=code(desk, third(desk)), name="样例局", valid_from="2026-06-09", doc_no=DOC
    )
    desk.engine.handle(name)

    with pytest.raises(WrongState, match="已使用名称“样例局”"):
        desk.engine.handle(replace(name, name="样例管理局", id="again"))
