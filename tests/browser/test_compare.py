"""Two versions side by side in a browser: marks, sentences, steps, filters, and views that go together."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from engine.demo.cases import Desk
from tests.browser.pages import complaints, findings, sign_in
from tests.browser.studio import served
from tests.conftest import beijing
from tests.databases import Databases
from tests.processes.test_version_states import key_of
from tests.processes.test_versions import TEN_DAYS, publish


@pytest.fixture(scope="module")
def compared(databases: Databases) -> Iterator[str]:
    """The address of a comparison: a limit is longer, a task has another name and another place."""
    with served(databases, beijing("2026-06-17T10:00")) as (engine, address):
        desk = Desk(engine)
        moved = (
            '<dc:Bounds x="2005" y="1080" width="110"',
            '<dc:Bounds x="2025" y="1080" width="110"',
        )
        publish(desk, TEN_DAYS, ('id="T12-02" name="使用部门审核"', 'id="T12-02" name="审核"'), moved)
        yield f"{address}/designer/compare?one=v{key_of(desk, 1)}&other=v{key_of(desk, 2)}"


@pytest.fixture
def opened(page: Page, compared: str) -> tuple[Page, list[str]]:
    errors = complaints(page)
    sign_in(page, compared.partition("/designer")[0], "designer")
    page.goto(compared)
    page.wait_for_selector("[data-compare][data-ready]")
    return page, errors


def view(page: Page, side: str) -> list[float]:
    """Scale and place of a drawing."""
    transform = page.locator(f"[data-side={side}] .viewport").get_attribute("transform") or ""
    return [round(float(number), 1) for number in re.findall(r"-?[\d.]+", transform)]


def test_the_differences_are_marked_in_both_diagrams_and_not_by_colour_alone(
    opened: tuple[Page, list[str]],
) -> None:
    page, errors = opened

    for side in ("before", "after"):
        assert page.locator(f"[data-side={side}] .djs-element.diff-changed[data-element-id='TM12-1']").count()
        assert page.locator(f"[data-side={side}] .djs-element.diff-moved[data-element-id='T12-08']").count()
        assert page.locator(f"[data-side={side}] .diff-badge").all_inner_texts() == ["≠", "≠"]
    assert page.locator("[data-side=after] [title='修改：审核']").count() == 1
    assert findings(page) == []
    assert errors == []


def test_steps_go_through_the_sentences_and_bring_both_views_to_the_place(
    opened: tuple[Page, list[str]],
) -> None:
    page, errors = opened
    whole = view(page, "before")

    page.keyboard.press("n")

    assert page.locator("[aria-current]").filter(has_text="答复期限：5 → 10 个工作日").count() == 1
    assert page.locator("[data-place]").inner_text() == "第1处，共3处"
    assert view(page, "before") == pytest.approx(view(page, "after"), abs=0.3)
    assert view(page, "before") != whole
    page.locator("[data-closer]").click()
    assert view(page, "before") == pytest.approx(view(page, "after"), abs=0.3)
    page.keyboard.press("p")
    assert page.locator("[data-place]").inner_text() == "第3处，共3处"
    one, other = view(page, "before"), view(page, "after")
    assert one[0] == other[0] and one[4] != other[4]  # what moved is in the middle of both
    page.locator("[data-side=after]").hover()
    page.mouse.wheel(0, 120)
    assert view(page, "after")[5] != other[5]
    assert view(page, "before")[5] - one[5] == pytest.approx(view(page, "after")[5] - other[5], abs=0.3)
    assert errors == []


def test_an_element_leads_to_its_sentence_and_a_filter_takes_sentence_and_mark_away(
    opened: tuple[Page, list[str]],
) -> None:
    page, errors = opened
    page.keyboard.press("n")
    page.keyboard.press("n")

    page.locator("[data-side=after] .djs-element[data-element-id='T12-02'] .djs-hit").first.click()
    assert (
        page.locator("[aria-current]").filter(has_text="用户任务改名：“使用部门审核” → “审核”").count() == 1
    )

    page.locator("[data-kind][value=changed]").uncheck()
    assert page.locator("[data-difference]:visible").count() == 1
    assert page.locator(".djs-element.diff-changed").count() == 0
    assert page.locator(".diff-badge:visible").count() == 0
    assert errors == []
