"""Statistics over many finished cases: every question, beside what the database needs to look at the rows once."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.app import Engine
from engine.clock import FixedClock
from engine.demo import bulk
from engine.demo.cases import END
from engine.people import Actor
from engine.queries import statistics as ask
from engine.statistics.selection import DIMENSIONS, EVERYTHING, Selection
from web.config import Settings

LIMIT_S = 2.0
_ROUNDS = 5
_PROCEDURE = "ln_art12_application"
_NARROW = Selection(procedure=_PROCEDURE, level="city", month_from="2025-01", month_until="2025-12")
_FIGURES = ("cases", "on_time.not", "element:M12-4", "late:T12-07", "waiting:T12-07")
_READERS = {"auditor": "audit", "managing department": "ysj.jb"}


def measure_statistics(folder: Path, cases: int, database: str = "") -> dict[str, Any]:
    """Return milliseconds of every question (median of five, and the slowest), and how fast the cases were made.

    Args:
        folder: Where the file is, or will be: one that is there already is asked again.
        database: A PostgreSQL database, empty or made by an earlier run; an SQLite file without.
    """
    where = database or folder / "statistics.db"
    fresh = not database and not (folder / "statistics.db").exists()
    clock = FixedClock(bulk.beginning() if fresh or database else END)
    engine = Engine(where, Settings().notices, clock=clock, rehearsal=True, durable=False)
    made: dict[str, Any] = {}
    if not engine.queries.has_people():
        bulk.begin(engine)
        begun = time.perf_counter(), time.process_time()
        for _ in bulk.copy_cases(engine, cases):
            pass
        took = time.perf_counter() - begun[0], time.process_time() - begun[1]
        made = {
            "copied_s": round(took[0], 1),
            "copied_cpu_s": round(took[1], 1),
            "copies_per_minute": round(cases / took[0] * 60),
        }
    clock.set(END)
    while not engine.statistics.catch_up(10):
        pass
    found = {reader: _asked(engine, engine.accounts.actor_named(name)) for reader, name in _READERS.items()}
    rows = {name: _count(engine, name) for name in ("case_fact", "visit_fact", "case_path", "event")}
    floor = {
        "count_cases_ms": _times(lambda: _scan(engine, "case_fact"))["p50_ms"],
        "count_visits_ms": _times(lambda: _scan(engine, "visit_fact"))["p50_ms"],
    }
    engine.close()
    slowest = max(its["max_ms"] for answers in found.values() for its in answers.values())
    return {
        "limit_s": LIMIT_S,
        "slowest_s": round(slowest / 1000, 2),
        "rows": rows,
        **made,
        "raw": floor,
        "questions": found,
    }


def _asked(engine: Engine, actor: Actor) -> dict[str, dict[str, float]]:
    def times(question: Callable[..., Any], *args: Any) -> dict[str, float]:
        return _times(lambda: engine.queries.search(question, actor, *args))

    versions = engine.queries.search(ask.choices, actor).versions
    version = int(next(key for key, process_id, _ in versions if process_id == _PROCEDURE))
    found = {"choices": times(ask.choices)}
    for name, selection in {"all": EVERYTHING, "narrowed": _NARROW}.items():
        found[f"overview, {name}"] = times(ask.overview, selection)
        for dimension in DIMENSIONS:
            found[f"by {dimension}, {name}"] = times(ask.by, selection, dimension)
        found[f"heat, {name}"] = times(ask.heat, selection, version)
        found[f"variants, {name}"] = times(ask.variants, selection)
        found[f"bottlenecks, {name}"] = times(ask.bottlenecks, selection)
        for figure in _FIGURES:
            found[f"cases behind {figure}, {name}"] = times(ask.cases_behind, selection, figure)
    found["a page of a file"] = times(ask.cases_behind, EVERYTHING, "cases", "", ask.FILE_PAGE)
    return found


def _times(act: Callable[[], Any]) -> dict[str, float]:
    times = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    return {"p50_ms": round(sorted(times)[_ROUNDS // 2], 1), "max_ms": round(max(times), 1)}


def _count(engine: Engine, table: str) -> int:
    with engine.database.reading() as conn:
        return int(conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def _scan(engine: Engine, table: str) -> int:
    """Look at every row once: no index holds the sum."""
    with engine.database.reading() as conn:
        return int(conn.exec_driver_sql(f"SELECT sum(seconds) FROM {table}").scalar_one())
