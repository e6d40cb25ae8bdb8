"""The log as CSV: one row an event."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from engine import cells
from engine.mining.traces import Act, Case, Trace
from engine.periods import BEIJING

SUFFIX = ".csv"
COLUMNS = (
    "case",
    "procedure",
    "version",
    "element",
    "activity",
    "visit",
    "lifecycle",
    "start",
    "complete",
    "recorded",
    "resource",
    "on_behalf_of",
    "role",
    "department",
    "limit",
    "due",
    "late",
    "working_days",
    "documents",
    "case_state",
    "result",
)
"""The heading; instants are of Beijing, `late` says true, false, or nothing where no limit ran."""


def write(traces: Iterable[Trace]) -> Iterator[bytes]:
    """Yield the file, a case at a time."""
    yield (cells.MARK + cells.line(COLUMNS)).encode()
    for trace in traces:
        if trace.acts:
            yield "".join(cells.line(_row(trace.case, act)) for act in trace.acts).encode()


def _row(case: Case, act: Act) -> list[str]:
    return [
        case.number,
        case.process_id,
        str(case.version),
        act.element_id,
        act.activity,
        str(act.visit),
        act.lifecycle,
        _at(act.began_at),
        _at(act.ended_at),
        _at(act.recorded_at),
        act.person,
        act.on_behalf_of,
        act.lane,
        act.department,
        act.limit,
        _at(act.due_at) if act.due_at else "",
        "" if act.due_at is None else "true" if act.late else "false",
        str(act.working_days),
        "；".join(f"{paper.number} {paper.title}" for paper in act.papers),
        case.state,
        case.result,
    ]


def _at(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")
