"""What the events of a transaction say to the outside: rows of the outbox, written in the same transaction.

Mail goes to people, by their own choice for each kind of notice; webhooks get events as they were hashed; a
department's robots get a line without names or titles: case number, step, due date, link.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select

from engine.chinese_dates import zh
from engine.deadlines import OWED
from engine.events import Event, NoticeSent, UserTaskAssigned, UserTaskOpened
from engine.handlers.parties import members
from engine.notice_kinds import default_mail, kind_name
from engine.periods import beijing_day
from engine.storage.tables import (
    contact,
    deadline,
    notice_preference,
    outbox,
    process_instance,
    robot,
    user,
    user_task,
    webhook,
)
from engine.uow import Sealed

_HOOKS = select(webhook.c.key, webhook.c.url, webhook.c.types)
_ROBOTS = select(robot.c.key, robot.c.organisation_key, robot.c.kinds)
_p = notice_preference.c
_TOLD = (
    select(contact.c.user_key, contact.c.email)
    .join(
        notice_preference,
        and_(_p.user_key == contact.c.user_key, _p.kind == bindparam("kind")),
        isouter=True,
    )
    .where(
        contact.c.user_key.in_(bindparam("people", expanding=True)),
        func.coalesce(_p.mail, bindparam("otherwise")) == "now",
    )
)
_AT_ONCE = (
    select(contact.c.user_key, contact.c.email)
    .join(notice_preference, _p.user_key == contact.c.user_key)
    .where(_p.kind == "task", _p.mail == "now")
)
_CASE = select(process_instance.c.business_id, process_instance.c.withheld_key).where(
    process_instance.c.key == bindparam("of")
)


def enqueue(conn: Connection, sealed: Iterable[Sealed], next_key: Callable[[], int]) -> None:
    """Put what the events of a transaction say to the outside into the outbox, in the same transaction."""
    sealed = list(sealed)
    if not sealed:
        return
    hooks, robots = conn.execute(_HOOKS).all(), conn.execute(_ROBOTS).all()
    rows = [
        row
        for one in sealed
        for row in (*_mail(conn, one), *_hooks(hooks, one), *(_by_robot(conn, robots, one) if robots else ()))
    ]
    if rows:
        conn.execute(insert(outbox), [{"key": next_key(), **row} for row in rows])


def letter(channel: str, target: str, id_: str, payload: Any, at: datetime) -> dict[str, Any]:
    """Return a row of the outbox, but for its key.

    Args:
        id_: Stays the same however often the letter is sent; a second letter of one id is refused by the table.
    """
    return {
        "channel": channel,
        "target": target,
        "id": id_,
        "payload": payload,
        "created_at": at,
        "not_before": at,
        "attempts": 0,
    }


def _mail(conn: Connection, sealed: Sealed) -> Iterator[dict[str, Any]]:
    event, recorded = sealed.recorded.event, sealed.recorded
    payload: dict[str, Any]
    if isinstance(event, NoticeSent) and event.to:
        by = {"kind": event.kind, "people": event.to, "otherwise": default_mail(event.kind)}
        found = conn.execute(_TOLD, by).all()
        payload = {"subject": _subject(event), "text": event.text}
        if event.kind != "platform":  # an administrator may not open the case
            payload["path"] = f"/cases/{recorded.stream}"
    elif isinstance(event, UserTaskOpened | UserTaskAssigned):
        asking = conn.execute(_AT_ONCE).all()
        expected = _expected(conn, sealed) if asking else []
        found = [row for row in asking if row.user_key in expected]
        payload = _task_mail(conn, recorded.stream, event) if found else {}
    else:
        return
    for row in found:
        id_ = f"{recorded.stream}-{recorded.seq}-{row.user_key}"
        yield letter("mail", row.email, id_, payload, recorded.recorded_at)


def _subject(event: NoticeSent) -> str:
    return " ".join(event.text.split("，")[0].split())[:80]


def _expected(conn: Connection, sealed: Sealed) -> list[int]:
    """Return whom a task now waits for; not who took or passed it on themselves."""
    event, recorded = sealed.recorded.event, sealed.recorded
    if isinstance(event, UserTaskOpened):
        return members(conn, event.organisation_key, event.role, beijing_day(recorded.recorded_at))
    if isinstance(event, UserTaskAssigned) and event.assignee not in (None, recorded.author.key):
        return [int(event.assignee or 0)]
    return []


def _task_mail(conn: Connection, stream: int, event: UserTaskOpened | UserTaskAssigned) -> dict[str, Any]:
    case = conn.execute(_CASE, {"of": stream}).one()
    text = f"{case.business_id}的“{event.name}”待您办理。"
    return {"subject": f"新任务：{event.name}", "text": text, "path": f"/tasks/{event.user_task_key}"}


def _hooks(hooks: Sequence[Any], sealed: Sealed) -> Iterator[dict[str, Any]]:
    recorded, name = sealed.recorded, type(sealed.recorded.event).__name__
    for row in hooks:
        if name in row.types:
            id_ = f"{recorded.stream}-{recorded.seq}-{row.key}"
            yield letter("webhook", row.url, id_, orjson.loads(sealed.body), recorded.recorded_at)


def _by_robot(conn: Connection, robots: Sequence[Any], sealed: Sealed) -> Iterator[dict[str, Any]]:
    event, recorded = sealed.recorded.event, sealed.recorded
    kind = _kind(event)
    wanted = [row for row in robots if kind in row.kinds]
    told = _departments(conn, event) if wanted else frozenset()
    concerned = [row for row in wanted if row.organisation_key in told]
    if not concerned:
        return
    case = conn.execute(_CASE, {"of": recorded.stream}).first()
    if (
        case is None or case.withheld_key is not None
    ):  # of a withheld case a group is not even told the number
        return
    for row in concerned:
        payload = {
            "text": f"【时限】{kind_name(kind)}：{case.business_id}{_stand(conn, recorded.stream, row.organisation_key)}",
            "path": f"/cases/{recorded.stream}",
        }
        id_ = f"{recorded.stream}-{recorded.seq}-{row.key}"
        yield letter("robot", str(row.key), id_, payload, recorded.recorded_at)


def _kind(event: Event) -> str:
    if isinstance(event, NoticeSent):
        return event.kind
    return "task" if isinstance(event, UserTaskOpened) else ""


def _departments(conn: Connection, event: Event) -> frozenset[int]:
    if isinstance(event, UserTaskOpened):
        return frozenset({event.organisation_key})
    to = event.to if isinstance(event, NoticeSent) else []
    return frozenset(conn.execute(select(user.c.organisation_key).where(user.c.key.in_(to))).scalars())


def _stand(conn: Connection, stream: int, org: int) -> str:
    """Return which steps wait in a department and when its earliest limit runs out: what a group may read."""
    steps = conn.execute(
        select(user_task.c.name)
        .where(
            user_task.c.instance_key == stream,
            user_task.c.organisation_key == org,
            user_task.c.state == "open",
        )
        .order_by(user_task.c.key)
    ).scalars()
    limit = conn.execute(
        select(deadline.c.name, deadline.c.due_on)
        .where(
            deadline.c.instance_key == stream,
            deadline.c.state.in_(OWED),
            or_(deadline.c.organisation_key == org, deadline.c.organisation_key.is_(None)),
        )
        .order_by(deadline.c.due_at, deadline.c.key)
        .limit(1)
    ).first()
    parts = [f"“{name}”" for name in dict.fromkeys(steps)][:3]
    due = f"，{limit.name}{zh(limit.due_on)}届满" if limit is not None else ""
    return f"{'、'.join(parts)}{due}。"
