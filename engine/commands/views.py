"""Commands about saved views of the inbox."""

from dataclasses import dataclass
from typing import Any

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class SaveView(Command):
    """Keep a box with its filters under a name; one of the same name and reach is written over.

    Attributes:
        shared: Whether everybody of the actor's department sees it.
    """

    name: str
    box: str
    filters: dict[str, Any]
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class RemoveView(Command):
    """Take a saved view away; a shared one only its author or a head of the department."""

    view_key: int


@dataclass(frozen=True, kw_only=True)
class ChooseStartView(Command):
    """Have the inbox begin with a view; None: with what is to be done."""

    view_key: int | None
