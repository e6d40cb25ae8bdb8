"""Who may see and do what in a case (domain C.6)."""

from contextvars import ContextVar
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    literal,
    or_,
    select,
)

from engine.errors import NotFound
from engine.handlers.parties import with_predecessors
from engine.people import Actor
from engine.storage.tables import organisation, process_instance, user_task

_KNOWN_TO_THE_OTHER_SIDE = (
    "granted_direct",
    "not_applicable",
    "to_dispute",
)  # ends without delivery that it is told of
_ANY_CASE = select(process_instance).where(process_instance.c.key == bindparam("of"))
_SHOWN: ContextVar[set[tuple[int, int]] | None] = ContextVar("shown", default=None)


def note_shown() -> set[tuple[int, int]]:
    """Begin to collect to whom which cases are shown in this context, as keys of person and case; return the set."""
    found: set[tuple[int, int]] = set()
    _SHOWN.set(found)
    return found


def seen(actor: Actor | None, instance_key: int) -> None:
    """Note that a person is shown a case; a question that does without `must_see` says so itself."""
    noted = _SHOWN.get()
    if noted is not None and actor is not None:
        noted.add((actor.user_key, instance_key))


def visible_cases(conn: Connection, actor: Actor) -> ColumnElement[bool]:
    """Return the condition on process_instance that C.6 puts on this reader.

    Handlers and heads see cases their department is a party to, managing departments those of their level,
    auditors all of their level; designers and administrators none. A draft is its author's department's
    alone: before delivery there is no case for the other side, but for whom it has a task (T12-03).
    A case that is withheld from a department is shown to none of its people, whatever else they are.
    """
    orgs = with_predecessors(conn, actor.acting_orgs)
    return _visible(literal(actor.user_key), orgs, _audited_level(conn, actor), _own(conn, actor, orgs))


def seen_by_department(orgs: frozenset[int]) -> ColumnElement[bool]:
    """Return the condition on process_instance that a department's handlers and heads see the case."""
    return _visible(literal(0), orgs, None, orgs)


def withheld_cases(conn: Connection, actor: Actor) -> ColumnElement[bool]:
    """Return the condition on process_instance that a case is withheld from this reader: not even its number is told."""
    own = _own(conn, actor, with_predecessors(conn, actor.acting_orgs))
    return ~_shown(literal(actor.user_key), own)


def is_withheld(conn: Connection, actor: Actor, case: Row[Any]) -> bool:
    """Say whether a case is withheld from this reader, whatever they are beside: an administrator of that department
    finds it by no number.

    Args:
        case: A row of process_instance.
    """
    if case.withheld_key is None or case.started_by == actor.user_key:
        return False
    return case.withheld_key in _own(conn, actor, with_predecessors(conn, actor.acting_orgs))


def _shown(user_key: ColumnElement[int], own: Any) -> ColumnElement[bool]:
    withheld = process_instance.c.withheld_key
    return or_(withheld.is_(None), withheld.not_in(own), process_instance.c.started_by == user_key)


def _own(conn: Connection, actor: Actor, orgs: frozenset[int]) -> frozenset[int]:
    """Return the departments that the reader belongs to or acts for, with those they succeeded.

    Args:
        orgs: Those the reader acts for, with theirs.
    """
    if actor.org_key in actor.acting_orgs:
        return orgs
    return with_predecessors(conn, actor.acting_orgs | {actor.org_key})


def _audited_level(conn: Connection, actor: Actor) -> str | None:
    if not actor.holds("auditor"):
        return None
    return conn.execute(select(organisation.c.level).where(organisation.c.key == actor.org_key)).scalar()


def _visible(user_key: ColumnElement[int], orgs: Any, level: str | None, own: Any) -> ColumnElement[bool]:
    """Return the condition for one reader; `orgs` and `own` are keys, or expanding parameters for some."""
    instance = process_instance.c
    if level == "province":
        # All there are: the other conditions would be looked at row by row, and PostgreSQL plans by their cost.
        return and_(instance.key > 0, _shown(user_key, own))
    conditions: list[ColumnElement[bool]] = [instance.started_by == user_key]
    if not isinstance(orgs, frozenset) or orgs:
        delivered = or_(instance.received_at.is_not(None), instance.result.in_(_KNOWN_TO_THE_OTHER_SIDE))
        nobodys_draft = instance.using_key.is_(None)  # begun by itself, or by the managing department
        had_a_task = select(user_task.c.key).where(
            user_task.c.instance_key == instance.key, user_task.c.organisation_key.in_(orgs)
        )
        conditions += [
            instance.using_key.in_(orgs),
            and_(
                instance.providing_key.in_(orgs),
                or_(delivered, and_(nobodys_draft, instance.awaits_receipt.is_(False))),
            ),
            and_(instance.managing_key.in_(orgs), or_(delivered, nobodys_draft)),
            had_a_task.correlate(process_instance).exists(),
        ]
    if level is not None:
        peers = select(organisation.c.key).where(organisation.c.level == level)
        conditions += [instance.managing_key.in_(peers), instance.providing_key.in_(peers)]
    return and_(or_(*conditions), _shown(user_key, own))


def must_see(conn: Connection, actor: Actor | None, instance_key: int) -> Row[Any]:
    """Return the case's row if the reader may know of it; the platform itself may.

    Raises:
        NotFound: no such case, or none for this reader (guessing numbers tells nothing).
    """
    if actor is None:
        row = conn.execute(_ANY_CASE, {"of": instance_key}).first()
    else:
        orgs = with_predecessors(conn, actor.acting_orgs)
        reader = {"of": instance_key, "reader": actor.user_key, **({"orgs": orgs} if orgs else {})}
        reader["own"] = _own(conn, actor, orgs)
        row = conn.execute(_case_seen_by(bool(orgs), _audited_level(conn, actor)), reader).first()
    if row is None:
        raise NotFound(
            "没有该办理事项，或者您无权查看。",
            f"Expected a process instance {instance_key} that the actor may see, found none.",
            logged="instance",
        )
    seen(actor, instance_key)
    return row


@cache
def _case_seen_by(in_departments: bool, level: str | None) -> Select[Any]:
    orgs: Any = bindparam("orgs", expanding=True) if in_departments else frozenset()
    own: Any = bindparam("own", expanding=True)
    return _ANY_CASE.where(_visible(bindparam("reader"), orgs, level, own))
