"""Catalogue entries as their own department sees them: those in force, and each as F08-B asks for it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.catalogue import of_version
from engine.handlers.grants import alive
from engine.storage.tables import (
    catalogue_deletion,
    catalogue_entry,
    grant,
    organisation,
    process_instance,
)

APPLICATION = "ln_art12_application"
_c = catalogue_entry.c
_IN_FORCE = (
    select(catalogue_entry)
    .outerjoin(catalogue_deletion, catalogue_deletion.c.entry_key == _c.key)
    .where(_c.withdrawn_on.is_(None), catalogue_deletion.c.entry_key.is_(None))
    .order_by(_c.code)
)
_OF_DEPARTMENT = _IN_FORCE.where(_c.provider_key == bindparam("provider"))
_ONE = _IN_FORCE.where(_c.key == bindparam("of"))
_i = process_instance.c
_OPEN_APPLICATIONS = select(_i.key, _i.business_id, _i.title, _i.variables).where(
    _i.process_id == APPLICATION,
    _i.providing_key == bindparam("provider"),
    _i.received_at.is_not(None),
    _i.ended_at.is_(None),
)


def own_entries(conn: Connection, department: int) -> list[Row[Any]]:
    """Return the entries of a department that are in force and not about to be deleted, by code."""
    return list(conn.execute(_OF_DEPARTMENT, {"provider": department}))


def in_force(conn: Connection, key: int) -> Row[Any] | None:
    """Return an entry; None where it left the catalogue or is about to."""
    return conn.execute(_ONE, {"of": key}).first()


def form_values(row: Row[Any]) -> dict[str, Any]:
    """Return the version in force with its fields as F08-B has them."""
    return of_version(dict(row._mapping))


def own_code(conn: Connection, department: int) -> str:
    """Return a department's unified social credit code."""
    query = select(organisation.c.code).where(organisation.c.key == department)
    return str(conn.execute(query).scalar_one())


def holders(conn: Connection, key: int, on: date) -> list[Row[Any]]:
    """Return the living grants on an entry."""
    query = select(grant).where(grant.c.resource_key == key, alive(on)).order_by(grant.c.key)
    return list(conn.execute(query))


def open_applications(conn: Connection, department: int, entry: str) -> Iterator[tuple[str, str]]:
    """Yield (case key, label) of the applications for a conditional entry that were received and wait for a reply."""
    for row in conn.execute(_OPEN_APPLICATIONS, {"provider": department}):
        resource: Mapping[str, Any] = row.variables.get("resource") or {}
        asked = resource.get("key") == entry and resource.get("sharing_type") == "conditional"
        if asked and row.variables.get("replied_at") is None:
            yield str(row.key), f"{row.business_id}《{row.title}》"


def names(conn: Connection, keys: set[int] | None = None) -> dict[str, str]:
    """Return names of departments by key, as they are called today."""
    query = select(organisation.c.key, organisation.c.name)
    rows = conn.execute(query if keys is None else query.where(organisation.c.key.in_(keys)))
    return {str(row.key): row.name for row in rows}
