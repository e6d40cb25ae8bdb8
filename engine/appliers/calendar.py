"""Events of the working calendar → rows."""

from sqlalchemy import Connection, select

from engine import events as e
from engine.appliers.base import applies
from engine.clock import instant
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change, put


@applies.register
def _(event: e.CalendarNoticeEntered, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.calendar_notice,
        {
            "key": event.calendar_notice_key,
            "notice_id": event.notice["id"],
            "layer": event.notice["layer"],
            "notice": event.notice,
            "text_sha256": event.text_sha256,
            "corrects": event.corrects,
            "state": "entered",
            "entered_by": recorded.author.key,
            "entered_at": recorded.recorded_at,
        },
    )


def _calendar_notice(conn: Connection, key: int, **values: object) -> None:
    change(conn, t.calendar_notice, key, **values)


@applies.register
def _(event: e.CalendarNoticeConfirmed, conn: Connection, recorded: Recorded) -> None:
    table, key, known_at = t.calendar_notice, event.calendar_notice_key, instant(event.known_at)
    _calendar_notice(
        conn,
        key,
        state="confirmed",
        decided_by=recorded.author.key,
        decided_at=recorded.recorded_at,
        known_at=known_at,
    )
    corrects = conn.execute(select(table.c.corrects).where(table.c.key == key)).scalar()
    if corrects is not None:
        _calendar_notice(conn, corrects, state="corrected", known_until=known_at)


@applies.register
def _(event: e.CalendarNoticeRejected, conn: Connection, recorded: Recorded) -> None:
    _calendar_notice(
        conn,
        event.calendar_notice_key,
        state="rejected",
        reason=event.reason,
        decided_by=recorded.author.key,
        decided_at=recorded.recorded_at,
    )


@applies.register
def _(event: e.RecountStarted, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.recount,
        {
            "key": event.recount_key,
            "calendar_notice_key": event.calendar_notice_key,
            "state": "running",
            "cases": event.cases,
            "started_at": recorded.recorded_at,
        },
    )


def _recount(conn: Connection, key: int, **values: object) -> None:
    change(conn, t.recount, key, **values)


@applies.register
def _(event: e.RecountHeld, conn: Connection, recorded: Recorded) -> None:
    _recount(conn, event.recount_key, state="held" if event.held else "running")


@applies.register
def _(event: e.RecountFailed, conn: Connection, recorded: Recorded) -> None:
    put(
        conn,
        t.recount_failure,
        {"recount_key": event.recount_key, "instance_key": event.instance_key, "error": event.error},
    )


@applies.register
def _(event: e.RecountFinished, conn: Connection, recorded: Recorded) -> None:
    _recount(conn, event.recount_key, state="done", finished_at=recorded.recorded_at)
