"""The register of grants: living, suspended, ended; each with its conditions, its history and how it was used."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from engine import events as e
from engine.definitions import load_definition, profile_in
from engine.errors import NotFound
from engine.handlers.access import visible_cases
from engine.handlers.grants import alive, holders_of, usable
from engine.handlers.parties import with_predecessors
from engine.history.chain import parse
from engine.history.words import sentence
from engine.people import Actor
from engine.periods import beijing_day
from engine.profiles import Profile, party_name
from engine.queries.acts import offered
from engine.queries.flags import flags
from engine.queries.reader import Reader
from engine.queries.views import Flag
from engine.speech import Bilingual
from engine.storage.tables import catalogue_entry, event, grant, process_instance

PAGE = 20
WHICH = ("living", "suspended", "ended", "all")
SOON = 30  # days before its end within which a living grant is shown as ending (TM12-10)
MAX_EXPORT = 5000
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
        party_names: What the law of its case calls who uses and who provides.
        duty: What that law says about use.
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
    party_names: tuple[str, str] = ("", "")
    duty: str = ""


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
    holder = holders_of(reader.conn, [row.instance_key]).get(row.instance_key)
    streams = [x for x in (row.instance_key, holder.key if holder else None) if x]
    open_to = _open_to(reader, actor, streams)
    speaks = _speaks(reader, row.instance_key)
    shown = _row(reader, row)
    return GrantView(
        row=shown,
        origin_key=row.instance_key if row.instance_key in open_to else None,
        origin_id=row.business_id,
        holder_key=holder.key if holder and holder.key in open_to else None,
        holder_id=holder.business_id if holder else "",
        history=_history(reader, key, streams, speaks),
        party_names=(party_name(speaks, "use"), party_name(speaks, "prov")),
        duty=speaks.sentences["duty_of_use"],
        uses=_uses(reader, [holder.key]).get(holder.key, ()) if holder else (),
        act=_give_back(reader, actor, holder) if shown.state != "ended" else None,
        flags=flags(reader, actor, [row.resource_key]).get(row.resource_key, ()),
    )


def uses(reader: Reader, actor: Actor, key: int | None = None) -> list[tuple[GrantRow, UseLine]]:
    """Return the register of use (F12-I) of one grant, or of all that the reader may see."""
    query = _visible(reader, actor).order_by(grant.c.key.desc()).limit(MAX_EXPORT)
    rows = reader.conn.execute(query if key is None else query.where(grant.c.key == key)).all()
    holders = holders_of(reader.conn, {row.instance_key for row in rows})
    used = _uses(reader, [holder.key for holder in holders.values()])
    return [
        (_row(reader, row), line)
        for row in rows
        if row.instance_key in holders
        for line in used.get(holders[row.instance_key].key, ())
    ]


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
    return GrantRow(
        key=row.key,
        resource_key=row.resource_key,
        resource=row.resource_name,
        code=row.resource_code,
        user=reader.org(row.using_key),
        provider=reader.org(row.providing_key),
        items=tuple(row.data_items),
        conditions=row.conditions or Bilingual("见答复意见书。", "See the reply opinion."),
        begins=None if row.valid_from and until and row.valid_from > until else row.valid_from,
        until=until,
        state=state,
        how=_ended_by(row) if ended else "",
        business_id=row.business_id,
    )


def _ended_by(row: Row[Any]) -> str:
    """Return how a grant that is over ended: by its term where that came first."""
    early = row.ended_on is not None and (row.valid_until is None or row.valid_until >= row.ended_on)
    return str(row.end_cause) if early and row.end_cause else "term"


def _speaks(reader: Reader, instance_key: int) -> Profile:
    """Return the law profile of the case that a grant comes from."""
    query = select(process_instance.c.definition_key).where(process_instance.c.key == instance_key)
    return profile_in(reader.conn, int(reader.conn.execute(query).scalar_one()))


def _open_to(reader: Reader, actor: Actor, keys: list[int]) -> set[int]:
    query = select(process_instance.c.key).where(
        process_instance.c.key.in_(keys), visible_cases(reader.conn, actor)
    )
    return {int(key) for key in reader.conn.execute(query).scalars()}


def _history(reader: Reader, key: int, streams: list[int], speaks: Profile) -> tuple[GrantLine, ...]:
    """Return what happened to the grant; a replacement stands in the trails of both grants and is told once."""
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
            text = sentence(happened, partial(_named, reader, beijing_day(at)), reader.person, speaks)
            line = GrantLine(at, text, recorded.author.name)
            found.setdefault((type(happened).__name__, at), line)
    return tuple(found.values())


def _named(reader: Reader, on: date, key: int | None) -> str:
    return reader.org(key, on)


def _uses(reader: Reader, holders: Collection[int]) -> dict[int, tuple[UseLine, ...]]:
    """Return what was reported of the use of grants, by the cases that live with them."""
    found: dict[int, tuple[UseLine, ...]] = {}
    rows = reader.conn.execute(
        select(event.c.stream, event.c.body)
        .where(event.c.stream.in_(holders), event.c.type == "UserTaskCompleted")
        .order_by(event.c.position)
    )
    for stream, body in rows:
        read = parse(body)
        if isinstance(read.event, e.UserTaskCompleted) and read.event.variable == "usage":
            line = UseLine(read.occurred_at, read.author.name, read.event.values)
            found[stream] = (*found.get(stream, ()), line)
    return found


def _give_back(reader: Reader, actor: Actor, holder: Row[Any] | None) -> tuple[int, str, str] | None:
    if holder is None:
        return None
    acts = offered(reader, actor, load_definition(reader.conn, holder.definition_key), holder)
    return next(((holder.key, act.element_id, act.name) for act in acts), None)
