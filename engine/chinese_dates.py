"""Days and instants as sentences write them in Chinese."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_BEIJING = ZoneInfo("Asia/Shanghai")
_WEEK = "一二三四五六日"


def zh(day: date) -> str:
    """Return 2026年6月15日."""
    return f"{day.year}年{day.month}月{day.day}日"


def zh_week(day: date) -> str:
    """Return 2026年6月15日（星期一）."""
    return f"{zh(day)}（星期{_WEEK[day.weekday()]}）"


def zh_at(at: datetime) -> str:
    """Return 2026年6月15日09:30, in Beijing time."""
    local = at.astimezone(_BEIJING)
    return f"{zh(local)}{local:%H:%M}"
