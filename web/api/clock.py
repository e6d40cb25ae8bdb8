"""The clock: read, moved in rehearsal, confirmed after a jump."""

from datetime import UTC, datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine import commands as c
from web.api import shapes
from web.api.body import body, integer
from web.api.user_tasks import command_id
from web.engine import engine
from web.security import acting

_LAST = 253_402_300_799_000  # the end of the year 9999, in milliseconds


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.get("/clock")(read_clock)
    bp.put("/clock")(pin_clock)
    bp.post("/clock/confirmation")(confirm_clock)


def read_clock() -> ResponseReturnValue:
    """Return the engine's time."""
    now, rehearsal, halted = shapes.at(engine().clock.now()), engine().rehearsal, engine().halted
    return {"now": now, "rehearsal": rehearsal, "halted": halted}


def pin_clock() -> ResponseReturnValue:
    """Move the rehearsal clock to `timestamp` (milliseconds); what became due runs before the answer."""
    stamp = integer(body("timestamp").get("timestamp"), "timestamp", 0, _LAST)
    engine().handle(c.SetClock(actor=acting(), at=datetime.fromtimestamp(stamp / 1000, UTC)))
    return "", 204


def confirm_clock() -> ResponseReturnValue:
    """Say, as an administrator, that the clock is right after it was set forward; limits run out again."""
    engine().handle(c.ConfirmClock(actor=acting(), id=command_id()))
    return "", 204
