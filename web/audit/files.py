"""The tables of a page of figures as files."""

from collections.abc import Sequence

from flask import Response, request
from flask_babel import gettext as _

from engine.errors import NotFound
from engine.statistics.selection import Selection
from engine.statistics.views import Choices
from web.audit.figures import scope_notes, today
from web.audit.tables import Table, find
from web.spreadsheets import csv_file, xlsx_file


def as_file(
    tables: Sequence[Table], selection: Selection, choices: Choices, notes: Sequence[tuple[str, str]] = ()
) -> Response | None:
    """Return the file that the request asks for: one table as CSV, or all tables of the page as XLSX.

    Args:
        notes: (name, text) beside the scope, for the sheet that explains.

    Raises:
        NotFound: the page has no such table.
    """
    asked = request.args.get("format", "")
    if asked == "csv":
        table = find(tables, request.args.get("table", "") or tables[0].key)
        if table is None:
            raise NotFound("没有该统计表。", f"Expected one of {[t.key for t in tables]}.")
        return csv_file(table.sheet(), _name(table.title))
    if asked == "xlsx":
        lines = [*scope_notes(selection, choices), *notes]
        return xlsx_file([table.sheet() for table in tables], (_("说明"), lines), _name(tables[0].title))
    return None


def _name(title: str) -> str:
    return f"{title} {today().isoformat()}"
