"""A limit set again by the same timer from the same event: it is the limit of before, and what moved it stays.

A scope is left and entered again while its duty is still owed: a report fails its check in time (R20-07), a transfer
is declined (维持). A limit counted afresh would forget the extension that was granted and served.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from engine.deadlines import Deadline
from engine.handlers.case import Case, read_deadline
from engine.handlers.parties import present_department
from engine.model import Node
from engine.periods import beijing_day, count
from engine.storage.tables import deadline


def taken_over(case: Case, node: Node, fresh: Deadline, department: int | None) -> Deadline:
    """Return a deadline that is set now with the extensions and pauses of the one it goes on from.

    Its due date is what the old one's would be, had it run all along: counted by the present calendar, and not
    moved back behind today or a day that has passed (R-T14).
    """
    before = _predecessor(case, node, fresh, department)
    if before is None:
        return fresh
    pauses = fresh.term.pauses
    if node.period is not None and node.period.pauses is None:  # else the variable knows them all
        pauses = tuple(p for p in before.term.pauses if p.until is not None)
    term = replace(fresh.term, pauses=pauses, extended_by=before.term.extended_by)
    goes_on = replace(
        fresh,
        term=term,
        due=count(term, case.uow.calendar(department)),
        extensions=before.extensions,
    )
    return goes_on.not_before(min(beijing_day(case.uow.now), before.due.due_on))


def ran_before(case: Case, element_id: str, due_on: date, but: int | None = None) -> Row[Any] | None:
    """Return the row of a limit that the timer set before for the same due date, None if it set none.

    What was told of that one, a reminder or the expiry, need not be told again.

    Args:
        but: The limit in question itself.
    """
    query = select(deadline).where(
        deadline.c.instance_key == case.key,
        deadline.c.element_id == element_id,
        deadline.c.due_on == due_on,
        deadline.c.key != (but or 0),
    )
    return case.uow.conn.execute(query.order_by(deadline.c.key.desc()).limit(1)).first()


def _predecessor(case: Case, node: Node, fresh: Deadline, department: int | None) -> Deadline | None:
    """Return the limit that the timer set last, if it is the same: event, unit, who owes it, and length.

    A length that the version sets may have changed with it (R-V1); one that a document sets makes another limit.
    """
    row = case.uow.conn.execute(
        select(deadline)
        .where(deadline.c.instance_key == case.key, deadline.c.element_id == node.id)
        .order_by(deadline.c.key.desc())
        .limit(1)
    ).first()
    if row is None or _present(case, row.organisation_key) != _present(case, department):
        return None
    before = read_deadline(row)
    by_document = node.period is not None and node.period.length is not None
    same = (before.term.event_at, before.term.unit) == (fresh.term.event_at, fresh.term.unit)
    return before if same and (not by_document or before.term.length == fresh.term.length) else None


def _present(case: Case, organisation: int | None) -> int | None:
    return None if organisation is None else present_department(case.uow.conn, organisation)
