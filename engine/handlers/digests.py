"""The daily digest of one person: what to do first, then what is near, then what is new."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row, insert, select

from engine.accounts import load_actor
from engine.chinese_dates import zh
from engine.clock import FixedClock
from engine.commands import SendDigest
from engine.handlers.access import visible_cases
from engine.inbox_rows import of_lane, of_person
from engine.letters import letter
from engine.notice_kinds import KINDS, default_mail, kind_name
from engine.people import CASE_ROLES, Actor
from engine.periods import beijing_day, end_of
from engine.storage.statements import put
from engine.storage.tables import (
    case_copy,
    contact,
    deadline,
    digest_mark,
    notice,
    notice_preference,
    outbox,
    process_instance,
    task_inbox,
    user_task,
)
from engine.uow import UnitOfWork

AHEAD = 5  # working days
SHOWN = 30  # lines of a section
_MOST = 200
_FIRST = timedelta(days=1)  # what is new for a person who never had a digest


def send_digest(cmd: SendDigest, uow: UnitOfWork) -> dict[str, Any]:
    """Put the digest of a day into the outbox, once; a day that is over is not made up for.

    Nothing to say is no letter, and the day is looked at no more.
    """
    mark = uow.conn.execute(select(digest_mark).where(digest_mark.c.user_key == cmd.user_key)).first()
    to = uow.conn.execute(select(contact.c.email).where(contact.c.user_key == cmd.user_key)).scalar()
    if to is None or cmd.day != beijing_day(uow.now) or (mark is not None and mark.day >= cmd.day):
        return {"sent": False}
    seen = {"user_key": cmd.user_key, "day": cmd.day, "at": uow.now}
    uow.writes.append(partial(put, table=digest_mark, row=seen))
    actor = load_actor(uow.conn, cmd.user_key, FixedClock(uow.now))
    payload = compose(uow, actor, mark.at if mark is not None else uow.now - _FIRST)
    if payload is None:
        return {"sent": False}
    row = {
        "key": uow.next_key(),
        **letter("mail", to, f"digest:{cmd.user_key}:{cmd.day.isoformat()}", payload, uow.now),
    }
    uow.writes.append(lambda conn: conn.execute(insert(outbox), row))
    return {"sent": True}


def compose(uow: UnitOfWork, actor: Actor, since: datetime) -> dict[str, Any] | None:
    """Return a person's digest as a letter's payload, None if there is nothing to say.

    Args:
        since: When the last digest was made; what is new came after it.
    """
    kinds = _digested(uow, actor)
    if not kinds:
        return None
    today = beijing_day(uow.now)
    calendar = uow.calendar(actor.org_key)
    until = end_of(calendar.add_working_days(today, AHEAD), "24:00")
    rows = _owed(uow, actor, until)
    late = [row for row in rows if row.due_at <= uow.now and row.on_expiry != "notice"]
    due = [row for row in rows if row.due_at > uow.now and row.due_on <= today]
    near = [row for row in rows if row.due_at > uow.now and row.due_on > today]
    listed = {row.task_key for row in rows}
    cases = {row.instance_key for row in rows}
    new = [row for row in _new(uow, actor, since) if row.task_key not in listed] if "task" in kinds else []
    told = [
        row
        for row in _told(uow, actor, since, kinds)
        if row.kind not in ("task", "reminder") or row.instance_key not in cases
    ]
    copies = _copies(uow, actor, since)
    sections = [
        _tasks("已经逾期，请先办理", late, late=True),
        _tasks("今日届满", due, late=True),
        _tasks(f"{AHEAD}个工作日内届满", near),
        _tasks("新到任务", new),
        *(_notices(kind, told) for kind in kinds),
        _section(
            "抄送我的", [(f"{row.business_id}：{row.title}", f"/cases/{row.instance_key}") for row in copies]
        ),
    ]
    sections = [section for section in sections if section["lines"]]
    if not sections:
        return None
    counts = [("今日届满", len(due)), ("逾期", len(late)), ("近期届满", len(near)), ("新到任务", len(new))]
    said = "，".join(f"{name} {_number(n)} 项" for name, n in counts if n)
    said = said or f"消息 {_number(len(told) + len(copies))} 条"
    return {
        "subject": f"【时限】{said}",
        "text": f"{actor.name}，{zh(today)}：{said}。",
        "sections": sections,
    }


def _digested(uow: UnitOfWork, actor: Actor) -> list[str]:
    mine = select(notice_preference).where(notice_preference.c.user_key == actor.user_key)
    chosen = {row.kind: row.mail for row in uow.conn.execute(mine)}
    return [kind for kind in KINDS if chosen.get(kind, default_mail(kind)) == "digest"]


def _holders(actor: Actor) -> list[str]:
    lanes = [of_lane(org, role) for org, role in actor.roles if role in CASE_ROLES]
    return [of_person(actor.user_key), *sorted(lanes)]


def _owed(uow: UnitOfWork, actor: Actor, until: datetime) -> list[Row[Any]]:
    """Return the person's open tasks and those of their lanes that are due before an instant, earliest first."""
    query = _tasks_of(uow, actor).where(task_inbox.c.due_at <= until).order_by(task_inbox.c.due_at)
    return list(uow.conn.execute(query.limit(_MOST)))


def _new(uow: UnitOfWork, actor: Actor, since: datetime) -> list[Row[Any]]:
    query = _tasks_of(uow, actor).where(user_task.c.created_at > since).order_by(user_task.c.created_at)
    return list(uow.conn.execute(query.limit(_MOST)))


def _tasks_of(uow: UnitOfWork, actor: Actor) -> Any:
    return (
        select(
            task_inbox.c.task_key,
            task_inbox.c.due_at,
            user_task.c.instance_key,
            user_task.c.name,
            process_instance.c.business_id,
            process_instance.c.title,
            deadline.c.name.label("limit"),
            deadline.c.due_on,
            deadline.c.on_expiry,
        )
        .join(user_task, user_task.c.key == task_inbox.c.task_key)
        .join(process_instance, process_instance.c.key == user_task.c.instance_key)
        .join(deadline, deadline.c.key == task_inbox.c.deadline_key, isouter=True)
        .where(task_inbox.c.holder.in_(_holders(actor)), visible_cases(uow.conn, actor))
    )


def _told(uow: UnitOfWork, actor: Actor, since: datetime, kinds: Sequence[str]) -> list[Row[Any]]:
    query = (
        select(notice.c.kind, notice.c.text, notice.c.instance_key)
        .where(
            notice.c.user_key == actor.user_key,
            notice.c.sent_at > since,
            notice.c.read_at.is_(None),
            notice.c.kind.in_(kinds),
        )
        .order_by(notice.c.sent_at, notice.c.key)
    )
    return list(uow.conn.execute(query.limit(_MOST)))


def _copies(uow: UnitOfWork, actor: Actor, since: datetime) -> list[Row[Any]]:
    query = (
        select(case_copy.c.instance_key, process_instance.c.title, process_instance.c.business_id)
        .join(process_instance, process_instance.c.key == case_copy.c.instance_key)
        .where(
            case_copy.c.user_key == actor.user_key,
            case_copy.c.sent_at > since,
            case_copy.c.read_at.is_(None),
            visible_cases(uow.conn, actor),
        )
        .order_by(case_copy.c.sent_at)
    )
    return list(uow.conn.execute(query.limit(_MOST)))


def _tasks(title: str, rows: Sequence[Row[Any]], late: bool = False) -> dict[str, Any]:
    lines = [
        (
            f"{row.business_id}《{row.title or ''}》{row.name}"
            + (f"，{row.limit}{zh(row.due_on)}届满" if row.due_on is not None else ""),
            f"/tasks/{row.task_key}",
        )
        for row in rows
    ]
    return {**_section(title, lines), "late": late}


def _notices(kind: str, told: Sequence[Row[Any]]) -> dict[str, Any]:
    lines = [(row.text, f"/cases/{row.instance_key}") for row in told if row.kind == kind]
    return _section(kind_name(kind), lines)


def _section(title: str, lines: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "title": f"{title}（{_number(len(lines))}）",
        "lines": [{"text": text, "path": path} for text, path in lines[:SHOWN]],
        "more": max(len(lines) - SHOWN, 0),
    }


def _number(n: int) -> str:
    return str(n) if n < _MOST else f"{_MOST}+"
