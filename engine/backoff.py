"""Rows that failed: the error is kept beside them, and the others go first, longer each time."""

from datetime import timedelta

from sqlalchemy import Connection, Table, select, update

from engine.clock import Clock
from engine.storage.database import Writer

_LONGEST = timedelta(hours=1)
_DOUBLINGS = 12  # 2 s, 4 s, 8 s … ; after so many the pause is the longest anyway


def put_off(writer: Writer, machine: Clock, table: Table, key: int, error: str) -> int:
    """Let a row rest by the machine's clock, 2 s, 4 s, 8 s … up to an hour; return how often it was tried.

    Args:
        table: One with the columns key, attempts, last_error and retry_at.
    """

    def write(conn: Connection) -> int:
        attempts: int | None = conn.execute(select(table.c.attempts).where(table.c.key == key)).scalar()
        if attempts is None:
            return 0
        pause = min(timedelta(seconds=2 ** (min(attempts, _DOUBLINGS) + 1)), _LONGEST)
        resting = {
            "attempts": attempts + 1,
            "last_error": error[:2000],
            "retry_at": machine.now() + pause,
        }
        same = (table.c.key == key, table.c.attempts == attempts)
        conn.execute(update(table).where(*same).values(**resting))
        return attempts + 1

    tried: int = writer.write(write)
    return tried
