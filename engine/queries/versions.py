"""Versions of process definitions: how each stands, what runs under it, and what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select

from engine.errors import NotAllowed, NotFound
from engine.events import NoticeSent, StartFailed
from engine.history.chain import parse
from engine.history.words import sentence
from engine.people import Actor
from engine.queries.reader import PLATFORM_NAME, Reader
from engine.queries.search import Found, filtered, paged
from engine.storage.tables import event, migration, process_definition, process_instance
from engine.version_states import stands, takes_cases

PAGE = 50
_d, _i = process_definition.c, process_instance.c


@dataclass(frozen=True)
class VersionLine:
    """A version; `stands` is in_force, superseded, not_yet, suspended or retired."""

    key: int
    process_id: str
    name: str
    version: int
    effective_from: date | None
    deployed_at: datetime
    state: str  # active, suspended or retired
    stands: str
    reason: str | None
    since: datetime | None
    running: int
    notes: str  # what changed, in the words of who published it
    basis: str


@dataclass(frozen=True)
class Procedure:
    """A process definition with its versions, newest first."""

    process_id: str
    name: str
    versions: tuple[VersionLine, ...]
    takes_cases: bool


@dataclass(frozen=True)
class RunningCase:
    """A case under a version, by its number: administrators see no more of it."""

    key: int
    business_id: str
    state: str
    started_at: datetime
    received_at: datetime | None
    migration_key: int | None  # of an open proposal


@dataclass(frozen=True)
class Happening:
    """What was done with a version."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True)
class VersionView:
    """A version's page.

    Attributes:
        cases: Of a designer who is neither administrator nor auditor always empty (C.6); the line has the count.
        targets: Versions a case may move to.
        next: The last case of this page, None where no more follow.
    """

    line: VersionLine
    others: tuple[VersionLine, ...]
    trail: tuple[Happening, ...]
    cases: tuple[RunningCase, ...]
    targets: tuple[VersionLine, ...]
    next: int | None
    sees_cases: bool


def may_see(actor: Actor) -> bool:
    """Say whether versions concern the reader: administrators, designers and auditors."""
    return any(actor.holds(role) for role in ("admin", "designer", "auditor"))


def may_see_cases(actor: Actor) -> bool:
    """Say whether the reader may see the numbers of the cases under a version, and not only how many (C.6)."""
    return actor.holds("admin") or actor.holds("auditor")


def procedures(reader: Reader, actor: Actor) -> list[Procedure]:
    """Return every procedure with its versions.

    Raises:
        NotAllowed: the reader is none of those whom versions concern.
    """
    must_see(actor)
    found: dict[str, list[VersionLine]] = {}
    for line in _lines(reader):
        found.setdefault(line.process_id, []).append(line)
    open_ones = set(reader.conn.execute(takes_cases(reader.today)).scalars())
    return [Procedure(name, lines[0].name, tuple(lines), name in open_ones) for name, lines in found.items()]


def version(reader: Reader, actor: Actor, key: int, after: int = 0) -> VersionView:
    """Return a version with a page of the cases that run under it.

    Args:
        after: The last case of the page before.

    Raises:
        NotAllowed: as for all versions.
        NotFound: no such version.
    """
    must_see(actor)
    process_id = reader.conn.execute(select(_d.process_id).where(_d.key == key)).scalar()
    if process_id is None:
        raise NotFound("没有该流程版本。", f"Expected a process definition {key}, found none.")
    lines = _lines(reader, process_id)
    line = next(x for x in lines if x.key == key)
    sees = may_see_cases(actor)
    cases = running(reader, key, after, PAGE + 1) if sees else []
    return VersionView(
        line=line,
        others=tuple(x for x in lines if x.key != key),
        trail=_trail(reader, key, sees),
        cases=tuple(cases[:PAGE]),
        targets=tuple(x for x in lines if x.key != key and x.stands in ("in_force", "superseded")),
        next=cases[PAGE - 1].key if len(cases) > PAGE else None,
        sees_cases=sees,
    )


def version_line(reader: Reader, key: int) -> VersionLine:
    """Return one version without what runs under it.

    Raises:
        NotFound: no such version.
    """
    process_id = reader.conn.execute(select(_d.process_id).where(_d.key == key)).scalar()
    found = (
        next((line for line in _lines(reader, process_id) if line.key == key), None) if process_id else None
    )
    if found is None:
        raise NotFound("没有该流程版本。", f"Expected a process definition {key}, found none.")
    return found


def running(reader: Reader, key: int, after: int, limit: int) -> list[RunningCase]:
    """Return cases that run under a version, in the order of their keys."""
    waits = (migration.c.instance_key == _i.key) & (migration.c.state == "open")
    rows = reader.conn.execute(
        select(_i.key, _i.business_id, _i.state, _i.started_at, _i.received_at, migration.c.key.label("open"))
        .join(migration, waits, isouter=True)
        .where(_i.definition_key == key, _i.ended_at.is_(None), _i.key > after)
        .order_by(_i.key)
        .limit(limit)
    )
    return [RunningCase(r.key, r.business_id, r.state, r.started_at, r.received_at, r.open) for r in rows]


def definitions(reader: Reader, actor: Actor, where: Mapping[str, Any], limit: int, offset: int) -> Found:
    """Return versions for the API; they are no case data, so everybody may read them."""
    where = dict(where)
    query = select(process_definition)
    if (latest := where.pop("isLatestVersion", None)) is not None:
        newer = process_definition.alias()
        newest = (
            ~select(newer.c.key)
            .where(newer.c.process_id == _d.process_id, newer.c.version > _d.version)
            .correlate(process_definition)
            .exists()
        )
        query = query.where(newest if latest else ~newest)
    columns = {
        "processDefinitionKey": _d.key,
        "processDefinitionId": _d.process_id,
        "version": _d.version,
        "name": _d.name,
        "state": _d.state,
    }
    return paged(reader, filtered(query, columns, where), _d.key, limit, offset)


def must_see(actor: Actor) -> None:
    """Refuse whom versions do not concern.

    Raises:
        NotAllowed: the reader is none of those whom versions concern.
    """
    if not may_see(actor):
        raise NotAllowed(
            "流程版本由系统管理员、流程设计人员和审计人员查看。",
            "Expected an administrator, a designer or an auditor.",
        )


def _lines(reader: Reader, process_id: str | None = None) -> list[VersionLine]:
    query = select(process_definition).order_by(_d.process_id, _d.version.desc())
    counts = select(_i.definition_key, func.count().label("n")).where(_i.ended_at.is_(None))
    if process_id is not None:
        query = query.where(_d.process_id == process_id)
        counts = counts.where(_i.definition_key.in_(select(_d.key).where(_d.process_id == process_id)))
    under = {row.definition_key: row.n for row in reader.conn.execute(counts.group_by(_i.definition_key))}
    rows = reader.conn.execute(query).all()
    newest: dict[str, int] = {}
    for row in rows:
        if row.state != "retired" and (row.effective_from is None or row.effective_from <= reader.today):
            newest[row.process_id] = max(newest.get(row.process_id, 0), row.version)
    return [_line(reader, row, newest.get(row.process_id), under.get(row.key, 0)) for row in rows]


def _line(reader: Reader, row: Row[Any], newest: int | None, under: int) -> VersionLine:
    return VersionLine(
        key=row.key,
        process_id=row.process_id,
        name=row.name,
        version=row.version,
        effective_from=row.effective_from,
        deployed_at=row.deployed_at,
        state=row.state,
        stands=stands(row, newest, reader.today),
        reason=row.state_reason,
        since=row.state_since,
        running=under,
        notes=row.notes,
        basis=row.basis,
    )


def _trail(reader: Reader, key: int, sees_cases: bool) -> tuple[Happening, ...]:
    bodies = reader.conn.execute(
        select(event.c.body).where(event.c.stream == key).order_by(event.c.seq.desc())
    ).scalars()
    found = []
    for recorded in map(parse, bodies):
        author, told = recorded.author, recorded.event
        who = f"{author.organisation} {author.name}".strip() if author.key else PLATFORM_NAME
        if isinstance(told, NoticeSent) and not sees_cases:
            continue  # written to administrators, with what hinders a case
        if isinstance(told, StartFailed) and not sees_cases:  # its cause may name a case, or what is in one
            told = replace(told, cause="原因由系统管理员查看。", cause_en="an administrator sees why.")
        found.append(Happening(recorded.occurred_at, who, sentence(told, reader.org, reader.person)))
    return tuple(found)
