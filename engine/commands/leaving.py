"""What may be asked when somebody leaves a post (离职转办)."""

from dataclasses import dataclass, field

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class BeginLeaving(Command):
    """Hand on all that a person holds, piece by piece, then end the account.

    Attributes:
        successors: User name by group, see `engine.handlers.holdings`; `all` for every group not named.
    """

    username: str
    reason: str
    successors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class HandOn(Command):
    """Hand on one thing that the leaving person holds; issued by the engine.

    Attributes:
        kind: task, part, asked, rule or case.
    """

    leaving_key: int
    kind: str
    subject_key: int


@dataclass(frozen=True, kw_only=True)
class NoteNotHandedOn(Command):
    """Keep why one thing could not be handed on; issued by the engine."""

    leaving_key: int
    kind: str
    subject_key: int
    cause: str


@dataclass(frozen=True, kw_only=True)
class FinishLeaving(Command):
    """Everything was looked at: the account ends; issued by the engine."""

    leaving_key: int
