"""What a notice must agree with: itself, the week, and the law on holidays. A check that fails is an error."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from engine.calendar.clauses import Arrangement
from engine.calendar.dates import LONGEST
from engine.calendar.feasts import FEASTS, SINCE_2008, UNTIL_2007, feasts_of, must_be_off
from engine.calendar.parsed import ParsedHoliday
from engine.calendar.text import NoticeUnreadable
from engine.errors import Message

_FARTHEST_MAKE_UP = 21  # days; the farthest so far were 16 (2007)


def settle(found: Arrangement) -> dict[date, str]:
    """Return the make-up days of an item with the clause of each.

    A moved rest day is a working day, said so or not (国庆节 2008), unless the holiday itself covers it (2009).

    Raises:
        NoticeUnreadable: moved days and working days disagree.
    """
    outside = {day: clause for day, clause in found.moved.items() if day not in found.off}
    if found.working and outside and set(outside) != set(found.working):
        day = min(set(outside) ^ set(found.working))
        raise _contradiction(
            f"{day} 只在“公休日调至”与“上班”之一中出现",
            f"{day} stands in only one of 公休日调至 and 上班",
        )
    return outside | found.working


def check_item(found: Arrangement, working: dict[date, str]) -> None:
    """Hold the parts of one item against each other and against the week.

    Raises:
        NoticeUnreadable: they do not fit.
    """
    if not found.off:
        raise _contradiction("没有写明哪天放假", "no day is declared off")
    first, last = min(found.off), max(found.off)
    if (last - first).days >= LONGEST:
        raise _contradiction(
            f"放假日期从 {first} 到 {last}，超过{LONGEST}天",
            f"days off from {first} to {last} are too far apart",
        )
    for day in _between(first, last):
        if day not in found.off and not _weekend(day):
            raise _contradiction(
                f"放假日期不连续，中间的 {day} 是工作日", f"the days off leave out {day}, a working day"
            )
    for day in sorted(working):
        _check_make_up(day, first, last, found)
    _check_partition(found)
    if found.joins_weekend and not any(_joins_weekend(day) for day in found.off):
        raise _contradiction(f"{first} 不与周末相连", f"{first} does not adjoin a weekend")
    if found.nothing_moved and working:
        raise _contradiction("既写不调休，又写上班", "it says 不调休 and names a make-up day")


def _check_make_up(day: date, first: date, last: date, found: Arrangement) -> None:
    if not _weekend(day):
        raise _contradiction(
            f"{day} 上班或公休日调出，但它不是星期六、星期日", f"{day} is no Saturday or Sunday"
        )
    if day in found.off:
        raise _contradiction(f"{day} 既放假又上班", f"{day} is both off and working")
    if not first - timedelta(_FARTHEST_MAKE_UP) <= day <= last + timedelta(_FARTHEST_MAKE_UP):
        raise _contradiction(f"上班日 {day} 离假期太远", f"the make-up day {day} is too far from the holiday")


def _check_partition(found: Arrangement) -> None:
    """Hold 法定节假日, 公休日 and 调至 against the days off, where the item explains them (2007–2009)."""
    explained = found.statutory + found.rests + found.received
    if not explained:
        return
    if sorted(explained) != sorted(found.off):
        day = min(set(explained) ^ set(found.off), default=min(found.off))
        raise _contradiction(
            f"放假日期与“其中”所列不符，见 {day}", f"the days off are not those explained, see {day}"
        )
    for day in found.rests:
        if not _weekend(day):
            raise _contradiction(f"{day} 写作公休日，但不是周末", f"{day} is called a rest day and is none")
    for day in found.moved:
        if not _weekend(day):
            raise _contradiction(f"公休日调出的 {day} 不是周末", f"the moved rest day {day} is no weekend")
    for day in found.received:
        if _weekend(day):
            raise _contradiction(f"公休日调入的 {day} 已是周末", f"{day} receives a rest day and is one")
    for day in found.statutory:
        if _weekend(day) and day not in found.moved:
            raise _contradiction(
                f"法定节假日 {day} 逢周末，却没有写公休日调至何日",
                f"{day}, a holiday on a weekend, is not moved",
            )


def check_law(year: int, name: str, off: Iterable[date]) -> None:
    """Check that the days off by law are among the days off of their item.

    Raises:
        NoticeUnreadable: one is missing.

    Source: 全国年节及纪念日放假办法 art. 2.
    """
    for feast in sorted(feasts_of(name), key=FEASTS.index):
        if missing := must_be_off(year, feast) - set(off):
            day = min(missing)
            raise _contradiction(
                f"{day} 是{feast}法定假日，却不在放假日期内",
                f"{day} is off by law ({feast}) and not among the days off",
            )


def check_together(year: int, holidays: Sequence[ParsedHoliday]) -> None:
    """Check that an annual notice holds each holiday once, and no day twice.

    Raises:
        NoticeUnreadable: a holiday is missing or there twice, or two items disagree about a day.
    """
    seen: dict[str, str] = {}
    days: dict[date, ParsedHoliday] = {}
    for holiday in holidays:
        for feast in feasts_of(holiday.name):
            if feast in seen:
                raise _contradiction(f"{feast}出现两次", f"{feast} stands there twice").within(
                    holiday.sentence
                )
            seen[feast] = holiday.name
        for day in holiday.days_off + holiday.work_days:
            if day in days:
                raise _contradiction(
                    f"{day} 在{days[day].name}与{holiday.name}两项中都有安排",
                    f"{day} is arranged by two items",
                ).within(holiday.sentence)
            days[day] = holiday
    expected = SINCE_2008 if year >= 2008 else UNTIL_2007
    if missing := expected - set(seen):
        names = "、".join(sorted(missing, key=FEASTS.index))
        raise NoticeUnreadable(
            f"{year}年的年度通知应写明{len(expected)}个节日，缺少{names}。请核对原文是否完整。",
            f"Expected the annual notice of {year} to name {len(expected)} holidays, found no {names}.",
        )


def remarks_on(year: int, holidays: Sequence[ParsedHoliday]) -> tuple[Message, ...]:
    """Say where the exchange of days does not come out even, which is unusual but no contradiction."""
    lawful = 13 if year >= 2025 else 11 if year >= 2008 else 10
    off = sum(not _weekend(day) for holiday in holidays for day in holiday.days_off)
    net = off - sum(len(holiday.work_days) for holiday in holidays)
    if net == lawful:
        return ()
    return (
        Message(
            f"全年工作日放假天数减去调休上班天数为{net}天，通常等于法定假日{lawful}天，请核对。",
            f"Weekdays off less make-up days are {net}; usually they equal the {lawful} holidays by law. Please check.",
        ),
    )


def _weekend(day: date) -> bool:
    return day.weekday() >= 5


def _joins_weekend(day: date) -> bool:
    return not _weekend(day) and (_weekend(day - timedelta(1)) or _weekend(day + timedelta(1)))


def _between(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def _contradiction(zh: str, en: str) -> NoticeUnreadable:
    return NoticeUnreadable(
        f"本项自相矛盾或与日历、法律不符：{zh}。请核对原文。", f"The item does not fit: {en}."
    )
