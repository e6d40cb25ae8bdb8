"""Days as people write them: 2026-06-11, 2026年6月11日, 6月11日至13日, several of them in a list."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby

_DAY = re.compile(r"(?:(?P<y>\d{4})[年./-])?(?:(?P<m>\d{1,2})[月./-])?(?P<d>\d{1,2})日?")
_TO = re.compile(r"\s*(?:至|到|~|～|—+|–|−|\.\.)\s*|\s+-+\s+")
_COMMA = re.compile(r"[、,;\s]+")
_MOST = 400  # more than a year of days is a slip of the pen


class Unreadable(ValueError):
    """A text that names no day; `zh` and `en` say what was expected and found."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh, self.en = zh, en


def read_day(text: str) -> date:
    """Return the one day that a text names, with its year.

    Raises:
        Unreadable: it names none.
    """
    return _day(_narrow(text), None)


def read_days(text: str, year: int) -> tuple[date, ...]:
    """Return the days of a list of days and ranges, sorted; `year` is meant where none is written.

    Raises:
        Unreadable: a part names no day, a range runs backwards, or a day is there twice.
    """
    found: list[date] = []
    for part in filter(None, _COMMA.split(_TO.sub("至", _narrow(text)))):
        ends = part.split("至")
        if len(ends) > 2:
            raise Unreadable(
                f"“{part}”应为一个日期或者一段日期，例如2026-06-11至2026-06-13。",
                f"“{part}” must be one date or one range of dates, such as 2026-06-11~2026-06-13.",
            )
        first = _day(ends[0], date(year, 1, 1))
        last = _day(ends[-1], first) if len(ends) == 2 else first
        if not 0 <= (last - first).days <= _MOST:
            raise Unreadable(
                f"“{part}”的起止日期不正确，请核对。",
                f"The first and last dates of “{part}” are not right. Check them.",
            )
        found += [first + timedelta(n) for n in range((last - first).days + 1)]
    for day in found:
        if found.count(day) > 1:
            raise Unreadable(
                f"{day.isoformat()}写了两次，请核对。", f"{day.isoformat()} is there twice. Check the dates."
            )
    return tuple(sorted(found))


def write_days(days: Iterable[date]) -> str:
    """Return days as `read_days` takes them: 2026-06-11至2026-06-13、2026-06-20."""
    runs = groupby(enumerate(sorted(days)), key=lambda nd: nd[1].toordinal() - nd[0])
    spans = [[d for _, d in run] for _, run in runs]
    return "、".join(f"{s[0]}至{s[-1]}" if len(s) > 1 else f"{s[0]}" for s in spans)


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _day(text: str, near: date | None) -> date:
    found = _DAY.fullmatch(text)
    parts = found.groupdict() if found else {}
    if found is None or (near is None and not (parts["y"] and parts["m"])) or (parts["y"] and not parts["m"]):
        raise Unreadable(
            f"“{text}”不是日期，应写作2026-06-11或者2026年6月11日。",
            f"“{text}” is not a date. Write it as 2026-06-11.",
        )
    known = near or date.min
    try:
        return date(int(parts["y"] or known.year), int(parts["m"] or known.month), int(parts["d"]))
    except ValueError:
        raise Unreadable(
            f"日历上没有“{text}”这一天，请核对。",
            f"There is no day “{text}” in the calendar. Check the date.",
        ) from None
