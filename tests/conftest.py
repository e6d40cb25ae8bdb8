"""A clock, an engine, and the people at their desks."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import Desk
from engine.demo.seed import seed
from engine.periods import BEIJING
from tests.databases import Databases, Files, OnServer, Where

ROOT = Path(__file__).parents[1]
NOTICES = ROOT / "processes/calendars/notices.yaml"
# A Monday; five working days from it end on Monday 15 June (worked example of domain C.1).
START = datetime(2026, 6, 8, 10, 0, tzinfo=BEIJING)

# A test says what is right, never how long it takes.
settings.register_profile("shixian", deadline=None)
settings.load_profile("shixian")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long forms of the tests that have one")
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="where rows are")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the chosen database cannot change: the second run is for tests that have one."""
    chosen = config.getoption("--database")
    left_out = [item for item in items if _only(item) not in (None, chosen)]
    if chosen != "sqlite":
        left_out += [
            i for i in items if i not in left_out and "databases" not in getattr(i, "fixturenames", ())
        ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _only(item: pytest.Item) -> str | None:
    marker = item.get_closest_marker("only")
    return marker.args[0] if marker else None


def open_engine(where: Where, at: datetime = START) -> Engine:
    return Engine(where, NOTICES, clock=FixedClock(at), rehearsal=True, durable=False)


def _seed(where: Where) -> None:
    engine = open_engine(where)
    seed(engine)
    engine.close()


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    made: Databases
    if request.config.getoption("--database") == "sqlite":
        made = Files(tmp_path_factory.mktemp("databases"), _seed)
    else:
        made = OnServer(_seed, os.environ.get("SHIXIAN_TEST_DATABASE_URL"))
    yield made
    made.close()


@pytest.fixture
def database(databases: Databases) -> Iterator[Where]:
    where = databases.new()
    yield where
    databases.drop(where)


@pytest.fixture
def engine(database: Where) -> Iterator[Engine]:
    engine = open_engine(database)
    yield engine
    engine.close()


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def at_once(steps: Any) -> Any:
    """Run a story without letting time pass, and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
