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
_FEASTS = {
    "元旦": "New Year’s Day",
    "春节": "Spring Festival",
    "清明节": "Qingming Festival",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}


def en_feast(name: str) -> str:
    """Return the English name of a public holiday, of several that fall together; any other name as it is."""
    return " and ".join(_FEASTS.get(one, one) for one in name.split("、"))


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
