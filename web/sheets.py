"""Tables as files for spreadsheet programs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from flask import Response, stream_with_context

from engine.periods import BEIJING

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(
    name: str, head: Sequence[object], rows: Iterable[Sequence[object]], stream: bool = False
) -> Response:
    """Return a CSV file.

    Args:
        stream: Whether it is sent as its rows are made.
    """
    made = _lines(head, rows)
    response = Response(stream_with_context(made) if stream else "".join(made), mimetype="text/csv")
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def moment(at: datetime | None) -> str:
    """Return an instant in Beijing time to the second: 2026-06-17 15:30:05."""
    return "" if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def plain(value: object) -> str:
    """Return a cell that no spreadsheet program takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "\ufeff"  # lets spreadsheet programs read it as UTF-8
    yield _line(head)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([plain(value) for value in row])
    return out.getvalue()
