"""What may be asked of the working calendar."""

from dataclasses import dataclass

from engine.calendar import Notice
from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class EnterShippedNotices(Command):
    """Enter the notices that come with the product and are not known yet; issued at start and by the sweep."""

    notices: tuple[Notice, ...]


@dataclass(frozen=True, kw_only=True)
class EnterCalendarNotice(Command):
    """Enter a document about working days; `text` is what was pasted or uploaded, `corrects` a notice in force."""

    notice: Notice
    text: bytes = b""
    corrects: int | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmCalendarNotice(Command):
    """Let an entered document count, as the second person."""

    calendar_notice_key: int


@dataclass(frozen=True, kw_only=True)
class RejectCalendarNotice(Command):
    """Decide that an entered document does not count."""

    calendar_notice_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecountCase(Command):
    """Count the running limits of a case again; issued by the sweep."""

    instance_key: int
    recount_key: int


@dataclass(frozen=True, kw_only=True)
class NoteRecountFailure(Command):
    """A case could not be recounted; issued by the sweep."""

    recount_key: int
    instance_key: int
    error: str


@dataclass(frozen=True, kw_only=True)
class FinishRecount(Command):
    """Every case was looked at; issued by the sweep."""

    recount_key: int
    moved: int
    unchanged: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class HoldRecount(Command):
    """Interrupt a recount, or let it go on."""

    recount_key: int
    held: bool
