"""The unit of work: what one command reads, and what it wants written."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.calendar import ChinaWorkingCalendar
from engine.calendars import CALENDAR_STREAM, Calendars
from engine.events import Event
from engine.history.algorithm import SHA256, Algorithm
from engine.history.chain import GENESIS, PLATFORM, Author, Recorded, link
from engine.storage.statements import insert_new
from engine.storage.tables import blob, guard, stream_head

Write = Callable[[Connection], object]
_GUARD = select(guard.c.version, guard.c.value).where(guard.c.name == bindparam("of"))
_HEAD = select(stream_head.c.seq, stream_head.c.hash).where(stream_head.c.stream == bindparam("of"))


@dataclass(frozen=True)
class Sealed:
    """An event ready to be appended: canonical bytes and hash."""

    recorded: Recorded
    body: bytes
    hash: bytes


@dataclass(frozen=True)
class Savepoint:
    """How far a unit of work had come."""

    events: int
    writes: int
    heads: dict[int, tuple[int, bytes]]
    guards: dict[str, tuple[int, Any]]
    at: datetime


@dataclass
class UnitOfWork:
    """Reads on one snapshot; collects events, guards and rows beside, which the writer commits together.

    Attributes:
        now: The instant of the command by the clock; every event is recorded then.
        at: The legal instant of what is happening now; the planned one while a timer fires (R-T8).
    """

    conn: Connection
    now: datetime
    calendars: Calendars
    next_key: Callable[[], int]
    author: Author = PLATFORM
    algorithm: Algorithm = SHA256
    at: datetime = field(init=False)
    events: list[Sealed] = field(default_factory=list)
    heads: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    read_heads: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    guards: dict[str, tuple[int, Any]] = field(default_factory=dict)
    read_guards: dict[str, tuple[int, Any]] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)
    _counted_by: dict[int | None, ChinaWorkingCalendar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.at = self.now

    def savepoint(self) -> "Savepoint":
        """Return what `undo` goes back to."""
        return Savepoint(len(self.events), len(self.writes), dict(self.heads), dict(self.guards), self.at)

    def undo(self, to: "Savepoint") -> None:
        """Forget every event, guard and write since a savepoint.

        What was only read since then is still expected at the commit: the decision to undo rests on it.
        """
        del self.events[to.events :], self.writes[to.writes :]
        self.heads = {**self.read_heads, **to.heads}
        self.guards, self.at = {**self.read_guards, **to.guards}, to.at

    def calendar(self, department: int | None = None) -> ChinaWorkingCalendar:
        """Return the calendar of a department, or the nation's, as known now.

        Who sets a limit by it calls `expect_calendar` too, lest a notice confirmed meanwhile is missed.
        """
        if department not in self._counted_by:
            self._counted_by[department] = self.calendars.of(self.conn, self.now, department)
        return self._counted_by[department]

    def expect_calendar(self) -> None:
        """Have the commit fail if the calendar changes meanwhile: a limit is being counted by it."""
        self.expect(CALENDAR_STREAM)

    def record(self, stream: int, event: Event) -> None:
        """Append an event to a stream; it is applied to the read tables in the same transaction."""
        seq, previous = self._head(stream)
        recorded = Recorded(stream, seq + 1, event, self.author, self.at, self.now)
        body = recorded.body()
        sealed = Sealed(recorded, body, link(previous, body, self.algorithm))
        self.events.append(sealed)
        self.heads[stream] = (seq + 1, sealed.hash)

    def expect(self, stream: int) -> None:
        """Have the commit fail if anybody else appends to the stream meanwhile."""
        self._head(stream)

    def head(self, stream: int) -> tuple[int, bytes]:
        """Return a stream's last sequence number and hash; the commit fails if somebody appends meanwhile."""
        return self._head(stream)

    def guarded(self, name: str) -> Any:
        """Return the value kept under a guard's name; a change between now and commit is a conflict."""
        if name in self.guards:
            return self.guards[name][1]
        row = self.conn.execute(_GUARD, {"of": name}).first()
        self.guards[name] = self.read_guards[name] = (row.version, row.value) if row else (0, None)
        return self.guards[name][1]

    def set_guard(self, name: str, value: Any) -> None:
        """Keep a value under a guard's name."""
        self.guarded(name)
        self.guards[name] = (self.guards[name][0], value)

    def keep(self, content: bytes) -> str:
        """Keep bytes under their SHA-256 and return it."""
        digest = hashlib.sha256(content).hexdigest()
        self.writes.append(lambda conn: insert_new(conn, blob, {"sha256": digest, "content": content}))
        return digest

    def keep_words(self, text: str) -> str:
        """Keep words beside the history, which the other party of a case reads too; return their SHA-256, or nothing."""
        return self.keep(text.encode()) if text else ""

    def _head(self, stream: int) -> tuple[int, bytes]:
        if stream not in self.heads:
            row = self.conn.execute(_HEAD, {"of": stream}).first()
            self.heads[stream] = self.read_heads[stream] = (row.seq, row.hash) if row else (0, GENESIS)
        return self.heads[stream]
