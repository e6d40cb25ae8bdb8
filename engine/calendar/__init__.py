"""Working days (工作日) as the State Council's notices, local rules and closures declare them."""

from engine.calendar.days import CalendarUnknown, Day, Kind
from engine.calendar.notices import CalendarDataError, Holiday, Layer, Notice, known_by, load_notices
from engine.calendar.working import ChinaWorkingCalendar

__all__ = [
    "CalendarDataError",
    "CalendarUnknown",
    "ChinaWorkingCalendar",
    "Day",
    "Holiday",
    "Kind",
    "Layer",
    "Notice",
    "known_by",
    "load_notices",
]
