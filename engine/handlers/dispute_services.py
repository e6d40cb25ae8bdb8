"""What the coordination of a dispute asks of the platform (domain D.2)."""

from typing import Any

from sqlalchemy import bindparam, select

from engine.handlers.case import Case
from engine.handlers.grants import enter
from engine.handlers.parties import present_department
from engine.model import Node
from engine.storage.tables import process_instance

_CASE = select(
    process_instance.c.received_at, process_instance.c.ended_at, process_instance.c.business_id
).where(process_instance.c.key == bindparam("of"))


def check_dispute(case: Case, node: Node) -> dict[str, Any]:
    """Say whether the dispute may go out: about a matter the other side knows, and not disputed already (RD-4)."""
    defects = [*_not_delivered(case), *_open_already(case)]
    if not defects:
        name = _matter(case)
        held = dict(case.uow.guarded(name) or {})
        case.uow.set_guard(name, {**held, str(case.key): _parties(case)})
    return {"ok": not defects, "defects": defects}


def record_dispute_grant(case: Case, node: Node) -> dict[str, Any]:
    """Record what the opinion says shall be shared, under its conditions (RD-2, R12-10)."""
    opinion = case.variables.get("opinion") or {}
    return enter(
        case,
        list(opinion.get("agreed_items") or []),
        str(opinion.get("use_conditions") or ""),
        opinion.get("grant_from"),
        opinion.get("grant_until"),
    )


def _not_delivered(case: Case) -> list[str]:
    origin = case.variables.get("origin") or {}
    row = case.uow.conn.execute(_CASE, {"of": int(origin.get("instance_key") or 0)}).first()
    if row is None or row.received_at is not None or row.ended_at is not None:
        return []
    return [f"{row.business_id}尚未送达对方，双方之间还没有争议。"]


def _open_already(case: Case) -> list[str]:
    """Return the running dispute about the same matter; one that has ended does not stand in the way."""
    by_case = bool((case.variables.get("origin") or {}).get("instance_key"))
    for held, parties in dict(case.uow.guarded(_matter(case)) or {}).items():
        row = case.uow.conn.execute(_CASE, {"of": int(held)}).first() if held != str(case.key) else None
        if row is None or row.ended_at is not None:
            continue
        present = sorted(present_department(case.uow.conn, org) for org in parties)
        if by_case or present == _parties(case):
            return [f"双方就同一事项的争议正在协调（{row.business_id}），不能重复提出。"]
    return []


def _matter(case: Case) -> str:
    """Return the guard of the matter: the case in dispute, whatever it is called; without one the resource.

    It names no department: a party that is merged is in the same dispute still.
    """
    origin, resource = case.variables.get("origin") or {}, case.variables.get("resource") or {}
    if origin.get("instance_key"):
        return f"dispute:case:{origin['instance_key']}"
    return f"dispute:resource:{resource.get('key')}"


def _parties(case: Case) -> list[int]:
    """Return who disputes, in whichever order, by their present departments."""
    found = (case.org_of(party) or 0 for party in ("applicant_dept", "respondent_dept"))
    return sorted(present_department(case.uow.conn, org) for org in found)
