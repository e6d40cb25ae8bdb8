"""Every page, on a desk and on a phone: nothing for axe-core to find, nothing wider than the screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from engine.demo import play
from engine.demo.cases import BEGIN
from tests.browser.pages import WIDTHS, findings, sign_in, walk
from tests.conftest import open_engine
from tests.databases import Databases
from tests.web.conftest import serving
from web import create_app
from web.config import Settings

PEOPLE = ("gat.fz", "mzt.jb", "ysj.jb", "szf.bg", "mzt.ck", "audit", "designer", "admin")


@pytest.fixture(scope="module")
def address(databases: Databases) -> Iterator[str]:
    """Serve the demonstration."""
    where = databases.new()
    engine = open_engine(where, BEGIN)
    play(engine, 20)
    with serving(create_app(Settings(rehearsal=True), engine)) as address:
        yield address
    engine.close()
    databases.drop(where)


def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(page: Page, address: str) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(f"{page.url}: {m.text}") if m.type == "error" else None)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{address}/sign-in")
    wrong += [f"/sign-in: {what}" for what in findings(page)]
    visited = 0
    for person in PEOPLE:
        sign_in(page, address, person)
        for href in walk(page, address, seen):
            visited += 1
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    wrong.append(f"{person} {href} is wider than {width}")
                wrong += [f"{person} {href} at {width}: {what}" for what in findings(page)]
            page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    assert "\n".join(wrong) == ""
    assert complaints == []
    assert visited > 40
