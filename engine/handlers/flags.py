"""The hint 正在校核 on a resource, seen by everybody who sees the resource (R13-13); it locks nothing."""

from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.handlers.case import Case
from engine.model import Node
from engine.storage.tables import resource_flag


def raise_flag(case: Case, node: Node) -> dict[str, Any]:
    """Say that items of the case's resource are being verified, if the version wants that."""
    report = case.variables.get("report") or {}
    resource = case.variables.get("resource") or {}
    if not case.setting("p13.flag_record") or flags_of_case(case):
        return {"flagged": bool(flags_of_case(case))}
    case.record(
        e.ResourceFlagged(
            flag_key=case.uow.next_key(),
            resource_key=int(resource["key"]),
            resource=str(resource.get("name") or ""),
            data_items=list(report.get("item_name") or []),
            records=int(report.get("record_count") or 0),
        )
    )
    return {"flagged": True}


def lower_flag(case: Case, node: Node) -> dict[str, Any]:
    """Take the hint away: the result is there, or nobody verifies any more."""
    resource = case.variables.get("resource") or {}
    for key, resource_key in flags_of_case(case).items():
        case.record(e.ResourceUnflagged(key, resource_key, str(resource.get("name") or "")))
    return {"flagged": False}


def flags_of_case(case: Case) -> dict[int, int]:
    """Return the resource of each hint that the case has raised, by the hint's key; this very command's included."""
    of = resource_flag.c
    rows = case.uow.conn.execute(select(of.key, of.resource_key).where(of.instance_key == case.key))
    found = {int(row.key): int(row.resource_key) for row in rows}
    for sealed in case.uow.events:
        event = sealed.recorded.event
        if sealed.recorded.stream == case.key and isinstance(event, e.ResourceFlagged):
            found[event.flag_key] = event.resource_key
        elif isinstance(event, e.ResourceUnflagged):
            found.pop(event.flag_key, None)
    return found
