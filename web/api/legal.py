"""What Camunda lacks: deadlines and histories."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine.errors import NotSignedIn
from engine.queries import search as searches
from web.api import shapes
from web.api.body import body, search
from web.engine import engine
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/deadlines/search")(deadlines)
    bp.get("/deadlines/<int:key>")(get_deadline)
    bp.get("/history/<int:key>")(history)
    bp.post("/token")(token)


def deadlines() -> ResponseReturnValue:
    """Search time limits."""
    where, limit, offset = search()
    rows, total = engine().queries.search(searches.deadlines, acting(), where, limit, offset)
    return shapes.page([shapes.deadline(row) for row in rows], total)


def get_deadline(key: int) -> ResponseReturnValue:
    """Return one time limit: its terms, every move, and its explanation as counted then and by today's calendar."""
    rows, _ = engine().queries.search(searches.deadlines, acting(), {"deadlineKey": key}, 1, 0)
    view = engine().queries.deadline(acting(), key)
    return shapes.deadline(rows[0]) | shapes.explained(view)


def history(key: int) -> ResponseReturnValue:
    """Return the event log of a case: each body as it was hashed, so that anybody can check the chain."""
    events, broken = engine().queries.search(searches.history, acting(), key)
    name = engine().algorithm.name
    return {"processInstanceKey": str(key), "algorithm": name, "firstBreak": broken, "items": events}


def token() -> ResponseReturnValue:
    """Trade user name and password for a bearer token."""
    data = body("username", "password")
    username, password = data.get("username"), data.get("password")
    if not isinstance(username, str) or not isinstance(password, str):
        raise NotSignedIn("请给出用户名和密码。", "Expected a user name and a password.")
    opened = engine().accounts.sign_in(username, password, request.remote_addr or "")
    return {"access_token": opened, "token_type": "Bearer"}
