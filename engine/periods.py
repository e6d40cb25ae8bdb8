"""Statutory periods (法定期限): from an event to the last day on which the act is still in time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from engine.calendar import WorkingCalendar

BEIJING = ZoneInfo("Asia/Shanghai")


class Status(StrEnum):
    """How certain a due date is (R-T13)."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    UNCOVERED = "uncovered"


@dataclass(frozen=True)
class Policy:
    """The choices the law leaves open (R-T4, R-T5). `office_close` is needed by next_working_day."""

    after_hours_rule: str = "same_day"
    office_close: time | None = None


@dataclass(frozen=True)
class Due:
    """A due date: `due_on` in Asia/Shanghai, `due_at` the instant (UTC) at which it has run out."""

    event_on: date
    due_on: date
    due_at: datetime
    status: Status


def working_day_limit(
    received_at: datetime, length: int, calendar: WorkingCalendar, policy: Policy = Policy(), extended_by: int = 0
) -> Due:
    """Return the due date of a limit of `length` working days from an aware instant.

    Raises:
        ValueError: a naive instant, a length below 1, or a count that runs off the calendar.

    Source: 民法典第二百零一条 (the first day is not counted); R-T1, R-T3, R-T4, R-T5, R-T11, R-T13.
    """
    if received_at.tzinfo is None:
        raise ValueError(f"Expected an instant with a time zone, found {received_at.isoformat()}")
    event_on = _event_day(received_at.astimezone(BEIJING), calendar, policy)
    due_on = calendar.nth_working_day_after(event_on, length)
    if extended_by:
        due_on = calendar.nth_working_day_after(due_on, extended_by)
    due_at = datetime.combine(due_on + timedelta(1), time(), BEIJING).astimezone(UTC)
    return Due(event_on, due_on, due_at, _status(due_on, calendar))


def days_late(due_on: date, acted_on: date, calendar: WorkingCalendar) -> tuple[int, int]:
    """Return (working days, calendar days) of lateness, zero when in time (R-T10)."""
    if acted_on <= due_on:
        return 0, 0
    return calendar.working_days_between(due_on, acted_on), (acted_on - due_on).days


def _event_day(local: datetime, calendar: WorkingCalendar, policy: Policy) -> date:
    day = local.date()
    if policy.after_hours_rule == "same_day":
        return day
    if policy.office_close is None:
        raise ValueError("Expected an office_close with after_hours_rule next_working_day, found none")
    if calendar.is_working_day(day) and local.time() < policy.office_close:
        return day
    return calendar.nth_working_day_after(day, 1)


def _status(due_on: date, calendar: WorkingCalendar) -> Status:
    if due_on > calendar.covered_until:
        return Status.UNCOVERED
    return Status.PROVISIONAL if due_on >= calendar.tail_open_from else Status.FINAL
