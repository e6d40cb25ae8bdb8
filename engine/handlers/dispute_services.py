"""What the coordination of a dispute asks of the platform (domain D.2)."""

from typing import Any

from sqlalchemy import bindparam, select

from engine.handlers.case import Case
from engine.handlers.grants import enter
from engine.model import Node
from engine.storage.tables import process_instance

_CASE = select(
    process_instance.c.received_at, process_instance.c.ended_at, process_instance.c.business_id
).where(process_instance.c.key == bindparam("of"))


def check_dispute(case: Case, node: Node) -> dict[str, Any]:
    """Say whether the dispute may go out: about a matter the other side knows, and not disputed already (RD-4)."""
    defects = [*_not_delivered(case), *_open_already(case)]
    if not defects:
        case.uow.set_guard(_matter(case), str(case.key))
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
    held = case.uow.guarded(_matter(case))
    row = case.uow.conn.execute(_CASE, {"of": int(held)}).first() if held and held != str(case.key) else None
    if row is None or row.ended_at is not None:
        return []
    return [f"双方就同一事项的争议正在协调（{row.business_id}），不能重复提出。"]


def _matter(case: Case) -> str:
    """Return the guard of the matter: its case, who disputes it, in whichever order, and about what."""
    origin, request = case.variables.get("origin") or {}, case.variables.get("request") or {}
    parties = sorted(case.org_of(party) or 0 for party in ("applicant_dept", "respondent_dept"))
    return f"dispute:{origin.get('instance_key')}:{parties[0]}:{parties[1]}:{request.get('matter')}"
