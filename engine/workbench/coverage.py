"""Which elements and flows of a procedure a rehearsal has been through."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.bpmn.xml import parse_xml
from engine.elements import BPMN
from engine.model import Process
from engine.runner import Moved, watching

_SPLIT, _JOIN = ".BoundaryEventSplit", ".BoundaryEventJoin"
_AGAIN, _BEGIN = ":again", ":begin"


@dataclass(frozen=True)
class Coverage:
    """What was visited, and what there is; ids in the order of the file.

    Attributes:
        elements, flows: All that a token can visit.
        visited, taken: Those that one has.
    """

    elements: tuple[str, ...]
    flows: tuple[str, ...]
    visited: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()

    def __or__(self, other: "Coverage") -> "Coverage":
        return Coverage(self.elements, self.flows, self.visited | other.visited, self.taken | other.taken)

    @property
    def missed_elements(self) -> tuple[str, ...]:
        """The elements that no token came to."""
        return tuple(e for e in self.elements if e not in self.visited)

    @property
    def missed_flows(self) -> tuple[str, ...]:
        """The flows that no token took."""
        return tuple(f for f in self.flows if f not in self.taken)


@dataclass(frozen=True)
class Flow:
    """A sequence flow; `name` as drawn."""

    id: str
    source: str
    target: str
    name: str
    default: bool


def flows_of(process: Process) -> tuple[Flow, ...]:
    """Return the sequence flows of a process in the order of the file."""
    root = parse_xml(process.xml)
    defaults = {e.get("default") for e in root.iter(f"{{{BPMN}}}*") if e.get("default")}
    found = []
    for e in root.iter(f"{{{BPMN}}}sequenceFlow"):
        ends = str(e.get("sourceRef")), str(e.get("targetRef"))
        if ends[0] in process.nodes and ends[1] in process.nodes:
            found.append(Flow(str(e.get("id")), *ends, e.get("name") or "", e.get("id") in defaults))
    return tuple(found)


def nothing_of(process: Process) -> Coverage:
    """Return the coverage of a procedure that nobody has tried yet."""
    return Coverage(tuple(process.nodes), tuple(flow.id for flow in flows_of(process)))


@dataclass
class Tracker:
    """Collects what the tokens of one procedure visit, from what the runner tells of their moves."""

    process: Process
    visited: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._between: dict[tuple[str, str], list[Flow]] = defaultdict(list)
        self._ids = set()
        for flow in flows_of(self.process):
            self._between[flow.source, flow.target].append(flow)
            self._ids.add(flow.id)
        self._starts = {
            n.scope: n.id
            for n in self.process.nodes.values()
            if n.type == "startEvent" and n.scope and self.process.nodes[n.scope].event_scope
        }

    @property
    def coverage(self) -> Coverage:
        """What was visited so far."""
        nothing = nothing_of(self.process)
        return Coverage(nothing.elements, nothing.flows, frozenset(self.visited), frozenset(self.taken))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count what this thread does meanwhile; nothing where it ends in an error, for then nothing happened."""
        moves: list[Moved] = []
        seen: list[tuple[set[str], set[str]]] = []

        def note(moved: Moved) -> None:
            if moved.process_id == self.process.id:
                moves.append(moved)
                seen.append(self._of(moved))

        with watching(note):
            yield
        for visited, taken in seen:
            self.visited |= visited
            self.taken |= taken

    def _of(self, moved: Moved) -> tuple[set[str], set[str]]:
        """Return the elements and flows that one move tells of.

        A flow is decided while the case still has the values that the gateway saw.
        """
        source, taken = self._drawn(moved.name), set()
        visited = {source} & self.process.nodes.keys()
        node = self.process.nodes.get(source)
        before = self.process.nodes.get(self._drawn(moved.before))
        if before is not None and before.type == "eventBasedGateway":
            # Its events wait side by side; a token passes to the one that went off.
            taken |= {flow.id for flow in self._between.get((before.id, source), ())}
        for name in moved.ahead:
            if name.endswith(_AGAIN) and (again := name.removesuffix(_AGAIN)) in self._ids:
                taken.add(again)
                continue
            target = self._drawn(name)
            flows = self._between.get((source, target), ())
            if not flows or target == source or (node is not None and node.type == "eventBasedGateway"):
                continue
            visited.add(target)
            taken |= {flow.id for flow in (self._chosen(flows, moved) if len(flows) > 1 else flows)}
        return visited, taken

    def _chosen(self, flows: Iterable[Flow], moved: Moved) -> list[Flow]:
        """Return which of several flows between the same two elements were taken."""
        source = self.process.nodes[next(iter(flows)).source]
        if source.type not in ("exclusiveGateway", "inclusiveGateway"):
            return list(flows)
        conditions = self.process.conditions
        held = [f for f in flows if f.id in conditions and moved.evaluate(conditions[f.id])]
        held = held or [f for f in flows if f.default] or list(flows)
        return held[:1] if source.type == "exclusiveGateway" else held

    def _drawn(self, name: str) -> str:
        """Return the element that a spec stands for."""
        name = name.removesuffix(_SPLIT).removesuffix(_JOIN)
        if name.endswith(_BEGIN):
            return self._starts.get(name.removesuffix(_BEGIN), name)
        return name
