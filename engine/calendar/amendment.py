"""Amending notices: a new arrangement for a holiday (2019), or only a new end for it (2020)."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from engine.calendar.checks import check_law
from engine.calendar.clauses import is_operative
from engine.calendar.dates import DATE, LONGEST, DateReader
from engine.calendar.feasts import feasts_of
from engine.calendar.item import Item, read_holiday
from engine.calendar.notices import Holiday, Layer, Notice
from engine.calendar.parsed import ParsedHoliday
from engine.calendar.text import NoticeUnreadable, canonical

_EXTENDED = re.compile(
    rf"延长([0-9]{{4}})年([^0-9,。;:]{{1,20}}?)假期至(?P<end>{DATE}),(?P<resumes>{DATE})起(?:正常|照常)?上班。?"
)


def in_force(known: Sequence[Notice], year: int, name: str, signed: date | None) -> Holiday | None:
    """Return what the notices of a year said of a holiday before another was signed, None where none did."""
    found: Holiday | None = None
    for notice in sorted(known, key=lambda notice: notice.published):
        later = notice.kind != "annual" and (signed is None or notice.published >= signed)
        if notice.layer is Layer.NATIONAL and notice.year == year and not later:
            named = (holiday for holiday in notice.holidays if feasts_of(holiday.name) & feasts_of(name))
            found = next(named, found)
    return found


def read_amendment(
    items: Sequence[Item], year: int, name: str, before: Holiday | None
) -> tuple[ParsedHoliday, ...]:
    """Read what an amending notice puts in the place of a holiday.

    Args:
        name: The holiday the title names.
        before: What was in force for it, where it is known.

    Raises:
        NoticeUnreadable: an item that arranges something is not understood.
    """
    first, *others = items
    for item in others:
        # 安排补休 gives employees a right, not the public a day.
        if is_operative(item.printed.replace("安排补休", "")):
            raise NoticeUnreadable(
                "调整通知的这一项含有日期或放假、上班等字样，没有与之相符的写法。请核对原文，手工录入。",
                "This item of the amendment names a date or speaks of days off in no known form. Enter it by hand.",
                item.printed,
            )
    if extended := _EXTENDED.fullmatch(canonical(first.body)):
        try:
            return (_extend(first, extended, year, name, before),)
        except NoticeUnreadable as fault:
            raise fault.within(first.printed) from fault
    return (read_holiday(first, year, name),)


def _extend(item: Item, text: re.Match[str], year: int, name: str, before: Holiday | None) -> ParsedHoliday:
    if int(text[1]) != year or not feasts_of(name) or feasts_of(text[2]) != feasts_of(name):
        raise NoticeUnreadable(
            f"标题为{year}年{name}，本项为{text[1]}年{text[2]}，两者不一致。请核对原文。",
            f"The title speaks of {name} {year}, the item of {text[2]} {text[1]}. Compare the original.",
        )
    dates = DateReader(year, new_year="元旦" in feasts_of(name))
    (end,), (resumes,) = dates.read(text["end"]), dates.read(text["resumes"])
    if before is None or not before.days_off or feasts_of(before.name) != feasts_of(name):
        raise NoticeUnreadable(
            f"本通知只写{name}新的截止日，须与{year}年的年度通知一并读取；请先录入年度通知。",
            f"The notice only gives a new end for {name}; enter the annual notice of {year} first.",
        )
    first, old_end = min(before.days_off), max(before.days_off)
    if not old_end < end < first + timedelta(LONGEST) or resumes != end + timedelta(1):
        raise NoticeUnreadable(
            f"原假期为 {first} 至 {old_end}，延长至 {end}、{resumes} 起上班，前后不符。请核对原文。",
            f"The holiday was {first} to {old_end}; an end on {end} and work from {resumes} do not fit.",
        )
    return _extended(item, before, item.body[: text.end("end")], end, year)


def _extended(item: Item, before: Holiday, clause: str, end: date, year: int) -> ParsedHoliday:
    """Put the new end into the old holiday; a make-up day that falls into it is cancelled."""
    first = min(before.days_off)
    off = tuple(first + timedelta(n) for n in range((end - first).days + 1))
    working = tuple(day for day in before.work_days if day not in off)
    check_law(year, before.name, off)
    old = before.sentence or clause
    deciding = {day: old if day in before.days_off + working else clause for day in off + working}
    return ParsedHoliday(before.name, off, working, item.printed, tuple(sorted(deciding.items())))
