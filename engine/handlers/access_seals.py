"""Sealing the access log: each night the hash of what was read goes into a stream, and with it into the day's seal."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from engine import events as e
from engine.commands import SealAccess
from engine.errors import WrongState
from engine.history.chain import parse
from engine.periods import beijing_day
from engine.storage.tables import access_seal, event
from engine.trace.access import ACCESS_STREAM, GENESIS, digest
from engine.uow import UnitOfWork


def due_day(conn: Connection, now: datetime) -> date | None:
    """Return the Beijing day whose reads are to be sealed next: the last one that has ended, once.

    Days without a sweep are sealed with the next: their rows are behind the last sealed one.
    """
    first = conn.execute(select(event.c.body).order_by(event.c.position).limit(1)).scalar()
    ended = beijing_day(now) - timedelta(days=1)
    if first is None or beijing_day(parse(first).recorded_at) > ended:
        return None
    last = _last(conn)
    return ended if last is None or last.day < ended else None


def seal_access(cmd: SealAccess, uow: UnitOfWork) -> dict[str, Any]:
    """Hash the reads behind the last seal up to a row.

    Raises:
        WrongState: another day is due, or the row lies before the last sealed one.
    """
    uow.expect(ACCESS_STREAM)
    last = _last(uow.conn)
    first, before = (last.last, last.digest) if last is not None else (0, GENESIS)
    if due_day(uow.conn, uow.now) != cmd.day or cmd.last < first:
        raise WrongState(
            f"{cmd.day}的查阅记录不应在此时封存。",
            f"Expected {due_day(uow.conn, uow.now)} and a row from {first} on, found {cmd.day} and {cmd.last}.",
        )
    count, found = digest(uow.conn, first, cmd.last, before, uow.algorithm)
    uow.record(ACCESS_STREAM, e.AccessSealed(cmd.day.isoformat(), first, cmd.last, count, found))
    return {"count": count, "digest": found}


def _last(conn: Connection) -> Row[Any] | None:
    found: Row[Any] | None = conn.execute(
        select(access_seal).order_by(access_seal.c.number.desc()).limit(1)
    ).first()
    return found
