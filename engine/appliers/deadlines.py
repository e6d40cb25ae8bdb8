"""Events of limits and timers → rows."""

from sqlalchemy import Connection, bindparam, select

from engine import events as e
from engine.appliers.base import applies, change_case, day
from engine.clock import instant
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change, remove

_LATE = select(t.deadline.c.key).where(
    t.deadline.c.instance_key == bindparam("of"),
    t.deadline.c.state == "overdue",
    t.deadline.c.on_expiry == "overdue",
)


@applies.register
def _(event: e.DeadlineSet, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.deadline,
        {
            "key": event.deadline_key,
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "attached_to": event.attached_to,
            "organisation_key": event.organisation_key,
            "name": event.name,
            "basis": event.basis,
            "kind": event.kind,
            "setting": event.setting,
            "on_expiry": event.on_expiry,
            "event_on": day(event.event_on),
            "state": "running",
            **_counted(event),
        },
    )


def _counted(event: e.DeadlineSet | e.DeadlineMoved) -> dict[str, object]:
    return {
        "terms": event.terms,
        "extended_by": event.terms["extended_by"],
        "original_due_on": day(event.original_due_on),
        "due_on": day(event.due_on),
        "due_at": instant(event.due_at),
        "status": event.status,
        "calendar_as_of": instant(event.calendar_as_of),
        "notices": event.notices,
    }


@applies.register
def _moved(event: e.DeadlineMoved, conn: Connection, recorded: Recorded) -> None:
    _deadline(conn, event.deadline_key, state=event.state, **_counted(event))
    add(
        conn,
        t.deadline_move,
        {
            "instance_key": recorded.stream,
            "seq": recorded.seq,
            "deadline_key": event.deadline_key,
            "kind": type(event).__name__.removeprefix("Deadline").lower(),
            "at": recorded.occurred_at,
            "due_before": day(event.due_before),
            "due_after": day(event.due_on),
            "status_before": event.status_before,
            "status_after": event.status,
            "calendar_notice_key": getattr(event, "calendar_notice_key", None),
        },
    )
    _overdue(conn, recorded)


@applies.register
def _(event: e.DeadlineMigrated, conn: Connection, recorded: Recorded) -> None:
    names = (
        "element_id",
        "attached_to",
        "organisation_key",
        "name",
        "basis",
        "kind",
        "setting",
        "on_expiry",
    )
    _deadline(conn, event.deadline_key, **{name: getattr(event, name) for name in names})
    _moved(event, conn, recorded)


def _deadline(conn: Connection, key: int, **values: object) -> None:
    change(conn, t.deadline, key, **values)


def _overdue(conn: Connection, recorded: Recorded) -> None:
    late = conn.execute(_LATE, {"of": recorded.stream}).first()
    change_case(conn, recorded, overdue=late is not None)


@applies.register
def _(event: e.DeadlineExpired, conn: Connection, recorded: Recorded) -> None:
    _deadline(
        conn,
        event.deadline_key,
        state="overdue",
        expired_at=recorded.occurred_at,
        noticed_at=recorded.recorded_at,
    )
    _overdue(conn, recorded)


@applies.register
def _(event: e.DeadlineUndetermined, conn: Connection, recorded: Recorded) -> None:
    _deadline(conn, event.deadline_key, state="undetermined")


@applies.register
def _(event: e.DeadlineAnswered, conn: Connection, recorded: Recorded) -> None:
    _deadline(conn, event.deadline_key, state="answered")


@applies.register
def _(event: e.DeadlineReopened, conn: Connection, recorded: Recorded) -> None:
    _deadline(conn, event.deadline_key, state="running")


@applies.register
def _(event: e.DeadlineEnded, conn: Connection, recorded: Recorded) -> None:
    _deadline(
        conn,
        event.deadline_key,
        state=event.state,
        ended_at=recorded.occurred_at,
        late_wd=event.late_wd,
        late_cd=event.late_cd,
    )
    _overdue(conn, recorded)
    if event.state == "met_late" and event.kind == "law":
        change_case(conn, recorded, late=True)


@applies.register
def _(event: e.TimerArmed, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.timer,
        {
            "key": event.timer_key,
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "token": event.token,
            "deadline_key": event.deadline_key,
            "kind": event.kind,
            "fires_at": instant(event.fires_at),
            "not_before": instant(event.fires_at),
            "attempts": 0,
        },
    )


@applies.register
def _(event: e.TimerFired, conn: Connection, recorded: Recorded) -> None:
    remove(conn, t.timer, event.timer_key)


@applies.register
def _(event: e.TimerDisarmed, conn: Connection, recorded: Recorded) -> None:
    remove(conn, t.timer, event.timer_key)


@applies.register
def _(event: e.TimerRearmed, conn: Connection, recorded: Recorded) -> None:
    at = instant(event.fires_at)
    change(
        conn, t.timer, event.timer_key, fires_at=at, not_before=at, attempts=0, last_error=None, retry_at=None
    )


@applies.register
def _(event: e.TimerPostponed, conn: Connection, recorded: Recorded) -> None:
    # Nobody has it in hand any more, whoever claimed it.
    change(conn, t.timer, event.timer_key, not_before=instant(event.until), retry_at=None)
