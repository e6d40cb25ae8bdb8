"""Comments of a case, for the department that made them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.handlers.access import must_see
from engine.handlers.parties import with_predecessors
from engine.people import CASE_ROLES, Actor
from engine.queries.reader import Reader
from engine.storage.tables import blob, comment, user, user_role, user_task

MOST = 200


@dataclass(frozen=True)
class CommentLine:
    """Something a colleague said; `task_name` where it was about a task."""

    key: int
    by: str
    org_name: str
    at: datetime
    text: str
    task_name: str | None
    mine: bool


@dataclass(frozen=True)
class Comments:
    """The talk about a case, oldest first.

    Attributes:
        may_add: Auditors read and say nothing (domain C.6).
        colleagues: Who may be named with an @.
    """

    instance_key: int
    lines: tuple[CommentLine, ...]
    may_add: bool
    colleagues: tuple[str, ...]


def comments(reader: Reader, actor: Actor, instance_key: int) -> Comments:
    """Return what the reader's departments said about a case; to auditors what any said, never to another party.

    Raises:
        NotFound: no such case for this reader.
    """
    must_see(reader.conn, actor, instance_key)
    orgs = with_predecessors(reader.conn, actor.acting_orgs)
    query = (
        select(comment, blob.c.content, user_task.c.name.label("task_name"))
        .join(blob, blob.c.sha256 == comment.c.sha256)
        .outerjoin(user_task, user_task.c.key == comment.c.task_key)
        .where(comment.c.instance_key == instance_key)
        .order_by(comment.c.key.desc())
        .limit(MOST)
    )
    if not actor.holds("auditor"):
        query = query.where(comment.c.organisation_key.in_(orgs))
    lines = [
        CommentLine(
            row.key,
            reader.person(row.user_key) or "",
            reader.org(row.organisation_key) or "",
            row.at,
            row.content.decode(),
            row.task_name,
            row.user_key == actor.user_key,
        )
        for row in reader.conn.execute(query)
    ]
    return Comments(instance_key, tuple(reversed(lines)), bool(actor.acting_orgs), _colleagues(reader, actor))


def _colleagues(reader: Reader, actor: Actor) -> tuple[str, ...]:
    rows = reader.conn.execute(
        select(user.c.name)
        .join(user_role, user_role.c.user_key == user.c.key)
        .where(
            user_role.c.organisation_key.in_(actor.acting_orgs),
            user_role.c.role.in_(CASE_ROLES),
            user.c.active,
            user.c.key != actor.user_key,
        )
        .distinct()
        .order_by(user.c.name)
    )
    return tuple(rows.scalars())
