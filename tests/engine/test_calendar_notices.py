"""Documents about working days: entered by one, confirmed by another, never overwritten (R-T14)."""

import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.accounts import load_actor
from engine.app import Engine
from engine.calendar import Holiday, Layer, Notice
from engine.calendar.notices import load_notices
from engine.calendar.parser import parse_notice
from engine.demo.cases import Desk, deliver
from engine.errors import Conflict, InvalidInput, NotAllowed, WrongState
from engine.people import Actor
from engine.queries import calendar as pages
from engine.storage.tables import recount_progress, timer, user
from tests.conftest import NOTICES, ROOT, at_once, beijing, open_engine
from tests.databases import Databases, Where
from tests.processes.office import case, limits, told, trail, wait_until

CLOSED = date(2026, 6, 11)


def named(engine: Engine, username: str) -> Actor:
    with engine.database.reading() as conn:
        key = conn.execute(select(user.c.key).where(user.c.username == username)).scalar_one()
        return load_actor(conn, key, engine.clock)


@pytest.fixture
def first(engine: Engine) -> Actor:
    return named(engine, "admin")


@pytest.fixture
def second(engine: Engine) -> Actor:
    return named(engine, "admin2")


def closure(org: int, *days: date, name: str = "test-closure") -> Notice:
    return Notice(
        id=name,
        kind="rule",
        year=2026,
        title="测试用停止办公决定",
        doc_no="测试〔2026〕1号",
        published=date(2026, 6, 8),
        holidays=(Holiday("停止办公", days, (), "6月11日停止办公。"),),
        layer=Layer.UNIT,
        scope=str(org),
    )


def enter(engine: Engine, actor: Actor, notice: Notice, **more: Any) -> int:
    answer = engine.handle(c.EnterCalendarNotice(actor=actor, notice=notice, **more))
    return int(answer["calendar_notice_key"])


def confirm(engine: Engine, actor: Actor, key: int) -> None:
    engine.handle(c.ConfirmCalendarNotice(actor=actor, calendar_notice_key=key))


def finish(engine: Engine) -> None:
    while engine.sweep():
        pass


def applied(engine: Engine, first: Actor, second: Actor, notice: Notice) -> int:
    key = enter(engine, first, notice)
    confirm(engine, second, key)
    finish(engine)
    return key


# Two persons


def test_a_second_person_confirms_before_a_notice_counts(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    key = at_once(deliver(desk, 1))
    org = case(desk, key).providing_key
    entered = enter(engine, first, closure(org, CLOSED))
    assert engine.calendar(org).is_working_day(CLOSED)

    with pytest.raises(NotAllowed, match="录入人不得确认"):
        confirm(engine, first, entered)
    confirm(engine, second, entered)

    assert not engine.calendar(org).is_working_day(CLOSED)
    assert engine.calendar().is_working_day(CLOSED)


def test_only_administrators_enter_and_confirm(desk: Desk, engine: Engine, first: Actor) -> None:
    handler = desk.actor(first.org_key, "handler")

    with pytest.raises(NotAllowed):
        enter(engine, handler, closure(first.org_key, CLOSED))
    entered = enter(engine, first, closure(first.org_key, CLOSED))
    with pytest.raises(NotAllowed):
        confirm(engine, handler, entered)


def test_what_was_decided_is_not_decided_again(engine: Engine, first: Actor, second: Actor) -> None:
    entered = enter(engine, first, closure(first.org_key, CLOSED))
    engine.handle(c.RejectCalendarNotice(actor=second, calendar_notice_key=entered, reason="文号有误。"))

    with pytest.raises(WrongState, match=f"已由{second.name}处理"):
        confirm(engine, second, entered)


# What moves


def test_r_t14_a_confirmed_document_moves_running_limits_with_their_timers_and_tells_the_holders(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    key = at_once(deliver(desk, 1))
    applied(engine, first, second, closure(case(desk, key).providing_key, CLOSED))

    [limit] = limits(desk, key, "TM12-1")
    assert limit.due_on == date(2026, 6, 16)
    assert "DeadlineRecounted" in trail(desk, key)
    with engine.database.reading() as conn:
        fires = {
            t.element_id: t.fires_at for t in conn.execute(select(timer).where(timer.c.instance_key == key))
        }
    assert fires["TM12-1"] == beijing("2026-06-17T00:00")
    assert fires["TM12-2"] == beijing("2026-06-15T09:00")
    provider = desk.actor(case(desk, key).providing_key, "handler").username
    assert any(name == provider and "改为2026年6月16日届满" in text for name, text, _ in told(desk, key))


def test_a_reminder_that_went_out_for_the_old_date_goes_out_again_for_the_new_one(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    key = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-15T10:00"))
    applied(engine, first, second, closure(case(desk, key).providing_key, date(2026, 6, 15)))
    wait_until(desk, beijing("2026-06-16T10:00"))

    at = [at for _, text, at in told(desk, key) if "期限提醒" in text]
    assert beijing("2026-06-16T09:00") in at
    assert not case(desk, key).overdue
    wait_until(desk, beijing("2026-06-17T00:00"))
    assert case(desk, key).overdue


def test_r_t14_limits_already_past_do_not_change(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    key = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-16T10:00"))
    before = limits(desk, key, "TM12-1")

    applied(engine, first, second, closure(case(desk, key).providing_key, CLOSED))

    assert limits(desk, key, "TM12-1") == before
    [view] = [d for d in engine.queries.case(named(engine, "audit"), key).deadlines if d.key == before[0].key]
    assert view.then.due.due_on == date(2026, 6, 15)
    assert view.now is not None and view.now.due.due_on == date(2026, 6, 16)


def test_nothing_expires_by_the_old_calendar_before_the_recount_reaches_it(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    key = at_once(deliver(desk, 1))
    entered = enter(engine, first, closure(case(desk, key).providing_key, CLOSED))
    confirm(engine, second, entered)
    with engine.database.reading() as conn:
        running = conn.execute(select(recount_progress.c.recount_key)).scalar_one()
    engine.handle(c.HoldRecount(actor=second, recount_key=running, held=True))

    wait_until(desk, beijing("2026-06-16T10:00"))

    assert not case(desk, key).overdue
    assert limits(desk, key, "TM12-1")[0].due_on == date(2026, 6, 16)


def test_the_page_lists_beforehand_exactly_what_then_moves(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    keys = [at_once(deliver(desk, n)) for n in (1, 2, 4)]
    org = case(desk, keys[0]).providing_key
    entered = enter(engine, first, closure(org, CLOSED))
    foreseen = engine.queries.search(pages.notice, second, entered).moves
    assert {m.business_id for m in foreseen} == {
        case(desk, k).business_id for k in keys if case(desk, k).providing_key == org
    }

    confirm(engine, second, entered)
    finish(engine)

    moved = engine.queries.search(pages.notice, second, entered).moves
    assert [(m.business_id, m.due_before, m.due_after) for m in moved] == [
        (m.business_id, m.due_before, m.due_after) for m in foreseen
    ]


def test_a_limit_set_after_the_confirmation_counts_by_it(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    probe = at_once(deliver(desk, 1))
    org = case(desk, probe).providing_key
    applied(engine, first, second, closure(org, CLOSED))
    desk.withdraw(probe, "业务调整，不再需要。")

    key = at_once(deliver(desk, 1))

    assert limits(desk, key, "TM12-1")[0].due_on == date(2026, 6, 16)


# The recount


def test_a_recount_moves_each_case_exactly_once_wherever_it_was_interrupted(
    desk: Desk, engine: Engine, first: Actor, second: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.recounts.SLICE", 1)
    keys = [at_once(deliver(desk, n)) for n in (1, 2, 4, 5)]
    holiday = replace(closure(0, CLOSED), layer=Layer.AREA, scope="辽宁省", id="test-area")
    entered = enter(engine, first, holiday)
    confirm(engine, second, entered)
    engine.sweep()
    with engine.database.reading() as conn:
        row = conn.execute(select(recount_progress)).one()
    assert row.done == 1

    # As after a crash between the cases' commits and the cursor's: the same cases come again.
    with engine.database.writing() as conn:
        conn.execute(recount_progress.update().values(cursor=0, done=0, moved=0))
    finish(engine)

    assert [trail(desk, k).count("DeadlineRecounted") for k in keys] == [1, 1, 1, 1]
    [view] = [
        engine.queries.search(pages.notice, second, entered).recount,
    ]
    assert view is not None and (view.state, view.done, view.moved) == ("done", 4, 4)


def test_kill_9_in_the_middle_of_a_recount_moves_each_limit_exactly_once(
    desk: Desk, engine: Engine, first: Actor, second: Actor, database: Where
) -> None:
    keys = [at_once(deliver(desk, n)) for n in range(24)]
    running = [k for k in keys if case(desk, k).received_at is not None]
    holiday = replace(closure(0, CLOSED), layer=Layer.AREA, scope="辽宁省", id="test-area")
    confirm(engine, second, enter(engine, first, holiday))
    engine.close()
    chance = random.Random(7)
    worker = [sys.executable, str(Path(__file__).with_name("recount_worker.py")), str(database)]
    for _ in range(6):
        process = subprocess.Popen(
            worker, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert process.stdout is not None
        for _ in range(chance.randint(1, 3)):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()

    engine = open_engine(database)
    finish(engine)
    desk = Desk(engine)

    assert len(running) > 10
    assert [trail(desk, k).count("DeadlineRecounted") for k in running] == [1] * len(running)
    assert {limits(desk, k, "TM12-1")[0].due_on for k in running} == {date(2026, 6, 16)}
    engine.close()


def test_a_recount_can_be_held_and_goes_on(desk: Desk, engine: Engine, first: Actor, second: Actor) -> None:
    key = at_once(deliver(desk, 1))
    entered = enter(engine, first, closure(case(desk, key).providing_key, CLOSED))
    confirm(engine, second, entered)
    with engine.database.reading() as conn:
        running = conn.execute(select(recount_progress.c.recount_key)).scalar_one()
    engine.handle(c.HoldRecount(actor=second, recount_key=running, held=True))
    finish(engine)
    assert limits(desk, key, "TM12-1")[0].due_on == date(2026, 6, 15)

    engine.handle(c.HoldRecount(actor=second, recount_key=running, held=False))
    finish(engine)

    assert limits(desk, key, "TM12-1")[0].due_on == date(2026, 6, 16)


def test_a_case_that_cannot_be_recounted_is_told_and_does_not_hold_up_the_others(
    desk: Desk, engine: Engine, first: Actor, second: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.handlers import recounts

    bad, good = at_once(deliver(desk, 1)), at_once(deliver(desk, 2))
    load = recounts.load_case

    def broken(uow: Any, key: int) -> Any:
        if key == bad:
            raise RuntimeError("broken")
        return load(uow, key)

    holiday = replace(closure(0, CLOSED), layer=Layer.AREA, scope="辽宁省", id="test-area")
    entered = enter(engine, first, holiday)
    confirm(engine, second, entered)
    monkeypatch.setattr(recounts, "load_case", broken)
    finish(engine)

    view = engine.queries.search(pages.notice, second, entered).recount
    assert [number for number, _ in view.failures] == [case(desk, bad).business_id]
    assert limits(desk, good, "TM12-1")[0].due_on == date(2026, 6, 16)


# The next year's notice (fictional, for tests only)


def next_year() -> Notice:
    parsed = parse_notice((ROOT / "tests/data/fictional_notice_2027.txt").read_text(encoding="utf-8"))
    holidays = tuple(h.to_holiday() for h in parsed.holidays)
    return replace(
        SHIPPED["2026"],
        id="2027-fictional",
        year=2027,
        title=parsed.title,
        doc_no="测试〔2026〕9号",
        published=date(2026, 12, 20),
        holidays=holidays,
    )


def at_the_end_of_2026(desk: Desk, text: str) -> int:
    desk.engine.clock.set(beijing(text))
    return int(at_once(deliver(desk, 1)))


def test_r_t13_the_next_notice_moves_a_provisional_limit_over_december(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    key = at_the_end_of_2026(desk, "2026-12-24T10:00")
    [before] = limits(desk, key, "TM12-1")
    assert (str(before.due_on), before.status) == ("2026-12-31", "provisional")

    applied(engine, first, second, next_year())

    # 27 December is a make-up Sunday and 31 December is off: the fifth day comes earlier.
    [after] = limits(desk, key, "TM12-1")
    assert (str(after.due_on), after.status) == ("2026-12-30", "final")


def test_r_t13_an_estimate_becomes_certain_and_its_explanation_names_both(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    key = at_the_end_of_2026(desk, "2026-12-28T10:00")
    [before] = limits(desk, key, "TM12-1")
    assert (str(before.due_on), before.status) == ("2027-01-05", "uncovered")

    applied(engine, first, second, next_year())

    [view] = [d for d in engine.queries.case(named(engine, "audit"), key).deadlines if d.key == before.key]
    assert (view.status, view.then.caveat, view.now) == ("final", "", None)
    assert [m.kind for m in view.moves] == ["recounted"]
    assert "2026年12月31日" not in "".join(view.then.rule)


def test_r_t13_a_limit_left_open_expires_at_its_own_instant_once_the_notice_is_there(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    key = at_the_end_of_2026(desk, "2026-12-28T10:00")
    wait_until(desk, beijing("2027-01-08T10:00"))
    assert limits(desk, key, "TM12-1")[0].state == "undetermined"
    assert not case(desk, key).overdue
    admins = {name for name, text, _ in told(desk, key) if "期限待定" in text}
    assert {"admin", "admin2"} <= admins

    applied(engine, first, second, next_year())

    [limit] = limits(desk, key, "TM12-1")
    assert (limit.status, limit.state) == ("final", "overdue")
    assert limit.expired_at == limit.due_at < limit.noticed_at


# What was believed, and what is true


def test_what_was_believed_stands_beside_what_is_true_now(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    org = first.org_key
    before = engine.clock.now()
    wait_until(desk, before + timedelta(hours=1))
    applied(engine, first, second, closure(org, CLOSED))
    auditor = replace(named(engine, "audit"), org_key=org)

    then = engine.queries.search(pages.in_force, auditor, before)
    now = engine.queries.search(pages.in_force, auditor)

    assert then.is_working_day(CLOSED)
    assert not now.is_working_day(CLOSED)


def test_a_correction_takes_the_place_of_a_confirmed_document(
    desk: Desk, engine: Engine, first: Actor, second: Actor
) -> None:
    org = first.org_key
    wrong = applied(engine, first, second, closure(org, CLOSED))
    wait_until(desk, engine.clock.now() + timedelta(hours=1))
    right = closure(org, date(2026, 6, 12), name="test-closure")
    key = enter(engine, second, right, corrects=wrong)
    confirm(engine, first, key)

    calendar = engine.calendar(org)
    assert calendar.is_working_day(CLOSED)
    assert not calendar.is_working_day(date(2026, 6, 12))


# Bad input


def refused(engine: Engine, actor: Actor, notice: Notice, match: str, **more: Any) -> None:
    with pytest.raises(InvalidInput, match=match):
        enter(engine, actor, notice, **more)


SHIPPED = {n.id: n for n in load_notices(NOTICES)}


def test_two_notices_for_one_year_are_refused(engine: Engine, first: Actor) -> None:
    refused(engine, first, replace(SHIPPED["2026"], id="2026-again"), "2026年的放假安排通知已经登记")


def test_an_amendment_before_its_notice_is_refused(engine: Engine, first: Actor) -> None:
    amendment = replace(SHIPPED["2020-amendment"], id="x", year=2030, holidays=(), replaces=("春节",))
    refused(
        engine,
        first,
        replace(amendment, holidays=(Holiday("春节", (date(2030, 2, 4),), ()),)),
        "尚未登记2030年",
    )


def test_a_day_both_off_and_make_up_is_refused(engine: Engine, first: Actor) -> None:
    both = replace(
        closure(first.org_key), holidays=(Holiday("甲", (CLOSED,), ()), Holiday("乙", (), (CLOSED,)))
    )
    refused(engine, first, both, "既是“甲”的放假日，又是“乙”的上班日")


def test_a_make_up_day_in_the_week_is_refused(engine: Engine, first: Actor) -> None:
    wrong = replace(SHIPPED["2026"], id="n", year=2027, holidays=(Holiday("元旦", (), (date(2027, 1, 5),)),))
    refused(engine, first, wrong, "不是周末")


def test_days_of_another_year_are_refused(engine: Engine, first: Actor) -> None:
    refused(engine, first, closure(first.org_key, date(2036, 6, 11)), "请核对年份")


def test_a_document_that_is_not_published_yet_is_refused(engine: Engine, first: Actor) -> None:
    ahead = replace(closure(first.org_key, CLOSED), published=date(2026, 6, 9))
    refused(engine, first, ahead, "公布日期2026-06-09在今天之后")


def test_an_unknown_scope_is_refused(engine: Engine, first: Actor) -> None:
    refused(engine, first, closure(12345, CLOSED), "没有登记过")
    refused(engine, first, replace(closure(1, CLOSED), layer=Layer.AREA, scope="某市"), "没有登记过“某市”")


def test_nothing_declared_and_no_number_are_refused(engine: Engine, first: Actor) -> None:
    refused(engine, first, replace(closure(first.org_key, CLOSED), doc_no=" "), "请填写文号")
    refused(engine, first, closure(first.org_key), "没有登记任何日期")


def test_the_same_document_twice_is_refused(engine: Engine, first: Actor) -> None:
    enter(engine, first, closure(first.org_key, CLOSED))
    refused(engine, first, closure(first.org_key, CLOSED), "已经录入，正待另一人确认")


def test_a_notice_confirmed_meanwhile_is_found_out_at_confirmation(
    engine: Engine, first: Actor, second: Actor
) -> None:
    days = (Holiday("元旦", (date(2027, 1, 1),), ()),)
    annual = replace(SHIPPED["2026"], year=2027, title="测试用通知", holidays=days)
    one, other = (enter(engine, first, replace(annual, id=name)) for name in ("2027-a", "2027-b"))
    confirm(engine, second, one)

    with pytest.raises(InvalidInput, match="2027年的放假安排通知已经登记"):
        confirm(engine, second, other)


# Shipped notices


def test_a_shipped_notice_is_entered_when_its_day_of_publication_comes(databases: Databases) -> None:
    where = databases.empty()
    engine = open_engine(where, beijing("2025-11-03T10:00"))
    try:
        assert 2026 not in engine.calendar().annual

        engine.handle(c.SetClock(actor=None, at=beijing("2025-11-04T10:00")))

        assert 2026 in engine.calendar().annual
    finally:
        engine.close()
        databases.drop(where)


def test_conflicting_ids_of_commands_stay_conflicts(engine: Engine, first: Actor) -> None:
    enter(engine, first, closure(first.org_key, CLOSED), id="one")

    with pytest.raises(Conflict):
        enter(engine, first, closure(first.org_key, date(2026, 6, 12)), id="one")


def test_r_t13_a_limit_left_open_for_months_is_looked_at_again_and_stops_no_leap(
    desk: Desk, engine: Engine
) -> None:
    key = at_the_end_of_2026(desk, "2026-12-28T10:00")
    wait_until(desk, beijing("2027-01-06T10:00"))

    def postponed() -> int:
        return trail(desk, key).count("TimerPostponed")

    before = postponed()
    wait_until(desk, beijing("2029-01-06T10:00"))
    assert postponed() - before < 30, "a leap of years does not stop every six hours"
    before = postponed()
    for _ in range(24):
        engine.clock.set(desk.now + timedelta(hours=7))  # type: ignore[attr-defined]
        engine.sweep()
    assert postponed() - before == 24, "and however often it was put off, it is looked at again"
