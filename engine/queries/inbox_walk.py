"""Walking rows in the order of an index, a bounded way at a time.

Without a filter a page ends after its rows. With one, a walk passes over rows that do not match: it looks at no more
than `WALK` rows of each holder, then stops and says where, so that a page costs the same in an inbox of a million.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, tuple_, union_all

from engine.clock import instant, instant_text
from engine.keys import key_of
from engine.queries.inbox_filters import Wanted
from engine.queries.mandates import Cover
from engine.queries.reader import Reader
from engine.storage.tables import case_copy, process_instance, task_inbox, user_task

WALK = 2000

Cursor = tuple[datetime, int]


@dataclass(frozen=True)
class Step:
    """What one walk came to: rows with `at` and `key`, and where it stopped short, if it did."""

    rows: list[Any]
    stopped: Cursor | None


@dataclass(frozen=True)
class Lane:
    """An index that is walked in its order.

    Attributes:
        at, key: The columns of the order.
        owner: Whose rows they are: the beginning of the index.
        rows: What is read of a row, with the joins the filters need.
        case_key: The column with the case's key.
    """

    at: Any
    key: Any
    owner: ColumnElement[bool]
    rows: Select[Any]
    case_key: ColumnElement[int]
    forward: bool


def open_lane(holder: str) -> Lane:
    """Return the open tasks of a holder, the earliest due first."""
    c = task_inbox.c
    rows = select(
        c.due_at.label("at"), c.task_key.label("key"), c.holder, c.instance_key, c.deadline_key, c.part
    )
    return Lane(c.due_at, c.task_key, c.holder == holder, rows, c.instance_key, True)


def covered_lane(cover: Cover) -> Lane:
    """Return the open tasks that somebody may do in another's place, the earliest due first."""
    c, t, rule = task_inbox.c, user_task.c, cover.mandate
    of_role = select(t.key).where(
        t.key == c.task_key, t.organisation_key == cover.org_key, t.role == cover.role
    )
    lane = open_lane(cover.holder)
    owner = and_(lane.owner, of_role.exists())
    if rule.processes:
        owner = and_(owner, c.process_id.in_(rule.processes))
    if rule.resource_key is not None:
        owner = and_(owner, c.resource_key == rule.resource_key)
    if rule.other_key is not None:
        owner = and_(owner, or_(c.using_key == rule.other_key, c.providing_key == rule.other_key))
    return replace(lane, owner=owner)


def done_lane(user_key: int) -> Lane:
    """Return the tasks a person has done, the latest first."""
    t = user_task.c
    rows = select(t.ended_at.label("at"), t.key.label("key"), t.instance_key).join(
        process_instance, process_instance.c.key == t.instance_key
    )
    owner = (t.ended_by == user_key) & (t.state == "completed")
    return Lane(t.ended_at, t.key, owner, rows, t.instance_key, False)


def started_lane(user_key: int) -> Lane:
    """Return the cases a person began, the latest first."""
    i = process_instance.c
    rows = select(i.started_at.label("at"), i.key.label("key"), i.key.label("instance_key"))
    return Lane(i.started_at, i.key, i.started_by == user_key, rows, i.key, False)


def copied_lane(user_key: int, unread: bool) -> Lane:
    """Return the copies a person got and has not read yet, or has read; the latest first."""
    c = case_copy.c
    rows = select(c.sent_at.label("at"), c.key.label("key"), c.instance_key).join(
        process_instance, process_instance.c.key == c.instance_key
    )
    owner = (c.user_key == user_key) & (c.read_at.is_(None) if unread else c.read_at.is_not(None))
    return Lane(c.sent_at, c.key, owner, rows, c.instance_key, False)


def walk(
    reader: Reader,
    lanes: list[Lane],
    wanted: Wanted,
    bounds: list[ColumnElement[bool]],
    cursor: Cursor | None,
    limit: int,
) -> Step:
    """Return the next rows of lanes merged in their common order; none is read further than needed."""
    if not lanes:
        return Step([], None)
    # Few cases are looked up one by one, however long the lane.
    few = wanted.search is not None and wanted.search.keys is not None
    sieved = bool(wanted.columns) or (wanted.search is not None and not few)
    stop = _bound(reader, lanes, bounds, cursor) if sieved and not few else None
    parts = []
    for lane in lanes:
        where = [lane.owner, *bounds, *wanted.on(lane.case_key), *_between(lane, cursor, stop)]
        # SQLite takes a limit within a union only inside a select of its own.
        part = lane.rows.where(*where).order_by(*_order(lane.at, lane.key, lane.forward)).limit(limit)
        parts.append(select(part.subquery()))
    merged = union_all(*parts).subquery()
    order = _order(merged.c.at, merged.c.key, lanes[0].forward)
    rows = list(reader.conn.execute(select(merged).order_by(*order).limit(limit)))
    return Step(rows, stop if len(rows) < limit else None)


def among(reader: Reader, lanes: list[Lane], wanted: Wanted, bounds: list[ColumnElement[bool]]) -> list[Any]:
    """Return the open tasks of few cases in some lanes, the earliest due first."""
    c = task_inbox.c
    assert wanted.search is not None and wanted.search.keys is not None
    rows = open_lane("").rows.where(c.instance_key.in_(wanted.search.keys), *wanted.columns, *bounds)
    kept = reader.conn.execute(rows.where(or_(*(lane.owner for lane in lanes)))) if lanes else ()
    return sorted(kept, key=lambda row: (row.at, row.key))


def _bound(
    reader: Reader, lanes: list[Lane], bounds: list[ColumnElement[bool]], cursor: Cursor | None
) -> Cursor | None:
    """Return up to where every lane may be walked, None if all end before."""
    ends = []
    for lane in lanes:
        where = [lane.owner, *bounds, *_between(lane, cursor, None)]
        order = _order(lane.at, lane.key, lane.forward)
        last = select(lane.at.label("at"), lane.key.label("key")).where(*where).order_by(*order)
        if row := reader.conn.execute(last.limit(1).offset(WALK - 1)).first():
            ends.append((row.at, row.key))
    return (min(ends) if lanes[0].forward else max(ends)) if ends else None


def _between(lane: Lane, cursor: Cursor | None, stop: Cursor | None) -> list[ColumnElement[bool]]:
    here = tuple_(lane.at, lane.key)
    found: list[ColumnElement[bool]] = []
    if cursor is not None:
        found.append(here > _there(cursor) if lane.forward else here < _there(cursor))
    if stop is not None:
        found.append(here <= _there(stop) if lane.forward else here >= _there(stop))
    return found


def _there(cursor: Cursor) -> Any:
    return tuple_(literal(cursor[0], task_inbox.c.due_at.type), literal(cursor[1]))


def _order(at: Any, key: Any, forward: bool) -> tuple[Any, Any]:
    return (at, key) if forward else (at.desc(), key.desc())


def cursor_text(cursor: Cursor) -> str:
    """Return a place as it stands in an address."""
    return f"{instant_text(cursor[0])}~{cursor[1]}"


def cursor_of(text: str) -> Cursor | None:
    """Return the place a page ends at; a text that is none begins from the start."""
    at, _, key = text.partition("~")
    try:
        begun, last = instant(at), key_of(key)
    except (ValueError, OverflowError):
        return None
    return None if last is None else (begun, last)
