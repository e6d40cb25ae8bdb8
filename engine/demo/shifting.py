"""Moving a case through the calendar by working days: what was counted in working days comes out the same."""

from bisect import bisect_right
from datetime import date, datetime, time, timedelta

from engine.calendar import ChinaWorkingCalendar
from engine.periods import BEIJING

_FIRST, _LAST = date(2022, 1, 1), date(2028, 12, 31)


class WorkingDays:
    """The working days of some years, numbered."""

    def __init__(self, calendar: ChinaWorkingCalendar) -> None:
        span = range(_FIRST.toordinal(), _LAST.toordinal() + 1)
        self.days = [day for day in map(date.fromordinal, span) if calendar.is_working_day(day)]
        self._numbers = [day.toordinal() for day in self.days]

    def number(self, day: date) -> int:
        """Return the number of the last working day up to a day."""
        return bisect_right(self._numbers, day.toordinal()) - 1

    def moved_day(self, day: date, by: int) -> date:
        """Return the working day so many working days on; a rest day lies as far behind it, or as far as it can."""
        if not self.days[0] <= day < self.days[-1]:
            return day
        at = self.number(day)
        to = self.days[at + by]
        rest = (self.days[at + by + 1] - to).days - 1
        return to + timedelta(min((day - self.days[at]).days, rest))

    def anchor(self, at: datetime) -> date:
        """Return the day that an instant moves with: midnight is the end of a day, however many rest days follow."""
        local = at.astimezone(BEIJING)
        return local.date() - timedelta(1) if local.time() == time(0) else local.date()

    def moved(self, at: datetime, by: int) -> datetime:
        """Return the same time of day so many working days on."""
        anchor = self.anchor(at)
        return at + (self.moved_day(anchor, by) - anchor)

    def works(self, day: date) -> bool:
        """Say whether it is a working day of these years."""
        at = self.number(day)
        return at >= 0 and self.days[at] == day

    def in_hours(self, at: datetime) -> bool:
        """Say whether an instant lies on a working day, its last moment included."""
        return self.works(self.anchor(at))
