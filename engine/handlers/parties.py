"""Who the parties of a case are, and which people stand behind a role."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection, bindparam, func, select

from engine.handlers import mandates
from engine.model import PARTIES
from engine.people import STANDS_IN, Actor, Matter
from engine.storage.tables import area, organisation, organisation_name, user, user_role

_SUCCEEDED = select(organisation.c.key).where(
    organisation.c.successor_key.in_(bindparam("by", expanding=True))
)
_then = (
    select(organisation_name.c.name)
    .where(
        organisation_name.c.organisation_key == organisation.c.key,
        organisation_name.c.valid_from <= bindparam("on"),
    )
    .order_by(organisation_name.c.valid_from.desc())
    .limit(1)
    .scalar_subquery()
)
_NAME = select(func.coalesce(_then, organisation.c.name)).where(organisation.c.key == bindparam("of"))
_MEMBERS = (
    select(user_role.c.user_key)
    .join(user, user.c.key == user_role.c.user_key)
    .where(
        user_role.c.organisation_key == bindparam("of"), user_role.c.role == bindparam("role"), user.c.active
    )
    .order_by(user_role.c.user_key)
)
_SUCCESSOR = select(organisation.c.successor_key).where(organisation.c.key == bindparam("of"))


def organisation_named(conn: Connection, key: int, on: date) -> str:
    """Return the department's name as it was on a day."""
    return str(conn.execute(_NAME, {"of": key, "on": on}).scalar_one())


def present_department(conn: Connection, key: int) -> int:
    """Return who stands in a department's place today: itself, or its last successor."""
    seen = {key}
    while (found := conn.execute(_SUCCESSOR, {"of": key}).scalar()) is not None and found not in seen:
        key = int(found)
        seen.add(key)
    return key


def with_predecessors(conn: Connection, orgs: frozenset[int]) -> frozenset[int]:
    """Return departments with those they succeeded, whose closed cases they keep."""
    found, fresh = set(orgs), set(orgs)
    while fresh:
        fresh = {int(key) for key in conn.execute(_SUCCEEDED, {"by": fresh}).scalars()} - found
        found |= fresh
    return frozenset(found)


def managing_department(conn: Connection, using: int, providing: int) -> int | None:
    """Return the managing department of the lowest area that both parties lie in.

    Source: Art. 5; for parties of different areas the common superior, as 809 Art. 28 has it.
    """
    above_provider = areas_above(conn, providing)
    common = [name for name in reversed(areas_above(conn, using)) if name in above_provider]
    for name in common:
        found = conn.execute(
            select(organisation.c.key)
            .where(
                organisation.c.area == name, organisation.c.managing, organisation.c.successor_key.is_(None)
            )
            .limit(1)
        ).scalar()
        if found is not None:
            return int(found)
    return None


def areas_above(conn: Connection, department: int) -> tuple[str, ...]:
    """Return the areas a department lies in, outermost first."""
    home = conn.execute(select(organisation.c.area).where(organisation.c.key == department)).scalar()
    return area_chain(conn, home)


def area_chain(conn: Connection, home: str | None) -> tuple[str, ...]:
    """Return an area and those around it, outermost first."""
    parents = {row.name: row.parent for row in conn.execute(select(area))}
    chain: list[str] = []
    while home is not None and home not in chain:
        chain.append(home)
        home = parents.get(home)
    return tuple(reversed(chain))


def split_role(lane: str) -> tuple[str, str]:
    """Return the variable of the party and the role in it: prov.handler → (providing_dept, handler)."""
    party, _, role = lane.partition(".")
    return PARTIES.get(party, ""), role


def members(
    conn: Connection, org_key: int, role: str, on: date, matter: Callable[[], Matter] | None = None
) -> list[int]:
    """Return the keys of those who hold a role in a department on a day, deputies included.

    Args:
        matter: The case that rules of substitution with a condition are held against; without one they do not count.
    """
    role = standing_role(conn, org_key, role)
    rules = mandates.of_lane(conn, org_key, role, on)
    standing = [m.substitute for m in rules if (m.covers(matter) if matter else m.unconditional)]
    return sorted({*holders(conn, org_key, role), *standing})


def holders(conn: Connection, org_key: int, role: str) -> list[int]:
    """Return the keys of those who hold a role in a department in their own right."""
    found = conn.execute(_MEMBERS, {"of": org_key, "role": standing_role(conn, org_key, role)})
    return [int(key) for key in found.scalars()]


def standing_role(conn: Connection, org_key: int, role: str) -> str:
    """Return the role whose holders do a lane's tasks: where a department has named nobody, the one that stands in.

    It is asked when a task is opened; whoever is named later finds the tasks opened from then on.
    """
    instead = STANDS_IN.get(role)
    if instead is None or conn.execute(_MEMBERS, {"of": org_key, "role": role}).first() is not None:
        return role
    return instead


def staff_count(conn: Connection, org_key: int) -> int:
    """Return how many people of the department may act in cases."""
    rows = conn.execute(
        select(user_role.c.user_key)
        .where(
            user_role.c.organisation_key == org_key,
            user_role.c.role.in_(("handler", "head", "sharing_unit_head")),
        )
        .distinct()
    ).all()
    return len(rows)


def other_designers_of(conn: Connection, actor: Actor) -> list[int]:
    """Return the keys of the other process designers of a designer's department."""
    query = (
        select(user_role.c.user_key)
        .join(user, user.c.key == user_role.c.user_key)
        .where(
            user_role.c.role == "designer",
            user_role.c.organisation_key == actor.org_key,
            user.c.active,
            user.c.key != actor.user_key,
        )
        .order_by(user_role.c.user_key)
    )
    return list(dict.fromkeys(conn.execute(query).scalars()))
