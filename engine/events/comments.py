"""What colleagues say to each other about a case."""

from dataclasses import dataclass

from engine.events.base import Event


@dataclass(frozen=True)
class CommentAdded(Event):
    """Somebody said something to their own department; it is never changed nor taken away.

    Attributes:
        task_key: The task it is about; None for the case.
        organisation_key: The department that may read it.
        sha256: Under which the words are kept: the history of a case is read by its other party too.
        mentioned: The colleagues it names.
    """

    comment_key: int
    task_key: int | None
    organisation_key: int
    sha256: str
    mentioned: list[int]
