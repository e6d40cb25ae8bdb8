"""What a case waits for from outside, and what it throws there: messages, signals, calls and their answers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.errors import ModelFault
from engine.expressions import compile_expression
from engine.handlers.case import Case
from engine.handlers.triggers import START, listening
from engine.model import Node
from engine.runner import Fact
from engine.storage.tables import subscription

DIRECT = "subscription:"
MAX_KEY = 200
_WAITING = ("intermediateCatchEvent", "boundaryEvent", "receiveTask", "startEvent")
PARTIES = ("using_dept", "providing_dept", "managing_dept", "resource", "title")


def open_subscription(case: Case, fact: Fact) -> None:
    """An event waits for what comes from outside, or a call for its answer."""
    node = case.node(fact.element_id)
    if node.type == "callActivity":
        call(case, node, case.subscribe(fact.token, node.id, "call", "", ""))
    elif node.event == "signal":
        case.subscribe(fact.token, node.id, "signal", node.event_ref or "", "")
    elif node.event == "message" and node.correlation is not None:
        name = node.correlation[0] or node.event_ref or ""
        case.subscribe(fact.token, node.id, "message", name, business_key(case, node, node.correlation[1]))


def close_subscription(case: Case, fact: Fact) -> None:
    """Nobody waits any more; a called case whose caller left is cancelled."""
    node = case.node(fact.element_id)
    if node.type == "callActivity":
        cancel_call(case, node, fact.token)
    else:
        case.close_subscription(fact.token)


def cancel_call(case: Case, node: Node, token: str) -> None:
    """Wait no longer for a called case, and cancel it."""
    key = case.close_subscription(token)
    if key is not None:
        _throw(case, node, f"cancel:{key}", "", {})


def unsubscribe_all(case: Case) -> None:
    """The case is over."""
    for token in list(case.subscriptions):
        case.close_subscription(token)


def throw(case: Case, node: Node) -> None:
    """Throw the message or signal of an element whose token leaves."""
    if node.type in _WAITING:
        return
    if node.event == "signal":
        _signal(case, node)
    elif node.correlation is not None:
        target = node.correlation[0] or node.event_ref or ""
        key = business_key(case, node, node.correlation[1])
        named = {"kind": node.correlation[2], "message": node.event_ref}
        said = {word: value for word, value in named.items() if value is not None}
        _throw(case, node, target, key, {**_taken_along(case, node), **said})


def throw_to(
    case: Case, node: Node, target: str, correlation: str, message: str, variables: Mapping[str, Any]
) -> None:
    """Throw a message of a service's own: to as many as it finds, each exactly once."""
    _throw(case, node, target, correlation, {"variables": dict(variables), "message": message})


def business_key(case: Case, node: Node, expression: str) -> str:
    """Return the business key; without a value, strangers whose keys have none either would meet."""
    value = case.evaluate(expression)
    if not isinstance(value, str | int) or isinstance(value, bool) or not 0 < len(str(value)) <= MAX_KEY:
        raise ModelFault(
            f"“{node.name or node.id}”的消息关联键没有有效的值，请联系流程设计人员。",
            f"Expected the correlation key of {node.id} to be 1 to {MAX_KEY} characters, found {value!r:.50}.",
            kind="correlation",
            subject=expression,
            names=compile_expression(expression).names,
        )
    return str(value)


def answer_caller(case: Case, voided: bool = False) -> None:
    """Tell the caller that the called case is over, and how.

    Args:
        voided: The case was cancelled; what cannot be told of it then is told as nothing, lest the caller waits.
    """
    caller = case.variables.get("caller")
    if not caller:
        return
    values = {name: _output(case, text, voided) for name, text in caller["outputs"]}
    payload: dict[str, Any] = {"variables": values}
    if case.machine.error is not None:
        payload["error"] = case.machine.error
    target = f"{DIRECT}{caller['subscription']}"
    case.record(e.MessageThrown(case.uow.next_key(), "", case.process.name, target, "", _from(case, payload)))


def _output(case: Case, text: str, voided: bool) -> Any:
    try:
        return case.evaluate(text)
    except ModelFault:
        if not voided:
            raise
        return None


def call(case: Case, node: Node, key: int, item: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Throw what begins the called case; `key` is the subscription that its answer is for."""
    parties = {name: case.variables[name] for name in PARTIES if case.variables.get(name) is not None}
    payload = {
        **_taken_along(case, node, item),
        "parties": parties,
        "reply_to": str(key),
        "outputs": [[name, text] for name, text in node.outputs],
    }
    _throw(case, node, node.called or "", str(key), payload)


def _signal(case: Case, node: Node) -> None:
    """Address a signal to everybody who waits for it now; who comes later does not hear it."""
    waiting = case.uow.conn.execute(
        select(subscription.c.key)
        .where(subscription.c.kind == "signal", subscription.c.name == (node.event_ref or ""))
        .order_by(subscription.c.key)
    ).scalars()
    keys = sorted({*waiting, *case.signals(node.event_ref or "")})
    targets = [f"{DIRECT}{key}" for key in keys]
    targets += [f"{START}{key}" for key in listening(case.uow.conn, node.event_ref or "", case.uow.at)]
    deliveries = {str(case.uow.next_key()): target for target in targets}
    payload = _from(case, _taken_along(case, node))
    case.record(e.SignalThrown(node.id, node.name, node.event_ref or "", deliveries, payload))


def _taken_along(case: Case, node: Node, item: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    if not node.inputs:
        return {}
    seen = {**case.variables, **item}
    return {"variables": {name: case.evaluate(text, seen) for name, text in node.inputs}}


def _from(case: Case, payload: dict[str, Any]) -> dict[str, Any]:
    return {"instance_key": str(case.key), "business_id": case.business_id, **payload}


def _throw(case: Case, node: Node, target: str, correlation: str, payload: dict[str, Any]) -> None:
    key = case.uow.next_key()
    case.record(e.MessageThrown(key, node.id, node.name, target, correlation, _from(case, payload)))
