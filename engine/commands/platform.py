"""What may be asked of the platform itself: clock, receivers outside, seals."""

from dataclasses import dataclass, field
from datetime import date, datetime

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class SetClock(Command):
    """Move the rehearsal clock forward; what became due runs before the answer."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class ConfirmClock(Command):
    """Say that the machine's clock is right after a jump forward."""


@dataclass(frozen=True, kw_only=True)
class RegisterWebhook(Command):
    """Send events of these names to an address, signed with the secret."""

    url: str
    secret: str = field(repr=False)
    types: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RemoveWebhook(Command):
    """Send nothing more to an address."""

    webhook_key: int


@dataclass(frozen=True, kw_only=True)
class SealDay(Command):
    """Seal the heads of all streams for a Beijing day that has ended; issued by the sweep, once a day."""

    day: date
