"""The stays of a case's tokens at its elements, kept while it is played."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from engine.history.chain import Recorded
from engine.mining.marking import Move
from engine.mining.records import Visit
from engine.model import Node


class Visits:
    """All stays so far, by the number that the marking gives them."""

    def __init__(self) -> None:
        self._all: list[Visit] = []
        self._open: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._count: Counter[str] = Counter()
        self._handed: dict[int, Recorded] = {}

    @property
    def all(self) -> tuple[Visit, ...]:
        """Every stay, in the order in which they began."""
        return tuple(self._all)

    def note(self, moves: list[Move], recorded: Recorded, nodes: Mapping[str, Node]) -> None:
        """Keep what tokens did at an event."""
        for move in moves:
            if move.what == "in":
                self.begin(move.number, nodes.get(move.element_id), move.element_id, recorded)
            elif move.what == "out":
                self.end(move.number, move.how, recorded)

    def begin(self, number: int, node: Node | None, element_id: str, recorded: Recorded) -> None:
        """A token comes to an element."""
        self._count[element_id] += 1
        name, kind = (node.name, node.type) if node is not None else ("", "")
        which = self._count[element_id]
        self._open[number] = self._last[number] = len(self._all)
        self._all.append(Visit(element_id, name, kind, which, recorded.seq, recorded.occurred_at))

    def end(self, number: int, how: str, recorded: Recorded) -> None:
        """A token leaves."""
        index = self._open.pop(number, None)
        handed = self._handed.pop(number, None)
        if handed is not None and how == "completed":
            recorded = handed
        if index is not None:
            self._all[index] = replace(
                self._all[index],
                ended=recorded.seq,
                ended_at=recorded.occurred_at,
                how=how,
                author=recorded.author,
            )

    def handed_in(self, number: int, recorded: Recorded) -> None:
        """A task was handed in: if its token leaves as completed, it was then."""
        self._handed[number] = recorded

    def told(self, number: int, organisation_key: int, lane: str | None = None) -> None:
        """A task was opened at the token, or went to another department."""
        index = self._open.get(number)
        if index is not None:
            visit = self._all[index]
            kept = visit.lane if lane is None else lane
            self._all[index] = replace(visit, organisation_key=organisation_key, lane=kept)

    def again(self, number: int, recorded: Recorded) -> None:
        """A stay that was over goes on: what ended it was taken back."""
        index = self._last.get(number)
        if index is None or number in self._open:
            return
        before = self._all[index]
        self._count[before.element_id] += 1
        self._open[number] = self._last[number] = len(self._all)
        self._all.append(
            Visit(
                before.element_id,
                before.name,
                before.type,
                self._count[before.element_id],
                recorded.seq,
                recorded.occurred_at,
                organisation_key=before.organisation_key,
                lane=before.lane,
            )
        )

    def open_numbers(self) -> frozenset[int]:
        """Return the stays that go on."""
        return frozenset(self._open)
