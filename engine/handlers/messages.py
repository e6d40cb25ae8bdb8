"""Messages, signals and calls between cases: thrown by one, waiting in a table, caught by one, exactly once.

What is thrown becomes a row; the sweep carries each to whom it is for in a transaction of its own, which marks
the row and moves the other case together. So no case is ever locked for the sake of another.
"""

from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from engine import events as e
from engine.commands import CatchMessage
from engine.definitions import load_definition
from engine.handlers import limits, schedules, several
from engine.handlers.advance import advance
from engine.handlers.case import Case, load_case, start_case
from engine.handlers.starts import HANDED_ON, case_title
from engine.handlers.subscriptions import DIRECT
from engine.handlers.triggers import START
from engine.model import Node, Process
from engine.periods import beijing_day
from engine.storage.tables import incident, message, process_definition, process_instance, subscription
from engine.uow import UnitOfWork
from engine.version_states import ProcedureSuspended, version_for_new_case

_PROCEDURE = (
    select(process_definition.c.key).where(process_definition.c.process_id == bindparam("of")).limit(1)
)
_BY_NUMBER = select(process_instance.c.ended_at.is_not(None)).where(
    process_instance.c.business_id == bindparam("of"), process_instance.c.key != bindparam("by")
)


def catch_message(cmd: CatchMessage, uow: UnitOfWork) -> dict[str, Any]:
    """Let the case that waits for a message have it, or start the procedure it names."""
    row = uow.conn.execute(select(message).where(message.c.key == cmd.message_key)).first()
    if row is None or row.state != "waiting":
        return {"caught": False}
    return carry(uow, row)


def carry(uow: UnitOfWork, row: Row[Any]) -> dict[str, Any]:
    """Bring a waiting message to whom it is for; once it is there, its incident is over.

    Returns:
        whether it was caught, and whether it lapsed since nobody waits for it any more.
    """
    uow.expect(row.instance_key)
    answer = schedules.begin(uow, row) if row.target.startswith(START) else _bring(uow, row)
    over = answer["caught"] or answer.get("lapsed", False)
    stuck = select(incident).where(incident.c.message_key == row.key, incident.c.state == "open")
    for found in uow.conn.execute(stuck) if over and row.last_error is not None else ():
        uow.record(row.instance_key, e.IncidentResolved(found.key, found.element_id, found.name))
    return answer


def _bring(uow: UnitOfWork, row: Row[Any]) -> dict[str, Any]:
    waiting = _waiting(uow, row)
    if waiting is not None:
        return _deliver(uow, row, waiting)
    if row.target.startswith(DIRECT) or _addressee_ended(uow, row):
        uow.record(row.instance_key, e.MessageLapsed(row.key, row.target))
        return {"caught": False, "lapsed": True}
    try:
        case = _called(uow, row) if "reply_to" in row.payload else _followed(uow, row)
    except ProcedureSuspended:  # the message waits until the procedure is resumed
        return {"caught": False}
    uow.record(row.instance_key, e.MessageCaught(row.key, row.target, case.key))
    advance(case)
    return {"caught": True, "instance_key": str(case.key)}


def _addressee_ended(uow: UnitOfWork, row: Row[Any]) -> bool:
    """Say whether a message is by its key for another case, which has ended; one that runs may wait for it yet."""
    if not row.correlation or uow.conn.execute(_PROCEDURE, {"of": row.target}).first() is not None:
        return False
    ended = [
        bool(found)
        for found in uow.conn.execute(_BY_NUMBER, {"of": row.correlation, "by": row.instance_key}).scalars()
    ]
    return bool(ended) and all(ended)


def _waiting(uow: UnitOfWork, row: Row[Any]) -> Row[Any] | None:
    table = subscription
    if row.target.startswith(DIRECT):
        found = table.c.key == int(row.target.removeprefix(DIRECT))
    else:
        found = (table.c.name == row.target) & (table.c.correlation == row.correlation)
    found &= or_(table.c.kind != "signal", row.target.startswith(DIRECT))
    return uow.conn.execute(select(table).where(found).order_by(table.c.key).limit(1)).first()


def _deliver(uow: UnitOfWork, row: Row[Any], waiting: Row[Any]) -> dict[str, Any]:
    case = load_case(uow, waiting.instance_key)
    if (
        case.unfired
    ):  # a limit that ran out goes first, even one that is stuck: what comes now comes too late for it
        return {"caught": False}
    when = case.node(waiting.element_id).when if waiting.element_id else None
    if when and not case.evaluate(when):  # what it was for is past
        uow.record(row.instance_key, e.MessageLapsed(row.key, row.target))
        return {"caught": False, "lapsed": True}
    uow.record(row.instance_key, e.MessageCaught(row.key, row.target, case.key))
    case.record(
        e.MessageReceived(
            row.key, waiting.element_id, _name(case, waiting.element_id), row.instance_key, row.payload
        )
    )
    if waiting.kind == "cancel":
        limits.cancel_all(case)  # nobody has done what they were for
        case.machine.cancel()
        case.set(results=["void"])
    elif "#" in waiting.token:
        case.close_subscription(waiting.token)
        several.take_answer(case, case.node(waiting.element_id), waiting.token, row.payload)
    elif waiting.kind == "call" and row.payload.get("error") is not None:
        case.machine.fail(waiting.token, row.payload["error"])
    else:
        _take_in(case, waiting, row.payload)
        if waiting.token in case.process.event_scopes and case.node(waiting.element_id).interrupting:
            limits.cancel_all(case)
        case.machine.fire(waiting.token)
    if waiting.token not in case.process.event_scopes and waiting.kind != "cancel":
        case.close_subscription(waiting.token)
    advance(case)
    return {"caught": True, "instance_key": str(case.key)}


def _name(case: Case, element_id: str) -> str:
    return case.node(element_id).name if element_id else case.process.name


def _take_in(case: Case, waiting: Row[Any], payload: dict[str, Any]) -> None:
    """Set the variables that the element maps from what came (shixian:output)."""
    came = payload.get("variables") or {}
    if waiting.kind != "call":  # a called case has mapped them itself, over its own variables
        seen = {**case.variables, **came}
        came = {name: case.evaluate(text, seen) for name, text in case.node(waiting.element_id).outputs}
    if came:
        case.set(**came)


def _called(uow: UnitOfWork, row: Row[Any]) -> Case:
    """Start a called process: its own variables, and the parties that its lanes name."""
    variables = {
        **row.payload["parties"],
        **(row.payload.get("variables") or {}),
        "caller": {"subscription": row.payload["reply_to"], "outputs": row.payload["outputs"]},
        "origin": {name: row.payload[name] for name in ("instance_key", "business_id")},
    }
    case = start_case(uow, row.target, variables)
    case.subscribe("", "", "cancel", f"cancel:{row.payload['reply_to']}", "")
    return case


def _followed(uow: UnitOfWork, row: Row[Any]) -> Case:
    """Start the procedure that follows another, with what that one established.

    It begins at the message start event of that name, else where somebody would begin it. What the message
    takes along and the parties become variables where the procedure declares them.
    """
    source = load_case(uow, row.instance_key)
    newest = version_for_new_case(uow.conn, row.target, beijing_day(uow.at))
    definition = load_definition(uow.conn, newest)
    process = definition.process
    taken: dict[str, Any] = row.payload.get("variables") or {}
    came = {
        **{name: source.variables[name] for name in HANDED_ON if source.variables.get(name) is not None},
        **taken,
        "origin": {
            "instance_key": str(source.key),
            "business_id": source.business_id,
            "process_id": source.process.id,
            "title": str(source.variables.get("title") or ""),
        },
        "kind": row.payload.get("kind", taken.get("kind")),
    }
    kept = {name: value for name, value in came.items() if name in process.variables or name == "origin"}
    title = case_title(process, came) if process.case_title else came["origin"]["title"] or process.name
    case = start_case(uow, row.target, {"title": title, **kept}, definition)
    start = _start_event(process, row.payload.get("message"))
    if start is not None:
        case.start = start.id
        if further := {name: case.evaluate(text, {**case.variables, **came}) for name, text in start.outputs}:
            case.set(**further)
    return case


def _start_event(process: Process, message: str | None) -> Node | None:
    """Return the message start event of a name, else the start that asks for nothing."""
    starts = [n for n in process.nodes.values() if n.type == "startEvent" and n.scope is None]
    named = [n for n in starts if n.event == "message" and n.event_ref == message]
    return next(iter([*named, *(n for n in starts if n.event is None)]), None)
