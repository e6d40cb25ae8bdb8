"""What may be asked of comments."""

from dataclasses import dataclass, field

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class AddComment(Command):
    """Say something to one's own department about a case, or about one of its tasks; `@name` tells a colleague."""

    instance_key: int
    text: str = field(repr=False)
    task_key: int | None = None
