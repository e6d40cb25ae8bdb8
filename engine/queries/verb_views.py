"""The shapes that questions about verbs answer with."""

from dataclasses import dataclass
from datetime import datetime

from engine.errors import Message


@dataclass(frozen=True)
class PersonChoice:
    """Somebody to choose; `hint` says where they work and how many tasks they hold."""

    username: str
    name: str
    hint: Message


@dataclass(frozen=True)
class StepChoice:
    """A step to choose."""

    id: str
    name: str


@dataclass(frozen=True)
class OfferedVerb:
    """A verb with what its dialogue needs, see `engine.verbs.Verb`."""

    code: str
    name: Message
    effect: Message
    needs: tuple[str, ...]
    people: tuple[PersonChoice, ...] = ()
    steps: tuple[StepChoice, ...] = ()
    grounds: tuple[str, ...] = ()
    danger: bool = False
    primary: bool = False
    wants_text: bool = False
    at_once: bool = False
    replies: bool = False


@dataclass(frozen=True)
class PartView:
    """What somebody has or had to do with a task, or why it came back; `mine`: the reader is asked."""

    kind: str
    kind_name: Message
    person: str
    asked_by: str
    text: str
    state: str
    agrees: bool | None
    answer: str
    asked_at: datetime
    answered_at: datetime | None
    mine: bool


@dataclass(frozen=True)
class SupervisionView:
    """A supervision of a case; `ended_at` None while it lasts."""

    organisation: str
    text: str
    by: str
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class CopyView:
    """A copy of a case; `read_at` None while it is not marked as read."""

    person: str
    sent_by: str
    text: str
    sent_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class DisposedTask:
    """An open task by name, with what an administrator may do with it."""

    key: int
    name: str
    org_name: str
    verbs: tuple[OfferedVerb, ...]


@dataclass(frozen=True)
class Disposal:
    """Where a case stands, without what it is about."""

    key: int
    business_id: str
    process_name: str
    state: str
    tasks: tuple[DisposedTask, ...]
    verbs: tuple[OfferedVerb, ...]
