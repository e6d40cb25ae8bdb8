"""Office hours: when a department is at work, as known at the instant asked about."""

from datetime import datetime

from engine.calendar import ChinaWorkingCalendar
from engine.periods import BEIJING, minutes_of

OPENS, CLOSES = "08:30", "17:00"
"""The platform keeps no hours of single departments; 17:00 is the default of `cal.office_close`."""
_OPENS, _CLOSES = minutes_of(OPENS), minutes_of(CLOSES)


def outside(at: datetime, calendar: ChinaWorkingCalendar) -> bool:
    """Say whether an instant lies on a rest day, or before or after office hours.

    Args:
        calendar: The department's, as known at that instant.
    """
    local = at.astimezone(BEIJING)
    minute = local.hour * 60 + local.minute
    return not _OPENS <= minute < _CLOSES or not calendar.is_working_day(local.date())
