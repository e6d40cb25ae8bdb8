"""The first and a later page of a department's inbox, with a thousand and with a million open tasks."""

import time
from pathlib import Path
from typing import Any

from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import BEGIN
from engine.people import Actor
from web.config import Settings

_LANES = 200  # skewed: the first hold most
_ROUNDS = 300
_GROUPS = 5


def measure_inbox(folder: Path, sizes: tuple[int, ...]) -> dict[str, Any]:
    """Return p50 and p99 milliseconds of a page for each number of open tasks, and the ratio of the p99s."""
    found: dict[str, Any] = {}
    for size in sizes:
        engine = Engine(
            folder / f"{size}.db", Settings().notices, clock=FixedClock(BEGIN), rehearsal=True, durable=False
        )
        _fill(engine, size)
        found[str(size)] = _measure(engine)
        engine.close()
    first, last = (found[str(size)]["p99_ms"] for size in (sizes[0], sizes[-1]))
    return {"open_tasks": found, "p99_ratio": round(last / first, 2)}


def _measure(engine: Engine) -> dict[str, float]:
    roles = frozenset((org, "handler") for org in range(1, _GROUPS + 1))
    actor = Actor(1, "bench", "bench", 1, "bench", roles)
    after = engine.queries.inbox(actor, "department").next or ""
    times = []
    for n in range(_ROUNDS):
        begun = time.perf_counter()
        page = engine.queries.inbox(actor, "department", after if n % 2 else "")
        times.append((time.perf_counter() - begun) * 1000)
        if len(page.rows) != 20:
            raise RuntimeError(f"Expected a page of 20 rows, found {len(page.rows)}")
    times.sort()
    return {"p50_ms": round(times[len(times) // 2], 2), "p99_ms": round(times[int(len(times) * 0.99)], 2)}


def _fill(engine: Engine, size: int) -> None:
    """Write open tasks as rows; lane n has about one in n squared of them."""
    series = f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {size})"
    lane = f"1 + CAST({_LANES} * ((n * 7919) % 1000) / 1000.0 * ((n * 104729) % 1000) / 1000.0 AS INTEGER)"
    due = "strftime('%Y-%m-%dT%H:%M:%S.000000Z', '2026-04-01', '+' || ((n * 31) % 86400) || ' minutes')"
    with engine.database.writing() as conn:
        for key in (1, 2):
            conn.exec_driver_sql(
                "INSERT INTO organisation (key, code, kind, level, area, managing, name)"
                f" VALUES ({key}, '{key}', 'government', 'province', 'bench', 0, 'bench')"
            )
        for statement in (
            "INSERT INTO process_instance (key, definition_key, process_id, business_id, title, state, using_key,"
            " providing_key, started_by, started_at, overdue, late, variables, incidents) SELECT n, 1, 'bench', 'B-' || n,"
            " 'bench', 'running', 1, 2, 1, '2026-04-01T00:00:00.000000Z', 0, 0, x'', 0",
            "INSERT INTO user_task (key, instance_key, token, element_id, name, organisation_key, role, lane, scope,"
            f" state, created_at) SELECT n, n, n, 'T', 'bench', {lane}, 'handler', 'prov.handler', '', 'open',"
            " '2026-04-01T00:00:00.000000Z'",
            f"INSERT INTO task_inbox (holder, due_at, task_key) SELECT 'g:' || ({lane}) || ':handler', {due}, n",
        ):
            conn.exec_driver_sql(f"{statement} FROM ({series} SELECT n FROM s)")
