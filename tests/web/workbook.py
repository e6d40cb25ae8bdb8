"""Reads what a spreadsheet program finds in an XLSX file, by its XML alone."""

import io
import re
import zipfile
from typing import Any

from lxml import etree

_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """Return the rows of each sheet: texts, numbers, None for empty cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = [
            str(e.get("name"))
            for e in etree.fromstring(book.read("xl/workbook.xml")).iterfind(".//m:sheet", _NS)
        ]
        parts = [etree.fromstring(book.read(f"xl/worksheets/sheet{n}.xml")) for n in range(1, len(names) + 1)]
    return {
        name: [_row(row) for row in part.iterfind(".//m:row", _NS)]
        for name, part in zip(names, parts, strict=True)
    }


def part(content: bytes, name: str) -> bytes:
    """Return a part of the file as it is."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read(name)


def _row(row: Any) -> list[Any]:
    found: list[Any] = []
    for cell in row.iterfind("m:c", _NS):
        letters = re.match("[A-Z]+", cell.get("r"))
        assert letters
        place = 0
        for letter in letters[0]:
            place = place * 26 + ord(letter) - 64
        found += [None] * (place - 1 - len(found))
        assert cell.find("m:f", _NS) is None, "a formula"
        if cell.get("t") == "inlineStr":
            found.append("".join(cell.itertext()))
        else:
            value = cell.findtext("m:v", None, _NS)
            found.append(None if value is None else float(value))
    return found
