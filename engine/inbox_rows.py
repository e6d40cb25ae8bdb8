"""The narrow table behind the inboxes: one row for each open task, under whoever may do it, by due date.

Whoever has an open part in another's task has a row of their own, with what they have to do; its owner keeps theirs,
`waiting` while they may not hand in.

Pages read the first few rows of each of a person's holders and never sort or count a whole department.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from engine import events as e
from engine.deadlines import OWED, State
from engine.storage.statements import add
from engine.storage.tables import deadline, process_instance, task_inbox, task_part, user_task

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "nothing runs": a keyset needs a value to compare."""
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
    e.ElementReached,
    e.PartiesSet,
    e.PartySucceeded,
    e.VariablesSet,
)
"""Events after which a case's rows may be others."""
_t, _d, _i, _p = user_task.c, deadline.c, process_instance.c, task_part.c
WAITS_FOR = ("delegated", "cosign_before", "cosign_after")
"""Parts of others that a task's owner has to wait for; of several, the first says what a person has to do."""
_CLEAR = delete(task_inbox).where(task_inbox.c.instance_key == bindparam("of"))
_OF_CASE = ("process_id", "overdue", "using_key", "providing_key", "resource_key")
_TASKS = (
    select(
        *(_t[name] for name in ("key", "assignee", "organisation_key", "role", "element_id", "scope")),
        _i.key.label("instance_key"),
        _i.state.label("case_state"),
        _i.managing_key,
        *(_i[name] for name in _OF_CASE),
    )
    .join(process_instance, _i.key == _t.instance_key)
    .where(_t.instance_key == bindparam("of"), _t.state == "open")
)
_LIMITS = (
    select(_d.key, _d.attached_to, _d.due_at, _d.extended_by, _d.state, _d.on_expiry)
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


def of_supervisor(org_key: int) -> str:
    """Return the holder of all open tasks of the cases that a department manages."""
    return f"m:{org_key}"


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
        owner = of_person(task.assignee) if task.assignee is not None else lane
        holders = {owner: "waiting" if task.key in waiting else None}
        for person, kind in parts.get(task.key, {}).items():
            holders.setdefault(of_person(person), kind)
        if task.managing_key is not None:
            holders[of_supervisor(task.managing_key)] = None
        rows += [_row(holder, task, limit, part) for holder, part in holders.items()]
    return rows


def _row(holder: str, task: Any, limit: Any, part: str | None = None) -> dict[str, object]:
    """Return the row of a task under one holder.

    Args:
        part: What the holder has to do with another's task.
    """
    return {
        "holder": holder,
        "due_at": limit.due_at if limit and not _rests(limit) else NEVER,
        "task_key": task.key,
        "deadline_key": limit.key if limit else None,
        "part": part,
        "instance_key": task.instance_key,
        "case_state": task.case_state,
        "extended": bool(limit and limit.extended_by),
        **{name: getattr(task, name) for name in _OF_CASE},
    }


def _rests(limit: Any) -> bool:
    """Say whether a limit counts no days now: its date would put the task among what is urgent, or hide it there."""
    reminded = limit.state == State.OVERDUE and limit.on_expiry == "notice"
    return reminded or limit.state in (State.PAUSED, State.UNDETERMINED)
