"""Process instances: timers."""

from typing import Any

from sqlalchemy import Row, bindparam, select

from engine import events as e
from engine.commands import TriggerTimer
from engine.errors import Conflict
from engine.handlers import held, limits
from engine.handlers.advance import advance
from engine.handlers.case import Case, load_case
from engine.handlers.recounts import catch_up
from engine.storage.tables import timer
from engine.uow import UnitOfWork

_TIMER = select(timer).where(timer.c.key == bindparam("of"))


def trigger_timer(cmd: TriggerTimer, uow: UnitOfWork) -> dict[str, Any]:
    """Let a timer go off at its planned instant, however late we noticed (R-T8)."""
    row = uow.conn.execute(_TIMER, {"of": cmd.timer_key}).first()
    if row is None:
        return {"fired": False}
    if row.fires_at > uow.now:
        raise Conflict("计时器尚未到时。", f"Expected a timer due by {uow.now}, found {row.fires_at}.")
    return fire_timer(load_case(uow, row.instance_key), row)


def fire_timer(case: Case, row: Row[Any]) -> dict[str, Any]:
    """Do what is due at a timer's instant; the answer says whether it fired."""
    uow, armed = case.uow, case.timers[row.token]
    catch_up(case)
    if armed.fires_at > uow.now or row.token not in case.timers or limits.uncertain(case, armed):
        return {"fired": False}
    uow.at = max(case.started_at, armed.fires_at)
    node = case.node(armed.element_id)
    case.record(e.TimerFired(armed.key, node.id, node.name, armed.kind))
    del case.timers[row.token]
    for stuck in [x for x in case.incidents.values() if x.timer_key == armed.key]:
        case.trying = stuck
        held.resolved(case)
    if armed.kind == "reminder":
        limits.remind(case, armed)
    if node.type == "startEvent" and armed.kind != "reminder":
        limits.expire(case, node)
        if row.token in case.process.event_scopes and node.interrupting:
            limits.cancel_all(case, but=armed.deadline_key)
    if ":" not in armed.token:  # a reminder without an element of its own moves no token
        case.machine.fire(row.token)
        advance(case)
    late = (uow.now - armed.fires_at).total_seconds()
    return {"fired": True, "kind": armed.kind, "late": late}
