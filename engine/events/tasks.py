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
    """Somebody owns the task; None gives it back to the department.

    Attributes:
        principal: Whom the assignee stands in for, under which rule of substitution.
        returns_to: Who owned it before and gets it back when the rule ends.
        why: Why the platform or another person moved it: expired, revoked, left; empty for an ordinary act.
        before_name: Who owned it before, where that is told.
    """

    user_task_key: int
    name: str
    assignee: int | None
    assignee_name: str | None
    principal: int | None = None
    principal_name: str | None = None
    deputy_key: int | None = None
    returns_to: int | None = None
    why: str = ""
    before_name: str = ""


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
    principal: int | None = None


@dataclass(frozen=True)
class UserTaskCancelled(Event):
    """The task was taken away before it was done."""

    user_task_key: int
    element_id: str
    name: str
