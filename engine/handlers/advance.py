"""What each fact of the machine means for the case."""

from functools import partial

from engine import events as e
from engine.errors import ModelFault
from engine.expressions import ExpressionRefused, compile_expression
from engine.handlers import approvals, held, limits, moves, several, subscriptions
from engine.handlers.case import Case, Savepoint
from engine.handlers.grant_services import release_suspensions
from engine.handlers.notices import kind_of, tell
from engine.handlers.papers import issue
from engine.handlers.parties import split_role, standing_role
from engine.handlers.same_facts import release_facts
from engine.handlers.services import READS, SERVICES, release_duplicates
from engine.handlers.verifications import tidy
from engine.model import Node
from engine.runner import Fact, Kind
from engine.runner.lowering import DONE

_PASSED_SILENTLY = (
    "exclusiveGateway",
    "inclusiveGateway",
    "parallelGateway",
    "eventBasedGateway",
    "subProcess",
    "transaction",
    "adHocSubProcess",
)


def advance(case: Case) -> None:
    """Let the tokens move until all wait, doing what each element asks for.

    What an element fails to do is undone and its token held, with an incident; see `held` for the line.
    """
    mark: Savepoint | None = None
    for fact in case.machine.advance():
        if fact.kind is Kind.MARKED:
            mark = case.savepoint()
        elif fact.kind is Kind.REWOUND:
            assert mark is not None
            case.undo(mark)
        else:
            limits.close_left(case)
            _on(case, fact)
    _arm_late(case)
    limits.close_left(case)
    moves.settle_answers(case)
    if case.trying is not None and case.trying.step not in ("finish", "limit"):
        held.resolved(case)
    held.close_left(case)
    if case.machine.ended and not case.ended and not any(h.step == "limit" for h in case.incidents.values()):
        held.attempt(case, "finish", "", "", partial(_finish, case))
    case.save()


def _arm_late(case: Case) -> None:
    """Set the limits of whole scopes that have waited for the variable they count from."""
    for fact in limits.late(case):
        act = partial(limits.arm, case, fact)
        if not held.attempt(case, "arming", fact.element_id, fact.token, act):
            case.machine.hold(fact.token)


def _on(case: Case, fact: Fact) -> None:
    """Act on a fact; where an element's own doing fails, its token stays."""
    if fact.kind is Kind.STUCK:
        assert fact.fault is not None
        if not held.is_incident(case, fact.step, fact.fault):
            raise fact.fault
        held.fail(case, fact.step, _drawn(case, fact.element_id), fact.token, fact.fault)
        return
    if fact.kind is Kind.REACHED:
        _before_work(case, fact)
    step = _STEPS.get(fact.kind)
    if step is None or case.node(fact.element_id).type in _PASSED_SILENTLY:
        _ON[fact.kind](case, fact)
    elif not held.attempt(case, step, fact.element_id, fact.token, partial(_ON[fact.kind], case, fact)):
        case.machine.hold(fact.token)


def _drawn(case: Case, element_id: str) -> str:
    """Return the element in the diagram: behind each activity of an ad-hoc sub-process its condition is asked."""
    activity = case.process.nodes.get(element_id.removesuffix(DONE))
    if element_id in case.process.nodes or activity is None:
        return element_id
    return activity.scope or element_id


def work(case: Case, node: Node) -> None:
    """Do what an element asks for when its token leaves, in the order the vocabulary gives."""
    for variable, expression in node.assigns:
        case.set(**{variable: case.evaluate(expression)})
    if node.service:
        case.doing = ("service", node.service, _read_by(node, node.service))
        result = SERVICES[node.service](case, node)
        case.record(e.ServiceCalled(node.id, node.service, result))
        if node.service_variable:
            case.set(**{node.service_variable: result})
    if node.type == "businessRuleTask" and node.decision:
        _decide(case, node, *node.decision)
    case.doing = ("limit", "", ())
    moves.act(case, node)
    case.doing = ("fault", "", ())
    if node.delivery:
        sender, receiver = (_party(case, side) for side in node.delivery)
        case.record(e.MessageDelivered(node.id, node.name, sender, receiver))
    subscriptions.throw(case, node)
    for document in node.documents:
        if document.when is None or case.evaluate(document.when):
            case.doing = ("document", document.template, ())
            issue(case, document)
    for lanes, text, when in node.notices:
        if when is None or case.evaluate(when):
            tell(case, lanes, text, kind_of(node))


def _before_work(case: Case, fact: Fact) -> None:
    """The limit of a timer has run out by law, whatever becomes of the element's own work."""
    node = case.node(fact.element_id)
    if node.type == "boundaryEvent" and node.period is not None:
        limits.expire(case, node)


def _reached(case: Case, fact: Fact) -> None:
    node = case.node(fact.element_id)
    if node.type in _PASSED_SILENTLY:
        return
    if node.type == "serviceTask" and node.skip_when and case.evaluate(node.skip_when):
        _skipped(case, fact)
        return
    case.record(e.ElementReached(node.id, node.name, node.state))
    case.late = case.late or (node.type == "endEvent" and node.state == "closed_late")
    work(case, node)
    if node.type == "endEvent" and (node.result or node.result_when):
        result = str(case.evaluate(node.result_when)) if node.result_when else str(node.result)
        case.set(results=[*(case.variables.get("results") or []), result])


def _opened(case: Case, fact: Fact) -> None:
    node = case.node(fact.element_id)
    party, role = split_role(node.role or "")
    org = case.org_of(party)
    if org is None:
        raise ModelFault(
            f"“{node.name}”的承办部门尚未确定。",
            f"The party behind {node.role} of {node.id} is not known.",
            kind="party",
            subject=party,
            names=[party],
        )
    role = standing_role(case.uow.conn, org, role)
    if node.state:
        case.record(e.ElementReached(node.id, node.name, node.state))
    if node.approval is not None:
        approvals.open_round(case, fact, node, org, role)
        return
    key = case.uow.next_key()
    case.tasks[fact.token] = key
    case.opened.append(key)
    case.record(
        e.UserTaskOpened(key, fact.token, node.id, node.name, org, role, node.role or "", node.scope or "")
    )


def _skipped(case: Case, fact: Fact) -> None:
    node = case.node(fact.element_id)
    case.record(e.ElementReached(node.id, node.name, skipped=True))


def _cancelled(case: Case, fact: Fact) -> None:
    approvals.cancel_round(case, case.node(fact.element_id), fact.token)
    key = case.tasks.pop(fact.token, None)
    if key is not None:
        case.record(e.UserTaskCancelled(key, fact.element_id, case.node(fact.element_id).name))


def _armed(case: Case, fact: Fact) -> None:
    node = case.node(fact.element_id)
    if node.event == "timer":
        limits.arm(case, fact)
    elif node.several is not None:
        several.open_calls(case, node, fact.token)
    else:
        subscriptions.open_subscription(case, fact)


def _disarmed(case: Case, fact: Fact) -> None:
    limits.disarm(case, fact.token)
    if case.node(fact.element_id).several is not None:
        several.cancel_calls(case, case.node(fact.element_id), fact.token)
    subscriptions.close_subscription(case, fact)


def _failed(case: Case, fact: Fact) -> None:
    node = case.node(fact.element_id)
    case.record(e.ErrorUncaught(node.id, node.name, case.machine.error or ""))


def _decide(case: Case, node: Node, decision: str, variable: str) -> None:
    case.doing = ("decision", decision, ())
    try:
        result, hits = case.definition.decisions[decision].decide(case.variables, case.functions)
    except ExpressionRefused as fault:
        table = case.definition.decisions[decision]
        raise ModelFault(
            f"“{node.name or node.id}”的决策无法计算：{fault}请联系流程设计人员。",
            f"The decision {decision} cannot be evaluated.",
            kind="decision",
            subject=decision,
            names={name for text in table.inputs for name in compile_expression(text).names},
        ) from fault
    case.record(e.DecisionMade(node.id, node.name, decision, hits, result))
    case.set(**{variable: result})


def _read_by(node: Node, service: str) -> tuple[str, ...]:
    """Return the variables that a service reads here: what it always does, and what its inputs name."""
    inputs = (name for _, text in node.inputs for name in sorted(compile_expression(text).names))
    return tuple(dict.fromkeys((*READS.get(service, ()), *inputs)))


def _party(case: Case, side: str) -> int | None:
    return case.org_for_lane(f"{side}.handler")


def _finish(case: Case) -> None:
    limits.cancel_all(case)
    subscriptions.unsubscribe_all(case)
    release_duplicates(case)
    tidy(case)
    release_facts(case)
    reached = case.variables.get("results") or []
    result = next((r for r in case.process.results if r in reached), reached[0] if reached else None)
    ends = {"withdrawn": "withdrawn", "void": "void", "annulled": "void"}
    state = ends.get(str(result)) or ("in_dispute" if "to_dispute" in reached else None)
    if result == "void":
        release_suspensions(case)
    case.ended = True
    held.close_all(case)
    subscriptions.answer_caller(case, voided=result == "void")
    case.record(e.InstanceEnded(state or ("closed_late" if case.late else "closed"), result, case.late))


_STEPS = {
    Kind.REACHED: "work",
    Kind.SKIPPED: "work",
    Kind.OPENED: "opening",
    Kind.ARMED: "arming",
}
_ON = {
    Kind.REACHED: _reached,
    Kind.OPENED: _opened,
    Kind.SKIPPED: _skipped,
    Kind.CANCELLED: _cancelled,
    Kind.ARMED: _armed,
    Kind.DISARMED: _disarmed,
    Kind.FAILED: _failed,
}
