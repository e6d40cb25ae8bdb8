"""Inboxes: what waits for me, for my department, what I did, what I started."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engine.people import Actor
from engine.queries.reader import CHIP, Reader
from engine.queries.views import InboxPage, InboxRow
from engine.storage.tables import deadline, process_instance, user_task

PAGE = 20
BOXES = ("mine", "department", "done", "started")
_LIVE = ("running", "overdue", "undetermined", "paused")


def inbox(reader: Reader, actor: Actor, box: str, page: int) -> InboxPage:
    """Return a page of rows, the earliest due first."""
    queries = {name: _query(name, actor) for name in BOXES}
    counts = {
        name: int(reader.conn.execute(select(func.count()).select_from(q.subquery())).scalar_one())
        for name, q in queries.items()
    }
    box = box if box in BOXES else "mine"
    pages = max(1, -(-counts[box] // PAGE))
    page = min(max(page, 1), pages)
    rows = reader.conn.execute(_ordered(box, queries[box]).limit(PAGE).offset((page - 1) * PAGE))
    return InboxPage(tuple(_row(reader, actor, row) for row in rows), counts, page, pages)


def _query(box: str, actor: Actor) -> Select[Any]:
    task, case = user_task.c, process_instance.c
    base = (
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
            task.assignee,
            func.coalesce(task.ended_at, task.created_at).label("since"),
            *(deadline.c[name].label(f"d_{name}") for name in CHIP),
        )
        .join(process_instance, case.key == task.instance_key)
        .join(deadline, deadline.c.key == _deadline_of(), isouter=True)
    )
    if box == "mine":
        return base.where(task.state == "open", task.assignee == actor.user_key)
    if box == "department":
        return base.where(task.state == "open", task.assignee.is_(None), _candidate(actor))
    if box == "done":
        return base.where(task.state == "completed", task.ended_by == actor.user_key)
    later = user_task.alias()
    newest = (
        select(func.max(later.c.key))
        .where(later.c.instance_key == case.key)
        .correlate(process_instance)
        .scalar_subquery()
    )
    return base.where(case.started_by == actor.user_key, task.key == newest)


def _candidate(actor: Actor) -> ColumnElement[bool]:
    pairs = [
        and_(user_task.c.organisation_key == org, user_task.c.role == role)
        for org, role in actor.roles
        if role in ("handler", "head")
    ]
    return or_(*pairs) if pairs else user_task.c.key < 0


def _deadline_of() -> Any:
    """The live limit of the task, or of the scope it lies in: the earliest due one."""
    inner = deadline.alias()
    return (
        select(inner.c.key)
        .where(
            inner.c.instance_key == user_task.c.instance_key,
            or_(inner.c.attached_to == user_task.c.element_id, inner.c.attached_to == user_task.c.scope),
            inner.c.state.in_(_LIVE),
            user_task.c.state == "open",
        )
        .order_by(inner.c.due_at)
        .limit(1)
        .correlate(user_task)
        .scalar_subquery()
    )


def _ordered(box: str, query: Select[Any]) -> Select[Any]:
    if box in ("done", "started"):
        return query.order_by(
            func.coalesce(user_task.c.ended_at, user_task.c.created_at).desc(), user_task.c.key
        )
    return query.order_by(deadline.c.due_at.is_(None), deadline.c.due_at, user_task.c.key)


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
        using_name=reader.org(row.using_key),
        providing_name=reader.org(row.providing_key),
        assignee_name=reader.person(row.assignee),
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
