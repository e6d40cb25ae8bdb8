"""Checking a whole database beside reading and hashing the same rows, and nothing else."""

import time
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import BEGIN, Desk
from engine.demo.seed import seed
from engine.history.algorithm import Algorithm
from engine.history.chain import GENESIS, link
from engine.integrity import check_database, read_only
from engine.storage.packing import unpack
from engine.storage.tables import event, stream_head
from web.bench.history import delivered
from web.config import Settings

_PER_STREAM = 90  # events of a finished application
_BATCH = 20_000


def measure_database(folder: Path, events: int, database: str = "") -> dict[str, Any]:
    """Return seconds for so many events in streams of 90, sealed once."""
    where: Path | str = database or folder / "integrity.db"
    clock = FixedClock(BEGIN)
    engine = Engine(where, Settings().notices, clock=clock, rehearsal=True, durable=False)
    seed(engine)
    key = delivered(Desk(engine))
    with engine.database.reading() as conn:
        bodies = list(
            conn.execute(select(event.c.body).where(event.c.stream == key).order_by(event.c.seq)).scalars()
        )
    with engine.database.writing() as conn:
        _fill(conn, bodies, events, engine.algorithm)
    day = clock.now().astimezone(BEGIN.tzinfo).date()
    clock.set(clock.now() + timedelta(days=1))
    engine.handle(c.SealDay(actor=None, day=day, id=f"seal:{day}"))
    engine.close()
    with read_only(where) as (conn, algorithm):
        begun = time.perf_counter()
        checked = check_database(conn, algorithm)
        took = time.perf_counter() - begun
        begun = time.perf_counter()
        count = _bare(conn, algorithm)
        bare = time.perf_counter() - begun
    assert checked.whole, checked.findings[:3]
    return {
        "database": "PostgreSQL" if database else "SQLite",
        "events": checked.events,
        "streams": checked.streams,
        "seconds": round(took, 2),
        "events_per_second": round(checked.events / took),
        "reading_and_hashing_seconds": round(bare, 2),
        "ratio_to_reading_and_hashing": round(bare / took * checked.events / count, 2),
    }


def _fill(conn: Connection, bodies: list[bytes], events: int, algorithm: Algorithm) -> None:
    """Add streams like the delivered application, with whole chains; events whose place nobody looks for."""
    told = [orjson.loads(body) for body in bodies]
    rows: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    for stream in range(1000, 1000 + events // _PER_STREAM):
        previous = GENESIS
        for seq, one in enumerate(islice(cycle(told), _PER_STREAM), start=1):
            body = orjson.dumps({**one, "stream": str(stream), "seq": seq}, option=orjson.OPT_SORT_KEYS)
            previous = link(previous, body, algorithm)
            rows.append({"stream": stream, "seq": seq, "type": one["type"], "body": body, "hash": previous})
        heads.append({"stream": stream, "seq": _PER_STREAM, "hash": previous})
        if len(rows) >= _BATCH:
            conn.execute(insert(event), rows)
            rows.clear()
    if rows:
        conn.execute(insert(event), rows)
    conn.execute(insert(stream_head), heads)


def _bare(conn: Connection, algorithm: Algorithm) -> int:
    """Read every row in the order of its stream and hash it: what no check can do without."""
    postgresql = conn.dialect.name == "postgresql"
    rows = conn.exec_driver_sql(
        "SELECT body, hash FROM event ORDER BY stream, seq",
        execution_options={"stream_results": postgresql, "yield_per": 5000},
    )
    count, previous = 0, GENESIS
    for body, digest in rows:
        algorithm.digest(previous + unpack(body))
        previous, count = bytes(digest), count + 1
    return count
