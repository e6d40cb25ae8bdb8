"""What the sweep cannot carry out: it is put back with an incident, tried again, and holds nobody up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import app
from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.failures import DeadlineStuck
from engine.handlers.incidents import NotSkippable
from engine.history.replay import rebuild
from engine.storage import tables as t
from engine.sweep import ATTEMPTS
from tests.conftest import at_once
from tests.processes.office import administrators, case, incidents, limits, told, trail, wait_until
from tests.processes.small_models import model, nodes
from tests.processes.test_messages import BESIDE, KEY, catcher, deploy, start, states, thrower
from tests.test_replay import tables

REASON = "已经核实，该消息不再需要。"
BROKEN = KEY.format("'k'", '<shixian:output variable="heard" expression="word + 1"/>')


def broken_catcher() -> bytes:
    """A case whose catch event cannot take in what comes: a text and a number."""
    event = f'<intermediateCatchEvent id="Wait">{BROKEN}<messageEventDefinition messageRef="M"/></intermediateCatchEvent>'
    body = nodes("startEvent:S userTask:Then endEvent:E") + event
    return model(body, "S>Wait Wait>Then Then>E", BESIDE, "broken", "heard origin caller")


class Fragile:
    """A handler that fails for some keys until it is mended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, command: type[c.Command], name: str) -> None:
        self.broken: set[int] = set()
        self.tried: list[int] = []
        self._inner: Callable[..., Any] = app.HANDLERS[command]
        self._name = name
        monkeypatch.setitem(app.HANDLERS, command, self)

    def __call__(self, cmd: Any, uow: Any) -> Any:
        key = getattr(cmd, self._name)
        if key in self.broken:
            self.tried.append(key)
            raise RuntimeError("broken")
        return self._inner(cmd, uow)


def rested(engine: Engine) -> None:
    """Let the pauses of what was put back pass."""
    with engine.database.writing() as conn:
        for table in (t.timer, t.message, t.incident):
            conn.execute(update(table).values(retry_at=None))


def stuck_message(desk: Desk) -> tuple[int, int]:
    """Return a waiting case that cannot take a message, and the case that threw it."""
    deploy(desk.engine, broken_catcher())
    deploy(desk.engine, thrower())
    waiting = start(desk, "broken")
    saying = start(desk, "thrower")
    desk.do(saying, "A", {})
    desk.engine.sweep()
    return waiting, saying


def test_a_message_that_cannot_be_taken_waits_with_an_incident_and_less_often(desk: Desk) -> None:
    waiting, saying = stuck_message(desk)

    [held] = incidents(desk, saying)
    assert (held.step, held.kind, states(desk)) == ("message", "message", ["waiting"])
    assert "word + 1" in held.cause
    assert trail(desk, waiting)[-1] == "SubscriptionOpened", "nothing happened to the case it is for"
    assert {who for who, said, _ in told(desk, saying)} == {a.username for a in administrators(desk)}
    assert desk.engine.sweep() == 0
    assert [h.tries for h in incidents(desk, saying)] == [0], "not at once"
    rested(desk.engine)
    desk.engine.sweep()
    assert [h.tries for h in incidents(desk, saying)] == [1]
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(t.message.c.attempts)).scalar_one() == 2


def test_a_hundred_and_one_stuck_messages_do_not_block_the_queue(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fragile = Fragile(monkeypatch, c.CatchMessage, "message_key")
    deploy(desk.engine, catcher())
    deploy(desk.engine, thrower(key="'none'"))
    desk.do(start(desk, "thrower"), "A", {})
    with desk.engine.database.writing() as conn:
        row = conn.execute(select(t.message)).one()._asdict()
        keys = range(row["key"] + 1, row["key"] + 102)
        stuck = [{**row, "key": key, "correlation": "k"} for key in keys]
        conn.execute(t.message.insert(), stuck)
    fragile.broken = set(keys)
    waiting = start(desk, "catcher")
    desk.engine.sweep()
    assert len(fragile.tried) == 100
    deploy(desk.engine, thrower())
    desk.do(start(desk, "thrower"), "A", {})

    desk.engine.sweep()

    assert case(desk, waiting).variables["heard"] == "hello"
    rested(desk.engine)
    desk.engine.sweep()
    assert len(set(fragile.tried)) == 101, "and all of them come round"


def test_a_message_is_tried_again_by_hand_or_given_up(desk: Desk) -> None:
    waiting, saying = stuck_message(desk)
    first, _ = administrators(desk)
    [held] = incidents(desk, saying)
    again = c.ResolveIncident(actor=first, incident_key=held.key)
    assert desk.engine.handle(again) == {"resolved": False}
    assert [h.tries for h in incidents(desk, saying)] == [1]

    desk.engine.handle(c.SkipIncident(actor=first, incident_key=held.key, reason=REASON))

    assert (states(desk), incidents(desk, saying)) == (["lapsed"], [])
    assert case(desk, waiting).ended_at is None
    with desk.engine.database.writing() as conn:
        before = tables(conn)
        rebuild(conn)
        assert tables(conn) == before


def test_a_message_that_can_be_taken_again_resolves_its_incident(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fragile = Fragile(monkeypatch, c.CatchMessage, "message_key")
    deploy(desk.engine, catcher())
    deploy(desk.engine, thrower())
    waiting, saying = start(desk, "catcher"), start(desk, "thrower")
    desk.do(saying, "A", {})
    with desk.engine.database.reading() as conn:
        fragile.broken = set(conn.execute(select(t.message.c.key)).scalars())
    desk.engine.sweep()
    assert len(incidents(desk, saying)) == 1
    fragile.broken = set()
    rested(desk.engine)

    desk.engine.sweep()

    assert (states(desk), incidents(desk, saying)) == (["delivered"], [])
    assert case(desk, waiting).variables["heard"] == "hello"
    assert "IncidentResolved" in trail(desk, saying)


def test_a_caller_is_never_left_waiting_by_skipping_its_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.processes.test_messages import called, caller, child_of

    deploy(desk.engine, caller())
    deploy(desk.engine, called())
    start(desk, "caller")
    desk.engine.sweep()
    child = child_of(desk)
    fragile = Fragile(monkeypatch, c.CatchMessage, "message_key")
    desk.do(child, "Work", {})
    with desk.engine.database.reading() as conn:
        query = select(t.message.c.key).where(t.message.c.state == "waiting")
        fragile.broken = set(conn.execute(query).scalars())
    desk.engine.sweep()
    [held] = incidents(desk, child)

    with pytest.raises(NotSkippable, match="调用方在等待"):
        desk.engine.handle(
            c.SkipIncident(actor=administrators(desk)[0], incident_key=held.key, reason=REASON)
        )


def test_a_broken_expiry_is_seen_and_nobody_acts_as_if_the_limit_still_ran(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = at_once(deliver(desk, 1))
    other = at_once(deliver(desk, 2))
    desk.do(key, "T12-04", {"check_result": "accept"})
    fragile = Fragile(monkeypatch, c.TriggerTimer, "timer_key")
    [limit] = limits(desk, key, "TM12-1")
    with engine.database.reading() as conn:
        query = select(t.timer.c.key).where(t.timer.c.deadline_key == limit.key, t.timer.c.kind == "expiry")
        fragile.broken = {conn.execute(query).scalar_one()}

    wait_until(desk, limit.due_at + timedelta(hours=1))

    [held] = incidents(desk, key)
    assert (held.step, held.element_id, held.cause) == (
        "timer",
        "TM12-1",
        "程序故障（RuntimeError: broken）。",
    )
    assert case(desk, other).overdue and not case(desk, key).overdue
    with pytest.raises(DeadlineStuck, match="届满的处理出现异常"):
        desk.do(key, "T12-07", {})
    first, _ = administrators(desk)
    with pytest.raises(NotSkippable):
        engine.handle(c.SkipIncident(actor=first, incident_key=held.key, reason=REASON))

    assert engine.handle(c.ResolveIncident(actor=first, incident_key=held.key)) == {"resolved": True}

    [after] = limits(desk, key, "TM12-1")
    assert (after.expired_at, case(desk, key).overdue) == (limit.due_at, True), "at its planned instant"
    assert case(desk, key).incidents == 0


def test_a_broken_reminder_keeps_nobody_from_working_and_may_be_left_out(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = at_once(deliver(desk, 1))
    fragile = Fragile(monkeypatch, c.TriggerTimer, "timer_key")
    with engine.database.reading() as conn:
        query = select(t.timer).where(t.timer.c.instance_key == key, t.timer.c.kind == "reminder")
        row = conn.execute(query.order_by(t.timer.c.fires_at).limit(1)).one()
    fragile.broken = {row.key}
    wait_until(desk, row.fires_at)
    [held] = incidents(desk, key)

    desk.do(key, "T12-04", {"check_result": "accept"})
    engine.handle(c.SkipIncident(actor=administrators(desk)[0], incident_key=held.key, reason=REASON))

    assert incidents(desk, key) == []
    with engine.database.reading() as conn:
        assert conn.execute(select(t.timer).where(t.timer.c.key == row.key)).first() is None


def test_after_so_many_tries_only_an_operator_tries_again(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = at_once(deliver(desk, 1))
    fragile = Fragile(monkeypatch, c.TriggerTimer, "timer_key")
    with engine.database.reading() as conn:
        query = select(t.timer).where(t.timer.c.instance_key == key)
        row = conn.execute(query.order_by(t.timer.c.fires_at).limit(1)).one()
    fragile.broken = {row.key}
    wait_until(desk, row.fires_at)
    for _ in range(ATTEMPTS + 5):
        rested(engine)
        engine.sweep()

    assert len(fragile.tried) == ATTEMPTS
    [held] = incidents(desk, key)
    assert held.tries == ATTEMPTS - 1
    assert len([1 for _, said, _ in told(desk, key) if "异常" in said]) == len(administrators(desk))


def test_what_passes_by_itself_is_no_incident(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.errors import Conflict

    key = at_once(deliver(desk, 1))

    def busy(cmd: Any, uow: Any) -> Any:
        raise Conflict("其他人正在办理。", "Others keep changing it.")

    monkeypatch.setitem(app.HANDLERS, c.TriggerTimer, busy)
    wait_until(desk, desk.now + timedelta(days=30))

    assert incidents(desk, key) == []
    with engine.database.reading() as conn:
        assert conn.execute(select(t.timer.c.last_error).where(t.timer.c.last_error.is_not(None))).first()


def test_the_figures_count_what_is_open_and_what_was_raised(desk: Desk, engine: Engine) -> None:
    stuck_message(desk)

    text = engine.figures().decode()
    assert "shixian_incidents_open 1.0" in text
    assert 'shixian_incidents_total{kind="message"} 1.0' in text
