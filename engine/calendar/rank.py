"""The rank table: counting working days by looking them up."""

from collections.abc import Callable
from datetime import date

# (base, rank, days): rank[o - base] working days lie in the table up to and including the day of ordinal o,
# days[n] is its working day number n. `base` is the ordinal of the day before the table. A plain tuple, since
# unpacking one is most of what an addition costs.
Table = tuple[int, list[int], list[date]]


def build(first: int, last: int, works: Callable[[date], bool]) -> Table:
    """Return the table of the years `first` to `last`, whole and both included."""
    base = date(first, 1, 1).toordinal() - 1
    rank = [0]
    days: list[date] = []
    for n in range(base + 1, date(last, 12, 31).toordinal() + 1):
        day = date.fromordinal(n)
        if works(day):
            days.append(day)
        rank.append(len(days))
    return base, rank, days


def years_of(table: Table) -> tuple[int, int]:
    """Return the first and the last year of the table."""
    base, rank, _ = table
    return date.fromordinal(base + 1).year, date.fromordinal(base + len(rank) - 1).year


def look_up(table: Table, ordinal: int, delta: int) -> date | None:
    """Return the `delta`-th working day after the ordinal, before it if negative; None beyond the table.

    Args:
        ordinal: Of a day within the table.
        delta: Not 0.
    """
    base, rank, days = table
    at = ordinal - base
    place = rank[at] + delta - 1 if delta > 0 else rank[at - 1] + delta
    return days[place] if 0 <= place < len(days) else None
