"""Statutory periods (法定期限): from an event to the last day on which the act is still in time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from engine.calendar import ChinaWorkingCalendar, Day, Kind
from engine.calendar.days import BEIJING as BEIJING

AFTER_HOURS_RULES = ("same_day", "next_working_day")


class Unit(StrEnum):
    """What a period is counted in."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"


class Status(StrEnum):
    """How certain a due date is (R-T13)."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    UNCOVERED = "uncovered"


class Role(StrEnum):
    """What a day between event and due date does for the count."""

    EVENT = "event"
    COUNTED = "counted"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP_COUNTED = "makeup_counted"


@dataclass(frozen=True)
class Policy:
    """The choices the law leaves open; times of day are texts such as "17:00", as settings hold them.

    Raises:
        ValueError: a time that is none, an unknown rule, or next_working_day without office_close.

    Source: R-T1, R-T4, R-T5; 民法典第二百零三条第二款.
    """

    count_receipt_day: bool = False
    day_end: str = "24:00"
    after_hours_rule: str = "same_day"
    office_close: str | None = None

    def __post_init__(self) -> None:
        minutes_of(self.day_end)
        if self.office_close is not None:
            minutes_of(self.office_close)
        if self.after_hours_rule not in AFTER_HOURS_RULES:
            raise ValueError(
                f"Expected after_hours_rule same_day or next_working_day, found {self.after_hours_rule!r}"
            )
        if self.after_hours_rule == "next_working_day" and self.office_close is None:
            raise ValueError("Expected an office_close with after_hours_rule next_working_day, found none")


@dataclass(frozen=True)
class Due:
    """A due date in Asia/Shanghai, and `due_at`, the UTC instant from which an act is late.

    `event_day` is day 0; `counts_from` is the first day that may be counted, see `counted`; `notices` are the
    ids of the notices the count rests on, in the order of publication.
    """

    due_on: date
    due_at: datetime
    status: Status
    event_day: date
    counts_from: date
    notices: tuple[str, ...]


@dataclass(frozen=True)
class StripDay:
    """One day of the strip; `number` is its place in the count, None if it is not counted."""

    date: date
    role: Role
    name: str | None
    notice_id: str | None
    covered: bool
    number: int | None


def working_day_limit(
    received_at: datetime,
    length: int,
    calendar: ChinaWorkingCalendar,
    policy: Policy | None = None,
    extended_by: int = 0,
    excluded: int = 0,
) -> Due:
    """Return the due date of a limit of `length` working days from an instant.

    Args:
        received_at: Aware instant of the event; its day is taken in Asia/Shanghai.
        length: Working days, at least 1.
        extended_by: Working days of an approved extension, counted on from the original due date (R-T11).
        excluded: Working days that passed but do not count (扣除); they move the original due date.

    Raises:
        ValueError: a naive instant, a length below 1, a negative number, or a count beyond the year 9999.

    Source:
        民法典 art. 201 (the first day is not counted), art. 203 (the last day and when it ends);
        R-T1, R-T3, R-T4, R-T5, R-T11, R-T13.
    """
    if length < 1 or extended_by < 0 or excluded < 0:
        raise ValueError(
            "Expected a length of at least 1 and no negative extension or excluded days, "
            f"found {length}, {extended_by} and {excluded}"
        )
    policy = policy or Policy()
    received_on = beijing_day(received_at)
    event_day = _event_day(received_at, calendar, policy)
    day_before_count = event_day - timedelta(1) if policy.count_receipt_day else event_day
    due_on = calendar.add_working_days(day_before_count, length + excluded + extended_by)
    # Under the other rule the day of receipt itself decides, so the result rests on it too.
    first = received_on if policy.after_hours_rule != "same_day" else day_before_count + timedelta(1)
    first = min(first, due_on)
    return Due(
        due_on=due_on,
        due_at=_end_of(due_on, policy.day_end),
        status=_status(first, due_on, calendar),
        event_day=event_day,
        counts_from=day_before_count + timedelta(1),
        notices=calendar.rests_on(first, due_on),
    )


def counted(due: Due, calendar: ChinaWorkingCalendar) -> tuple[Day, ...]:
    """Return the working days that were counted, in order."""
    return tuple(day for day in calendar.days(due.counts_from, due.due_on) if day.working)


def strip(due: Due, calendar: ChinaWorkingCalendar) -> tuple[StripDay, ...]:
    """Return every day from the event day to the due date, with its part in the count and its reason."""
    numbers = {day.date: n for n, day in enumerate(counted(due, calendar), start=1)}
    days = calendar.days(due.event_day, due.due_on)
    return tuple(
        StripDay(d.date, _role(d, due), d.name, d.notice_id, d.covered, numbers.get(d.date)) for d in days
    )


def days_late(due_on: date, acted_on: date, calendar: ChinaWorkingCalendar) -> tuple[int, int]:
    """Return (working days, calendar days) of lateness, zero when in time (R-T10)."""
    if acted_on <= due_on:
        return 0, 0
    return calendar.working_days_between(due_on, acted_on), (acted_on - due_on).days


def reminder_at(due_on: date, lead_wd: int, at: str, calendar: ChinaWorkingCalendar) -> datetime:
    """Return the UTC instant of a reminder, `lead_wd` working days before the due date (R-T7).

    A due date on a rest day counts from the last working day before it (R-T12).

    Raises:
        ValueError: a negative lead, or `at` not a time such as "09:00".
    """
    if lead_wd < 0:
        raise ValueError(f"Expected a lead of 0 or more working days, found {lead_wd}")
    last_working = calendar.previous_working_day(due_on + timedelta(1))
    return _end_of(calendar.add_working_days(last_working, -lead_wd), at)


def beijing_day(instant: datetime) -> date:
    """Return the civil date of an aware instant in Asia/Shanghai (R-T3).

    Raises:
        ValueError: a naive instant.
    """
    return _beijing(instant).date()


def minutes_of(text: str) -> int:
    """Return a time of day, "00:00" to "24:00", in minutes.

    Raises:
        ValueError: the text is no such time.
    """
    try:
        if text == "24:00":
            return 24 * 60
        found = time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Expected a time such as 17:00, found {text!r}") from None
    if len(text) != 5 or found.tzinfo is not None:
        raise ValueError(f"Expected a time such as 17:00, found {text!r}")
    return found.hour * 60 + found.minute


def _beijing(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"Expected an instant with a time zone, found {instant.isoformat()}")
    return instant.astimezone(BEIJING)


def _event_day(received_at: datetime, calendar: ChinaWorkingCalendar, policy: Policy) -> date:
    local = _beijing(received_at)
    if policy.after_hours_rule == "same_day" or policy.office_close is None:
        return local.date()
    in_hours = local.hour * 60 + local.minute < minutes_of(policy.office_close)
    if in_hours and calendar.is_working_day(local.date()):
        return local.date()
    return calendar.add_working_days(local.date(), 1)


def _end_of(day: date, clock: str) -> datetime:
    return (datetime.combine(day, time(), BEIJING) + timedelta(minutes=minutes_of(clock))).astimezone(UTC)


def _status(first: date, due_on: date, calendar: ChinaWorkingCalendar) -> Status:
    if not all(year in calendar.annual for year in range(first.year, due_on.year + 1)):
        return Status.UNCOVERED
    # Of covered years in a row only the last can have an open tail.
    return Status.PROVISIONAL if calendar.is_open_tail(due_on) else Status.FINAL


def _role(day: Day, due: Due) -> Role:
    if day.date == due.event_day:
        return Role.EVENT
    if day.working:
        return Role.MAKEUP_COUNTED if day.kind is Kind.MAKEUP else Role.COUNTED
    # An estimated day off with no name is a plain weekend.
    return Role.HOLIDAY if day.name else Role.WEEKEND
