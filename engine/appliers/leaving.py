"""Events of leaving a post → rows."""

from sqlalchemy import Connection, delete

from engine import events as e
from engine.appliers.base import applies, change_case
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change, put


@applies.register
def _(event: e.LeavingBegun, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.leaving,
        {
            "key": event.leaving_key,
            "user_key": event.user_key,
            "organisation_key": event.organisation_key,
            "successors": event.successors,
            "reason": event.reason,
            "state": "running",
            "begun_by": recorded.author.key,
            "begun_at": recorded.occurred_at,
        },
    )


@applies.register
def _(event: e.HoldingHandedOn, conn: Connection, recorded: Recorded) -> None:
    names = ("leaving_key", "kind", "subject_key", "name", "outcome", "to_name", "reason")
    put(conn, t.leaving_item, {name: getattr(event, name) for name in names})


@applies.register
def _(event: e.UserLeft, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.user, event.user_key, active=False)
    conn.execute(delete(t.user_role).where(t.user_role.c.user_key == event.user_key))
    change(conn, t.leaving, event.leaving_key, state="done", done_at=recorded.occurred_at)


@applies.register
def _(event: e.TaskPartHandedOn, conn: Connection, recorded: Recorded) -> None:
    if event.user_key is None:
        change(conn, t.task_part, event.task_part_key, state="withdrawn", answered_at=recorded.occurred_at)
    else:
        change(conn, t.task_part, event.task_part_key, user_key=event.user_key)


@applies.register
def _(event: e.TaskPartAskerMoved, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.task_part, event.task_part_key, asked_by=event.asked_by)


@applies.register
def _(event: e.InstanceHandedOn, conn: Connection, recorded: Recorded) -> None:
    change_case(conn, recorded, started_by=event.user_key)
