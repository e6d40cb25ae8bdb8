"""Working days (工作日) as the State Council's notices declare them."""

from engine.calendar.days import Day, Kind
from engine.calendar.notices import CalendarDataError, Holiday, Layer, Notice, load_notices
from engine.calendar.working import ChinaWorkingCalendar

__all__ = [
    "CalendarDataError",
    "ChinaWorkingCalendar",
    "Day",
    "Holiday",
    "Kind",
    "Layer",
    "Notice",
    "load_notices",
]
