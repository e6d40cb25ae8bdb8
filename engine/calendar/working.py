"""The working calendar: which day counts, and which notice says so."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, timedelta

from workalendar.core import Calendar

from engine.calendar.notices import Notice

_SATURDAY = 5


class WorkingCalendar(Calendar):  # type: ignore[misc]  # workalendar ships no types
    """Chinese working days from the notices published on or before `as_of`.

    A year without a notice counts as weekends only and is not covered: what rests on it is an estimate.

    Source: 全国年节及纪念日放假办法 and the yearly notices of the State Council's General Office.
    """

    def __init__(self, notices: Iterable[Notice], as_of: date | None = None) -> None:
        super().__init__()
        known = [n for n in notices if as_of is None or n.published <= as_of]
        self._off: dict[date, tuple[str, str]] = {}
        self._make_up: dict[date, tuple[str, str]] = {}
        for notice, holiday in _in_force(known):
            self._off.update((day, (holiday.name, notice.id)) for day in holiday.days_off)
            self._make_up.update((day, (holiday.name, notice.id)) for day in holiday.work_days)
        years = [n.year for n in known]
        self.covered_from = date(min(years), 1, 1)
        self.covered_until = date(max(years), 12, 31)
        self.tail_open_from = date(max(years), 12, 29)
        last = self.covered_until.toordinal() + 800
        self._working = [
            n for n in range(self.covered_from.toordinal(), last) if self.is_working_day(date.fromordinal(n))
        ]

    def holidays(self, year: int | None = None) -> list[tuple[date, str]]:
        """Return the days off of a year, as workalendar shapes them."""
        return sorted((day, name) for day, (name, _) in self._off.items() if day.year == year)

    def is_working_day(
        self,
        day: date,
        extra_working_days: Iterable[date] | None = None,
        extra_holidays: Iterable[date] | None = None,
    ) -> bool:
        """Say whether `day` counts: a make-up day does, a day declared off does not (R-T2)."""
        if day in (extra_holidays or ()):
            return False
        if day in (extra_working_days or ()) or day in self._make_up:
            return True
        return day.weekday() < _SATURDAY and day not in self._off

    def notice_behind(self, day: date) -> str | None:
        """Return the id of the notice that makes `day` off or working, None on an ordinary day."""
        found = self._make_up.get(day) or self._off.get(day)
        return found[1] if found else None

    def nth_working_day_after(self, day: date, n: int) -> date:
        """Return the n-th working day after `day`, which is not counted itself (R-T1).

        Raises:
            ValueError: `day` lies before the first notice, n is not positive, or the count runs off the calendar.
        """
        if n < 1 or day < self.covered_from:
            raise ValueError(f"Expected n >= 1 and a day from {self.covered_from}, found {n} and {day}")
        at = bisect_right(self._working, day.toordinal()) + n - 1
        if at >= len(self._working):
            raise ValueError(f"Expected a last day within two years of {self.covered_until}, found {n} days from {day}")
        return date.fromordinal(self._working[at])

    def working_days_between(self, after: date, until: date) -> int:
        """Return how many working days lie after `after`, up to and including `until` (R-T10)."""
        return bisect_right(self._working, until.toordinal()) - bisect_right(self._working, after.toordinal())

    def on_or_after(self, day: date) -> date:
        """Return `day` if it is a working day, else the next one."""
        return date.fromordinal(self._working[bisect_left(self._working, day.toordinal())])

    def days(self, first: date, last: date) -> list[date]:
        """Return every date from `first` to `last`, both included."""
        return [first + timedelta(n) for n in range((last - first).days + 1)]


def _in_force(notices: list[Notice]):  # type: ignore[no-untyped-def]
    for notice in notices:
        replaced = {name for n in notices if n.year == notice.year and n.published > notice.published for name in n.replaces}
        for holiday in notice.holidays:
            if holiday.name not in replaced:
                yield notice, holiday
