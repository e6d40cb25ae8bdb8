"""Which resources are being verified (R13-13): for pages of the catalogue, of applications and grants, and the API."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select

from engine.handlers.access import visible_cases
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.views import Flag
from engine.storage.tables import catalogue_entry, process_instance, resource_flag

MAX = 1000


def flags(reader: Reader, actor: Actor, resource_keys: Collection[int]) -> Mapping[int, tuple[Flag, ...]]:
    """Return the hints on resources, oldest first, by resource; a resource without one is left out."""
    found: dict[int, tuple[Flag, ...]] = {}
    for flag in _flags(reader, actor, resource_keys, MAX, 0):
        found[flag.resource_key] = (*found.get(flag.resource_key, ()), flag)
    return found


def flags_beside(reader: Reader, actor: Actor, row: Any) -> tuple[Flag, ...]:
    """Return the hints on the resource of a case, those that the case itself has raised left out.

    Args:
        row: The case's row of process_instance.
    """
    key = (row.variables.get("resource") or {}).get("key")
    found = flags(reader, actor, [int(key)]) if key else {}
    return tuple(f for raised in found.values() for f in raised if f.instance_key != row.key)


def flag_search(
    reader: Reader, actor: Actor, resource_key: int | None, limit: int, offset: int
) -> tuple[list[Flag], int]:
    """Return a page of the hints on one resource, or on all, and how many there are."""
    keys = None if resource_key is None else [resource_key]
    count = select(func.count()).select_from(resource_flag)
    if resource_key is not None:
        count = count.where(resource_flag.c.resource_key == resource_key)
    return _flags(reader, actor, keys, limit, offset), int(reader.conn.execute(count).scalar_one())


def _flags(
    reader: Reader, actor: Actor, resource_keys: Collection[int] | None, limit: int, offset: int
) -> list[Flag]:
    query = (
        select(resource_flag, catalogue_entry.c.name)
        .join(catalogue_entry, catalogue_entry.c.key == resource_flag.c.resource_key)
        .order_by(resource_flag.c.key)
        .limit(limit)
        .offset(offset)
    )
    if resource_keys is not None:
        query = query.where(resource_flag.c.resource_key.in_(resource_keys))
    rows = reader.conn.execute(query).all()
    cases = {row.instance_key for row in rows}
    mine = select(process_instance.c.key).where(
        process_instance.c.key.in_(cases), visible_cases(reader.conn, actor)
    )
    seen = set(reader.conn.execute(mine).scalars()) if cases else set()
    return [
        Flag(
            row.key,
            row.resource_key,
            row.name,
            tuple(row.data_items),
            row.records,
            row.since,
            row.instance_key if row.instance_key in seen else None,
        )
        for row in rows
    ]
