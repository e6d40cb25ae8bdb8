"""Search over a million acts, and what a row of the access log costs the page that it is written for."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select, text

from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import BEGIN, Desk, deliver
from engine.demo.seed import DEMO_PASSWORD, seed
from engine.queries import history_search
from engine.storage import tables as t
from engine.storage.statements import add, put
from engine.trace.access import Shown
from engine.trace.acts import micros
from engine.trace.criteria import Criteria
from engine.trace.kinds import short
from web import create_app
from web.config import Settings
from web.security import COOKIE

_CASES, _PEOPLE, _ORGS = 10_000, 400, 60
_ROUNDS = 30
_PART = 20_000
_MINUTE = 60_000_000
_ASKED = {
    "the latest": Criteria(by="people"),
    "person": Criteria(person="演示"),
    "person and period": Criteria(person="mzt.jb", since="2026-02-01", until="2026-03-31"),
    "kind": Criteria(kinds=("extend",)),
    "kind and procedure": Criteria(kinds=("work",), process="bench_3"),
    "procedure that nobody follows": Criteria(process="bench_none"),
    "outside office hours": Criteria(off_hours=True),
    "on behalf, of a month": Criteria(on_behalf=True, since="2026-03-01", until="2026-03-31"),
    "recorded late, nobody": Criteria(late_minutes=600),
    "one case by number": Criteria(text="B-2026-777"),
    "text in every title": Criteria(text="公租房", kinds=("deliver",)),
    "element": Criteria(element="T12-04", kinds=("work",)),
}


def measure_trace(folder: Path, acts: int, database: str = "") -> dict[str, Any]:
    """Return milliseconds of searches over so many acts, and of pages with and without a row of the access log."""
    engine = Engine(
        database or folder / "trace.db",
        Settings().notices,
        clock=FixedClock(BEGIN),
        rehearsal=True,
    )
    seed(engine)
    key = int(_at_once(deliver(Desk(engine), 1)))
    pages = _access(engine, key)
    begun = time.perf_counter()
    _fill(engine, acts)
    filled = round(time.perf_counter() - begun, 1)
    auditor = engine.accounts.actor_named("audit")
    found = {
        name: _times(lambda asked=asked: engine.queries.search(history_search.acts, auditor, asked))  # type: ignore[misc]
        for name, asked in _ASKED.items()
    }
    later = f"{micros(BEGIN) - 200_000 * _MINUTE}.0"
    found["a page far back"] = _times(
        lambda: engine.queries.search(history_search.acts, auditor, Criteria(), later)
    )
    engine.close()
    return {"acts": acts, "filled_s": filled, "search": found, "access": pages}


def _access(engine: Engine, key: int) -> dict[str, Any]:
    """Return how long the case page takes with the log and without, and a note alone."""
    app = create_app(Settings(rehearsal=True), engine)
    client = app.test_client()
    client.set_cookie(COOKIE, engine.accounts.sign_in("audit", DEMO_PASSWORD, "127.0.0.1"))
    auditor = engine.accounts.actor_named("audit")
    with_log = _times(lambda: client.get(f"/cases/{key}"))
    noted = _times(lambda: engine.access_log.note(auditor, [Shown(key, "case", "page")]))
    row = {"user_key": 1, "saved_view_key": 1}
    bare = _times(lambda: engine.writer.write(lambda conn: put(conn, t.start_view, row)))
    engine.access_log.note = lambda actor, shown: None  # type: ignore[method-assign]
    without = _times(lambda: client.get(f"/cases/{key}"))
    return {"page": with_log, "page_without_a_row": without, "row_alone": noted, "one_row_committed": bare}


def _times(act: Callable[[], Any]) -> dict[str, float]:
    act()
    times = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return {"p50_ms": round(times[len(times) // 2], 2), "max_ms": round(times[-1], 2)}


def _fill(engine: Engine, acts: int) -> None:
    """Write acts as rows, one a minute back from the beginning, over cases and people in turn; all say the same."""
    with engine.database.reading() as conn:
        base = int(conn.execute(select(t.event.c.position).order_by(t.event.c.position.desc())).scalar() or 0)
        sample = conn.execute(select(t.event).where(t.event.c.type == "UserTaskCompleted")).first()
        case = conn.execute(select(t.process_instance)).first()
        people = list(conn.execute(select(t.user.c.key).order_by(t.user.c.key)).scalars())
    assert sample is not None and case is not None
    for rows in _parts(_cases(case)):
        _add(engine, t.process_instance, rows)
    body = {"type": sample.type, "body": sample.body, "hash": sample.hash}
    for numbers in _parts(iter(range(acts))):
        events = [{"stream": 10 + n % _CASES, "seq": 1 + n // _CASES, **body} for n in numbers]
        index = [_act(n, base + 1 + n, people) for n in numbers]
        _add(engine, t.event, events)
        _add(engine, t.act, index)
    with engine.database.writing() as conn:
        conn.execute(text("ANALYZE"))


def _add(engine: Engine, table: Table, rows: list[dict[str, Any]]) -> None:
    engine.writer.write(lambda conn: add(conn, table, *rows))


def _cases(like: Any) -> Iterator[dict[str, Any]]:
    for n in range(_CASES):
        yield {
            **like._mapping,
            "key": 10 + n,
            "process_id": f"bench_{n % 4}",
            "business_id": f"B-2026-{n}",
        }


def _act(n: int, position: int, people: list[int]) -> dict[str, Any]:
    at = micros(BEGIN) - n * _MINUTE // 2
    process = f"bench_{(n % _CASES) % 4}"
    return {
        "position": position,
        "stream": 10 + n % _CASES,
        "seq": 1 + n // _CASES,
        "at": at,
        "recorded": at,
        "kind": 7 if n % 997 == 0 else (2, 4, 5, 6, 3, 10)[n % 6],
        "actor_key": 0 if n % 3 == 0 else people[(n * 7919) % len(people)],
        "organisation_key": (n * 31) % _ORGS,
        "roles": 1 << n % 3,
        "process": short(process),
        "element": short("T12-04" if n % 11 == 0 else "T12-07"),
        "principal": "甲示例" if n % 500 == 0 else None,
        "on_behalf": n % 500 == 0,
        "off_hours": n % 200 == 0,
        "after_period": n % 300 == 0,
        "late": False,
    }


def _parts(items: Iterator[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for item in items:
        part.append(item)
        if len(part) == _PART:
            yield part
            part = []
    if part:
        yield part


def _at_once(steps: Any) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
