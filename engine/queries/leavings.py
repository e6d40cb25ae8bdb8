"""Leaving a post: what a person holds, what will become of it, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.errors import NotFound
from engine.handlers.access import visible_cases
from engine.handlers.holdings import GROUPS, Plan, holdings
from engine.handlers.leavings import may_see_off, must_see_off
from engine.people import CASE_ROLES, ROLES, Actor
from engine.queries.reader import Reader
from engine.storage.tables import (
    draft,
    leaving,
    leaving_item,
    process_instance,
    user,
    user_role,
    user_task,
)
from engine.uow import UnitOfWork

_l, _held = leaving.c, user_role.c


@dataclass(frozen=True)
class Person:
    """Somebody who may be chosen."""

    username: str
    name: str
    org_name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One thing that the person holds.

    Attributes:
        outcome: handed_on, returned, ended, or failed.
    """

    kind: str
    key: int
    name: str
    about: str  # the case, for those who may know of it
    instance_key: int | None
    group: str
    outcome: str
    to_name: str
    reason: str


@dataclass(frozen=True)
class Preview:
    """What will happen when a person leaves.

    Attributes:
        groups: How many things each group has that a successor is chosen for.
        bare: Roles of the department that nobody else holds.
    """

    person: Person
    colleagues: tuple[Person, ...]
    items: tuple[Item, ...]
    groups: Mapping[str, int]
    drafts: int
    bare: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """How far a leaving has come; `left` things are still to be looked at."""

    key: int
    name: str
    org_name: str
    reason: str
    state: str
    begun_by: str
    begun_at: datetime
    done_at: datetime | None
    items: tuple[Item, ...]
    left: int


def people(reader: Reader, actor: Actor) -> tuple[Person, ...]:
    """Return whom the reader may see off: an administrator anybody, a head their people."""
    query = select(user).where(user.c.active).order_by(user.c.organisation_key, user.c.key)
    if not actor.holds("admin"):
        query = query.where(user.c.organisation_key.in_({o for o, r in actor.roles if r == "head"}))
    return tuple(_person(reader, row) for row in reader.conn.execute(query) if may_see_off(actor, row))


def preview(reader: Reader, actor: Actor, username: str, successors: Mapping[str, str]) -> Preview:
    """Return everything a person holds with what will become of it.

    Raises:
        NotFound: no such person.
        NotAllowed: the reader may not have them leave.
    """
    row = reader.conn.execute(select(user).where(user.c.username == username, user.c.active)).first()
    if row is None:
        raise NotFound(f"没有在职用户“{username}”。", f"Expected an active user {username}, found none.")
    must_see_off(actor, row)
    # Nothing is written: the plan only reads cases, as the command will.
    uow = UnitOfWork(reader.conn, reader.now, reader.calendars, lambda: 0)
    plan = Plan(uow, row.key, row.organisation_key, successors)
    items, groups = [], dict.fromkeys(GROUPS, 0)
    for held in holdings(reader.conn, row.key):
        out = plan.outcome(held)
        about = _about(reader, actor, row.organisation_key, held.instance_key)
        name = held.name if held.kind != "case" or about else "发起的事项"
        items.append(
            Item(
                held.kind,
                held.key,
                name,
                about,
                held.instance_key if about else None,
                held.group,
                out.outcome,
                out.to_name,
                out.reason,
            )
        )
        if held.group:
            groups[held.group] += 1
    saved = select(func.count()).where(draft.c.saved_by == row.key)
    return Preview(
        person=_person(reader, row),
        colleagues=_colleagues(reader, row),
        items=tuple(items),
        groups={group: n for group, n in groups.items() if n},
        drafts=int(reader.conn.execute(saved).scalar_one()),
        bare=_bare(reader, row),
    )


def progress(reader: Reader, actor: Actor, key: int) -> Progress:
    """Return how far a leaving has come.

    Raises:
        NotFound: no such leaving for this reader.
    """
    row = reader.conn.execute(select(leaving).where(_l.key == key)).first()
    if row is None or not (actor.holds("admin") or actor.holds_in_person("head", row.organisation_key)):
        raise NotFound("没有该离职转办。", f"Expected a leaving {key} for this reader, found none.")
    items = reader.conn.execute(
        select(leaving_item)
        .where(leaving_item.c.leaving_key == key)
        .order_by(leaving_item.c.kind, leaving_item.c.subject_key)
    ).all()
    seen = {(i.kind, i.subject_key) for i in items}
    running = row.state == "running"
    held = holdings(reader.conn, row.user_key) if running else []
    left = [h for h in held if (h.kind, h.key) not in seen]
    return Progress(
        key=row.key,
        name=reader.person(row.user_key) or "",
        org_name=reader.org(row.organisation_key),
        reason=row.reason,
        state=row.state,
        begun_by=reader.person(row.begun_by) or "",
        begun_at=row.begun_at,
        done_at=row.done_at,
        items=tuple(_done(reader, actor, row.organisation_key, i) for i in items),
        left=len(left),
    )


def recent(reader: Reader, actor: Actor) -> tuple[Progress, ...]:
    """Return the last leavings that the reader may know of."""
    query = select(_l.key).order_by(_l.key.desc()).limit(10)
    if not actor.holds("admin"):
        query = query.where(_l.organisation_key.in_({o for o, r in actor.roles if r == "head"}))
    return tuple(progress(reader, actor, key) for key in reader.conn.execute(query).scalars().all())


def _done(reader: Reader, actor: Actor, org: int, item: Any) -> Item:
    instance = None
    if item.kind == "task":
        found = select(user_task.c.instance_key).where(user_task.c.key == item.subject_key)
        instance = reader.conn.execute(found).scalar()
    elif item.kind == "case":
        instance = item.subject_key
    about = _about(reader, actor, org, instance)
    name = item.name if item.kind != "case" or about else "发起的事项"
    return Item(
        item.kind,
        item.subject_key,
        name,
        about,
        instance if about else None,
        "",
        item.outcome,
        item.to_name,
        item.reason,
    )


def _about(reader: Reader, actor: Actor, org: int, instance_key: int | None) -> str:
    """Return number and title of a case; an administrator reads no case data (C.6)."""
    if instance_key is None or not actor.holds_in_person("head", org):
        return ""
    case = process_instance.c
    query = select(case.business_id, case.title).where(
        case.key == instance_key, visible_cases(reader.conn, actor)
    )
    row = reader.conn.execute(query).first()
    return f"{row.business_id} {row.title}" if row is not None else ""


def _person(reader: Reader, row: Any) -> Person:
    roles = select(_held.role).where(_held.user_key == row.key).order_by(_held.role)
    names = tuple(ROLES[role] for role in reader.conn.execute(roles).scalars())
    return Person(row.username, row.name, reader.org(row.organisation_key), names)


def _colleagues(reader: Reader, row: Any) -> tuple[Person, ...]:
    working = (
        select(_held.user_key)
        .where(_held.organisation_key == row.organisation_key, _held.role.in_(CASE_ROLES))
        .distinct()
    )
    query = select(user).where(user.c.key.in_(working), user.c.active, user.c.key != row.key)
    return tuple(_person(reader, found) for found in reader.conn.execute(query.order_by(user.c.key)))


def _bare(reader: Reader, row: Any) -> tuple[str, ...]:
    mine = reader.conn.execute(
        select(_held.role).where(
            _held.user_key == row.key,
            _held.organisation_key == row.organisation_key,
            _held.role.in_(CASE_ROLES),
        )
    )
    others = set(
        reader.conn.execute(
            select(_held.role)
            .join(user, user.c.key == _held.user_key)
            .where(_held.organisation_key == row.organisation_key, _held.user_key != row.key, user.c.active)
        ).scalars()
    )
    return tuple(ROLES[role] for role in mine.scalars() if role not in others)
