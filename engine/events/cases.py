"""A case: its beginning, parties, version, variables."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class InstanceStarted(Event):
    """A case began."""

    definition_key: int
    process_id: str
    version: int
    business_id: str
    title: str
    awaits_receipt: bool = False  # before its delivery it is no case for the other side (R-V1)


@dataclass(frozen=True)
class InstanceTriggered(Event):
    """The case was begun by its start event: at a planned instant, or by a signal of another case."""

    element_id: str
    name: str
    kind: str
    planned_at: str | None
    starts_at: str
    estimated: bool


@dataclass(frozen=True)
class InstanceRebound(Event):
    """A newer version came into force before receipt; the case goes on under it (R-V1)."""

    definition_key: int
    from_version: int
    to_version: int


@dataclass(frozen=True)
class VersionKept(Event):
    """A newer version came into force before receipt, but the case cannot go on under it; `reasons` say why."""

    version: int
    newer_version: int
    reasons: list[str]


@dataclass(frozen=True)
class MigrationProposed(Event):
    """An administrator proposes that the running case goes on under another version.

    Attributes:
        asked: The departments whose heads must consent.
        names: Elements of the old version that have another id in the new one.
        preview: What the migration would do, as `engine.migration_preview` writes it.
    """

    migration_key: int
    definition_key: int
    from_version: int
    to_version: int
    reason: str
    asked: list[int]
    names: dict[str, str]
    preview: dict[str, Any]


@dataclass(frozen=True)
class MigrationConsented(Event):
    """The head of a party agreed."""

    migration_key: int
    organisation_key: int
    as_deputy_of: str | None


@dataclass(frozen=True)
class MigrationObjected(Event):
    """The head of a party did not agree; the case stays under its version."""

    migration_key: int
    organisation_key: int
    reason: str
    as_deputy_of: str | None


@dataclass(frozen=True)
class MigrationWithdrawn(Event):
    """The proposal was taken back."""

    migration_key: int
    reason: str


@dataclass(frozen=True)
class MigrationLapsed(Event):
    """The case has moved since it was proposed, so that the preview is no longer true; `reasons` say where."""

    migration_key: int
    reasons: list[str]


@dataclass(frozen=True)
class InstanceMigrated(Event):
    """With the consent of its parties the case goes on under another version, its tokens moved as previewed."""

    migration_key: int
    definition_key: int
    from_version: int
    to_version: int
    names: dict[str, str]


@dataclass(frozen=True)
class ElementReached(Event):
    """A token did its work at an element and left; `state` is the case state from here on, if it says one."""

    element_id: str
    name: str
    state: str | None = None
    skipped: bool = False


@dataclass(frozen=True)
class VariablesSet(Event):
    """Case variables took new values."""

    values: dict[str, Any]


@dataclass(frozen=True)
class PartiesSet(Event):
    """Who the case is between; None while open."""

    using: int | None
    providing: int | None
    managing: int | None
    title: str


@dataclass(frozen=True)
class PartySucceeded(Event):
    """A party was merged or abolished and its successor goes on; no clock changes (R-T15)."""

    parties: list[str]  # the variables: using_dept, providing_dept, managing_dept
    organisation_key: int
    successor_key: int
    name_before: str
    name_after: str
    valid_from: str
    doc_no: str


@dataclass(frozen=True)
class InstanceVoided(Event):
    """The case was annulled; its history stays."""

    reason: str
    doc_no: str
