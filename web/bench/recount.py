"""A notice that moves many running limits: preview, confirmation, recount."""

import statistics
import time
from datetime import date
from pathlib import Path
from typing import Any

import pysqlite3

from engine import commands as c
from engine.app import Engine
from engine.calendar import Holiday, Layer, Notice
from engine.clock import FixedClock
from engine.demo.cases import BEGIN, Desk
from engine.demo.seed import seed
from engine.queries import calendar as pages
from web.bench.copies import copy_case, delivered
from web.config import Settings

_CLOSED = date(2026, 4, 15)
_NOTICE = Notice(
    id="bench-area",
    kind="rule",
    year=2026,
    title="测量用地方规定",
    doc_no="测量〔2026〕1号",
    published=date(2026, 4, 13),
    holidays=(Holiday("停止办公", (_CLOSED,), ()),),
    layer=Layer.AREA,
    scope="辽宁省",
)


def measure_recount(folder: Path, cases: int) -> dict[str, Any]:
    """Return seconds and milliseconds a case, and that each limit moved once.

    The cases are copies of one delivered application, each with its own running limit and timers.
    """
    engine = Engine(folder / "recount.db", Settings().notices, clock=FixedClock(BEGIN), rehearsal=True)
    seed(engine)
    desk = Desk(engine)
    original = delivered(desk)
    copy_case(engine, original, cases - 1)
    office = _count(engine, "SELECT organisation_key FROM user_role WHERE role = 'admin' LIMIT 1")
    first = desk.actor(office, "admin")
    second = desk.actor(office, "admin", other_than=first.user_key)
    entered = engine.handle(c.EnterCalendarNotice(actor=first, notice=_NOTICE))
    key = int(entered["calendar_notice_key"])
    begun = time.perf_counter()
    foreseen = len(engine.queries.search(pages.notice, second, key).moves)
    preview = time.perf_counter() - begun
    begun = time.perf_counter()
    engine.handle(c.ConfirmCalendarNotice(actor=second, calendar_notice_key=key))
    confirm = time.perf_counter() - begun
    begun = time.perf_counter()
    while engine.sweep():
        pass
    took = time.perf_counter() - begun
    view = engine.queries.search(pages.notice, second, key).recount
    events = _count(engine, "SELECT count(*) FROM event WHERE type = 'DeadlineRecounted'")
    twice = _count(
        engine,
        "SELECT count(*) FROM (SELECT deadline_key FROM deadline_move GROUP BY deadline_key HAVING count(*) > 1)",
    )
    raw = _raw(folder / "raw.db", min(cases, 2000))
    engine.close()
    return {
        "cases": cases,
        "limits_foreseen": foreseen,
        "limits_moved": events,
        "moved_twice": twice,
        "failed": len(view.failures) if view else 0,
        "preview_seconds": round(preview, 2),
        "confirm_milliseconds": round(confirm * 1000, 1),
        "recount_seconds": round(took, 1),
        "milliseconds_per_case": round(took * 1000 / cases, 2),
        "raw_commit_milliseconds": round(raw, 3),
        "ratio_to_raw_commit": round(took * 1000 / cases / raw, 1),
    }


def _count(engine: Engine, query: str) -> int:
    with engine.database.reading() as conn:
        return int(conn.exec_driver_sql(query).scalar_one())


def _raw(path: Path, commits: int) -> float:
    """Return milliseconds for a bare durable commit of six event-sized rows."""
    conn = pysqlite3.connect(str(path), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        conn.execute(f"PRAGMA {pragma}")
    conn.execute("CREATE TABLE event (stream INTEGER, seq INTEGER, body BLOB, PRIMARY KEY (stream, seq))")
    body = b"x" * 900
    times = []
    for n in range(commits):
        begun = time.perf_counter()
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany("INSERT INTO event VALUES (?, ?, ?)", [(n, seq, body) for seq in range(6)])
        conn.execute("COMMIT")
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000
