"""Inboxes: what waits for me, for my department, for those I supervise; what I did, started, got a copy of."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, literal, select, union_all

from engine.filters import NO_FILTERS, Filters
from engine.inbox_rows import of_lane, of_person, of_supervisor
from engine.people import CASE_ROLES, Actor
from engine.queries.inbox_filters import Wanted, case_wanted, due_range, open_wanted
from engine.queries.inbox_list import case_rows, copy_rows, task_rows
from engine.queries.inbox_walk import (
    Cursor,
    Lane,
    Step,
    among,
    copied_lane,
    covered_lane,
    cursor_of,
    cursor_text,
    done_lane,
    open_lane,
    started_lane,
    walk,
)
from engine.queries.mandates import holders_for
from engine.queries.reader import Reader
from engine.queries.states import case_state
from engine.queries.views import InboxPage, InboxRow
from engine.storage.tables import case_copy, organisation, task_inbox

PAGE = 20
BOXES = ("mine", "department", "done", "started", "copied", "supervised")
OPEN = ("mine", "department", "supervised")
MOST = 1000
"""Counts stop here; a tab says 1000+."""
_SIEVED = 60  # rows at a time where only the shown row tells whether it matches
_ROUNDS = 5

Build = Callable[[list[Any]], list[InboxRow | None]]
Source = Callable[[Cursor | None, int], Step]
__all__ = ["BOXES", "MOST", "OPEN", "PAGE", "boxes", "case_state", "counts", "holders", "inbox"]


def inbox(
    reader: Reader, actor: Actor, box: str, after: str = "", filters: Filters = NO_FILTERS
) -> InboxPage:
    """Return a page of rows: of open tasks the earliest due first, of others the latest first.

    Args:
        after: `next` of the page before; empty for the first page.
        filters: What the rows must meet. A walk that finds too few stops at its bound and says so.
    """
    box = box if box in BOXES else "mine"
    cursor = cursor_of(after)
    source, build = _source(reader, actor, box, filters)
    rows, place, stopped = _filled(source, build, filters, cursor)
    if box == "copied" and cursor is None:
        rows = [*_unread(reader, actor, filters), *rows]
    following = cursor_text(place) if place is not None else None
    return InboxPage(tuple(rows), counts(reader, actor), following, cursor is None, stopped)


def boxes(reader: Reader, actor: Actor) -> tuple[str, ...]:
    """Return the boxes a person has; only managing departments supervise."""
    return BOXES if _managed(reader, actor) else BOXES[:-1]


def holders(reader: Reader, actor: Actor, box: str) -> list[str]:
    """Return under which holders the open tasks of a box stand."""
    if box == "mine":
        return [of_person(actor.user_key)]
    if box == "supervised":
        return [of_supervisor(org) for org in _managed(reader, actor)]
    return sorted(of_lane(org, role) for org, role in actor.roles if role in CASE_ROLES)


def counts(reader: Reader, actor: Actor) -> dict[str, int]:
    """Return how many rows each box has, one more than `MOST` if there are more; of copies the unread ones."""
    return {box: _count(reader, actor, box) for box in boxes(reader, actor)}


def _managed(reader: Reader, actor: Actor) -> list[int]:
    org = organisation.c
    managing = select(org.key).where(org.key.in_(actor.acting_orgs), org.managing)
    return sorted(reader.conn.execute(managing).scalars()) if actor.acting_orgs else []


def _source(reader: Reader, actor: Actor, box: str, filters: Filters) -> tuple[Source, Build]:
    if box in OPEN:
        wanted = open_wanted(reader, filters, task_inbox.c)
        return _open(reader, _lanes(reader, actor, box), filters, wanted), task_rows(reader, actor)
    wanted = case_wanted(reader, filters)
    if box == "done":
        return _past(reader, done_lane(actor.user_key), wanted), task_rows(reader, actor)
    if box == "copied":
        return _past(reader, copied_lane(actor.user_key, unread=False), wanted), copy_rows(reader, actor)
    return _past(reader, started_lane(actor.user_key), wanted), case_rows(reader, actor)


def watched(reader: Reader, actor: Actor) -> set[str]:
    """Return under which holders anything may stand that the person's boxes show."""
    own = {holder for box in OPEN for holder in holders(reader, actor, box)}
    return own | {cover.holder for cover in holders_for(reader, actor)}


def _lanes(reader: Reader, actor: Actor, box: str) -> list[Lane]:
    """Return what a box of open tasks is walked by; the department's has what the person may do for others too."""
    lanes = [open_lane(holder) for holder in holders(reader, actor, box)]
    if box == "department":
        lanes += [covered_lane(cover) for cover in holders_for(reader, actor)]
    return lanes


def _open(reader: Reader, lanes: list[Lane], filters: Filters, wanted: Wanted) -> Source:
    bounds = due_range(filters, task_inbox.c.due_at)
    if wanted.search is None or wanted.search.keys is None:
        return lambda place, limit: walk(reader, lanes, wanted, bounds, place, limit)
    found = among(reader, lanes, wanted, bounds)

    def following(place: Cursor | None, limit: int) -> Step:
        return Step([row for row in found if place is None or (row.at, row.key) > place][:limit], None)

    return following


def _past(reader: Reader, lane: Lane, wanted: Wanted) -> Source:
    return lambda place, limit: walk(reader, [lane], wanted, [], place, limit)


def _unread(reader: Reader, actor: Actor, filters: Filters) -> list[InboxRow]:
    """Return the copies that nobody read yet: they stand before all others, on the first page."""
    lane = copied_lane(actor.user_key, unread=True)
    step = walk(reader, [lane], case_wanted(reader, filters), [], None, 5 * PAGE)
    return [row for row in copy_rows(reader, actor)(step.rows) if row is not None and _matches(row, filters)]


def _filled(
    source: Source, build: Build, filters: Filters, place: Cursor | None
) -> tuple[list[InboxRow], Cursor | None, bool]:
    """Return the rows of a page, where the next one begins, and whether the walk stopped short."""
    kept: list[tuple[Cursor, InboxRow]] = []
    limit = _SIEVED if filters.state else PAGE + 1
    for _ in range(_ROUNDS):
        step = source(place, limit)
        for found, row in zip(step.rows, build(step.rows), strict=True):
            if row is not None and _matches(row, filters):
                kept.append(((found.at, found.key), row))
        if len(kept) > PAGE:
            return [row for _, row in kept[:PAGE]], kept[PAGE - 1][0], False
        if len(step.rows) < limit:
            return [row for _, row in kept], step.stopped, step.stopped is not None
        place = (step.rows[-1].at, step.rows[-1].key)
    return [row for _, row in kept], place, True


def _matches(row: InboxRow, filters: Filters) -> bool:
    return not filters.state or row.state == filters.state


def _count(reader: Reader, actor: Actor, box: str) -> int:
    if box in OPEN:
        lanes = [select(literal(1)).where(lane.owner) for lane in _lanes(reader, actor, box)]
    elif box == "copied":
        mine = case_copy.c.user_key == actor.user_key
        lanes = [select(literal(1)).where(mine, case_copy.c.read_at.is_(None))]
    else:
        lane = done_lane(actor.user_key) if box == "done" else started_lane(actor.user_key)
        lanes = [select(literal(1)).where(lane.owner)]
    if not lanes:
        return 0
    capped = [select(lane.limit(MOST + 1).subquery()) for lane in lanes]
    many = union_all(*capped).subquery()
    return min(int(reader.conn.execute(select(func.count()).select_from(many)).scalar_one()), MOST + 1)
