"""The narrow table behind the inboxes: one row for each open task, under whoever may do it, by due date.

Pages read the first few rows of each of a person's holders and never sort or count a whole department.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from engine import events as e
from engine.storage.tables import deadline, task_inbox, user_task

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "no limit": a keyset needs a value to compare."""
LIVE = ("running", "overdue", "undetermined", "paused")
TOUCHING: tuple[type[e.Event], ...] = (
    e.UserTaskOpened,
    e.UserTaskAssigned,
    e.UserTaskChanged,
    e.UserTaskCompleted,
    e.UserTaskCancelled,
    e.DeadlineSet,
    e.DeadlineMoved,
    e.DeadlineExpired,
    e.DeadlineUndetermined,
    e.DeadlineEnded,
)
"""Events after which a case's rows may be others."""


def of_person(user_key: int) -> str:
    """Return the holder of tasks that a person has claimed."""
    return f"u:{user_key}"


def of_lane(org_key: int, role: str) -> str:
    """Return the holder of tasks that wait for anybody of a role in a department."""
    return f"g:{org_key}:{role}"


def settle(conn: Connection, instances: Iterable[int]) -> None:
    """Write the rows of cases anew, once a transaction, after their events were applied."""
    for instance in instances:
        everyone = select(user_task.c.key).where(user_task.c.instance_key == instance)
        conn.execute(delete(task_inbox).where(task_inbox.c.task_key.in_(everyone)))
        rows = _rows(conn, instance)
        if rows:
            conn.execute(insert(task_inbox), rows)


def _rows(conn: Connection, instance: int) -> list[dict[str, object]]:
    t = user_task.c
    tasks = conn.execute(
        select(t.key, t.assignee, t.organisation_key, t.role, t.element_id, t.scope).where(
            t.instance_key == instance, t.state == "open"
        )
    ).all()
    if not tasks:
        return []
    limits = conn.execute(
        select(deadline.c.key, deadline.c.attached_to, deadline.c.due_at)
        .where(deadline.c.instance_key == instance, deadline.c.state.in_(LIVE))
        .order_by(deadline.c.due_at, deadline.c.key)
    ).all()
    rows: list[dict[str, object]] = []
    for task in tasks:
        limit = next((x for x in limits if x.attached_to in (task.element_id, task.scope)), None)
        lane = of_lane(task.organisation_key, task.role)
        rows.append(
            {
                "holder": of_person(task.assignee) if task.assignee is not None else lane,
                "due_at": limit.due_at if limit else NEVER,
                "task_key": task.key,
                "deadline_key": limit.key if limit else None,
            }
        )
    return rows
