"""What is due: claimed in batches, one command each; any number of nodes may sweep."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, Table, and_, bindparam, exists, or_, select, update

from engine import commands as c
from engine.clock import Clock
from engine.storage.database import Database, Writer
from engine.storage.tables import incident, timer

BATCH = 100
SLICE_SECONDS = 0.1
LEASE = timedelta(seconds=10)
ATTEMPTS = 20
Handle = Callable[[c.Command], dict[str, Any]]
PutBack = Callable[[Table, int, Exception], None]


class Sweep:
    """Fires due timers, earliest first.

    Claiming marks the rows, with FOR UPDATE SKIP LOCKED and in a transaction of its own, as taken for some
    seconds of the machine's clock; nobody waits for anybody. The mark only spares nodes each other's work.
    That a timer fires once does not rest on it: firing appends to the case's stream, whose head is compared at
    the commit, and takes the timer's row away in the same transaction. So a node that dies leaves its timers to
    the others after the lease, and one that is slower than its lease is overtaken, finds the row gone, and does
    nothing. Row locks held until a timer has fired would do no more, and would lock out the command itself,
    which computes outside the transaction that writes.

    Of a case only the earliest due timer is taken, so that two nodes cannot fire its timers in the wrong order.
    How many are claimed at once follows from how long the last ones took: about 100 ms of work.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        clock: Clock,
        machine: Clock,
        handle: Handle,
        fired: Callable[[str, float], None],
        put_back: PutBack,
    ) -> None:
        self._database, self._writer, self._handle, self._fired = database, writer, handle, fired
        self._put_back = put_back
        self._clock, self._machine = clock, machine
        self._batch = 10

    def fire_due(self) -> int:
        """Fire what is due by the clock; return how many timers were looked at and did not fail."""
        done = 0
        while keys := self._claim():
            begun = time.monotonic()
            for key in keys:
                done += self._fire(key)
            each = (time.monotonic() - begun) / len(keys)
            self._batch = max(1, min(BATCH, int(SLICE_SECONDS / each)))
        return done

    def _fire(self, key: int) -> int:
        try:
            answer = self._handle(c.TriggerTimer(actor=None, timer_key=key))
        except Exception as fault:  # one broken case must not stop the law for the others
            self._put_back(timer, key, fault)
            return 0
        if answer["fired"]:
            self._fired(answer["kind"], answer["late"])
        return 1

    def _claim(self) -> list[int]:
        by = {"now": self._clock.now(), "machine": self._machine.now(), "most": self._batch}
        if not self._database.shared:
            with self._database.reading() as conn:
                return list(conn.execute(_DUE, by).scalars().all())
        until = self._machine.now() + LEASE

        def claim(conn: Connection) -> list[int]:
            keys = list(conn.execute(_CLAIM, by).scalars().all())
            if keys:
                conn.execute(update(timer).where(timer.c.key.in_(keys)).values(retry_at=until))
            return keys

        found: list[int] = self._writer.write(claim)
        return found


def _due() -> Select[Any]:
    """Return the query for timers that are due by the clock and that nobody has in hand by the machine's."""
    now: BindParameter[datetime] = bindparam("now")
    machine: BindParameter[datetime] = bindparam("machine")
    earlier = timer.alias()
    stuck = exists().where(incident.c.timer_key == earlier.c.key, incident.c.state == "open")
    first = ~exists().where(
        earlier.c.instance_key == timer.c.instance_key,
        earlier.c.not_before <= now,
        or_(earlier.c.attempts == 0, ~stuck),  # one that an operator has to mend does not hold up the rest
        or_(
            earlier.c.fires_at < timer.c.fires_at,
            and_(earlier.c.fires_at == timer.c.fires_at, earlier.c.key < timer.c.key),
        ),
    )
    return (
        select(timer.c.key)
        .where(
            timer.c.not_before <= now,
            timer.c.attempts < ATTEMPTS,
            or_(timer.c.retry_at.is_(None), timer.c.retry_at <= machine),
            first,
        )
        .order_by(timer.c.not_before, timer.c.key)
        .limit(bindparam("most"))
    )


_DUE = _due()
_CLAIM = _DUE.with_for_update(skip_locked=True, of=timer)


def due_retries(now: datetime, machine: datetime, limit: int = BATCH) -> Select[Any]:
    """Return the query for incidents whose policy has them tried again by `now`: key, and tries so far."""
    return (
        select(incident.c.key, incident.c.tries)
        .where(
            incident.c.next_try_at <= now,
            incident.c.attempts < ATTEMPTS,
            or_(incident.c.retry_at.is_(None), incident.c.retry_at <= machine),
        )
        .order_by(incident.c.attempts, incident.c.next_try_at, incident.c.key)
        .limit(limit)
    )
