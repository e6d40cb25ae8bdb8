"""Server time of the pages with the demonstration data."""

import statistics
import time
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from engine.app import Engine
from engine.clock import FixedClock
from engine.demo import play, seed
from engine.demo.cases import BEGIN
from engine.demo.seed import DEMO_PASSWORD
from engine.people import Actor
from web import create_app
from web.config import Settings
from web.security import COOKIE

LIMIT_MS = 150


def measure_pages(folder: Path, rounds: int) -> dict[str, Any]:
    """Return median and slowest time of each page in milliseconds, beside the limit."""
    engine = Engine(
        folder / "pages.db", Settings().notices, clock=FixedClock(BEGIN), rehearsal=True, durable=False
    )
    seed(engine)
    play(engine)
    app = create_app(Settings(rehearsal=True), engine)
    found: dict[str, Any] = {}
    for account, paths in (
        ("gat.jb", _paths(engine, engine.accounts.actor_named("gat.jb"))),
        ("audit", {"calendar's notices": "/calendar/notices", "seals": "/seals"}),
    ):
        client = app.test_client()
        client.set_cookie(COOKIE, engine.accounts.sign_in(account, DEMO_PASSWORD, "127.0.0.1"))
        found |= {name: _times(client, path, rounds) for name, path in paths.items()}
    engine.close()
    slowest = max(page["slowest_ms"] for page in found.values())
    return {"limit_ms": LIMIT_MS, "slowest_ms": slowest, "pages": found}


def _times(client: FlaskClient, path: str, rounds: int) -> dict[str, float]:
    client.get(path)
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        response = client.get(path)
        times.append((time.perf_counter() - begun) * 1000)
        if response.status_code != 200:
            raise RuntimeError(f"Expected 200 from {path}, found {response.status_code}")
    return {"median_ms": round(statistics.median(times), 1), "slowest_ms": round(max(times), 1)}


def _paths(engine: Engine, actor: Actor) -> dict[str, str]:
    task = engine.queries.inbox(actor, "department").rows[0]
    done = engine.queries.inbox(actor, "done").rows
    longest = max(done, key=lambda row: len(engine.queries.case(actor, row.instance_key).history))
    case = engine.queries.case(actor, longest.instance_key)
    entry = engine.queries.catalogue(actor).rows[0]
    return {
        "inbox, mine": "/?box=mine",
        "inbox, department": "/?box=department",
        "inbox, done": "/?box=done",
        "inbox, started": "/?box=started",
        "task": f"/tasks/{task.task_key}",
        f"case with {len(case.history)} events": f"/cases/{longest.instance_key}",
        "diagram": f"/diagrams/{case.head.definition_key}.bpmn",
        "document, HTML": f"/documents/{case.documents[0].key}.html",
        "cases": "/cases",
        "catalogue": "/catalogue",
        "catalogue entry": f"/catalogue/{entry.key}",
        "notices": "/notices",
        "clock": "/clock",
        "deadline": f"/deadlines/{case.deadlines[0].key}",
        "calendar of the year": "/calendar",
        "calendar, a day": "/calendar?year=2026&day=2026-06-19",
        "calendar as known before": "/calendar?year=2026&as_of=2025-12-01",
    }
