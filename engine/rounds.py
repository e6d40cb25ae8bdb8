"""The planned starts that are due: one command each, by any number of nodes.

Only the planned instants are rows. Whether one falls on a rest day is asked anew by the calendar in use, so a
notice confirmed meanwhile moves the starts ahead without touching a row.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from engine import commands as c
from engine.backoff import put_off
from engine.calendars import Calendars
from engine.clock import Clock, SystemClock, instant_text
from engine.definitions import load_definition
from engine.errors import Conflict
from engine.schedules import LONGEST_ROLL, rolled
from engine.storage.database import Database, Writer
from engine.storage.tables import process_definition, start_trigger

Handle = Callable[[c.Command], dict[str, Any]]


def run_due(database: Database, writer: Writer, calendars: Calendars, clock: Clock, handle: Handle) -> int:
    """Start or pass over every round that is due, earliest first; return how many."""
    done, ahead = 0, True
    while ahead:
        now, machine = clock.now(), SystemClock().now()
        with database.reading() as conn:
            due = sorted(
                (starts_at, row.key, row)
                for starts_at, row in planned(conn, calendars, now, now + LONGEST_ROLL)
                if starts_at <= now and (row.retry_at is None or row.retry_at <= machine)
            )
        ran = sum(_start(writer, handle, row) for _, _, row in due)
        done, ahead = done + ran, ran > 0
    return done


def next_round(conn: Connection, calendars: Calendars, now: datetime) -> datetime | None:
    """Return the earliest start ahead; one that failed is left out."""
    return min((at for at, row in planned(conn, calendars, now, None) if row.attempts == 0), default=None)


def planned(
    conn: Connection, calendars: Calendars, now: datetime, until: datetime | None
) -> Iterator[tuple[datetime, Row[Any]]]:
    """Yield when each planned round starts by the calendar in use, with its row.

    Those of a suspended version wait, and are due at once when it is resumed.

    Args:
        until: Rows planned later are left out.
    """
    table = start_trigger
    query = (
        select(table)
        .join(process_definition, process_definition.c.key == table.c.definition_key)
        .where(table.c.planned_at.is_not(None), process_definition.c.state != "suspended")
    )
    rows = conn.execute(query if until is None else query.where(table.c.planned_at <= until)).all()
    for row in rows:
        node = load_definition(conn, row.definition_key).process.nodes[row.element_id]
        if node.planned is not None:
            yield rolled(row.planned_at, node.planned.roll, calendars.of(conn, now)), row


def _start(writer: Writer, handle: Handle, row: Row[Any]) -> int:
    command = c.StartRound(
        actor=None,
        trigger_key=row.key,
        planned_at=row.planned_at,
        id=f"round:{row.key}:{instant_text(row.planned_at)}",
    )
    try:
        return int(handle(command)["done"])
    except Conflict:  # a notice confirmed just now has put it off, or others were faster
        return 0
    except Exception as fault:  # one broken definition must not keep the others from their duties
        logging.getLogger("shixian").exception("round %s could not be started", command.id)
        put_off(writer, SystemClock(), start_trigger, row.key, f"{type(fault).__name__}: {fault}")
        return 0
