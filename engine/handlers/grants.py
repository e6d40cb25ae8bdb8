"""Grants: which are alive, and how a wider one takes the place of another (R12-03)."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, and_, bindparam, or_, select

from engine import events as e
from engine.chinese_dates import zh
from engine.clock import instant_text
from engine.handlers.case import Case, load_case
from engine.handlers.notices import tell
from engine.periods import BEIJING, beijing_day
from engine.storage.tables import grant, process_instance

_PROCESS = "ln_art12_grant"
_NEVER = datetime(9999, 1, 1, tzinfo=BEIJING)


def alive(on: date | BindParameter[Any]) -> ColumnElement[bool]:
    """Return the condition on grant that it may be used on a day, or from a later one."""
    return and_(
        or_(grant.c.valid_until.is_(None), grant.c.valid_until >= on),
        or_(grant.c.ended_on.is_(None), grant.c.ended_on > on),
    )


def usable(on: date | BindParameter[Any]) -> ColumnElement[bool]:
    """Return the condition on grant that it may be used on a day: it lives and is not suspended."""
    return and_(alive(on), grant.c.suspended_by.is_(None))


_ALL = (
    select(grant, process_instance.c.business_id)
    .join(process_instance, process_instance.c.key == grant.c.instance_key)
    .where(grant.c.using_key == bindparam("using"), grant.c.resource_key == bindparam("resource"))
    .order_by(grant.c.key)
)
_LIVING = _ALL.where(alive(bindparam("on")))


def grants_of(conn: Connection, using: int, resource_key: int, on: date | None) -> list[Row[Any]]:
    """Return a department's grants on a resource with the numbers of their cases; living ones if a day is given."""
    of = {"using": using, "resource": resource_key}
    return list(conn.execute(_ALL, of) if on is None else conn.execute(_LIVING, {**of, "on": on}))


def label(row: Row[Any]) -> str:
    """Return how a grant is called in a selection."""
    until = f"至{row.valid_until.isoformat()}" if row.valid_until else "长期"
    return f"{row.business_id}：{'、'.join(row.data_items)}（{until}）"


def enter(
    case: Case, items: list[str], conditions: str, begins: str | None, ends: str | None
) -> dict[str, Any]:
    """Record that the case's user may use its provider's items; the wider grant ends the one it names."""
    using, providing = case.org_of("using_dept"), case.org_of("providing_dept")
    key = case.uow.next_key()
    until = date.fromisoformat(ends).isoformat() if ends else None
    case.record(
        e.GrantRecorded(
            grant_key=key,
            using=using or 0,
            providing=providing or 0,
            resource_key=int(case.variables["resource"]["key"]),
            data_items=items,
            conditions=conditions,
            valid_from=begins,
            valid_until=until,
        )
    )
    supersede(case, key, begins)
    return {"grant_key": str(key), "data_items": items, "conditions": conditions, "valid_until": until}


def supersede(case: Case, new_key: int, begins: str | None) -> None:
    """End the grant that the application names on the day the new one begins, and tell both departments."""
    named = (case.variables.get("application") or {}).get("supersedes")
    if not named:
        return
    today = beijing_day(case.uow.at)
    using, resource_key = case.org_of("using_dept") or 0, int(case.variables["resource"]["key"])
    old = next((g for g in grants_of(case.uow.conn, using, resource_key, today) if g.key == int(named)), None)
    if old is None:
        return
    ends = max(date.fromisoformat(begins), today) if begins else today
    ends = min(ends, old.ended_on) if old.ended_on else ends  # nothing prolongs what ends earlier
    event = e.GrantSuperseded(old.key, new_key, case.business_id, ends.isoformat())
    case.record(event)
    holder = holder_of(case, old.instance_key)
    if holder is not None:
        holder.record(event)
        _end_on(holder, ends)
    tell(
        case,
        ["use.handler", "use.head", "prov.handler", "prov.head"],
        f"授权{old.business_id}由{{business_id}}的新授权替代，自{zh(ends)}起终止。",
    )


def end_ahead(case: Case, old: Row[Any], ends: date, cause: str) -> None:
    """Let a grant end on a later day, for a cause outside it: what it is on leaves the catalogue.

    One that ends earlier already keeps its end and the cause of it.
    """
    if old.ended_on is not None and old.ended_on <= ends:
        return
    note(case, old.instance_key, e.GrantEndSet(old.key, ends.isoformat(), cause))
    holder = holder_of(case, old.instance_key)
    if holder is not None:
        _end_on(holder, ends)


def note(case: Case, origin: int, event: e.Event) -> None:
    """Record what another case does to a grant, once: in the trail that lives with the grant.

    Before the sweep has begun that one, in the trail of the case that led to the grant.
    """
    found = holders_of(case.uow.conn, [origin]).get(origin)
    stream = origin if found is None else int(found.key)
    case.uow.expect(stream)
    case.uow.record(stream, event)


def holders_of(conn: Connection, origins: Collection[int]) -> dict[int, Row[Any]]:
    """Return the cases that live as long as grants, by the cases that led to those, running or not."""
    of = process_instance.c
    found = select(process_instance).where(of.process_id == _PROCESS, of.origin_key.in_(origins))
    return {int(row.origin_key): row for row in conn.execute(found.order_by(of.key))} if origins else {}


def holder_of(case: Case, origin: int) -> Case | None:
    """Return the running case that lives as long as the grant; `origin` is the one that led to it."""
    row = holders_of(case.uow.conn, [origin]).get(origin)
    return None if row is None or row.ended_at is not None else load_case(case.uow, int(row.key))


def _end_on(holder: Case, ends: date) -> None:
    last = (ends - timedelta(1)).isoformat()
    holder.set(grant_until=last)
    for armed in holder.timers.values():
        period = holder.node(armed.element_id).period
        if period is None or period.date != "grant_until":
            continue
        # A grant that is replaced needs no notice thirty days ahead; one that ends today ends now, not at midnight.
        at = max(datetime.combine(ends, datetime.min.time(), BEIJING), holder.uow.at)
        armed.fires_at = _NEVER if period.minus_days else at
        holder.record(e.TimerRearmed(armed.key, armed.element_id, instant_text(armed.fires_at)))
