"""Replaying the log: the read tables must come out the same."""

from sqlalchemy import Connection, delete, select

from engine.appliers import apply
from engine.history.chain import parse
from engine.inbox_rows import settle
from engine.storage.tables import READ_TABLES, event, user_task


def rebuild(conn: Connection) -> int:
    """Empty the read tables and apply every event again; return how many there were.

    What is no history (which notices were seen) starts anew.
    """
    for table in READ_TABLES:
        conn.execute(delete(table))
    count = 0
    for (body,) in conn.execute(select(event.c.body).order_by(event.c.position)):
        apply(conn, parse(body))
        count += 1
    settle(
        conn,
        conn.execute(select(user_task.c.instance_key).where(user_task.c.state == "open").distinct())
        .scalars()
        .all(),
    )
    return count
