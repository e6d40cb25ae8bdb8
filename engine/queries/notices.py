"""The notices somebody was sent."""

from datetime import datetime

from sqlalchemy import func, select

from engine.handlers.access import visible_cases
from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import notice, process_instance

PAGE = 30


def notices(reader: Reader, actor: Actor, page: int) -> list[tuple[int, datetime, str, int | None, bool]]:
    """Return a page, newest first: key, instant, text, the case if the actor may open it, read."""
    rows = reader.conn.execute(
        select(notice)
        .where(notice.c.user_key == actor.user_key)
        .order_by(notice.c.sent_at.desc(), notice.c.key.desc())
        .limit(PAGE)
        .offset((max(page, 1) - 1) * PAGE)
    ).all()
    # An administrator is told of cases that are not theirs to open.
    seen = set(
        reader.conn.execute(
            select(process_instance.c.key).where(
                process_instance.c.key.in_({row.instance_key for row in rows}),
                visible_cases(reader.conn, actor),
            )
        ).scalars()
    )
    return [
        (r.key, r.sent_at, r.text, r.instance_key if r.instance_key in seen else None, r.read_at is not None)
        for r in rows
    ]


def unread(reader: Reader, actor: Actor) -> int:
    """Return how many were not seen."""
    mine = select(func.count()).where(notice.c.user_key == actor.user_key, notice.c.read_at.is_(None))
    return int(reader.conn.execute(mine).scalar_one())
