"""Saved views of the inbox that a person sees."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from engine.filters import Filters
from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import saved_view, start_view


@dataclass(frozen=True)
class SavedView:
    """A box with filters under a name; `author` is empty where it is the reader's own."""

    key: int
    name: str
    box: str
    filters: Filters
    shared: bool
    author: str
    removable: bool
    starts: bool


def saved_views(reader: Reader, actor: Actor) -> tuple[SavedView, ...]:
    """Return the reader's own views, then those of the department."""
    v, s = saved_view.c, start_view.c
    mine = or_(v.owner_key == actor.user_key, v.organisation_key == actor.org_key)
    query = (
        select(saved_view, s.user_key.label("begins"))
        .join(start_view, (s.saved_view_key == v.key) & (s.user_key == actor.user_key), isouter=True)
        .where(mine)
        .order_by(v.organisation_key.is_not(None), v.name, v.key)
    )
    return tuple(
        SavedView(
            key=row.key,
            name=row.name,
            box=row.box,
            filters=Filters.of(row.filters),
            shared=row.organisation_key is not None,
            author="" if row.owner_key == actor.user_key else reader.person(row.owner_key) or "",
            removable=row.owner_key == actor.user_key or actor.holds("head", row.organisation_key),
            starts=row.begins is not None,
        )
        for row in reader.conn.execute(query)
    )
