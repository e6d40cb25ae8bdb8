"""Where the options of the forms of a catalogue update come from (domain D.1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from engine.handlers.entries import open_applications, own_entries
from engine.handlers.governments import GOVERNMENT
from engine.handlers.parties import area_chain
from engine.storage.tables import organisation

Options = Sequence[tuple[str, str]]


def find(conn: Connection, variables: Mapping[str, Any], name: str) -> Options | None:
    """Return the options of a source; None where the name is no source of a catalogue update.

    own_entries: what the department itself has in force. open_applications: those for the entry after the
    colon. supervised_departments: who the managing department may prompt, in its area and below (Art. 5).
    """
    source, _, about = name.partition(":")
    department = variables.get("reporting_dept")
    if source == "own_entries":
        rows = own_entries(conn, int(department)) if department else []
        return [(str(row.key), f"{row.name}（{row.code}）") for row in rows]
    if source == "open_applications":
        return list(open_applications(conn, int(department), about)) if department and about else []
    if source == "supervised_departments":
        managing = variables.get("managing_dept")
        return _supervised(conn, int(managing)) if managing else []
    return None


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
