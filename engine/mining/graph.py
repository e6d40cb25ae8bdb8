"""A definition as its tokens see it: which flows lead where, and what they pass without a trace in the history."""

from collections import defaultdict
from dataclasses import dataclass

from engine.elements import SCOPES
from engine.model import Node, Process
from engine.workbench.coverage import Flow, flows_of

GATEWAYS = ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway")
PEOPLE = ("userTask", "manualTask")
_OUTWARDS = ("error", "escalation", "cancel")
_KEPT = 256


@dataclass(frozen=True)
class Throw:
    """What an event that is thrown inside a case meets: nothing, a boundary event, or an event sub-process."""

    caught: bool
    interrupts: bool


class Graph:
    """The elements of one version with what leads from one to the next.

    Attributes:
        out, into: Flows by the element they leave or enter; a link event's flow has an empty id.
    """

    def __init__(self, process: Process) -> None:
        self.process = process
        self.nodes = process.nodes
        self.flows = {flow.id: flow for flow in flows_of(process)}
        self.out: dict[str, list[Flow]] = defaultdict(list)
        self.into: dict[str, list[Flow]] = defaultdict(list)
        for flow in (*self.flows.values(), *self._links()):
            self.out[flow.source].append(flow)
            self.into[flow.target].append(flow)
        self._attached: dict[str, list[Node]] = defaultdict(list)
        self._inside: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            if node.attached_to:
                self._attached[node.attached_to].append(node)
            elif node.scope:
                self._inside[node.scope].append(node)
        self._ahead: dict[str, frozenset[str]] = {}
        self._before: dict[str, dict[str, frozenset[str]]] = {}

    def _links(self) -> list[Flow]:
        nodes = [n for n in self.nodes.values() if n.event == "link"]
        return [
            Flow("", throw.id, catch.id, "", False)
            for throw in nodes
            if throw.type == "intermediateThrowEvent"
            for catch in nodes
            if catch.type == "intermediateCatchEvent"
            and (catch.event_ref, catch.scope) == (throw.event_ref, throw.scope)
        ]

    def within(self, element_id: str) -> tuple[str, ...]:
        """Return where tokens begin in a sub-process: at its start, or at everything nothing leads to."""
        inside = [n for n in self._inside[element_id] if not n.event_scope]
        starts = [n.id for n in inside if n.type == "startEvent"]
        return tuple(starts or [n.id for n in inside if not self.into[n.id]])

    def is_scope(self, element_id: str) -> bool:
        """Say whether tokens stand inside the element and not at it."""
        node = self.nodes.get(element_id)
        return node is not None and node.type in SCOPES and not node.event_scope

    def ahead(self, element_id: str) -> frozenset[str]:
        """Return the elements a token comes to from a gateway without a trace, itself included."""
        known = self._ahead.get(element_id)
        if known is None:
            found: set[str] = set()
            todo = [element_id]
            while todo:
                at = todo.pop()
                if at in found:
                    continue
                found.add(at)
                if self.nodes[at].type in GATEWAYS:
                    todo += [flow.target for flow in self.out[at]]
                elif self.is_scope(at):
                    todo += self.within(at)
            known = self._ahead[element_id] = frozenset(found)
        return known

    def ways_into(self, join: str, element_id: str) -> frozenset[str]:
        """Return the flows into a join that a token at an element can still come by without passing the join."""
        known = self._before.setdefault(join, {})
        if element_id not in known:
            ways: set[str] = set()
            seen: set[str] = set()
            todo = [element_id]
            while todo:
                at = todo.pop()
                if at in seen or at == join:
                    continue
                seen.add(at)
                todo += [node.id for node in self._attached[at]]
                for flow in self.out[at]:
                    todo.append(flow.target)
                    if flow.target == join:
                        ways.add(flow.id)
            known[element_id] = frozenset(ways)
        return known[element_id]

    def thrown(self, node: Node) -> Throw:
        """Return what becomes of an event that an element throws to the scopes around it."""
        if node.event not in _OUTWARDS:
            return Throw(False, False)
        scope = self.nodes.get(node.scope or "")
        while scope is not None:
            inner = [] if scope.event_scope else self._starts(scope.id)
            for found in (inner, self._attached[scope.id]):
                if caught := _catching(found, node):
                    return Throw(True, caught.interrupting)
            scope = self.nodes.get(scope.scope or "")
        caught = _catching(self._starts(None), node)
        return Throw(caught is not None, caught is not None and caught.interrupting)

    def _starts(self, scope: str | None) -> list[Node]:
        """Return the start events of the event sub-processes of a scope."""
        nodes = self.nodes.values()
        scopes = {n.id for n in nodes if n.event_scope and n.scope == scope}
        return [n for n in nodes if n.type == "startEvent" and n.scope in scopes]


def _catching(nodes: list[Node], thrown: Node) -> Node | None:
    fits = [n for n in nodes if n.event == thrown.event and n.event_ref in (None, thrown.event_ref)]
    return min(fits, key=lambda n: n.event_ref is None, default=None)


_GRAPHS: dict[bytes, Graph] = {}


def graph_of(process: Process) -> Graph:
    """Return the graph of a definition; equal files have one."""
    known = _GRAPHS.get(process.xml)
    if known is None:
        if len(_GRAPHS) >= _KEPT:
            _GRAPHS.clear()
        known = _GRAPHS[process.xml] = Graph(process)
    return known
