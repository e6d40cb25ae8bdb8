"""Processes that have the database open: a number for each, and when it was last seen."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from engine.keys import NODES
from engine.storage.tables import node


def register(conn: Connection, now: datetime) -> tuple[int, datetime | None]:
    """Enter this process; return its row's id, and the latest instant at which any was seen before."""
    seen = conn.execute(select(func.max(node.c.beat_at))).scalar()
    made = conn.execute(insert(node).returning(node.c.id), {"started_at": now, "beat_at": now})
    return int(made.scalar_one()), seen


def number(id_: int) -> int:
    """Return the number that goes into keys.

    It comes round again after 16,384 starts; a process that has seen so many others start shares it with one
    of them, and if both then drew a key in one millisecond, the second insert would be refused, not accepted.
    """
    return id_ % NODES


def beat(conn: Connection, id_: int, now: datetime) -> None:
    """Keep that this process is at work."""
    conn.execute(update(node).where(node.c.id == id_, node.c.beat_at < now).values(beat_at=now))
