"""A case played again in the browser: by buttons, by keys, from an address; forward and back to the same picture."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from engine.demo.cases import Desk
from tests.browser.pages import WIDTHS, findings, sign_in
from tests.conftest import beijing, open_engine
from tests.databases import Databases
from tests.engine.test_case_replay import rebound, rounds_of_failed_checks
from tests.web.conftest import serving
from web import create_app
from web.config import Settings

EVENTS = 1000
SHOWN = """() => [...document.querySelectorAll('[data-canvases] .djs-element, [data-canvases] .layer-replay > g')]
  .map((e) => (e.dataset.elementId || e.getAttribute('transform')) + ' ' + [...e.classList].filter((c) => /^(is|has)-/.test(c)).sort().join(' ') + e.classList.contains('replay-visits') + (e.closest('.layer-replay') ? e.textContent : ''))
  .sort().join('\\n') + document.querySelector('[data-panel]').innerText"""


@pytest.fixture(scope="module")
def long_case(databases: Databases) -> Iterator[str]:
    """Yield the address of the replay of a case of a thousand events."""
    where = databases.new()
    engine = open_engine(where, beijing("2026-06-08T10:00"))
    key = rounds_of_failed_checks(Desk(engine), EVENTS)
    with serving(create_app(Settings(rehearsal=True), engine)) as address:
        yield f"{address}/audit/cases/{key}/replay"
    engine.close()
    databases.drop(where)


@pytest.fixture
def replay(page: Page, long_case: str) -> Iterator[Page]:
    """Yield the open replay at its first event; the browser may complain about nothing."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.set_viewport_size({"width": 1440, "height": 900})
    sign_in(page, long_case.partition("/audit")[0], "audit")
    page.goto(long_case)
    page.wait_for_selector("[data-replay][data-ready]")
    yield page
    assert complaints == []


def seq(page: Page) -> int:
    return int(page.url.partition("#")[2])


def at(page: Page, number: int) -> None:
    """Wait until an event is shown."""
    expect(page.locator("[data-panel] header .num").first).to_contain_text(f"第{number}条")


def test_step_forward_and_back_and_to_either_end(replay: Page) -> None:
    at(replay, 1)
    replay.click("[data-act=forward]")
    second = seq(replay)
    assert second > 1
    replay.click("[data-act=back]")
    at(replay, 1)
    replay.click("[data-act=last]")
    expect(replay.locator("[data-list] [aria-current=step]")).to_be_visible()
    assert seq(replay) >= EVENTS
    replay.click("[data-act=first]")
    at(replay, 1)


def test_play_goes_on_until_it_is_paused(replay: Page) -> None:
    replay.select_option("[data-speed]", "8")
    replay.click("[data-act=play]")
    expect(replay.locator("[data-act=play]")).to_have_text("暂停")
    replay.wait_for_function("() => Number(document.querySelector('[data-slider]').value) > 12")
    replay.click("[data-act=play]")

    expect(replay.locator("[data-act=play]")).to_have_text("播放")
    expect(replay.locator("[data-said]")).to_contain_text(f"第{seq(replay)}条")


def test_keys_do_all_of_it_but_not_where_somebody_chooses(replay: Page) -> None:
    replay.keyboard.press("ArrowRight")
    second = seq(replay)
    assert second > 1
    replay.keyboard.press("ArrowLeft")
    at(replay, 1)
    replay.keyboard.press("End")
    assert seq(replay) >= EVENTS
    replay.keyboard.press("Home")
    at(replay, 1)
    replay.keyboard.press("+")
    assert replay.input_value("[data-speed]") == "2"
    replay.keyboard.press("-")
    assert replay.input_value("[data-speed]") == "1"
    replay.keyboard.press("Space")
    expect(replay.locator("[data-act=play]")).to_have_text("暂停")
    replay.keyboard.press("Space")
    expect(replay.locator("[data-act=play]")).to_have_text("播放")

    replay.keyboard.press("Home")
    replay.focus("[data-speed]")
    replay.keyboard.press("End")
    at(replay, 1)


def test_any_event_can_be_jumped_to_from_the_list_the_time_line_and_an_address(replay: Page) -> None:
    replay.locator("[data-list] li:not(.book) button").nth(5).click()
    chosen = seq(replay)
    at(replay, chosen)
    expect(replay.locator("[data-list] [aria-current=step]")).to_have_attribute("data-place", str(chosen - 1))

    replay.locator("[data-slider]").fill("500")
    at(replay, 500)

    replay.evaluate("location.hash = '#321'")
    at(replay, 321)
    replay.reload()
    replay.wait_for_selector("[data-replay][data-ready]")
    at(replay, 321)


def test_a_step_shows_the_same_whether_it_is_reached_forward_backward_or_at_once(replay: Page) -> None:
    replay.evaluate("location.hash = '#400'")
    at(replay, 400)
    replay.keyboard.press("ArrowRight")
    place = seq(replay)
    at(replay, place)
    replay.wait_for_function("() => !document.querySelector('.replay-token')")
    forward = replay.evaluate(SHOWN)
    replay.keyboard.press("End")
    at(replay, seq(replay))
    replay.evaluate(f"location.hash = '#{place + 30}'")
    at(replay, place + 30)
    while seq(replay) > place:
        replay.keyboard.press("ArrowLeft")
    at(replay, place)

    assert seq(replay) == place
    assert replay.evaluate(SHOWN) == forward


def test_a_second_visit_is_told_at_the_element(replay: Page) -> None:
    replay.click("[data-act=last]")

    expect(replay.locator(".replay-visits text").first).to_contain_text("次")
    assert replay.locator(".is-taken").count() > 5


def test_first_frame_and_steps_of_a_thousand_events_are_reported(
    replay: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(60):
        replay.keyboard.press("ArrowRight")
    replay.evaluate("location.hash = '#900'")
    at(replay, 900)
    for _ in range(60):
        replay.keyboard.press("ArrowRight")
    replay.wait_for_function("() => performance.getEntriesByName('replay-step').length > 100")
    [first] = durations(replay, "replay-first-frame")
    steps = sorted(durations(replay, "replay-step"))
    with capsys.disabled():
        print(
            f"\nreplay of {EVENTS} events: first frame {first:.0f} ms after the data, step median"
            f" {steps[len(steps) // 2]:.0f} ms, 95th percentile {steps[len(steps) * 95 // 100]:.0f} ms"
        )


def durations(page: Page, name: str) -> list[float]:
    found: list[float] = page.evaluate(f"() => performance.getEntriesByName('{name}').map((m) => m.duration)")
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_the_page_is_not_wider_than_the_screen(replay: Page, width: int) -> None:
    replay.set_viewport_size({"width": width, "height": 900})
    replay.evaluate("location.hash = '#500'")
    at(replay, 500)

    assert findings(replay) == []
    assert replay.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_printed_sequence_is_sound(replay: Page, long_case: str, width: int) -> None:
    replay.set_viewport_size({"width": width, "height": 900})
    replay.goto(f"{long_case}/print")
    replay.wait_for_selector(".djs-container")

    assert replay.evaluate("document.documentElement.scrollWidth") <= width
    replay.evaluate(
        "() => document.querySelectorAll('.sequence > *:nth-child(n + 60)').forEach((e) => e.remove())"
    )
    assert findings(replay) == []


def test_r_v1_the_diagram_changes_with_the_version_that_applied(page: Page, databases: Databases) -> None:
    where = databases.new()
    engine = open_engine(where, beijing("2026-06-08T10:00"))
    key = rebound(Desk(engine))
    with serving(create_app(Settings(rehearsal=True), engine)) as address:
        sign_in(page, address, "audit")
        page.goto(f"{address}/audit/cases/{key}/replay")
        page.wait_for_selector("[data-replay][data-ready]")
        shown = page.locator("[data-canvases] .diagram:visible")
        expect(page.locator("[data-version]")).to_have_text("第1版")
        expect(shown).to_contain_text("使用部门审核")

        page.keyboard.press("End")
        expect(page.locator("[data-version]")).to_have_text("第2版")
        expect(shown).to_have_count(1)
        expect(shown).to_contain_text("使用部门复核")

        page.keyboard.press("Home")
        expect(shown).to_contain_text("使用部门审核")
    engine.close()
    databases.drop(where)
