"""What the form of a lead (线索, Art. 18) offers: whom it may concern, and which cases may be its evidence."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from engine.handlers.governments import GOVERNMENT
from engine.storage.tables import organisation, process_instance

Options = Sequence[tuple[str, str]]

_MOST_CASES = 200


def lead_targets(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return every department but the one that reports: its colleagues would read who did."""
    own = variables.get("reporting_dept")
    if not own:
        return []
    query = select(organisation.c.key, organisation.c.name).where(organisation.c.kind != GOVERNMENT)
    if on is not None:
        query = query.where(organisation.c.key != int(own), organisation.c.successor_key.is_(None))
    return [(str(row.key), row.name) for row in conn.execute(query.order_by(organisation.c.key))]


def lead_cases(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return the newest cases that the reporting department is a party to, by their numbers."""
    if not variables.get("reporting_dept"):
        return []
    own = int(variables["reporting_dept"])
    c = process_instance.c
    query = select(c.business_id, c.title)
    if on is None:
        query = query.where(c.business_id == (variables.get("lead") or {}).get("evidence_case"))
    else:
        received = or_(c.providing_key == own, c.managing_key == own)
        party = or_(c.using_key == own, and_(received, c.received_at.is_not(None)))
        query = query.where(party, or_(c.withheld_key.is_(None), c.withheld_key != own))
    rows = conn.execute(query.order_by(c.key.desc()).limit(_MOST_CASES)).all()
    return [(row.business_id, f"{row.business_id} {row.title}") for row in rows]


SOURCES = {"lead_targets": lead_targets, "lead_cases": lead_cases}
"""Options of the form, by source name."""
