"""Tables of records in a form: read and masked when they come, kept as one file of the case."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from engine.errors import InvalidForm, InvalidInput
from engine.forms import Component, Form
from engine.forms.masking import mask_cell, mask_text
from engine.forms.records import (
    FIRST,
    MAX_ROWS,
    Column,
    RecordFaults,
    Row,
    kept,
    masked_typed,
    named,
    read_file,
    summary,
    written,
)
from engine.handlers.case import Case
from engine.storage.tables import attachment, blob
from engine.uow import UnitOfWork

MAX_FILE = 20 * 1024 * 1024
_MAX_KEY = 2**63 - 1


def keep_file(
    uow: UnitOfWork, instance_key: int, component: Component, name: str, content: bytes
) -> dict[str, Any]:
    """Keep the masked rows of an uploaded file; the file itself is kept nowhere.

    Raises:
        InvalidForm: every fault by row and column, bounded.
        InvalidInput: an empty or too large file.
    """
    if not 0 < len(content) <= MAX_FILE:
        raise InvalidInput(
            f"文件“{mask_text(name)[-100:]}”应大于0且不超过20 MB。",
            f"Expected 1 byte to 20 MB, found {len(content)} bytes.",
        )
    try:
        rows = read_file(content, component.record_columns, int(component.limits.get("max", MAX_ROWS)))
    except RecordFaults as faults:
        raise InvalidForm({component.key: faults.faults}) from None
    stem = mask_text(name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or name).strip()
    return _keep(uow, instance_key, component, f"{stem[-100:] or component.label}.csv", rows)


def resolved(case: Case, form: Form, values: Any) -> Any:
    """Return a form's values, with what is truly stored in place of each table that a client names by its key."""
    if not isinstance(values, Mapping):
        return values
    found = dict(values)
    for component in _tables(form):
        given = values.get(component.key)
        if isinstance(given, Mapping):
            key = str(given.get("key") or "")
            found[component.key] = stored(case.uow.conn, case.key, component, key) or dict(given, rows=None)
    return found


def keep_typed(case: Case, form: Form, clean: dict[str, Any]) -> dict[str, Any]:
    """Return a form's clean values with typed tables kept as files too, so that all are read in one way."""
    for component in _tables(form):
        value = clean.get(component.key)
        if value and "typed" in value:
            clean[component.key] = _keep(
                case.uow, case.key, component, f"{component.label}.csv", value["typed"]
            )
    return clean


def masked_draft(form: Form | None, values: Any) -> Any:
    """Return what a draft may keep: unchecked, but without numbers of persons."""
    if form is None or not isinstance(values, Mapping):
        return values
    masked = dict(values)
    for c in form.fields:
        value = masked.get(c.key)
        if c.type == "records":
            masked[c.key] = masked_typed(value, c.record_columns)
        elif c.masks and isinstance(value, str):
            masked[c.key] = mask_text(value)
        elif c.masks and isinstance(value, list):
            masked[c.key] = [
                {key: mask_cell(cell) if isinstance(cell, str) else cell for key, cell in row.items()}
                for row in value
                if isinstance(row, Mapping)
            ]
    return masked


def stored(conn: Connection, instance_key: int, component: Component, key: str) -> dict[str, Any] | None:
    """Return what is stored of a table of this case, None if nothing is."""
    if not (key.isascii() and key.isdigit() and int(key) <= _MAX_KEY):
        return None
    of = attachment.c
    row = conn.execute(
        select(of.key, of.name, of.size, of.sha256).where(of.key == int(key), of.instance_key == instance_key)
    ).first()
    lines = None if row is None else lines_of(conn, row.sha256, component.record_columns)
    if row is None or lines is None:
        return None
    return {**facts(row), **summary_of(lines, component.record_columns)}


def facts(row: Any) -> dict[str, Any]:
    """Return what a form's value says of the file that holds a table."""
    return {"key": str(row.key), "name": row.name, "size": row.size, "sha256": row.sha256}


def summary_of(lines: list[list[str]], columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return what a form's value says of a kept table's rows."""
    return {**summary([named(line, columns) for line in lines[:FIRST]]), "rows": len(lines)}


def lines_of(conn: Connection, sha256: str, columns: tuple[Column, ...]) -> list[list[str]] | None:
    """Return the rows of a kept table as lists of cells, None if it is none with these columns."""
    content = conn.execute(select(blob.c.content).where(blob.c.sha256 == sha256)).scalar()
    try:
        return None if content is None else kept(content, columns)
    except ValueError:  # some other file of the case
        return None


def _keep(
    uow: UnitOfWork, instance_key: int, component: Component, name: str, rows: list[Row]
) -> dict[str, Any]:
    content = written(rows, component.record_columns)
    row = {
        "key": uow.next_key(),
        "instance_key": instance_key,
        "name": name,
        "size": len(content),
        "sha256": uow.keep(content),
        "stored_by": uow.author.key,
    }
    uow.writes.append(lambda conn: conn.execute(attachment.insert(), [row]))
    return {
        "key": str(row["key"]),
        "name": name,
        "size": len(content),
        "sha256": row["sha256"],
        **summary(rows),
    }


def _tables(form: Form) -> Iterator[Component]:
    return (c for c in form.fields if c.type == "records")
