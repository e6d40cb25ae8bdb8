"""Keeps the facts of finished cases beside the truth: looks at what was recorded since, within a bound.

The cursor is a position of the history, so looking costs what was recorded and not what there is. On a shared
database positions appear in another order than they were given out, so what is still being appended is waited for.
Facts are made from events alone and are the same whoever makes them: several nodes may do it at once.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from itertools import groupby
from threading import Lock

from sqlalchemy import Connection, delete, func, insert, select, update

from engine.calendar import ChinaWorkingCalendar
from engine.calendars import Calendars
from engine.definitions import load_definition
from engine.history.chain import Recorded, parse
from engine.mining.playback import Playback, play
from engine.statistics.facts import EDITION, Facts, facts_of
from engine.storage.database import Database, Writer
from engine.storage.statements import insert_new
from engine.storage.tables import (
    case_fact,
    case_path,
    event,
    organisation,
    process_instance,
    statistics_progress,
    stream_head,
    visit_fact,
)

_LOOK = 5000  # positions at a time
_CASES = 100  # cases in one transaction
_PAUSE = 5.0  # seconds between two looks of a ring at a shared database
_BOUND = 0.25  # seconds that a ring of the sweep may take
_position = statistics_progress.c.position


class Projection:
    """Makes facts of the cases that ended."""

    def __init__(self, database: Database, writer: Writer, calendars: Calendars) -> None:
        self._database, self._writer, self._calendars = database, writer, calendars
        self._lock = Lock()
        self._cursor = 0  # as it was found last
        self._seen = 0  # behind the cursor that is kept: nothing had ended between the two
        self._looked = 0.0

    def ring(self) -> None:
        """Look, for a little while; a fault must not stop the law."""
        if self._database.shared and time.monotonic() - self._looked < _PAUSE:
            return
        try:
            self.catch_up(_BOUND)
        except Exception:
            logging.getLogger("shixian").exception("facts of finished cases could not be made")

    def catch_up(self, seconds: float = 1.0) -> bool:
        """Look at what was recorded since; return whether nothing is left to look at.

        Args:
            seconds: After which no further slice is begun.
        """
        until = time.monotonic() + seconds
        with self._lock:
            top = self._top()
            self._looked = time.monotonic()
            kept = self._kept()
            if kept < self._cursor:
                self._seen = 0  # another process threw the facts away: what was seen is to be looked at again
            self._cursor = kept
            begin = max(kept, self._seen)
            while begin < top:
                end = min(begin + _LOOK, top)
                self._look(begin, end)
                begin = self._seen = end
                if time.monotonic() >= until:
                    break
            return begin >= top

    def rebuild(self) -> int:
        """Throw all facts away and make them anew; return how many cases there are."""
        with self._lock:
            self._writer.write(_forget)
            self._seen = 0
        while not self.catch_up(60):
            pass
        with self._database.reading() as conn:
            return int(conn.execute(select(func.count()).select_from(case_fact)).scalar_one())

    def _top(self) -> int:
        """Return the last position, with nothing still to appear before it."""
        newest = select(func.coalesce(func.max(event.c.position), 0))
        with self._database.reading() as conn:
            top = int(conn.execute(newest).scalar_one())
        if not self._database.shared or top <= self._seen:
            return top

        def settled(conn: Connection) -> int:
            self._database.hold_history(conn)
            return int(conn.execute(newest).scalar_one())

        return int(self._writer.write(settled))

    def _kept(self) -> int:
        with self._database.reading() as conn:
            kept = conn.execute(select(statistics_progress)).first()
        if kept is not None and kept.edition == EDITION:
            return int(kept.position)
        self._writer.write(_forget)
        self._seen = 0
        return 0

    def _look(self, begin: int, end: int) -> None:
        with self._database.reading() as conn:
            over, gone = _touched(conn, begin, end)
        for at in range(0, len(over), _CASES):
            made = self._made(over[at : at + _CASES])
            self._writer.write(partial(keep, made))
        if gone:
            self._writer.write(partial(_drop, gone))
        if over or gone or end - begin == _LOOK:
            self._writer.write(partial(_move, self._cursor, end))
            self._cursor = end

    def _made(self, keys: Sequence[int]) -> list[Facts]:
        found = []
        with self._database.reading() as conn:
            maker = Maker(conn, self._calendars)
            log = select(event.c.stream, event.c.body).where(event.c.stream.in_(keys))
            rows = conn.execute(log.order_by(event.c.stream, event.c.seq)).all()
            for key, its in groupby(rows, key=lambda row: row.stream):
                try:
                    found.append(maker.facts([parse(bytes(row.body)) for row in its]))
                except Exception:  # one case that cannot be read must not keep the others from the figures
                    logging.getLogger("shixian").exception("no facts could be made of case %s", key)
        return found


class Maker:
    """Makes facts on one snapshot."""

    def __init__(self, conn: Connection, calendars: Calendars) -> None:
        rows = conn.execute(select(organisation.c.key, organisation.c.level, organisation.c.area))
        self._homes = {row.key: (row.level, row.area) for row in rows}
        self._definition = cache(partial(load_definition, conn))
        self._calendar = lru_cache(256)(partial(_calendar, conn, calendars))

    def played(self, events: Sequence[Recorded]) -> Playback:
        """Return where the tokens of a case went."""
        return play(events, self._definition)

    def facts(self, events: Sequence[Recorded]) -> Facts:
        """Return the facts of a case that is over, from all its events."""
        played = self.played(events)
        last = played.steps[-1].definition_key
        return facts_of(events, played, self._definition(last).process, last, self._calendar, self._home)

    def _home(self, department: int | None) -> tuple[str, str]:
        return self._homes.get(department or 0, ("", ""))


def _calendar(
    conn: Connection, calendars: Calendars, at: datetime, department: int | None
) -> ChinaWorkingCalendar:
    return calendars.of(conn, at, department)


def _touched(conn: Connection, begin: int, end: int) -> tuple[list[int], list[int]]:
    """Return the cases with events in a stretch that are over and not known as they stand, and those not over any more."""
    streams = (
        select(event.c.stream)
        .where(event.c.position > begin, event.c.position <= end)
        .distinct()
        .scalar_subquery()
    )
    of = process_instance.c
    rows = conn.execute(
        select(of.key, of.ended_at, case_fact.c.seq, stream_head.c.seq.label("head"))
        .join(stream_head, stream_head.c.stream == of.key)
        .outerjoin(case_fact, case_fact.c.instance_key == of.key)
        .where(of.key.in_(streams))
        .order_by(of.key)
    ).all()
    over = [int(row.key) for row in rows if row.ended_at is not None and row.seq != row.head]
    return over, [int(row.key) for row in rows if row.ended_at is None and row.seq is not None]


def keep(made: list[Facts], conn: Connection) -> None:
    """Write facts in place of those of the same cases."""
    if not made:
        return
    _turn(conn)
    _drop([facts.case["instance_key"] for facts in made], conn)
    for path in {facts.path["key"]: facts.path for facts in made}.values():
        insert_new(conn, case_path, path)
    conn.execute(insert(case_fact), [facts.case for facts in made])
    if visits := [visit for facts in made for visit in facts.visits]:
        conn.execute(insert(visit_fact), visits)


def _turn(conn: Connection) -> None:
    """Wait until no other node keeps facts: both may have made those of one case."""
    conn.execute(select(_position).with_for_update())


def _drop(keys: list[int], conn: Connection) -> None:
    for table in (case_fact, visit_fact):
        conn.execute(delete(table).where(table.c.instance_key.in_(keys)))


def _move(cursor: int, position: int, conn: Connection) -> None:
    """Move the cursor on, unless it was set back meanwhile: what lies between would be looked at by nobody."""
    here = (_position >= cursor, _position < position)
    conn.execute(update(statistics_progress).where(*here).values(position=position))


def _forget(conn: Connection) -> None:
    insert_new(conn, statistics_progress, {"id": 1, "position": 0, "edition": EDITION})
    conn.execute(update(statistics_progress).values(position=0, edition=EDITION))
    for table in (case_fact, visit_fact, case_path):
        conn.execute(delete(table))
