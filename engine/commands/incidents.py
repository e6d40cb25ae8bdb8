"""What may be asked of incidents."""

from dataclasses import dataclass, field
from typing import Any

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class RetryIncident(Command):
    """Try a failed step again; issued by the sweep when its policy says so."""

    incident_key: int


@dataclass(frozen=True, kw_only=True)
class ResolveIncident(Command):
    """Try a failed step again now, as an operator.

    Attributes:
        corrections: Case variables to correct first, by name; `reason` says why.
        seen: How often it had been tried when the operator looked; another number is a conflict.
    """

    incident_key: int
    corrections: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class SkipIncident(Command):
    """Let the token leave without the element's work; at a gateway by the flows that are named."""

    incident_key: int
    reason: str
    flows: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CancelIncident(Command):
    """End the case, since its failed step cannot be done."""

    incident_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class NoteFailure(Command):
    """A timer or a message could not be carried out; issued by the sweep, with one of the two."""

    cause: str
    cause_en: str
    failed_timer: int | None = None
    failed_message: int | None = None
