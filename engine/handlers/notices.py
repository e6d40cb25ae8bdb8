"""Telling people: a notice is sent to those who hold a role, and changes nothing."""

from collections.abc import Iterable

from engine import events as e
from engine.handlers.case import Case
from engine.handlers.parties import members, organisation_named, split_role
from engine.periods import beijing_day


def tell(case: Case, lanes: Iterable[str], text: str) -> None:
    """Send a notice to everybody who stands behind the roles today.

    Args:
        lanes: Roles such as prov.handler.
        text: May name {business_id}, {title}, {due_on}, {using_name}, {providing_name}.
    """
    lanes = list(lanes)
    on = beijing_day(case.uow.at)
    people: list[int] = []
    for lane in lanes:
        party, role = split_role(lane)
        org = case.org_of(party)
        if org is not None:
            people += members(case.uow.conn, org, role, on)
    due = min((limit.due_on for limit in case.limits.values()), default=None)
    names = {
        f"{word}_name": organisation_named(case.uow.conn, org, on) if (org := case.org_of(variable)) else ""
        for word, variable in (
            ("using", "using_dept"),
            ("providing", "providing_dept"),
            ("managing", "managing_dept"),
        )
    }
    values = {
        "business_id": case.business_id,
        "title": case.variables.get("title") or "",
        "due_on": f"{due.year}年{due.month}月{due.day}日" if due else "",
        **names,
    }
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    to = list(dict.fromkeys(people))
    case.record(e.NoticeSent([case.uow.next_key() for _ in to], to, lanes, text))
