"""Search over the acts of all cases an auditor may see (记录检索).

What counts as late: an act recorded long after it happened (an expiry after an outage, say), by minutes; and what was
delivered or issued after the period, with the limit that it met late.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, tuple_

from engine import events as e
from engine.definitions import profile_in
from engine.handlers.access import visible_cases
from engine.history.chain import Recorded
from engine.history.words import sentence
from engine.keys import key_of
from engine.people import ROLES, Actor
from engine.profiles import Profile
from engine.queries.reader import PLATFORM_NAME, Reader
from engine.speech import Bilingual
from engine.storage.tables import (
    act,
    act_progress,
    event,
    organisation,
    process_definition,
    process_instance,
)
from engine.trace.acts import readable
from engine.trace.conditions import on_acts
from engine.trace.criteria import Criteria
from engine.trace.kinds import BY_CODE, BY_NUMBER, KINDS

PAGE = 50
MOST = 10_000
"""Rows of one CSV file."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Extension:
    """By whom a limit was extended."""

    asked_by: str
    approved_by: str
    days: int
    ground: str


@dataclass(frozen=True)
class ActLine:
    """An act as it is listed; people and departments as recorded that day.

    Attributes:
        late: How much later than it happened it was recorded.
    """

    position: int
    seq: int
    at: datetime
    late: timedelta
    kind: str
    text: str
    person: str
    principal: str
    department: str
    roles: tuple[str, ...]
    instance_key: int | None
    business_id: str
    title: str
    process_name: str
    on_behalf: bool
    off_hours: bool
    after_period: bool
    extension: Extension | None


@dataclass(frozen=True)
class ActPage:
    """Some acts, the latest first; `after` names the last one if there are more."""

    rows: tuple[ActLine, ...]
    after: str


def acts(reader: Reader, actor: Actor, asked: Criteria, after: str = "", most: int = PAGE) -> ActPage:
    """Return acts that meet the criteria, the latest first.

    Args:
        after: What the page before ended with.

    Raises:
        NotAllowed: the reader is no auditor.
    """
    actor.must_hold("auditor")
    query = (
        select(act)
        .where(*on_acts(reader, asked), _may_see(reader, actor, asked))
        .order_by(act.c.at.desc(), act.c.position.desc())
        .limit(most + 1)
    )
    if (place := _place(after)) is not None:
        query = query.where(tuple_(act.c.at, act.c.position) < tuple_(*place))
    found = list(reader.conn.execute(query))
    last = found[most - 1] if len(found) > most else None
    return ActPage(
        tuple(lines(reader, found[:most])), f"{last.at}.{last.position}" if last is not None else ""
    )


def recorded_until(reader: Reader) -> bool:
    """Say whether the index holds everything that was recorded by now."""
    newest = reader.conn.execute(select(func.max(event.c.position))).scalar() or 0
    return bool((reader.conn.execute(select(act_progress.c.position)).scalar() or 0) >= newest)


def procedures(reader: Reader, actor: Actor) -> list[tuple[str, str]]:
    """Return the procedures that there are: id and name of the newest version."""
    rows = reader.conn.execute(
        select(process_definition.c.process_id, process_definition.c.name).order_by(
            process_definition.c.version
        )
    )
    return sorted({row.process_id: row.name for row in rows}.items())


def lines(reader: Reader, rows: Iterable[Row[Any]]) -> list[ActLine]:
    """Return rows of the index as they are listed, in their order."""
    found = list(rows)
    bodies = _bodies(reader, [row.position for row in found])
    cases = _cases(reader, {row.stream for row in found})
    versions = {case.definition_key for case in cases.values()}
    laws = {key: profile_in(reader.conn, key) for key in versions}
    read = ((row, readable(bodies.get(row.position, b""))) for row in found)
    return [
        _line(reader, row, recorded, cases.get(row.stream), laws)
        for row, recorded in read
        if recorded is not None
    ]


def by_positions(reader: Reader, positions: Iterable[int]) -> dict[int, ActLine]:
    """Return acts by the position of their events."""
    found = reader.conn.execute(select(act).where(act.c.position.in_(list(positions)))).all()
    return {line.position: line for line in lines(reader, found)}


def _may_see(reader: Reader, actor: Actor, asked: Criteria) -> ColumnElement[bool]:
    """Return the condition that an act is of a case the auditor may see.

    Acts beside the cases are shown where their kind is asked for by name: an auditor of the province sees all,
    others what departments of their level did.
    """
    beside = [kind.number for kind in KINDS if not kind.of_case]
    if asked.kinds and all(not BY_CODE[code].of_case for code in asked.kinds):
        level = reader.conn.execute(
            select(organisation.c.level).where(organisation.c.key == actor.org_key)
        ).scalar()
        if level == "province":
            return act.c.kind.in_(beside)
        peers = select(organisation.c.key).where(organisation.c.level == level)
        return and_(act.c.kind.in_(beside), act.c.organisation_key.in_(peers))
    case = select(process_instance.c.key).where(
        process_instance.c.key == act.c.stream, visible_cases(reader.conn, actor)
    )
    return case.correlate(act).exists()


def _place(after: str) -> tuple[int, int] | None:
    at, position = map(key_of, after.partition(".")[::2])
    return None if at is None or position is None else (at, position)


def _bodies(reader: Reader, positions: list[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for n in range(0, len(positions), 500):
        query = select(event.c.position, event.c.body).where(event.c.position.in_(positions[n : n + 500]))
        found |= {row.position: row.body for row in reader.conn.execute(query)}
    return found


def _cases(reader: Reader, keys: set[int]) -> dict[int, Row[Any]]:
    of, listed = process_instance.c, sorted(keys)
    found: dict[int, Row[Any]] = {}
    for n in range(0, len(listed), 500):
        query: Select[Any] = (
            select(of.key, of.business_id, of.title, of.definition_key, process_definition.c.name)
            .join(process_definition, process_definition.c.key == of.definition_key)
            .where(of.key.in_(listed[n : n + 500]))
        )
        found |= {row.key: row for row in reader.conn.execute(query)}
    return found


def _line(
    reader: Reader, row: Row[Any], recorded: Recorded, case: Row[Any] | None, laws: Mapping[int, Profile]
) -> ActLine:
    happened, author = recorded.event, recorded.author
    profile = laws[case.definition_key] if case is not None else None
    roles = tuple(ROLES[role] for role in author.role.split(",") if role in ROLES)
    return ActLine(
        position=row.position,
        seq=row.seq,
        at=recorded.occurred_at,
        late=recorded.recorded_at - recorded.occurred_at,
        kind=BY_NUMBER[row.kind].name,
        text=sentence(happened, reader.org, reader.person, profile),
        person=PLATFORM_NAME if author.key == 0 else author.name,
        principal=row.principal or "",
        department=author.organisation,
        roles=roles,
        instance_key=None if case is None else case.key,
        business_id="" if case is None else case.business_id,
        title="" if case is None else case.title,
        process_name="" if case is None else case.name,
        on_behalf=bool(row.on_behalf),
        off_hours=bool(row.off_hours),
        after_period=bool(row.after_period),
        extension=_extension(happened),
    )


def _extension(happened: e.Event) -> Extension | None:
    if not isinstance(happened, e.DeadlineExtended):
        return None
    return Extension(happened.asked_by, happened.approved_by, happened.days, happened.basis)


def flags(line: ActLine) -> list[Bilingual]:
    """Return what marks an act, in words."""
    found = []
    if line.on_behalf:
        found.append(Bilingual("代他人办理", "On behalf"))
    if line.off_hours:
        found.append(Bilingual("非工作时间", "Outside office hours"))
    if line.after_period:
        found.append(Bilingual("逾期", "After the period"))
    if line.late >= timedelta(minutes=1):
        found.append(Bilingual("迟登", "Recorded late"))
    return found
