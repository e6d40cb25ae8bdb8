"""Limits and their timers."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class DeadlineSet(Event):
    """A time limit runs; everything an outsider needs to count it again.

    Attributes:
        organisation_key: The department that owes the act; its local rules and closures count (R-T14).
        terms: Length, unit, event, policy, pauses, extensions, rule: `engine.deadline_terms`.
        calendar_as_of: The instant whose knowledge of the notices was used.
    """

    deadline_key: int
    element_id: str
    attached_to: str
    organisation_key: int | None
    name: str
    basis: str
    kind: str
    setting: str
    terms: dict[str, Any]
    event_on: str
    original_due_on: str
    due_on: str
    due_at: str
    status: str
    calendar_as_of: str
    notices: list[str]
    on_expiry: str


@dataclass(frozen=True)
class DeadlineMoved(Event):
    """Base of what changes a running limit: the terms after it, the due date before and after."""

    deadline_key: int
    name: str
    terms: dict[str, Any]
    state: str
    due_before: str
    status_before: str
    original_due_on: str
    due_on: str
    due_at: str
    status: str
    calendar_as_of: str
    notices: list[str]


@dataclass(frozen=True)
class DeadlineExtended(DeadlineMoved):
    """An extension was approved (R13-05 to R13-11)."""

    days: int
    asked_by: str
    approved_by: str
    reading: str
    basis: str


@dataclass(frozen=True)
class DeadlinePaused(DeadlineMoved):
    """The limit stands still on a ground that a setting grants; its due date is open until it resumes."""

    ground: str
    basis: str


@dataclass(frozen=True)
class DeadlineResumed(DeadlineMoved):
    """The limit runs again, later by the days it stood still."""

    ground: str
    excluded: int


@dataclass(frozen=True)
class DeadlineAnswered(Event):
    """What meets the limit was done in time, and is being looked at: until then nothing expires."""

    deadline_key: int
    name: str
    answered_at: str


@dataclass(frozen=True)
class DeadlineReopened(Event):
    """What was done did not stand: the limit goes on from the same day, as if nothing had been done."""

    deadline_key: int
    name: str
    due_on: str


@dataclass(frozen=True)
class DeadlineRecounted(DeadlineMoved):
    """A confirmed notice changed the calendar (R-T14); `cause` names it.

    `held` says that the new date had passed already and the day of the change was kept instead.
    """

    calendar_notice_key: int
    cause: str
    held: bool


@dataclass(frozen=True)
class DeadlineMigrated(DeadlineMoved):
    """The case's new version sets the length from now on; the event day, extensions and pauses stay (R-V1).

    `held` says that the new date had passed already and the day of the migration was kept instead.
    """

    element_id: str
    attached_to: str
    organisation_key: int | None
    basis: str
    kind: str
    setting: str
    on_expiry: str
    version: int
    held: bool


@dataclass(frozen=True)
class DeadlineExpired(Event):
    """The limit ran out with the duty undone; `occurred_at` is the planned instant (R-T8)."""

    deadline_key: int
    name: str
    due_on: str
    overdue: bool


@dataclass(frozen=True)
class DeadlineUndetermined(Event):
    """The day came but the year's notice is missing: 期限待定, nothing expires (R-T13)."""

    deadline_key: int
    name: str
    due_on: str


@dataclass(frozen=True)
class DeadlineEnded(Event):
    """The limit no longer runs: met (in time or late) or cancelled."""

    deadline_key: int
    name: str
    kind: str
    state: str
    late_wd: int
    late_cd: int


@dataclass(frozen=True)
class TimerArmed(Event):
    """An instant the sweep will look for."""

    timer_key: int
    element_id: str
    token: str
    deadline_key: int | None
    kind: str
    fires_at: str


@dataclass(frozen=True)
class TimerFired(Event):
    """The instant came."""

    timer_key: int
    element_id: str
    name: str
    kind: str


@dataclass(frozen=True)
class TimerDisarmed(Event):
    """The instant no longer matters."""

    timer_key: int
    element_id: str


@dataclass(frozen=True)
class TimerRearmed(Event):
    """The instant moved with its limit."""

    timer_key: int
    element_id: str
    fires_at: str


@dataclass(frozen=True)
class TimerPostponed(Event):
    """The instant came but may not count yet; look again then."""

    timer_key: int
    until: str
