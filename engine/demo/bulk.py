"""A hundred thousand finished cases: those of the demonstration, moved by working days into other months and departments.

A copy is a case of its own: other keys, number, documents and codes, its events chained by the engine's hash, its
limits counted by the calendar that was known on its days. What it says in prose is its original's.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from engine import commands as c
from engine.app import Engine
from engine.calendar import ChinaWorkingCalendar
from engine.calendars import Calendars
from engine.demo.cases import BEGIN
from engine.demo.copier import Copier, Copy
from engine.demo.driver import play
from engine.demo.scenes import Office
from engine.demo.seed import seed
from engine.statistics.projection import keep
from engine.storage.tables import case_gram, event, stream_head

MONTHS = 24
_BATCH = 500


def beginning() -> datetime:
    """Return when the clock of a database must stand that is to take copies."""
    return _months_before(BEGIN, MONTHS + 1)


def begin(engine: Engine) -> None:
    """Seed a database whose clock stands at `beginning`, let the notices become known on their days, and play."""
    seed(engine)
    for months in range(MONTHS, 0, -1):
        engine.handle(c.SetClock(actor=None, at=_months_before(BEGIN, months)))
    play(engine)


def copy_cases(engine: Engine, count: int) -> Iterator[int]:
    """Copy the finished cases until there are so many copies; yield how many are written, now and then."""
    while not engine.statistics.catch_up(10):
        pass
    with engine.database.reading() as conn:
        office = Office(conn, engine)
        patterns = office.patterns()
        known = _Known(conn)
        if not patterns:
            raise ValueError("Expected finished cases to copy, found none.")
        copier = Copier(office, engine.calendar(), known.calendar, engine.algorithm)
        numbers = iter(range(count))
        grams: dict[int, list[int]] = defaultdict(list)
        while batch := list(islice(numbers, _BATCH)):
            made = [copier.copied(patterns[n % len(patterns)], n) for n in batch]
            with engine.database.writing() as writing:
                _write(writing, made)
            for one in made:
                for term in (*one.grams, -one.serial):
                    grams[term].append(one.key)
            yield batch[-1] + 1
    with engine.database.writing() as conn:
        for term in sorted(grams):
            _insert(
                conn, case_gram.name, ["gram", "instance_key"], [(term, key) for key in sorted(grams[term])]
            )
    with engine.database.writing() as conn:
        conn.exec_driver_sql("ANALYZE")


class _Known:
    """Calendars as known at instants, without asking the database each time."""

    def __init__(self, conn: Connection) -> None:
        self._conn, self._calendars = conn, Calendars()
        known = self._calendars.known(conn)
        self._turns = sorted({at for k in known for at in (k.known_at, k.known_until) if at is not None})
        self._made: dict[tuple[int, int | None], ChinaWorkingCalendar] = {}

    def calendar(self, at: datetime, department: int | None) -> ChinaWorkingCalendar:
        """Return the calendar of a department as known at an instant."""
        which = (bisect_right(self._turns, at), department)
        if which not in self._made:
            self._made[which] = self._calendars.of(self._conn, at, department)
        return self._made[which]


def _months_before(at: datetime, months: int) -> datetime:
    number = at.year * 12 + at.month - 1 - months
    return at.replace(year=number // 12, month=number % 12 + 1, day=1)


def _write(conn: Connection, made: list[Copy]) -> None:
    rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
    for one in made:
        for table, columns, its in one.rows:
            rows.setdefault(table, (columns, []))[1].extend(its)
    for table, (columns, its) in rows.items():
        _insert(conn, table, columns, its)
    log = [row for one in made for row in one.events]
    _insert(conn, event.name, ["stream", "seq", "type", "body", "hash"], log)
    heads = [(one.key, one.events[-1][1], one.events[-1][4]) for one in made]
    _insert(conn, stream_head.name, ["stream", "seq", "hash"], heads)
    keep([one.facts for one in made], conn)


def _insert(conn: Connection, table: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Insert many rows the way each database takes them fastest."""
    names = ", ".join(f'"{name}"' for name in columns)
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    else:
        gaps = ", ".join("?" * len(columns))
        driver.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({gaps})', rows)
