"""What Camunda lacks: deadlines, histories, the calendar."""

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine.calendar_cli import explanation_data
from engine.errors import InvalidInput, NotSignedIn
from engine.explanation import explain
from engine.periods import Term
from engine.queries import search as searches
from web.api import shapes
from web.api.body import body, integer, search
from web.engine import engine
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/deadlines/search")(deadlines)
    bp.get("/history/<int:key>")(history)
    bp.get("/calendar/due")(due)
    bp.post("/token")(token)


def deadlines() -> ResponseReturnValue:
    """Search time limits."""
    where, limit, offset = search()
    rows, total = engine().queries.search(searches.deadlines, acting(), where, limit, offset)
    return shapes.page([shapes.deadline(row) for row in rows], total)


def history(key: int) -> ResponseReturnValue:
    """Return the event log of a case: each body as it was hashed, so that anybody can check the chain."""
    events, broken = engine().queries.search(searches.history, acting(), key)
    name = engine().algorithm.name
    return {"processInstanceKey": str(key), "algorithm": name, "firstBreak": broken, "items": events}


def due() -> ResponseReturnValue:
    """Count a limit: receivedAt (RFC 3339), days."""
    try:
        received = datetime.fromisoformat(request.args.get("receivedAt", ""))
        term = Term(integer(request.args.get("days"), "days", 1, 1000), _near(received))
    except (ValueError, OverflowError) as fault:
        raise InvalidInput(
            "receivedAt 应为带时区的时刻。", f"Expected an instant with a time zone: {fault}"
        ) from fault
    calendar = engine().calendar()
    return explanation_data(explain(term, calendar, "请求给定的天数"), calendar)


def _near(received: datetime) -> datetime:
    """Return the instant if the calendar may be asked about it; the working-day rules begin with 1949."""
    if not 1949 <= received.year <= 2099:
        raise InvalidInput(
            "请给出1949年至2099年之间的时刻。",
            f"Expected an instant in 1949 to 2099, found {received.isoformat()}.",
        )
    return received


def token() -> ResponseReturnValue:
    """Trade user name and password for a bearer token."""
    data = body("username", "password")
    username, password = data.get("username"), data.get("password")
    if not isinstance(username, str) or not isinstance(password, str):
        raise NotSignedIn("请给出用户名和密码。", "Expected a user name and a password.")
    opened = engine().accounts.sign_in(username, password, request.remote_addr or "")
    return {"access_token": opened, "token_type": "Bearer"}
