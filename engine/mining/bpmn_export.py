"""A model as process mining can replay it: BPMN of tasks, exclusive and parallel gateways, one start, one end.

Importers of mining tools turn little of BPMN into a Petri net. pm4py 2.7 takes tasks for visible transitions and
starts, ends and exclusive, parallel and inclusive gateways for silent ones; it drops intermediate events, boundary
events, sub-processes and event-based gateways together with their flows, joins inclusive gateways by guesswork, and
finds a transition by its label alone, so that no label may stand twice. So the model is drawn anew:

- What a log shows (`engine.mining.activities`) is a task under the label it has there; what it does not is silent.
- A sub-process is drawn into what surrounds it. A task that may be left out by rule has a way around it; one that
  several people do, and a call for each of several items, a way back.
- An interrupting event is a choice before each element that waits where it is heard.
- What runs side by side in a block (a parallel or inclusive gateway whose branches meet in one join, or end) is a
  parallel block; a branch of an inclusive gateway may be left out; where something can end the block early, a branch
  that waits may be left, and the block is followed by the choice of what ended it.
- What begins beside the case's course is a strand of its own, parallel to the whole: non-interrupting events, event
  sub-processes that do not interrupt, branches of a gateway that is come to again while they may still run. A strand
  goes round as often as it is begun, one round after the other. Where something ends the case, a strand that waits
  may be left.
- An ad-hoc sub-process is a parallel block; where a condition completes it, each branch may be left.
- Exclusive and event-based gateways are choices; conditions are not drawn, for a log does not hold what they ask.

What is lost: when a strand may begin (it may at any time), that it may run twice at once (then the second round does
not fit), that an inclusive gateway takes at least one branch, and that what leaves a block or strand early has a
cause. Each strand's and block's own order is kept. Where a model needs
more than this (`Drawn.lost`), the file says so in its documentation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.mining.activities import by_people, labels
from engine.mining.drawn import Drawn, written
from engine.mining.graph import graph_of
from engine.model import Node, Process

_WAITS = (
    "userTask",
    "manualTask",
    "receiveTask",
    "callActivity",
    "intermediateCatchEvent",
    "eventBasedGateway",
)
_SPLITS = ("parallelGateway", "inclusiveGateway")
_OUTWARDS = ("error", "escalation", "cancel")
_MAIN = ""


@dataclass(frozen=True)
class Block:
    """What a gateway begins side by side, and where it ends.

    Attributes:
        branches: Elements of each, on the gateway's own level.
        join: The gateway in which they meet; None where each ends by itself.
    """

    split: str
    branches: tuple[frozenset[str], ...]
    join: str | None

    def branch_of(self, element_id: str) -> int | None:
        """Return the branch an element lies in."""
        return next((n for n, branch in enumerate(self.branches) if element_id in branch), None)


def mining_bpmn(process: Process) -> bytes:
    """Return the file."""
    return written(process, drawn(process))


def drawn(process: Process) -> Drawn:
    """Return the new drawing of a model."""
    return _Drawing(process).drawn()


class _Drawing:
    def __init__(self, process: Process) -> None:
        self._nodes, self._graph = process.nodes, graph_of(process)
        self._labels = labels(process)
        self._new = Drawn()
        self._blocks: dict[str, Block] = {}
        self._again: dict[
            str, list[str]
        ] = {}  # a gateway that is come to again → what it begins beside itself
        for node in self._nodes.values():
            if node.type in _SPLITS and len(self._graph.out[node.id]) > 1:
                self._divide(node)
            elif node.type == "adHocSubProcess":
                inner = self._graph.within(node.id)
                self._blocks[node.id] = Block(node.id, tuple(self._reach(one) for one in inner), None)

    # What belongs together

    def _divide(self, split: Node) -> None:
        """Say whether a gateway begins a block, or what it begins beside the course it lies in."""
        firsts = [flow.target for flow in self._graph.out[split.id]]
        reached = [self._reach(first) for first in firsts]
        if not any(split.id in branch for branch in reached):
            for join in (None, *self._joins(reached)):
                branches = [self._reach(first, join) for first in firsts]
                if all(a.isdisjoint(b) for n, a in enumerate(branches) for b in branches[:n]):
                    self._blocks[split.id] = Block(split.id, tuple(branches), join)
                    return
        self._again[split.id] = [
            first
            for first, branch in zip(firsts, reached, strict=True)
            if split.id not in branch and not self._is_plain_end(first)
        ]

    def _joins(self, reached: list[frozenset[str]]) -> list[str]:
        common = frozenset.intersection(*reached)
        return [n for n in common if self._nodes[n].type in _SPLITS and len(self._graph.into[n]) > 1]

    def _reach(self, first: str, stop: str | None = None) -> frozenset[str]:
        """Return what a token comes to from an element on its level, interrupting events included; plain ends not,
        for a course ends in each of them by itself.
        """
        found: set[str] = set()
        todo = [first]
        while todo:
            at = todo.pop()
            if at in found or at == stop or self._is_plain_end(at):
                continue
            found.add(at)
            todo += [flow.target for flow in self._graph.out[at]]
            todo += [node.id for node in self._attached(at) if node.interrupting]
        return frozenset(found)

    def _is_plain_end(self, element_id: str) -> bool:
        return self._nodes[element_id].type == "endEvent" and element_id not in self._labels

    def _attached(self, element_id: str) -> list[Node]:
        return [node for node in self._nodes.values() if node.attached_to == element_id]

    def _starts(self, scope: str | None) -> list[Node]:
        """Return the starts of the event sub-processes of a scope."""
        scopes = [n.id for n in self._nodes.values() if n.event_scope and n.scope == scope]
        return [n for n in self._nodes.values() if n.type == "startEvent" and n.scope in scopes]

    @cached_property
    def _strand(self) -> dict[str, str]:
        """The strand of each element: the first of what begins it, `_MAIN` for the course of the case."""
        beside = {first for firsts in self._again.values() for first in firsts}
        roots = [n.id for n in self._nodes.values() if n.type == "boundaryEvent" and not n.interrupting]
        roots += [n.id for n in self._nodes.values() if self._is_beside(n)]
        roots += sorted(beside - set(roots))
        strand: dict[str, str] = {}
        for root in roots:
            inside = self._with_inner(self._reach(root))
            known = {strand[element] for element in inside if element in strand}
            strand |= dict.fromkeys(inside, root)
            strand |= {element: root for element, of in strand.items() if of in known}
        return strand

    def _of(self, element_id: str) -> str:
        return self._strand.get(element_id, _MAIN)

    def _is_beside(self, node: Node) -> bool:
        scope = self._nodes.get(node.scope or "")
        return node.type == "startEvent" and scope is not None and scope.event_scope and not node.interrupting

    def _with_inner(self, elements: frozenset[str]) -> set[str]:
        found = set(elements)
        while more := {n.id for n in self._nodes.values() if n.scope in found and n.id not in found}:
            found |= more
        return found

    def _block(self, element_id: str) -> tuple[Block, int] | None:
        """Return the innermost block around an element, on its own level, and the branch of it."""
        strand = self._of(element_id)
        around = [
            (block, number)
            for block in self._blocks.values()
            if (number := block.branch_of(element_id)) is not None and self._of(block.split) == strand
        ]
        return min(around, key=lambda one: len(one[0].branches[one[1]]), default=None)

    # The new drawing

    def drawn(self) -> Drawn:
        new, nodes = self._new, self._nodes
        new.add("Start", "start")
        new.add("End", "end")
        new.add("Open", "and")
        new.add("Close", "and")
        new.flow("Start", "Open")
        new.flow("Close", "End")
        strands = dict.fromkeys([_MAIN, *self._strand.values()])
        for strand in strands:
            home = self._home(strand)
            new.flow("Open", new.add("Begin", "xor") if strand == _MAIN else home)
            new.flow(home, "Close")
        for node in nodes.values():
            if not node.event_scope:
                self._draw(node)
        self._begin()
        new.tidy()
        return new

    def _begin(self) -> None:
        for node in self._nodes.values():
            if node.type == "startEvent" and node.scope is None:
                self._new.flow("Begin", self._entry(node.id))
        beside = [first for firsts in self._again.values() for first in firsts]
        beside += [n.id for n in self._nodes.values() if self._is_beside(n)]
        beside += [n.id for n in self._nodes.values() if n.type == "boundaryEvent" and not n.interrupting]
        for first in dict.fromkeys(beside):
            self._new.flow(self._home(self._strand[first]), self._entry(first))
        # What interrupts the whole case is heard as long as anything of it runs.
        for start in self._starts(None):
            if start.interrupting:
                self._new.flow(self._home(_MAIN), self._entry(start.id))

    def _home(self, strand: str) -> str:
        return self._new.add(f"Home_{strand}" if strand else "Done", "xor")

    def _entry(self, element_id: str) -> str:
        node = self._nodes[element_id]
        if self._graph.is_scope(element_id) and element_id not in self._blocks:
            return self._entry(self._graph.within(element_id)[0])
        if node.type == "endEvent" and self._is_plain_end(element_id):
            return self._sink(node)
        return self._new.add(f"In_{element_id}", "xor")

    def _exit(self, element_id: str) -> str:
        return self._new.add(f"Out_{element_id}", "xor")

    def _draw(self, node: Node) -> None:
        new, entry = self._new, self._entry(node.id)
        if node.id in self._blocks:
            self._draw_block(self._blocks[node.id])
            if not self._graph.is_scope(node.id):
                return
        elif self._graph.is_scope(node.id):
            pass
        elif node.type != "endEvent" or node.id in self._labels:
            if node.id in self._labels:
                new.add(node.id, "user" if by_people(node.type) else "task", self._labels[node.id])
                new.flow(entry, node.id)
                new.flow(node.id, self._exit(node.id))
            else:
                new.flow(entry, self._exit(node.id))
            if node.skip_when:
                new.flow(entry, self._exit(node.id))
            if node.approval or node.several:
                new.flow(self._exit(node.id), entry)
            if self._may_be_met(node):
                self._interruptible(entry, node)
        if node.type == "endEvent":
            if node.id in self._labels:
                new.flow(self._exit(node.id), self._sink(node))
            return
        beside = self._again.get(node.id, [])
        targets = [f.target for f in self._graph.out[node.id] if f.target not in beside]
        for target in targets:
            new.flow(self._exit(node.id), self._arrival(node.id, target))
        if beside and (not targets or node.type == "inclusiveGateway"):
            new.flow(self._exit(node.id), self._sink(node))
        if len(targets) > 1 and beside and node.type == "parallelGateway":
            new.lost.append(f"{node.id}: its branches run into each other")
        if not self._graph.out[node.id] and node.type != "boundaryEvent":
            new.flow(self._exit(node.id), self._sink(node))

    def _draw_block(self, block: Block) -> None:
        new, split = self._new, self._nodes[block.split]
        whole = self._graph.is_scope(split.id)
        firsts = (
            list(self._graph.within(split.id))
            if whole
            else [flow.target for flow in self._graph.out[split.id]]
        )
        new.flow(self._entry(split.id), new.add(f"Split_{split.id}", "and"))
        join, after = new.add(f"Join_{split.id}", "and"), new.add(f"After_{split.id}", "xor")
        new.flow(join, after)
        for number, first in enumerate(firsts):
            choice = new.add(f"Branch_{split.id}_{number}", "xor")
            new.flow(f"Split_{split.id}", choice)
            collector = self._collector(block, number)
            ends = first == block.join or self._is_plain_end(first)
            new.flow(choice, collector if ends else self._entry(first))
            if split.type == "inclusiveGateway" or (whole and split.condition):
                new.flow(choice, collector)
            new.flow(collector, join)
        if whole:
            new.flow(after, self._exit(split.id))
            for event in self._interrupting(split.id):
                new.flow(after, self._entry(event.id))
        elif block.join is None:
            new.flow(after, self._sink(split))
        else:
            for flow in self._graph.out[block.join]:
                new.flow(after, self._arrival(block.join, flow.target))
        self._interruptible(after, split)

    def _collector(self, block: Block, branch: int) -> str:
        return self._new.add(f"Over_{block.split}_{branch}", "xor")

    def _arrival(self, source: str, target: str) -> str:
        """Return where a flow leads: at a join that ends a block, to the end of its branch."""
        around = self._block(source)
        if around is not None and around[0].join == target:
            return self._collector(*around)
        if self._is_plain_end(target):
            return self._sink(self._nodes[target], source)
        return self._entry(target)

    def _sink(self, node: Node, source: str = "") -> str:
        """Return where a course goes that ends at an element.

        Args:
            source: What leads to it, where the element is a plain end and has no strand of its own.
        """
        course = source or node.id
        around = self._block(course)
        if around is not None:
            return self._collector(*around)
        scope = self._nodes.get(node.scope or "")
        while scope is not None and scope.event_scope:
            scope = self._nodes.get(scope.scope or "")
        if scope is None or self._of(scope.id) != self._of(course):
            return self._home(self._of(course))
        return self._exit(scope.id)

    # What ends something early

    def _may_be_met(self, node: Node) -> bool:
        """Say whether a token may still stand before an element when something ends what surrounds it.

        It does where the element waits, where it throws what ends its scope, in a sub-process in which nothing waits
        (the element was held by an incident), and in an ad-hoc sub-process that is complete when its condition holds,
        whatever is under way.
        """
        if node.type in _WAITS or node.event in _OUTWARDS:
            return True
        scope = self._nodes.get(node.scope or "")
        if scope is not None and not any(
            n.type in _WAITS for n in self._nodes.values() if n.scope == scope.id
        ):
            return True
        while scope is not None:
            if self._completes_early(scope):
                return True
            scope = self._nodes.get(scope.scope or "")
        return False

    def _interruptible(self, vertex: str, node: Node) -> None:
        """Let a token that waits be taken by whatever interrupts its element or what surrounds it."""
        for event in self._attached(node.id):
            if event.interrupting:
                self._new.flow(vertex, self._entry(event.id))
        strand = self._of(node.id)
        at = node
        while True:
            around = self._block(at.id)
            if around is not None:
                if self._can_end(at):
                    self._new.flow(vertex, self._collector(*around))
                return
            for event in self._interrupting(at.scope):
                same = self._of(event.id) == strand
                self._new.flow(vertex, self._entry(event.id) if same else self._home(strand))
            if at.scope is None:
                if self._terminates(None, strand):
                    self._new.flow(vertex, self._home(strand))
                return
            at = self._nodes[at.scope]

    def _interrupting(self, scope: str | None) -> Iterator[Node]:
        if scope is not None:
            yield from (event for event in self._attached(scope) if event.interrupting)
        yield from (start for start in self._starts(scope) if start.interrupting)

    def _can_end(self, node: Node) -> bool:
        """Say whether anything on the element's level or around it ends what waits there."""
        scope = node.scope
        while True:
            if any(self._interrupting(scope)) or self._terminates(scope, None):
                return True
            if scope is not None and self._completes_early(self._nodes[scope]):
                return True
            if scope is None:
                return False
            scope = self._nodes[scope].scope

    def _completes_early(self, scope: Node) -> bool:
        return scope.type == "adHocSubProcess" and bool(scope.condition)

    def _terminates(self, scope: str | None, strand: str | None) -> bool:
        """Say whether a terminate end event lies on a level, in another strand than the one."""
        return any(
            n.type == "endEvent"
            and n.event == "terminate"
            and n.scope == scope
            and (strand is None or self._of(n.id) != strand)
            for n in self._nodes.values()
        )
