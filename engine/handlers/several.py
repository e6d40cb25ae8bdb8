"""One called case for each item of a list (多实例调用): side by side or one after another, each exactly once.

The token waits once, and the machine knows nothing of the rounds: SpiffWorkflow keeps a loop's items in task
data and changes the shared definition while it runs. What came back so far is a case variable:
{total, done, items: [{item, done, values}]}, in the order of the list.
"""

from functools import partial
from typing import Any

from engine.errors import ModelFault
from engine.handlers import held
from engine.handlers.case import Case
from engine.handlers.subscriptions import call, cancel_call
from engine.model import Node, Several

MAX_ITEMS = 500


def open_calls(case: Case, node: Node, token: str) -> None:
    """Call for each item, or for the first one; without any the token goes on at once.

    Raises:
        ModelFault: the variable holds no list, or too long a one.
    """
    rule = _rule(node)
    items = case.variables.get(rule.items)
    if not isinstance(items, list) or len(items) > MAX_ITEMS:
        raise ModelFault(
            f"“{node.name or node.id}”的变量 {rule.items} 应为不超过{MAX_ITEMS}项的列表。",
            f"Expected {rule.items} of {node.id} to be a list of at most {MAX_ITEMS} items.",
            subject=rule.items,
            names=[rule.items],
        )
    rows = [{"item": item, "done": False, "values": {}} for item in items]
    case.set(**{rule.result: {"total": len(items), "done": 0, "items": rows}})
    if not items:
        case.machine.fire(token)
    for number in range(min(1, len(items)) if rule.sequential else len(items)):
        _call(case, node, token, number)


def take_answer(case: Case, node: Node, waiting: str, payload: dict[str, Any]) -> None:
    """Keep what a called case came to; `go_on` says what follows. When one failed, the others are cancelled.

    Args:
        waiting: Token and number of the call that is answered; it no longer waits.
    """
    rule, (token, _, number) = _rule(node), waiting.partition("#")
    if payload.get("error") is not None:
        cancel_calls(case, node, token)
        case.machine.fail(token, payload["error"])
        return
    result = dict(case.variables[rule.result])
    rows = list(result["items"])
    rows[int(number)] = {**rows[int(number)], "done": True, "values": payload.get("variables") or {}}
    result |= {"done": result["done"] + 1, "items": rows}
    case.set(**{rule.result: result})
    go_on_or_wait(case, node, token)


def go_on_or_wait(case: Case, node: Node, token: str) -> None:
    """Ask whether it is enough; when that cannot be said, an incident stands here, and the answers are kept.

    Answers that are still to come are taken in; the last one ends the round whatever the condition is.
    """
    case.trying = held.find(case, token, None, "answer") or case.trying
    held.attempt(case, "answer", node.id, token, partial(_go_on, case, node, token))


def _go_on(case: Case, node: Node, token: str) -> None:
    """When it is enough, cancel the other calls and leave; one after another, call for the next item."""
    rule = _rule(node)
    result = case.variables[rule.result]
    if result["done"] == result["total"] or (rule.until and case.evaluate(rule.until)):
        cancel_calls(case, node, token)
        case.machine.fire(token)
    elif rule.sequential:
        _call(case, node, token, result["done"])


def cancel_calls(case: Case, node: Node, token: str) -> None:
    """Cancel the called cases that are not over."""
    for waiting in [t for t in case.subscriptions if t.startswith(f"{token}#")]:
        cancel_call(case, node, waiting)


def _call(case: Case, node: Node, token: str, number: int) -> None:
    rule = _rule(node)
    item = case.variables[rule.result]["items"][number]["item"]
    key = case.subscribe(f"{token}#{number}", node.id, "call", "", "")
    call(case, node, key, {rule.item: item})


def _rule(node: Node) -> Several:
    assert node.several is not None
    return node.several
