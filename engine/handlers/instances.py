"""Process instances: start, messages, timers."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.commands import SendMessage, StartInstance, TriggerTimer
from engine.definitions import latest_key, load_definition
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from engine.handlers import limits
from engine.handlers.access import must_see
from engine.handlers.advance import advance
from engine.handlers.case import Case, load_case, start_case
from engine.handlers.parties import split_role
from engine.handlers.recounts import catch_up
from engine.handlers.resources import resource
from engine.periods import beijing_day
from engine.storage.tables import process_instance, timer
from engine.uow import UnitOfWork


def start_instance(cmd: StartInstance, uow: UnitOfWork) -> dict[str, Any]:
    """Open a case about a catalogue entry; its first task is the starter's."""
    actor = cmd.actor
    if actor is None or not actor.holds("handler", actor.org_key):
        raise NotAllowed("只有部门经办人可以发起申请。", "Expected a handler of a department.")
    process = load_definition(uow.conn, latest_key(uow.conn, cmd.process_id, beijing_day(uow.at))).process
    start = next((n for n in process.nodes.values() if n.type == "startEvent" and n.scope is None), None)
    if start is None or (start.role or "") != "use.handler":
        raise InvalidInput(
            f"流程“{process.name}”不能从目录发起。",
            f"Expected a process that a using department starts, found {process.id}.",
        )
    entry = resource(uow.conn, cmd.resource_key)
    if entry["withdrawn_on"] is not None:
        raise WrongState(
            "该资源已从目录撤销，不能申请共享。", "Expected an entry in force, found it withdrawn."
        )
    if entry["provider"] == str(actor.org_key):
        raise InvalidInput(
            "该资源由本部门提供，无需申请共享。",
            "Expected a resource of another department, found one of the actor's own.",
        )
    case = start_case(
        uow,
        cmd.process_id,
        {
            "using_dept": str(actor.org_key),
            "providing_dept": entry["provider"],
            "resource": entry,
            "title": f"共享申请：{entry['name']}"[:100],
        },
    )
    advance(case)
    first = case.opened[0] if case.opened else None
    if first is not None:
        task = next(t for t in case.machine.tokens)
        case.record(e.UserTaskAssigned(first, case.node(task).name, actor.user_key, actor.name))
    return {"instance_key": str(case.key), "user_task_key": str(first) if first else None}


def send_message(cmd: SendMessage, uow: UnitOfWork) -> dict[str, Any]:
    """Interrupt a case through one of its event sub-processes (ES12-W: withdrawal, R12-09)."""
    actor = cmd.actor
    row = must_see(uow.conn, actor, cmd.instance_key)
    case = load_case(uow, row.key)
    case.must_be_of_now()
    start_id = case.process.event_scopes.get(cmd.element_id)
    if start_id is None or actor is None or case.node(start_id).event != "message":
        raise NotFound("流程没有该操作。", f"Expected an event sub-process, found {cmd.element_id}.")
    node = case.node(start_id)
    party, role = split_role(node.role or "")
    if not actor.holds(role, case.org_of(party)):
        raise NotAllowed(
            f"“{node.name}”只能由申请部门经办人提出。",
            f"Expected a member of {node.role}, found {actor.username}.",
        )
    if case.ended or (node.when and not case.evaluate(node.when)):
        raise WrongState(
            "答复已经送达或者事项已经办结，不能撤回。",
            "Expected a case before its reply, found it replied to or ended.",
        )
    if not node.interrupting:
        case.machine.start_scope(cmd.element_id)
        advance(case)
        return {"instance_key": str(case.key)}
    reason = cmd.values.get("reason")
    if not isinstance(reason, str) or not 5 <= len(reason.strip()) <= 500:
        raise InvalidInput("请填写撤回理由（5至500个字）。", "Expected a reason of 5 to 500 characters.")
    case.set(withdrawal={"reason": reason.strip()})
    limits.cancel_all(case)
    case.machine.start_scope(cmd.element_id)
    advance(case)
    return {"instance_key": str(case.key)}


def trigger_timer(cmd: TriggerTimer, uow: UnitOfWork) -> dict[str, Any]:
    """Let a timer go off at its planned instant, however late we noticed (R-T8)."""
    row = uow.conn.execute(select(timer).where(timer.c.key == cmd.timer_key)).first()
    if row is None:
        return {"fired": False}
    if row.fires_at > uow.now:
        raise Conflict("计时器尚未到时。", f"Expected a timer due by {uow.now}, found {row.fires_at}.")
    case = load_case(uow, row.instance_key)
    armed = case.timers[row.token]
    catch_up(case)
    if armed.fires_at > uow.now or row.token not in case.timers or limits.uncertain(case, armed):
        return {"fired": False}
    uow.at = max(_started(uow, case), armed.fires_at)
    node = case.node(armed.element_id)
    case.record(e.TimerFired(armed.key, node.id, node.name, armed.kind))
    del case.timers[row.token]
    if armed.kind == "reminder":
        limits.remind(case, armed)
    if ":" not in armed.token:  # a reminder without an element of its own moves no token
        case.machine.fire(row.token)
        advance(case)
    late = (uow.now - armed.fires_at).total_seconds()
    return {"fired": True, "kind": armed.kind, "late": late}


def _started(uow: UnitOfWork, case: Case) -> datetime:
    started: datetime = uow.conn.execute(
        select(process_instance.c.started_at).where(process_instance.c.key == case.key)
    ).scalar_one()
    return started
