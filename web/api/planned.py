"""What begins cases by itself."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.queries import planned
from web.api.shapes import at
from web.engine import engine
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the route on the API's blueprint."""
    bp.get("/planned-starts")(planned_starts)


def planned_starts() -> ResponseReturnValue:
    """List the timer and signal start events in force, the next start first."""
    found: list[planned.PlannedStart] = engine().queries.search(planned.planned_starts, acting())
    items = [
        {
            "processDefinitionKey": str(one.definition_key),
            "processDefinitionId": one.process_id,
            "processDefinitionVersion": one.version,
            "elementId": one.element_id,
            "name": one.name,
            "signal": one.signal,
            "plannedAt": at(one.planned_at),
            "startsAt": at(one.starts_at),
            "lastPlannedAt": at(one.last_at),
            "lastError": one.last_error,
        }
        for one in found
    ]
    return {"items": items, "page": {"totalItems": len(items)}}
