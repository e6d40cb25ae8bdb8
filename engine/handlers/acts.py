"""Acts on a running case beside its tasks: an event sub-process that somebody starts by a message.

Such are a withdrawal (R12-09) or the request for an extension (R13-05). The start event's form is what the act
asks for, its lane says who may, `shixian:when` when it is offered.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine import events as e
from engine.commands import SendMessage
from engine.errors import NotAllowed, NotFound, WrongState
from engine.expressions import ExpressionRefused, compile_expression
from engine.handlers import limits
from engine.handlers.access import must_see
from engine.handlers.advance import advance
from engine.handlers.case import Case, load_case
from engine.handlers.parties import split_role
from engine.handlers.separation import must_be_separate
from engine.handlers.user_tasks import check_form
from engine.model import Node, Process
from engine.people import ROLES, Actor
from engine.profiles import party_name, profile_of
from engine.uow import UnitOfWork


def send_message(cmd: SendMessage, uow: UnitOfWork) -> dict[str, Any]:
    """Do an act: take its form, and start its event sub-process."""
    actor = cmd.actor
    row = must_see(uow.conn, actor, cmd.instance_key)
    case = load_case(uow, row.key)
    node = start_of(case.process, cmd.element_id)
    if node is None or actor is None:
        raise NotFound("流程没有该操作。", f"Expected an event sub-process, found {cmd.element_id}.")
    if not may_do(node, actor, case.variables):
        raise NotAllowed(
            f"“{node.name}”由{doers(case.process, node)}办理，您没有该角色。",
            f"Expected a member of {node.role}, found {actor.username}.",
            logged="instance",
        )
    must_be_separate(case, node, case.org_of(split_role(node.role or "")[0]) or 0, actor.user_key)
    token = _token(case, cmd.element_id, node)
    if token is None or (node.when and not case.evaluate(node.when)):
        raise WrongState(
            f"目前不能“{node.name}”：不符合流程规定的条件，或者事项已经办结。",
            f"Expected a case in which {cmd.element_id} may be done now.",
        )
    if node.form is not None:
        values = check_form(case, node, cmd.values)
        case.record(e.ActDone(node.id, node.name, node.form_variable, values))
        if node.form_variable:
            case.set(**{node.form_variable: values})
    if token != cmd.element_id:
        case.machine.fire(token)
    else:
        if node.interrupting:
            limits.cancel_all(case)
        case.machine.start_scope(token)
    advance(case)
    return {
        "instance_key": str(case.key),
        "opened": [str(key) for key in case.opened],
        "ended": case.ended,
    }


def acts(process: Process) -> list[tuple[str, Node]]:
    """Return the acts that a process knows: the event sub-process's id and its start event."""
    return [(scope.id, node) for scope in process.nodes.values() if (node := start_of(process, scope.id))]


def start_of(process: Process, scope_id: str) -> Node | None:
    """Return the message start event of an event sub-process that a person may start."""
    scope = process.nodes.get(scope_id)
    if scope is None or not scope.event_scope:
        return None
    inner = (n for n in process.nodes.values() if n.type == "startEvent" and n.scope == scope_id)
    node = next(inner, None)
    return node if node is not None and node.event == "message" and node.role else None


def may_do(node: Node, actor: Actor, variables: Mapping[str, Any]) -> bool:
    """Say whether the actor stands in the lane of an act; roles that may do it alike are parted by |."""
    party, roles = split_role(node.role or "")
    org = variables.get(party)
    return org is not None and any(actor.holds(role, int(org)) for role in roles.split("|"))


def doers(process: Process, node: Node) -> str:
    """Return who may do an act, in the words of the definition's law."""
    party, _, roles = (node.role or "").partition(".")
    return party_name(profile_of(process), party) + "或者".join(
        ROLES.get(role, role) for role in roles.split("|")
    )


def holds(
    text: str | None, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., object]]
) -> bool:
    """Say whether a condition holds for a reader; one that cannot be evaluated does not."""
    try:
        return text is None or bool(compile_expression(text).evaluate(variables, functions))
    except ExpressionRefused:
        return False


def _token(case: Case, scope_id: str, node: Node) -> str | None:
    """Return where the act waits to be done: the event sub-process, or its event inside a sub-process."""
    if case.ended:
        return None
    if scope_id in case.process.event_scopes:
        return scope_id if case.machine.stands(scope_id) else None
    return next((token for token, at in case.machine.armed.items() if at == node.id), None)
