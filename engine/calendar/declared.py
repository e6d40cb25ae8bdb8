"""What each day is by the documents in force, and what workalendar calls holidays."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from workalendar.core import SAT, SUN, Calendar

from engine.calendar.days import BEIJING, CalendarUnknown, Day, Kind, beyond_years, civil
from engine.calendar.estimate import statutory_days_off
from engine.calendar.fold import Ruling, applicable, fold
from engine.calendar.ical import to_ical
from engine.calendar.notices import Holiday, Layer, Notice
from engine.clock import SystemClock

_TAIL = (12, 29)  # later notices have set days from 29 December on
_YEARS = range(date.min.year, date.max.year + 1)


class DeclaredDays(Calendar):  # type: ignore[misc]  # workalendar ships no types
    """The days without the counting; see `ChinaWorkingCalendar`."""

    WEEKEND_DAYS = (SAT, SUN)

    def __init__(self, notices: Iterable[Notice], scopes: Sequence[str] = (), estimate: bool = False) -> None:
        super().__init__()
        known = applicable(notices, scopes)
        self.scopes = tuple(scopes)
        self.estimate = estimate
        self.annual = {n.year: n.id for n in known if n.kind == "annual" and n.layer is Layer.NATIONAL}
        self.notice_ids = tuple(n.id for n in known)
        self._rulings: dict[date, Ruling] = fold(known, scopes)
        self._estimates: dict[int, dict[date, str]] = {}
        last = max(self.annual, default=None)
        self.covered_until = date(last, 12, 31) if last else date.min
        self.tail_open_from = date(last, *_TAIL) if last else date.min

    def day(self, d: date) -> Day:
        """Return what `d` is, which document says so and in which layer.

        Raises:
            CalendarUnknown: its year has no annual notice, and the calendar does not estimate.
        """
        d = civil(d)
        covered = self._known(d.year)
        if found := self._rulings.get(d):
            kind = Kind.MAKEUP if found.working else Kind.HOLIDAY
            by = found.notice
            return Day(d, found.working, kind, found.holiday.name, by.id, covered, by.layer)
        weekday = d.weekday() not in self.WEEKEND_DAYS
        if covered:
            return Day(d, weekday, Kind.WORKDAY if weekday else Kind.WEEKEND, None, None, True, None)
        name = self._estimate(d.year).get(d)
        return Day(d, weekday and name is None, Kind.ESTIMATE, name, None, False, None)

    def days(self, first: date, last: date) -> tuple[Day, ...]:
        """Return every day from `first` to `last`, both included."""
        first = civil(first)
        return tuple(self.day(first + timedelta(n)) for n in range((civil(last) - first).days + 1))

    def reason(self, d: date) -> tuple[Notice, Holiday] | None:
        """Return the document and its entry that decide `d`; None where only the day of the week does."""
        d = civil(d)
        self._known(d.year)
        found = self._rulings.get(d)
        return (found.notice, found.holiday) if found else None

    def rests_on(self, first: date, last: date) -> tuple[str, ...]:
        """Return the ids of the documents a count from `first` to `last` rests on, in the order of publication."""
        ids = {self.annual.get(year) for year in range(first.year, last.year + 1)}
        span = range(first.toordinal(), last.toordinal() + 1)
        ids |= {
            found.notice.id
            for found in map(self._rulings.get, map(date.fromordinal, span))
            if found is not None
        }
        return tuple(notice_id for notice_id in self.notice_ids if notice_id in ids)

    def is_covered(self, d: date) -> bool:
        """Say whether the annual notice for the year of `d` is known."""
        return civil(d).year in self.annual

    def is_open_tail(self, d: date) -> bool:
        """Say whether the next year's notice, not known yet, may still change `d`."""
        d = civil(d)
        return (d.month, d.day) >= _TAIL and d.year in self.annual and d.year + 1 not in self.annual

    # What workalendar calls holidays: the days declared off, weekends within them included

    def get_fixed_holidays(self, year: int) -> list[tuple[date, str]]:
        """Return none: that 1 January is off stands in the notice like any other day."""
        self._known(year)
        return []

    def get_variable_days(self, year: int) -> list[tuple[date, str]]:
        """Return the days declared off in the calendar year, sorted; without a notice, the statutory ones."""
        off = {} if self._known(year) else dict(self._estimate(year))
        for d, found in self._rulings.items():
            if d.year == year:
                off.pop(d, None)
                if not found.working:
                    off[d] = found.holiday.name
        return sorted(off.items())

    def get_calendar_holidays(self, year: int) -> list[tuple[date, str]]:
        """Return the days declared off in the calendar year with their names, sorted."""
        return self.get_variable_days(year)

    def holidays(self, year: int | None = None) -> list[tuple[date, str]]:
        """Return the same; without a year, for that of the machine's clock in Asia/Shanghai."""
        return self.get_calendar_holidays(_this_year() if year is None else year)

    def holidays_set(self, year: int | None = None) -> set[date]:
        """Return the dates alone."""
        return {d for d, _ in self.holidays(year)}

    def get_holiday_label(self, day: date) -> str | None:
        """Return the name under which `day` is declared off, None if it is not."""
        found = self.day(day)
        return None if found.working else found.name

    def is_holiday(self, day: date, extra_holidays: Iterable[date] | None = None) -> bool:
        """Say whether `day` is declared off or among `extra_holidays`; a plain weekend is not a holiday."""
        declared = self.get_holiday_label(day) is not None
        return declared or civil(day) in map(civil, extra_holidays or ())

    def export_to_ical(
        self, period: Sequence[int] | None = None, target_path: str | Path | None = None
    ) -> str | None:
        """Return the days declared off as iCalendar text, or write it to a file.

        Args:
            period: First and last year; without it, the covered years.
        """
        years: Iterable[int] = sorted(self.annual)
        if period is not None:
            first, last = self._get_ical_period(period)
            years = range(first, last + 1)
        target = self._get_ical_target_path(target_path) if target_path else None
        text = to_ical((entry for year in years for entry in self.holidays(year)), SystemClock().now())
        if target is None:
            return text
        target.write_text(text, encoding="utf-8", newline="")
        return None

    # Inner

    def _known(self, year: int) -> bool:
        """Say whether the year is covered; refuse it where it is not and may not be estimated."""
        if year in self.annual:
            return True
        if not self.estimate:
            raise CalendarUnknown(year)
        if year not in _YEARS:
            raise beyond_years()
        return False

    def _works(self, d: date) -> bool:
        found = self._rulings.get(d)
        if found is not None:
            return found.working
        if d.weekday() in self.WEEKEND_DAYS:
            return False
        return d.year in self.annual or d not in self._estimate(d.year)

    def _estimate(self, year: int) -> dict[date, str]:
        if year not in self._estimates:
            self._estimates[year] = statutory_days_off(year)
        return self._estimates[year]


def _this_year() -> int:
    return SystemClock().now().astimezone(BEIJING).year
