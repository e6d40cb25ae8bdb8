"""The working calendar: documents are entered by one person, confirmed by another, and never overwritten."""

from typing import Any

from sqlalchemy import Row, func, select

from engine import events as e
from engine.calendar import Layer, Notice
from engine.calendar.data import NoticeRefused, check_notice, notice_data, read_notice
from engine.calendars import CALENDAR_STREAM
from engine.clock import instant_text
from engine.commands import (
    ConfirmCalendarNotice,
    EnterCalendarNotice,
    EnterShippedNotices,
    RejectCalendarNotice,
)
from engine.deadlines import LIVE
from engine.errors import InvalidInput, NotAllowed, NotFound, WrongState
from engine.people import Actor
from engine.periods import beijing_day, end_of
from engine.storage.tables import area, calendar_notice, deadline, organisation, recount_progress, user
from engine.uow import UnitOfWork


def enter_shipped_notices(cmd: EnterShippedNotices, uow: UnitOfWork) -> dict[str, Any]:
    """Enter the notices the product ships, as far as they are published and not known yet.

    On an empty platform they count as known since their publication, else from now on.
    """
    known = {k.notice.id for k in uow.calendars.known(uow.conn)}
    first_day = uow.conn.execute(select(deadline.c.key).limit(1)).first() is None
    keys = []
    for notice in cmd.notices:
        if notice.id in known:
            continue
        keys.append(uow.next_key())
        known_at = end_of(notice.published, "00:00") if first_day else uow.now
        uow.record(CALENDAR_STREAM, e.CalendarNoticeEntered(keys[-1], notice_data(notice), "", None))
        uow.record(CALENDAR_STREAM, e.CalendarNoticeConfirmed(keys[-1], instant_text(known_at)))
    if keys and not first_day:
        _start_recount(uow, keys[-1])
    return {"calendar_notice_keys": [str(key) for key in keys]}


def enter_calendar_notice(cmd: EnterCalendarNotice, uow: UnitOfWork) -> dict[str, Any]:
    """Enter a document; it counts nothing until a second person confirms it.

    Raises:
        InvalidInput: it contradicts itself or the notices in force; says what and where.
    """
    _administrator(cmd.actor)
    if cmd.notice.published > beijing_day(uow.now):
        raise InvalidInput(
            f"公布日期{cmd.notice.published}在今天之后，请核对。",
            f"Expected a day of publication not after today, found {cmd.notice.published}.",
        )
    corrects = _in_force(uow, cmd.corrects) if cmd.corrects is not None else None
    _check_scope(uow, cmd.notice)
    _check(uow, cmd.notice, corrects)
    waiting = uow.conn.execute(
        select(calendar_notice.c.key).where(
            calendar_notice.c.notice_id == cmd.notice.id, calendar_notice.c.state == "entered"
        )
    ).scalar()
    if waiting is not None:
        raise InvalidInput(
            f"编号“{cmd.notice.id}”的文件已经录入，正待另一人确认。",
            f"Expected a new document, found {cmd.notice.id} waiting for confirmation.",
        )
    key = uow.next_key()
    digest = uow.keep(cmd.text) if cmd.text else ""
    uow.record(CALENDAR_STREAM, e.CalendarNoticeEntered(key, notice_data(cmd.notice), digest, cmd.corrects))
    return {"calendar_notice_key": str(key)}


def confirm_calendar_notice(cmd: ConfirmCalendarNotice, uow: UnitOfWork) -> dict[str, Any]:
    """Let a document count from now on, and have every running limit counted again (R-T14).

    Raises:
        NotAllowed: by the person who entered it.
        WrongState: it was decided already.
    """
    actor = _administrator(cmd.actor)
    row = _waiting(uow, cmd.calendar_notice_key)
    if row.entered_by == actor.user_key:
        raise NotAllowed(
            "录入人不得确认本人录入的文件，请由另一位系统管理员核对后确认。",
            "Expected a second person, found the one who entered it.",
            logged="calendar_notice",
        )
    corrects = _in_force(uow, row.corrects) if row.corrects is not None else None
    _check(uow, read_notice(row.notice), corrects)
    uow.record(CALENDAR_STREAM, e.CalendarNoticeConfirmed(row.key, instant_text(uow.now)))
    return {"recount_key": str(_start_recount(uow, row.key))}


def reject_calendar_notice(cmd: RejectCalendarNotice, uow: UnitOfWork) -> dict[str, Any]:
    """Decide that a document does not count."""
    _administrator(cmd.actor)
    row = _waiting(uow, cmd.calendar_notice_key)
    reason = cmd.reason.strip()
    if not 2 <= len(reason) <= 500:
        raise InvalidInput(
            "请填写不予采用的理由（2至500个字）。", "Expected a reason of 2 to 500 characters."
        )
    uow.record(CALENDAR_STREAM, e.CalendarNoticeRejected(row.key, reason))
    return {}


def _start_recount(uow: UnitOfWork, notice_key: int) -> int:
    key = uow.next_key()
    cases = uow.conn.execute(
        select(func.count(func.distinct(deadline.c.instance_key))).where(deadline.c.state.in_(LIVE))
    ).scalar_one()
    uow.record(CALENDAR_STREAM, e.RecountStarted(key, notice_key, int(cases)))
    row = {"recount_key": key, "cursor": 0, "done": 0, "moved": 0}
    uow.writes.append(lambda conn: conn.execute(recount_progress.insert(), row))
    return key


def _administrator(actor: Actor | None) -> Actor:
    if actor is None:
        raise NotAllowed("该操作应由系统管理员办理。", "Expected an administrator, found nobody.")
    actor.must_hold("admin")
    return actor


def _waiting(uow: UnitOfWork, key: int) -> Row[Any]:
    row = uow.conn.execute(select(calendar_notice).where(calendar_notice.c.key == key)).first()
    uow.expect_calendar()
    if row is None:
        raise NotFound("没有该文件。", f"Expected a calendar notice {key}, found none.")
    if row.state != "entered":
        who = uow.conn.execute(select(user.c.name).where(user.c.key == row.decided_by)).scalar()
        raise WrongState(
            f"该文件已由{who or '共享平台'}处理，您的操作没有生效。",
            f"Expected a document that waits, found it {row.state}.",
            state=row.state,
        )
    return row


def _in_force(uow: UnitOfWork, key: int) -> Notice:
    for known in uow.calendars.known(uow.conn):
        if known.key == key and known.known_until is None:
            return known.notice
    raise NotFound("没有该文件，或者已被更正。", f"Expected a calendar notice {key} in force, found none.")


def _check(uow: UnitOfWork, notice: Notice, corrects: Notice | None) -> None:
    in_force = [k.notice for k in uow.calendars.known(uow.conn) if k.at(uow.now)]
    uow.expect_calendar()
    try:
        check_notice(notice, in_force, corrects)
    except NoticeRefused as refused:
        raise InvalidInput(refused.zh, refused.en) from refused


def _check_scope(uow: UnitOfWork, notice: Notice) -> None:
    if notice.layer is Layer.AREA:
        found = uow.conn.execute(select(area.c.name).where(area.c.name == notice.scope)).first()
    elif notice.layer is Layer.UNIT:
        key = int(notice.scope) if notice.scope.isdecimal() and len(notice.scope) < 19 else -1
        found = uow.conn.execute(select(organisation.c.key).where(organisation.c.key == key)).first()
    else:
        return
    if found is None:
        raise InvalidInput(
            f"没有登记过“{notice.scope}”，请从列表中选择适用的地区或者单位。",
            f"Expected a registered area or department, found {notice.scope!r}.",
        )
