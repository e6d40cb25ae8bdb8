"""The strip of a deadline: every day from the event to the due date, and what it does for the count."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from engine.calendar import ChinaWorkingCalendar, Day, Kind, Layer
from engine.periods import Due, Term, Unit, beijing_day


class Role(StrEnum):
    """What a day does for the count."""

    EVENT = "event"
    COUNTED = "counted"
    MAKEUP_COUNTED = "makeup_counted"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    EXCLUDED = "excluded"  # 扣除: it would count, but the limit was paused
    ROLLED = "rolled"  # 顺延: the due date moved here from a rest day


@dataclass(frozen=True)
class StripDay:
    """One day; `number` is its place in the count, None if it is not counted.

    `extension` says that the day belongs to an approved extension; its number then goes on counting.
    """

    date: date
    role: Role
    number: int | None
    extension: bool
    name: str | None
    notice_id: str | None
    layer: Layer | None
    covered: bool


def strip(term: Term, due: Due, calendar: ChinaWorkingCalendar) -> tuple[StripDay, ...]:
    """Return every day from the event day to the due date, with its part in the count and its reason."""
    found: list[StripDay] = []
    number = 0
    for day in calendar.days(min(due.event_day, due.due_on), due.due_on):
        role = _role(day, term, due)
        counts = role in (Role.COUNTED, Role.MAKEUP_COUNTED) or (
            role is Role.EVENT and term.policy.count_receipt_day and _may_count(day, term.unit)
        )
        number += counts
        found.append(
            StripDay(
                day.date,
                role,
                number if counts else None,
                day.date > due.original_due_on,
                day.name,
                day.notice_id,
                day.layer,
                day.covered,
            )
        )
    return tuple(found)


def _role(day: Day, term: Term, due: Due) -> Role:
    if term.unit is Unit.FIXED_DATE:
        return Role.COUNTED if day.date == due.due_on else _rest_role(day)
    if day.date == due.event_day:
        return Role.EVENT
    if _paused(day.date, term):
        return Role.EXCLUDED if _may_count(day, term.unit) else _rest_role(day)
    if term.unit is Unit.WORKING_DAY:
        if not day.working:
            return _rest_role(day)
        return Role.MAKEUP_COUNTED if day.kind is Kind.MAKEUP else Role.COUNTED
    if due.last_on < day.date <= due.original_due_on:
        return Role.ROLLED if day.date == due.original_due_on else _rest_role(day)
    return Role.COUNTED


def _may_count(day: Day, unit: Unit) -> bool:
    return day.working or unit is not Unit.WORKING_DAY


def _rest_role(day: Day) -> Role:
    # An estimated day off with no name is a plain weekend.
    return Role.HOLIDAY if day.name else Role.WEEKEND


def _paused(day: date, term: Term) -> bool:
    return any(
        beijing_day(p.since) < day <= (beijing_day(p.until) if p.until else day + timedelta(1))
        for p in term.pauses
    )
