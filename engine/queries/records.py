"""A page of a table of records; never all of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row as DatabaseRow
from sqlalchemy import select

from engine.definitions import load_definition
from engine.errors import NotFound
from engine.forms.records import Column, Row, named
from engine.handlers.access import must_see
from engine.handlers.record_tables import facts, lines_of, summary_of
from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import attachment

PAGE = 50


@dataclass(frozen=True)
class RecordPage:
    """Fifty rows of a table, in the order of the file.

    Attributes:
        rows: Number in the table and the row.
        found: How many rows match the search; `total` how many there are.
    """

    key: int
    name: str
    instance_key: int
    business_id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, Row], ...]
    total: int
    found: int
    page: int
    pages: int


def record_page(
    reader: Reader, actor: Actor, instance_key: int, key: int, text: str, page: int
) -> RecordPage:
    """Return a page of the rows that contain a text.

    Raises:
        NotFound: no such table for this reader.
    """
    instance = must_see(reader.conn, actor, instance_key)
    row, columns, lines = _table(reader, instance, key)
    wanted = text.strip().casefold()
    if wanted:
        found = [n for n, line in enumerate(lines, 1) if any(wanted in cell.casefold() for cell in line)]
    else:
        found = list(range(1, len(lines) + 1))
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    shown = tuple((n, named(lines[n - 1], columns)) for n in found[(page - 1) * PAGE : page * PAGE])
    return RecordPage(
        key,
        row.name,
        instance.key,
        instance.business_id,
        instance.title,
        columns,
        shown,
        len(lines),
        len(found),
        page,
        pages,
    )


def table_facts(reader: Reader, actor: Actor, instance_key: int, key: int) -> dict[str, Any] | None:
    """Return what a form's value says of a stored table, None if there is none for this reader."""
    instance = must_see(reader.conn, actor, instance_key)
    try:
        row, columns, lines = _table(reader, instance, key)
    except NotFound:
        return None
    return {**facts(row), **summary_of(lines, columns)}


def _table(
    reader: Reader, instance: DatabaseRow[Any], key: int
) -> tuple[DatabaseRow[Any], tuple[Column, ...], list[list[str]]]:
    query = select(attachment).where(attachment.c.key == key, attachment.c.instance_key == instance.key)
    row = reader.conn.execute(query).first()
    definition = load_definition(reader.conn, instance.definition_key)
    tables = {c.record_columns for f in definition.forms.values() for c in f.fields if c.type == "records"}
    for columns in tables if row is not None else ():
        if row is not None and (lines := lines_of(reader.conn, row.sha256, columns)) is not None:
            return row, columns, lines
    raise NotFound(
        "没有该记录表，或者您无权查看。",
        f"Expected a table of records {key} of case {instance.key}, found none.",
    )
