"""What a what-if finds: the limits and the path of a case as it was, and as it would have been under the draft."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine import events as e
from engine.deadlines import State
from engine.definitions import Definition
from engine.storage.tables import deadline

SMALL = 3
"""Counts below it are not told to designers: with the diagram at hand they might point at a case (C.6)."""
_OUTCOMES = {
    State.MET: "met",
    State.MET_LATE: "late",
    State.EXPIRED: "lapsed",
    State.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class Outcome:
    """What became of a limit.

    Attributes:
        state: met, late, lapsed (it moved the case on), cancelled, open (the replay ended before), or none.
    """

    state: str
    due_on: date | None = None


NONE = Outcome("none")


@dataclass(frozen=True)
class LimitPair:
    """A limit of a case under its own version and under the draft."""

    element: str
    name: str
    own: Outcome
    draft: Outcome

    @property
    def changed(self) -> bool:
        """Whether it would have come out otherwise."""
        return self.own.state != self.draft.state


@dataclass(frozen=True)
class Divergence:
    """Where the draft first did not take what was done.

    Attributes:
        kind: start, not_open, form, refused, incident or by_hand.
        element: Where.
        why: In the words of the refusal: case data, for those who may see the case.
    """

    kind: str
    element: str
    why: str = ""


@dataclass(frozen=True)
class CaseOutcome:
    """What would have become of one case.

    Attributes:
        ended_on: The Beijing day on which it ended in fact.
        differs_at: The first element of the draft's path that is another than in fact, empty if none is.
        skipped, added: Elements that only the real case, or only the draft, went through.
    """

    key: int
    ended_on: date
    limits: tuple[LimitPair, ...]
    divergence: Divergence | None
    differs_at: str
    skipped: tuple[str, ...]
    added: tuple[str, ...]
    own_result: str | None
    draft_result: str | None


@dataclass(frozen=True)
class Counts:
    """How many, and nothing of any case.

    Attributes:
        moved: By limit (element, name) and (own, draft) outcome.
        diverged: By kind and element.
        elsewhere: Cases whose tokens went elsewhere.
    """

    cases: int
    moved: Mapping[tuple[str, str], Mapping[tuple[str, str], int]]
    diverged: Mapping[tuple[str, str], int]
    elsewhere: int


def counted(results: Sequence[CaseOutcome]) -> Counts:
    """Return how many, and nothing of any case."""
    moved: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for one in results:
        for limit in one.limits:
            pair = (limit.own.state, limit.draft.state)
            moved.setdefault((limit.element, limit.name), Counter())[pair] += 1
    diverged = Counter((r.divergence.kind, r.divergence.element) for r in results if r.divergence)
    elsewhere = sum(1 for r in results if r.differs_at)
    return Counts(len(results), moved, diverged, elsewhere)


def countable(results: Sequence[CaseOutcome]) -> list[CaseOutcome]:
    """Return the cases of which designers are told numbers: each has every trait in common with two others at least.

    The others are left out whole, so no total holds them and nothing that is told can be taken from another number to
    find them: one more or one less that is like them leaves the same cases. Each quarter is looked at by itself, so
    the numbers of a period are the sum of those of its quarters, and the difference of two periods is no news.
    """
    limits = dict.fromkeys((limit.element, limit.name) for one in results for limit in one.limits)
    left = [(one, _traits(one, limits)) for one in results]
    while True:
        shared = Counter(trait for _, traits in left for trait in traits)
        enough = [(one, traits) for one, traits in left if all(shared[t] >= SMALL for t in traits)]
        if len(enough) == len(left):
            return [one for one, _ in left]
        left = enough


def _traits(one: CaseOutcome, limits: Iterable[tuple[str, str]]) -> list[Hashable]:
    """Return all that is counted of a case; that it has none of a limit, or goes no other way, is counted as well."""
    came = {
        limit: tuple(sorted((x.own.state, x.draft.state) for x in one.limits if (x.element, x.name) == limit))
        for limit in limits
    }
    stopped = one.divergence and (one.divergence.kind, one.divergence.element)
    quarter = first_of_quarter(one.ended_on)
    return [
        (quarter, *x) for x in (*came.items(), ("diverged", stopped), ("elsewhere", bool(one.differs_at)))
    ]


def first_of_quarter(day: date) -> date:
    """Return the first day of a day's calendar quarter."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def whole_quarters(since: date, until: date) -> tuple[date, date]:
    """Return a period widened to the first and the last day of the quarters it touches."""
    last = first_of_quarter(until)
    return first_of_quarter(since), last.replace(
        month=last.month + 2, day=31 if last.month in (1, 10) else 30
    )


def limits_of(conn: Connection, key: int) -> Iterator[tuple[str, str, Outcome]]:
    """Yield element, name and outcome of each limit of a case, in the order in which they were set."""
    rows = conn.execute(select(deadline).where(deadline.c.instance_key == key).order_by(deadline.c.key))
    for row in rows:
        yield row.element_id, row.name, Outcome(_OUTCOMES.get(State(row.state), "open"), row.due_on)


def path_of(events: Sequence[Any], definition: Definition) -> tuple[str, ...]:
    """Return the elements that a case went through, tasks where they were handed in."""
    found = []
    for happened in events:
        if isinstance(happened, e.UserTaskCompleted):
            found.append(happened.element_id)
        elif isinstance(happened, e.ElementReached) and not happened.skipped:
            node = definition.process.nodes.get(happened.element_id)
            if node is None or node.type not in ("userTask", "manualTask"):
                found.append(happened.element_id)
    return tuple(found)


def first_difference(own: Sequence[str], draft: Sequence[str]) -> str:
    """Return the first element at which two paths part; empty where they are the same."""
    for one, other in zip(own, draft, strict=False):
        if one != other:
            return other
    if len(own) == len(draft):
        return ""
    return draft[len(own)] if len(draft) > len(own) else own[len(draft)]


def paired(
    own: Sequence[tuple[str, str, Outcome]], draft: Sequence[tuple[str, str, Outcome]]
) -> Iterator[LimitPair]:
    """Pair the limits of one timer in the order they were set."""
    left = list(draft)
    for element, name, outcome in own:
        match = next((x for x in left if x[0] == element), None)
        if match is not None:
            left.remove(match)
        yield LimitPair(element, name, outcome, match[2] if match else NONE)
    for element, name, outcome in left:
        yield LimitPair(element, name, NONE, outcome)
