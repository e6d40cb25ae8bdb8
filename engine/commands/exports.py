"""What may be asked of logs that leave the platform."""

from dataclasses import dataclass

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class IssueUnmaskedExport(Command):
    """Note that a log with the names of persons is handed out, before it is.

    Attributes:
        format: One of `engine.mining.writers.FORMATS`.
        filters: Which cases, as `engine.queries.mining.Choice.as_text` writes it.
        cases: How many are in the file.
        sha256: Of the file.
    """

    format: str
    filters: dict[str, str]
    reason: str
    cases: int
    sha256: str
