"""What a finished application of Art. 12 leaves in the database, all tables and indexes."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pysqlite3

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import BEGIN, Desk, granted
from engine.demo.seed import seed
from web.config import Settings


def measure_size(folder: Path, cases: int) -> dict[str, Any]:
    """Return bytes a case, by table with its indexes; the cases are granted, used and ended on SQLite."""
    engine = Engine(
        folder / "size.db", Settings().notices, clock=FixedClock(BEGIN), rehearsal=True, durable=False
    )
    seed(engine)
    desk = Desk(engine)
    _play(desk, 0)  # what only the first case of a kind leaves
    before = _bytes(folder / "size.db", folder / "before.db")
    for n in range(1, cases + 1):
        _play(desk, n)
    after = _bytes(folder / "size.db", folder / "after.db")
    grown = {name: round((after[name] - before.get(name, 0)) / cases) for name in after}
    engine.close()
    return {
        "cases": cases,
        "bytes_per_case": sum(grown.values()),
        "by_table": dict(sorted(((k, v) for k, v in grown.items() if v), key=lambda item: -item[1])),
    }


def _play(desk: Desk, n: int) -> None:
    for pause in granted(desk, n):
        desk.engine.handle(c.SetClock(actor=None, at=desk.now + pause))


def _bytes(path: Path, copy: Path) -> dict[str, int]:
    """Return the bytes of each table with its indexes in a compacted copy of the database."""
    with closing(pysqlite3.connect(path)) as conn:
        conn.execute("VACUUM INTO ?", (str(copy),))
    # Only Python's own SQLite has the table of pages.
    with closing(sqlite3.connect(copy)) as reader:
        rows = reader.execute(
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_schema m ON m.name = s.name"
            " GROUP BY m.tbl_name"
        ).fetchall()
    return {str(name): int(size) for name, size in rows}
