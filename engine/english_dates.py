"""Days and instants as sentences write them in English."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_BEIJING = ZoneInfo("Asia/Shanghai")
# Not by strftime, whose names follow the locale of the machine.
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def en(day: date) -> str:
    """Return 15 June 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def en_short(day: date) -> str:
    """Return 15 Jun."""
    return f"{day.day} {MONTHS[day.month - 1][:3]}"


def en_week(day: date) -> str:
    """Return Mon 15 Jun 2026."""
    return f"{WEEK[day.weekday()][:3]} {en_short(day)} {day.year}"


def en_at(at: datetime) -> str:
    """Return 15 June 2026, 09:30, in Beijing time."""
    local = at.astimezone(_BEIJING)
    return f"{en(local)}, {local:%H:%M}"
