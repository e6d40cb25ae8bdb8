"""The working calendar: documents and recounts."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class CalendarNoticeEntered(Event):
    """Somebody entered a document about working days; it counts once another person confirms it.

    Attributes:
        notice: As `engine.calendar.notice_data` writes it: id, kind, year, title, layer, scope, holidays, …
        text_sha256: The pasted or uploaded text, empty where the entry was made by hand.
        corrects: The confirmed notice that this one takes the place of.
    """

    calendar_notice_key: int
    notice: dict[str, Any]
    text_sha256: str
    corrects: int | None


@dataclass(frozen=True)
class CalendarNoticeConfirmed(Event):
    """The document counts; `known_at` is the instant from which the platform knew it."""

    calendar_notice_key: int
    known_at: str


@dataclass(frozen=True)
class CalendarNoticeRejected(Event):
    """The document does not count."""

    calendar_notice_key: int
    reason: str


@dataclass(frozen=True)
class RecountStarted(Event):
    """A confirmed notice may move limits: so many cases are looked at."""

    recount_key: int
    calendar_notice_key: int
    cases: int


@dataclass(frozen=True)
class RecountHeld(Event):
    """Somebody interrupted the recount; `held` False: it goes on."""

    recount_key: int
    held: bool


@dataclass(frozen=True)
class RecountFailed(Event):
    """A case could not be recounted; an operator has to look."""

    recount_key: int
    instance_key: int
    error: str


@dataclass(frozen=True)
class RecountFinished(Event):
    """Every case was looked at once."""

    recount_key: int
    moved: int
    unchanged: int
    failed: int
