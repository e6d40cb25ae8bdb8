"""What a what-if may show of cases, and to whom it may be shown."""

from typing import Any

from sqlalchemy import select

from engine.definitions import stored_files
from engine.errors import NotFound
from engine.handlers.access import visible_cases
from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import model, model_revision, organisation, process_instance
from engine.workbench.what_if_outcomes import CaseOutcome


def managing_departments(reader: Reader) -> frozenset[int]:
    """Return the managing departments."""
    query = select(organisation.c.key).where(organisation.c.managing)
    return frozenset(int(key) for key in reader.conn.execute(query).scalars())


def newest_files(reader: Reader, key: int) -> tuple[int, dict[str, bytes]]:
    """Return the newest revision of a model, and its files, to whoever may compute.

    Raises:
        NotFound: no such model.
    """
    row = reader.conn.execute(select(model).where(model.c.key == key)).first()
    if row is None:
        raise NotFound("没有该模型。", f"Expected a model {key}, found none.")
    of = model_revision.c
    names = reader.conn.execute(
        select(of.files).where(of.model_key == key, of.revision == row.revision)
    ).scalar_one()
    return row.revision, stored_files(reader.conn, names)


def model_name(reader: Reader, key: int) -> str:
    """Return what a model is called."""
    return str(reader.conn.execute(select(model.c.name).where(model.c.key == key)).scalar_one())


def visible_outcomes(reader: Reader, actor: Actor, results: tuple[CaseOutcome, ...]) -> list[dict[str, Any]]:
    """Return the outcomes of the cases that a reader may see, with their numbers and titles."""
    of = process_instance.c
    keys = [one.key for one in results]
    query = select(of.key, of.business_id, of.title).where(
        of.key.in_(keys), visible_cases(reader.conn, actor)
    )
    seen = {row.key: row for row in reader.conn.execute(query)}
    return [
        {"row": seen[one.key], "outcome": one, "changed": any(x.changed for x in one.limits)}
        for one in results
        if one.key in seen
    ]
