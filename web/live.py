"""Server-sent events: hints that something on an open page may have changed."""

import time
from collections.abc import Iterator

from flask import Blueprint, Response, g, request

from engine.accounts import Accounts
from engine.inbox_rows import of_person
from engine.live import Live
from engine.queries.inbox import watched
from web.engine import engine
from web.keys import MAX_KEY
from web.security import acting

bp = Blueprint("live", __name__)
BEAT = 15.0
"""Seconds between two signs of life; a browser that went away is noticed by them."""
MOST = 500
"""Streams at once; a page beyond them asks from time to time instead."""
OWN = 20
"""Streams at once of one person, so that nobody takes them all."""
LONGEST = 600.0
"""Seconds after which the stream ends and the browser asks anew, with the rights and the session of then."""


@bp.get("/live")
def hints() -> Response:
    """Send `inbox` when a box of the reader may have changed, `task` when the task open in the page may have.

    The stream begins with `hello`: the page looks once, for what happened while nobody listened.
    """
    actor = acting()
    own = engine().live.count_of(of_person(actor.user_key))
    if engine().live.count >= MOST or own >= OWN:
        return Response(status=503, headers={"Retry-After": "30"})
    wanted = request.args.get("task", "")
    case = None
    if wanted.isdigit() and int(wanted) <= MAX_KEY:
        case = engine().queries.task_case(actor, int(wanted))
    return Response(
        _stream(
            engine().live, engine().accounts, g.session_token, engine().queries.search(watched, actor), case
        ),
        mimetype="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


def _stream(live: Live, accounts: Accounts, token: str, held_by: set[str], case: int | None) -> Iterator[str]:
    ends = time.monotonic() + LONGEST
    with live.watching(held_by, case) as watcher:
        yield "retry: 3000\nevent: hello\ndata:\n\n"
        while not live.stopped and time.monotonic() < ends and accounts.actor(token) is not None:
            told = watcher.wait(BEAT)
            yield "".join(f"event: {hint}\ndata:\n\n" for hint in sorted(told)) or ": still here\n\n"
