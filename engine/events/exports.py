"""Logs that left the platform."""

from dataclasses import dataclass

from engine.events.base import Event


@dataclass(frozen=True)
class UnmaskedExportIssued(Event):
    """An auditor was handed a log or a case file (E-18) with the names of persons in it.

    Attributes:
        format: xes, xes_pairs, ocel, csv or case_file.
        filters: Which cases: process_id, state, since, until; of a case file `case`, the number of its case.
        sha256: Of exactly the file that was handed out.
    """

    format: str
    filters: dict[str, str]
    reason: str
    cases: int
    sha256: str
