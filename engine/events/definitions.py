"""Versions of process definitions, and the rounds that begin cases by themselves."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class DefinitionDeployed(Event):
    """A version of a process definition; `files` maps path to SHA-256, `notes` and `basis` say why."""

    definition_key: int
    process_id: str
    version: int
    name: str
    sha256: str
    files: dict[str, str]
    effective_from: str | None = None
    notes: str = ""
    basis: str = ""


@dataclass(frozen=True)
class StartTriggerSet(Event):
    """A version has a start event that begins cases by itself; `planned_at` is a timer's first planned start."""

    trigger_key: int
    definition_key: int
    process_id: str
    element_id: str
    name: str
    kind: str  # timer or signal
    signal: str
    planned_at: str | None


@dataclass(frozen=True)
class RoundStarted(Event):
    """A planned instant, or a signal, begins these cases; each delivery begins one.

    Attributes:
        planned_at: The instant by the rule; None for a signal.
        starts_at: The instant it counts from: the planned one, rolled from a rest day; a signal's own.
        estimated: Whether the working day rests on a year without notice.
        deliveries: Message key → parties of the case that it begins.
        came: What the signal brought.
        origin: The case that threw it.
        next_at: The next planned instant.
    """

    trigger_key: int
    element_id: str
    name: str
    kind: str
    planned_at: str | None
    starts_at: str
    estimated: bool
    deliveries: dict[str, dict[str, Any]]
    came: dict[str, Any]
    origin: dict[str, Any] | None
    next_at: str | None


@dataclass(frozen=True)
class RoundsPassed(Event):
    """Planned instants at which nothing begins: for want of a version in force, or too many were missed."""

    trigger_key: int
    element_id: str
    name: str
    first_at: str
    last_at: str
    count: int
    reason: str  # not_in_force, retired or too_many
    next_at: str | None


@dataclass(frozen=True)
class StartFailed(Event):
    """A case of a round could not begin; it is tried on. Told once for each, at the first failure."""

    trigger_key: int
    element_id: str
    name: str
    message_key: int
    cause: str
    cause_en: str


@dataclass(frozen=True)
class DefinitionSuspended(Event):
    """No case starts under the version, and as the newest in force it holds up the whole procedure."""

    definition_key: int
    version: int
    reason: str


@dataclass(frozen=True)
class DefinitionResumed(Event):
    """The suspended version takes cases again."""

    definition_key: int
    version: int
    reason: str


@dataclass(frozen=True)
class DefinitionRetired(Event):
    """The version takes no case any more; the newest of the others in force stands in its place."""

    definition_key: int
    version: int
    reason: str
