"""The working calendar: which day counts, and which notice says so."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from workalendar.core import SAT, SUN, Calendar  # type: ignore[import-untyped]  # workalendar ships no types

from engine.calendar.days import Day, Kind
from engine.calendar.estimate import statutory_days_off
from engine.calendar.notices import Holiday, Notice

_TAIL = (12, 29)  # later notices have set days from 29 December on
_SPARE_YEARS = 3


class ChinaWorkingCalendar(Calendar):  # type: ignore[misc]  # workalendar ships no types
    """Chinese working days from the notices published on or before `as_of`.

    A year without a notice is estimated from weekends and the statutory holidays, and never an error (R-T13).
    `covered_until` and `tail_open_from` are `date.min` when no annual notice is known.

    Source: 全国年节及纪念日放假办法 and the yearly notices of the State Council's General Office (R-T2).
    """

    WEEKEND_DAYS = (SAT, SUN)

    def __init__(self, notices: Iterable[Notice], as_of: date | None = None) -> None:
        super().__init__()
        known = sorted(
            (n for n in notices if as_of is None or n.published <= as_of), key=lambda notice: notice.published
        )
        self.as_of = as_of
        self.annual = {n.year: n.id for n in known if n.kind == "annual"}
        self.notice_ids = tuple(n.id for n in known)
        self._off: dict[date, tuple[str, str]] = {}
        self._makeup: dict[date, tuple[str, str]] = {}
        for notice_id, holiday in _in_force(known):
            self._off.update((day, (holiday.name, notice_id)) for day in holiday.days_off)
            self._makeup.update((day, (holiday.name, notice_id)) for day in holiday.work_days)
        last = max(self.annual, default=None)
        self.covered_until = date(last, 12, 31) if last else date.min
        self.tail_open_from = date(last, *_TAIL) if last else date.min
        self._estimates: dict[int, dict[date, str]] = {}
        first = min(self.annual, default=2018)
        self._table = self._build(first - 1, (last or first) + _SPARE_YEARS)

    # What a day is

    def day(self, d: date) -> Day:
        """Return what `d` is and which notice says so."""
        covered = self.is_covered(d)
        if found := self._makeup.get(d):
            return Day(d, True, Kind.MAKEUP, *found, covered)
        if found := self._off.get(d):
            return Day(d, False, Kind.HOLIDAY, *found, covered)
        weekday = d.weekday() not in self.WEEKEND_DAYS
        if covered:
            return Day(d, weekday, Kind.WORKDAY if weekday else Kind.WEEKEND, None, None, True)
        name = self._estimate(d.year).get(d)
        return Day(d, weekday and name is None, Kind.ESTIMATE, name, None, False)

    def days(self, first: date, last: date) -> tuple[Day, ...]:
        """Return every day from `first` to `last`, both included."""
        return tuple(self.day(first + timedelta(n)) for n in range((last - first).days + 1))

    def is_covered(self, d: date) -> bool:
        """Say whether the notice for the year of `d` is known."""
        return d.year in self.annual

    def is_open_tail(self, d: date) -> bool:
        """Say whether the next year's notice, not known yet, may still change `d`."""
        return (d.month, d.day) >= _TAIL and self.is_covered(d) and d.year + 1 not in self.annual

    # Counting

    def add_working_days(
        self,
        day: date,
        delta: int,
        extra_working_days: Iterable[date] | None = None,
        extra_holidays: Iterable[date] | None = None,
        keep_datetime: bool = False,
    ) -> date:
        """Return the `delta`-th working day after `day`, before it if negative; `day` itself does not count.

        Raises:
            ValueError: the count leaves the years 1–9999.
        """
        if extra_working_days or extra_holidays or keep_datetime:
            found: date = super().add_working_days(
                day, delta, extra_working_days, extra_holidays, keep_datetime
            )
            return found
        day = _civil(day)
        if delta == 0:
            return day
        n = day.toordinal()
        table = self._reaching(day.year, day.year)
        while True:
            at = bisect_right(table, n) + delta - 1 if delta > 0 else bisect_left(table, n) + delta
            if 0 <= at < len(table):
                return date.fromordinal(table[at])
            years = abs(delta) // 200 + 1
            table = self._reaching(self._first - years * (delta < 0), self._last + years * (delta > 0))

    def working_days_between(self, a: date, b: date) -> int:
        """Return how many working days lie after `a` up to and including `b`; negative if `b` is before `a`."""
        table = self._reaching(min(a.year, b.year), max(a.year, b.year))
        return bisect_right(table, b.toordinal()) - bisect_right(table, a.toordinal())

    def previous_working_day(self, d: date) -> date:
        """Return the last working day before `d`."""
        return self.add_working_days(d, -1)

    # What workalendar promises of a calendar

    def is_working_day(
        self,
        day: date,
        extra_working_days: Iterable[date] | None = None,
        extra_holidays: Iterable[date] | None = None,
    ) -> bool:
        """Say whether `day` counts: a make-up day does, a day declared off does not (R-T2)."""
        day = _civil(day)
        if day in map(_civil, extra_working_days or ()):
            return True
        if day in map(_civil, extra_holidays or ()):
            return False
        return self.day(day).working

    def get_calendar_holidays(self, year: int) -> list[tuple[date, str]]:
        """Return the days off of a year with their names; without a notice, the statutory ones."""
        off = {d: name for d, (name, _) in self._off.items() if d.year == year and d not in self._makeup}
        if year not in self.annual:
            off = {d: name for d, name in self._estimate(year).items() if d not in self._makeup} | off
        return sorted(off.items())

    def find_following_working_day(self, day: date) -> date:
        """Return `day` if it is a working day, else the next one; holidays count, unlike in the parent."""
        day = _civil(day)
        return day if self.day(day).working else self.add_working_days(day, 1)

    # The sorted ordinals of all working days of some years; grows when a count runs over its edge

    @property
    def _first(self) -> int:
        return self._table[0]

    @property
    def _last(self) -> int:
        return self._table[1]

    def _reaching(self, first: int, last: int) -> list[int]:
        have_first, have_last, ordinals = self._table
        if first >= have_first and last <= have_last:
            return ordinals
        wanted = max(min(first, have_first), date.min.year), min(max(last, have_last), date.max.year)
        if wanted == (have_first, have_last):
            raise ValueError(
                f"Expected a working day within the years 1 to 9999, found a count up to year {last}"
            )
        # One assignment of a finished table: another thread sees the old one or the new one, both right.
        self._table = self._build(*wanted)
        return self._table[2]

    def _build(self, first: int, last: int) -> tuple[int, int, list[int]]:
        span = range(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1)
        return first, last, [n for n in span if self.day(date.fromordinal(n)).working]

    def _estimate(self, year: int) -> dict[date, str]:
        if year not in self._estimates:
            self._estimates[year] = statutory_days_off(year)
        return self._estimates[year]


def _in_force(known: list[Notice]) -> Iterator[tuple[str, Holiday]]:
    """Fold the notices in the order of publication: a later amendment drops the holidays it names."""
    for n, notice in enumerate(known):
        replaced = {name for later in known[n + 1 :] if later.year == notice.year for name in later.replaces}
        yield from ((notice.id, holiday) for holiday in notice.holidays if holiday.name not in replaced)


def _civil(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day
