"""Completions per second through `Engine.handle`, durable, against raw commits of the same bytes."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.answers import application
from engine.demo.cases import BEGIN, PROCESS, Desk
from engine.demo.seed import seed
from engine.periods import beijing_day
from web.config import Settings

_THREADS = 16


def measure_steps(folder: Path, cases: int, url: str = "") -> dict[str, Any]:
    """Return completions per second with one and with many clients, and the raw limits beside.

    A completion is the hand-in of the first form: validation, two elements, about a dozen events, snapshot.

    Args:
        url: An empty PostgreSQL database; SQLite without.
    """
    engine = Engine(
        url or folder / "step.db", Settings().notices, clock=FixedClock(BEGIN), rehearsal=True, durable=True
    )
    seed(engine)
    desk = Desk(engine)
    single, many = prepared(desk, cases), prepared(desk, cases)
    before = _events(engine)
    alone = _rate(single, lambda command: engine.handle(command), 1)
    events_per_step = (_events(engine) - before) / cases
    together = _rate(many, lambda command: engine.handle(command), _THREADS)
    row_bytes = _mean_event_bytes(engine)
    engine.close()
    rows = round(events_per_step)
    if url:
        one, grouped = (_raw_server(url, cases, rows, row_bytes, clients) for clients in (1, _THREADS))
    else:
        one = _raw(folder / "raw1.db", cases, rows, row_bytes, 1)
        grouped = _raw(folder / "raw16.db", cases, rows, row_bytes, _THREADS)
    many_raw = f"{_THREADS}_clients" if url else f"{_THREADS}_per_commit"
    return {
        "database": "postgresql" if url else "sqlite",
        "cases": cases,
        "events_per_completion": round(events_per_step, 1),
        "completions_per_second_1_client": round(alone, 1),
        f"completions_per_second_{_THREADS}_clients": round(together, 1),
        "raw_database_commits_per_second_1_per_commit": round(one, 1),
        f"raw_database_steps_per_second_{many_raw}": round(grouped, 1),
        "share_of_raw_limit_1_client": round(alone / one, 3),
        f"share_of_raw_limit_{_THREADS}_clients": round(together / grouped, 3),
    }


def prepared(desk: Desk, cases: int) -> list[c.CompleteTask]:
    """Open applications and return the hand-ins of their first forms."""
    with desk.engine.database.reading() as conn:
        entries = conn.exec_driver_sql(
            "SELECT key, provider_key FROM catalogue_entry WHERE sharing_type = 'conditional'"
        ).all()
        orgs = (
            conn.exec_driver_sql(
                "SELECT key FROM organisation WHERE NOT managing AND kind <> 'government_office'"
            )
            .scalars()
            .all()
        )
    commands = []
    for n in range(cases):
        entry = entries[n % len(entries)]
        org = next(o for o in orgs[n % 5 :] if o != entry.provider_key)
        actor = desk.actor(org, "handler")
        answer = desk.engine.handle(c.StartInstance(actor=actor, process_id=PROCESS, resource_key=entry.key))
        resource = desk.variables(int(answer["instance_key"]))["resource"]
        values = application(resource, beijing_day(desk.now), n)
        commands.append(c.CompleteTask(actor=actor, task_key=int(answer["user_task_key"]), values=values))
    return commands


def _rate(commands: list[c.CompleteTask], act: Any, threads: int) -> float:
    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(act, commands))
    return len(commands) / (time.perf_counter() - begun)


def _events(engine: Engine) -> int:
    with engine.database.reading() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM event").scalar_one())


def _mean_event_bytes(engine: Engine) -> int:
    with engine.database.reading() as conn:
        return int(conn.exec_driver_sql("SELECT avg(length(body)) FROM event").scalar_one())


def _raw(path: Path, steps: int, rows: int, size: int, per_commit: int) -> float:
    """Return steps per second of bare inserts and one update each, with the same pragmas."""
    conn = pysqlite3.connect(str(path), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536"):
        conn.execute(f"PRAGMA {pragma}")
    conn.execute("CREATE TABLE event (stream INTEGER, seq INTEGER, body BLOB, PRIMARY KEY (stream, seq))")
    conn.execute("CREATE TABLE state (key INTEGER PRIMARY KEY, data BLOB)")
    body, state = b"x" * size, b"y" * 3000
    begun = time.perf_counter()
    for first in range(0, steps, per_commit):
        conn.execute("BEGIN IMMEDIATE")
        for n in range(first, min(first + per_commit, steps)):
            conn.executemany("INSERT INTO event VALUES (?, ?, ?)", [(n, seq, body) for seq in range(rows)])
            conn.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (n, state))
        conn.execute("COMMIT")
    rate = steps / (time.perf_counter() - begun)
    conn.close()
    return rate


def _raw_server(url: str, steps: int, rows: int, size: int, clients: int) -> float:
    """Return steps per second of the same rows in one transaction each, through the driver alone."""
    body, state = b"x" * size, b"y" * 3000
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP TABLE IF EXISTS raw_event, raw_state")
        conn.execute("CREATE TABLE raw_event (stream bigint, seq int, body bytea, PRIMARY KEY (stream, seq))")
        conn.execute("CREATE TABLE raw_state (key bigint PRIMARY KEY, data bytea)")

    def work(first: int) -> None:
        with psycopg.connect(url) as conn:
            for n in range(first, steps, clients):
                with conn.transaction(), conn.cursor() as cursor:
                    cursor.executemany(
                        "INSERT INTO raw_event VALUES (%s, %s, %s)", [(n, seq, body) for seq in range(rows)]
                    )
                    cursor.execute("INSERT INTO raw_state VALUES (%s, %s)", (n, state))

    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, range(clients)))
    rate = steps / (time.perf_counter() - begun)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP TABLE raw_event, raw_state")
    return rate
