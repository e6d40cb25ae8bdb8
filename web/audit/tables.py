"""Tables of figures as data: one source for the page, for CSV and for XLSX."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask_babel import gettext as _

from engine.statistics.selection import Selection
from engine.statistics.views import Rate, Spread
from web.audit.figures import cases_behind
from web.language import said
from web.spreadsheets import Heading, Sheet

Kind = Literal["text", "steps", "count", "decimal", "share", "rate", "spread", "instant"]
Sorter = Callable[[str], str]


@dataclass(frozen=True)
class Column:
    """A column of a table on the page; a rate and a spread are several in a file.

    Attributes:
        note: What it means, for the file.
    """

    key: str
    name: str
    kind: Kind = "text"
    note: str = ""


@dataclass(frozen=True)
class Cell:
    """A value with the list of cases behind it.

    Attributes:
        value: A text, a number, an instant, a Rate, a Spread, or a sequence of texts; None is empty.
        href: The cases behind it; of a rate, those of its part.
        whole_href: Those of a rate's whole.
        cases: How many cases stand behind `href`, where that is known.
    """

    value: Any
    href: str = ""
    whole_href: str = ""
    cases: int | None = None


@dataclass(frozen=True)
class Table:
    """A table of figures.

    Attributes:
        key: Its name in addresses.
        title: Its name on the page, of its sheet and of its file.
    """

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]

    def sorted_by(self, key: str, rising: bool) -> "Table":
        """Return the table in the order of a column; empty cells stand last, an unknown column changes nothing."""
        place = next((at for at, column in enumerate(self.columns) if column.key == key), None)
        if place is None:
            return self
        known = [row for row in self.rows if _rank(row[place].value) is not None]
        rest = [row for row in self.rows if _rank(row[place].value) is None]
        known.sort(key=lambda row: _rank(row[place].value), reverse=not rising)
        return Table(self.key, self.title, self.columns, [*known, *rest])

    def sheet(self) -> Sheet:
        """Return the table as a file has it."""
        headings = [heading for column in self.columns for heading in headings_of(column)]
        rows = (
            [value for column, cell in zip(self.columns, row, strict=True) for value in values(column, cell)]
            for row in self.rows
        )
        return Sheet(self.title, headings, rows)


def rate_cell(rate: Rate, selection: Selection) -> Cell:
    """Return a rate with the cases behind its part and its whole."""
    return Cell(
        rate,
        cases_behind(selection, rate.key),
        cases_behind(selection, f"{rate.key}.of"),
        rate.part,
    )


def case_spread(spread: Spread, selection: Selection) -> Cell:
    """Return how long cases took that were not annulled, with those cases behind it."""
    return Cell(spread, cases_behind(selection, "void.not"), cases=spread.count)


def case_count(number: int, selection: Selection, figure: str = "cases") -> Cell:
    """Return a number of cases with those cases behind it."""
    return Cell(number, cases_behind(selection, figure), cases=number)


def headings_of(column: Column) -> list[Heading]:
    """Return the columns of a file that a column of the page is."""
    name, kind = column.name, column.kind
    if kind == "rate":
        return [
            Heading(_("%(name)s：件数", name=name), "count", column.note),
            Heading(_("%(name)s：基数", name=name), "count", column.note),
            Heading(name, "share", _("件数除以基数；基数为零的留空。")),
        ]
    if kind == "spread":
        basis = _("按各事项当时适用的日历计算的工作日。")
        elapsed = _("自然时间，以小时计。")
        return [
            Heading(_("%(name)s：中位（工作日）", name=name), "count", basis),
            Heading(_("%(name)s：九成以内（工作日）", name=name), "count", basis),
            Heading(_("%(name)s：平均（工作日）", name=name), "decimal", basis),
            Heading(_("%(name)s：合计（工作日）", name=name), "count", basis),
            Heading(_("%(name)s：历时中位（小时）", name=name), "count", elapsed),
            Heading(_("%(name)s：历时九成以内（小时）", name=name), "count", elapsed),
            Heading(_("%(name)s：平均历时（小时）", name=name), "decimal", elapsed),
        ]
    return [Heading(name, "text" if kind == "steps" else kind, column.note)]


def values(column: Column, cell: Cell) -> list[Any]:
    """Return what stands in those columns."""
    value = cell.value
    if column.kind == "rate":
        return [value.part, value.whole, value.share]
    if column.kind == "spread":
        hours = None if value.mean_seconds is None else value.mean_seconds / 3600
        whole = (value.median, value.p90, value.mean, value.total if value.count else None)
        return [*whole, value.median_hours, value.p90_hours, hours]
    if column.kind == "steps":
        return [" → ".join(said(step) for step in value)]
    return [said(value) if isinstance(value, str) else value]


def _rank(value: Any) -> Any:
    if isinstance(value, Rate):
        return value.share
    if isinstance(value, Spread):
        return value.median
    if isinstance(value, datetime | int | float) or value is None:
        return value
    return said(value) if isinstance(value, str) else [said(step) for step in value]


def find(tables: Iterable[Table], key: str) -> Table | None:
    """Return the table of that name."""
    return next((table for table in tables if table.key == key), None)
