"""Events of what people do with tasks and cases beside handing in → rows."""

from sqlalchemy import Connection, bindparam, select, update

from engine import events as e
from engine.appliers.base import applies, change_case
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change

_part = t.task_part.c
_LIVE = ("open", "planned")
_CLOSE = (
    update(t.task_part)
    .where(_part.task_key == bindparam("of"), _part.state.in_(_LIVE))
    .values(state="withdrawn", answered_at=bindparam("at"))
)
_ANY_PART = select(_part.key).where(_part.task_key == bindparam("of"), _part.state.in_(_LIVE)).limit(1)


def close_parts(conn: Connection, task_key: int, recorded: Recorded) -> None:
    """Nobody has a part in a task any more that is over."""
    if conn.execute(_ANY_PART, {"of": task_key}).first() is not None:
        conn.execute(_CLOSE, {"of": task_key, "at": recorded.occurred_at})


@applies.register
def _(event: e.TaskPartAsked, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.task_part,
        {
            "key": event.part_key,
            "instance_key": recorded.stream,
            "task_key": event.user_task_key,
            "kind": event.kind,
            "user_key": event.user_key,
            "asked_by": event.asked_by or recorded.author.key,
            "text_sha256": event.sha256,
            "state": event.state,
            "asked_at": recorded.occurred_at,
        },
    )


@applies.register
def _(event: e.TaskPartAnswered, conn: Connection, recorded: Recorded) -> None:
    change(
        conn,
        t.task_part,
        event.part_key,
        state="answered",
        agrees=event.agrees,
        answer_sha256=event.sha256,
        answered_at=recorded.occurred_at,
    )


@applies.register
def _(event: e.TaskPartWithdrawn, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.task_part, event.part_key, state="withdrawn", answered_at=recorded.occurred_at)


@applies.register
def _(event: e.TaskHandedIn, conn: Connection, recorded: Recorded) -> None:
    for key in event.parts:
        change(conn, t.task_part, key, state="open", asked_at=recorded.occurred_at)
    change(conn, t.user_task, event.user_task_key, assignee=recorded.author.key)


@applies.register
def _(event: e.TaskReturned, conn: Connection, recorded: Recorded) -> None:
    # The reason stands beside the task it went to, for as long as a pause that it brought lasts as an open part.
    add(
        conn,
        t.task_part,
        {
            "key": event.returned_key,  # one task is opened by one return
            "instance_key": recorded.stream,
            "task_key": event.returned_key,
            "kind": "returned",
            "user_key": event.user_key,
            "asked_by": recorded.author.key,
            "text_sha256": event.sha256,
            "state": "paused" if event.paused else "answered",
            "asked_at": recorded.occurred_at,
        },
    )


@applies.register
def _(event: e.TaskRecalled, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.user_task, event.user_task_key, state="open", ended_at=None, ended_by=None)
    change_case(conn, recorded, state=event.state)


@applies.register
def _(event: e.CaseCopied, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.case_copy,
        {
            "key": event.copy_key,
            "instance_key": recorded.stream,
            "user_key": event.user_key,
            "sent_by": recorded.author.key,
            "text_sha256": event.sha256,
            "sent_at": recorded.occurred_at,
        },
    )


@applies.register
def _(event: e.CopyRead, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.case_copy, event.copy_key, read_at=recorded.occurred_at)


@applies.register
def _(event: e.SupervisionBegun, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.supervision,
        {
            "key": event.supervision_key,
            "instance_key": recorded.stream,
            "organisation_key": event.organisation_key,
            "text": event.text,
            "by_key": recorded.author.key,
            "at": recorded.occurred_at,
        },
    )


@applies.register
def _(event: e.SupervisionEnded, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.supervision, event.supervision_key, ended_at=recorded.occurred_at)
