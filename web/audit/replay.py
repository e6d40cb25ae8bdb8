"""A case played again: the page, the data it plays, the sequence that is printed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import orjson
from flask import Response
from flask.typing import ResponseReturnValue

from engine.periods import beijing_day
from engine.queries.replay import replay
from engine.queries.replay.data import compact
from engine.queries.replay.views import Phase, Replay, ReplayLimit, ReplayStep, Tenure
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
        blocks=tuple(_blocks(found)),
        flows=dict.fromkeys(flow for step in found.steps for flow in step.taken),
    )


@dataclass(frozen=True)
class Block:
    """An event as it is printed; what is as it was beside the one before is not printed again.

    Attributes:
        day: The Beijing day of the event.
    """

    step: ReplayStep
    day: date
    limits: tuple[tuple[ReplayLimit, Phase], ...] | None
    hand: tuple[Tenure, ...] | None


def _blocks(found: Replay) -> Iterator[Block]:
    before: tuple[object, object] = (None, None)
    for step in found.steps:
        day = beijing_day(step.occurred_at)
        limits, hand = found.limits_at(step.seq), found.in_hand(step.seq)
        stands = ([(day, limit.key, phase.seq) for limit, phase in limits], hand)
        yield Block(
            step, day, limits if stands[0] != before[0] else None, hand if stands[1] != before[1] else None
        )
        if not step.minor:
            before = stands
