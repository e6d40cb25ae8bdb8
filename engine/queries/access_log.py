"""Who saw which case when (查阅记录), for auditors."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from engine.handlers.access import must_see, visible_cases
from engine.keys import key_of
from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import access_seal, case_access, process_instance
from engine.trace.conditions import begins, on_reads
from engine.trace.criteria import Criteria
from engine.trace.reads import WAYS, WHATS

PAGE = 50
_r = case_access.c


@dataclass(frozen=True)
class ReadLine:
    """A read as it is listed; person and department as named that day."""

    key: int
    at: datetime
    person: str
    department: str
    what: str
    way: str
    instance_key: int
    business_id: str
    title: str
    sensitive: bool


@dataclass(frozen=True)
class ReadPage:
    """Some reads, the latest first; `after` names the last one if there are more."""

    rows: tuple[ReadLine, ...]
    after: str


def reads(reader: Reader, actor: Actor, asked: Criteria, after: str = "", most: int = PAGE) -> ReadPage:
    """Return reads of cases that meet the criteria, the latest first.

    Raises:
        NotAllowed: the reader is no auditor.
    """
    actor.must_hold("auditor")
    query = (
        select(case_access)
        .where(*on_reads(reader, asked), _of_visible_cases(reader, actor))
        .order_by(_r.key.desc())
        .limit(most + 1)
    )
    return _page(reader, query, after, most)


def of_case(reader: Reader, actor: Actor, instance_key: int, after: str = "") -> tuple[Any, ReadPage]:
    """Return a case and who read it, the latest first.

    Raises:
        NotAllowed: the reader is no auditor.
        NotFound: no such case for this reader.
    """
    actor.must_hold("auditor")
    case = must_see(reader.conn, actor, instance_key)
    query = select(case_access).where(_r.instance_key == instance_key).order_by(_r.key.desc()).limit(PAGE + 1)
    return case, _page(reader, query, after, PAGE)


def by_keys(reader: Reader, keys: Iterable[int]) -> dict[int, ReadLine]:
    """Return reads by their keys."""
    rows = reader.conn.execute(select(case_access).where(_r.key.in_(list(keys)))).all()
    return {line.key: line for line in _lines(reader, rows)}


def reads_today(reader: Reader, actor: Actor) -> int:
    """Return how many reads of cases that a person may see there were on this Beijing day."""
    query = select(func.count()).select_from(case_access).where(_r.at >= begins(reader.today))
    return int(reader.conn.execute(query.where(_of_visible_cases(reader, actor))).scalar_one())


def _of_visible_cases(reader: Reader, actor: Actor) -> ColumnElement[bool]:
    case = select(process_instance.c.key).where(
        process_instance.c.key == _r.instance_key, visible_cases(reader.conn, actor)
    )
    return case.correlate(case_access).exists()


def seals(reader: Reader, actor: Actor, most: int = 10) -> list[Row[Any]]:
    """Return the newest seals of the access log."""
    actor.must_hold("auditor")
    query = select(access_seal).order_by(access_seal.c.number.desc()).limit(most)
    return list(reader.conn.execute(query))


def _page(reader: Reader, query: Any, after: str, most: int) -> ReadPage:
    if (last := key_of(after)) is not None:
        query = query.where(_r.key < last)
    found = list(reader.conn.execute(query))
    more = str(found[most - 1].key) if len(found) > most else ""
    return ReadPage(tuple(_lines(reader, found[:most])), more)


def _lines(reader: Reader, rows: Iterable[Row[Any]]) -> list[ReadLine]:
    found = list(rows)
    of = process_instance.c
    keys = sorted({row.instance_key for row in found})
    cases: dict[int, Row[Any]] = {}
    for n in range(0, len(keys), 500):
        query = select(of.key, of.business_id, of.title).where(of.key.in_(keys[n : n + 500]))
        cases |= {row.key: row for row in reader.conn.execute(query)}
    return [_line(row, cases.get(row.instance_key)) for row in found]


def _line(row: Row[Any], case: Row[Any] | None) -> ReadLine:
    return ReadLine(
        key=row.key,
        at=row.at,
        person=row.user_name,
        department=row.organisation_name,
        what=WHATS.get(row.what, row.what),
        way=WAYS.get(row.way, row.way),
        instance_key=row.instance_key,
        business_id="" if case is None else case.business_id,
        title="" if case is None else case.title,
        sensitive=bool(row.sensitive),
    )
