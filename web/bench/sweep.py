"""Very many limits that run out at one instant: how fast they drain, and what people at work notice of it."""

import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, update

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import BEGIN, Desk
from engine.demo.seed import seed
from engine.storage.tables import event, timer
from web.bench.copies import copy_case, delivered
from web.bench.step import prepared
from web.config import Settings

_SAMPLE = 300
_AT_WORK = 100


def measure_sweep(folder: Path, timers: int, url: str = "", workers: int = 1) -> dict[str, Any]:
    """Return how fast limits drain, beside the same command handled one by one, and completions meanwhile.

    The cases are copies of one delivered application whose reply is owed; at the instant all are overdue.

    Args:
        url: An empty PostgreSQL database; SQLite without, where one process is all there may be.
        workers: Processes that sweep.
    """
    where = url or folder / "sweep.db"
    engine = _open(where, BEGIN)
    seed(engine)
    desk = Desk(engine)
    original = delivered(desk)
    with engine.database.writing() as conn:
        conn.execute(delete(timer).where(timer.c.instance_key == original, timer.c.kind != "expiry"))
        due: datetime = conn.execute(
            select(timer.c.fires_at).where(timer.c.instance_key == original)
        ).scalar_one()
    copy_case(engine, original, timers + _SAMPLE - 1)
    later = due + timedelta(hours=1)
    with engine.database.writing() as conn:  # a tenth runs out an hour later, with people at work
        last = select(timer.c.key).order_by(timer.c.key.desc()).limit(timers // 10)
        conn.execute(update(timer).where(timer.c.key.in_(last)).values(fires_at=later, not_before=later))
    at_work = prepared(desk, 2 * _AT_WORK)
    engine.close()

    engine = _open(where, due)
    with engine.database.reading() as conn:
        keys = list(conn.execute(select(timer.c.key).order_by(timer.c.key).limit(_SAMPLE)).scalars())
    alone = _seconds_each([c.TriggerTimer(actor=None, timer_key=key) for key in keys], engine)
    idle = _percentiles(_times(at_work[:_AT_WORK], engine))
    took = _drain(engine, url, due, workers)
    assert isinstance(engine.clock, FixedClock)
    engine.clock.set(later)
    busy: list[float] = []
    people = threading.Thread(target=lambda: busy.extend(_times(at_work[_AT_WORK:], engine, pause=0.05)))
    people.start()
    _drain(engine, url, later, workers)
    people.join()
    with engine.database.reading() as conn:
        fired = select(func.count()).select_from(event).where(event.c.type == "DeadlineExpired")
        expired = conn.execute(fired).scalar_one()
        left = conn.execute(
            select(func.count()).select_from(timer).where(timer.c.fires_at <= later)
        ).scalar_one()
    engine.close()
    each = took / (timers - timers // 10)
    return {
        "database": "postgresql" if url else "sqlite",
        "timers": timers,
        "workers": workers,
        "expired": expired - _SAMPLE,
        "left": left,
        "seconds": round(took, 1),
        "milliseconds_each": round(each * 1000, 2),
        "command_alone_milliseconds": round(alone * 1000, 2),
        "ratio_to_command_alone": round(each / alone, 2),
        "completion_milliseconds_idle": idle,
        "completion_milliseconds_meanwhile": _percentiles(busy),
    }


def _drain(engine: Engine, url: str, at: datetime, workers: int) -> float:
    begun = time.perf_counter()
    others = [_worker(url, at) for _ in range(workers - 1)]
    while engine.sweep():
        pass
    for other in others:
        other.wait()
    return time.perf_counter() - begun


def sweep_only(url: str, at: str) -> int:
    """Sweep until nothing is due; what a further worker does."""
    engine = _open(url, datetime.fromisoformat(at))
    done = 0
    while found := engine.sweep():
        done += found
    engine.close()
    return done


def _worker(url: str, at: datetime) -> "subprocess.Popen[bytes]":
    code = "import sys; from web.bench.sweep import sweep_only; sweep_only(*sys.argv[1:])"
    return subprocess.Popen([sys.executable, "-c", code, url, at.isoformat()])


def _open(where: Path | str, at: datetime) -> Engine:
    return Engine(where, Settings().notices, clock=FixedClock(at), rehearsal=True)


def _seconds_each(commands: list[c.Command], engine: Engine) -> float:
    begun = time.perf_counter()
    for command in commands:
        engine.handle(command)
    return (time.perf_counter() - begun) / len(commands)


def _times(commands: list[c.CompleteTask], engine: Engine, pause: float = 0.0) -> list[float]:
    taken = []
    for command in commands:
        begun = time.perf_counter()
        engine.handle(command)
        taken.append(time.perf_counter() - begun)
        time.sleep(pause)
    return taken


def _percentiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        p: round(ordered[int(len(ordered) * share)] * 1000, 1) for p, share in (("p50", 0.5), ("p95", 0.95))
    }
