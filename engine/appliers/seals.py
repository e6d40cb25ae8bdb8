"""Events of seals → rows."""

from sqlalchemy import Connection

from engine import events as e
from engine.appliers.base import applies, day
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add


@applies.register
def _(event: e.DaySealed, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.seal,
        {
            "number": recorded.seq,
            "day": day(event.day),
            "algorithm": event.algorithm,
            "root": event.root,
            "streams": event.streams,
            "last_position": event.last_position,
            "previous": event.previous,
            "sealed_at": recorded.recorded_at,
        },
    )
