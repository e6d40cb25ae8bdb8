"""Playing a long history: what reading it costs, and what the tokens; in time of the processor."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import select

from engine.app import Engine
from engine.clock import FixedClock
from engine.definitions import load_definition
from engine.demo.cases import BEGIN, Desk, begin, fill
from engine.demo.seed import seed
from engine.history.chain import parse
from engine.mining.graph import Graph
from engine.mining.playback import play
from engine.storage.tables import event
from web.config import Settings

_ROUNDS = 15


def measure_playback(folder: Path, events: int) -> dict[str, Any]:
    """Return milliseconds for a case that goes round between two desks until it has so many events."""
    engine = Engine(folder / "playback.db", Settings().notices, clock=FixedClock(BEGIN), rehearsal=True)
    seed(engine)
    desk = Desk(engine)
    key = begin(desk, 1)
    bodies = select(event.c.body).where(event.c.stream == key).order_by(event.c.seq)
    read: list[bytes] = []
    while len(read) < events:
        fill(desk, key, 1)
        desk.do(key, "T12-02", {"decision": "return", "comment": "请补充用途说明。"})
        with engine.database.reading() as conn:
            read = [bytes(body) for body in conn.execute(bodies).scalars()]
    with engine.database.reading() as conn:
        history = [parse(body) for body in read[:events]]
        definition = load_definition(conn, history[0].event.definition_key)  # type: ignore[attr-defined]
        found = {
            "events": events,
            "kilobytes": round(sum(map(len, read[:events])) / 1000),
            "graph_ms": _ms(lambda: Graph(definition.process)),
            "parse_ms": _ms(lambda: [parse(body) for body in read[:events]]),
            "play_ms": _ms(lambda: play(history, lambda of: definition)),
            "fitness": play(history, lambda of: definition).fitness,
        }
    engine.close()
    return found


def _ms(act: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        act()
        times.append(time.process_time() - begun)
    return round(median(times) * 1000, 1)
