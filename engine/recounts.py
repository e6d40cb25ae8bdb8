"""The recount's engine room: a slice at a time, so that it can stop anywhere and go on where it was."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Row, func, select, update

from engine import commands as c
from engine.deadlines import LIVE
from engine.errors import Conflict
from engine.storage.database import Database, Writer
from engine.storage.tables import deadline, recount, recount_failure, recount_progress

SLICE = 200
Handle = Callable[[c.Command], dict[str, Any]]


def run_slice(database: Database, writer: Writer, handle: Handle) -> int:
    """Recount the next cases of the oldest unfinished recount; return how many were looked at.

    Each case is a command with an id of its own, so that one repeated after a crash gets the stored answer.
    The cursor is moved behind them: cases seen twice are counted once. Of several nodes at one slice each case
    is moved by one, the others get the stored answer, and only one moves the cursor.
    """
    with database.reading() as conn:
        row = conn.execute(
            select(recount.c.key, recount_progress)
            .join(recount_progress, recount_progress.c.recount_key == recount.c.key)
            .where(recount.c.state == "running")
            .order_by(recount.c.key)
            .limit(1)
        ).first()
        if row is None:
            return 0
        keys = (
            conn.execute(
                select(deadline.c.instance_key)
                .where(deadline.c.state.in_(LIVE), deadline.c.instance_key > row.cursor)
                .distinct()
                .order_by(deadline.c.instance_key)
                .limit(SLICE)
            )
            .scalars()
            .all()
        )
    if not keys:
        _finish(database, handle, row)
        return 1
    moved = sum(_recount(handle, row.key, key) for key in keys)
    forward = (
        update(recount_progress)
        .where(recount_progress.c.recount_key == row.key, recount_progress.c.cursor == row.cursor)
        .values(cursor=keys[-1], done=row.done + len(keys), moved=row.moved + moved)
    )
    writer.write(lambda conn: conn.execute(forward))
    return len(keys)


def _recount(handle: Handle, recount_key: int, instance_key: int) -> bool:
    command_id = f"recount:{recount_key}:{instance_key}"
    try:
        answer = handle(
            c.RecountCase(actor=None, recount_key=recount_key, instance_key=instance_key, id=command_id)
        )
    except Exception as fault:  # one broken case must not keep the others from the new calendar
        logging.getLogger("shixian").exception("case %s could not be recounted", instance_key)
        note = c.NoteRecountFailure(
            actor=None,
            recount_key=recount_key,
            instance_key=instance_key,
            error=f"{type(fault).__name__}: {fault}",
            id=f"{command_id}:failed",
        )
        with suppress(Conflict):  # another node has noted it, in other words
            handle(note)
        return False
    return bool(answer["moved"])


def _finish(database: Database, handle: Handle, row: Row[Any]) -> None:
    with database.reading() as conn:
        failed = conn.execute(
            select(func.count()).where(recount_failure.c.recount_key == row.key)
        ).scalar_one()
    end = c.FinishRecount(
        actor=None,
        recount_key=row.key,
        moved=row.moved,
        unchanged=row.done - row.moved - failed,
        failed=failed,
        id=f"recount:{row.key}:finished",
    )
    with suppress(Conflict):  # another node has finished it, and counted a failure more or less
        handle(end)
