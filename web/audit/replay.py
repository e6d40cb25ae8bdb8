"""A case played again: the page, the data it plays, the sequence that is printed."""

import orjson
from flask import Response
from flask.typing import ResponseReturnValue

from engine.periods import beijing_day
from engine.queries.replay import replay
from engine.queries.replay.data import compact
from web.audit.base import auditing, bp, page
from web.audit.replay_words import DEVIATIONS, ENDS, MARKS, words
from web.engine import engine
from web.language import said


@bp.get("/cases/<int:key>/replay")
def replay_case(key: int) -> ResponseReturnValue:
    """Show a case to be played again; without a script it links to the printed sequence."""
    found = engine().queries.search(replay, auditing(), key)
    return page("replay", "", found=found, words=words(), ends=ENDS)


@bp.get("/cases/<int:key>/replay.json")
def replay_data(key: int) -> ResponseReturnValue:
    """Return what the page plays."""
    found = engine().queries.search(replay, auditing(), key)
    response = Response(orjson.dumps(compact(found, said)), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/cases/<int:key>/replay/print")
def print_replay(key: int) -> ResponseReturnValue:
    """Show the whole sequence, one block for each event, to be printed."""
    found = engine().queries.search(replay, auditing(), key)
    return page(
        "replay_print",
        "",
        found=found,
        ends=ENDS,
        marks=MARKS,
        deviations=DEVIATIONS,
        day_of=beijing_day,
        flows=dict.fromkeys(flow for step in found.steps for flow in step.taken),
    )
