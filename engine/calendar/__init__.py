"""Working days (工作日) as the State Council's notices declare them."""

from engine.calendar.notices import CalendarDataError, Holiday, Notice, load_notices
from engine.calendar.working import WorkingCalendar

__all__ = ["CalendarDataError", "Holiday", "Notice", "WorkingCalendar", "load_notices"]
