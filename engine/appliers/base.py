"""What the appliers share: the dispatch from an event to the one function that changes rows."""

from datetime import date, datetime
from functools import singledispatch

from sqlalchemy import Connection

from engine import events as e
from engine.clock import instant
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import change

instance_table = t.process_instance


@singledispatch
def applies(event: e.Event, conn: Connection, recorded: Recorded) -> None:
    """Most events change no table."""


def day(text: str | None) -> date | None:
    """Return the day of an ISO text."""
    return None if text is None else date.fromisoformat(text)


def an_instant(text: str | None) -> datetime | None:
    """Return the instant of an RFC 3339 text."""
    return None if text is None else instant(text)


def change_case(conn: Connection, recorded: Recorded, **values: object) -> None:
    """Change columns of the case whose stream it is."""
    change(conn, instance_table, recorded.stream, **values)
