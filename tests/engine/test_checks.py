"""Checks run over each day once and raise findings, whose states have a history of their own."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.errors import InvalidInput, NotAllowed, WrongState
from engine.handlers import checks as room
from engine.people import Actor
from engine.queries import findings as queries
from engine.storage import tables as t
from engine.trace.access import Shown, breaches
from engine.trace.checks import shipped
from engine.trace.kinds import BY_CODE
from tests.conftest import at_once, beijing, open_engine
from tests.databases import Where
from tests.processes.office import wait_until

WHY = "已核对原始材料，情况属实。"


def auditor(desk: Desk) -> Actor:
    return desk.engine.accounts.actor_named("audit")


def second(desk: Desk) -> Actor:
    """Another auditor of the same department."""
    with desk.engine.database.reading() as conn:
        code = conn.execute(
            select(t.organisation.c.code).where(t.organisation.c.key == auditor(desk).org_key)
        ).scalar_one()
    desk.engine.handle(
        c.RegisterUser(
            actor=None,
            username="audit.second",
            name="乙示例",
            org_code=code,
            roles=("auditor",),
            password="Shixian-2026",
        )
    )
    return desk.engine.accounts.actor_named("audit.second")


def night(desk: Desk, days: int = 1) -> None:
    """Let the clock go past midnight and sweep."""
    desk.engine.handle(c.SetClock(actor=None, at=desk.now + timedelta(days=days)))
    desk.engine.sweep()


def raised(engine: Engine, check: str = "") -> list[Any]:
    with engine.database.reading() as conn:
        query = select(t.finding).order_by(t.finding.c.key)
        return list(conn.execute(query.where(t.finding.c.check_code == check) if check else query))


def runs(engine: Engine) -> list[Any]:
    with engine.database.reading() as conn:
        return list(conn.execute(select(t.check_run).order_by(t.check_run.c.number)))


def save(desk: Desk, **criteria: Any) -> str:
    name = f"检查{desk.engine.queries.search(lambda r: len(room.standing(r.conn)))}"
    answer = desk.engine.handle(c.SaveCheck(actor=auditor(desk), name=name, criteria=criteria))
    return str(answer["check_key"])


def test_the_shipped_checks_are_whole_and_speak_both_languages() -> None:
    found = shipped()

    assert len({check.code for check in found}) == len(found)
    assert {check.source for check in found} == {"act", "access", "chain", "reads"}
    assert all(check.name.en and check.note.en for check in found)  # type: ignore[attr-defined]
    assert {kind for check in found for one in check.asks for kind in one.kinds} <= set(BY_CODE)


def test_each_day_is_checked_once_after_it_ended(desk: Desk) -> None:
    key = save(desk, kinds=["begin"])
    at_once(deliver(desk, 1))
    desk.engine.sweep()
    assert not runs(desk.engine)

    night(desk)
    desk.engine.sweep()

    assert [(run.day, run.check_code) for run in runs(desk.engine)] == [(date(2026, 6, 8), None)]
    assert len(raised(desk.engine, key)) == 1


def test_days_of_an_outage_are_made_up_for_each_once(desk: Desk, database: Where) -> None:
    key = save(desk, kinds=["begin"])
    engine = desk.engine
    at_once(deliver(desk, 1))
    engine.clock.set(beijing("2026-06-10T10:00"))  # type: ignore[attr-defined]
    at_once(deliver(desk, 2))
    engine.clock.set(beijing("2026-06-12T09:00"))  # type: ignore[attr-defined]

    for _ in range(2):
        engine.sweep()

    assert [run.day.day for run in runs(engine)] == [8, 9, 10, 11]
    assert [row.day.day for row in raised(engine, key)] == [8, 10]


def test_a_day_with_more_findings_than_a_slice_is_done_in_slices_without_loss(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = save(desk, kinds=["begin", "work", "deliver"]), save(desk, kinds=["begin"])
    for n in (1, 2, 4):
        at_once(deliver(desk, n))
    monkeypatch.setattr(room, "SLICE", 2)

    night(desk)

    with desk.engine.database.reading() as conn:
        codes = [BY_CODE[code].number for code in ("begin", "work", "deliver")]
        acts = conn.execute(
            select(t.act.c.position).where(t.act.c.kind.in_(codes)).order_by(t.act.c.position)
        )
        expected = list(acts.scalars())
    assert [row.subject for row in raised(desk.engine, first)] == expected and len(expected) > 6
    assert len(raised(desk.engine, other)) == 3
    slices = [run for run in runs(desk.engine) if run.day == date(2026, 6, 8)]
    assert len(slices) > 3 and [run.check_code is None for run in slices].index(True) == len(slices) - 1


def test_a_check_that_was_retired_between_two_slices_is_passed_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = save(desk, kinds=["begin", "work", "deliver"]), save(desk, kinds=["begin"])
    for n in (1, 2, 4):
        at_once(deliver(desk, n))
    monkeypatch.setattr(room, "SLICE", 2)
    desk.engine.clock.set(beijing("2026-06-09T09:00"))  # type: ignore[attr-defined]
    desk.engine.acts.follow()
    desk.engine.handle(c.RunChecks(actor=None, day=date(2026, 6, 8)))

    desk.engine.handle(c.RetireCheck(actor=auditor(desk), check_key=int(first), reason=WHY))
    desk.engine.sweep()

    assert len(raised(desk.engine, first)) == 2
    assert len(raised(desk.engine, other)) == 3


def test_a_saved_check_begins_with_the_day_it_was_saved_on(desk: Desk) -> None:
    at_once(deliver(desk, 1))
    desk.engine.clock.set(beijing("2026-06-09T09:00"))  # type: ignore[attr-defined]
    key = save(desk, kinds=["begin"])
    at_once(deliver(desk, 2))

    night(desk)

    assert [row.day.day for row in raised(desk.engine, key)] == [9]


def test_a_search_without_criteria_or_a_name_is_no_check(desk: Desk) -> None:
    who = auditor(desk)
    for name, criteria in (
        ("空", {}),
        ("期间", {"since": "2026-06-01"}),
        ("", {"off_hours": True}),
        (str(shipped()[0].name), {"off_hours": True}),
    ):
        with pytest.raises(InvalidInput):
            desk.engine.handle(c.SaveCheck(actor=who, name=name, criteria=criteria))


def test_a_check_that_cannot_be_made_is_named_and_stops_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = save(desk, kinds=["begin"], person="某人"), save(desk, kinds=["begin"])
    at_once(deliver(desk, 1))
    asked = room.on_acts

    def fails(reader: Any, criteria: Any) -> Any:
        if criteria.person:
            reader.conn.exec_driver_sql("SELECT nothing FROM nowhere")
        return asked(reader, criteria)

    monkeypatch.setattr(room, "on_acts", fails)

    night(desk)

    [run] = runs(desk.engine)
    assert set(run.failed) == {broken} and "nowhere" in run.failed[broken]
    assert len(raised(desk.engine, sound)) == 1
    told = desk.engine.queries.search(queries.glance, auditor(desk)).night
    assert told is not None and len(told.failed) == 1


def test_a_finding_is_explained_closed_and_opened_again_and_keeps_all_of_it(desk: Desk) -> None:
    save(desk, kinds=["begin"])
    at_once(deliver(desk, 1))
    night(desk)
    engine, who = desk.engine, auditor(desk)
    [row] = raised(engine)
    about = {"actor": who, "finding_key": row.key}

    with pytest.raises(WrongState):
        engine.handle(c.ReopenFinding(**about, reason=WHY))
    engine.handle(c.ExplainFinding(**about, text="第一次说明。"))
    engine.handle(c.ExplainFinding(**about, text="第二次说明。"))
    engine.handle(c.CloseFinding(**about, reason=WHY))
    with pytest.raises(WrongState):
        engine.handle(c.ExplainFinding(**about, text="已经了结之后。"))
    engine.handle(c.ReopenFinding(**about, reason=WHY))

    line, steps = engine.queries.search(queries.one, who, row.key)
    assert line.state == "open"
    assert [step.person for step in steps] == ["共享平台", *[who.name] * 4]
    words = ("发现", "第一次", "第二次", "了结", "重新处理")
    assert all(word in step.text for word, step in zip(words, steps, strict=True))


def test_closing_needs_a_reason(desk: Desk) -> None:
    save(desk, kinds=["begin"])
    at_once(deliver(desk, 1))
    night(desk)
    [row] = raised(desk.engine)

    with pytest.raises(InvalidInput):
        desk.engine.handle(c.CloseFinding(actor=auditor(desk), finding_key=row.key, reason=" "))


def test_nobody_closes_a_finding_about_their_own_act(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    who, other = auditor(desk), second(desk)
    desk.engine.access_log.note(who, [Shown(key, "records", "page", 1)])
    night(desk)
    [row] = raised(desk.engine, "sensitive_read")
    close = {"finding_key": row.key, "reason": WHY}

    desk.engine.handle(c.ExplainFinding(actor=who, finding_key=row.key, text="按计划核查记录表。"))
    with pytest.raises(NotAllowed, match="其他审计人员"):
        desk.engine.handle(c.CloseFinding(actor=who, **close))
    desk.engine.handle(c.CloseFinding(actor=other, **close))

    assert raised(desk.engine, "sensitive_read")[0].state == "closed"


def test_only_auditors_have_to_do_with_checks_and_findings(desk: Desk) -> None:
    handler = desk.engine.accounts.actor_named("gat.jb")

    for command in (
        c.SaveCheck(actor=handler, name="检查", criteria={"off_hours": True}),
        c.RetireCheck(actor=handler, check_key=1, reason=WHY),
        c.ExplainFinding(actor=handler, finding_key=1, text=WHY),
        c.CloseFinding(actor=handler, finding_key=1, reason=WHY),
        c.ReopenFinding(actor=handler, finding_key=1, reason=WHY),
        c.RunChecks(actor=auditor(desk), day=date(2026, 6, 8)),
        c.SealAccess(actor=auditor(desk), day=date(2026, 6, 8), last=0),
    ):
        with pytest.raises(NotAllowed):
            desk.engine.handle(command)


def unlock(desk: Desk, conn: Any, table: str, act: str) -> None:
    """Do as whoever owns the database could: take the guard off."""
    on = f" ON {table}" if desk.engine.database.shared else ""
    conn.exec_driver_sql(f"DROP TRIGGER {table}_refuses_{act}{on}")


@pytest.mark.parametrize("how", ["changed", "cut off behind"])
def test_a_broken_chain_is_a_finding_at_its_event_once(desk: Desk, how: str) -> None:
    key = int(at_once(deliver(desk, 1)))
    of = t.event.c
    with desk.engine.database.writing() as conn:
        last = conn.execute(
            select(of.seq).where(of.stream == key).order_by(of.seq.desc()).limit(1)
        ).scalar_one()
        if how == "changed":
            unlock(desk, conn, "event", "update")
            body = conn.execute(select(of.body).where(of.stream == key, of.seq == 5)).scalar_one()
            conn.execute(t.event.update().where(of.stream == key, of.seq == 5).values(body=body + b" "))
        else:
            unlock(desk, conn, "event", "delete")
            conn.execute(t.event.delete().where(of.stream == key, of.seq == last))

    night(desk)
    night(desk, 40)

    [row] = raised(desk.engine, "chain")
    assert (row.instance_key, row.subject) == (key, 5 if how == "changed" else last)


@pytest.mark.parametrize("how", ["removed", "added", "changed"])
def test_a_sealed_read_that_was_tampered_with_is_found_and_named(desk: Desk, how: str) -> None:
    key = int(at_once(deliver(desk, 1)))
    for what in ("case", "document"):
        desk.engine.access_log.note(auditor(desk), [Shown(key, what, "page")])
    of = t.case_access.c
    with desk.engine.database.writing() as conn:
        middle = conn.execute(select(t.case_access).where(of.what == "document")).one()
        # A key between was given out to a transaction that came to nothing.
        conn.execute(t.case_access.insert(), {**middle._mapping, "what": "limit", "key": middle.key + 2})
    night(desk)
    with desk.engine.database.writing() as conn:
        if how == "removed":
            unlock(desk, conn, "case_access", "delete")
            conn.execute(t.case_access.delete().where(of.key == middle.key))
        elif how == "changed":
            unlock(desk, conn, "case_access", "update")
            conn.execute(t.case_access.update().where(of.key == middle.key).values(user_name="另一人"))
        else:
            conn.execute(t.case_access.insert(), {**middle._mapping, "key": middle.key + 1})

    with desk.engine.database.reading() as conn:
        [breach] = breaches(conn, desk.engine.algorithm)
    night(desk)

    assert breach.kind == how
    [row] = raised(desk.engine, "reads")
    line, _ = desk.engine.queries.search(queries.one, auditor(desk), row.key)
    assert line.text == queries.BREACHES[breach.kind]


@pytest.mark.parametrize("act", ["UPDATE case_access SET what = ''", "DELETE FROM case_access"])
def test_the_access_log_refuses_update_and_delete(desk: Desk, act: str) -> None:
    from sqlalchemy.exc import IntegrityError

    key = int(at_once(deliver(desk, 1)))
    desk.engine.access_log.note(auditor(desk), [Shown(key, "case", "page")])
    with pytest.raises(IntegrityError, match="append-only"):
        with desk.engine.database.writing() as conn:
            conn.exec_driver_sql(act)


@pytest.mark.only("postgresql")
def test_of_two_nodes_each_day_is_checked_by_one(desk: Desk, database: Where) -> None:
    key = save(desk, kinds=["begin"])
    at_once(deliver(desk, 1))
    other = open_engine(database, beijing("2026-06-10T09:00"))
    desk.engine.clock.set(beijing("2026-06-10T09:00"))  # type: ignore[attr-defined]
    try:
        for _ in range(3):
            other.sweep()
            desk.engine.sweep()
    finally:
        other.close()

    assert [run.day.day for run in runs(desk.engine)] == [8, 9]
    assert len(raised(desk.engine, key)) == 1


def test_a_case_that_an_auditor_may_not_see_has_no_finding_for_them(desk: Desk) -> None:
    save(desk, kinds=["begin"])
    key = int(at_once(deliver(desk, 1)))
    night(desk)
    wait_until(desk, desk.now)
    assert desk.engine.queries.search(queries.findings, auditor(desk)).total == 1
    of = t.process_instance.c
    with desk.engine.database.writing() as conn:
        conn.execute(
            t.process_instance.update().where(of.key == key).values(withheld_key=auditor(desk).org_key)
        )

    page = desk.engine.queries.search(queries.findings, auditor(desk))

    assert page.total == 0 and not page.rows


def test_the_first_page_counts_only_what_its_reader_may_see(desk: Desk) -> None:
    save(desk, kinds=["begin"])
    key = int(at_once(deliver(desk, 1)))
    night(desk)
    desk.engine.access_log.note(auditor(desk), [Shown(key, "case", "page")])

    def counted() -> tuple[int, int]:
        told = desk.engine.queries.search(queries.glance, auditor(desk))
        return told.night.found if told.night else -1, told.reads_today

    before, of = counted(), t.process_instance.c
    with desk.engine.database.writing() as conn:
        conn.execute(
            t.process_instance.update().where(of.key == key).values(withheld_key=auditor(desk).org_key)
        )

    assert before == (1, 1)
    assert counted() == (0, 0)
