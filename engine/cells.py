"""Lines of CSV files (RFC 4180) with no cell that a spreadsheet program takes for a formula, as OWASP advises."""

import csv
import io
from collections.abc import Iterable

MARK = "\ufeff"
"""Stands before a file; lets spreadsheet programs read it as UTF-8."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain(value: object) -> str:
    """Return a value as a cell: numbers as they are, a text that looks like a formula behind an apostrophe."""
    if isinstance(value, int | float):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def line(cells: Iterable[object]) -> str:
    """Return a line of the file with its end."""
    out = io.StringIO()
    csv.writer(out).writerow([plain(cell) for cell in cells])
    return out.getvalue()
