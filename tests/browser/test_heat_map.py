"""The heat map: a number on whatever has a shade, the cases behind a click, the same in a table without a script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.demo import play
from engine.demo.cases import BEGIN
from tests.browser.pages import WIDTHS, findings, sign_in
from tests.conftest import open_engine
from tests.databases import Databases
from tests.web.conftest import serving
from web import create_app
from web.config import Settings

DIAGRAM = "/audit/statistics/diagram"


@pytest.fixture(scope="module")
def address(databases: Databases) -> Iterator[str]:
    """Serve a few applications that were answered."""
    where = databases.new()
    engine = open_engine(where, BEGIN)
    play(engine, 8, ())
    while not engine.statistics.catch_up():
        pass
    with serving(create_app(Settings(rehearsal=True), engine)) as address:
        yield address
    engine.close()
    databases.drop(where)


@pytest.fixture
def heat(page: Page, address: str) -> Iterator[Page]:
    """Yield the heat map of an auditor; the browser complains about nothing."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.set_viewport_size({"width": 1440, "height": 1000})
    sign_in(page, address, "audit")
    page.goto(address + DIAGRAM)
    expect(page.locator("[data-heat][data-ready]")).to_be_visible()
    yield page
    assert complaints == []


@pytest.mark.parametrize("measure", ["visits", "days", "late"])
def test_whatever_has_a_shade_has_its_number(heat: Page, address: str, measure: str) -> None:
    heat.goto(f"{address}{DIAGRAM}?measure={measure}")
    expect(heat.locator("[data-heat][data-ready]")).to_be_visible()

    found = heat.evaluate(
        """() => {
          const marks = JSON.parse(document.querySelector("[data-marks]").textContent).elements;
          const shades = [...document.querySelectorAll(".djs-element")].flatMap((g) =>
            [...g.classList].filter((c) => /^heat-fill-[1-5]$/.test(c)).map((c) => [g.dataset.elementId, c.at(-1)]));
          const badges = [...document.querySelectorAll(".heat-badge:not(.of-flow)")].map((a) => a.querySelector("text").textContent);
          return { marks, shades, badges };
        }"""
    )
    shaded = {element: int(step) for element, step in found["shades"]}
    wanted = sorted(mark["text"] for mark in found["marks"].values() if mark["text"])
    assert sorted(found["badges"]) == wanted != []
    assert all(found["marks"][element]["text"] for element in shaded)
    assert all(found["marks"][element]["step"] == step for element, step in shaded.items())
    if measure != "late":
        assert max(shaded.values()) == 5


def test_a_click_on_an_element_opens_its_cases(heat: Page) -> None:
    row = heat.locator("section:has(#elements-title) tbody tr", has_text="拟定答复意见")
    cases = row.locator("td[data-label=事项数]").inner_text()

    heat.locator("[data-element-id='T12-07'].djs-shape").click()

    heat.wait_for_url("**/audit/statistics/cases?*figure=element:T12-07*")
    expect(heat.locator("#cases-title [data-total]")).to_have_attribute("data-total", cases)
    expect(heat.locator("#cases-title")).to_contain_text("拟定答复意见")


def test_a_number_on_the_diagram_is_reached_by_keyboard(heat: Page) -> None:
    badge = heat.locator(".heat-badge:not(.of-flow)").first
    badge.focus()

    heat.keyboard.press("Enter")

    heat.wait_for_url("**/audit/statistics/cases?*figure=element:*")
    expect(heat.locator("tr[data-case]").first).to_be_visible()


def test_paper_has_the_whole_diagram_and_no_filters(heat: Page) -> None:
    heat.emulate_media(media="print")
    heat.evaluate("window.dispatchEvent(new Event('beforeprint'))")

    expect(heat.locator(".heat-diagram")).to_be_visible()
    expect(heat.locator(".figures-filters")).to_be_hidden()
    box, drawing = (
        heat.locator(place).bounding_box() for place in (".heat-diagram", ".heat-diagram .viewport")
    )
    assert box and drawing
    assert drawing["x"] >= box["x"] - 2 and drawing["x"] + drawing["width"] <= box["x"] + box["width"] + 2
    assert drawing["y"] + drawing["height"] <= box["y"] + box["height"] + 2


def test_without_a_script_the_tables_say_the_same(browser: Browser, heat: Page, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=heat.context.storage_state())
    page = context.new_page()
    page.goto(address + DIAGRAM)

    expect(page.locator("[data-heat]")).to_be_hidden()
    expect(page.locator("noscript")).to_have_count(1)
    expect(page.locator("section:has(#elements-title) tbody tr", has_text="拟定答复意见")).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    "path", ["", "/diagram", "/diagram?measure=late", "/variants", "/cases?figure=on_time"]
)
def test_pages_of_figures_are_sound(heat: Page, address: str, path: str) -> None:
    for width in WIDTHS:
        heat.set_viewport_size({"width": width, "height": 900})
        heat.goto(f"{address}/audit/statistics{path}")
        if "diagram" in path:
            expect(heat.locator("[data-heat][data-ready]")).to_be_visible()
        assert not heat.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert findings(heat) == []
