"""The working calendar: counting the days that count."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from engine.calendar.days import BEIJING, beyond_years, civil
from engine.calendar.declared import DeclaredDays
from engine.calendar.notices import Notice
from engine.calendar.rank import Table, build, look_up, years_of

_SPARE_YEARS = 3
_Dates = Iterable[date] | None


class ChinaWorkingCalendar(DeclaredDays):
    """Chinese working days from the documents in force.

    A national document always applies, another if its scope is given. An inner scope decides over an outer
    one; within one scope the document published later decides. Every method takes dates or datetimes, an aware
    instant standing for its day in Asia/Shanghai.

    Args:
        notices: The documents in force, see `known_by`.
        scopes: Whose documents apply, outermost first: areas by name, then a department's key as text.
        estimate: Whether a year without annual notice is estimated from weekends and the statutory holidays
            (R-T13), and never refused.

    Attributes:
        annual: dict[year, id of its annual notice].
        covered_until: Last day of the last covered year; `date.min` when there is none, as `tail_open_from`.

    Raises:
        CalendarUnknown: any method, for a day in a year without annual notice or a count that runs into one,
            unless the calendar estimates.
        ValueError: a count that leaves the years 1–9999.

    Source: 全国年节及纪念日放假办法 and the yearly notices of the State Council's General Office (R-T2, R-T14).
    """

    def __init__(self, notices: Iterable[Notice], scopes: Sequence[str] = (), estimate: bool = False) -> None:
        super().__init__(notices, scopes, estimate)
        self._runs: dict[int, Table] = {}
        self._table: Table = (0, [0], [])
        if estimate:
            first, last = min(self.annual, default=2018), max(self.annual, default=2018)
            self._table = build(max(first - 1, 1), min(last + _SPARE_YEARS, 9999), self._works)
            return
        for first, last in _contiguous(self.annual):
            self._table = build(first, last, self._works)
            self._runs |= dict.fromkeys(range(first, last + 1), self._table)

    def add_working_days(
        self,
        day: date,
        delta: int,
        extra_working_days: _Dates = None,
        extra_holidays: _Dates = None,
        keep_datetime: bool = False,
    ) -> date:
        """Return the `delta`-th working day after `day`, before it if negative; `day` itself does not count.

        Args:
            extra_working_days: Count whatever else is said of them, as in `is_working_day`.
            keep_datetime: Whether a datetime is answered by one, of the same time of day and zone.
        """
        # The one path that limits are counted on; everything rarer goes the long way round.
        if type(day) is date and delta > 0 and extra_working_days is None and extra_holidays is None:
            base, rank, days = self._table
            at = day.toordinal() - base
            if at > 0:
                try:
                    return days[rank[at] + delta - 1]
                except IndexError:
                    pass
        start = civil(day)
        working, off = _extras(extra_working_days, extra_holidays)
        found = self._step(start, delta, working, off) if working or off else self._count(start, delta)
        return _moved(day, start, found) if keep_datetime and isinstance(day, datetime) else found

    def sub_working_days(
        self,
        day: date,
        delta: int,
        extra_working_days: _Dates = None,
        extra_holidays: _Dates = None,
        keep_datetime: bool = False,
    ) -> date:
        """Return the `delta`-th working day before `day`, whatever the sign of `delta`."""
        return self.add_working_days(day, -abs(delta), extra_working_days, extra_holidays, keep_datetime)

    def previous_working_day(self, d: date) -> date:
        """Return the last working day before `d`."""
        return self.add_working_days(d, -1)

    def find_following_working_day(self, day: date) -> date:
        """Return `day` if it is a working day, else the next one; holidays count, unlike in the parent."""
        day = civil(day)
        return day if self.is_working_day(day) else self._count(day, 1)

    def is_working_day(
        self, day: date, extra_working_days: _Dates = None, extra_holidays: _Dates = None
    ) -> bool:
        """Say whether `day` counts (R-T2); `extra_working_days` decide over `extra_holidays`."""
        day = civil(day)
        self._known(day.year)
        working, off = _extras(extra_working_days, extra_holidays)
        return day in working or (day not in off and self._works(day))

    def working_days_between(self, a: date, b: date) -> int:
        """Return how many working days lie after `a` up to and including `b`; negative if `b` is before `a`."""
        a, b = civil(a), civil(b)
        base, rank, _ = self._reaching(min(a.year, b.year), max(a.year, b.year))
        return rank[b.toordinal() - base] - rank[a.toordinal() - base]

    def get_working_days_delta(
        self,
        start: date,
        end: date,
        include_start: bool = False,
        extra_working_days: _Dates = None,
        extra_holidays: _Dates = None,
    ) -> int:
        """Return how many working days lie after the earlier of two days up to and including the later.

        The sign is kept, unlike in the parent: the number is negative if `end` is before `start`.

        Args:
            include_start: Whether the earlier day counts too if it is a working day; not if both are one day.
        """
        start, end = civil(start), civil(end)
        first, last = min(start, end), max(start, end)
        found = self.working_days_between(first, last)
        if first == last:
            return 0
        working, off = _extras(extra_working_days, extra_holidays)
        found += sum(not self._works(d) for d in working if first < d <= last)
        found -= sum(self._works(d) for d in off - working if first < d <= last)
        found += include_start and self.is_working_day(first, working, off)
        return found if start < end else -found

    # Inner

    def _count(self, start: date, delta: int) -> date:
        """Count by the table, making it longer as far as the calendar may."""
        table = self._reaching(start.year, start.year)
        if delta == 0:
            return start
        while (found := look_up(table, start.toordinal(), delta)) is None:
            first, last = years_of(table)
            self._known(first - 1 if delta < 0 else last + 1)
            more = abs(delta) // 200 + 1
            table = self._grown(first - more, last) if delta < 0 else self._grown(first, last + more)
        return found

    def _step(self, start: date, delta: int, working: frozenset[date], off: frozenset[date]) -> date:
        """Count day by day, as the exceptions demand."""
        self._known(start.year)
        day, left = start, abs(delta)
        while left:
            try:
                day += timedelta(1 if delta > 0 else -1)
            except OverflowError:
                raise beyond_years() from None
            left -= self.is_working_day(day, working, off)
        return day

    def _reaching(self, first: int, last: int) -> Table:
        """Return a table that holds the given years, or refuse the first of them that is unknown."""
        if self.estimate:
            return self._grown(first, last)
        for year in range(first, last + 1):
            self._known(year)
        return self._runs[first]

    def _grown(self, first: int, last: int) -> Table:
        table = self._table
        have_first, have_last = years_of(table)
        if first < have_first or last > have_last:
            table = build(max(min(first, have_first), 1), min(max(last, have_last), 9999), self._works)
            # One assignment of a finished table: another thread sees the old one or the new one, both right.
            self._table = table
        return table


def _contiguous(years: Iterable[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for year in sorted(years):
        if runs and runs[-1][1] == year - 1:
            runs[-1] = (runs[-1][0], year)
        else:
            runs.append((year, year))
    return runs


def _extras(working: _Dates, off: _Dates) -> tuple[frozenset[date], frozenset[date]]:
    return frozenset(map(civil, working or ())), frozenset(map(civil, off or ()))


def _moved(day: datetime, start: date, found: date) -> datetime:
    """Move a datetime by whole days; an aware one in Beijing time, whose day was counted."""
    if day.utcoffset() is None:
        return day + (found - start)
    return (day.astimezone(BEIJING) + (found - start)).astimezone(day.tzinfo)
