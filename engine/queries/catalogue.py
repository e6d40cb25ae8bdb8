"""The catalogue of government information resources."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select

from engine.errors import NotFound
from engine.handlers.grants import alive
from engine.handlers.resources import resource
from engine.people import Actor
from engine.queries import updates
from engine.queries.acts import entry_offers
from engine.queries.flags import flags
from engine.queries.reader import Reader
from engine.queries.views import EntryPage, EntryRow, EntryView
from engine.speech import Bilingual
from engine.storage.tables import catalogue_entry, grant

PAGE = 20


def entries(
    reader: Reader, actor: Actor, text: str, sharing_type: str, provider_key: int | None, page: int
) -> EntryPage:
    """Return a page of entries, by code."""
    c = catalogue_entry.c
    query = select(catalogue_entry)
    if text.strip():
        columns = (c.name, c.abstract, c.code)
        query = query.where(or_(*(column.icontains(text.strip(), autoescape=True) for column in columns)))
    if sharing_type:
        query = query.where(c.sharing_type == sharing_type)
    if provider_key is not None:
        query = query.where(c.provider_key == provider_key)
    total = int(reader.conn.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    rows = reader.conn.execute(query.order_by(c.code).limit(PAGE).offset((page - 1) * PAGE))
    return EntryPage(tuple(_row(reader, row) for row in rows), total, page, pages)


def entry(reader: Reader, actor: Actor, key: int) -> EntryView:
    """Return one entry with the reader's living grants.

    Raises:
        NotFound: no such entry.
    """
    row = reader.conn.execute(select(catalogue_entry).where(catalogue_entry.c.key == key)).first()
    if row is None:
        raise NotFound("目录中没有该资源。", f"Expected a catalogue entry {key}, found none.")
    living = reader.conn.execute(
        select(grant)
        .where(grant.c.resource_key == key, grant.c.using_key.in_(actor.acting_orgs), alive(reader.today))
        .order_by(grant.c.key)
    )
    grants = tuple(_grant_text(reader.org(g.using_key), g) for g in living)
    items = tuple(row.metadata.get("items", []))
    deletion = updates.deletion(reader, actor, key)
    offers = entry_offers(reader, actor, resource(reader.conn, key))
    raised = flags(reader, actor, [key]).get(key, ())
    metadata = {**row.metadata, "lead_dept": reader.org(_key(row.metadata.get("lead_dept")))}
    versions = updates.versions(reader, actor, key)
    return EntryView(
        _row(reader, row), row.provider_key, metadata, items, offers, grants, raised, versions, deletion
    )


def providers(reader: Reader, actor: Actor) -> list[tuple[int, str]]:
    """Return the departments that provide at least one resource."""
    keys = reader.conn.execute(select(catalogue_entry.c.provider_key).distinct()).scalars()
    return sorted(((key, reader.org(key)) for key in keys), key=lambda pair: pair[0])


def _row(reader: Reader, row: Any) -> EntryRow:
    return EntryRow(
        row.key,
        row.code,
        row.name,
        reader.org(row.provider_key),
        row.sharing_type,
        row.update_cycle,
        row.abstract,
        row.withdrawn_on,
    )


def _key(value: Any) -> int | None:
    return int(value) if value else None


def _grant_text(using: str, g: Any) -> Bilingual:
    may, english_may = ("暂停", "has to pause using") if g.suspended_by else ("可", "may use")
    term, items = _term(g), g.data_items
    return Bilingual(
        f"{using}{may}使用{'、'.join(items)}，期限{term}。使用要求：{g.conditions or '见答复意见书'}",
        f"{using} {english_may} {', '.join(items)}, {term.en}. Conditions of use: "
        f"{g.conditions or 'see the reply opinion'}",
    )


def _term(g: Any) -> Bilingual:
    if g.ended_on is not None:
        last = g.ended_on - timedelta(1)
        after, then = ("由新授权替代", "replaced by a new grant") if g.superseded_by else ("终止", "ended")
        return Bilingual(f"至{last}（次日起{after}）", f"until {last} ({then} from the day after)")
    if g.valid_until:
        return Bilingual(f"至{g.valid_until.isoformat()}", f"until {g.valid_until.isoformat()}")
    return Bilingual("长期", "without end date")
