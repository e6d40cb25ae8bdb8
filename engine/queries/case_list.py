"""Cases somebody may see: what auditors and managing departments look through (domain C.6)."""

from typing import Any

from sqlalchemy import ColumnElement, func, literal, select

from engine.handlers.access import visible_cases
from engine.people import Actor
from engine.queries.case_search import search
from engine.queries.reader import CHIP, Reader
from engine.queries.states import case_state
from engine.queries.views import CaseList, CaseRow
from engine.storage.tables import deadline, process_instance

PAGE = 20
MOST = 1000
"""Counts and pages end here; whoever looks further back narrows the search."""
_SHOWN = (
    "key",
    "business_id",
    "title",
    "state",
    "overdue",
    "result",
    "using_key",
    "providing_key",
    "managing_key",
    "started_at",
)
WHICH = ("all", "open", "overdue", "ended")


def cases(reader: Reader, actor: Actor, text: str, which: str, page: int) -> CaseList:
    """Return a page of cases, the newest first.

    Args:
        text: Words that all must be in number, title, or names; empty for all.
        which: One of `WHICH`; anything else is all.
    """
    case = process_instance.c
    query = (
        select(*(case[name] for name in _SHOWN), *(deadline.c[name].label(f"d_{name}") for name in CHIP))
        .select_from(process_instance)
        .join(deadline, deadline.c.key == _most_urgent(), isouter=True)
        .where(visible_cases(reader.conn, actor), *_chosen(which))
    )
    if wanted := search(reader, text):
        query = query.where(wanted.condition if wanted.keys is None else case.key.in_(wanted.keys))
    some = query.with_only_columns(literal(1)).limit(MOST + 1).subquery()
    total = int(reader.conn.execute(select(func.count()).select_from(some)).scalar_one())
    pages = max(1, -(-min(total, MOST) // PAGE))
    page = min(max(page, 1), pages)
    rows = reader.conn.execute(query.order_by(case.key.desc()).limit(PAGE).offset((page - 1) * PAGE))
    return CaseList(tuple(_row(reader, row) for row in rows), total, page, pages)


def _chosen(which: str) -> list[ColumnElement[bool]]:
    case = process_instance.c
    choices: dict[str, list[ColumnElement[bool]]] = {
        "open": [case.ended_at.is_(None)],
        "overdue": [case.ended_at.is_(None), case.overdue],
        "ended": [case.ended_at.is_not(None)],
    }
    return choices.get(which, [])


def _most_urgent() -> Any:
    inner = deadline.alias()
    return (
        select(inner.c.key)
        .where(inner.c.instance_key == process_instance.c.key, inner.c.ended_at.is_(None))
        .order_by(inner.c.due_at)
        .limit(1)
        .correlate(process_instance)
        .scalar_subquery()
    )


def _row(reader: Reader, row: Any) -> CaseRow:
    chip = reader.joined_chip(row)
    return CaseRow(
        key=row.key,
        business_id=row.business_id,
        title=row.title,
        state=case_state(row.state, row.overdue, chip.tone if chip else None, bool(row.d_extended_by)),
        result=row.result,
        parties=reader.parties(row),
        started_at=row.started_at,
        chip=chip,
    )
