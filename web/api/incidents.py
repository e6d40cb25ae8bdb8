"""Incidents: search, get, try again (resolution), and beside Camunda's nouns skip and cancellation."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput
from engine.queries import incidents as queries
from web.api import shapes
from web.api.body import body, integer, search
from web.api.user_tasks import command_id
from web.engine import engine
from web.security import acting

_STATES = {"ACTIVE": ["open"], "RESOLVED": ["resolved", "skipped", "cancelled", "closed"], "PENDING": []}


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/incidents/search")(find_incidents)
    bp.get("/incidents/<int:key>")(get_incident)
    bp.post("/incidents/<int:key>/resolution")(resolve_incident)
    bp.post("/incidents/<int:key>/skip")(skip_incident)
    bp.post("/incidents/<int:key>/cancellation")(cancel_incident)


def find_incidents() -> ResponseReturnValue:
    """Search incidents; administrators only."""
    where, limit, offset = search()
    if isinstance(state := where.get("state"), str):
        where["state"] = _STATES.get(state, [state])
    rows, total = engine().queries.search(queries.search, acting(), where, limit, offset)
    return shapes.page([shapes.incident(row) for row in rows], total)


def get_incident(key: int) -> ResponseReturnValue:
    """Return one incident."""
    return shapes.incident(engine().queries.search(queries.row, acting(), key))


def resolve_incident(key: int) -> ResponseReturnValue:
    """Try the failed step again; `variables` are corrected first, for a `reason`. If it fails again, it stays active."""
    data = body("operationReference", "variables", "reason", "tries")
    seen = data.get("tries")
    engine().handle(
        c.ResolveIncident(
            actor=acting(),
            incident_key=key,
            corrections=_mapping(data.get("variables")),
            reason=_text(data, "reason"),
            seen=None if seen is None else integer(seen, "tries", 0, 10**6),
            id=command_id(),
        )
    )
    return "", 204


def skip_incident(key: int) -> ResponseReturnValue:
    """Let the token leave without the element's work, for a `reason`; at a gateway by `sequenceFlowIds`."""
    data = body("reason", "sequenceFlowIds", "operationReference")
    flows = data.get("sequenceFlowIds") or []
    if not isinstance(flows, list) or not all(isinstance(flow, str) for flow in flows):
        raise InvalidInput(
            "sequenceFlowIds 应为文本的列表。", "Expected a list of texts under sequenceFlowIds."
        )
    reason = _text(data, "reason")
    engine().handle(
        c.SkipIncident(actor=acting(), incident_key=key, reason=reason, flows=tuple(flows), id=command_id())
    )
    return "", 204


def cancel_incident(key: int) -> ResponseReturnValue:
    """End the case as voided, for a `reason`."""
    reason = _text(body("reason", "operationReference"), "reason")
    engine().handle(c.CancelIncident(actor=acting(), incident_key=key, reason=reason, id=command_id()))
    return "", 204


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise InvalidInput(f"{name} 应为文本。", f"Expected a text under {name}.")
    return value


def _mapping(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput("variables 应为对象。", "Expected an object under variables.")
    return value
