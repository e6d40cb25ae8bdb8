"""Which resources are being verified (R13-13)."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.errors import InvalidInput
from engine.queries.flags import flag_search
from web.api import shapes
from web.api.body import search
from web.engine import engine
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the route on the API's blueprint."""
    bp.post("/resource-flags/search")(find_flags)


def find_flags() -> ResponseReturnValue:
    """Search the hints 正在校核, of one resource by `resourceKey` or of all."""
    where, limit, offset = search()
    if unknown := sorted(set(where) - {"resourceKey"}):
        raise InvalidInput(
            f"不能按 {'、'.join(unknown)} 筛选，可用 resourceKey。",
            f"Expected the filter resourceKey, found {', '.join(unknown)}.",
        )
    found, total = engine().queries.search(flag_search, acting(), where.get("resourceKey"), limit, offset)
    items = [
        {
            "resourceFlagKey": str(flag.key),
            "resourceKey": str(flag.resource_key),
            "resourceName": flag.resource_name,
            "dataItems": list(flag.data_items),
            "recordCount": flag.records,
            "since": shapes.at(flag.since),
            "processInstanceKey": str(flag.instance_key) if flag.instance_key else None,
        }
        for flag in found
    ]
    return shapes.page(items, total)
