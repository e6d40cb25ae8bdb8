"""The board on which a case is played: its tokens, the ways they go, and what no way explains."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.clock import instant_text
from engine.definitions import Definition
from engine.expressions import PURE_FUNCTIONS, ExpressionRefused, compile_expression
from engine.history.chain import Recorded
from engine.mining.graph import Graph, graph_of
from engine.mining.marking import Marking, Move, Token
from engine.mining.records import Deviation, Playback, Step
from engine.mining.visits import Visits
from engine.mining.ways import settle, way_to
from engine.model import Node, Process
from engine.periods import beijing_day
from engine.workbench.coverage import Flow


@dataclass
class Round:
    """An open user task, or the tasks of several people who decide one.

    Attributes:
        open: Keys of those that are not over.
    """

    element_id: str
    open: set[int] = field(default_factory=set)


class Board:
    """Where the tokens of a case stand while its events go by, and what did not fit.

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
        self._rounds: dict[str, Round] = {}
        self._base: dict[int, str] = {}
        self._before: dict[int, tuple[Marking, dict[str, Round]]] = {}
        self._held: dict[int, int] = {}
        self._stuck: dict[int, str] = {}
        self._flows: dict[str, tuple[str, ...]] = {}
        self._steps: list[Step] = []
        self._begun = False
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


_NOTHING: tuple[Any, ...] = ("", "", "", "", "", {}, {}, {}, {}, {}, {}, b"<definitions/>")
