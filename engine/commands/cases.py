"""What may be asked of cases."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class StartInstance(Command):
    """Open a case.

    Attributes:
        resource_key: The catalogue entry it is about, where its start asks for one.
        about: The case it comes from, where its start asks for one.
        start: The start event, where a process has several.
    """

    process_id: str
    resource_key: int | None = None
    about: int | None = None
    start: str | None = None


@dataclass(frozen=True, kw_only=True)
class SendMessage(Command):
    """Do an act on a running case, by the id of the event sub-process that it starts."""

    instance_key: int
    element_id: str
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TriggerTimer(Command):
    """A timer's instant has come; issued by the sweep."""

    timer_key: int


@dataclass(frozen=True, kw_only=True)
class CatchMessage(Command):
    """Start the procedure a waiting message is meant for; issued by the sweep."""

    message_key: int


@dataclass(frozen=True, kw_only=True)
class StartRound(Command):
    """The planned instant of a timer start event has come; issued by the sweep."""

    trigger_key: int
    planned_at: datetime


@dataclass(frozen=True, kw_only=True)
class RebindInstance(Command):
    """Go on under a newer version that is in force, if nothing was received yet (R-V1); issued by the engine."""

    instance_key: int
    definition_key: int


@dataclass(frozen=True, kw_only=True)
class ProposeMigration(Command):
    """Propose that a running case goes on under another version; `names` maps elements with another id there."""

    instance_key: int
    definition_key: int
    reason: str
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ConsentToMigration(Command):
    """Agree as the head of a party; the last consent carries the migration out."""

    instance_key: int
    migration_key: int


@dataclass(frozen=True, kw_only=True)
class ObjectToMigration(Command):
    """Disagree as the head of a party; the case stays under its version."""

    instance_key: int
    migration_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class WithdrawMigration(Command):
    """Take a proposal back."""

    instance_key: int
    migration_key: int
    reason: str
