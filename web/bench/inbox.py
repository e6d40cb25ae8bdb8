"""The inbox with a thousand and with a million open tasks: the question alone, and the page as Flask answers it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from engine.app import Engine
from engine.clock import FixedClock
from engine.demo import seed
from engine.demo.cases import BEGIN
from engine.demo.seed import DEMO_PASSWORD
from engine.filters import NO_FILTERS, Filters
from engine.grams import of_case
from engine.people import Actor
from web import create_app
from web.config import Settings
from web.security import COOKIE

LIMIT_MS = 60
LIMIT_RATIO = 1.5
_LANES = 200  # skewed: the first hold most
_ROUNDS = 200
_GROUPS = 5
_TITLES = (
    "申请共享户籍人口基本信息用于社会救助家庭经济状况核对",
    "申请共享不动产登记信息用于公租房承租资格审核",
    "企业登记基本信息校核申请",
    "申请共享机动车登记信息用于行政执法当事人信息核查",
)
_RARE = "申请共享矿业权登记信息用于绿色矿山名录核对"
_EVERY = 5000  # one case in so many has the rare title
_ASKED = {
    "first page": NO_FILTERS,
    "filter that every fourth meets": Filters(process="bench_3"),
    "filter that nobody meets": Filters(process="bench_none"),
    "filter by due range": Filters(due_from="2026-04-20", due_until="2026-05-01"),
    "filter by state": Filters(state="overdue"),
    "text in every fourth title": Filters(text="公租房"),
    "text in few titles": Filters(text="绿色矿山"),
    "case number": Filters(text="B-2026-777"),
}


def measure_inbox(folder: Path, sizes: tuple[int, ...], database: str = "") -> dict[str, Any]:
    """Return p50 and p99 milliseconds for each number of open tasks, and the ratios of the largest to the first.

    Args:
        database: An empty PostgreSQL database, filled up from size to size; SQLite files without.
    """
    found: dict[str, Any] = {}
    for size in sizes:
        where = database or folder / f"{size}.db"
        engine = Engine(
            where, Settings().notices, clock=FixedClock(BEGIN), rehearsal=True, durable=bool(database)
        )
        if not engine.queries.has_people():
            seed(engine)
        begun = time.perf_counter()
        _fill(engine, size)
        found[str(size)] = {"filled_s": round(time.perf_counter() - begun, 1), **_measure(engine)}
        engine.close()
    first, last = (found[str(size)] for size in (sizes[0], sizes[-1]))
    ratios = {
        kind: {
            name: round(last[kind][name]["p50_ms"] / first[kind][name]["p50_ms"], 2) for name in first[kind]
        }
        for kind in ("question", "page")
    }
    return {
        "limit_ms": LIMIT_MS,
        "limit_ratio": LIMIT_RATIO,
        "open_tasks": found,
        "p50_ratio": ratios,
    }


def _measure(engine: Engine) -> dict[str, Any]:
    person = engine.accounts.actor_named("gat.jb")
    lanes = frozenset((org, "handler") for org in range(1, _GROUPS + 1))
    actor = Actor(person.user_key, "bench", "bench", person.org_key, "bench", lanes)
    engine.accounts.actor = lambda token: actor if token else None  # type: ignore[method-assign]
    client = create_app(Settings(rehearsal=True), engine).test_client()
    client.set_cookie(COOKIE, engine.accounts.sign_in("gat.jb", DEMO_PASSWORD, "127.0.0.1"))
    after = engine.queries.inbox(actor, "department").next or ""
    question = {
        name: _times(lambda asked=asked: engine.queries.inbox(actor, "department", "", asked))  # type: ignore[misc]
        for name, asked in _ASKED.items()
    }
    question["a later page"] = _times(lambda: engine.queries.inbox(actor, "department", after))
    page = {
        name: _times(_page(client, {"box": "department", **asked.chosen()})) for name, asked in _ASKED.items()
    }
    page["a later page"] = _times(_page(client, {"box": "department", "after": after}))
    page["cases with a text"] = _times(_page(client, {"q": "绿色矿山"}, "/cases"))
    return {"question": question, "page": page}


def _page(client: FlaskClient, query: dict[str, str], path: str = "/") -> Callable[[], None]:
    def get() -> None:
        response = client.get(path, query_string=query)
        if response.status_code != 200:
            raise RuntimeError(f"Expected 200 from {path}, found {response.status_code}")

    return get


def _times(act: Callable[[], Any]) -> dict[str, float]:
    act()
    times = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return {"p50_ms": round(times[len(times) // 2], 2), "p99_ms": round(times[int(len(times) * 0.99)], 2)}


def _fill(engine: Engine, size: int) -> None:
    """Write open tasks as rows up to a number; lane n has about one in n squared of them."""
    spread = f"{_LANES} * ((n * 7919) % 1000) / 1000.0 * ((n * 104729) % 1000) / 1000.0"
    with engine.database.writing() as conn:
        postgresql = conn.dialect.name == "postgresql"
        begun = conn.exec_driver_sql("SELECT count(*) FROM process_instance").scalar_one()
        series = f"WITH RECURSIVE s(n) AS (SELECT {begun + 1} UNION ALL SELECT n + 1 FROM s WHERE n < {size})"
        lane = f"(1 + CAST(FLOOR({spread}) AS INTEGER))" if postgresql else f"(1 + CAST({spread} AS INTEGER))"
        due = (
            "to_char(TIMESTAMP '2026-04-01' + ((n * 31) % 86400) * INTERVAL '1 minute',"
            " 'YYYY-MM-DD\"T\"HH24:MI:SS.000000Z')"
            if postgresql
            else "strftime('%Y-%m-%dT%H:%M:%S.000000Z', '2026-04-01', '+' || ((n * 31) % 86400) || ' minutes')"
        )
        titles = " ".join(f"WHEN n % 4 = {n} THEN '{title}'" for n, title in enumerate(_TITLES))
        title = f"CASE WHEN n % {_EVERY} = 7 THEN '{_RARE}' {titles} END"
        no, blank = ("false", "'\\x'::bytea") if postgresql else ("0", "x''")
        definition = conn.exec_driver_sql("SELECT min(key) FROM process_definition").scalar_one()
        if not begun:
            conn.exec_driver_sql(
                f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {_LANES})"
                " INSERT INTO organisation (key, code, kind, level, area, managing, name, mark)"
                f" SELECT n, 'bench' || n, 'government', 'province', 'bench', {no}, 'bench', '' FROM s"
            )
        of_case_ = f"'bench_' || (n % 4) AS process_id, 'running', {no}, {no}, 1, 2, n % 300"  # state, overdue, extended, sides
        for statement in (
            "INSERT INTO process_instance (key, definition_key, process_id, business_id, title, state, using_key,"
            " providing_key, resource_key, started_by, started_at, overdue, late, variables, incidents,"
            f" awaits_receipt) SELECT n, {definition}, 'bench_' || (n % 4), 'B-2026-' || n, {title}, 'running', 1, 2,"
            f" n % 300, 1, '2026-04-01T00:00:00.000000Z', {no}, {no}, {blank}, 0, {no}",
            "INSERT INTO user_task (key, instance_key, token, element_id, name, organisation_key, role, lane, scope,"
            f" state, created_at) SELECT n, n, n{'::text' if postgresql else ''}, 'T', 'bench', {lane}, 'handler',"
            " 'prov.handler', '', 'open', '2026-04-01T00:00:00.000000Z'",
            "INSERT INTO task_inbox (holder, due_at, task_key, instance_key, process_id, case_state, overdue, extended,"
            f" using_key, providing_key, resource_key) SELECT 'g:' || {lane} || ':handler', {due}, n, n, {of_case_}",
        ):
            conn.exec_driver_sql(
                f"{statement.replace('%', '%%') if postgresql else statement} FROM ({series} SELECT n FROM s) x"
            )
        _fill_terms(conn, begun, size)
    if engine.database.shared:
        with engine.database.writing() as conn:
            conn.execute(text("ANALYZE"))


def _fill_terms(conn: Any, begun: int, size: int) -> None:
    """Write the terms of the cases; most titles are alike, so a term is written for many at once."""
    rest = f"WITH RECURSIVE s(n) AS (SELECT {begun + 1} UNION ALL SELECT n + 1 FROM s WHERE n < {size})"
    kinds = [(f"n % 4 = {n} AND n % {_EVERY} <> 7", title) for n, title in enumerate(_TITLES)]
    for where, title in (*kinds, (f"n % {_EVERY} = 7", _RARE)):
        terms = ", ".join(f"({term})" for term in sorted(of_case("", title)))
        conn.execute(
            text(
                f"{rest}, g(gram) AS (VALUES {terms}) INSERT INTO case_gram (gram, instance_key)"
                f" SELECT gram, n FROM s CROSS JOIN g WHERE {where}"
            )
        )
    conn.execute(text(f"{rest} INSERT INTO case_gram (gram, instance_key) SELECT -n, n FROM s"))
