"""Seals and exported histories."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine.queries import seals as queries
from web.engine import engine
from web.seals import civil, file, shape
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.get("/seals")(seals)
    bp.get("/seals/<day>")(seal)
    bp.get("/history/<int:key>/export")(export)


def seals() -> ResponseReturnValue:
    """List the sealed days, newest first; `page` from 1."""
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    found, total = engine().queries.search(queries.seals, acting(), page)
    return {"items": [shape(one) for one in found], "page": {"totalItems": total}}


def seal(day: str) -> ResponseReturnValue:
    """Return the seal of a day; the answer is a file for `shixian verify --head`."""
    return shape(engine().queries.search(queries.one, acting(), civil(day)))


def export(key: int) -> ResponseReturnValue:
    """Return a case's history as JSON lines; `since`: the day whose seal was published."""
    return file(key)
