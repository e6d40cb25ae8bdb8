"""The limits a person works under: those of the open user tasks that are theirs or their department's."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from engine.people import CASE_ROLES, Actor
from engine.queries.reader import Reader
from engine.storage.tables import deadline, deadline_move, process_instance, user_task

_STATES = ("running", "paused", "undetermined", "overdue")


@dataclass(frozen=True)
class OwnDeadline:
    """A limit as a calendar shows it: nothing of the case but its number (C.6)."""

    key: int
    business_id: str
    name: str
    due_on: date
    status: str
    state: str
    moved: int  # how often it was moved
    counted_at: datetime


def own_deadlines(reader: Reader, actor: Actor) -> tuple[OwnDeadline, ...]:
    """Return the limits, the earliest due first."""
    task, limit = user_task.c, deadline.c
    moved = (
        select(func.count())
        .select_from(deadline_move)
        .where(deadline_move.c.deadline_key == limit.key)
        .correlate(deadline)
        .scalar_subquery()
    )
    mine = (
        select(task.key)
        .where(
            task.instance_key == limit.instance_key,
            limit.attached_to.in_((task.element_id, task.scope, literal(""))),
            task.state == "open",
            or_(task.assignee == actor.user_key, and_(task.assignee.is_(None), _candidate(actor))),
        )
        .correlate(deadline)
    )
    rows = reader.conn.execute(
        select(
            limit.key,
            process_instance.c.business_id,
            limit.name,
            limit.due_on,
            limit.status,
            limit.state,
            moved.label("moved"),
            limit.calendar_as_of,
        )
        .join(process_instance, process_instance.c.key == limit.instance_key)
        .where(limit.state.in_(_STATES), mine.exists())
        .order_by(limit.due_at, limit.key)
    )
    return tuple(OwnDeadline(*row) for row in rows)


def _candidate(actor: Actor) -> ColumnElement[bool]:
    """Say of a task whether it lies in a lane of the person."""
    pairs = [
        and_(user_task.c.organisation_key == org, user_task.c.role == role)
        for org, role in sorted(actor.roles)
        if role in CASE_ROLES
    ]
    return or_(*pairs) if pairs else user_task.c.key < 0
