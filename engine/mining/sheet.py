"""The log as CSV: one row an event, UTF-8 with a byte order mark, so that a spreadsheet shows Chinese.

No cell is a formula: a text that a spreadsheet could take for one has an apostrophe before it, as OWASP advises.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

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
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(traces: Iterable[Trace]) -> Iterator[bytes]:
    """Yield the file, a case at a time."""
    yield b"\xef\xbb\xbf" + _rows([list(COLUMNS)])
    for trace in traces:
        if trace.acts:
            yield _rows([_row(trace.case, act) for act in trace.acts])


def safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


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


def _rows(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _at(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")
