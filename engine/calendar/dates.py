"""Dates as a notice prints them: ranges, lists, left-out years and months, remarks in brackets."""

import re
from datetime import date, timedelta
from itertools import pairwise

from engine.calendar.feasts import falls_on
from engine.calendar.text import NoticeUnreadable

DATE = r"(?:[0-9]{4}年)?(?:[0-9]{1,2}月)?[0-9]{1,2}日(?:\([^()]*\))?"
DATES = rf"{DATE}(?:(?:至|到|-{{1,2}}|、|和|及){DATE})*"
_TOKEN = re.compile(
    r"(?P<link>至|到|-{1,2}|、|和|及|)(?:(?P<year>[0-9]{4})年)?(?:(?P<month>[0-9]{1,2})月)?(?P<day>[0-9]{1,2})日"
    r"(?:\((?P<remark>[^()]*)\))?"
)
_RANGE = ("至", "到", "-", "--")
_WEEKDAY = re.compile("(?:星期|周|礼拜)([一二三四五六日天])")
LONGEST = 15


class DateReader:
    """Reads the dates of one item; a date without month has the month printed before it.

    Args:
        year: The year of the notice.
        new_year: Whether the item is about 元旦, whose December is the one before.
    """

    def __init__(self, year: int, new_year: bool) -> None:
        self.year, self.new_year = year, new_year
        self._month: int | None = None

    def read(self, text: str) -> tuple[date, ...]:
        """Return the days that a list of dates and ranges names, in the order printed.

        Args:
            text: Canonical, matched by `DATES`.

        Raises:
            NoticeUnreadable: there is no such day, or a remark beside a date contradicts it.
        """
        days: list[date] = []
        open_range = False
        for found in _TOKEN.finditer(text):
            day = self._date(found["year"], found["month"], found["day"])
            if found["link"] in _RANGE:
                if open_range or not days:
                    raise _unreadable(text, "一个起日和一个止日", "one first and one last day of a range")
                first = days.pop()
                days += _days_between(first, day, text)
                _check(found["remark"], first, day, text)
            else:
                days.append(day)
                _check(found["remark"], day, day, text)
            open_range = found["link"] in _RANGE
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise _unreadable(text, "日期按先后排列、各出现一次", "dates in the order of time, each once")
        return tuple(days)

    def _date(self, year: str | None, month: str | None, day: str) -> date:
        if month is not None:
            self._month = int(month)
        if self._month is None:
            raise _unreadable(f"{day}日", "首个日期写明月份", "the first date to name its month")
        due = self.year - 1 if self.new_year and self._month == 12 else self.year
        if year is not None and int(year) != due:
            raise _unreadable(f"{year}年{self._month}月{day}日", f"{due}年的日期", f"a date of {due}")
        try:
            return date(due, self._month, int(day))
        except ValueError:
            raise _unreadable(
                f"{due}年{self._month}月{day}日", "日历上有的日期", "a date that exists"
            ) from None


def _days_between(first: date, last: date, text: str) -> list[date]:
    length = (last - first).days + 1
    if not 2 <= length <= LONGEST:
        raise _unreadable(text, f"起日在前、止日在后且不超过{LONGEST}天", f"a range of 2 to {LONGEST} days")
    return [first + timedelta(n) for n in range(length)]


def _check(remark: str | None, first: date, last: date, text: str) -> None:
    """Hold the remark in brackets against its date; 除夕至正月初六 speaks of both ends of a range."""
    if remark is None:
        return
    ends = re.split("至|到|-", remark)
    if len(ends) == 2 and first != last:
        _check_parts(ends[0], first, text)
        _check_parts(ends[1], last, text)
    else:
        _check_parts(remark, last, text)


def _check_parts(remark: str, day: date, text: str) -> None:
    for part in re.split("[、,;]", remark):
        if weekday := _WEEKDAY.fullmatch(part):
            printed, real = weekday[1].replace("天", "日"), "一二三四五六日"[day.weekday()]
            if printed != real:
                raise NoticeUnreadable(
                    f"“{text}”自相矛盾：{day:%Y-%m-%d} 应为星期{real}，文中写作“{part}”。请核对原文。",
                    f'"{text}" contradicts itself: {day} is a {day:%A}, the text says {part}. Compare the original.',
                )
        elif (fits := falls_on(part, day)) is None:
            raise _unreadable(
                text, "括号内为星期或节日、农历日期", f"a weekday or a feast in brackets, not {part}"
            )
        elif not fits:
            raise NoticeUnreadable(
                f"“{text}”自相矛盾：{day:%Y-%m-%d} 不是“{part}”。请核对原文。",
                f'"{text}" contradicts itself: {day} is not {part}. Compare the original.',
            )


def _unreadable(text: str, expected_zh: str, expected_en: str) -> NoticeUnreadable:
    return NoticeUnreadable(
        f"应为{expected_zh}，文中写作“{text}”。请核对原文。",
        f'Expected {expected_en}, found "{text}". Compare the original.',
    )
