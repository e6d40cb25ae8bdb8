"""A clock, an engine, and the people at their desks."""

import shutil
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

ROOT = Path(__file__).parents[1]
NOTICES = ROOT / "processes/calendars/notices.yaml"
# A Monday; five working days from it end on Monday 15 June (worked example of domain C.1).
START = datetime(2026, 6, 8, 10, 0, tzinfo=BEIJING)

# A test says what is right, never how long it takes.
settings.register_profile("shixian", deadline=None)
settings.load_profile("shixian")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long forms of the tests that have one")


def open_engine(path: Path, at: datetime = START) -> Engine:
    return Engine(path, NOTICES, clock=FixedClock(at), rehearsal=True, durable=False)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "shixian.db"
    engine = open_engine(path)
    seed(engine)
    engine.close()
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "shixian.db"))


@pytest.fixture
def engine(database: Path) -> Iterator[Engine]:
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
