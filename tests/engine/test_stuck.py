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
from engine.errors import Conflict
from engine.failures import DeadlineStuck
from engine.handlers.incidents import NotSkippable
from engine.handlers.services import SERVICES
from engine.history.replay import rebuild
from engine.storage import tables as t
from engine.sweep import ATTEMPTS
from tests.conftest import at_once
from tests.processes.office import (
    administrators,
    case,
    incidents,
    limits,
    open_tasks,
    told,
    trail,
    wait_until,
)
from tests.processes.small_models import flow, model, nodes
from tests.processes.test_incidents import PERIOD, RUNS, assign, begin, element, events, ext, small
from tests.processes.test_messages import (
    BESIDE,
    KEY,
    called,
    caller,
    catcher,
    child_of,
    deploy,
    start,
    states,
    thrower,
)
from tests.processes.test_version_states import switch
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

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        command: type[c.Command],
        name: str,
        fault: Callable[[], Exception] = lambda: RuntimeError("broken"),
    ) -> None:
        self.broken: set[int] = set()
        self.tried: list[int] = []
        self._inner: Callable[..., Any] = app.HANDLERS[command]
        self._name, self._fault = name, fault
        monkeypatch.setitem(app.HANDLERS, command, self)

    def __call__(self, cmd: Any, uow: Any) -> Any:
        key = getattr(cmd, self._name)
        if key in self.broken:
            self.tried.append(key)
            raise self._fault()
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

    not_skipped(desk, held.key)


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


def expiries(engine: Engine, key: int) -> list[Any]:
    """Return the timers of a case by which limits run out, in their order."""
    with engine.database.reading() as conn:
        query = select(t.timer).where(t.timer.c.instance_key == key, t.timer.c.kind == "expiry")
        return list(conn.execute(query.order_by(t.timer.c.fires_at, t.timer.c.key)))


def messages(engine: Engine) -> list[tuple[str, int]]:
    """Return state and tries of every message."""
    with engine.database.reading() as conn:
        rows = conn.execute(select(t.message.c.state, t.message.c.attempts).order_by(t.message.c.key))
        return [(row.state, row.attempts) for row in rows]


NOW = element("serviceTask", assign("now()", "started"), name="Now")


def limit(name: str, at: str, setting: str = "d") -> str:
    """A limit of so many days beside an activity; when it runs out a token goes to the end."""
    runs = ext(RUNS.replace('"d"', f'"{setting}"'))
    return (
        f'<boundaryEvent id="{name}" name="{name}" attachedToRef="{at}" cancelActivity="false">{runs}'
        f'<timerEventDefinition><timeDate>x</timeDate></timerEventDefinition></boundaryEvent><endEvent id="{name}E"/>'
    )


def not_skipped(desk: Desk, incident_key: int) -> None:
    """Skipping is refused, since a caller waits."""
    skip = c.SkipIncident(actor=administrators(desk)[0], incident_key=incident_key, reason=REASON)
    with pytest.raises(NotSkippable, match="调用方在等待"):
        desk.engine.handle(skip)


def waiting_with_a_limit() -> bytes:
    """A case that waits for a message, within a limit."""
    wait = f'<receiveTask id="W" messageRef="M">{KEY.format(chr(39) + "k" + chr(39), "")}</receiveTask>'
    return small(NOW + wait + limit("T", "W"), "A>Now Now>W W>B B>E T>TE", settings=PERIOD)


def test_a_message_that_comes_late_does_not_meet_a_limit_that_is_stuck(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = begin(desk, waiting_with_a_limit())
    desk.do(key, "A", {})
    [before] = limits(desk, key, "T")
    fragile = Fragile(monkeypatch, c.TriggerTimer, "timer_key")
    fragile.broken = {row.key for row in expiries(engine, key)}
    wait_until(desk, before.due_at + timedelta(days=3))
    deploy(engine, thrower())
    desk.do(start(desk, "thrower"), "A", {})
    for _ in range(3):
        rested(engine)
        engine.sweep()

    assert messages(engine) == [("waiting", 0)], "it is neither lost nor tried in vain"
    assert limits(desk, key, "T")[0].state == "running"
    [held] = incidents(desk, key)
    fragile.broken = set()
    engine.handle(c.ResolveIncident(actor=administrators(desk)[0], incident_key=held.key))
    engine.sweep()

    [after] = limits(desk, key, "T")
    assert (after.state, after.expired_at, open_tasks(desk, key)) == ("expired", before.due_at, {"B"})
    assert messages(engine) == [("delivered", 0)]


def test_a_broken_reminder_does_not_hold_back_a_message(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = begin(
        desk, waiting_with_a_limit().replace(b'from="started"', b'from="started" remind="use.handler"')
    )
    desk.do(key, "A", {})
    with engine.database.reading() as conn:
        row = conn.execute(select(t.timer).where(t.timer.c.kind == "reminder")).one()
    Fragile(monkeypatch, c.TriggerTimer, "timer_key").broken = {row.key}
    wait_until(desk, row.fires_at)
    deploy(engine, thrower())
    desk.do(start(desk, "thrower"), "A", {})
    engine.sweep()

    assert (open_tasks(desk, key), limits(desk, key, "T")[0].state) == ({"B"}, "met")


def test_what_ought_to_pass_and_does_not_becomes_an_incident_at_last(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = at_once(deliver(desk, 1))
    desk.do(key, "T12-04", {"check_result": "accept"})
    fragile = Fragile(monkeypatch, c.TriggerTimer, "timer_key", lambda: Conflict("其他人正在办理。", "Busy."))
    row = expiries(engine, key)[0]
    fragile.broken = {row.key}
    wait_until(desk, row.fires_at + timedelta(hours=1))
    for _ in range(ATTEMPTS - 2):
        rested(engine)
        engine.sweep()
    assert incidents(desk, key) == []
    rested(engine)
    engine.sweep()

    [held] = incidents(desk, key)
    assert (held.step, held.cause, len(fragile.tried)) == ("timer", "其他人正在办理。", ATTEMPTS)
    fragile.broken = set()
    assert desk.engine.handle(c.ResolveIncident(actor=administrators(desk)[0], incident_key=held.key)) == {
        "resolved": True
    }
    assert case(desk, key).overdue


def test_where_not_even_an_incident_can_be_raised_the_sweep_goes_on(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = at_once(deliver(desk, 1))
    desk.do(key, "T12-04", {"check_result": "accept"})
    row = expiries(engine, key)[0]
    fragile = Fragile(monkeypatch, c.TriggerTimer, "timer_key")
    unseen = Fragile(monkeypatch, c.NoteFailure, "failed_timer")
    fragile.broken = unseen.broken = {row.key}
    wait_until(desk, row.fires_at + timedelta(hours=1))
    for _ in range(ATTEMPTS + 3):
        rested(engine)
        engine.sweep()
    fragile.broken = set()
    rested(engine)
    engine.sweep()

    assert case(desk, key).overdue


@pytest.mark.parametrize("void", [False, True])
def test_two_stuck_limits_of_one_case_do_not_lock_each_other(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch, void: bool
) -> None:
    body = NOW + nodes("parallelGateway:F parallelGateway:J userTask:U userTask:V")
    flows = "A>Now Now>F F>U F>V U>J V>J J>B B>E T>TE T2>T2E"
    key = begin(desk, small(body + limit("T", "U") + limit("T2", "V"), flows, settings=PERIOD))
    desk.do(key, "A", {})
    rows = expiries(engine, key)
    fragile = Fragile(monkeypatch, c.TriggerTimer, "timer_key")
    fragile.broken = {row.key for row in rows}
    wait_until(desk, rows[0].fires_at + timedelta(hours=1))
    first, second = incidents(desk, key)
    operator = administrators(desk)[0]
    with pytest.raises(DeadlineStuck):
        desk.do(key, "U", {})

    if void:
        engine.handle(c.CancelIncident(actor=operator, incident_key=second.key, reason=REASON))
        assert (case(desk, key).state, incidents(desk, key)) == ("void", [])
        return
    for held in (second, first):
        again = c.ResolveIncident(actor=operator, incident_key=held.key)
        assert engine.handle(again) == {"resolved": True}
    assert [limits(desk, key, name)[0].state for name in ("T", "T2")] == ["overdue", "overdue"]


def test_a_limit_that_is_stuck_has_run_out_when_a_later_one_ends_it(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator tries the later one first; it takes away the activity of the earlier one."""
    inside = nodes("startEvent:PS userTask:U endEvent:PE") + limit("T", "U") + flow("PS>U U>PE T>TE")
    whole = limit("T2", "P").replace('cancelActivity="false"', 'cancelActivity="true"')
    body = NOW + f'<subProcess id="P">{inside}</subProcess>' + whole
    key = begin(desk, small(body, "A>Now Now>P P>B B>E T2>T2E", settings=PERIOD))
    desk.do(key, "A", {})
    rows = expiries(engine, key)
    fragile = Fragile(monkeypatch, c.TriggerTimer, "timer_key")
    fragile.broken = {row.key for row in rows}
    wait_until(desk, rows[0].fires_at + timedelta(days=3))
    later = next(
        x for x in incidents(desk, key) if x.timer_key == next(r.key for r in rows if r.element_id == "T2")
    )
    wait_until(desk, desk.now + timedelta(days=1))

    engine.handle(c.ResolveIncident(actor=administrators(desk)[0], incident_key=later.key))

    assert trail(desk, key).count("DeadlineExpired") == 2
    [earlier] = limits(desk, key, "T")
    assert (earlier.state, earlier.expired_at) != ("met", None)
    assert earlier.expired_at == earlier.due_at


def test_a_call_that_cannot_begin_is_not_skipped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(desk.engine, caller())
    deploy(desk.engine, called())
    key = start(desk, "caller")
    fragile = Fragile(monkeypatch, c.CatchMessage, "message_key")
    with desk.engine.database.reading() as conn:
        fragile.broken = set(conn.execute(select(t.message.c.key)).scalars())
    desk.engine.sweep()
    [held] = incidents(desk, key)

    not_skipped(desk, held.key)


def test_a_message_tried_by_hand_while_nobody_can_take_it_is_not_lost(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(engine, caller())
    deploy(engine, called())
    fragile = Fragile(monkeypatch, c.CatchMessage, "message_key")
    key = start(desk, "caller")
    with engine.database.reading() as conn:
        fragile.broken = set(conn.execute(select(t.message.c.key)).scalars())
    for _ in range(ATTEMPTS):
        rested(engine)
        engine.sweep()
    fragile.broken = set()
    switch(desk, c.SuspendDefinition, 1, "called")
    [held] = incidents(desk, key)

    again = c.ResolveIncident(actor=administrators(desk)[0], incident_key=held.key)
    assert engine.handle(again) == {"resolved": False}

    assert messages(engine) == [("waiting", 0)]
    [held] = incidents(desk, key)
    assert "对方暂时不能接收" in held.cause
    switch(desk, c.ResumeDefinition, 1, "called")
    engine.sweep()
    assert (messages(engine)[0][0], incidents(desk, key)) == ("delivered", [])
    with engine.database.writing() as conn:
        before = tables(conn)
        rebuild(conn)
        assert tables(conn) == before


def test_a_message_tried_by_hand_while_a_limit_is_due_comes_after_it(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = begin(desk, waiting_with_a_limit())
    desk.do(key, "A", {})
    fragile = Fragile(monkeypatch, c.CatchMessage, "message_key")
    deploy(engine, thrower())
    saying = start(desk, "thrower")
    desk.do(saying, "A", {})
    with engine.database.reading() as conn:
        fragile.broken = set(conn.execute(select(t.message.c.key)).scalars())
    for _ in range(ATTEMPTS):
        rested(engine)
        engine.sweep()
    fragile.broken = set()
    [held] = incidents(desk, saying)
    engine.clock.set(limits(desk, key, "T")[0].due_at + timedelta(seconds=5))  # type: ignore[attr-defined]

    again = c.ResolveIncident(actor=administrators(desk)[0], incident_key=held.key)
    assert engine.handle(again) == {"resolved": False}
    engine.sweep()

    assert (messages(engine), incidents(desk, saying)) == ([("delivered", 0)], [])
    assert (open_tasks(desk, key), limits(desk, key, "T")[0].state) == ({"B"}, "expired")


def test_limits_run_out_in_their_order_even_when_the_first_had_to_wait(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = PERIOD + PERIOD.replace('key="d"', 'key="e"').replace('value="5"', 'value="7"')
    body = NOW + nodes("userTask:U") + limit("T", "U") + limit("T2", "U", "e")
    key = begin(desk, small(body, "A>Now Now>U U>B B>E T>TE T2>T2E", settings=more))
    desk.do(key, "A", {})
    first, second = expiries(engine, key)
    fragile = Fragile(monkeypatch, c.TriggerTimer, "timer_key", lambda: Conflict("其他人正在办理。", "Busy."))
    fragile.broken = {first.key}
    engine.clock.set(second.fires_at + timedelta(hours=1))  # type: ignore[attr-defined]
    engine.sweep()
    assert events(desk, key, "DeadlineExpired") == [], "the second waits for the first"
    fragile.broken = set()
    rested(engine)
    engine.sweep()

    assert [x.name for x in events(desk, key, "DeadlineExpired")] == ["T", "T2"]


def test_what_was_only_read_before_an_undo_is_still_expected_at_the_commit(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Any] = []

    def quota(of: Any, node: Any) -> dict[str, Any]:
        looked.append(of.uow.guarded("quota"))
        if looked[-1] is None:  # meanwhile another command sets it
            with engine.database.reading() as conn:
                other = engine._work(conn, app.PLATFORM, engine.clock.now())
                other.set_guard("quota", 1)
                engine.writer.commit(other)
            raise RuntimeError("no quota")
        return {"ok": True}

    monkeypatch.setitem(SERVICES, "quota", quota)
    key = begin(desk, small(element("serviceTask", '<shixian:service name="quota" variable="seen"/>')))
    desk.do(key, "A", {})

    assert (looked, incidents(desk, key), open_tasks(desk, key)) == ([None, 1], [], {"B"})


def test_a_case_cancelled_by_its_caller_has_met_no_limit(desk: Desk, engine: Engine) -> None:
    body = NOW + nodes("startEvent:S userTask:W endEvent:E") + limit("T", "W")
    child = model(body, "S>Now Now>W W>E T>TE", "", "kid", "started caller origin")
    deploy(engine, child.replace(b"<extensionElements>", f"<extensionElements>{PERIOD}".encode(), 1))
    calls = (
        '<callActivity id="C" calledElement="kid"/><endEvent id="X"><terminateEventDefinition/></endEvent>'
    )
    around = nodes("startEvent:S userTask:B endEvent:E parallelGateway:F") + calls
    deploy(engine, model(around, "S>F F>C F>B C>E B>X", "", "parent", ""))
    key = start(desk, "parent")
    engine.sweep()
    with engine.database.reading() as conn:
        table = t.process_instance
        kid = conn.execute(select(table.c.key).where(table.c.process_id == "kid")).scalar_one()

    desk.do(key, "B", {})
    engine.sweep()

    assert (case(desk, kid).state, limits(desk, kid, "T")[0].state) == ("void", "cancelled")
