"""The narrow table behind the inboxes: one row for each open task, under whoever may do it, by due date.

Whoever has an open part in another's task has a row of their own, with what they have to do; its owner keeps theirs,
`waiting` while they may not hand in.

Pages read the first few rows of each of a person's holders and never sort or count a whole department.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, select

from engine import events as e
from engine.deadlines import OWED
from engine.storage.statements import add
from engine.storage.tables import deadline, task_inbox, task_part, user_task

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "no limit": a keyset needs a value to compare."""
TOUCHING: tuple[type[e.Event], ...] = (
    e.UserTaskOpened,
    e.UserTaskAssigned,
    e.UserTaskChanged,
    e.UserTaskMoved,
    e.UserTaskCompleted,
    e.UserTaskCancelled,
    e.TaskPartAsked,
    e.TaskPartAnswered,
    e.TaskPartWithdrawn,
    e.TaskHandedIn,
    e.TaskRecalled,
    e.TaskPartHandedOn,
    e.DeadlineSet,
    e.DeadlineMoved,
    e.DeadlineExpired,
    e.DeadlineUndetermined,
    e.DeadlineAnswered,
    e.DeadlineReopened,
    e.DeadlineEnded,
)
"""Events after which a case's rows may be others."""
_t, _d, _p = user_task.c, deadline.c, task_part.c
WAITS_FOR = ("delegated", "cosign_before", "cosign_after")
"""Parts of others that a task's owner has to wait for; of several, the first says what a person has to do."""
_CLEAR = delete(task_inbox).where(
    task_inbox.c.task_key.in_(select(_t.key).where(_t.instance_key == bindparam("of")))
)
_TASKS = select(_t.key, _t.assignee, _t.organisation_key, _t.role, _t.element_id, _t.scope).where(
    _t.instance_key == bindparam("of"), _t.state == "open"
)
_LIMITS = (
    select(_d.key, _d.attached_to, _d.due_at)
    .where(_d.instance_key == bindparam("of"), _d.state.in_(OWED))
    .order_by(_d.due_at, _d.key)
)

_PARTS = (
    select(_p.task_key, _p.kind, _p.user_key)
    .where(_p.instance_key == bindparam("of"), _p.state == "open")
    .order_by(_p.key)
)


def of_person(user_key: int) -> str:
    """Return the holder of tasks that a person has claimed."""
    return f"u:{user_key}"


def of_lane(org_key: int, role: str) -> str:
    """Return the holder of tasks that wait for anybody of a role in a department."""
    return f"g:{org_key}:{role}"


def settle(conn: Connection, instances: Iterable[int]) -> None:
    """Write the rows of cases anew, once a transaction, after their events were applied."""
    for instance in instances:
        conn.execute(_CLEAR, {"of": instance})
        rows = _rows(conn, instance)
        if rows:
            add(conn, task_inbox, *rows)


def _rows(conn: Connection, instance: int) -> list[dict[str, object]]:
    tasks = conn.execute(_TASKS, {"of": instance}).all()
    if not tasks:
        return []
    limits = conn.execute(_LIMITS, {"of": instance}).all()
    parts: dict[int, dict[int, str]] = {}
    waiting: set[int] = set()
    for part in conn.execute(_PARTS, {"of": instance}):
        parts.setdefault(part.task_key, {}).setdefault(part.user_key, part.kind)
        if part.kind in WAITS_FOR:
            parts[part.task_key][part.user_key] = part.kind
            waiting.add(part.task_key)
    rows: list[dict[str, object]] = []
    for task in tasks:
        limit = next((x for x in limits if x.attached_to in (task.element_id, task.scope, "")), None)
        lane = of_lane(task.organisation_key, task.role)
        holders = {
            of_person(task.assignee) if task.assignee is not None else lane: "waiting"
            if task.key in waiting
            else None
        }
        for person, kind in parts.get(task.key, {}).items():
            holders.setdefault(of_person(person), kind)
        rows += [
            {
                "holder": holder,
                "due_at": limit.due_at if limit else NEVER,
                "task_key": task.key,
                "deadline_key": limit.key if limit else None,
                "part": part,
            }
            for holder, part in holders.items()
        ]
    return rows
