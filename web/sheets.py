"""Tables as files for spreadsheet programs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from flask import Response, stream_with_context

from engine import cells
from engine.periods import BEIJING


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


def _lines(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield cells.MARK + cells.line(head)
    yield from map(cells.line, rows)
