"""Questions to the calendar that need no case: reverse counts, spans, and what a day is."""

from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendar import ChinaWorkingCalendar, Day, Holiday, Notice
from engine.chinese_dates import zh_week
from engine.english_dates import en_feast, en_week
from engine.periods import Status, certainty
from engine.speech import Bilingual


@dataclass(frozen=True)
class Latest:
    """When something of so many working days must begin, to be done by a day.

    Attributes:
        event_on: The latest day on which the event may lie (day 0, which is not counted).
        start_on: The latest working day up to then: the last one on which somebody is in the office.
        first_on: The first day that is counted.
    """

    finish_on: date
    event_on: date
    start_on: date
    first_on: date
    status: Status


@dataclass(frozen=True)
class Between:
    """How many days lie between two days, the first one not counted; negative if the second is earlier."""

    first: date
    last: date
    working_days: int
    calendar_days: int
    status: Status


@dataclass(frozen=True)
class DayAnswer:
    """What a day is, the document that decides it and the entry in it, where there is one."""

    day: Day
    notice: Notice | None
    holiday: Holiday | None
    status: Status


def latest_start(finish_by: date, length: int, calendar: ChinaWorkingCalendar) -> Latest:
    """Return the latest event day from which `length` working days end on or before `finish_by`.

    Raises:
        ValueError: a length below 1, or a count that leaves the years 1 to 9999.
    """
    if length < 1:
        raise ValueError(f"Expected at least 1 working day, found {length}")
    first = calendar.add_working_days(finish_by + timedelta(1), -length)
    event_on = first - timedelta(1)
    start_on = calendar.previous_working_day(first)
    return Latest(finish_by, event_on, start_on, first, certainty(first, finish_by, calendar))


def between(first: date, last: date, calendar: ChinaWorkingCalendar) -> Between:
    """Return how many working and calendar days lie after `first` up to and including `last`."""
    low, high = min(first, last), max(first, last)
    return Between(
        first,
        last,
        calendar.working_days_between(first, last),
        (last - first).days,
        certainty(low, high, calendar),
    )


def what_is(day: date, calendar: ChinaWorkingCalendar) -> DayAnswer:
    """Return what a day is and why."""
    notice, holiday = calendar.reason(day) or (None, None)
    return DayAnswer(calendar.day(day), notice, holiday, certainty(day, day, calendar))


def why(answer: DayAnswer) -> Bilingual:
    """Return the reason in one sentence."""
    day, on = answer.day, answer.day.date
    named, english_named = zh_week(on), en_week(on)
    verdict, is_it = (
        ("是工作日", "is a working day") if day.working else ("不是工作日", "is not a working day")
    )
    if answer.notice is not None and answer.holiday is not None:
        act, acted = ("上班", "working") if day.working else ("放假", "off")
        title, number, name = answer.notice.title, answer.notice.doc_no, answer.holiday.name
        return Bilingual(
            f"{named}{verdict}：《{title}》（{number}）规定因{name}{act}。",
            f"{english_named} {is_it}: 《{title}》 ({number}) makes it a day {acted} for {en_feast(name)}.",
        )
    if not day.covered:
        ground = f"按法定节假日（{day.name}）估算" if day.name else "按周末和法定节假日估算"
        source = (
            f"the statutory holiday {en_feast(day.name)}" if day.name else "weekends and statutory holidays"
        )
        return Bilingual(
            f"{named}估计{verdict}：{on.year}年放假安排尚未公布，{ground}。",
            f"By estimate {english_named} {is_it}: the holiday notice for {on.year} is not yet published; estimated "
            f"from {source}.",
        )
    ground, reason = (
        (
            "通常工作日，放假安排没有另作规定",
            "an ordinary working day, and the holiday notice says nothing else",
        )
        if day.working
        else (
            "周休息日，放假安排没有规定调休上班",
            "a weekly rest day, and the holiday notice makes it no working day",
        )
    )
    open_tail, may_change = (
        ("；次年放假安排公布后可能变动", "; it may change once next year’s holiday notice is published")
        if answer.status is Status.PROVISIONAL
        else ("", "")
    )
    return Bilingual(
        f"{named}{verdict}：{ground}{open_tail}。", f"{english_named} {is_it}: {reason}{may_change}."
    )
