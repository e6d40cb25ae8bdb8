"""An addition of working days: ours, a bare search in a sorted list, and workalendar's own."""

import statistics
import time
import warnings
from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from workalendar.asia.china import China

from engine.calendar import ChinaWorkingCalendar, load_notices
from web.config import Settings

_YEAR = 2023  # the last one workalendar has data for
_LENGTHS = (1, 5, 10, 15, 20)
_EVERY = 47  # workalendar walks day by day, so it gets few questions; a prime, so that it meets every length

Add = Callable[[date, int], date]


def measure_calendar(rounds: int) -> dict[str, Any]:
    """Return nanoseconds for one addition by each way, and the ratios; medians of interleaved rounds."""
    calendar = ChinaWorkingCalendar(load_notices(Settings().notices), estimate=True)
    bisected = _bisected(calendar)
    first = date(_YEAR, 1, 1)
    questions = [(first + timedelta(n), length) for n in range(330) for length in _LENGTHS]
    for d, n in questions:
        if calendar.add_working_days(d, n) != bisected(d, n):
            raise RuntimeError(f"Expected one answer for {n} working days from {d}, found two")
    ways: dict[str, tuple[Add, list[tuple[date, int]]]] = {
        "ours": (calendar.add_working_days, questions),
        "bisect": (bisected, questions),
        "workalendar": (China().add_working_days, questions[::_EVERY]),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # workalendar warns on every call that its years are few
        for _ in range(rounds):
            for name, (add, asked) in ways.items():
                times[name].append(_nanoseconds(add, asked))
    median = {name: statistics.median(found) for name, found in times.items()}
    return {
        "rounds": rounds,
        "additions_per_round": len(questions),
        "nanoseconds_per_addition": {name: round(found) for name, found in median.items()},
        "ratio_to_bisect": round(median["ours"] / median["bisect"], 2),
        "times_faster_than_workalendar": round(median["workalendar"] / median["ours"]),
    }


def _bisected(calendar: ChinaWorkingCalendar) -> Add:
    """Return the shortest thing that could work, over the same years."""
    first, last = date(min(calendar.annual) - 1, 1, 1), date(max(calendar.annual) + 3, 12, 31)
    table = [day.date.toordinal() for day in calendar.days(first, last) if day.working]

    def add(d: date, n: int) -> date:
        return date.fromordinal(table[bisect_right(table, d.toordinal()) + n - 1])

    return add


def _nanoseconds(add: Add, questions: list[tuple[date, int]]) -> float:
    begun = time.perf_counter_ns()
    for d, n in questions:
        add(d, n)
    return (time.perf_counter_ns() - begun) / len(questions)
