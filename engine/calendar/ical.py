"""Days off as an iCalendar file (RFC 5545)."""

from collections.abc import Iterable
from datetime import date, datetime


def to_ical(days: Iterable[tuple[date, str]], stamped_at: datetime) -> str:
    """Return a calendar with one all-day event for each day and its name.

    Args:
        stamped_at: UTC instant at which the file was made.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Shixian//Working calendar//ZH"]
    for day, name in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{day.isoformat()}@shixian",
            f"DTSTAMP:{stamped_at:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{day.isoformat().replace('-', '')}",
            f"SUMMARY:{_escaped(name)}",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _escaped(text: str) -> str:
    for found, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(found, written)
    return text
