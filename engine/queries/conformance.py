"""Conformance (符合性): how far cases of a procedure went as a version of it says, counted over many."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from engine.definitions import Definition, load_definition
from engine.errors import NotFound
from engine.handlers.access import visible_cases
from engine.history.chain import Recorded, parse
from engine.mining.playback import MOVING, play
from engine.people import Actor
from engine.periods import BEIJING
from engine.queries.reader import Reader
from engine.storage.tables import event, process_definition, process_instance, stream_head

PAGE = 500
_AT_ONCE = 100
_KEPT = 50_000
_TYPES = tuple(kind.__name__ for kind in MOVING)
_d, _i = process_definition.c, process_instance.c


@dataclass(frozen=True)
class VersionName:
    """A version that cases can be held against."""

    key: int
    version: int
    effective_from: date | None


@dataclass(frozen=True)
class ProcedureName:
    """A procedure with its versions, newest first."""

    process_id: str
    name: str
    versions: tuple[VersionName, ...]


@dataclass(frozen=True)
class Chosen:
    """Which cases are played, and on what.

    Attributes:
        against: Key of the version they are held against; None: each against its own.
        since, until: Beijing days on which they began, both included.
    """

    process_id: str
    against: int | None
    since: date
    until: date


@dataclass(frozen=True)
class CheckedCase:
    """A case that was played; `kinds` are those of its deviations, each once."""

    key: int
    business_id: str
    title: str
    definition_key: int
    state: str
    started_at: datetime
    ended_at: datetime | None
    fitness: float
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class VersionRow:
    """The cases of one version; `kinds` counts cases, not deviations. The key 0 sums up all versions."""

    definition_key: int
    version: int
    cases: int
    fitness: float
    deviating: int
    kinds: dict[str, int]


@dataclass(frozen=True)
class Conformance:
    """A page of the cases that were chosen.

    Attributes:
        total: Of all pages.
        rows: By the version that applies to the cases, newest first, and all together last.
    """

    rows: tuple[VersionRow, ...]
    cases: tuple[CheckedCase, ...]
    total: int
    page: int
    pages: int


def procedures(reader: Reader, actor: Actor) -> list[ProcedureName]:
    """Return the procedures that the reader sees a case of."""
    seen = select(_i.process_id).where(visible_cases(reader.conn, actor)).distinct()
    rows = reader.conn.execute(
        select(_d.key, _d.process_id, _d.name, _d.version, _d.effective_from)
        .where(_d.process_id.in_(seen))
        .order_by(_d.process_id, _d.version.desc())
    )
    found: dict[str, tuple[str, list[VersionName]]] = {}
    for row in rows:
        held = found.setdefault(row.process_id, (row.name, []))
        held[1].append(VersionName(row.key, row.version, row.effective_from))
    return [ProcedureName(process_id, name, tuple(lines)) for process_id, (name, lines) in found.items()]


def conformance(reader: Reader, actor: Actor, chosen: Chosen, page: int = 1) -> Conformance:
    """Play a page of cases, the newest first, and sum up.

    Raises:
        NotFound: the version to hold against is none of the procedure.
    """
    against = version_of(reader, chosen.process_id, chosen.against)
    shown = (_i.key, _i.business_id, _i.title, _i.definition_key, _i.state, _i.started_at, _i.ended_at)
    query = select(*shown).where(
        _i.process_id == chosen.process_id,
        _i.started_at >= datetime.combine(chosen.since, time(), BEIJING),
        _i.started_at < datetime.combine(chosen.until + timedelta(days=1), time(), BEIJING),
        visible_cases(reader.conn, actor),
    )
    count = select(func.count()).select_from(query.with_only_columns(_i.key).subquery())
    total = int(reader.conn.execute(count).scalar_one())
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    rows = reader.conn.execute(query.order_by(_i.key.desc()).limit(PAGE).offset((page - 1) * PAGE)).all()
    cases = tuple(_checked(reader, rows, against))
    return Conformance(tuple(_sums(reader, cases)), cases, total, page, pages)


def version_of(reader: Reader, process_id: str, key: int | None) -> Definition | None:
    """Return the version to hold against, None for each case's own.

    Raises:
        NotFound: the procedure has no such version.
    """
    if key is None:
        return None
    of = reader.conn.execute(select(_d.process_id).where(_d.key == key)).scalar()
    if of != process_id:
        raise NotFound("本程序没有该版本。", f"Expected a version of {process_id}, found {key} is none.")
    return load_definition(reader.conn, key)


_PLAYED: dict[tuple[bytes, str], tuple[float, tuple[str, ...]]] = {}


def _checked(reader: Reader, rows: Any, against: Definition | None) -> Iterator[CheckedCase]:
    """Yield the cases as played; what was played once is known by the hash at the head of its history."""
    keys = [row.key for row in rows]
    known: dict[int, tuple[float, tuple[str, ...]]] = {}
    for begin in range(0, len(keys), _AT_ONCE):
        known |= _played(reader, keys[begin : begin + _AT_ONCE], against)
    for row in rows:
        fitness, kinds = known.get(row.key, (1.0, ()))
        yield CheckedCase(**row._mapping, fitness=fitness, kinds=kinds)


def _played(
    reader: Reader, keys: list[int], against: Definition | None
) -> dict[int, tuple[float, tuple[str, ...]]]:
    on = "" if against is None else str(against.key)
    heads = select(stream_head.c.stream, stream_head.c.hash).where(stream_head.c.stream.in_(keys))
    marks = {row.stream: (bytes(row.hash), on) for row in reader.conn.execute(heads)}
    found = {key: kept for key, mark in marks.items() if (kept := _PLAYED.get(mark)) is not None}
    for key, events in _histories(reader, [key for key in keys if key not in found]):
        played = play(events, lambda of: load_definition(reader.conn, of), against)
        kinds = tuple(dict.fromkeys(deviation.kind for deviation in played.deviations))
        found[key] = played.fitness, kinds
        if key in marks:
            if len(_PLAYED) >= _KEPT:
                _PLAYED.clear()
            _PLAYED[marks[key]] = found[key]
    return found


def _histories(reader: Reader, keys: list[int]) -> Iterator[tuple[int, list[Recorded]]]:
    query = select(event.c.stream, event.c.body).where(event.c.stream.in_(keys), event.c.type.in_(_TYPES))
    events: list[Recorded] = []
    for stream, body in reader.conn.execute(query.order_by(event.c.stream, event.c.seq)) if keys else ():
        if events and events[0].stream != stream:
            yield events[0].stream, events
            events = []
        events.append(parse(body))
    if events:
        yield events[0].stream, events


def _sums(reader: Reader, cases: tuple[CheckedCase, ...]) -> Iterator[VersionRow]:
    of: dict[int, list[CheckedCase]] = {}
    for case in cases:
        of.setdefault(case.definition_key, []).append(case)
    query = select(_d.key, _d.version).where(_d.key.in_(of)).order_by(_d.version.desc())
    for row in reader.conn.execute(query) if of else ():
        yield _sum(row.key, row.version, of[row.key])
    if len(of) > 1:
        yield _sum(0, 0, list(cases))


def _sum(key: int, version: int, cases: list[CheckedCase]) -> VersionRow:
    kinds = Counter(kind for case in cases for kind in case.kinds)
    return VersionRow(
        key,
        version,
        len(cases),
        sum(case.fitness for case in cases) / len(cases),
        sum(bool(case.kinds) for case in cases),
        dict(kinds),
    )
