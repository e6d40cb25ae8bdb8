"""The cells of a table's rows: text, one of some options, a date or a number; some may stay empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.chinese_dates import zh
from engine.errors import Message

KINDS = ("text", "select", "date", "number")


@dataclass(frozen=True)
class Cell:
    """What one column takes; `options` are value and label of a select."""

    key: str
    label: str
    kind: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    optional: bool = False

    def fault(self, text: str, row: int) -> Message | None:
        """Return why a cell cannot stand; the row counts from 1."""
        if not text:
            if self.optional:
                return None
            return Message(f"第{row}行请填写{self.label}。", f"Row {row}: {self.key} is required.")
        if self.kind == "select" and text not in dict(self.options):
            return Message(
                f"第{row}行{self.label}不在可选范围内。", f"Row {row}: {self.key} is not one of the options."
            )
        if self.kind == "date" and not _is_day(text):
            return Message(
                f"第{row}行{self.label}应为日期，例如2026-06-15。",
                f"Row {row}: expected {self.key} to be a date such as 2026-06-15.",
            )
        if self.kind == "number" and not (text.isascii() and text.isdigit() and len(text) < 10):
            return Message(
                f"第{row}行{self.label}应为数字，实为“{text[:30]}”。",
                f"Row {row}: expected {self.key} to be a number.",
            )
        return None

    def text(self, value: str) -> str:
        """Return a value in words."""
        if self.kind == "date" and _is_day(value):
            day = date.fromisoformat(value)
            return zh(day)
        return dict(self.options).get(value, value)


def read_cell(data: Mapping[str, Any]) -> Cell:
    """Read a column of a stored form definition."""
    return Cell(
        key=str(data["key"]),
        label=str(data["label"]),
        kind=str(data.get("type", "text")),
        options=tuple((str(v["value"]), str(v["label"])) for v in data.get("values", [])),
        optional=bool(data.get("optional", False)),
    )


def row_faults(cells: Sequence[Cell], rows: Sequence[Mapping[str, str]], first: int = 1) -> list[Message]:
    """Return what is wrong in the rows, cell by cell; `first` is the number of the first of them."""
    return [
        fault
        for number, row in enumerate(rows, first)
        for cell in cells
        if (fault := cell.fault(row.get(cell.key, ""), number))
    ]


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
