"""Events of user tasks → rows."""

from sqlalchemy import Connection

from engine import events as e
from engine.appliers.base import applies
from engine.appliers.verbs import close_parts
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change


@applies.register
def _(event: e.UserTaskOpened, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.user_task,
        {
            "key": event.user_task_key,
            "instance_key": recorded.stream,
            "token": event.token,
            "element_id": event.element_id,
            "name": event.name,
            "organisation_key": event.organisation_key,
            "role": event.role,
            "lane": event.lane,
            "scope": event.scope,
            "state": "open",
            "created_at": recorded.occurred_at,
        },
    )


def _task(conn: Connection, key: int, **values: object) -> None:
    change(conn, t.user_task, key, **values)


@applies.register
def _(event: e.UserTaskAssigned, conn: Connection, recorded: Recorded) -> None:
    _task(
        conn,
        event.user_task_key,
        assignee=event.assignee,
        stands_for=event.principal,
        deputy_key=event.deputy_key,
        returns_to=event.returns_to,
    )


@applies.register
def _(event: e.UserTaskMoved, conn: Connection, recorded: Recorded) -> None:
    _task(conn, event.user_task_key, organisation_key=event.organisation_key)


@applies.register
def _(event: e.UserTaskChanged, conn: Connection, recorded: Recorded) -> None:
    names = ("element_id", "name", "organisation_key", "role", "lane", "scope")
    _task(conn, event.user_task_key, **{name: getattr(event, name) for name in names})


@applies.register
def _(event: e.UserTaskCompleted, conn: Connection, recorded: Recorded) -> None:
    _task(
        conn,
        event.user_task_key,
        state="completed",
        ended_at=recorded.occurred_at,
        ended_by=event.by or recorded.author.key,
        assignee=event.by or recorded.author.key,
        stands_for=event.principal,
    )
    close_parts(conn, event.user_task_key, recorded)


@applies.register
def _(event: e.UserTaskCancelled, conn: Connection, recorded: Recorded) -> None:
    _task(conn, event.user_task_key, state="cancelled", ended_at=recorded.occurred_at)
    close_parts(conn, event.user_task_key, recorded)
