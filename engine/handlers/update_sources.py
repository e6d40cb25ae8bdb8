"""Where the options of the forms of a catalogue update come from (domain D.1)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine.handlers.entries import open_applications, own_entries
from engine.handlers.governments import GOVERNMENT
from engine.handlers.parties import area_chain
from engine.storage.tables import organisation

Options = Sequence[tuple[str, str]]


def own_entries_in_force(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return what the reporting department itself has in force."""
    department = variables.get("reporting_dept")
    rows = own_entries(conn, int(department)) if department else []
    return [(str(row.key), f"{row.name}（{row.code}）") for row in rows]


def applications_for(conn: Connection, variables: Mapping[str, Any], entry: str) -> Options:
    """Return the open applications for the entry that another field of the form names."""
    department = variables.get("reporting_dept")
    return list(open_applications(conn, int(department), entry)) if department and entry else []


def supervised_departments(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return whom the managing department may prompt, in its area and below (Art. 5)."""
    managing = variables.get("managing_dept")
    return _supervised(conn, int(managing)) if managing else []


def _supervised(conn: Connection, managing: int) -> Options:
    table = organisation.c
    home = conn.execute(select(table.area).where(table.key == managing)).scalar_one()
    rows = conn.execute(
        select(table.key, table.name, table.area)
        .where(table.successor_key.is_(None), table.managing.is_(False), table.kind != GOVERNMENT)
        .order_by(table.key)
    ).all()
    below = {area for area in {row.area for row in rows} if home in area_chain(conn, area)}
    return [(str(row.key), row.name) for row in rows if row.area in below]


SOURCES = {"own_entries": own_entries_in_force, "supervised_departments": supervised_departments}
"""Options of the forms, by source name."""
