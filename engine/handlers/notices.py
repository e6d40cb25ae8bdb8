"""Telling people: a notice is sent to those who hold a role, and changes nothing."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from engine import events as e
from engine.chinese_dates import zh
from engine.handlers.case import Case
from engine.handlers.mandates import matter_of_case
from engine.handlers.parties import members, organisation_named, split_role
from engine.model import PARTIES, Node
from engine.periods import beijing_day
from engine.storage.tables import user, user_role

_WORDS = {**PARTIES, "using": "using_dept", "providing": "providing_dept", "managing": "managing_dept"}


def tell(case: Case, lanes: Iterable[str], text: str, kind: str = "outcome") -> None:
    """Send a notice to everybody who stands behind the roles today.

    Args:
        lanes: Roles such as prov.handler.
        kind: What it is about (`engine.notice_kinds`); people choose by it how they are told.
        text: May name {business_id}, {title}, {due_on} and each party, as {prov_name} (`engine.model.PARTIES`).
    """
    lanes = list(lanes)
    on = beijing_day(case.uow.at)
    people: list[int] = []
    for lane in lanes:
        party, role = split_role(lane)
        org = case.org_of(party)
        if org is not None:
            people += members(case.uow.conn, org, role, on, matter_of_case(case))
    due = min((limit.due_on for limit in case.limits.values()), default=None)
    names = {
        f"{word}_name": organisation_named(case.uow.conn, org, on) if (org := case.org_of(variable)) else ""
        for word, variable in _WORDS.items()
        if f"{{{word}_name}}" in text
    }
    values = {
        "business_id": case.business_id,
        "title": case.variables.get("title") or "",
        "due_on": zh(due) if due else "",
        **names,
    }
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    _send(case, list(dict.fromkeys(people)), lanes, text, kind)


def kind_of(node: Node) -> str:
    """Return what the notices that the model puts on an element are about."""
    if node.reminder is not None:
        return "reminder"
    if node.period is not None:
        return "overdue" if node.period.on_expiry == "overdue" else "reminder"
    return "task" if node.type == "userTask" else "outcome"


def tell_departments(
    case: Case, departments: Iterable[int], roles: Iterable[str], text: str, kind: str = "outcome"
) -> None:
    """Send a notice to people of departments that need be no party; it names nothing of the case."""
    on, roles = beijing_day(case.uow.at), list(roles)
    people = [key for org in departments for role in roles for key in members(case.uow.conn, org, role, on)]
    _send(case, list(dict.fromkeys(people)), roles, text, kind)


def tell_administrators(case: Case, text: str) -> None:
    """Send a notice to the system administrators: what only they can mend (R-T13). It names no party."""
    _send(case, administrators(case.uow.conn), ["admin"], text, "platform")


def administrators(conn: Connection) -> list[int]:
    """Return the keys of the system administrators."""
    admins = conn.execute(
        select(user_role.c.user_key)
        .join(user, user.c.key == user_role.c.user_key)
        .where(user_role.c.role == "admin", user.c.active)
        .order_by(user_role.c.user_key)
    ).scalars()
    return list(dict.fromkeys(admins))


def tell_person(case: Case, user_key: int, text: str, kind: str = "outcome") -> None:
    """Send a notice to one person; the platform itself reads none. It names no party."""
    if user_key:
        _send(case, [user_key], [], text.replace("《{title}》", ""), kind)


def _send(case: Case, to: list[int], roles: list[str], text: str, kind: str) -> None:
    case.record(e.NoticeSent([case.uow.next_key() for _ in to], to, roles, text, kind))
