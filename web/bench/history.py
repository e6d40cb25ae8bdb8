"""Checking an export beside bare hashing of the same bytes, and sealing many streams."""

import hashlib
import time
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import BEGIN, Desk, deliver
from engine.demo.seed import seed
from engine.history import export
from engine.history.algorithm import ALGORITHMS, SHA256, Algorithm
from engine.history.chain import GENESIS, link
from engine.history.verify import verify
from web.config import Settings


def measure_verify(folder: Path, events: int) -> dict[str, Any]:
    """Return events per second for each hash; the bodies are those of a delivered application, repeated."""
    engine, desk = _engine(folder)
    key = delivered(desk)
    with engine.database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT body FROM event WHERE stream = ? ORDER BY seq", (key,))
        bodies = [bytes(row[0]) for row in rows]
    engine.close()
    return {
        "events": events,
        **{a.name: _verify(folder, bodies, events, key, a) for a in ALGORITHMS.values()},
    }


def _verify(folder: Path, bodies: list[bytes], events: int, key: int, algorithm: Algorithm) -> dict[str, Any]:
    case = orjson.loads(bodies[0])["data"]["business_id"]
    path = folder / f"{algorithm.name}{export.SUFFIX}"
    numbered = []
    previous = GENESIS
    # Every event is as late as the last one, so that the repeated bodies do not run backwards.
    last = orjson.loads(bodies[-1])["recorded_at"]
    for seq, body in enumerate(islice(cycle(bodies), events), start=1):
        found = {**orjson.loads(body), "seq": seq, "recorded_at": last}
        made = orjson.dumps(found, option=orjson.OPT_SORT_KEYS)
        previous = link(previous, made, algorithm)
        numbered.append((made, previous))
    with path.open("wb") as file:
        file.writelines(export.lines(algorithm, case, key, BEGIN, numbered, [], []))
    begun = time.perf_counter()
    with path.open("rb") as opened:
        report = verify(opened)
    took = time.perf_counter() - begun
    begun = time.perf_counter()
    previous = GENESIS
    for body, _ in numbered:
        previous = algorithm.digest(previous + body)
    bare = time.perf_counter() - begun
    return {
        "verified": report.events,
        "megabytes": round(path.stat().st_size / 1e6, 1),
        "events_per_second": round(events / took),
        "bare_hashing_per_second": round(events / bare),
        "ratio_to_bare_hashing": round(bare / took, 2),
    }


def measure_seal(folder: Path, streams: int) -> dict[str, Any]:
    """Return seconds of the first seal of so many streams, of one after some grew, of one without events."""
    engine, _ = _engine(folder)
    rows = [(1000 + n, hashlib.sha256(str(n).encode()).digest()) for n in range(streams)]
    with engine.database.writing() as conn:
        conn.exec_driver_sql("INSERT INTO stream_head (stream, seq, hash) VALUES (?, 1, ?)", rows)
        conn.exec_driver_sql(
            "INSERT INTO event (stream, seq, type, body, hash) VALUES (?, 1, 'InstanceStarted', x'7b7d', ?)",
            rows,
        )
    clock = engine.clock
    assert isinstance(clock, FixedClock)
    times = []
    for grown in (0, min(1000, streams), 0):
        with engine.database.writing() as conn:
            conn.exec_driver_sql(
                "UPDATE stream_head SET seq = seq + 1 WHERE stream BETWEEN 1000 AND ?", (999 + grown,)
            )
        day = clock.now().astimezone(BEGIN.tzinfo).date()
        clock.set(clock.now() + timedelta(days=1))
        begun = time.perf_counter()
        engine.handle(c.SealDay(actor=None, day=day, id=f"seal:{day}"))
        times.append(time.perf_counter() - begun)
    size = (folder / "history.db").stat().st_size
    engine.close()
    leaf = SHA256.start
    begun = time.perf_counter()
    for _ in rows:
        leaf(b"\x00" + bytes(64)).digest()
        leaf(b"\x01" + bytes(64)).digest()
    bare = time.perf_counter() - begun
    return {
        "streams": streams,
        "first_seal_seconds": round(times[0], 2),
        "bare_hashing_of_a_tree_seconds": round(bare, 2),
        "seal_after_1000_grew_seconds": round(times[1], 3),
        "seal_without_events_seconds": round(times[2], 3),
        "database_megabytes": round(size / 1e6, 1),
    }


def _engine(folder: Path) -> tuple[Engine, Desk]:
    engine = Engine(folder / "history.db", Settings().notices, clock=FixedClock(BEGIN), rehearsal=True)
    seed(engine)
    return engine, Desk(engine)


def delivered(desk: Desk) -> int:
    """Deliver an application and return its key."""
    steps = deliver(desk, 1)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return int(end.value)
