"""What the form of a lead (线索, Art. 18) offers: whom it may concern, and which cases may be its evidence."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from engine.handlers.governments import GOVERNMENT
from engine.storage.tables import organisation, process_instance

_MOST_CASES = 200


def lead_options(
    conn: Connection, variables: Mapping[str, Any], name: str, on: date | None
) -> Sequence[tuple[str, str]] | None:
    """Return the options of one of this module's sources, None for any other name.

    Args:
        on: The day on which somebody chooses; None where what was chosen before is put into words.
    """
    if name not in ("lead_targets", "lead_cases") or not variables.get("reporting_dept"):
        return None
    own = int(variables["reporting_dept"])
    return _targets(conn, own, on) if name == "lead_targets" else _cases(conn, own, variables, on)


def _targets(conn: Connection, own: int, on: date | None) -> list[tuple[str, str]]:
    """Every department but the one that reports: its colleagues would read who did."""
    query = select(organisation.c.key, organisation.c.name).where(organisation.c.kind != GOVERNMENT)
    if on is not None:
        query = query.where(organisation.c.key != own, organisation.c.successor_key.is_(None))
    return [(str(row.key), row.name) for row in conn.execute(query.order_by(organisation.c.key))]


def _cases(
    conn: Connection, own: int, variables: Mapping[str, Any], on: date | None
) -> list[tuple[str, str]]:
    """The newest cases that the department is a party to, by their numbers."""
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
