"""The notices somebody was sent, and how they chose to be told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, select, tuple_

from engine.handlers.access import visible_cases
from engine.inbox_rows import of_lane, of_person
from engine.notice_kinds import KINDS, default_mail
from engine.people import CASE_ROLES, Actor
from engine.queries.inbox_walk import cursor_of, cursor_text
from engine.queries.reader import Reader
from engine.storage.tables import (
    contact,
    contact_change,
    notice,
    notice_preference,
    process_instance,
    task_inbox,
    user_task,
)

PAGE = 30
_n = notice.c


@dataclass(frozen=True)
class NoticeRow:
    """A notice as its reader sees it.

    Attributes:
        instance_key: The case, if the reader may open it.
        task_key: The reader's own open task in it, if there is one.
    """

    key: int
    at: datetime
    kind: str
    text: str
    instance_key: int | None
    task_key: int | None
    read: bool


@dataclass(frozen=True)
class NoticePage:
    """A page, newest first; `next` is where the one after it begins."""

    rows: tuple[NoticeRow, ...]
    next: str | None
    first: bool


@dataclass(frozen=True)
class NoticeSettings:
    """How a person is told: the address, one that waits for its code, and the choice for each kind."""

    email: str | None
    proposed: str | None
    mail: dict[str, str]


def notices(
    reader: Reader, actor: Actor, kind: str = "", unread: bool = False, after: str = ""
) -> NoticePage:
    """Return a page of a person's notices.

    Args:
        kind: One kind only (`engine.notice_kinds`); empty for all.
        unread: Only what was not read.
        after: `next` of the page before; empty for the first page.
    """
    cursor = cursor_of(after)
    query = select(notice).where(_n.user_key == actor.user_key)
    if kind:
        query = query.where(_n.kind == kind)
    if unread:
        query = query.where(_n.read_at.is_(None))
    if cursor is not None:
        query = query.where(_before(cursor))
    found = reader.conn.execute(query.order_by(_n.sent_at.desc(), _n.key.desc()).limit(PAGE + 1)).all()
    rows = found[:PAGE]
    # An administrator is told of cases that are not theirs to open.
    cases = {row.instance_key for row in rows if row.instance_key is not None}
    seen, tasks = _seen(reader, actor, cases), _own_tasks(reader, actor, cases)
    listed = tuple(
        NoticeRow(
            row.key,
            row.sent_at,
            row.kind,
            row.text,
            row.instance_key if row.instance_key in seen else None,
            tasks.get(row.instance_key) if row.instance_key in seen else None,
            row.read_at is not None,
        )
        for row in rows
    )
    more = len(found) > PAGE
    return NoticePage(listed, cursor_text((rows[-1].sent_at, rows[-1].key)) if more else None, cursor is None)


def unread(reader: Reader, actor: Actor) -> int:
    """Return how many were not seen."""
    mine = select(func.count()).where(_n.user_key == actor.user_key, _n.read_at.is_(None))
    return int(reader.conn.execute(mine).scalar_one())


def settings(reader: Reader, actor: Actor) -> NoticeSettings:
    """Return how a person is told."""
    of, mine = reader.conn, actor.user_key
    email = of.execute(select(contact.c.email).where(contact.c.user_key == mine)).scalar()
    proposed = of.execute(select(contact_change.c.email).where(contact_change.c.user_key == mine)).scalar()
    rows = of.execute(select(notice_preference).where(notice_preference.c.user_key == mine))
    chosen = {row.kind: row.mail for row in rows}
    return NoticeSettings(email, proposed, {kind: chosen.get(kind, default_mail(kind)) for kind in KINDS})


def _seen(reader: Reader, actor: Actor, cases: set[int]) -> set[int]:
    if not cases:
        return set()
    case = process_instance.c.key
    query = select(case).where(case.in_(cases), visible_cases(reader.conn, actor))
    return set(reader.conn.execute(query).scalars())


def _own_tasks(reader: Reader, actor: Actor, cases: set[int]) -> dict[int | None, int]:
    """Return of each case the task that waits for the reader and is due first."""
    if not cases:
        return {}
    lanes = [of_lane(org, role) for org, role in actor.roles if role in CASE_ROLES]
    rows = reader.conn.execute(
        select(user_task.c.instance_key, user_task.c.key)
        .join(task_inbox, task_inbox.c.task_key == user_task.c.key)
        .where(
            user_task.c.instance_key.in_(cases),
            user_task.c.state == "open",
            task_inbox.c.holder.in_([of_person(actor.user_key), *lanes]),
        )
        .order_by(task_inbox.c.due_at.desc(), user_task.c.key.desc())
    )
    return {row.instance_key: row.key for row in rows}


def _before(cursor: tuple[datetime, int]) -> ColumnElement[bool]:
    return tuple_(_n.sent_at, _n.key) < tuple_(literal(cursor[0], _n.sent_at.type), literal(cursor[1]))
