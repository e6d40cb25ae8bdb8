"""User tasks."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class UserTaskOpened(Event):
    """A user task waits in a department."""

    user_task_key: int
    token: str
    element_id: str
    name: str
    organisation_key: int
    role: str
    lane: str
    scope: str  # the sub-process it lies in, or empty


@dataclass(frozen=True)
class UserTaskAssigned(Event):
    """Somebody owns the task; None gives it back to the department."""

    user_task_key: int
    name: str
    assignee: int | None
    assignee_name: str | None
    reason: str = ""
    as_deputy_of: str | None = None


@dataclass(frozen=True)
class UserTaskMoved(Event):
    """The open task is the successor's now; who owned it still does."""

    user_task_key: int
    name: str
    organisation_key: int


@dataclass(frozen=True)
class UserTaskChanged(Event):
    """The open task is what the case's new version makes of it."""

    user_task_key: int
    element_id: str
    name: str
    organisation_key: int
    role: str
    lane: str
    scope: str


@dataclass(frozen=True)
class UserTaskCompleted(Event):
    """The task was done with these form values.

    Attributes:
        by: Whose work it is, where the last added signer's consent let it go on; None: the event's author.
    """

    user_task_key: int
    element_id: str
    name: str
    variable: str | None
    values: dict[str, Any]
    as_deputy_of: str | None
    by: int | None = None
    by_name: str | None = None


@dataclass(frozen=True)
class UserTaskCancelled(Event):
    """The task was taken away before it was done."""

    user_task_key: int
    element_id: str
    name: str
