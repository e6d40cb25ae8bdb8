"""Leaving a post (离职转办)."""

from dataclasses import dataclass

from engine.events.base import Event


@dataclass(frozen=True)
class LeavingBegun(Event):
    """All that a person holds is handed on, then the account ends.

    Attributes:
        successors: User name by group: a role, parts or cases; `all` for every group that is not named.
    """

    leaving_key: int
    user_key: int
    organisation_key: int
    successors: dict[str, str]
    reason: str


@dataclass(frozen=True)
class HoldingHandedOn(Event):
    """What became of one thing that the person held.

    Attributes:
        kind: task, part, rule or case.
        outcome: handed_on, returned (to the department or whoever asked), ended or failed.
    """

    leaving_key: int
    kind: str
    subject_key: int
    name: str
    outcome: str
    to_name: str
    reason: str


@dataclass(frozen=True)
class UserLeft(Event):
    """The person has no roles any more and cannot sign in; the history keeps the name."""

    leaving_key: int
    user_key: int
    failed: int


@dataclass(frozen=True)
class TaskPartHandedOn(Event):
    """What somebody had to do with a task is another's; None takes it back."""

    task_part_key: int
    name: str
    from_name: str
    user_key: int | None
    user_name: str


@dataclass(frozen=True)
class TaskPartAskerMoved(Event):
    """What comes back of a task comes back to another: whoever asked has left."""

    task_part_key: int
    name: str
    asked_by: int
    asked_by_name: str


@dataclass(frozen=True)
class InstanceHandedOn(Event):
    """Somebody else follows the case, since whoever began it has left."""

    from_name: str
    user_key: int
    user_name: str
