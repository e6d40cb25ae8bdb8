"""The register of grants: what a department may use, of whose, under which conditions, until when."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.errors import InvalidInput
from engine.queries import grants as queries
from web.api import shapes
from web.api.body import search
from web.engine import engine
from web.security import acting

_FILTERS = {"state", "resourceKey"}


def register(bp: Blueprint) -> None:
    """Put the route on the API's blueprint."""
    bp.post("/grants/search")(find_grants)


def find_grants() -> ResponseReturnValue:
    """Search the grants that the asker may see, by `state` (living, suspended, ended) or `resourceKey`."""
    where, limit, offset = search()
    if unknown := sorted(set(where) - _FILTERS):
        raise InvalidInput(
            f"不能按 {'、'.join(unknown)} 筛选，可用 {'、'.join(sorted(_FILTERS))}。",
            f"Expected the filters {', '.join(sorted(_FILTERS))}, found {', '.join(unknown)}.",
        )
    state = where.get("state", "all")
    if state not in queries.WHICH:
        raise InvalidInput(
            f"授权状态应为 {'、'.join(queries.WHICH)} 之一，实为“{str(state)[:40]}”。",
            f"Expected one of {', '.join(queries.WHICH)}, found {str(state)[:40]!r}.",
        )
    found, total = engine().queries.search(
        queries.search, acting(), state, where.get("resourceKey"), limit, offset
    )
    items = [
        {
            "grantKey": str(row.key),
            "state": row.state,
            "end": row.how or None,
            "businessId": row.business_id,
            "resourceKey": str(row.resource_key),
            "resourceCode": row.code,
            "resourceName": row.resource,
            "usingDepartment": row.user,
            "providingDepartment": row.provider,
            "dataItems": list(row.items),
            "conditions": row.conditions,
            "validFrom": row.begins.isoformat() if row.begins else None,
            "validUntil": row.until.isoformat() if row.until else None,
        }
        for row in found
    ]
    return shapes.page(items, total)
