"""Option lists of departments by what the law says of them: what is left out, nobody can choose."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine.handlers.governments import GOVERNMENT
from engine.handlers.grants import alive, label
from engine.storage.tables import catalogue_entry, grant, organisation, process_instance

Options = list[tuple[str, str]]


def rectification_targets(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return whom the managing department may notify: departments of its own level and area, never itself.

    Source: Art. 20 本级; R20-15, R20-16.
    """
    managing = variables.get("managing_dept")
    if on is None or managing is None:
        return _named(conn, organisation.c.key > 0)
    own = conn.execute(
        select(organisation.c.level, organisation.c.area).where(organisation.c.key == int(managing))
    ).one()
    return _named(
        conn,
        organisation.c.level == own.level,
        organisation.c.area == own.area,
        ~organisation.c.managing,
        organisation.c.kind != GOVERNMENT,
        organisation.c.successor_key.is_(None),
    )


def other_managing_departments(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return the managing departments a lead may be handed to: every one but the case's own."""
    if on is None:
        return _named(conn, organisation.c.key > 0)
    return _named(
        conn,
        organisation.c.managing,
        organisation.c.successor_key.is_(None),
        organisation.c.key != int(variables.get("managing_dept") or 0),
    )


def _named(conn: Connection, *conditions: Any) -> Options:
    rows = conn.execute(
        select(organisation.c.key, organisation.c.name).where(*conditions).order_by(organisation.c.key)
    )
    return [(str(row.key), row.name) for row in rows]


def organisations(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return everybody, governments included: for naming whom the server fills in."""
    return _named(conn, organisation.c.key > 0)


def target_grants(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return the living grants that the target uses, each with its resource: what a notice may suspend."""
    target = variables.get("target_dept")
    if not target:
        return []
    query = (
        select(grant, process_instance.c.business_id, catalogue_entry.c.name.label("resource"))
        .join(process_instance, process_instance.c.key == grant.c.instance_key)
        .join(catalogue_entry, catalogue_entry.c.key == grant.c.resource_key)
        .where(grant.c.using_key == int(target), *([] if on is None else [alive(on)]))
        .order_by(grant.c.key)
    )
    return [(str(row.key), f"{row.resource}，{label(row)}") for row in conn.execute(query)]


SOURCES = {
    "target_grants": target_grants,
    "organisations": organisations,
    "rectification_targets": rectification_targets,
    "other_managing_departments": other_managing_departments,
}
