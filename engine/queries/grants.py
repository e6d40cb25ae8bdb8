"""The register of grants: living, suspended, ended; each with its conditions, its history and how it was used."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from engine import events as e
from engine.definitions import load_definition
from engine.errors import NotFound
from engine.handlers.access import visible_cases
from engine.handlers.grants import alive, usable
from engine.handlers.parties import with_predecessors
from engine.history.chain import parse
from engine.history.words import sentence
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries.acts import offered
from engine.queries.flags import flags
from engine.queries.reader import Reader
from engine.queries.views import Flag
from engine.storage.tables import catalogue_entry, event, grant, process_instance

PAGE = 20
WHICH = ("living", "suspended", "ended", "all")
SOON = 30  # days before its end within which a living grant is shown as ending (TM12-10)
MAX_EXPORT = 5000
_HOLDER = "ln_art12_grant"
_TYPES = (
    "GrantRecorded",
    "GrantMoved",
    "GrantSuperseded",
    "GrantEndSet",
    "GrantSuspended",
    "GrantResumed",
    "GrantGivenBack",
)


@dataclass(frozen=True)
class GrantRow:
    """A grant in the register.

    Attributes:
        state: living, ending, not_yet, suspended or ended.
        how: How it ended: term, superseded, given_back, merged or set (by what became of the resource); empty
            while it lives.
        until: Its last day, None without a term.
    """

    key: int
    resource_key: int
    resource: str
    code: str
    user: str
    provider: str
    items: tuple[str, ...]
    conditions: str
    begins: date | None
    until: date | None
    state: str
    how: str
    business_id: str


@dataclass(frozen=True)
class GrantLine:
    """What happened to a grant, in words."""

    at: datetime
    text: str
    actor: str


@dataclass(frozen=True)
class UseLine:
    """One register of use, F12-I."""

    at: datetime
    author: str
    values: dict[str, Any]


@dataclass(frozen=True)
class GrantView:
    """The page of a grant.

    Attributes:
        origin_key, holder_key: Its cases, None where the reader may not open them.
        flags: What is shown about the resource meanwhile, such as 正在校核.
        act: Key of the case and id of the act by which the reader may give it back.
    """

    row: GrantRow
    origin_key: int | None
    origin_id: str
    holder_key: int | None
    holder_id: str
    history: tuple[GrantLine, ...]
    uses: tuple[UseLine, ...]
    act: tuple[int, str, str] | None
    flags: tuple[Flag, ...] = ()


def grants(
    reader: Reader, actor: Actor, text: str, which: str, page: int
) -> tuple[list[GrantRow], int, int, int]:
    """Return (rows, total, page, pages) of the grants that the reader may see, the newest first.

    Args:
        which: One of `WHICH`.
    """
    query = _visible(reader, actor).where(*_chosen(which, reader.today))
    if text.strip():
        columns = (catalogue_entry.c.name, catalogue_entry.c.code, process_instance.c.business_id)
        query = query.where(or_(*(column.icontains(text.strip(), autoescape=True) for column in columns)))
    total = int(reader.conn.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    found = reader.conn.execute(query.order_by(grant.c.key.desc()).limit(PAGE).offset((page - 1) * PAGE))
    return [_row(reader, row) for row in found], total, page, pages


def search(
    reader: Reader, actor: Actor, which: str, resource_key: int | None, limit: int, offset: int
) -> tuple[list[GrantRow], int]:
    """Return some of the grants that the reader may see, the newest first, and how many there are."""
    query = _visible(reader, actor).where(*_chosen(which, reader.today))
    if resource_key is not None:
        query = query.where(grant.c.resource_key == resource_key)
    total = int(reader.conn.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    found = reader.conn.execute(query.order_by(grant.c.key.desc()).limit(limit).offset(offset))
    return [_row(reader, row) for row in found], total


def one(reader: Reader, actor: Actor, key: int) -> GrantView:
    """Return a grant's page.

    Raises:
        NotFound: no such grant for this reader.
    """
    row = reader.conn.execute(_visible(reader, actor).where(grant.c.key == key)).first()
    if row is None:
        raise NotFound("没有该授权。", f"Expected a grant {key}, found none.")
    holder = _holder(reader, row.instance_key)
    streams = [x for x in (row.instance_key, holder.key if holder else None, row.suspended_by) if x]
    open_to = _open_to(reader, actor, streams)
    shown = _row(reader, row)
    return GrantView(
        row=shown,
        origin_key=row.instance_key if row.instance_key in open_to else None,
        origin_id=row.business_id,
        holder_key=holder.key if holder and holder.key in open_to else None,
        holder_id=holder.business_id if holder else "",
        history=_history(reader, key, streams),
        uses=_uses(reader, holder.key) if holder else (),
        act=_give_back(reader, actor, holder) if shown.state != "ended" else None,
        flags=flags(reader, actor, [row.resource_key]).get(row.resource_key, ()),
    )


def uses(reader: Reader, actor: Actor, key: int | None = None) -> list[tuple[GrantRow, UseLine]]:
    """Return the register of use (F12-I) of one grant, or of all that the reader may see."""
    query = _visible(reader, actor).order_by(grant.c.key.desc()).limit(MAX_EXPORT)
    found: list[tuple[GrantRow, UseLine]] = []
    for row in reader.conn.execute(query if key is None else query.where(grant.c.key == key)).all():
        holder = _holder(reader, row.instance_key)
        if holder is not None:
            shown = _row(reader, row)
            found += [(shown, line) for line in _uses(reader, holder.key)]
    return found


def term(row: GrantRow) -> str:
    """Return a grant's term in words."""
    begins = f"自{row.begins.isoformat()}" if row.begins else ""
    return f"{begins}至{row.until.isoformat()}" if row.until else f"{begins}起长期" if begins else "长期"


def _visible(reader: Reader, actor: Actor) -> Any:
    """Return the grants of one's departments as user or provider, and those whose case one may see (C.6)."""
    orgs = with_predecessors(reader.conn, actor.acting_orgs)
    return (
        select(
            grant,
            process_instance.c.business_id,
            catalogue_entry.c.name.label("resource_name"),
            catalogue_entry.c.code.label("resource_code"),
        )
        .join(process_instance, process_instance.c.key == grant.c.instance_key)
        .join(catalogue_entry, catalogue_entry.c.key == grant.c.resource_key)
        .where(
            or_(
                grant.c.using_key.in_(orgs),
                grant.c.providing_key.in_(orgs),
                visible_cases(reader.conn, actor),
            )
        )
    )


def _chosen(which: str, today: date) -> list[ColumnElement[bool]]:
    return {
        "living": [usable(today)],
        "suspended": [and_(alive(today), grant.c.suspended_by.is_not(None))],
        "ended": [~alive(today)],
    }.get(which, [])


def _row(reader: Reader, row: Row[Any]) -> GrantRow:
    today = reader.today
    last = [day for day in (row.valid_until, row.ended_on and row.ended_on - timedelta(1)) if day]
    until = min(last, default=None)
    ended = (row.valid_until is not None and row.valid_until < today) or (
        row.ended_on is not None and row.ended_on <= today
    )
    if ended:
        state = "ended"
    elif row.suspended_by is not None:
        state = "suspended"
    elif row.valid_from is not None and row.valid_from > today:
        state = "not_yet"
    else:
        state = "ending" if until is not None and (until - today).days <= SOON else "living"
    merged = row.using_key == row.providing_key
    how = (
        "given_back"
        if row.given_back
        else "superseded"
        if row.superseded_by
        else "merged"
        if merged
        else "set"
    )
    return GrantRow(
        key=row.key,
        resource_key=row.resource_key,
        resource=row.resource_name,
        code=row.resource_code,
        user=reader.org(row.using_key),
        provider=reader.org(row.providing_key),
        items=tuple(row.data_items),
        conditions=row.conditions or "见答复意见书。",
        begins=None if row.valid_from and until and row.valid_from > until else row.valid_from,
        until=until,
        state=state,
        how="" if not ended else how if row.ended_on is not None else "term",
        business_id=row.business_id,
    )


def _holder(reader: Reader, origin: int) -> Row[Any] | None:
    of = process_instance.c
    query = select(process_instance).where(of.process_id == _HOLDER, of.origin_key == origin)
    return reader.conn.execute(query.order_by(of.key.desc()).limit(1)).first()


def _open_to(reader: Reader, actor: Actor, keys: list[int]) -> set[int]:
    query = select(process_instance.c.key).where(
        process_instance.c.key.in_(keys), visible_cases(reader.conn, actor)
    )
    return {int(key) for key in reader.conn.execute(query).scalars()}


def _history(reader: Reader, key: int, streams: list[int]) -> tuple[GrantLine, ...]:
    """Return what happened to the grant; what stands in the trails of two cases is told once."""
    rows = reader.conn.execute(
        select(event.c.body)
        .where(event.c.stream.in_(streams), event.c.type.in_(_TYPES))
        .order_by(event.c.position)
    )
    found: dict[tuple[str, datetime], GrantLine] = {}
    for (body,) in rows:
        recorded = parse(body)
        happened: Any = recorded.event
        if happened.grant_key == key or getattr(happened, "by_grant_key", None) == key:
            at = recorded.occurred_at
            text = sentence(happened, partial(_named, reader, beijing_day(at)), reader.person)
            line = GrantLine(at, text, recorded.author.name)
            found.setdefault((type(happened).__name__, at), line)
    return tuple(found.values())


def _named(reader: Reader, on: date, key: int | None) -> str:
    return reader.org(key, on)


def _uses(reader: Reader, holder: int) -> tuple[UseLine, ...]:
    rows = reader.conn.execute(
        select(event.c.body)
        .where(event.c.stream == holder, event.c.type == "UserTaskCompleted")
        .order_by(event.c.seq)
    )
    read = [parse(body) for (body,) in rows]
    return tuple(
        UseLine(x.occurred_at, x.author.name, x.event.values)
        for x in read
        if isinstance(x.event, e.UserTaskCompleted) and x.event.variable == "usage"
    )


def _give_back(reader: Reader, actor: Actor, holder: Row[Any] | None) -> tuple[int, str, str] | None:
    if holder is None:
        return None
    acts = offered(reader, actor, load_definition(reader.conn, holder.definition_key), holder)
    return next(((holder.key, act.element_id, act.name) for act in acts), None)
