"""Where the tokens of a case stand, and how they move through what leaves no trace in the history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from engine.mining.graph import PEOPLE, Graph
from engine.workbench.coverage import Flow

Holds = Callable[[Flow], bool | None]
"""Whether the condition of a flow holds; None where that cannot be told."""
_MOST_PASSES = 500


@dataclass
class Token:
    """One token.

    Attributes:
        number: Of its stay here; no other stay in the case has it.
        scope: Number of the running scope it stands in.
        via: The flow it came by, of joins.
        base: What the history calls the token of a user task; empty until the task is opened.
        done: The task was handed in; the token leaves with whatever happens next.
        taken: The task was taken away; what did so is told next.
        caught: An event was thrown here that interrupts the scope around it; the token goes no further.
        joined: The inclusive join at which it stands has taken its tokens.
        given: Flows of an inclusive gateway by which tokens have left already, while it is not known whether all.
    """

    number: int
    node: str
    scope: int
    via: str = ""
    base: str = ""
    done: bool = False
    taken: bool = False
    caught: bool = False
    joined: bool = False
    given: frozenset[str] = frozenset()

    @property
    def free(self) -> bool:
        """Whether it is there for whatever the history tells next of its element."""
        return not (self.base or self.done or self.taken or self.caught or self.given)


@dataclass(frozen=True)
class Scope:
    """A running sub-process: its element, the scope it runs in, and the number of its own stay."""

    element_id: str
    parent: int
    stay: int


@dataclass(frozen=True)
class Move:
    """One thing that happened to a token: `in` and `out` of a stay, or a `flow` taken."""

    what: str
    number: int
    element_id: str
    how: str = ""


class Marking:
    """The tokens of a case on one version.

    Attributes:
        scopes: Running sub-processes by number; 0 is the process itself and not among them.
        moves: What happened since `moves` was emptied last.
        produced, consumed: Tokens so far.
        stirred: Whether a token was put somewhere since all had come to where they wait.
        left: Ad-hoc sub-processes that an activity has left and whose condition was not asked since.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tokens: dict[int, Token] = {}
        self.scopes: dict[int, Scope] = {}
        self.next = 1
        self.moves: list[Move] = []
        self.produced = self.consumed = 0
        self.stirred = False
        self.left: set[int] = set()

    def copy(self) -> "Marking":
        """Return the same marking; what happens to one does not happen to the other."""
        other = Marking(self.graph)
        other.tokens = {number: replace(token) for number, token in self.tokens.items()}
        other.scopes = dict(self.scopes)
        other.next = self.next
        other.moves = list(self.moves)
        other.produced, other.consumed = self.produced, self.consumed
        other.stirred, other.left = self.stirred, set(self.left)
        return other

    def key(self) -> tuple[tuple[object, ...], ...]:
        """Return what two markings have in common that are the same."""
        return tuple(
            sorted((t.node, t.scope, t.via, t.joined, tuple(sorted(t.given))) for t in self.tokens.values())
        )

    def at(self, element_id: str) -> Iterator[Token]:
        """Yield the tokens at an element, the oldest first."""
        return (token for token in list(self.tokens.values()) if token.node == element_id)

    @property
    def standing(self) -> tuple[str, ...]:
        """The elements where tokens stand."""
        return tuple(t.node for t in self.tokens.values() if not t.taken and not t.given)

    # Putting and taking

    def put(self, element_id: str, scope: int, via: str = "") -> Token:
        """Put a token at an element."""
        token = Token(self._number(), element_id, scope, via)
        self.tokens[token.number] = token
        self.produced += 1
        self.stirred = True
        self.moves.append(Move("in", token.number, element_id))
        return token

    def take(self, token: Token, how: str = "completed") -> None:
        """Take a token away."""
        if self.tokens.pop(token.number, None) is not None:
            self.consumed += 1
            self.moves.append(Move("out", token.number, token.node, how))

    def leave(self, token: Token, flows: list[Flow] | None = None, how: str = "completed") -> None:
        """Let a token go along flows, all that leave its element if none are named."""
        self.take(token, how)
        if self.is_ad_hoc(token.scope):
            self.left.add(token.scope)
        self.spread(token, self.graph.out[token.node] if flows is None else flows)
        self.close(token.scope)

    def spread(self, token: Token, flows: list[Flow]) -> None:
        """Put a token at the end of each flow."""
        for flow in flows:
            if flow.id:
                self.moves.append(Move("flow", token.number, flow.id))
            self.put(flow.target, token.scope, flow.id)

    def open(self, element_id: str, parent: int) -> int:
        """Begin a sub-process; return the number of its scope."""
        number = self._number()
        self.scopes[number] = Scope(element_id, parent, number)
        self.moves.append(Move("in", number, element_id))
        return number

    def close(self, scope: int) -> None:
        """End a scope that holds nothing any more, and let the token of its sub-process go on."""
        held = self._emptied(scope, "completed")
        if held is None:
            return
        node = self.graph.nodes.get(held.element_id)
        if node is not None and not node.event_scope:
            self.spread(Token(held.stay, held.element_id, held.parent), self.graph.out[held.element_id])
        self.close(held.parent)

    def drop(self, scope: int) -> None:
        """End a scope that holds nothing any more, without letting anything go on."""
        held = self._emptied(scope, "cancelled")
        if held is not None:
            self.drop(held.parent)

    def _emptied(self, scope: int, how: str) -> Scope | None:
        held = self.scopes.get(scope)
        if held is None or any(t.scope == scope for t in self.tokens.values()):
            return None
        if any(s.parent == scope for s in self.scopes.values()):
            return None
        del self.scopes[scope]
        self.moves.append(Move("out", held.stay, held.element_id, how))
        return held

    def is_ad_hoc(self, scope: int) -> bool:
        """Say whether a scope is an ad-hoc sub-process."""
        held = self.scopes.get(scope)
        node = self.graph.nodes.get(held.element_id) if held is not None else None
        return node is not None and node.type == "adHocSubProcess"

    def clear(self, scope: int = 0, how: str = "cancelled", beside: bool = True) -> list[Token]:
        """Take away every token of a scope and what runs inside it, the scope itself stays; return them.

        Args:
            beside: Also those of its event sub-processes.
        """
        gone = []
        for number, inner in list(self.scopes.items()):
            node = self.graph.nodes.get(inner.element_id)
            if (
                inner.parent == scope
                and number in self.scopes
                and (beside or not (node and node.event_scope))
            ):
                gone += self.clear(number, how)
                self.scopes.pop(number, None)
                self.moves.append(Move("out", inner.stay, inner.element_id, how))
        for token in [t for t in self.tokens.values() if t.scope == scope]:
            gone.append(token)
            self.take(token, how)
        return gone

    def running(self, element_id: str) -> int | None:
        """Return the oldest scope of a sub-process that runs; 0 for the process itself."""
        if not element_id:
            return 0
        return next((number for number, s in self.scopes.items() if s.element_id == element_id), None)

    def _number(self) -> int:
        self.next += 1
        return self.next - 1

    # Passing what leaves no trace

    def advance(self) -> None:
        """Let tokens pass what decides nothing: merges, parallel gateways, the borders of sub-processes."""
        if not self.stirred:
            return
        self.stirred = False
        for _ in range(_MOST_PASSES):
            if not any([self._pass(token) for token in list(self.tokens.values())]):
                return

    def _pass(self, token: Token) -> bool:
        if token.number not in self.tokens or token.taken or token.caught or token.given:
            return False
        node = self.graph.nodes.get(token.node)
        if node is None:
            return False
        if self.graph.is_scope(token.node):
            self._enter(token)
            return True
        out, into = self.graph.out[token.node], self.graph.into[token.node]
        if node.type == "parallelGateway":
            return self._join(token, into)
        if node.type == "exclusiveGateway" or (node.type == "inclusiveGateway" and len(into) < 2):
            if len(out) > 1 or any(flow.id in self.graph.process.conditions for flow in out):
                return False
            self.leave(token)
            return True
        return False

    def _enter(self, token: Token) -> None:
        """The token of a sub-process stands for it until what it holds is over."""
        del self.tokens[token.number]
        self.consumed += 1
        self.scopes[token.number] = Scope(token.node, token.scope, token.number)
        for start in self.graph.within(token.node):
            self.put(start, token.number)
        self.close(token.number)

    def _join(self, token: Token, into: list[Flow]) -> bool:
        arrived = self.arrived(token)
        if not {flow.id for flow in into} <= arrived.keys() and token.via:
            return False
        for other in arrived.values():
            if other is not token:
                self.take(other)
        self.leave(token)
        return True

    def arrived(self, token: Token) -> dict[str, Token]:
        """Return one token for each flow by which some have come to the token's join."""
        found: dict[str, Token] = {}
        for other in self.at(token.node):
            if other.scope == token.scope and not other.joined and not other.given:
                found.setdefault(other.via, other)
        if not token.joined:
            found[token.via] = token
        return found

    # Deciding

    def undecided(self, token: Token) -> bool:
        """Say whether the token stands where somebody has to say by which flows it goes on."""
        node = self.graph.nodes.get(token.node)
        return node is not None and node.type in ("exclusiveGateway", "inclusiveGateway") and not token.taken

    def waits_to_join(self, token: Token) -> bool:
        """Say whether the token waits at an inclusive join for others."""
        node = self.graph.nodes[token.node]
        several = len(self.graph.into[token.node]) > 1
        return node.type == "inclusiveGateway" and several and not token.joined and not token.given

    def may_join(self, token: Token) -> bool:
        """Say whether no other token can reach an empty flow of an inclusive join (BPMN 2.0, 13.4.3)."""
        arrived = self.arrived(token).keys()
        empty = {flow.id for flow in self.graph.into[token.node]} - arrived
        places = [t.node for t in self.tokens.values() if t.scope == token.scope and not t.taken]
        places += [s.element_id for s in self.scopes.values() if s.parent == token.scope]
        for place in places:
            if place != token.node:
                ways = self.graph.ways_into(token.node, place)
                if ways & empty and not ways & arrived:
                    return False
        return True

    def join(self, token: Token) -> None:
        """Let an inclusive join take the tokens that are there."""
        for other in self.arrived(token).values():
            if other is not token:
                self.take(other)
        token.joined = True
        if len(self.graph.out[token.node]) < 2:
            self.leave(token)

    def chosen(self, token: Token, holds: Holds) -> list[Flow] | None:
        """Return the flows that conditions choose at a gateway; None where they do not tell."""
        out = self.graph.out[token.node]
        conditions = self.graph.process.conditions
        found = []
        first_only = self.graph.nodes[token.node].type == "exclusiveGateway"
        for flow in out:
            if flow.id not in conditions or flow.default:
                continue
            held = holds(flow)
            if held is None:
                return None
            if held:
                found.append(flow)
                if first_only:
                    return found
        otherwise = [flow for flow in out if flow.default or flow.id not in conditions]
        found = found or (otherwise[:1] if first_only else otherwise)
        return found or None

    def give(self, token: Token, flow: Flow) -> None:
        """Let one of several tokens leave an inclusive gateway of which it is not known how many there are."""
        self.spread(token, [flow])
        token.given |= {flow.id}

    def is_persons(self, token: Token) -> bool:
        """Say whether the token stands at a task of people."""
        node = self.graph.nodes.get(token.node)
        return node is not None and node.type in PEOPLE
