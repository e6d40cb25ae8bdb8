"""Numbers of cases that somebody writes into a form: whether there is such a case for the department."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from engine.handlers.access import seen_by_department
from engine.handlers.parties import with_predecessors
from engine.storage.tables import process_instance


def case_functions(conn: Connection) -> dict[str, Callable[..., object]]:
    """Return the functions of expressions that ask about other cases by their number."""

    def case_seen(number: Any, org: Any) -> bool:
        if number is None or org is None:
            return False
        orgs = with_predecessors(conn, frozenset({int(org)}))
        known = select(process_instance.c.key).where(
            process_instance.c.business_id == str(number).strip(),
            process_instance.c.withheld_key.is_(
                None
            ),  # its number would tell of it to whom it is withheld from
            seen_by_department(orgs),
        )
        return conn.execute(known.limit(1)).first() is not None

    return {"case_seen": case_seen}
