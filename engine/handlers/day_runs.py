"""The days of a limit as documents list them: days off for one reason in one row, a counted day in a row of its own."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from engine.explanation import ExplainedDay, day_reason


def day_runs(days: Iterable[ExplainedDay]) -> Iterator[tuple[str, ExplainedDay]]:
    """Yield for each row its days in words and the first of them, which speaks for all."""
    for _, run in groupby(days, key=lambda d: (d.day.number, day_reason(d.day), d.document)):
        first, *more = run
        last = more[-1] if more else first
        until = f"至{last.day.date.month}月{last.day.date.day}日" if more else ""
        yield f"{first.day.date.month}月{first.day.date.day}日{until}", first
