"""What each event of a history does to the tokens of its case."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Any

from engine import events as e
from engine.clock import instant_text
from engine.definitions import Definition
from engine.expressions import PURE_FUNCTIONS, ExpressionRefused, compile_expression
from engine.history.chain import Recorded
from engine.mining.graph import GATEWAYS, PEOPLE, Graph, graph_of
from engine.mining.marking import Marking, Move, Token
from engine.mining.records import Deviation, Playback, Step
from engine.mining.visits import Visits
from engine.mining.ways import settle, way_to
from engine.model import Node, Process
from engine.periods import beijing_day
from engine.workbench.coverage import Flow

_BESIDE = ("boundaryEvent", "startEvent")


@dataclass
class _Round:
    """An open user task, or the tasks of several people who decide one.

    Attributes:
        open: Keys of those that are not over.
    """

    element_id: str
    open: set[int] = field(default_factory=set)


class Player:
    """One case that is being played.

    Args:
        definition: The version under a key.
        against: The version to play on, whatever the history says; None: what it says.
    """

    def __init__(self, definition: Callable[[int], Definition], against: Definition | None) -> None:
        self._definition = definition
        self._against = against
        process = against.process if against is not None else Process(*_NOTHING)
        self._definition_key = against.key if against is not None else 0
        self._marking = Marking(graph_of(process))
        self._visits = Visits()
        self._variables: dict[str, Any] = {}
        self._rounds: dict[str, _Round] = {}
        self._base: dict[int, str] = {}
        self._before: dict[int, tuple[Marking, dict[str, _Round]]] = {}
        self._held: dict[int, int] = {}
        self._stuck: dict[int, str] = {}
        self._flows: dict[str, tuple[str, ...]] = {}
        self._steps: list[Step] = []
        self._begun = self._over = False
        self._missing = self._remaining = 0
        self._now: Recorded | None = None
        self._elements: frozenset[str] = frozenset()
        self._taken: list[str] = []
        self._kind = self._element = ""
        self._lacks: list[str] = []
        self._left: list[str] = []

    @property
    def _graph(self) -> Graph:
        return self._marking.graph

    # Steps

    def take(self, recorded: Recorded, told: frozenset[str] = frozenset()) -> None:
        """Let an event do what it does.

        Args:
            told: Elements of which its command tells.
        """
        self._now, self._elements = recorded, told
        self._taken, self._lacks, self._left, self._kind, self._element = [], [], [], "", ""
        self._on(recorded.event)
        self._marking.advance()
        self._note()

    def settle(self) -> None:
        """A command is over: let tokens go on to where they wait."""
        for token in list(self._marking.tokens.values()):
            if token.done and (held := self._rounds.get(token.base)) is not None and held.open:
                token.done = False
        self._flush()
        self._marking.left.clear()
        for token in [t for t in self._marking.tokens.values() if t.taken]:
            self._marking.take(token, "cancelled")
            self._deviates("no_way", token.node, left=[token.node])
            self._marking.drop(token.scope)
        settle(self._marking, self._holds, frozenset(self._held.values()))
        self._note()

    def end_step(self) -> None:
        """Keep what the event has done."""
        assert self._now is not None
        found = None
        if self._kind:
            found = Deviation(self._now.seq, self._kind, self._element, tuple(self._lacks), tuple(self._left))
        self._missing += len(self._lacks)
        self._remaining += len(self._left)
        self._marking.consumed -= len(self._left)
        standing = self._marking.standing
        self._steps.append(Step(self._now.seq, self._definition_key, tuple(self._taken), standing, found))

    def result(self) -> Playback:
        """Return the case as played so far."""
        produced = max(self._marking.produced - self._missing, 1)
        consumed = max(self._marking.consumed, 1)
        explained = max(0.0, 1 - self._missing / consumed) / 2 + max(0.0, 1 - self._remaining / produced) / 2
        return Playback(tuple(self._steps), self._visits.all, explained)

    def _note(self) -> None:
        assert self._now is not None
        moves = self._marking.moves
        if moves:
            self._visits.note(moves, self._now, self._graph.nodes)
            self._taken += [move.element_id for move in moves if move.what == "flow"]
            self._marking.moves = []

    def _deviates(
        self, kind: str, element_id: str, lacks: list[str] | None = None, left: list[str] | None = None
    ) -> None:
        if not self._kind or self._kind == "no_way":
            self._kind, self._element = kind, element_id
        self._lacks += lacks or []
        self._left += left or []

    def _holds(self, flow: Flow) -> bool | None:
        return self._true(self._graph.process.conditions.get(flow.id))

    def _true(self, condition: str | None) -> bool | None:
        """Say whether a condition holds now; None where the history alone does not tell."""
        if condition is None:
            return None
        assert self._now is not None
        at, settings = self._now.occurred_at, self._graph.process.settings
        known: dict[str, Callable[..., object]] = {
            "setting": lambda key: settings[str(key)].typed,
            "now": lambda: instant_text(at),
            "today": lambda: beijing_day(at).isoformat(),
        }
        try:
            compiled = compile_expression(condition)
            return bool(compiled.evaluate(self._variables, {**PURE_FUNCTIONS, **known}))
        except (ExpressionRefused, KeyError, TypeError, ValueError, ArithmeticError):
            return None

    # Tokens

    def _flush(self) -> None:
        """Let the tokens of tasks that were handed in leave, where nobody else has still to decide."""
        held = set(self._held.values())
        for token in list(self._marking.tokens.values()):
            if token.done and not token.taken and token.number not in held:
                round_ = self._rounds.get(token.base)
                if round_ is None or not round_.open:
                    self._marking.leave(token)
        for scope in sorted(self._marking.left):
            self._end_ad_hoc(scope)
        self._marking.advance()

    def _end_ad_hoc(self, scope: int) -> None:
        """An activity has left an ad-hoc sub-process: its condition may take the others away."""
        held = self._marking.scopes.get(scope)
        node = self._graph.nodes.get(held.element_id) if held is not None else None
        enough = self._true(node.condition) if node is not None else False
        taken = any(t.taken for t in self._marking.tokens.values() if t.scope == scope)
        if enough or (enough is None and taken):
            self._marking.clear(scope)
            self._marking.close(scope)

    def _bring(self, element_id: str, fits: Callable[[Token], bool]) -> Token:
        """Return a token at an element, brought there by the shortest way, or else put there and counted."""
        self._flush()

        def goal(marking: Marking) -> Token | None:
            return next((token for token in marking.at(element_id) if fits(token)), None)

        found = self._way(element_id, goal)
        return found if found is not None else self._conjure(element_id)

    def _way(self, element_id: str, goal: Callable[[Marking], Token | None]) -> Token | None:
        if (there := goal(self._marking)) is not None:
            return there
        after = way_to(self._marking, element_id, goal, self._holds, self._elements)
        if after is None:
            return None
        self._marking = after
        return goal(after)

    def _conjure(self, element_id: str, deviates: bool = True) -> Token:
        """Put a token where none can come to."""
        node = self._graph.nodes.get(element_id)
        scope = self._scope(node.scope if node is not None else None)
        if deviates:
            self._deviates("no_way", element_id, lacks=[element_id])
        return self._marking.put(element_id, scope)

    def _scope(self, element_id: str | None) -> int:
        running = self._marking.running(element_id or "")
        if running is not None:
            return running
        node = self._graph.nodes.get(element_id or "")
        return self._marking.open(element_id or "", self._scope(node.scope if node is not None else None))

    def _await(self, element_id: str) -> Token:
        """Return a token that has come to an element and waits there; before an event-based gateway's events, at it."""
        gates = self._gates(element_id)

        def goal(marking: Marking) -> Token | None:
            here = (t for t in marking.at(element_id) if t.free)
            before = (t for gate in gates for t in marking.at(gate) if t.free)
            return next(here, None) or next(before, None)

        self._flush()
        found = self._way(element_id, goal)
        return found if found is not None else self._conjure(element_id)

    def _gates(self, element_id: str) -> list[str]:
        into = self._graph.into.get(element_id, ())
        return [f.source for f in into if self._graph.nodes[f.source].type == "eventBasedGateway"]

    def _reach(self, element_id: str) -> Token:
        """Return a token at an element that does its work now."""
        token = self._await(element_id)
        if token.node != element_id:
            flows = [f for f in self._graph.out[token.node] if f.target == element_id]
            self._marking.leave(token, flows[:1])
            token = next(t for t in self._marking.at(element_id) if t.free)
        return token

    def _host(self, node: Node) -> tuple[Token | None, int | None]:
        """Return where the activity of a boundary event runs: its token, or its scope."""
        host = node.attached_to or ""
        if self._graph.is_scope(host):
            return None, self._marking.running(host)
        standing = [t for t in self._marking.at(host) if not t.caught]
        return min(standing, key=lambda t: (not t.taken, t.done), default=None), None

    def _boundary(self, node: Node) -> Token:
        """Let a boundary event go off; return the token at it."""
        already = next((t for t in self._marking.at(node.id)), None)
        if already is not None:
            return already
        token, scope = self._host(node)
        if token is None and scope is None:
            host = node.attached_to or ""
            self._bring(host, lambda t: True)
            self._marking.advance()
            token, scope = self._host(node)
        where = 0
        if token is not None:
            where = token.scope
            if node.interrupting:
                self._marking.take(token, "cancelled")
        elif scope is not None:
            held = self._marking.scopes[scope]
            where = held.parent
            if node.interrupting:
                self._marking.clear(scope, "cancelled")
                del self._marking.scopes[scope]
                self._marking.moves.append(Move("out", held.stay, held.element_id, "cancelled"))
        return self._marking.put(node.id, where)

    def _start(self, node: Node) -> Token:
        """Begin at a start event: the case, an event sub-process, or a sub-process whose token waits there."""
        scope = self._graph.nodes.get(node.scope or "")
        if scope is None:
            waiting = next((t for t in self._marking.at(node.id)), None)
            if self._begun and waiting is None:
                return self._conjure(node.id)
            self._begun = True
            return waiting or self._marking.put(node.id, 0)
        if not scope.event_scope:
            return self._reach(node.id)
        waiting = next((t for t in self._marking.at(node.id)), None)
        if waiting is not None:
            return waiting
        if scope.scope is None and not self._begun:
            return self._conjure(node.id)
        parent = self._scope(scope.scope)
        if node.interrupting:
            self._marking.clear(parent, "cancelled", beside=parent == 0)
        return self._marking.put(node.id, self._marking.open(scope.id, parent))

    def _end(self, node: Node, token: Token) -> None:
        """A token has come to an end event."""
        if node.event == "terminate":
            scope = self._marking.scopes.get(token.scope)
            self._marking.take(token)
            self._marking.clear(token.scope)
            if scope is not None:
                self._marking.close(token.scope)
            return
        thrown = self._graph.thrown(node)
        if node.event == "error" or (thrown.caught and thrown.interrupts):
            token.caught = True
            return
        self._marking.leave(token)

    def _of_task(self, key: int) -> Token | None:
        base = self._base.get(key)
        if base is None:
            return None
        return next((t for t in self._marking.tokens.values() if t.base == base), None)

    def _empty(self, kind: str, element_id: str = "") -> None:
        """The case is over before its tokens have come to an end."""
        self._flush()
        left = [t.node for t in self._marking.clear() if not t.caught and not t.given]
        self._held.clear()
        if left or kind != "no_way":
            self._deviates(kind, element_id or (left[0] if left else ""), left=left)

    # Events

    @singledispatchmethod
    def _on(self, event: e.Event) -> None:
        """Most events move no token."""

    @_on.register
    def _(self, event: e.InstanceStarted) -> None:
        self._goes_under(event.definition_key, {})

    @_on.register
    def _(self, event: e.InstanceRebound) -> None:
        self._goes_under(event.definition_key, {})

    @_on.register
    def _(self, event: e.InstanceMigrated) -> None:
        self._flush()
        self._deviates("migration", "")
        self._goes_under(event.definition_key, event.names if self._against is None else {})

    def _goes_under(self, key: int, names: dict[str, str]) -> None:
        if self._against is not None:
            return
        self._definition_key = key
        before, graph = self._graph, graph_of(self._definition(key).process)
        self._marking.graph, self._marking.stirred = graph, True
        for number, scope in list(self._marking.scopes.items()):
            self._marking.scopes[number] = type(scope)(
                names.get(scope.element_id, scope.element_id), scope.parent, scope.stay
            )
        for token in list(self._marking.tokens.values()):
            token.node = names.get(token.node, token.node)
            token.via = _moved_flow(token.via, before, graph, names)
            if names and token.node not in graph.nodes:
                self._marking.take(token, "migrated")
                self._deviates("migration", token.node, left=[token.node])

    @_on.register
    def _(self, event: e.VariablesSet) -> None:
        self._variables.update(event.values)

    @_on.register
    def _(self, event: e.ElementReached) -> None:
        node = self._graph.nodes.get(event.element_id)
        if node is None:
            self._deviates("no_way", event.element_id, lacks=[event.element_id])
            return
        if node.type in PEOPLE:
            self._at_task(node, event.skipped)
        elif node.type in GATEWAYS:
            self._skip_gateway(node)
        elif not self._graph.is_scope(node.id) and not node.event_scope:
            self._work(node)

    def _at_task(self, node: Node, skipped: bool) -> None:
        if not skipped:
            self._bring(node.id, lambda t: t.free)
            return
        held = set(self._held.values())
        over = next((t for t in self._marking.at(node.id) if t.number in held), None)
        token = over or self._bring(node.id, lambda t: t.free)
        self._marking.leave(token, how="skipped")

    def _skip_gateway(self, node: Node) -> None:
        token = self._bring(node.id, lambda t: not t.given)
        flows = self._flows.pop(node.id, ())
        chosen = [f for f in self._graph.out[node.id] if f.id in flows]
        if self._marking.waits_to_join(token):
            for other in self._marking.arrived(token).values():
                if other is not token:
                    self._marking.take(other)
        if chosen or node.type == "parallelGateway":
            self._marking.leave(token, chosen or None, how="skipped")

    def _work(self, node: Node) -> None:
        if node.type == "boundaryEvent":
            self._flush()
            token = self._boundary(node)
        elif node.type == "startEvent":
            self._flush()
            token = self._start(node)
        else:
            token = self._reach(node.id)
        if node.type == "endEvent":
            self._end(node, token)
        else:
            self._marking.leave(token)

    @_on.register
    def _(self, event: e.UserTaskOpened) -> None:
        base = event.token.partition("#")[0]
        self._base[event.user_task_key] = base
        round_ = self._rounds.setdefault(base, _Round(event.element_id))
        round_.open.add(event.user_task_key)
        token = next((t for t in self._marking.tokens.values() if t.base == base), None)
        if token is not None:
            token.done = False
            return
        if event.element_id not in self._graph.nodes:
            self._deviates("no_way", event.element_id, lacks=[event.element_id])
            return
        token = self._bring(event.element_id, lambda t: t.free)
        token.base = base
        self._note()
        self._visits.told(token.number, event.organisation_key, event.lane)

    @_on.register
    def _(self, event: e.UserTaskMoved) -> None:
        token = self._of_task(event.user_task_key)
        if token is not None:
            self._visits.told(token.number, event.organisation_key)

    @_on.register
    def _(self, event: e.UserTaskChanged) -> None:
        token = self._of_task(event.user_task_key)
        if token is not None:
            self._visits.told(token.number, event.organisation_key, event.lane)

    @_on.register
    def _(self, event: e.UserTaskCompleted) -> None:
        self._flush()
        rounds = {base: _Round(r.element_id, set(r.open)) for base, r in self._rounds.items() if r.open}
        self._before[event.user_task_key] = self._marking.copy(), rounds
        base = self._base.get(event.user_task_key, "")
        if base in self._rounds:
            self._rounds[base].open.discard(event.user_task_key)
        token = self._of_task(event.user_task_key)
        if token is None:
            if event.element_id not in self._graph.nodes or base:
                return
            token = self._bring(event.element_id, lambda t: t.free)
            token.base = f"{event.user_task_key}"
        token.done = True
        assert self._now is not None
        self._note()
        self._visits.handed_in(token.number, self._now)

    @_on.register
    def _(self, event: e.UserTaskCancelled) -> None:
        base = self._base.get(event.user_task_key, "")
        round_ = self._rounds.get(base)
        if round_ is not None:
            round_.open.discard(event.user_task_key)
        token = self._of_task(event.user_task_key)
        if token is not None and not token.done and round_ is not None and not round_.open:
            token.taken = True

    @_on.register
    def _(self, event: e.TimerArmed) -> None:
        self._waits(event.element_id)

    @_on.register
    def _(self, event: e.SubscriptionOpened) -> None:
        self._waits(event.element_id)

    def _waits(self, element_id: str) -> None:
        """An event waits: its token has come to it."""
        node = self._graph.nodes.get(element_id)
        if node is not None and node.type not in _BESIDE:
            self._await(element_id)

    @_on.register
    def _(self, event: e.TaskReturned) -> None:
        self._move("return", event.user_task_key, event.element_id, event.target)

    @_on.register
    def _(self, event: e.TaskJumped) -> None:
        self._move("jump", event.user_task_key, event.element_id, event.target)

    def _move(self, kind: str, key: int, element_id: str, target: str) -> None:
        token = self._of_task(key)
        left = [element_id] if token is not None else []
        scope = token.scope if token is not None else 0
        if token is not None:
            self._marking.take(token, f"{kind}ed" if kind == "return" else "jumped")
        if target in self._graph.nodes:
            self._marking.put(
                target, scope if token is not None else self._scope(self._graph.nodes[target].scope)
            )
        self._deviates(kind, element_id, lacks=[target], left=left)

    @_on.register
    def _(self, event: e.TaskRecalled) -> None:
        kept = self._before.pop(event.user_task_key, None)
        if kept is None:
            self._deviates("recall", event.element_id, lacks=[event.element_id])
            return
        assert self._now is not None
        self._flush()
        now = self._marking
        self._note()
        marking, rounds = kept
        self._rounds.update(rounds)
        before = set(marking.tokens) | set(marking.scopes)
        for token in now.tokens.values():
            if token.number not in before:
                self._visits.end(token.number, "recalled", self._now)
        for number in now.scopes:
            if number not in before:
                self._visits.end(number, "recalled", self._now)
        back = [t.node for n, t in marking.tokens.items() if n not in now.tokens]
        gone = [t.node for n, t in now.tokens.items() if n not in marking.tokens]
        for number in sorted(before - (set(now.tokens) | set(now.scopes))):
            self._visits.again(number, self._now)
        marking.next, marking.graph = now.next, now.graph
        marking.produced, marking.consumed = now.produced + len(back), now.consumed + len(gone)
        marking.moves = []
        self._marking = marking
        self._deviates("recall", event.element_id, lacks=back, left=gone)

    @_on.register
    def _(self, event: e.IncidentRaised) -> None:
        node = self._graph.nodes.get(event.element_id)
        if node is None or not event.token or self._graph.is_scope(node.id) or node.event_scope:
            return
        if event.step == "completion":
            base = event.token.partition("#")[0]
            token = next((t for t in self._marking.tokens.values() if t.base == base), None)
        elif node.type in _BESIDE:
            if event.step != "work":
                return
            self._flush()
            token = self._boundary(node) if node.type == "boundaryEvent" else self._start(node)
        else:
            token = self._await(node.id)
        if token is not None:
            self._held[event.incident_key] = token.number
            self._stuck[event.incident_key] = node.id

    @_on.register
    def _(self, event: e.IncidentTriedAgain) -> None:
        element_id = self._stuck.get(event.incident_key)
        # A loop without end is held at another token each time, wherever the one before has gone.
        if element_id in self._graph.nodes and self._held.get(event.incident_key) not in self._marking.tokens:
            self._held[event.incident_key] = self._await(element_id).number

    @_on.register
    def _(self, event: e.IncidentEnded) -> None:
        self._held.pop(event.incident_key, None)

    @_on.register
    def _(self, event: e.IncidentSkipped) -> None:
        self._deviates("skip", event.element_id)
        self._flows[event.element_id] = tuple(event.flows)

    @_on.register
    def _(self, event: e.ErrorUncaught) -> None:
        self._flush()
        self._marking.clear()

    @_on.register
    def _(self, event: e.MessageReceived) -> None:
        if not event.element_id:
            self._empty("voided")

    @_on.register
    def _(self, event: e.InstanceVoided) -> None:
        self._empty("voided")

    @_on.register
    def _(self, event: e.CaseAnnulled) -> None:
        self._empty("voided")

    @_on.register
    def _(self, event: e.InstanceEnded) -> None:
        self._empty("no_way")


def _moved_flow(via: str, before: Graph, after: Graph, names: dict[str, str]) -> str:
    """Return the flow of another version by which a token would have come."""
    if not via or via in after.flows or via not in before.flows:
        return via
    source, target = (names.get(end, end) for end in (before.flows[via].source, before.flows[via].target))
    return next((f.id for f in after.into[target] if f.source == source), via)


_NOTHING: tuple[Any, ...] = ("", "", "", "", "", {}, {}, {}, {}, {}, {}, b"<definitions/>")
