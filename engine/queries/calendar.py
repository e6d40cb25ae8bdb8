"""The working calendar's pages: the documents, what an unconfirmed one would move, and the days of a year."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from engine.ask import DayAnswer, what_is
from engine.calendar import ChinaWorkingCalendar, Day, Layer, Notice
from engine.calendar.data import read_notice
from engine.deadlines import LIVE
from engine.errors import NotFound
from engine.handlers.case import read_deadline
from engine.handlers.parties import organisation_named
from engine.people import Actor
from engine.queries.known import NATIONWIDE
from engine.queries.reader import Reader
from engine.storage.tables import (
    area,
    blob,
    calendar_notice,
    deadline,
    deadline_move,
    organisation,
    process_instance,
    recount,
    recount_failure,
    recount_progress,
)


@dataclass(frozen=True)
class NoticeLine:
    """A document about working days, and how it stands."""

    key: int
    notice: Notice
    scope_name: str
    state: str  # entered, confirmed, rejected or corrected
    reason: str | None
    entered_by: str
    entered_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    known_at: datetime | None
    known_until: datetime | None
    corrects: int | None
    may_decide: bool


@dataclass(frozen=True)
class Changed:
    """A day that would be, or was, another one by the document."""

    before: Day
    after: Day


@dataclass(frozen=True)
class WouldMove:
    """A running limit that the document would move, and how; without the content of its case (C.6)."""

    instance_key: int
    business_id: str
    name: str
    org_name: str
    due_before: date
    due_after: date
    status_before: str
    status_after: str
    held: bool


@dataclass(frozen=True)
class RecountView:
    """How far a recount has come; `failures` by case number."""

    key: int
    state: str  # running, held or done
    cases: int
    done: int
    moved: int
    started_at: datetime
    finished_at: datetime | None
    failures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NoticeView:
    """A document with its text, the days it changes, and the limits it would move or has moved."""

    line: NoticeLine
    text: str | None
    changes: tuple[Changed, ...]
    moves: tuple[WouldMove, ...]
    looked_at: int
    recount: RecountView | None


def notices(reader: Reader, actor: Actor) -> tuple[NoticeLine, ...]:
    """Return every document ever entered, those that wait first, then the newest first."""
    rows = reader.conn.execute(select(calendar_notice)).all()
    lines = [_line(reader, actor, row) for row in rows]
    return tuple(
        sorted(lines, key=lambda x: (x.state != "entered", -x.notice.published.toordinal(), x.notice.id))
    )


def notice(reader: Reader, actor: Actor, key: int) -> NoticeView:
    """Return one document.

    Raises:
        NotFound: no such document.
    """
    row = reader.conn.execute(select(calendar_notice).where(calendar_notice.c.key == key)).first()
    if row is None:
        raise NotFound("没有该文件。", f"Expected a calendar notice {key}, found none.")
    line = _line(reader, actor, row)
    waits = line.state == "entered"
    moves = _would_move(reader, line) if waits else ()
    return NoticeView(
        line=line,
        text=_text(reader, row.text_sha256),
        changes=_changes(reader, line),
        moves=moves if waits else _has_moved(reader, key),
        looked_at=_open_limits(reader),
        recount=_recount(reader, key),
    )


def scopes(reader: Reader, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Return the areas and departments a local rule or a closure may be for: (layer:scope, name)."""
    areas = reader.conn.execute(select(area.c.name).order_by(area.c.name)).scalars()
    orgs = reader.conn.execute(select(organisation.c.key, organisation.c.name).order_by(organisation.c.key))
    return (
        ("national:", NATIONWIDE),
        *((f"area:{name}", name) for name in areas),
        *((f"unit:{o.key}", o.name) for o in orgs),
    )


def year(reader: Reader, actor: Actor, year: int, at: datetime | None = None) -> tuple[DayAnswer, ...]:
    """Return every day of a year by the calendar of the reader's department, as known at an instant."""
    calendar = reader.calendar(actor.org_key, at)
    first = date(year, 1, 1)
    return tuple(
        what_is(first + timedelta(n), calendar) for n in range((date(year, 12, 31) - first).days + 1)
    )


def in_force(reader: Reader, actor: Actor, at: datetime | None = None) -> ChinaWorkingCalendar:
    """Return the calendar of the reader's department, as known at an instant, now if none is given."""
    return reader.calendar(actor.org_key, at)


def _line(reader: Reader, actor: Actor, row: Row[Any]) -> NoticeLine:
    found = read_notice(row.notice)
    return NoticeLine(
        key=row.key,
        notice=found,
        scope_name=_scope_name(reader, found),
        state=row.state,
        reason=row.reason,
        entered_by=reader.person(row.entered_by) or "",
        entered_at=row.entered_at,
        decided_by=reader.person(row.decided_by),
        decided_at=row.decided_at,
        known_at=row.known_at,
        known_until=row.known_until,
        corrects=row.corrects,
        may_decide=row.state == "entered" and actor.holds("admin") and row.entered_by != actor.user_key,
    )


def _scope_name(reader: Reader, found: Notice) -> str:
    if found.scope.isdecimal():
        return organisation_named(reader.conn, int(found.scope), reader.today)
    return found.scope or NATIONWIDE


def _changes(reader: Reader, line: NoticeLine) -> tuple[Changed, ...]:
    """Compare the days with and without the document."""
    before, after = _calendars(reader, line, _department(line), _area(line))
    days = {d for h in line.notice.holidays for d in (*h.days_off, *h.work_days)}
    if line.notice.kind == "annual":
        first = date(line.notice.year, 1, 1)
        days |= {first + timedelta(n) for n in range(366) if (first + timedelta(n)).year == line.notice.year}
    found = [Changed(before.day(d), after.day(d)) for d in sorted(days)]
    return tuple(c for c in found if c.before.working != c.after.working or c.before.name != c.after.name)


def _department(line: NoticeLine) -> int | None:
    return int(line.notice.scope) if line.notice.scope.isdecimal() else None


def _area(line: NoticeLine) -> str | None:
    return line.notice.scope if line.notice.layer is Layer.AREA else None


def _calendars(
    reader: Reader, line: NoticeLine, department: int | None, area_name: str | None = None
) -> tuple[ChinaWorkingCalendar, ChinaWorkingCalendar]:
    """Return the calendar of a department or an area without and with a document."""
    replaced = _corrected(reader, line)
    if line.state == "confirmed" and line.known_at is not None:
        earlier = line.known_at - timedelta(microseconds=1)
        return (
            reader.calendar(department, earlier, area_name),
            reader.calendar(department, line.known_at, area_name),
        )
    with_it = reader.calendars.of(reader.conn, reader.now, department, (line.notice, replaced), area_name)
    return reader.calendar(department, area=area_name), with_it


def _corrected(reader: Reader, line: NoticeLine) -> Notice | None:
    if line.corrects is None:
        return None
    row = reader.conn.execute(
        select(calendar_notice.c.notice).where(calendar_notice.c.key == line.corrects)
    ).scalar()
    return read_notice(row) if row else None


def _would_move(reader: Reader, line: NoticeLine) -> tuple[WouldMove, ...]:
    """Count every running limit again as if the document were confirmed today."""
    found: list[WouldMove] = []
    counted: dict[int | None, ChinaWorkingCalendar] = {}
    rows = reader.conn.execute(
        select(deadline, process_instance.c.business_id)
        .join(process_instance, process_instance.c.key == deadline.c.instance_key)
        .where(deadline.c.state.in_([s.value for s in LIVE]))
        .order_by(deadline.c.due_at, deadline.c.key)
    )
    for row in rows:
        if row.organisation_key not in counted:
            counted[row.organisation_key] = _calendars(reader, line, row.organisation_key)[1]
        before = read_deadline(row)
        after = before.recount(counted[row.organisation_key], reader.today)
        if (after.due.due_on, after.due.status) != (before.due.due_on, before.due.status):
            found.append(
                WouldMove(
                    row.instance_key,
                    row.business_id,
                    row.name,
                    reader.org(row.organisation_key),
                    before.due.due_on,
                    after.due.due_on,
                    before.due.status.value,
                    after.due.status.value,
                    after.due.due_on > after.due.examined[1],
                )
            )
    return tuple(found)


def _has_moved(reader: Reader, key: int) -> tuple[WouldMove, ...]:
    rows = reader.conn.execute(
        select(deadline_move, deadline.c.name, deadline.c.organisation_key, process_instance.c.business_id)
        .join(deadline, deadline.c.key == deadline_move.c.deadline_key)
        .join(process_instance, process_instance.c.key == deadline_move.c.instance_key)
        .where(deadline_move.c.calendar_notice_key == key)
        .order_by(deadline_move.c.due_after, deadline_move.c.deadline_key)
    )
    return tuple(
        WouldMove(
            r.instance_key,
            r.business_id,
            r.name,
            reader.org(r.organisation_key),
            r.due_before,
            r.due_after,
            r.status_before,
            r.status_after,
            False,
        )
        for r in rows
    )


def _open_limits(reader: Reader) -> int:
    query = select(func.count()).where(deadline.c.state.in_([s.value for s in LIVE]))
    return int(reader.conn.execute(query).scalar_one())


def _recount(reader: Reader, notice_key: int) -> RecountView | None:
    row = reader.conn.execute(
        select(recount, recount_progress.c.done, recount_progress.c.moved)
        .join(recount_progress, recount_progress.c.recount_key == recount.c.key)
        .where(recount.c.calendar_notice_key == notice_key)
    ).first()
    if row is None:
        return None
    failures = reader.conn.execute(
        select(process_instance.c.business_id, recount_failure.c.error)
        .join(process_instance, process_instance.c.key == recount_failure.c.instance_key)
        .where(recount_failure.c.recount_key == row.key)
    )
    return RecountView(
        row.key,
        row.state,
        row.cases,
        row.done,
        row.moved,
        row.started_at,
        row.finished_at,
        tuple((f.business_id, f.error) for f in failures),
    )


def _text(reader: Reader, digest: str) -> str | None:
    if not digest:
        return None
    content: bytes = reader.conn.execute(select(blob.c.content).where(blob.c.sha256 == digest)).scalar_one()
    return content.decode("utf-8")
