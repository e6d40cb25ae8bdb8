"""The base of all commands."""

from dataclasses import dataclass, field
from uuid import uuid4

from engine.people import Actor


@dataclass(frozen=True, kw_only=True)
class Command:
    """Base of all commands; `actor` None is the platform itself."""

    actor: Actor | None
    id: str = field(default_factory=lambda: uuid4().hex)
