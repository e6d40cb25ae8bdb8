"""What may be asked of logs that leave the platform."""

from dataclasses import dataclass

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class IssueUnmaskedExport(Command):
    """Note that a log or a case file (E-18) with the names of persons is handed out, before it is.

    Attributes:
        format: One of `engine.handlers.exports.KINDS`.
        filters: Which cases, as `engine.queries.mining.Choice.as_text` writes it; of a case file the number of its case.
        cases: How many are in the file.
        sha256: Of the file.
    """

    format: str
    filters: dict[str, str]
    reason: str
    cases: int
    sha256: str
