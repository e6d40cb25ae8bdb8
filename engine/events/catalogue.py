"""Entries of the catalogue."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class EntryPublished(Event):
    """A version of a catalogue entry is in force; `metadata` by the field names of domain D.1.3."""

    entry_key: int
    code: str
    name: str
    provider_key: int
    sharing_type: str
    update_cycle: str
    abstract: str
    metadata: dict[str, Any]
    change: str = "published"  # added or revised where a case of Art. 8 led to it
    instance_key: int | None = None


@dataclass(frozen=True)
class EntryWithdrawn(Event):
    """The entry is no longer in the catalogue; publishing it again puts it back."""

    entry_key: int
    withdrawn_on: str
    reason: str
    doc_no: str
    instance_key: int | None = None


@dataclass(frozen=True)
class EntryDeletionAnnounced(Event):
    """The entry will leave the catalogue on a day: until then those who hold grants may prepare."""

    entry_key: int
    deletes_on: str
    reason: str
    doc_no: str
    instance_key: int


@dataclass(frozen=True)
class EntryMoved(Event):
    """The entry is provided by the successor of its abolished provider."""

    entry_key: int
    provider_key: int
    doc_no: str


@dataclass(frozen=True)
class EntryLeadMoved(Event):
    """The successor of an abolished lead department (牵头部门, Art. 9) countersigns changes of the entry."""

    entry_key: int
    lead_key: int
    doc_no: str
