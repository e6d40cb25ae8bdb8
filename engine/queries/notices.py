"""The notices somebody was sent."""

from datetime import datetime

from sqlalchemy import func, select

from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import notice

PAGE = 30


def notices(reader: Reader, actor: Actor, page: int) -> list[tuple[int, datetime, str, int | None, bool]]:
    """Return a page, newest first: key, instant, text, case, read."""
    rows = reader.conn.execute(
        select(notice)
        .where(notice.c.user_key == actor.user_key)
        .order_by(notice.c.sent_at.desc(), notice.c.key.desc())
        .limit(PAGE)
        .offset((max(page, 1) - 1) * PAGE)
    )
    return [(row.key, row.sent_at, row.text, row.instance_key, row.read_at is not None) for row in rows]


def unread(reader: Reader, actor: Actor) -> int:
    """Return how many were not seen."""
    mine = select(func.count()).where(notice.c.user_key == actor.user_key, notice.c.read_at.is_(None))
    return int(reader.conn.execute(mine).scalar_one())
