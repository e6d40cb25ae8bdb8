"""Checks and their findings (疑点), for auditors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select

from engine.errors import NotFound
from engine.handlers.findings import STATES, shown_to
from engine.history.chain import parse
from engine.history.words import sentence
from engine.people import Actor
from engine.queries import access_log, history_search
from engine.queries.reader import PLATFORM_NAME, Reader
from engine.speech import Bilingual
from engine.storage.tables import check_run, event, finding, process_instance
from engine.trace import checks as catalogue
from engine.trace.checks import Check

PAGE = 30
MOST = 5_000
STATE_NAMES = {
    "open": Bilingual("待处理", "Open"),
    "explained": Bilingual("已说明", "Explained"),
    "closed": Bilingual("已了结", "Closed"),
}
BREACHES = {
    "removed": Bilingual("已封存的查阅记录被删除", "Sealed reads were removed"),
    "added": Bilingual("已封存的查阅记录中增加了记录", "Reads were added among sealed ones"),
    "changed": Bilingual("已封存的查阅记录被改动", "Sealed reads were changed"),
}
_f = finding.c


@dataclass(frozen=True)
class FindingLine:
    """A finding as it is listed.

    Attributes:
        text: What was found, in words.
        seq: Where in the case's history it stands, if it does.
    """

    key: int
    check_code: str
    check_name: str
    state: str
    day: date
    person: str
    text: str
    at: datetime | None
    instance_key: int | None
    business_id: str
    title: str
    seq: int | None
    raised_at: datetime
    own: bool


@dataclass(frozen=True)
class FindingPage:
    """A page of findings and how many there are in each state under the same check."""

    rows: tuple[FindingLine, ...]
    counts: Mapping[str, int]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Step:
    """One step in a finding's own history."""

    at: datetime
    person: str
    text: str


@dataclass(frozen=True)
class CheckLine:
    """A check with what it raised."""

    check: Check
    counts: Mapping[str, int]
    saved_by: str


@dataclass(frozen=True)
class Night:
    """How the checks of the latest day went."""

    day: date
    found: int
    failed: Mapping[str, str]
    done: bool


@dataclass(frozen=True)
class Glance:
    """What the desk's first page says of findings and reads."""

    open: int
    explained: int
    night: Night | None
    reads_today: int


def glance(reader: Reader, actor: Actor) -> Glance:
    """Return open findings, how the checks of last night went, and the reads of today."""
    actor.must_hold("auditor")
    counts = _counts(reader, actor)
    return Glance(
        counts["open"], counts["explained"], last_night(reader, actor), access_log.reads_today(reader, actor)
    )


def last_night(reader: Reader, actor: Actor) -> Night | None:
    """Return how the checks of the latest day went and what they found that a person may see, None before the first."""
    day = reader.conn.execute(select(func.max(check_run.c.day))).scalar()
    if day is None:
        return None
    rows = reader.conn.execute(
        select(check_run).where(check_run.c.day == day).order_by(check_run.c.number)
    ).all()
    known = catalogue.names(reader.conn)
    failed = {known.get(code, code): why for row in rows for code, why in row.failed.items()}
    found = select(func.count()).select_from(finding).where(_f.day == day, shown_to(reader.conn, actor))
    return Night(day, reader.conn.execute(found).scalar_one(), failed, rows[-1].check_code is None)


def checks(reader: Reader, actor: Actor) -> list[CheckLine]:
    """Return every check that runs, with how many findings it has in each state."""
    actor.must_hold("auditor")
    rows = reader.conn.execute(
        select(_f.check_code, _f.state, func.count().label("n"))
        .where(shown_to(reader.conn, actor))
        .group_by(_f.check_code, _f.state)
    )
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row.check_code, {})[row.state] = row.n
    return [
        CheckLine(check, counts.get(check.code, {}), reader.person(check.saved_by) or "")
        for check in catalogue.standing(reader.conn)
    ]


def findings(reader: Reader, actor: Actor, state: str = "", check: str = "", page: int = 1) -> FindingPage:
    """Return a page of findings, the newest first.

    Args:
        state: One of the states; anything else is all.
        check: The code of a check; empty for all.
    """
    actor.must_hold("auditor")
    counts = _counts(reader, actor, check)
    total = counts[state] if state in STATES else sum(counts.values())
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    query = _query(reader, actor, state, check).limit(PAGE).offset((page - 1) * PAGE)
    return FindingPage(
        tuple(_lines(reader, actor, reader.conn.execute(query).all())), counts, total, page, pages
    )


def every(reader: Reader, actor: Actor, state: str = "", check: str = "") -> list[FindingLine]:
    """Return findings for a file, the newest first, a bounded number."""
    actor.must_hold("auditor")
    query = _query(reader, actor, state, check).limit(MOST)
    return _lines(reader, actor, reader.conn.execute(query).all())


def one(reader: Reader, actor: Actor, key: int) -> tuple[FindingLine, list[Step]]:
    """Return a finding with its own history.

    Raises:
        NotFound: no such finding for this reader.
    """
    actor.must_hold("auditor")
    rows = reader.conn.execute(select(finding).where(_f.key == key, shown_to(reader.conn, actor))).all()
    if not rows:
        raise NotFound("没有该疑点。", f"Expected a finding {key}, found none.", logged="finding")
    bodies = reader.conn.execute(select(event.c.body).where(event.c.stream == key).order_by(event.c.seq))
    steps = []
    for recorded in map(parse, bodies.scalars()):
        person = PLATFORM_NAME if recorded.author.key == 0 else recorded.author.name
        text = sentence(recorded.event, reader.org, reader.person)
        steps.append(Step(recorded.recorded_at, person, text))
    return _lines(reader, actor, rows)[0], steps


def _query(reader: Reader, actor: Actor, state: str, check: str) -> Any:
    query = select(finding).where(shown_to(reader.conn, actor))
    if state in STATES:
        query = query.where(_f.state == state)
    if check:
        query = query.where(_f.check_code == check)
    return query.order_by(_f.key.desc())


def _counts(reader: Reader, actor: Actor, check: str = "") -> dict[str, int]:
    query = select(_f.state, func.count()).where(shown_to(reader.conn, actor)).group_by(_f.state)
    if check:
        query = query.where(_f.check_code == check)
    return dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in reader.conn.execute(query)}


def _lines(reader: Reader, actor: Actor, rows: Any) -> list[FindingLine]:
    of = process_instance.c
    keys = {row.instance_key for row in rows if row.instance_key is not None}
    cases: dict[int, Any] = {
        row.key: row
        for row in reader.conn.execute(select(of.key, of.business_id, of.title).where(of.key.in_(keys)))
    }
    acts = history_search.by_positions(reader, [row.subject for row in rows if row.source == "act"])
    reads = access_log.by_keys(reader, [row.subject for row in rows if row.source == "access"])
    names = catalogue.names(reader.conn)
    found = []
    for row in rows:
        act = acts.get(row.subject) if row.source == "act" else None
        read = reads.get(row.subject) if row.source == "access" else None
        case = cases.get(row.instance_key)
        found.append(
            FindingLine(
                key=row.key,
                check_code=row.check_code,
                check_name=names.get(row.check_code, row.check_name),
                state=row.state,
                day=row.day,
                person=row.user_name or ("" if row.user_key is None else PLATFORM_NAME),
                text=_text(reader, row, act, read),
                at=act.at if act else read.at if read else None,
                instance_key=row.instance_key,
                business_id="" if case is None else case.business_id,
                title="" if case is None else case.title,
                seq=act.seq if act and act.instance_key else row.subject if _is_chain_of_case(row) else None,
                raised_at=row.raised_at,
                own=row.user_key == actor.user_key,
            )
        )
    return found


def _is_chain_of_case(row: Row[Any]) -> bool:
    return row.source == "chain" and row.instance_key is not None


def _text(
    reader: Reader,
    row: Row[Any],
    act: history_search.ActLine | None,
    read: access_log.ReadLine | None,
) -> str:
    if act is not None:
        return act.text
    if read is not None:
        en = getattr(read.what, "en", read.what)
        return Bilingual(f"查阅{read.what}（{read.way}）。", f"Read: {en}.")
    if row.source == "chain":
        if row.instance_key is None:
            return Bilingual("平台记录的记录链断裂。", "A chain of the platform's own records is broken.")
        return Bilingual(
            f"记录链自第{row.subject}条起断裂：该条记录或其后的记录被改动、删除、增加或者调换。",
            f"The chain breaks at event {row.subject}: it or a later one was changed, removed, added or swapped.",
        )
    raised: Any = parse(
        reader.conn.execute(
            select(event.c.body).where(event.c.stream == row.key, event.c.seq == 1)
        ).scalar_one()
    ).event
    return BREACHES.get(raised.detail, Bilingual(str(raised.detail)))
