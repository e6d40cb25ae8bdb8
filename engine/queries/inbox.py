"""Inboxes: what waits for me, for my department, what I did, what I started."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_, union_all

from engine.clock import instant, instant_text
from engine.inbox_rows import of_lane, of_person
from engine.people import CASE_ROLES, Actor
from engine.queries.reader import CHIP, Reader
from engine.queries.views import InboxPage, InboxRow
from engine.storage.tables import deadline, process_instance, task_inbox, user_task

PAGE = 20
BOXES = ("mine", "department", "done", "started")
MOST = 1000
"""Counts stop here; a tab says 1000+."""

Cursor = tuple[datetime, int]


def inbox(reader: Reader, actor: Actor, box: str, after: str = "") -> InboxPage:
    """Return a page of rows: of open tasks the earliest due first, of others the latest first.

    Args:
        after: `next` of the page before; empty for the first page.
    """
    box = box if box in BOXES else "mine"
    cursor = _cursor(after)
    keys = _open(reader, actor, box, cursor) if box in _OPEN else _past(reader, actor, box, cursor)
    more = len(keys) > PAGE
    keys = keys[:PAGE]
    found = {row.task_key: row for row in reader.conn.execute(_details([key for _, key in keys]))}
    rows = tuple(_row(reader, actor, found[key]) for _, key in keys if key in found)
    counts = {name: _count(reader, actor, name) for name in BOXES}
    return InboxPage(rows, counts, _text(keys[-1]) if more else None, cursor is None)


_OPEN = ("mine", "department")


def holders(actor: Actor, box: str) -> list[str]:
    """Return under which holders the open tasks of a box stand."""
    if box == "mine":
        return [of_person(actor.user_key)]
    return sorted(of_lane(org, role) for org, role in actor.roles if role in CASE_ROLES)


def _open(reader: Reader, actor: Actor, box: str, cursor: Cursor | None) -> list[Cursor]:
    """Merge the first rows of each holder; none is read further than a page."""
    c = task_inbox.c
    parts = []
    for holder in holders(actor, box):
        part = select(c.due_at, c.task_key).where(c.holder == holder)
        if cursor is not None:
            part = part.where(_beyond(c.due_at, c.task_key, cursor, forward=True))
        # SQLite takes a limit within a union only inside a select of its own.
        limited = part.order_by(c.due_at, c.task_key).limit(PAGE + 1).subquery()
        parts.append(select(limited))
    if not parts:
        return []
    merged = union_all(*parts).subquery()
    rows = reader.conn.execute(select(merged).order_by(merged.c.due_at, merged.c.task_key).limit(PAGE + 1))
    return [(row.due_at, row.task_key) for row in rows]


def _past(reader: Reader, actor: Actor, box: str, cursor: Cursor | None) -> list[Cursor]:
    at, key, query = _past_query(actor, box)
    if cursor is not None:
        query = query.where(_beyond(at, key, cursor, forward=False))
    rows = reader.conn.execute(query.order_by(at.desc(), key.desc()).limit(PAGE + 1))
    return [(row.at, row.key) for row in rows]


def _past_query(actor: Actor, box: str) -> tuple[Any, Any, Select[Any]]:
    t, case = user_task.c, process_instance.c
    if box == "done":
        query = select(t.ended_at.label("at"), t.key).where(
            t.ended_by == actor.user_key, t.state == "completed"
        )
        return t.ended_at, t.key, query
    newest = (
        select(func.max(t.key))
        .where(t.instance_key == case.key)
        .correlate(process_instance)
        .scalar_subquery()
    )
    query = select(case.started_at.label("at"), newest.label("key")).where(case.started_by == actor.user_key)
    return case.started_at, newest, query


def _beyond(at: Any, key: Any, cursor: Cursor, forward: bool) -> ColumnElement[bool]:
    here = tuple_(at, key)
    there = tuple_(literal(cursor[0], task_inbox.c.due_at.type), literal(cursor[1]))
    return here > there if forward else here < there


def _details(keys: list[int]) -> Select[Any]:
    task, case = user_task.c, process_instance.c
    return (
        select(
            task.key.label("task_key"),
            case.key.label("instance_key"),
            case.business_id,
            case.title,
            task.element_id,
            task.name.label("task_name"),
            case.state.label("case_state"),
            case.overdue,
            case.result,
            case.using_key,
            case.providing_key,
            case.managing_key,
            task.assignee,
            task.stands_for,
            func.coalesce(task.ended_at, task.created_at).label("since"),
            *(deadline.c[name].label(f"d_{name}") for name in CHIP),
        )
        .join(process_instance, case.key == task.instance_key)
        .join(task_inbox, task_inbox.c.task_key == task.key, isouter=True)
        .join(deadline, deadline.c.key == task_inbox.c.deadline_key, isouter=True)
        .where(task.key.in_(keys))
    )


def _count(reader: Reader, actor: Actor, box: str) -> int:
    """Return how many rows a box has, one more than `MOST` if there are more."""
    if box in _OPEN:
        found = 0
        for holder in holders(actor, box):
            capped = select(literal(1)).where(task_inbox.c.holder == holder).limit(MOST + 1).subquery()
            found += int(reader.conn.execute(select(func.count()).select_from(capped)).scalar_one())
        return min(found, MOST + 1)
    _, _, query = _past_query(actor, box)
    capped = query.limit(MOST + 1).subquery()
    return int(reader.conn.execute(select(func.count()).select_from(capped)).scalar_one())


def _row(reader: Reader, actor: Actor, row: Any) -> InboxRow:
    chip = reader.joined_chip(row)
    return InboxRow(
        task_key=row.task_key,
        instance_key=row.instance_key,
        business_id=row.business_id,
        title=row.title,
        element_id=row.element_id,
        task_name=row.task_name,
        state=case_state(row.case_state, row.overdue, chip.tone if chip else None, bool(row.d_extended_by)),
        result=row.result,
        parties=reader.parties(row),
        assignee_name=reader.acting(row.assignee, row.stands_for),
        mine=row.assignee == actor.user_key,
        since=row.since,
        chip=chip,
    )


def case_state(state: str, overdue: bool, tone: str | None, extended: bool = False) -> str:
    """Return the state A.3 shows: the stored one, or what the clock makes of `running`."""
    if state not in ("running", "in_dispute"):
        return state
    if overdue or tone == "late":
        return "overdue"
    if state == "in_dispute":
        return state
    if tone in ("today", "soon"):
        return "due_soon"
    return "extended" if extended else state


def _text(cursor: Cursor) -> str:
    return f"{instant_text(cursor[0])}~{cursor[1]}"


def _cursor(text: str) -> Cursor | None:
    """Return the place a page ends at; a text that is none begins from the start."""
    at, _, key = text.partition("~")
    try:
        return instant(at), int(key[:20])
    except (ValueError, OverflowError):
        return None
