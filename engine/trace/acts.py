"""The index of acts: made from the history after the commits, in slices, and at any time made anew.

It costs the way of a command nothing: whoever acts writes the event alone. The sweep asks up to which position
nothing can appear any more (`Database.settled`), and adds the rows up to there with the progress in one transaction,
so that of several nodes one adds a slice and the others find it added.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from engine.calendars import Calendars
from engine.history.chain import Recorded, parse
from engine.storage.database import Database, Writer
from engine.storage.statements import add, insert_new
from engine.storage.tables import (
    act,
    act_progress,
    deadline,
    event,
    organisation_name,
    process_instance,
    user,
    user_task,
)
from engine.trace.kinds import BY_TYPE, roles_mask, short
from engine.trace.office import outside

SLICE = 1000
SECONDS = 0.2  # of one sweep
LATE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Return an instant as the index holds it."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class ActIndex:
    """Keeps the index up with the history."""

    def __init__(self, database: Database, writer: Writer, calendars: Calendars) -> None:
        self._database, self._writer, self._calendars = database, writer, calendars

    def follow(self, seconds: float = SECONDS) -> bool:
        """Add what was recorded since; return whether the index is up with the history as it was on entering."""
        until = self._database.settled(event.c.position)
        ends = time.monotonic() + seconds
        while (at := self._position()) < until:
            self._slice(at, min(until, at + SLICE))
            if time.monotonic() > ends:
                break
        return self._position() >= until

    def rebuild(self) -> None:
        """Empty the index and make it anew."""

        def empty(conn: Connection) -> None:
            conn.execute(delete(act))
            conn.execute(delete(act_progress))

        self._writer.write(empty)
        while not self.follow(3600.0):
            pass

    def _position(self) -> int:
        with self._database.reading() as conn:
            return position(conn)

    def _slice(self, after: int, until: int) -> None:
        with self._database.reading() as conn:
            query = (
                select(event.c.position, event.c.body)
                .where(event.c.position > after, event.c.position <= until, event.c.type.in_(BY_TYPE))
                .order_by(event.c.position)
            )
            read = ((row.position, readable(row.body)) for row in conn.execute(query))
            found = [(at, recorded) for at, recorded in read if recorded is not None]
            rows = list(_Rows(conn, self._calendars, found).made())
        self._writer.write(lambda conn: _keep(conn, after, until, rows))


def readable(body: bytes) -> Recorded | None:
    """Return the event of a stored body; None of one that was tampered with: the chain's own check names it."""
    try:
        return parse(body)
    except (ValueError, KeyError, TypeError):
        return None


def position(conn: Connection) -> int:
    """Return up to which event the index goes."""
    return int(conn.execute(select(act_progress.c.position)).scalar() or 0)


def _keep(conn: Connection, after: int, until: int, rows: Sequence[dict[str, Any]]) -> None:
    if after == 0 and insert_new(conn, act_progress, {"id": 1, "position": until}):
        moved = True
    else:
        here = (act_progress.c.id == 1, act_progress.c.position == after)
        moved = conn.execute(update(act_progress).where(*here).values(position=until)).rowcount == 1
    if moved and rows:
        add(conn, act, *rows)


class _Rows:
    """Makes the rows of some events, with what of the read tables they need looked up at once."""

    def __init__(self, conn: Connection, calendars: Calendars, found: Sequence[tuple[int, Recorded]]) -> None:
        self._conn, self._calendars, self._found = conn, calendars, found
        streams = {recorded.stream for _, recorded in found}
        tasks = {key for _, r in found if (key := getattr(r.event, "user_task_key", None))}
        self._processes = self._pairs(
            process_instance.c.key, process_instance.c.process_id, process_instance.c.key, streams
        )
        self._elements = self._pairs(user_task.c.key, user_task.c.element_id, user_task.c.key, tasks)
        late = select(deadline.c.instance_key, deadline.c.ended_at)
        self._late = {
            (row.instance_key, row.ended_at)
            for part in _parts(streams)
            for row in conn.execute(
                late.where(deadline.c.instance_key.in_(part), deadline.c.state == "met_late")
            )
        }
        self._departments: dict[tuple[int, str], int | None] = {}

    def made(self) -> Iterable[dict[str, Any]]:
        """Yield a row for each event."""
        for at, recorded in self._found:
            yield self._row(at, recorded)

    def _row(self, at: int, recorded: Recorded) -> dict[str, Any]:
        happened, author = recorded.event, recorded.author
        kind = BY_TYPE[type(happened).__name__]
        department = self._department(author.key, author.organisation)
        process = self._processes.get(recorded.stream)
        element = getattr(happened, "element_id", None) or self._elements.get(
            getattr(happened, "user_task_key", None)
        )
        principal = getattr(happened, "as_deputy_of", None) or getattr(happened, "principal_name", None)
        return {
            "position": at,
            "stream": recorded.stream,
            "seq": recorded.seq,
            "at": micros(recorded.occurred_at),
            "recorded": micros(recorded.recorded_at),
            "kind": kind.number,
            "actor_key": author.key,
            "organisation_key": department,
            "roles": roles_mask(author.role),
            "process": None if process is None else short(process),
            "element": None if element is None else short(element),
            "principal": principal,
            "on_behalf": principal is not None,
            "off_hours": author.key != 0 and self._off_hours(recorded.occurred_at, department),
            "after_period": self._after_period(recorded),
            "late": recorded.recorded_at - recorded.occurred_at >= LATE,
        }

    def _off_hours(self, at: datetime, department: int | None) -> bool:
        return outside(at, self._calendars.of(self._conn, at, department))

    def _after_period(self, recorded: Recorded) -> bool:
        """Say whether it met a limit late: the end of that limit, or what was delivered or issued at its instant."""
        if type(recorded.event).__name__ == "DeadlineEnded":
            return bool(getattr(recorded.event, "state", "") == "met_late")
        if type(recorded.event).__name__ not in ("MessageDelivered", "DocumentIssued"):
            return False
        return (recorded.stream, recorded.occurred_at) in self._late

    def _department(self, person: int, name: str) -> int | None:
        """Return the department that an author's record names; where the name is nobody's, the person's own."""
        if person == 0:
            return None
        if (person, name) not in self._departments:
            named = select(organisation_name.c.organisation_key).where(organisation_name.c.name == name)
            own = select(user.c.organisation_key).where(user.c.key == person)
            keys = self._conn.execute(named.distinct()).scalars().all()
            of_person = self._conn.execute(own).scalar()
            self._departments[person, name] = of_person if of_person in keys or len(keys) != 1 else keys[0]
        return self._departments[person, name]

    def _pairs(self, key: Any, value: Any, by: Any, keys: Iterable[int]) -> dict[int | None, str]:
        found: dict[int | None, str] = {}
        for part in _parts(keys):
            rows = self._conn.execute(select(key, value).where(by.in_(part)))
            found |= {row[0]: row[1] for row in rows}
        return found


def _parts(keys: Iterable[int], size: int = 500) -> Iterable[list[int]]:
    """Yield keys in lists that a statement takes as parameters."""
    listed = sorted(keys)
    return (listed[n : n + size] for n in range(0, len(listed), size))
