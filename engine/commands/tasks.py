"""What may be asked of user tasks."""

from dataclasses import dataclass, field
from typing import Any

from engine.commands.base import Command
from engine.errors import Message


@dataclass(frozen=True, kw_only=True)
class ClaimTask(Command):
    """Take an open user task."""

    task_key: int


@dataclass(frozen=True, kw_only=True)
class UnclaimTask(Command):
    """Give an owned user task back to the department."""

    task_key: int


@dataclass(frozen=True, kw_only=True)
class AssignTask(Command):
    """Hand a user task to a colleague of the same lane, by user name."""

    task_key: int
    assignee: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SaveDraft(Command):
    """Keep what was typed so far; nothing is checked.

    Attributes:
        version: Of the draft that the page was opened with, 0 where there was none; None saves over any.
    """

    task_key: int
    values: dict[str, Any]
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class CompleteTask(Command):
    """Hand in the form of a user task.

    Attributes:
        rejected: Faults found before, such as files that were refused; with any the form is refused too, together
            with every error of its own.
    """

    task_key: int
    values: dict[str, Any]
    rejected: dict[str, list[Message]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StoreAttachments(Command):
    """Keep files for a user task's form, all or none; name and content of each."""

    task_key: int
    files: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, kw_only=True)
class StoreRecords(Command):
    """Keep a table of records (CSV) for a field of a user task's form; never shown, lest a log keeps it."""

    task_key: int
    component: str
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class MarkNoticesRead(Command):
    """The actor has seen a notice, or all of theirs."""

    notice_key: int | None = None
