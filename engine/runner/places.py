"""Whether a token can stand at an element of another version: one notion for rebinding and for migration."""

from collections.abc import Mapping
from enum import StrEnum

from engine.model import Node, Process


class Why(StrEnum):
    """What keeps a token from standing in the other version."""

    GONE = "gone"  # the element is not there
    KIND = "kind"  # it is of another kind
    ROUNDS = "rounds"  # it calls for each item of a list, or by another list, condition or result
    SCOPE = "scope"  # it lies in another sub-process
    CONTENT = "content"  # what the sub-process opens as it is entered is not the same
    ATTACHED = "attached"  # the event is attached to another activity
    GATEWAY = "gateway"  # the event-based gateway has other branches
    INFLOW = "inflow"  # the join has lost the flow by which the token came
    STARVED = "starved"  # a join ahead waits for a flow that no token can reach


def unlike(before: Process, after: Process, element_id: str, names: Mapping[str, str]) -> Why | None:
    """Return what keeps a token at the element from waiting in the other version as it does now.

    Args:
        names: Elements that have another id in the other version.
    """
    old = before.nodes[element_id]
    new = after.nodes.get(names.get(old.id, old.id))
    if new is None:
        return Why.GONE
    if _kind(old) != _kind(new):
        return Why.KIND
    if old.several != new.several:
        return Why.ROUNDS  # the answers that are under way are kept in the variables of the one rule
    if (names.get(old.scope, old.scope) if old.scope else None) != new.scope:
        return Why.SCOPE
    if _opened(before, old, names) != _opened(after, new, {}):
        return Why.CONTENT
    if old.attached_to and names.get(old.attached_to, old.attached_to) != new.attached_to:
        return Why.ATTACHED
    return None


def _kind(node: Node) -> tuple[object, ...]:
    """What must not change under a token: how the element waits."""
    timer = node.period.date is None if node.period else None
    return node.type, node.event, bool(node.reminder), timer, node.approval


def _opened(process: Process, node: Node, names: Mapping[str, str]) -> set[str]:
    """Return what opens only when the sub-process is entered, and never under a token that is inside."""
    found = process.inner_scopes(node.id)
    if node.type == "adHocSubProcess":
        found |= {n.id for n in process.nodes.values() if n.scope == node.id}
    return {names.get(one, one) for one in found}
