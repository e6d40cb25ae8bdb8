"""Tables whose columns have kinds as files: CSV, and XLSX with real numbers and instants."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import quote

import xlsxwriter
from flask import Response

from engine.periods import BEIJING
from web import sheets

Kind = Literal["text", "count", "decimal", "share", "instant"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = {"count": "0", "decimal": "0.0", "share": "0.0%", "instant": "yyyy-mm-dd hh:mm"}
_WIDTHS = {"text": 24, "count": 12, "decimal": 12, "share": 12, "instant": 18}
_MOST = 32_000  # characters in a cell; more is left out by the writer without a word


@dataclass(frozen=True)
class Heading:
    """A column of a file: its name, what its values are, and what it means."""

    name: str
    kind: Kind
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table as a file has it; None is an empty cell, instants are aware."""

    title: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Any]]


def workbook(sheets: Sequence[Sheet], notes: tuple[str, Sequence[tuple[str, str]]]) -> bytes:
    """Return an XLSX file: the tables, and behind them a sheet that says what they are.

    Args:
        notes: Title of that sheet, and (name, text): scope, day, ground; what each column means is added.
    """
    out = io.BytesIO()
    # Text is written as text whatever it begins with; rows leave the memory as they are written.
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    )
    head = book.add_format({"bold": True, "bg_color": "#e7eef6", "bottom": 1, "text_wrap": True})
    formats = {kind: book.add_format({"num_format": how}) for kind, how in _FORMATS.items()}
    for sheet in sheets:
        _write_sheet(book.add_worksheet(_sheet_name(sheet.title)), sheet, head, formats)
    _write_notes(book, sheets, notes, head)
    book.close()
    return out.getvalue()


def csv_file(sheet: Sheet, name: str) -> Response:
    """Answer with a CSV file; instants in Beijing time, shares as numbers between 0 and 1."""
    kinds = [heading.kind for heading in sheet.headings]
    rows = (list(map(_csv, kinds, row)) for row in sheet.rows)
    return sheets.csv_file(f"{name}.csv", [heading.name for heading in sheet.headings], rows)


def xlsx_file(sheets: Sequence[Sheet], notes: tuple[str, Sequence[tuple[str, str]]], name: str) -> Response:
    """Answer with an XLSX file."""
    return _attached(Response(workbook(sheets, notes), content_type=XLSX), f"{name}.xlsx")


def _attached(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def _csv(kind: Kind, value: Any) -> object:
    if kind == "instant" and value is not None:
        return f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    return _rounded(kind, value) if kind in ("count", "decimal", "share") and value is not None else value


def _rounded(kind: Kind, value: Any) -> int | float:
    return int(value) if kind == "count" else round(float(value), 4 if kind == "share" else 1)


def _write_sheet(to: Any, sheet: Sheet, head: Any, formats: dict[str, Any]) -> None:
    for place, heading in enumerate(sheet.headings):
        to.set_column(place, place, _WIDTHS[heading.kind])
    to.freeze_panes(1, 0)
    for place, heading in enumerate(sheet.headings):
        to.write_string(0, place, heading.name, head)
    last = 0
    for last, row in enumerate(sheet.rows, 1):
        for place, (heading, value) in enumerate(zip(sheet.headings, row, strict=True)):
            _write_cell(to, last, place, heading.kind, value, formats)
    to.autofilter(0, 0, last, max(0, len(sheet.headings) - 1))


def _write_cell(to: Any, row: int, place: int, kind: Kind, value: Any, formats: dict[str, Any]) -> None:
    if value is None:
        return
    if kind == "instant":
        to.write_datetime(row, place, _local(value), formats[kind])
    elif kind == "text":
        to.write_string(row, place, str(value)[:_MOST])
    else:
        to.write_number(row, place, _rounded(kind, value), formats[kind])


def _local(value: datetime | date) -> datetime | date:
    return value.astimezone(BEIJING).replace(tzinfo=None) if isinstance(value, datetime) else value


def _write_notes(
    book: Any, sheets: Sequence[Sheet], notes: tuple[str, Sequence[tuple[str, str]]], head: Any
) -> None:
    title, lines = notes
    to = book.add_worksheet(_sheet_name(title))
    to.set_column(0, 0, 30)
    to.set_column(1, 1, 100)
    meanings = [(f"{s.title} · {h.name}", h.note) for s in sheets for h in s.headings if h.note]
    for row, (name, text) in enumerate([*lines, *meanings]):
        to.write_string(row, 0, name, head)
        to.write_string(row, 1, text[:_MOST])


def _sheet_name(title: str) -> str:
    return "".join("·" if sign in "[]:*?/\\'" else sign for sign in title)[:31]
