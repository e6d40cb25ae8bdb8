"""The shortest way from where tokens stand to an element at which the history shows one."""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count

from engine.mining.graph import GATEWAYS
from engine.mining.marking import Holds, Marking, Token

_MOST_TRIED = 400
_AGAINST, _UNKNOWN, _EARLY, _UNTOLD = 50, 2, 5, 10

Goal = Callable[[Marking], Token | None]


def settle(marking: Marking, holds: Holds, held: frozenset[int]) -> None:
    """Let every token go on whose way conditions tell, until all wait.

    Args:
        held: Numbers of tokens that an incident holds.
    """
    for token in list(marking.tokens.values()):
        if token.given:
            marking.take(token)
            marking.close(token.scope)
    marking.advance()
    for _ in range(_MOST_TRIED):
        if not any([_decide(marking, token, holds, held) for token in list(marking.tokens.values())]):
            return
        marking.advance()


def _decide(marking: Marking, token: Token, holds: Holds, held: frozenset[int]) -> bool:
    if token.number in held or token.number not in marking.tokens or not marking.undecided(token):
        return False
    if marking.waits_to_join(token):
        if not marking.may_join(token):
            return False
        marking.join(token)
        return True
    flows = marking.chosen(token, holds)
    if flows is None:
        return False
    marking.leave(token, flows)
    return True


def way_to(
    marking: Marking, element_id: str, goal: Goal, holds: Holds, told: frozenset[str] = frozenset()
) -> Marking | None:
    """Return the marking after the shortest way to one that fits; None where there is no way.

    A gateway's way whose condition holds is shorter than one whose condition cannot be told, and that one is
    shorter than one whose condition does not hold. A way that also brings tokens to where the history knows
    of none is longer.

    Args:
        told: Elements of which the history tells in the same command.
    """
    order = count()
    todo = [(0, next(order), marking)]
    seen = {marking.key()}
    for _ in range(_MOST_TRIED):
        if not todo:
            return None
        cost, _, at = heappop(todo)
        if goal(at) is not None:
            return at
        for more, after in _moves(at, element_id, holds):
            after.advance()
            if (key := after.key()) not in seen:
                seen.add(key)
                more += _UNTOLD * sum(
                    _untold(after, t, told) for n, t in after.tokens.items() if n not in at.tokens
                )
                heappush(todo, (cost + more, next(order), after))
    return None


def _untold(marking: Marking, token: Token, told: frozenset[str]) -> bool:
    node = marking.graph.nodes.get(token.node)
    return (
        node is not None
        and token.node not in told
        and node.type not in GATEWAYS
        and node.event != "conditional"
    )


def _moves(marking: Marking, element_id: str, holds: Holds) -> Iterator[tuple[int, Marking]]:
    """Yield what may come next on the way, and how much it costs."""
    for token in list(marking.tokens.values()):
        if not marking.undecided(token) or element_id not in marking.graph.ahead(token.node):
            continue
        if marking.waits_to_join(token):
            after = marking.copy()
            after.join(after.tokens[token.number])
            yield (1 if marking.may_join(token) else _EARLY), after
            continue
        yield from _choices(marking, token, element_id, holds)


def _choices(marking: Marking, token: Token, element_id: str, holds: Holds) -> Iterator[tuple[int, Marking]]:
    graph = marking.graph
    told = None if token.given else marking.chosen(token, holds)
    if told is not None:
        after = marking.copy()
        after.leave(after.tokens[token.number], told)
        yield 1, after
    for flow in graph.out[token.node]:
        if told == [flow] or flow.id in token.given:
            continue
        if element_id not in graph.ahead(flow.target) and told is None and len(marking.tokens) < 2:
            continue
        after = marking.copy()
        there = after.tokens[token.number]
        if graph.nodes[token.node].type == "inclusiveGateway" and told is None:
            after.give(there, flow)
        else:
            after.leave(there, [flow])
        yield (_UNKNOWN if told is None else _AGAINST), after
