"""Planned starts (定期启动): when a process begins by the calendar, in Beijing time.

What a timer start event may say: one instant (`timeDate`), or a rule in years and months (`timeCycle`), such as
R/2026-01-10T09:00:00+08:00/P1Y. Days and weeks are no rule of this kind: working days are counted by limits.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.calendar import ChinaWorkingCalendar
from engine.errors import Message
from engine.periods import BEIJING, ROLLS

_CYCLE = re.compile(r"R(\d{0,4})/([^/]{1,40})/P(?:(\d{1,2})Y)?(?:(\d{1,3})M)?")
_LAST_YEAR = 9000
LONGEST_ROLL = timedelta(days=31)
"""No run of rest days is longer, so a rolled instant lies nearer to its planned one."""


class ScheduleFault(ValueError):
    """A planned start that cannot be: in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.message = Message(zh, en)


@dataclass(frozen=True)
class Rule:
    """One instant, or one every so many months.

    Attributes:
        first: The first instant, in Beijing time; the others have its day of the month, or the month's last day.
        months: From one to the next; 0 for a single instant.
        times: How many there are in all; None without an end.
    """

    first: datetime
    months: int = 0
    times: int | None = None

    def after(self, at: datetime) -> datetime | None:
        """Return the first planned instant later than `at`; None if there is none."""
        if self.months == 0:
            return self.first if self.first > at else None
        local = at.astimezone(BEIJING)
        passed = (local.year - self.first.year) * 12 + local.month - self.first.month
        number = max(0, passed // self.months)
        for n in (number, number + 1):
            if (self.times is None or n < self.times) and (found := self._instant(n)) is not None:
                if found > at:
                    return found
        return None

    def between(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Yield the planned instants from one of them up to and including `last`."""
        found: datetime | None = first
        while found is not None and found <= last:
            yield found
            found = self.after(found)

    def _instant(self, number: int) -> datetime | None:
        year, month = divmod(self.first.year * 12 + self.first.month - 1 + number * self.months, 12)
        if year > _LAST_YEAR:
            return None
        day = min(self.first.day, monthrange(year, month + 1)[1])
        return self.first.replace(year=year, month=month + 1, day=day)


def read_rule(kind: str, text: str) -> Rule:
    """Read what a timer start event says.

    Args:
        kind: Which element of the timer's definition it stands in: timeDate, timeCycle or timeDuration.

    Raises:
        ScheduleFault: it is no planned start.
    """
    text = text.strip()
    if kind == "timeDate":
        return Rule(_instant(text))
    if kind != "timeCycle":
        raise ScheduleFault(
            "定时启动须写明 timeDate 或 timeCycle", "a timer start needs a timeDate or a timeCycle"
        )
    found = _CYCLE.fullmatch(text)
    months = 12 * int(found[3] or 0) + int(found[4] or 0) if found else 0
    if found is None or months == 0:
        raise ScheduleFault(
            f"启动周期应以年、月计，例如 R/2026-01-10T09:00:00+08:00/P1Y，实为“{text}”",
            f"expected a cycle of years and months such as R/2026-01-10T09:00:00+08:00/P1Y, found {text!r}",
        )
    times = int(found[1]) if found[1] else None
    if times == 0:
        raise ScheduleFault("启动次数应至少为1", "a cycle of no starts never begins")
    return Rule(_instant(found[2]), months, times)


def check_roll(roll: str) -> None:
    """Refuse a roll that is none.

    Raises:
        ScheduleFault: it is not one of the words.
    """
    if roll not in ROLLS:
        raise ScheduleFault(
            f"休息日顺延 roll 应为 {'、'.join(ROLLS)} 之一，实为“{roll}”",
            f"roll is one of {', '.join(ROLLS)}, found {roll!r}",
        )


def rolled(planned: datetime, roll: str, calendar: ChinaWorkingCalendar) -> datetime:
    """Return the instant of a start: the planned one, or its time of day on a working day beside a rest day.

    Args:
        roll: none, next_wd or previous_wd.
        calendar: One that estimates where no notice is out.
    """
    local = planned.astimezone(BEIJING)
    day = local.date()
    if roll == "none" or calendar.is_working_day(day):
        return planned
    to = calendar.find_following_working_day(day) if roll == "next_wd" else calendar.previous_working_day(day)
    return planned + (to - day)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _no_instant(text) from None
    if found.tzinfo is None or not 2000 <= found.year < _LAST_YEAR:
        raise _no_instant(text)
    return found.astimezone(BEIJING)


def _no_instant(text: str) -> ScheduleFault:
    return ScheduleFault(
        f"启动时刻应带时区，例如 2026-12-01T09:00:00+08:00，实为“{text}”",
        f"expected an instant with its time zone such as 2026-12-01T09:00:00+08:00, found {text!r}",
    )
