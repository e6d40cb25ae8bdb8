"""What may be asked of checks, findings and the access log."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class SaveCheck(Command):
    """Let a search run every night; `criteria` as `engine.trace.criteria` takes them."""

    name: str
    criteria: dict[str, Any]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class RetireCheck(Command):
    """Let a saved check run no more."""

    check_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RunChecks(Command):
    """Run the checks over a Beijing day that has ended, or go on with it; issued by the sweep.

    Attributes:
        chains: Where chains break: stream and sequence number; looked for outside of any lock.
        reads: Seals of the access log that no longer fit: number and kind.
    """

    day: date
    chains: tuple[tuple[int, int], ...] = ()
    reads: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class SealAccess(Command):
    """Hash the reads of a Beijing day that has ended, up to a row; issued by the sweep, once a day."""

    day: date
    last: int


@dataclass(frozen=True, kw_only=True)
class ExplainFinding(Command):
    """Note what there is to say to a finding."""

    finding_key: int
    text: str


@dataclass(frozen=True, kw_only=True)
class CloseFinding(Command):
    """Be done with a finding, for a reason; not one about an act of one's own."""

    finding_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReopenFinding(Command):
    """Look at a closed finding again."""

    finding_key: int
    reason: str
