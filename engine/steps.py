"""Where a token may be put besides along the flows: back as the model allows, or elsewhere by an administrator."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.bpmn.xml import parse_xml
from engine.elements import BPMN
from engine.model import Node, Process

_TASKS = ("userTask", "manualTask")


def others(process: Process, node: Node) -> tuple[Node, ...]:
    """Return the other user tasks of the same level that one person decides."""
    return tuple(
        n
        for n in process.nodes.values()
        if n.type in _TASKS and n.scope == node.scope and n.id != node.id and n.approval is None
    )


def back(process: Process, node: Node) -> tuple[Node, ...]:
    """Return the steps that the model lets a task be returned to."""
    return tuple(process.nodes[name] for name in node.return_to if name in process.nodes)


@dataclass(frozen=True)
class Jump:
    """A step that a token may be put to by hand.

    Attributes:
        blocked: What has legal effect, or was never filled in, and would be skipped or repeated; with any the jump
            is refused.
        skipped: What else is left out.
    """

    target: Node
    blocked: tuple[Node, ...]
    skipped: tuple[Node, ...]


def jumps(process: Process, node: Node, variables: Mapping[str, object]) -> tuple[Jump, ...]:
    """Return where the token of a user task may be put, refused ones included.

    A step that was never filled in may not be skipped: what comes after it rests on what was decided there.

    Args:
        variables: Of the case.
    """
    found = []
    for target in others(process, node):
        back = precedes(process, target.id, node.id)
        first, last = (target, node) if back else (node, target)
        if not reaches(flows(process), first.id, last.id) or forks(process, first.id, last.id):
            continue
        passed = between(process, first.id, last.id)
        if not back:
            passed.insert(0, node)
        blocked = [
            n
            for n in passed
            if legal(n) or (not back and n.form_variable and not variables.get(n.form_variable))
        ]
        skipped = [n for n in passed if not back and n.type in _TASKS and n not in blocked]
        found.append(Jump(target, tuple(blocked), tuple(skipped)))
    return tuple(found)


def flows(process: Process) -> dict[str, list[str]]:
    """Return where tokens may go from each element; events of an activity go out from it."""
    return _flows(process.xml, tuple((n.id, n.attached_to) for n in process.nodes.values() if n.attached_to))


@lru_cache(maxsize=64)
def _flows(xml: bytes, attached: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for flow in parse_xml(xml).iter(f"{{{BPMN}}}sequenceFlow"):
        found.setdefault(str(flow.get("sourceRef")), []).append(str(flow.get("targetRef")))
    for event, activity in attached:
        found.setdefault(activity, []).append(event)
    return found


def reaches(ways: Mapping[str, Iterable[str]], source: str, target: str, without: str = "") -> bool:
    """Say whether a token can come from one element to another, without passing a third."""
    seen, ahead = {source, without}, [source]
    while ahead:
        for step in ways.get(ahead.pop(), ()):
            if step == target:
                return True
            if step not in seen:
                seen.add(step)
                ahead.append(step)
    return False


def between(process: Process, source: str, target: str) -> list[Node]:
    """Return the elements that every way from one element to another leads through, in the order of the file."""
    ways = flows(process)
    if not reaches(ways, source, target):
        return []
    return [
        node
        for node in process.nodes.values()
        if node.id not in (source, target) and not reaches(ways, source, target, without=node.id)
    ]


def forks(process: Process, source: str, target: str) -> bool:
    """Say whether tokens part or meet on the way from one element to another."""
    ways = flows(process)
    return any(
        node.type in ("parallelGateway", "inclusiveGateway")
        and reaches(ways, source, node.id)
        and reaches(ways, node.id, target)
        for node in process.nodes.values()
        if node.scope == process.nodes[target].scope
    )


def precedes(process: Process, one: str, other: str) -> bool:
    """Say whether an element comes before another: nearer to the beginning of their level."""
    ways, depth = flows(process), _depths(process)
    return depth.get(one, 0) < depth.get(other, 0) and reaches(ways, one, other)


def legal(node: Node) -> bool:
    """Say whether an element does something that no hand may skip or repeat: a delivery, a signature, a decision."""
    signs = node.type in _TASKS and (node.approval is not None or (node.role or "").endswith(".head"))
    return bool(
        signs
        or node.delivery
        or node.documents
        or node.limit_acts
        or node.decision
        or node.correlation
        or node.service
        or node.result
        or node.called
    )


def _depths(process: Process) -> dict[str, int]:
    ways = flows(process)
    depth = {n.id: 0 for n in process.nodes.values() if n.type == "startEvent"}
    ahead = list(depth)
    while ahead:
        one = ahead.pop(0)
        for step in ways.get(one, ()):
            if step not in depth:
                depth[step] = depth[one] + 1
                ahead.append(step)
    return depth
