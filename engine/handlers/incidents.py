"""Incidents by hand and by policy: try again, skip with a reason, cancel; and what the sweep could not carry out."""

from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.commands import CancelIncident, NoteFailure, ResolveIncident, RetryIncident, SkipIncident
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from engine.handlers import held, limits, several
from engine.handlers.advance import advance
from engine.handlers.case import PARTY_VARIABLES, Case, Held, load_case, read_incident
from engine.handlers.completion import complete_held
from engine.handlers.instances import fire_timer
from engine.handlers.messages import carry
from engine.handlers.notices import administrators
from engine.handlers.start_failures import is_start, note_start
from engine.history.chain import PLATFORM, parse
from engine.incidents import KINDS, STATES
from engine.model import Node, Process
from engine.people import Actor
from engine.storage.tables import (
    event,
    incident,
    message,
    process_instance,
    subscription,
    timer,
    user,
    user_task,
)
from engine.uow import UnitOfWork

MIN_REASON, MAX_REASON = 5, 500
_KEPT = (*PARTY_VARIABLES, "business_id", "caller", "origin", "results", "resource", "title")


class NotSkippable(WrongState):
    """The element's work has legal effect, or the token could not go on without it."""

    code = "not_skippable"


def retry_incident(cmd: RetryIncident, uow: UnitOfWork) -> dict[str, Any]:
    """Try a failed step again because its policy says so; what is over or not due is left alone."""
    row = _row(uow, cmd.incident_key)
    if row.state != "open" or row.next_try_at is None or row.next_try_at > uow.now:
        return {"tried": False, "resolved": row.state == "resolved"}
    return {"tried": True, "resolved": _again(uow, row, {}, "")}


def resolve_incident(cmd: ResolveIncident, uow: UnitOfWork) -> dict[str, Any]:
    """Try a failed step again now; the answer says whether it succeeded."""
    row = _open(uow, cmd.incident_key, cmd.actor)
    if cmd.seen is not None and cmd.seen != row.tries:
        who, at = _name(uow, row.tried_by), row.tried_at
        raise Conflict(
            f"该异常已由{who}重试，仍未恢复，请查看最新原因后再办理。",
            f"Expected an incident tried {cmd.seen} times, found it tried again by {who} at {at}.",
        )
    return {"resolved": _again(uow, row, cmd.corrections, cmd.reason)}


def skip_incident(cmd: SkipIncident, uow: UnitOfWork) -> dict[str, Any]:
    """Let the token leave without the element's work."""
    row = _open(uow, cmd.incident_key, cmd.actor)
    reason = _reason(cmd.reason)
    if row.step == "message":
        _skip_message(uow, row, reason)
        return {}
    case, stuck = _case(uow, row)
    must_be_skippable(case.process, row.element_id, row.step, _timer_kind(case, stuck))
    del case.incidents[stuck.key]
    case.record(e.IncidentSkipped(stuck.key, stuck.element_id, stuck.name, reason, list(cmd.flows)))
    if stuck.step == "timer":
        armed = next(t for t in case.timers.values() if t.key == stuck.timer_key)
        limits.disarm_one(case, armed.token)
        return {}
    node = case.node(stuck.element_id)
    beside = node.type in ("boundaryEvent", "startEvent") and stuck.step in ("arming", "condition")
    if not beside:  # an event beside an activity just does not come; any other token goes on
        if stuck.step == "answer":
            several.cancel_calls(case, node, stuck.token)
        case.record(e.ElementReached(node.id, node.name, skipped=True))
        case.machine.skip(stuck.token.partition("#")[0], cmd.flows)
    advance(case)
    return {}


def cancel_incident(cmd: CancelIncident, uow: UnitOfWork) -> dict[str, Any]:
    """End the case as voided; its history stays."""
    row = _open(uow, cmd.incident_key, cmd.actor)
    reason = _reason(cmd.reason)
    case, stuck = _case(uow, row)
    if case.ended:
        raise WrongState("事项已经办结，不能撤销。", "Expected a running case, found it ended.")
    del case.incidents[stuck.key]
    case.record(e.IncidentCancelled(stuck.key, stuck.element_id, stuck.name, reason))
    case.record(e.InstanceVoided(reason, ""))
    case.set(results=[*(case.variables.get("results") or []), "void"])
    limits.cancel_all(case)
    case.machine.cancel()
    advance(case)
    return {}


def note_failure(cmd: NoteFailure, uow: UnitOfWork) -> dict[str, Any]:
    """Keep that a timer or a message could not be carried out: an incident, or one more try of it.

    The case itself is not read: whatever is wrong with it must not keep the incident from being written.
    """
    table, key = (timer, cmd.failed_timer) if cmd.failed_timer is not None else (message, cmd.failed_message)
    row = uow.conn.execute(select(table).where(table.c.key == key)).first()
    if row is None or (table is message and row.state != "waiting"):
        return {}
    if table is message and is_start(uow, row):
        return note_start(cmd, uow, row)
    stream, step = row.instance_key, table.name
    uow.expect(stream)
    column = incident.c.timer_key if table is timer else incident.c.message_key
    same = select(incident.c.key).where(column == key, incident.c.state == "open")
    known = uow.conn.execute(same).scalar()
    worked_on: dict[str, Any] = {"text": "" if table is timer else row.target, "variables": {}}
    if known is not None:
        uow.record(stream, e.IncidentTriedAgain(known, step, cmd.cause, cmd.cause_en, worked_on, None))
        return {"incident_key": str(known)}
    instance = uow.conn.execute(select(process_instance).where(process_instance.c.key == stream)).one()
    name = _element_name(uow, instance, row.element_id)
    raised = e.IncidentRaised(
        incident_key=uow.next_key(),
        element_id=row.element_id,
        name=name,
        token="",
        step=step,
        kind=step,
        cause=cmd.cause,
        cause_en=cmd.cause_en,
        input=worked_on,
        next_try_at=None,
        timer_key=cmd.failed_timer,
        message_key=cmd.failed_message,
    )
    uow.record(stream, raised)
    text = f"{instance.business_id}在“{name}”环节出现异常：{KINDS[step]}，请在“异常”页面处理。"
    to = administrators(uow.conn)
    uow.record(stream, e.NoticeSent([uow.next_key() for _ in to], to, ["admin"], text))
    return {"incident_key": str(raised.incident_key)}


def must_be_skippable(process: Process, element_id: str, step: str, timer_kind: str | None) -> None:
    """Refuse to leave out what only the law, or the person whose task it is, may leave out.

    Raises:
        NotSkippable: with the reason.
    """
    node = process.nodes.get(element_id)
    why = _why_not(process, node, step, timer_kind)
    if why is not None:
        name = (node and node.name) or element_id or process.name
        raise NotSkippable(
            f"“{name}”不能略过：{why[0]}。请更正后重试，或者撤销事项。",
            f"{element_id or process.id} cannot be skipped: {why[1]}.",
        )


def _why_not(
    process: Process, node: Node | None, step: str, timer_kind: str | None
) -> tuple[str, str] | None:
    if step == "finish":
        return "事项的办结不能省略", "a case has to end"
    if step == "limit":
        return "期限是否按时办理须据实确认", "whether a limit was met is a fact to be established"
    if step == "timer":
        if timer_kind == "reminder":
            return None
        return "到时的后果由规定确定", "what an instant brings about is not optional"
    assert node is not None
    if step == "opening":
        return "任务须交由承办部门办理", "a task is for its department to do"
    if step in ("arming", "condition") and node.period is not None and node.period.setting is not None:
        return "法定期限须起算", "a statutory limit has to run"
    if step not in ("work", "completion", "loop"):
        return None
    if step == "completion" and node.approval is not None:
        return "已提交的意见须计入", "what somebody has decided has to be counted"
    if node.delivery is not None:
        return "送达是法定环节", "it delivers between parties"
    if node.documents:
        return "须印发文书", "it issues a document"
    if node.limit_acts:
        return "涉及期限的延长或者中止", "it moves a limit"
    if node.result or node.result_when:
        return "须登记办理结果", "it names the result of the case"
    if {name for name, _ in node.assigns} & limit_facts(process):
        return "须登记期限的起算事实", "it sets a fact that a limit is counted from"
    return None


def limit_facts(process: Process) -> frozenset[str]:
    """Return the variables that limits are counted from."""
    periods = [node.period for node in process.nodes.values() if node.period is not None]
    return frozenset(name for p in periods for name in (p.start, p.pauses, p.date) if name)


def correctable(process: Process) -> tuple[str, ...]:
    """Return the variables that an operator may correct: none that a person stated or a limit rests on."""
    stated = {node.form_variable for node in process.nodes.values()}
    counted = {node.approval.result for node in process.nodes.values() if node.approval is not None}
    closed = {*_KEPT, *limit_facts(process), *stated, *counted}
    return tuple(sorted(name for name in process.variables if name not in closed))


def _again(uow: UnitOfWork, row: Row[Any], corrections: dict[str, Any], reason: str) -> bool:
    """Begin the failed step again; say whether the incident is over."""
    if row.step == "message":
        return _message_again(uow, row)
    case, stuck = _case(uow, row)
    if corrections:
        _correct(case, stuck, corrections, _reason(reason))
    if row.step == "timer":
        return _timer_again(case, stuck)
    case.trying = stuck
    if stuck.step == "limit":
        uow.at = stuck.raised_at  # the act was done then, whenever its limit can be closed
        limits.close_left(case)
        uow.at = uow.now
    elif stuck.step == "completion":
        task, values = _handed_in(case, stuck)
        node = case.node(stuck.element_id)
        if node.approval is not None and node.form_variable:
            case.set(**{node.form_variable: values})  # others may have handed in theirs meanwhile
        case.machine.release(stuck.token.partition("#")[0])
        case.machine.reopen(stuck.token.partition("#")[0])
        complete_held(case, node, task, values)
    elif stuck.step == "answer":
        several.go_on_or_wait(case, case.node(stuck.element_id), stuck.token)
        case.trying = None
    else:
        case.machine.release(stuck.token)
    advance(case)
    return stuck.key not in case.incidents


def _timer_again(case: Case, stuck: Held) -> bool:
    before = case.savepoint()
    row = case.uow.conn.execute(select(timer).where(timer.c.key == stuck.timer_key)).one()
    try:
        fire_timer(case, row)
    except held.PASSING:
        raise
    except Exception as fault:  # whatever it was, the operator is told
        case.undo(before)
        _failed_again(case.uow, case.key, stuck.key, "timer", fault)
        return False
    return stuck.key not in case.incidents


def _message_again(uow: UnitOfWork, row: Row[Any]) -> bool:
    before = uow.savepoint()
    waiting = uow.conn.execute(select(message).where(message.c.key == row.message_key)).one()
    try:
        answer = carry(uow, waiting)
    except held.PASSING:
        raise
    except Exception as fault:  # whatever it was, the operator is told
        uow.undo(before)
        _failed_again(uow, row.instance_key, row.key, "message", fault)
        return False
    if answer["caught"] or answer.get("lapsed", False):
        return True
    zh = "对方暂时不能接收：流程已暂停办理，或者有期限届满尚待处理。可以接收时自动送达。"
    en = (
        "Whom it is for cannot take it now: the procedure is suspended, or a limit is due. It is tried again."
    )
    waits: dict[str, Any] = {"text": waiting.target, "variables": {}}
    uow.record(row.instance_key, e.IncidentTriedAgain(row.key, "message", zh, en, waits, None))
    return False


def _failed_again(uow: UnitOfWork, stream: int, key: int, kind: str, fault: Exception) -> None:
    zh, en = held.words(fault)
    uow.record(stream, e.IncidentTriedAgain(key, kind, zh, en, {"text": "", "variables": {}}, None))


def _skip_message(uow: UnitOfWork, row: Row[Any], reason: str) -> None:
    waiting = uow.conn.execute(select(message).where(message.c.key == row.message_key)).one()
    uow.expect(row.instance_key)
    kind = "call" if "reply_to" in waiting.payload else None  # it begins the called case
    if waiting.target.startswith("subscription:"):
        key = int(waiting.target.removeprefix("subscription:"))
        kind = uow.conn.execute(select(subscription.c.kind).where(subscription.c.key == key)).scalar()
    if kind == "call":
        raise NotSkippable(
            "该消息不能略过：调用方在等待被调用流程的结果。请更正后重试。",
            "The message cannot be skipped: a caller waits for it.",
        )
    uow.record(row.instance_key, e.IncidentSkipped(row.key, row.element_id, row.name, reason, []))
    uow.record(row.instance_key, e.MessageLapsed(waiting.key, waiting.target))


def _correct(case: Case, stuck: Held, corrections: dict[str, Any], reason: str) -> None:
    allowed = correctable(case.process)
    if wrong := [name for name in corrections if name not in allowed]:
        raise InvalidInput(
            f"变量{'、'.join(wrong)}不得更正：当事人填报的内容、当事部门以及期限的起算事实应当保持原样。"
            f"可以更正的变量：{'、'.join(allowed) or '无'}。",
            f"Expected corrections of {', '.join(allowed) or 'nothing'}, found {', '.join(wrong)}.",
        )
    before = {name: case.variables.get(name) for name in corrections}
    case.record(e.IncidentVariablesCorrected(stuck.key, reason, before, dict(corrections)))
    case.set(**corrections)


def _handed_in(case: Case, stuck: Held) -> tuple[Row[Any], dict[str, Any]]:
    """Return the task that was handed in, and its form."""
    conn = case.uow.conn
    task = conn.execute(
        select(user_task)
        .where(user_task.c.instance_key == case.key, user_task.c.token == stuck.token)
        .order_by(user_task.c.key.desc())
        .limit(1)
    ).one()
    bodies = conn.execute(
        select(event.c.body)
        .where(event.c.stream == case.key, event.c.type == "UserTaskCompleted")
        .order_by(event.c.seq.desc())
    ).scalars()
    done = (parse(body).event for body in bodies)
    return task, next(
        x.values for x in done if isinstance(x, e.UserTaskCompleted) and x.user_task_key == task.key
    )


def _case(uow: UnitOfWork, row: Row[Any]) -> tuple[Case, Held]:
    case = load_case(uow, row.instance_key)
    stuck = case.incidents.get(row.key) or read_incident(row)
    case.incidents[row.key] = stuck
    case.personal = False
    case.acts_for = stuck.acting or (PLATFORM.key, PLATFORM.name)
    return case, stuck


def _timer_kind(case: Case, stuck: Held) -> str | None:
    return next((t.kind for t in case.timers.values() if t.key == stuck.timer_key), None)


def _element_name(uow: UnitOfWork, instance: Row[Any], element_id: str) -> str:
    from engine.definitions import load_definition

    try:
        node = load_definition(uow.conn, instance.definition_key).process.nodes.get(element_id)
    except Exception:  # the definition may be the very thing that is broken
        node = None
    return (node and node.name) or element_id or str(instance.process_id)


def _open(uow: UnitOfWork, key: int, actor: Actor | None) -> Row[Any]:
    """Return an open incident for an operator; the commit fails if its case moves meanwhile."""
    if actor is None:
        raise NotAllowed("该操作应由系统管理员办理。", "Expected an administrator, found nobody.")
    actor.must_hold("admin")
    row = _row(uow, key)
    uow.expect(row.instance_key)
    if row.state != "open":
        who = _name(uow, row.ended_by)
        raise Conflict(
            f"该异常已由{who}处理（{STATES[row.state]}），您的操作没有生效。",
            f"The incident was already {row.state} by {who}; nothing was changed.",
            state=row.state,
            ended_by=who,
        )
    return row


def _row(uow: UnitOfWork, key: int) -> Row[Any]:
    row: Row[Any] | None = uow.conn.execute(select(incident).where(incident.c.key == key)).first()
    if row is None:
        raise NotFound("没有该异常。", f"Expected an incident {key}, found none.")
    return row


def _name(uow: UnitOfWork, key: int | None) -> str:
    found = uow.conn.execute(select(user.c.name).where(user.c.key == (key or 0))).scalar()
    return str(found or "共享平台")


def _reason(text: str) -> str:
    if not MIN_REASON <= len(text.strip()) <= MAX_REASON:
        raise InvalidInput(
            f"请填写理由（{MIN_REASON}至{MAX_REASON}个字）。",
            f"Expected a reason of {MIN_REASON} to {MAX_REASON} characters.",
        )
    return text.strip()
