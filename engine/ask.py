"""Questions to the calendar that need no case: reverse counts, spans, and what a day is."""

from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendar import ChinaWorkingCalendar, Day, Holiday, Notice
from engine.chinese_dates import zh_week
from engine.periods import Status, certainty


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


def why(answer: DayAnswer) -> str:
    """Return the reason in one Chinese sentence."""
    day, on = answer.day, answer.day.date
    named = zh_week(on)
    verdict = "是工作日" if day.working else "不是工作日"
    if answer.notice is not None and answer.holiday is not None:
        act = "上班" if day.working else "放假"
        return f"{named}{verdict}：《{answer.notice.title}》（{answer.notice.doc_no}）规定因{answer.holiday.name}{act}。"
    if not day.covered:
        ground = f"按法定节假日（{day.name}）估算" if day.name else "按周末和法定节假日估算"
        return f"{named}估计{verdict}：{on.year}年放假安排尚未公布，{ground}。"
    ground = "通常工作日，放假安排没有另作规定" if day.working else "周休息日，放假安排没有规定调休上班"
    open_tail = "；次年放假安排公布后可能变动" if answer.status is Status.PROVISIONAL else ""
    return f"{named}{verdict}：{ground}{open_tail}。"
