"""Rows of drafts: each writing counts, so that a page that was opened before it learns of it."""

from typing import Any

from sqlalchemy import Connection, select, update

from engine.storage.database import Overtaken
from engine.storage.statements import insert_new
from engine.storage.tables import draft
from engine.uow import UnitOfWork


def write(uow: UnitOfWork, task_key: int, values: Any, by: int) -> int:
    """Put values in place of a task's draft, and return its new version; of two at once one starts anew."""
    before = uow.conn.execute(select(draft.c.version).where(draft.c.user_task_key == task_key)).scalar() or 0
    row = {
        "user_task_key": task_key,
        "form_values": values,
        "version": before + 1,
        "saved_by": by,
        "saved_at": uow.now,
    }
    uow.writes.append(lambda conn: _follow(conn, row))
    return before + 1


def _follow(conn: Connection, row: dict[str, Any]) -> None:
    if row["version"] == 1:
        kept = insert_new(conn, draft, row)
    else:
        earlier = draft.c.version == row["version"] - 1
        mine = draft.c.user_task_key == row["user_task_key"]
        kept = conn.execute(update(draft).where(mine, earlier).values(row)).rowcount == 1
    if not kept:
        raise Overtaken(f"draft {row['user_task_key']}")
