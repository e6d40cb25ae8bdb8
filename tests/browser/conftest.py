"""A browser on a real server with a few cases."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.demo.seed import DEMO_PASSWORD
from tests.browser.browser import FLAGS, installed
from tests.browser.drawing import Drawing
from tests.browser.pages import complaints
from tests.browser.pages import sign_in as go_in
from tests.browser.studio import Draw, Studio, served
from tests.browser.workplace import Seats, Workplace, really_serving
from tests.conftest import at_once, beijing, open_engine
from tests.databases import Databases
from tests.processes.office import wait_until
from tests.web.conftest import serving
from web import create_app
from web.config import Settings


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    # Native date fields and bubbles speak the browser's language, which comes from its environment.
    own = {"args": FLAGS, "env": {**os.environ, "LANG": "zh_CN.UTF-8"}}
    path = installed()
    return {**browser_type_launch_args, **own, **({"executable_path": path} if path else {})}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="module")
def office_engine(databases: Databases) -> Iterator[Engine]:
    where = databases.new()
    engine = open_engine(where, beijing("2026-06-17T10:00"))
    yield engine
    engine.close()
    databases.drop(where)


@pytest.fixture(scope="module")
def office(office_engine: Engine) -> Iterator[tuple[str, int, int]]:
    """Yield (address, key of a delivered case, key of its provider's task)."""
    engine = office_engine
    desk = Desk(engine)
    key = at_once(deliver(desk, 3))
    wait_until(desk, beijing("2026-06-18T10:00"))
    with engine.database.reading() as conn:
        task = conn.exec_driver_sql(
            f"SELECT key FROM user_task WHERE instance_key = {key} AND element_id = 'T12-04'"
        ).scalar_one()
    with serving(create_app(Settings(rehearsal=True), engine)) as address:
        yield address, key, task


@pytest.fixture
def sign_in(page: Page, office: tuple[str, int, int]) -> Callable[[str], Page]:
    """Sign in, and fail on anything the browser complains about."""
    heard = complaints(page, "409", "422", "503")

    def sign_in(username: str) -> Page:
        page.goto(f"{office[0]}/sign-in")
        page.fill("#username", username)
        page.fill("#password", DEMO_PASSWORD)
        page.click("button:has-text('登录')")
        page.wait_for_selector("h1")
        return page

    yield sign_in  # type: ignore[misc]
    assert heard == []


@pytest.fixture(scope="module")
def studio(databases: Databases) -> Iterator[Studio]:
    """Yield a server with the shipped procedures and no case, where designers work."""
    with served(databases, beijing("2026-06-17T10:00")) as (engine, address):
        yield Studio(engine, address)


@pytest.fixture(scope="module")
def bureau(studio: Studio) -> str:
    """Return the address of the studio."""
    return studio.address


@pytest.fixture
def refusals() -> tuple[str, ...]:
    """Return the statuses of answers that a designer's browser may note as faults."""
    return ("422",)


@pytest.fixture
def designer(page: Page, bureau: str, refusals: tuple[str, ...]) -> Iterator[Page]:
    """Yield a page at which a designer sits; the browser may complain about nothing but a refusal."""
    heard = complaints(page, *refusals)
    page.set_viewport_size({"width": 1440, "height": 900})
    go_in(page, bureau, "designer")
    yield page
    assert heard == []


@pytest.fixture
def draw(designer: Page, studio: Studio) -> Draw:
    """Return what begins a model of some files and opens its diagram."""

    def draw(files: dict[str, bytes]) -> tuple[Drawing, int]:
        key = studio.model(files)
        drawing = Drawing(designer)
        drawing.open(studio.diagram(key))
        return drawing, key

    return draw


@pytest.fixture(scope="module")
def workplace(databases: Databases) -> Iterator[Workplace]:
    """Yield a department on the real server; gat's handler has a task of each urgency and nothing else ever comes."""
    where = databases.new()
    engine = open_engine(where, beijing("2026-06-08T10:00"))
    with really_serving(engine) as address:
        workplace = Workplace(engine, address)
        for until in ("2026-06-10T10:00", "2026-06-11T10:00", "2026-06-17T10:00"):
            workplace.delivered("gat", owner="gat.jb")
            wait_until(workplace.desk, beijing(until))
        workplace.delivered("gat", owner="gat.jb")
        yield workplace
    engine.close()
    databases.drop(where)


@pytest.fixture
def seat(browser: Browser, workplace: Workplace, browser_context_args: dict[str, Any]) -> Iterator[Seats]:
    """Seat people at browsers, and fail on anything a browser complains about."""
    seats = Seats(browser, workplace, browser_context_args)
    yield seats
    seats.close()
    assert seats.complaints == []
