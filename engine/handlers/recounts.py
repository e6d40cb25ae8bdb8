"""Counting running limits again after the calendar changed: one command a case, so that each moves once."""

from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.calendar.data import read_notice
from engine.calendars import CALENDAR_STREAM
from engine.commands import FinishRecount, HoldRecount, NoteRecountFailure, RecountCase
from engine.errors import NotAllowed, NotFound, WrongState
from engine.handlers import moves
from engine.handlers.case import Case, load_case
from engine.storage.tables import calendar_notice, recount
from engine.uow import UnitOfWork


def recount_case(cmd: RecountCase, uow: UnitOfWork) -> dict[str, Any]:
    """Count the running limits of one case again; the answer says how many moved."""
    row = _recount(uow, cmd.recount_key)
    case = load_case(uow, cmd.instance_key)
    case.must_be_of_now()
    return {"moved": _by(case, row)}


def catch_up(case: Case) -> None:
    """Count a case again that an unfinished recount has not reached: nothing expires by the old calendar."""
    for row in case.uow.conn.execute(_query().where(recount.c.state != "done").order_by(recount.c.key)):
        _by(case, row)


def hold_recount(cmd: HoldRecount, uow: UnitOfWork) -> dict[str, Any]:
    """Interrupt a recount, or let it go on."""
    if cmd.actor is None:
        raise NotAllowed("该操作应由系统管理员办理。", "Expected an administrator, found nobody.")
    cmd.actor.must_hold("admin")
    row = _recount(uow, cmd.recount_key)
    if row.state == "done":
        raise WrongState("重算已经完成。", "Expected a running recount, found it done.")
    if (row.state == "held") != cmd.held:
        uow.record(CALENDAR_STREAM, e.RecountHeld(cmd.recount_key, cmd.held))
    return {}


def note_recount_failure(cmd: NoteRecountFailure, uow: UnitOfWork) -> dict[str, Any]:
    """Keep that a case could not be recounted, and why."""
    uow.record(CALENDAR_STREAM, e.RecountFailed(cmd.recount_key, cmd.instance_key, cmd.error[:2000]))
    return {}


def finish_recount(cmd: FinishRecount, uow: UnitOfWork) -> dict[str, Any]:
    """Keep that every case was looked at."""
    uow.record(CALENDAR_STREAM, e.RecountFinished(cmd.recount_key, cmd.moved, cmd.unchanged, cmd.failed))
    return {}


def _by(case: Case, row: Row[Any]) -> int:
    if case.ended or not case.setting("cal.recompute_on_change", True):
        return 0
    notice = read_notice(row.notice)
    return moves.recount(case, f"《{notice.title}》（{notice.doc_no}）", row.calendar_notice_key)


def _query() -> Any:
    return select(
        recount.c.key, recount.c.state, recount.c.calendar_notice_key, calendar_notice.c.notice
    ).join(calendar_notice, calendar_notice.c.key == recount.c.calendar_notice_key)


def _recount(uow: UnitOfWork, key: int) -> Row[Any]:
    row: Row[Any] | None = uow.conn.execute(_query().where(recount.c.key == key)).first()
    if row is None:
        raise NotFound("没有该次重算。", f"Expected a recount {key}, found none.")
    return row
