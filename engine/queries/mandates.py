"""Rules of substitution as pages show them, and where a substitute finds what they may do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select

from engine.handlers.mandates import matter_of
from engine.handlers.substitutions import may_manage
from engine.inbox_rows import NEVER, of_lane, of_person
from engine.people import CASE_ROLES, Actor, Mandate
from engine.queries.reader import Reader
from engine.storage.tables import (
    catalogue_entry,
    deputy,
    organisation,
    process_definition,
    process_instance,
    task_inbox,
    user,
    user_role,
    user_task,
)

MOST = 50
_d, _t, _i = deputy.c, user_task.c, process_instance.c


@dataclass(frozen=True)
class Cover:
    """A holder of `task_inbox` whose tasks a rule may cover.

    Attributes:
        holder: The principal, or a lane of the principal's.
        role: Only tasks of this role in this department are covered; a principal may hold others.
        mandate: `processes` and `other_key` can be asked of `process_instance`, `resource_key` of its variables;
            `mandate.covers(matter_of(conn, instance_key))` asks all.
    """

    holder: str
    org_key: int
    role: str
    mandate: Mandate


@dataclass(frozen=True)
class WaitingTask:
    """A task that somebody may do in another's place."""

    task_key: int
    name: str
    business_id: str
    title: str
    due_at: datetime | None
    principal: str
    owner: str | None


@dataclass(frozen=True)
class RuleView:
    """A rule of substitution in words."""

    key: int
    principal_key: int
    principal: str
    substitute: str
    org_name: str
    role: str
    valid_from: date
    valid_until: date
    processes: tuple[str, ...]  # names
    resource: str
    other: str
    reason: str
    doc_no: str
    state: str  # coming, in_force, expired, revoked or left
    may_revoke: bool
    taken: int  # open tasks taken under it


@dataclass(frozen=True)
class Choices:
    """What the form for a rule offers.

    Attributes:
        principals: Those for whom the reader may enter one: user name, name, roles.
        colleagues: Those who may be a substitute: user name and name.
    """

    principals: tuple[tuple[str, str, tuple[str, ...]], ...]
    colleagues: tuple[tuple[str, str], ...]
    processes: tuple[tuple[str, str], ...]
    resources: tuple[tuple[str, str], ...]
    departments: tuple[tuple[str, str], ...]


def holders_for(reader: Reader, actor: Actor) -> tuple[Cover, ...]:
    """Return under which holders a substitute finds what they may do today.

    Lanes that the person reads anyway, in their own right or by a rule without condition, are left out.
    """
    found = []
    for m in actor.mandates:
        if (m.org_key, m.role) not in actor.roles:
            found.append(Cover(of_lane(m.org_key, m.role), m.org_key, m.role, m))
        found.append(Cover(of_person(m.principal), m.org_key, m.role, m))
    return tuple(found)


def waiting_for(reader: Reader, actor: Actor) -> tuple[WaitingTask, ...]:
    """Return what somebody may do in another's place, earliest due first; of each holder the first few."""
    rows: dict[int, tuple[datetime, WaitingTask]] = {}
    for m in actor.mandates:
        for holder in (of_person(m.principal), of_lane(m.org_key, m.role)):
            for row in reader.conn.execute(_held(holder, m)):
                if m.covers(matter_of(reader.conn, row.instance_key)):
                    rows.setdefault(row.task_key, (row.due_at, _waiting(reader, row, m)))
    ordered = sorted(rows.items(), key=lambda item: (item[1][0], item[0]))
    return tuple(view for _, (_, view) in ordered[:MOST])


def _held(holder: str, m: Mandate) -> Select[Any]:
    query = (
        select(
            task_inbox.c.task_key,
            task_inbox.c.due_at,
            _t.instance_key,
            _t.name,
            _t.assignee,
            _i.business_id,
            _i.title,
        )
        .join(user_task, _t.key == task_inbox.c.task_key)
        .join(process_instance, _i.key == _t.instance_key)
        .where(
            task_inbox.c.holder == holder,
            task_inbox.c.part.is_(None),
            _t.organisation_key == m.org_key,
            _t.role == m.role,
        )
    )
    if m.processes:
        query = query.where(_i.process_id.in_(m.processes))
    if m.other_key is not None:
        query = query.where(
            or_(*(_i[n] == m.other_key for n in ("using_key", "providing_key", "managing_key")))
        )
    return query.order_by(task_inbox.c.due_at, task_inbox.c.task_key).limit(MOST)


def _waiting(reader: Reader, row: Any, m: Mandate) -> WaitingTask:
    due = None if row.due_at >= NEVER else row.due_at
    owner = reader.person(row.assignee)
    return WaitingTask(row.task_key, row.name, row.business_id, row.title, due, m.principal_name, owner)


def for_me(reader: Reader, actor: Actor) -> tuple[RuleView, ...]:
    """Return the rules under which a person stands in for others, those to come included."""
    return tuple(_views(reader, actor, select(deputy).where(_alive(), _d.deputy_key == actor.user_key)))


def by_me(reader: Reader, actor: Actor) -> tuple[RuleView, ...]:
    """Return the rules that hold for the person's own roles, and for a head those of the department."""
    mine = [_d.principal_key == actor.user_key]
    if heads := [org for org, role in actor.roles if role == "head" and actor.holds_in_person("head", org)]:
        mine.append(_d.organisation_key.in_(heads))
    if actor.holds("admin"):
        mine.append(_d.key > 0)
    return tuple(_views(reader, actor, select(deputy).where(_alive(), or_(*mine))))


def over(reader: Reader, actor: Actor) -> tuple[RuleView, ...]:
    """Return the last rules that have ended in which the person appears."""
    mine = or_(_d.principal_key == actor.user_key, _d.deputy_key == actor.user_key)
    query = select(deputy).where(_d.ended_at.is_not(None), mine).order_by(_d.ended_at.desc()).limit(20)
    return tuple(_views(reader, actor, query))


def in_department(reader: Reader, actor: Actor, org: int) -> tuple[RuleView, ...]:
    """Return the rules of a department that are in force today: who is away."""
    today = select(deputy).where(
        _d.organisation_key == org,
        _d.ended_at.is_(None),
        _d.valid_from <= reader.today,
        _d.valid_until >= reader.today,
    )
    return tuple(_views(reader, actor, today))


def _alive() -> Any:
    return _d.ended_at.is_(None)


def _views(reader: Reader, actor: Actor, query: Select[Any]) -> Iterator[RuleView]:
    names = process_names(reader)
    for row in reader.conn.execute(query.order_by(_d.valid_from, _d.key).limit(200)):
        principal = reader.conn.execute(select(user).where(user.c.key == row.principal_key)).one()
        entry = select(catalogue_entry.c.name).where(catalogue_entry.c.key == row.resource_key)
        taken = select(_t.key).where(_t.deputy_key == row.key, _t.state == "open")
        begun = row.valid_from <= reader.today
        yield RuleView(
            key=row.key,
            principal_key=principal.key,
            principal=principal.name,
            substitute=reader.person(row.deputy_key) or "",
            org_name=reader.org(row.organisation_key),
            role=row.role,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            processes=tuple(names.get(p, p) for p in row.processes),
            resource=reader.conn.execute(entry).scalar() or "",
            other=reader.org(row.other_key),
            reason=row.reason,
            doc_no=row.doc_no,
            state=row.end or ("in_force" if begun else "coming"),
            may_revoke=row.ended_at is None and may_manage(actor, principal),
            taken=len(reader.conn.execute(taken).all()),
        )


def process_names(reader: Reader) -> dict[str, str]:
    """Return the name of each procedure by its id, the newest version's."""
    table = process_definition.c
    rows = reader.conn.execute(select(table.process_id, table.name).order_by(table.version))
    return {row.process_id: row.name for row in rows}


def choices(reader: Reader, actor: Actor) -> Choices:
    """Return what the form for a rule offers to a person."""
    orgs = {actor.org_key}
    people = [
        (row.username, row.name, roles)
        for row, roles in _people(reader, orgs)
        if roles and may_manage(actor, row)
    ]
    everybody = reader.conn.execute(
        select(organisation.c.key, organisation.c.code)
        .where(organisation.c.successor_key.is_(None), organisation.c.key != actor.org_key)
        .order_by(organisation.c.key)
    )
    entries = reader.conn.execute(
        select(catalogue_entry.c.code, catalogue_entry.c.name)
        .where(catalogue_entry.c.withdrawn_on.is_(None))
        .order_by(catalogue_entry.c.code)
        .limit(500)
    )
    return Choices(
        principals=tuple(sorted(people, key=lambda p: p[0] != actor.username)),
        colleagues=tuple((row.username, row.name) for row, roles in _people(reader, orgs) if roles),
        processes=tuple(sorted(process_names(reader).items())),
        resources=tuple((row.code, row.name) for row in entries),
        departments=tuple((row.code, reader.org(row.key)) for row in everybody),
    )


def _people(reader: Reader, orgs: set[int]) -> list[tuple[Any, tuple[str, ...]]]:
    rows = reader.conn.execute(
        select(user).where(user.c.organisation_key.in_(orgs), user.c.active).order_by(user.c.key)
    ).all()
    held: dict[int, list[str]] = {}
    roles = user_role.c
    for key, role in reader.conn.execute(
        select(roles.user_key, roles.role).where(roles.organisation_key.in_(orgs), roles.role.in_(CASE_ROLES))
    ):
        held.setdefault(key, []).append(role)
    return [(row, tuple(sorted(held.get(row.key, ())))) for row in rows]
