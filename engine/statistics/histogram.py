"""Spreads out of histograms: the database counts how many took how long, nothing is read row by row."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.statistics.views import Spread


@dataclass
class Durations:
    """How many took how many working days, and how many whole hours of elapsed time."""

    days: Counter[int] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    seconds: int = 0

    def add(self, days: int, count: int, seconds: int) -> None:
        """Count some that took so many working days, and so many seconds all together."""
        self.days[days] += count
        self.seconds += seconds

    def spread(self) -> Spread:
        """Return what is told of them."""
        count = self.days.total()
        if not count:
            return NOTHING
        total = sum(days * number for days, number in self.days.items())
        return Spread(
            count,
            percentile(self.days, 0.5),
            percentile(self.days, 0.9),
            total / count,
            total,
            self.seconds / count,
            percentile(self.hours, 0.5),
            percentile(self.hours, 0.9),
        )


def percentile(histogram: Mapping[int, int], share: float) -> int | None:
    """Return the least value that at least this share of all does not exceed (PostgreSQL's percentile_disc)."""
    wanted, reached = sum(histogram.values()) * share, 0
    for value, number in _sorted(histogram):
        reached += number
        if number and reached >= wanted - 1e-9:
            return value
    return None


def _sorted(histogram: Mapping[int, int]) -> Iterable[tuple[int, int]]:
    return sorted(histogram.items())


NOTHING = Spread(0, None, None, None, 0, None)
"""Of nothing."""
