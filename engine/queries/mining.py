"""Logs for process mining: which cases, told as traces, written as XES, OCEL or CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, BinaryIO

from sqlalchemy import Row, Select, func, literal, select

from engine.definitions import Definition, load_definition
from engine.handlers.access import must_see, visible_cases
from engine.handlers.exports import EXPORT_STREAM
from engine.history.chain import Recorded, parse
from engine.mining import xes
from engine.mining.bpmn_export import mining_bpmn
from engine.mining.masks import Masks
from engine.mining.playback import play
from engine.mining.traces import Case, Office, Trace, trace
from engine.mining.writers import FORMATS, pour
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries.reader import Reader
from engine.storage.tables import event, process_definition, process_instance
from engine.trace.conditions import begins, ends

MOST = 5_000
"""Cases in one file; whoever needs more chooses shorter periods."""
STATES = ("all", "ended", "open")
PAGE = 20
_BATCH = 200


@dataclass(frozen=True)
class Choice:
    """Which cases a file holds: those that began in a period.

    Attributes:
        process_id: Of one procedure; empty for all.
        since, until: Beijing days of the beginning, both included; None for no bound.
        state: One of `STATES`.
    """

    process_id: str = ""
    since: date | None = None
    until: date | None = None
    state: str = "all"

    def as_text(self) -> dict[str, str]:
        """Return the filters as an event keeps them."""
        days = {name: day.isoformat() for name, day in (("since", self.since), ("until", self.until)) if day}
        return {"process_id": self.process_id, "state": self.state, **days}


@dataclass(frozen=True)
class Made:
    """What a file holds, and its hash."""

    cases: int
    size: int
    sha256: str


def procedures(reader: Reader, actor: Actor) -> list[tuple[str, str]]:
    """Return id and name of every procedure, by its newest version.

    Raises:
        NotAllowed: the person is no auditor.
    """
    actor.must_hold("auditor")
    of = process_definition.c
    rows = reader.conn.execute(select(of.process_id, of.name).order_by(of.process_id, of.version))
    return list({row.process_id: row.name for row in rows}.items())


def versions(reader: Reader, actor: Actor, process_id: str) -> list[tuple[int, int]]:
    """Return key and number of the versions of a procedure, the newest first.

    Raises:
        NotAllowed: the person is no auditor.
    """
    actor.must_hold("auditor")
    of = process_definition.c
    rows = reader.conn.execute(
        select(of.key, of.version).where(of.process_id == process_id).order_by(of.version.desc())
    )
    return [(row.key, row.version) for row in rows]


def bpmn_of_version(reader: Reader, actor: Actor, key: int) -> bytes:
    """Return the BPMN that the XES of cases under a version can be replayed on.

    Raises:
        NotAllowed: the person is no auditor.
        NotFound: no such version.
    """
    actor.must_hold("auditor")
    return mining_bpmn(load_definition(reader.conn, key).process)


def count(reader: Reader, actor: Actor, choice: Choice) -> int:
    """Return how many cases a choice finds; one more than `MOST` stands for all beyond.

    Raises:
        NotAllowed: the person is no auditor.
    """
    actor.must_hold("auditor")
    some = _chosen(reader, actor, choice).with_only_columns(literal(1)).limit(MOST + 1).subquery()
    return int(reader.conn.execute(select(func.count()).select_from(some)).scalar_one())


def export(reader: Reader, actor: Actor, choice: Choice, format: str, masks: Masks, sink: BinaryIO) -> Made:
    """Write a file of the chosen cases, the oldest first, at most `MOST` of them.

    Args:
        format: One of `engine.mining.writers.FORMATS`.

    Raises:
        NotAllowed: the person is no auditor.
    """
    actor.must_hold("auditor")
    cases = _chosen(reader, actor, choice).order_by(process_instance.c.key).limit(MOST)
    rows = reader.conn.execute(cases).all()
    versions = sorted({row.definition_key for row in rows})
    processes = [load_definition(reader.conn, key).process for key in versions]
    size, digest = pour(FORMATS[format].write(processes, traces(reader, rows, masks)), sink)
    return Made(len(rows), size, digest)


def unmasked(reader: Reader, actor: Actor, page: int = 1) -> tuple[list[Recorded], bool]:
    """Return a page of the unmasked exports, the newest first, and whether there are more.

    Raises:
        NotAllowed: the person is no auditor.
    """
    actor.must_hold("auditor")
    bodies = (
        select(event.c.body)
        .where(event.c.stream == EXPORT_STREAM)
        .order_by(event.c.seq.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    found = [parse(body) for body in reader.conn.execute(bodies).scalars()]
    return found[:PAGE], len(found) > PAGE


def xes_of_case(reader: Reader, actor: Actor, key: int, masked: bool = True) -> bytes:
    """Return the XES of one case.

    Raises:
        NotFound: no such case for this reader.
    """
    case = must_see(reader.conn, actor, key)
    return b"".join(xes.write(traces(reader, [case], Masks(masked))))


def _chosen(reader: Reader, actor: Actor, choice: Choice) -> Select[Any]:
    case = process_instance.c
    query = select(process_instance).where(visible_cases(reader.conn, actor))
    if choice.process_id:
        query = query.where(case.process_id == choice.process_id)
    if first := begins(choice.since):
        query = query.where(case.started_at >= first)
    if last := ends(choice.until):
        query = query.where(case.started_at < last)
    if choice.state != "all":
        query = query.where(
            case.ended_at.is_not(None) if choice.state == "ended" else case.ended_at.is_(None)
        )
    return query


def traces(reader: Reader, rows: Sequence[Row[Any]], masks: Masks) -> Iterator[Trace]:
    """Yield the traces of cases.

    Args:
        rows: Of process_instance; whoever asks has made sure that the reader may see them.
    """
    definition = cache(lambda key: load_definition(reader.conn, key))
    office = Office(
        days=lambda a, b, department: reader.calendar(department, b).working_days_between(
            beijing_day(a), beijing_day(b)
        ),
        department=reader.org,
        process=lambda key: definition(key).process,
    )
    for begin in range(0, len(rows), _BATCH):
        some = rows[begin : begin + _BATCH]
        told = _events(reader, [row.key for row in some])
        for row in some:
            events = told[row.key]
            playback = play(events, definition)
            yield trace(_case(reader, row, definition(row.definition_key)), events, playback, office, masks)


def _events(reader: Reader, keys: Sequence[int]) -> Mapping[int, list[Recorded]]:
    found: dict[int, list[Recorded]] = {key: [] for key in keys}
    rows = reader.conn.execute(
        select(event.c.stream, event.c.body)
        .where(event.c.stream.in_(keys))
        .order_by(event.c.stream, event.c.seq)
    )
    for stream, body in rows:
        found[stream].append(parse(body))
    return found


def _case(reader: Reader, row: Row[Any], definition: Definition) -> Case:
    sides = (("using", row.using_key), ("providing", row.providing_key), ("managing", row.managing_key))
    resource = row.variables.get("resource") or {}
    return Case(
        key=str(row.key),
        number=row.business_id,
        title=row.title,
        process_id=row.process_id,
        procedure=definition.process.name,
        version=definition.version,
        state=row.state,
        result=row.result or "",
        overdue=row.overdue,
        late=row.late,
        started_at=row.started_at,
        ended_at=row.ended_at,
        parties={side: (str(key), reader.org(key)) for side, key in sides if key is not None},
        resource=(str(row.resource_key), str(resource.get("name", ""))) if row.resource_key else None,
        origin=(str(row.origin_key),) if row.origin_key else (),
    )
