"""Who stands in for whom (委托代理): which rules of substitution are in force, and whether they cover a task."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, select

from engine import events as e
from engine.errors import WrongState
from engine.people import Actor, Mandate, Matter
from engine.storage.tables import deputy, process_instance, user, user_role

if TYPE_CHECKING:
    from engine.handlers.case import Case

_d, _i = deputy.c, process_instance.c
_PARTIES = ("using_key", "providing_key", "managing_key")
_IN_FORCE = (
    select(deputy, user.c.name.label("principal_name"))
    .join(user, user.c.key == _d.principal_key)
    .where(
        _d.ended_at.is_(None),
        _d.valid_from <= bindparam("on"),
        _d.valid_until >= bindparam("on"),
        user.c.active,
    )
    .order_by(_d.key)
)
_HELD = _IN_FORCE.where(_d.deputy_key == bindparam("of"))
_OF_LANE = _IN_FORCE.where(_d.organisation_key == bindparam("of"), _d.role == bindparam("role"))
_CASE = select(_i.process_id, *(_i[name] for name in _PARTIES), _i.variables).where(_i.key == bindparam("of"))


def held_by(conn: Connection, user_key: int, on: date) -> tuple[Mandate, ...]:
    """Return the rules under which a person stands in for others on a day."""
    return tuple(_mandate(row) for row in conn.execute(_HELD, {"of": user_key, "on": on}))


def of_lane(conn: Connection, org_key: int, role: str, on: date) -> tuple[Mandate, ...]:
    """Return the rules for a role of a department that are in force on a day."""
    found = conn.execute(_OF_LANE, {"of": org_key, "role": role, "on": on})
    return tuple(_mandate(row) for row in found)


def matter_of(conn: Connection, instance_key: int) -> Callable[[], Matter]:
    """Return what a rule may ask of a case, read when first asked."""

    @cache
    def read() -> Matter:
        row = conn.execute(_CASE, {"of": instance_key}).one()
        return Matter(row.process_id, _departments(row), _resource(row.variables))

    return read


def matter_of_case(case: "Case") -> Callable[[], Matter]:
    """Return what a rule may ask of a case that a command has loaded."""
    return lambda: Matter(
        case.process.id, frozenset(key for key in case.sides() if key is not None), _resource(case.variables)
    )


def for_task(conn: Connection, actor: Actor, task: Row[Any]) -> Actor:
    """Return the person as they stand to one task: with the role where a rule covers the task.

    Of the mandates only those stay that cover it.
    """
    pair = (task.organisation_key, task.role)
    matter = matter_of(conn, task.instance_key)
    covering = tuple(m for m in actor.mandates if (m.org_key, m.role) == pair and m.covers(matter))
    deputy_of = dict(actor.deputy_of)
    if covering and not actor.holds_in_person(task.role, task.organisation_key):
        deputy_of[pair] = covering[0].principal_name
    roles = actor.roles | {pair} if covering else actor.roles
    return replace(actor, roles=roles, deputy_of=deputy_of, mandates=covering)


def person(conn: Connection, row: Row[Any], on: date) -> Actor:
    """Return a person with the roles they hold in their own right and the rules under which they stand in.

    Args:
        row: Of the table of users.
    """
    held = select(user_role.c.organisation_key, user_role.c.role).where(user_role.c.user_key == row.key)
    roles = frozenset((int(org), str(role)) for org, role in conn.execute(held))
    org, mandates = int(row.organisation_key), held_by(conn, row.key, on)
    return Actor(row.key, row.username, row.name, org, "", roles, mandates=mandates)


def stands_in(actor: Actor, task: Row[Any]) -> Mandate | None:
    """Return under which rule the person does the task, None where they do it in their own right.

    Args:
        actor: As `for_task` returns them.

    Raises:
        WrongState: they took it under a rule that is in force no longer.
    """
    if task.assignee == actor.user_key and task.stands_for is not None:
        found = next((m for m in actor.mandates if m.principal == task.stands_for), None)
        if found is None:
            raise WrongState(
                "委托已经终止，该任务将退回委托人或者部门，您的操作没有生效。",
                "The substitution under which you took this task has ended; nothing was changed.",
                code="mandate_over",
            )
        return found
    if (owner := next((m for m in actor.mandates if m.principal == task.assignee), None)) is not None:
        return owner
    if actor.holds_in_person(task.role, task.organisation_key) or not actor.mandates:
        return None
    return actor.mandates[0]


def is_free(actor: Actor, task: Row[Any]) -> bool:
    """Say whether nobody stands between the person and the task.

    The owner may be the person, whoever they stand in for, or whoever stands in for them: the principal keeps the
    right.
    """
    owners = {None, actor.user_key, *(m.principal for m in actor.mandates)}
    return task.assignee in owners or task.stands_for == actor.user_key


def assigned(task: Row[Any], user_key: int, name: str, mandate: Mandate | None) -> e.UserTaskAssigned:
    """Return the event that gives a task to a person, with whom they stand in for."""
    if mandate is None:
        return e.UserTaskAssigned(task.key, task.name, user_key, name)
    returns_to = task.returns_to if task.stands_for == mandate.principal else None
    if task.assignee == mandate.principal:
        returns_to = mandate.principal
    return e.UserTaskAssigned(
        task.key,
        task.name,
        user_key,
        name,
        mandate.principal,
        mandate.principal_name,
        mandate.key,
        returns_to,
    )


def given_back(conn: Connection, task: Row[Any], why: str = "", before: str = "") -> e.UserTaskAssigned:
    """Return the event that gives a task back to whom it was taken from, or to the department."""
    name = None
    if task.returns_to is not None:
        owner = select(user.c.name).where(user.c.key == task.returns_to, user.c.active)
        name = conn.execute(owner).scalar()
    to = task.returns_to if name is not None else None
    return e.UserTaskAssigned(task.key, task.name, to, name, why=why, before_name=before)


def _mandate(row: Row[Any]) -> Mandate:
    return Mandate(
        key=row.key,
        org_key=row.organisation_key,
        role=row.role,
        principal=row.principal_key,
        principal_name=row.principal_name,
        substitute=row.deputy_key,
        valid_until=row.valid_until,
        processes=tuple(row.processes),
        resource_key=row.resource_key,
        other_key=row.other_key,
    )


def _departments(row: Any) -> frozenset[int]:
    return frozenset(int(key) for name in _PARTIES if (key := getattr(row, name)) is not None)


def _resource(variables: dict[str, Any]) -> int | None:
    key = (variables.get("resource") or {}).get("key")
    return int(key) if key else None
