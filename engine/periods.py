"""Statutory periods (法定期限): from an event to the last day on which the act is still in time."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from engine.calendar import ChinaWorkingCalendar
from engine.calendar.days import BEIJING as BEIJING

AFTER_HOURS_RULES = ("same_day", "next_working_day")
ROLLS = ("none", "previous_wd", "next_wd")
_TAIL = (12, 29)


class Unit(StrEnum):
    """What a period is counted in; a fixed date (每年1月15日前) is not counted at all."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"
    FIXED_DATE = "fixed_date"


class Status(StrEnum):
    """How certain a due date is (R-T13)."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    UNCOVERED = "uncovered"


@dataclass(frozen=True)
class Policy:
    """The choices the law leaves open; times of day are texts such as "17:00", as settings hold them.

    Raises:
        ValueError: a time that is none, an unknown rule, or next_working_day without office_close.

    Source: R-T1, R-T4, R-T5, R-T12; 民法典第二百零三条第二款.
    """

    count_receipt_day: bool = False
    day_end: str = "24:00"
    after_hours_rule: str = "same_day"
    office_close: str | None = None
    fixed_date_inclusive: bool = True
    fixed_date_roll: str = "none"

    def __post_init__(self) -> None:
        minutes_of(self.day_end)
        if self.office_close is not None:
            minutes_of(self.office_close)
        _one_of("after_hours_rule", self.after_hours_rule, AFTER_HOURS_RULES)
        _one_of("fixed_date_roll", self.fixed_date_roll, ROLLS)
        if self.after_hours_rule == "next_working_day" and self.office_close is None:
            raise ValueError("Expected an office_close with after_hours_rule next_working_day, found none")


@dataclass(frozen=True)
class Pause:
    """A stretch that does not count (扣除): the days after `since` up to and including the day of `until`.

    `until` is None while it lasts; both are aware instants.
    """

    ground: str
    basis: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Term:
    """What is counted: a period as one deadline has it.

    Attributes:
        length: In `unit`, at least 1; 0 for a fixed date.
        event_at: Aware instant of the event that sets it running; of a fixed date, any instant on it.
        extended_by: Approved extension, in the same unit.

    Raises:
        ValueError: a naive instant, a length below 1, or a negative extension.
    """

    length: int
    event_at: datetime
    unit: Unit = Unit.WORKING_DAY
    policy: Policy = field(default_factory=Policy)
    pauses: tuple[Pause, ...] = ()
    extended_by: int = 0

    def __post_init__(self) -> None:
        if self.event_at.tzinfo is None:
            raise ValueError(f"Expected an instant with a time zone, found {self.event_at.isoformat()}")
        if self.extended_by < 0 or (self.length < 1) != (self.unit is Unit.FIXED_DATE and self.length == 0):
            raise ValueError(
                "Expected a length of at least 1 and no negative extension, "
                f"found {self.length} and {self.extended_by}"
            )


@dataclass(frozen=True)
class Due:
    """A due date in Asia/Shanghai, and `due_at`, the UTC instant from which an act is late.

    Attributes:
        event_day: Day 0.
        before_count: The day after which counting starts; the event day, as a rule.
        original_due_on: The due date without any extension.
        last_on: The last day counted; a period of days or months then rolls on from a rest day.
        excluded: How many days the pauses took out, working or calendar days by the unit.
        examined: The first and last day whose nature the result rests on.
    """

    due_on: date
    due_at: datetime
    status: Status
    event_day: date
    before_count: date
    original_due_on: date
    last_on: date
    excluded: int
    examined: tuple[date, date]


def count(term: Term, calendar: ChinaWorkingCalendar) -> Due:
    """Return when a period runs out.

    Working days are counted one by one. Days and months end on the day so many days later, or on the
    corresponding day of the month (its last day where there is none), and roll on from a rest day. An
    extension counts on from the original due date, in the same unit.

    Raises:
        ValueError: the count leaves the years 1 to 9999.
        CalendarUnknown: a year has no notice, and the calendar does not estimate.

    Source:
        民法典 art. 201 (the first day is not counted), art. 202 (corresponding day), art. 203 (a rest day at
        the end; when the last day ends); R-T1, R-T3, R-T4, R-T5, R-T11, R-T12, R-T13.
    """
    if term.unit is Unit.FIXED_DATE:
        return _fixed(term, calendar)
    policy = term.policy
    received_on = beijing_day(term.event_at)
    event_day = _event_day(term.event_at, calendar, policy)
    before = event_day - timedelta(1) if policy.count_receipt_day else event_day
    excluded = sum(excluded_days(pause, term.unit, calendar) for pause in term.pauses)
    last_on, original = _reach(before, term.length, term.unit, excluded, calendar)
    due_on = original
    if term.extended_by:
        _, due_on = _reach(original, term.extended_by, term.unit, 0, calendar)
    # Under the other rule the day of receipt itself decides, so the result rests on it too.
    first = received_on if policy.after_hours_rule != "same_day" else before + timedelta(1)
    if term.unit is not Unit.WORKING_DAY:
        first = last_on
    examined = (min(first, due_on), due_on)
    return Due(
        due_on=due_on,
        due_at=end_of(due_on, policy.day_end),
        status=certainty(*examined, calendar),
        event_day=event_day,
        before_count=before,
        original_due_on=original,
        last_on=last_on,
        excluded=excluded,
        examined=examined,
    )


def excluded_days(pause: Pause, unit: Unit, calendar: ChinaWorkingCalendar) -> int:
    """Return how many days a pause takes out of a period; a pause that lasts takes none yet."""
    if pause.until is None:
        return 0
    since, until = beijing_day(pause.since), beijing_day(pause.until)
    if unit is Unit.WORKING_DAY:
        return max(calendar.working_days_between(since, until), 0)
    return max((until - since).days, 0)


def days_late(due_on: date, acted_on: date, calendar: ChinaWorkingCalendar) -> tuple[int, int]:
    """Return (working days, calendar days) of lateness, zero when in time (R-T10)."""
    if acted_on <= due_on:
        return 0, 0
    return calendar.working_days_between(due_on, acted_on), (acted_on - due_on).days


def target_day(due_on: date, calendar: ChinaWorkingCalendar) -> date:
    """Return the last working day on or before a due date: the internal target (R-T12)."""
    return calendar.previous_working_day(due_on + timedelta(1))


def reminder_at(due_on: date, lead_wd: int, at: str, calendar: ChinaWorkingCalendar) -> datetime:
    """Return the UTC instant of a reminder, `lead_wd` working days before the due date (R-T7).

    A due date on a rest day counts from the last working day before it (R-T12).

    Raises:
        ValueError: a negative lead, or `at` not a time such as "09:00".
    """
    if lead_wd < 0:
        raise ValueError(f"Expected a lead of 0 or more working days, found {lead_wd}")
    return end_of(calendar.add_working_days(target_day(due_on, calendar), -lead_wd), at)


def beijing_day(instant: datetime) -> date:
    """Return the civil date of an aware instant in Asia/Shanghai (R-T3).

    Raises:
        ValueError: a naive instant.
    """
    return _beijing(instant).date()


def end_of(day: date, clock: str) -> datetime:
    """Return the UTC instant of a time of day, "00:00" to "24:00", on a Beijing day."""
    return (datetime.combine(day, time(), BEIJING) + timedelta(minutes=minutes_of(clock))).astimezone(UTC)


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


def add_months(day: date, months: int) -> date:
    """Return the corresponding day so many months later, the month's last day where there is none.

    Source: 民法典第二百零二条.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_after_hours(received_at: datetime, calendar: ChinaWorkingCalendar, policy: Policy) -> bool:
    """Say whether an event after office hours or on a rest day is taken as of the next working day (R-T5)."""
    if policy.after_hours_rule == "same_day" or policy.office_close is None:
        return False
    local = _beijing(received_at)
    in_hours = local.hour * 60 + local.minute < minutes_of(policy.office_close)
    return not (in_hours and calendar.is_working_day(local.date()))


def _reach(
    start: date, length: int, unit: Unit, excluded: int, calendar: ChinaWorkingCalendar
) -> tuple[date, date]:
    """Return the last day counted after `start`, and the due date it yields."""
    if unit is Unit.WORKING_DAY:
        last = calendar.add_working_days(start, length + excluded)
        return last, last
    if unit is Unit.MONTH:
        last = add_months(start, length) + timedelta(excluded)
    else:
        last = start + timedelta(length + excluded)
    return last, calendar.find_following_working_day(last)


def _fixed(term: Term, calendar: ChinaWorkingCalendar) -> Due:
    named = beijing_day(term.event_at)
    last = named if term.policy.fixed_date_inclusive else named - timedelta(1)
    due_on, roll = last, term.policy.fixed_date_roll
    if roll == "next_wd":
        due_on = calendar.find_following_working_day(last)
    elif roll == "previous_wd":
        due_on = target_day(last, calendar)
    examined = (min(last, due_on), max(last, due_on))
    return Due(
        due_on=due_on,
        due_at=end_of(due_on, term.policy.day_end),
        # A date that does not move rests on no notice.
        status=Status.FINAL if roll == "none" else certainty(*examined, calendar),
        event_day=named,
        before_count=named,
        original_due_on=due_on,
        last_on=last,
        excluded=0,
        examined=examined,
    )


def _beijing(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"Expected an instant with a time zone, found {instant.isoformat()}")
    return instant.astimezone(BEIJING)


def _event_day(received_at: datetime, calendar: ChinaWorkingCalendar, policy: Policy) -> date:
    day = beijing_day(received_at)
    return calendar.add_working_days(day, 1) if is_after_hours(received_at, calendar, policy) else day


def certainty(first: date, last: date, calendar: ChinaWorkingCalendar) -> Status:
    """Return how certain a count over the days from `first` to `last` is (R-T13)."""
    years = range(first.year, last.year + 1)
    if not all(year in calendar.annual for year in years):
        return Status.UNCOVERED
    for year in years:
        touches_tail = first <= date(year, 12, 31) and last >= date(year, *_TAIL)
        if touches_tail and year + 1 not in calendar.annual:
            return Status.PROVISIONAL
    return Status.FINAL


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"Expected {name} to be one of {', '.join(allowed)}, found {value!r}")
