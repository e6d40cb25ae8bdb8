"""What failed, and how it was mended."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class ErrorUncaught(Event):
    """An error end event that nothing catches ended the case."""

    element_id: str
    name: str
    code: str


@dataclass(frozen=True)
class IncidentRaised(Event):
    """A step failed; what it did was undone and its token stays. Kinds and steps: `engine.incidents`.

    Attributes:
        token: Where the token is held; empty for a limit, a timer, a message or the end of the case.
        input: What it worked on: `text`, and `variables` by name.
        next_try_at: When it is tried again by itself, None never.
        acting_key: The person in whose command it failed, whose act a later try completes.
    """

    incident_key: int
    element_id: str
    name: str
    token: str
    step: str
    kind: str
    cause: str
    cause_en: str
    input: dict[str, Any]
    next_try_at: str | None
    deadline_key: int | None = None
    timer_key: int | None = None
    message_key: int | None = None
    acting_key: int | None = None
    acting_name: str | None = None


@dataclass(frozen=True)
class IncidentTriedAgain(Event):
    """The step failed once more."""

    incident_key: int
    kind: str
    cause: str
    cause_en: str
    input: dict[str, Any]
    next_try_at: str | None
    token: str = ""


@dataclass(frozen=True)
class IncidentVariablesCorrected(Event):
    """An operator corrected what the failed step works on, before trying again; see VariablesSet after it."""

    incident_key: int
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class IncidentEnded(Event):
    """Base of what ends an incident."""

    incident_key: int
    element_id: str
    name: str


@dataclass(frozen=True)
class IncidentResolved(IncidentEnded):
    """The step succeeded when it was tried again."""


@dataclass(frozen=True)
class IncidentSkipped(IncidentEnded):
    """An operator let the token leave without the element's work, by these flows at a gateway."""

    reason: str
    flows: list[str]


@dataclass(frozen=True)
class IncidentCancelled(IncidentEnded):
    """An operator ended the case instead."""

    reason: str


@dataclass(frozen=True)
class IncidentClosed(IncidentEnded):
    """It is over by itself: its element was interrupted, the case ended, its timer was disarmed."""

    reason: str
