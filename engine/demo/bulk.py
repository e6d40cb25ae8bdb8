"""A hundred thousand finished cases: those of the demonstration, moved by working days into other months and departments.

A copy is a case of its own: other keys, number, documents and codes, its events chained by the engine's hash, its
limits counted by the calendar that was known on its days. What it says in prose is its original's.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from engine import commands as c
from engine.app import Engine
from engine.calendar import ChinaWorkingCalendar
from engine.clock import instant
from engine.demo.cases import BEGIN
from engine.demo.copying import CODE, DAY, INSTANT, KEY, NUMBER, Pattern, Reading, Text
from engine.demo.driver import play
from engine.demo.seed import seed
from engine.demo.shifting import WorkingDays
from engine.history.algorithm import Algorithm
from engine.history.chain import GENESIS, link
from engine.storage.packing import Packed, PackedJson
from engine.storage.tables import (
    case_gram,
    catalogue_entry,
    event,
    organisation,
    process_definition,
    process_instance,
    stream_head,
    user,
    user_role,
)
from engine.verification_code import draw

MONTHS = 24
_BATCH = 500
_KEYS_EACH = 4096  # of one copy
_APART = 10_000 << 22  # of keys: ten seconds before the first one that was handed out
_SPAN = 480  # working days in two years
_MIXED = 7919  # a prime: copies of one case are spread over all months
_WORDS = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_SERIAL = re.compile(r"^(.*?)(\d{4})-\d+$")
Others = dict[str, str]


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
    with engine.database.reading() as conn:
        office = _Office(conn, engine)
        patterns = office.patterns()
    if not patterns:
        raise ValueError("Expected finished cases to copy, found none.")
    copier = _Copier(office, engine.calendar(), engine.algorithm)
    numbers = iter(range(count))
    grams: dict[int, list[int]] = defaultdict(list)
    while batch := list(islice(numbers, _BATCH)):
        made = [copier.copied(patterns[n % len(patterns)], n) for n in batch]
        with engine.database.writing() as conn:
            _write(conn, made)
        for one in made:
            for term in (*one.grams, -one.serial):
                grams[term].append(one.key)
        yield batch[-1] + 1
    with engine.database.writing() as conn:
        for term in sorted(grams):
            _insert(
                conn, case_gram.name, ["gram", "instance_key"], [(term, key) for key in sorted(grams[term])]
            )
        if engine.database.shared:
            conn.exec_driver_sql("ANALYZE")


def _months_before(at: datetime, months: int) -> datetime:
    number = at.year * 12 + at.month - 1 - months
    return at.replace(year=number // 12, month=number % 12 + 1, day=1)


@dataclass(frozen=True)
class Copy:
    """What is written of one copy."""

    key: int
    serial: int
    events: list[tuple[int, int, str, bytes, bytes]]
    rows: list[tuple[str, list[str], list[tuple[Any, ...]]]]
    grams: frozenset[int]


class _Office:
    """Departments and people, and who stands for whom in a copy."""

    def __init__(self, conn: Connection, engine: Engine) -> None:
        self._conn, self._calendar = conn, engine.calendar()
        of = organisation.c
        self.departments = conn.execute(
            select(of.key, of.name, of.area, of.level, of.managing, of.kind).order_by(of.key)
        ).all()
        roles = select(user_role.c.organisation_key, user_role.c.role, user.c.key, user.c.name).join(
            user, user.c.key == user_role.c.user_key
        )
        self._people: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
        for row in conn.execute(roles.order_by(user.c.key)):
            self._people[row.organisation_key, row.role].append((row.key, row.name))
        least = [select(func.min(t.c.key)) for t in (organisation, user, process_definition, catalogue_entry)]
        least.append(select(func.min(process_instance.c.key)))
        keys = [conn.execute(query).scalar_one() for query in least]
        self.floor = min(keys) - _APART
        self._scene: dict[int, Others] = {}

    def patterns(self) -> list[Pattern]:
        """Return the finished cases that can be copied, in the order in which they began."""
        seen: dict[str, set[int]] = defaultdict(set)
        for row in self._conn.execute(select(event.c.stream, event.c.body)):
            for key in set(re.findall(KEY, bytes(row.body).decode())):
                seen[key].add(row.stream)
        cases = (
            self._conn.execute(
                select(process_instance.c.key)
                .where(process_instance.c.ended_at.is_not(None))
                .order_by(process_instance.c.key)
            )
            .scalars()
            .all()
        )
        shared = {k for k, streams in seen.items() if len(streams) > 1 or int(k) <= self.floor}
        names = [row.name for row in self.departments]
        names += [f'"{name}"' for people in self._people.values() for _, name in people]
        reading = Reading(self._conn, self._calendar, frozenset(shared), set(names))
        return [found for key in cases if (found := reading.pattern(key)) is not None]

    def standing_in(self, number: int) -> Others:
        """Return keys and names of departments and people → those of the scene a copy plays in."""
        scenes = self._scenes()
        number %= len(scenes) * len(self.departments)
        if number not in self._scene:
            self._scene[number] = self._played(scenes, number)
        return self._scene[number]

    def _played(self, scenes: list[tuple[Any, list[Any]]], number: int) -> Others:
        managing, others = scenes[number % len(scenes)]
        here = [row for row in self.departments if not row.managing and row.kind != "government_office"]
        found: Others = {}
        for n, row in enumerate(here):
            self._instead(found, row, others[(n + number // len(scenes)) % len(others)])
        for row in self.departments:
            if row.managing:
                self._instead(found, row, managing)
        return found

    def _scenes(self) -> list[tuple[Any, list[Any]]]:
        found = []
        for row in self.departments:
            if row.managing:
                area = [o for o in self.departments if not o.managing and o.area.startswith(row.area)]
                some = [o for o in area if o.kind != "government_office"]
                wanted = [o for o in some if o.level == row.level] if row.level == "province" else some
                if len(wanted) > 1:
                    found += [(row, wanted)] * len(wanted)
        return found

    def _instead(self, found: Others, old: Any, new: Any) -> None:
        found[str(old.key)], found[old.name] = str(new.key), new.name
        for role in ("handler", "head"):
            theirs, ours = self._people[new.key, role], self._people[old.key, role]
            for n, (key, name) in enumerate(ours if theirs else []):
                other = theirs[n % len(theirs)]
                found[str(key)], found[f'"{name}"'] = str(other[0]), f'"{other[1]}"'


class _Copier:
    """Makes copies of patterns."""

    def __init__(self, office: _Office, calendar: ChinaWorkingCalendar, algorithm: Algorithm) -> None:
        self._office, self._calendar, self._algorithm = office, calendar, algorithm
        self._days = WorkingDays(calendar)
        self._rests: dict[tuple[date, date], str] = {}

    def copied(self, pattern: Pattern, number: int) -> Copy:
        """Return a copy; its number decides when and between whom it plays."""
        by = -((number * _MIXED) % _SPAN) - 1
        keys = {own: str(self._office.floor - number * _KEYS_EACH - at) for at, own in enumerate(pattern.own)}
        others = self._others(pattern, number, by) | keys
        stream, hash_before = int(keys[pattern.own[0]]), GENESIS
        events = []
        for seq, (kind, text) in enumerate(pattern.events, start=1):
            body = text.filled(others).encode()
            hash_before = link(hash_before, body, self._algorithm)
            events.append((stream, seq, kind, self._packed(body), hash_before))
        rows = [
            (
                its.table.name,
                [column.name for column in its.table.c],
                [self._row(cells, its.packed, its.keys, others) for cells in its.cells],
            )
            for its in pattern.rows
        ]
        return Copy(stream, _serial(number), events, rows, pattern.grams)

    def _packed(self, body: bytes) -> bytes:
        packed: bytes | None = _EVENT.process_bind_param(body, _NO_DIALECT)
        assert packed is not None
        return packed

    def _row(
        self, cells: list[Any], packed: frozenset[int], keys: frozenset[int], others: Mapping[str, str]
    ) -> tuple[Any, ...]:
        made = []
        for n, cell in enumerate(cells):
            value = cell.filled(others) if isinstance(cell, Text) else cell
            if n in keys and isinstance(value, int):
                value = int(others.get(str(value), value))
            elif n in packed:
                value = _JSON.process_bind_param(orjson.loads(value), _NO_DIALECT)
            made.append(value)
        return tuple(made)

    def _others(self, pattern: Pattern, number: int, by: int) -> Others:
        found = dict(self._office.standing_in(number))
        documents = 0
        for token in pattern.tokens:
            if token in found:
                continue
            if token == pattern.business_id:
                found[token] = self._number(token, number, pattern, by)
            elif token in pattern.counts:
                found[token] = self._count(pattern, token, by)
            elif _IS_INSTANT(token):
                found[token] = self._instant(token, by)
            elif _IS_DAY(token):
                found[token] = self._days.moved_day(date.fromisoformat(token), by).isoformat()
            elif words := _WORDS.fullmatch(token):
                day = self._days.moved_day(date(*map(int, words.groups())), by)
                found[token] = f"{day.year}年{day.month}月{day.day}日"
            elif _IS_CODE(token):
                found[token] = draw()
            elif _IS_NUMBER(token):
                documents += 1
                head, _, _ = token.partition("〔")
                found[token] = f"{head}〔{self._year(pattern, by)}〕{_serial(number) * 10 + documents}号"
            else:
                found[token] = token
        return found

    def _instant(self, token: str, by: int) -> str:
        moved = self._days.moved(instant(token), by)
        return moved.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if "." in token else "%Y-%m-%dT%H:%M:%SZ")

    def _count(self, pattern: Pattern, mark: str, by: int) -> str:
        count = pattern.counts[mark]
        if count.kind == "late":
            return str((self._days.moved_day(count.last, by) - self._days.moved_day(count.first, by)).days)
        # The first day counted is the day after the event's, which may be a rest day: it moves with the event.
        first = self._days.moved_day(date.fromordinal(count.first.toordinal() - 1), by)
        span = (date.fromordinal(first.toordinal() + 1), self._days.moved_day(count.last, by))
        if span not in self._rests:
            self._rests[span] = orjson.dumps(self._calendar.rests_on(*span)).decode()
        return self._rests[span]

    def _year(self, pattern: Pattern, by: int) -> int:
        return self._days.moved_day(pattern.began, by).year

    def _number(self, token: str, number: int, pattern: Pattern, by: int) -> str:
        found = _SERIAL.match(token)
        head = found[1] if found else f"{token}-"
        return f"{head}{self._year(pattern, by)}-{_serial(number)}"


_EVENT, _JSON = Packed("records"), PackedJson()
_NO_DIALECT: Any = None
_IS_INSTANT, _IS_DAY = re.compile(INSTANT).fullmatch, re.compile(DAY).fullmatch
_IS_CODE, _IS_NUMBER = re.compile(CODE).fullmatch, re.compile(NUMBER).fullmatch


def _serial(number: int) -> int:
    return 1_000_000 + number


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
