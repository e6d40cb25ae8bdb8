"""The other cases that a case is connected with: where it comes from, what it has begun, what it exchanged."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, select

from engine.handlers.access import visible_cases, withheld_cases
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.views import Link
from engine.storage.tables import message, process_definition, process_instance

_INNER = ("subscription:", "start:", "cancel:")
_d, _i = process_definition.c, process_instance.c


def links(reader: Reader, actor: Actor, row: Any) -> tuple[Link, ...]:
    """Return the connections of a case, oldest first, each other case once; none that is withheld from the reader.

    Args:
        row: The case's row of process_instance.
    """
    sent = select(message).where(message.c.instance_key == row.key).order_by(message.c.key)
    messages = reader.conn.execute(sent).all()
    came = select(message.c.instance_key).where(message.c.caught_by == row.key).order_by(message.c.key)
    begun = select(_i.key).where(_i.origin_key == row.key).order_by(_i.key)
    how: dict[int, str] = {} if row.origin_key is None else {row.origin_key: "from"}
    for key in reader.conn.execute(came).scalars():
        how.setdefault(key, "from")
    for key in [m.caught_by for m in messages if m.caught_by is not None]:
        how.setdefault(key, "to")
    for key in reader.conn.execute(begun).scalars():
        how.setdefault(key, "to")
    how.pop(row.key, None)
    waiting = [
        Link("waiting", _procedure(reader, m.target), m.correlation, None, "", None, m.thrown_at)
        for m in messages
        if m.state == "waiting" and not m.target.startswith(_INNER)
    ]
    return tuple(sorted([*_others(reader, actor, how), *waiting], key=lambda link: link.at))


def _others(reader: Reader, actor: Actor, how: dict[int, str]) -> list[Link]:
    rows = reader.conn.execute(
        select(process_instance, _d.name.label("process_name"))
        .join(process_definition, _d.key == _i.definition_key)
        .where(_i.key.in_(how.keys()), ~withheld_cases(reader.conn, actor))
    ).all()
    seen = _visible(reader, actor, how.keys()) if rows else set()
    return [_link(row, how[row.key], row.key in seen) for row in rows]


def _visible(reader: Reader, actor: Actor, keys: Collection[int]) -> set[int]:
    query = select(_i.key).where(and_(_i.key.in_(keys), visible_cases(reader.conn, actor)))
    return set(reader.conn.execute(query).scalars())


def _link(row: Any, how: str, seen: bool) -> Link:
    return Link(
        how=how,
        process_name=row.process_name,
        business_id=row.business_id,
        key=row.key if seen else None,
        state=("overdue" if row.overdue and row.ended_at is None else row.state) if seen else "",
        result=row.result if seen else None,
        at=row.started_at,
    )


def _procedure(reader: Reader, process_id: str) -> str:
    name = reader.conn.execute(
        select(_d.name).where(_d.process_id == process_id).order_by(_d.version.desc()).limit(1)
    ).scalar()
    return str(name or process_id)
