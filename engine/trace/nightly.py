"""What runs on the ring for auditors: the index of acts, the seal of the access log, the checks of each day.

A day's checks wait until the index holds the whole day. What they need and what takes long, whether chains and the
sealed reads still fit, is looked at outside of any lock and handed to the command.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine import commands as c
from engine.clock import Clock
from engine.errors import Conflict, WrongState
from engine.handlers.access_seals import due_day
from engine.handlers.checks import next_run
from engine.history.algorithm import Algorithm
from engine.history.chain import GENESIS, first_break
from engine.storage.database import Database
from engine.storage.tables import act, case_access, event, stream_head
from engine.trace.access import ACCESS_STREAM, breaches
from engine.trace.acts import ActIndex, micros
from engine.trace.checks import CHECK_STREAM
from engine.trace.conditions import begins, ends

TURN = 30
"""Nights in which every stream and every seal of the access log is looked at once."""
NEWEST = 7  # seals of the access log that are looked at every night
AT_ONCE = 40  # slices of one sweep
_REST = 60.0  # seconds before what failed is tried again
Handle = Callable[[c.Command], dict[str, Any]]


class Nightly:
    """Issues the commands of the night."""

    def __init__(
        self, database: Database, index: ActIndex, clock: Clock, handle: Handle, algorithm: Algorithm
    ) -> None:
        self._database, self._index, self._clock = database, index, clock
        self._handle, self._algorithm = handle, algorithm
        self._rest = 0.0

    def run_due(self) -> int:
        """Do what is due; return how many commands ran. A fault must not stop the law."""
        if time.monotonic() < self._rest:
            return 0
        try:
            followed = self._index.follow()
            return self._seal() + (self._checks() if followed else 0)
        except (Conflict, WrongState):  # another node was faster
            return 0
        except Exception:
            logging.getLogger("shixian").exception("the checks of the night could not be run")
            self._rest = time.monotonic() + _REST
            return 0

    def _seal(self) -> int:
        with self._database.reading() as conn:
            day = due_day(conn, self._clock.now())
        if day is None:
            return 0
        last = self._database.settled(case_access.c.key)
        self._handle(c.SealAccess(actor=None, day=day, last=last, id=f"access:{day}"))
        return 1

    def _checks(self) -> int:
        done = 0
        for _ in range(AT_ONCE):
            with self._database.reading() as conn:
                due = next_run(conn, self._clock.now())
                number = conn.execute(_HEAD).scalar() or 0
                if due is None:
                    break
                chains = tuple(broken_chains(conn, due.day, self._algorithm))
                reads = tuple(
                    (x.number, x.kind) for x in breaches(conn, self._algorithm, turn(conn, due.day))
                )
            command = c.RunChecks(
                actor=None, day=due.day, chains=chains, reads=reads, id=f"checks:{due.day}:{number}"
            )
            self._handle(command)
            done += 1
        return done


_HEAD = select(stream_head.c.seq).where(stream_head.c.stream == CHECK_STREAM)


def broken_chains(conn: Connection, day: date, algorithm: Algorithm) -> Iterator[tuple[int, int]]:
    """Yield the streams whose chain breaks, and at which event: those that grew on the day, and the day's share.

    A chain that was cut off behind breaks after its last event: its head says how many there were.
    """
    first, last = begins(day), ends(day)
    assert first is not None and last is not None
    # Of the index, not of the events: these are by position, and a stream that grew has acts or is in its turn.
    grown = select(act.c.stream).where(act.c.recorded >= micros(first), act.c.recorded < micros(last))
    share = select(stream_head.c.stream).where(stream_head.c.stream % TURN == day.toordinal() % TURN)
    streams = set(conn.execute(grown.distinct()).scalars()) | set(conn.execute(share).scalars())
    for stream in sorted(streams):
        broken = _break(conn, stream, algorithm)
        if broken is not None:
            yield stream, broken


def _break(conn: Connection, stream: int, algorithm: Algorithm) -> int | None:
    query = select(event.c.seq, event.c.body, event.c.hash).where(event.c.stream == stream)
    rows = [(row.seq, row.body, row.hash) for row in conn.execute(query.order_by(event.c.seq))]
    broken = first_break(rows, algorithm)
    head = conn.execute(select(stream_head).where(stream_head.c.stream == stream)).first()
    if broken is not None or head is None:
        return broken
    seq, digest = (rows[-1][0], rows[-1][2]) if rows else (0, GENESIS)
    return None if (seq, digest) == (head.seq, head.hash) else min(seq, head.seq) + 1


def turn(conn: Connection, day: date) -> list[int]:
    """Return the seals of the access log that are looked at in a night: the newest, and the night's share."""
    numbers = conn.execute(select(event.c.seq).where(event.c.stream == ACCESS_STREAM)).scalars().all()
    newest = max(numbers, default=0)
    return [n for n in numbers if n > newest - NEWEST or n % TURN == day.toordinal() % TURN]
