"""The desk while others work: news without a reload, nothing moved under the hand, and light pages."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.workplace import Seats, Workplace, sound

COLD_BYTES = 150_000
WARM_REQUESTS = 5


def test_the_second_sees_at_once_that_a_task_was_taken(seat: Seats, workplace: Workplace) -> None:
    task = workplace.delivered()
    first = seat("rst.jb", f"/tasks/{task.key}")
    second = seat("rst.jb2", f"/tasks/{task.key}")
    second.evaluate("() => (window.neverReloaded = true)")
    first.get_by_role("button", name="认领", exact=True).click()

    expect(second.get_by_role("alert").filter(has_text="已由赵示例认领")).to_be_visible()
    expect(second.locator(".action-main button").first).to_be_disabled()
    assert second.evaluate("() => window.neverReloaded")
    sound(second)


def test_the_pane_beside_the_list_sees_it_too(seat: Seats, workplace: Workplace) -> None:
    task = workplace.delivered(title="申请共享分栏中的信息")
    page = seat("rst.jb2", f"/?box=department&text=分栏中&task={task.key}")
    expect(page.locator("#pane .action-main")).to_be_visible()
    workplace.verb("claim", "rst.jb", task_key=task.key)

    expect(page.locator("#pane").get_by_role("alert").filter(has_text="已由赵示例认领")).to_be_visible()
    sound(page)


def test_new_work_comes_without_a_reload(seat: Seats, workplace: Workplace) -> None:
    page = seat("rst.jb", "/?box=department&text=不经刷新")
    page.evaluate("() => (window.neverReloaded = true)")
    task = workplace.delivered(title="申请共享不经刷新的信息")

    expect(page.locator(f"li[data-task='{task.key}']")).to_be_visible()
    assert page.evaluate("() => window.neverReloaded")
    sound(page)


def test_nothing_moves_while_the_pointer_is_on_the_list(seat: Seats, workplace: Workplace) -> None:
    there = workplace.delivered(title="申请共享手下的信息甲")
    page = seat("rst.jb", "/?box=department&text=手下的信息")
    row = page.locator(f"li[data-task='{there.key}']")
    row.hover()
    before = row.bounding_box()
    task = workplace.delivered(title="申请共享手下的信息乙")

    expect(page.locator("[data-news]")).to_contain_text("新到 1 项")
    expect(page.locator("#rows li")).to_have_count(1)
    assert row.bounding_box() == before
    sound(page)
    page.locator("[data-news]").get_by_role("button", name="显示").click()
    expect(page.locator(f"li[data-task='{task.key}']")).to_be_visible()


def test_a_task_that_somebody_took_is_greyed_where_it_stands(seat: Seats, workplace: Workplace) -> None:
    task = workplace.delivered(title="申请共享将被认领的信息")
    page = seat("rst.jb", "/?box=department&text=将被认领")
    row = page.locator(f"li[data-task='{task.key}']")
    expect(row).to_be_visible()
    workplace.verb("claim", "rst.jb2", task_key=task.key)

    expect(row).to_have_class(re.compile("is-gone"))
    expect(row).to_contain_text("已由孟示例认领")
    sound(page)


def test_the_list_keeps_its_place_and_back_works(seat: Seats, workplace: Workplace) -> None:
    page = seat("gat.jb", "/?box=mine")
    page.set_viewport_size({"width": 1440, "height": 500})
    links = page.locator("#rows [data-open]")
    links.nth(3).scroll_into_view_if_needed()
    place = "() => document.querySelector('.desk-list').scrollTop"
    before = page.evaluate(place)
    links.nth(3).click()
    expect(page.locator("#pane h1")).to_be_visible()
    assert page.evaluate(place) == before > 0
    expect(links.nth(3)).to_be_in_viewport()
    links.nth(2).click()
    expect(links.nth(2)).to_have_attribute("aria-current", "true")
    page.go_back()
    expect(links.nth(3)).to_have_attribute("aria-current", "true")
    expect(page.locator("#pane h1")).to_be_visible()
    page.go_back()
    expect(page.locator("#pane h1")).to_have_count(0)
    sound(page)


def test_another_language_keeps_the_page(seat: Seats, workplace: Workplace) -> None:
    page = seat("gat.jb", "/?box=mine&text=户籍")
    for name, lang in (("English", "en"), ("中文", "zh-CN")):
        page.locator("details.more > summary").click()
        page.get_by_role("button", name=name).click()
        expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{lang[:2]}"))
        expect(page).to_have_url(re.compile("text="))
        expect(page.locator("#rows li")).to_have_count(4)
        sound(page)


def test_the_inbox_is_light(seat: Seats, workplace: Workplace) -> None:
    page = seat("gat.jb", "/")
    sizes: list[int] = []
    requests: dict[str, str] = {}
    wire = page.context.new_cdp_session(page)
    wire.on("Network.requestWillBeSent", lambda e: requests.update({e["requestId"]: e["request"]["url"]}))
    wire.on("Network.requestServedFromCache", lambda e: requests.pop(e["requestId"], None))
    wire.on("Network.loadingFinished", lambda e: sizes.append(int(e["encodedDataLength"])))
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")

    def load() -> tuple[int, int]:
        sizes.clear()
        requests.clear()
        page.goto(f"{workplace.address}/?box=mine")
        expect(page.locator("#rows li")).to_have_count(4)
        page.wait_for_load_state("load")
        return sum(sizes), len([url for url in requests.values() if not url.startswith("data:")])

    (cold, _), (_, warm) = load(), load()

    assert 10_000 < cold <= COLD_BYTES
    assert 1 <= warm <= WARM_REQUESTS


@pytest.mark.parametrize(
    "media", [{"reduced_motion": "reduce"}, {"media": "print"}, {"forced_colors": "active"}]
)
def test_less_motion_and_paper_do_not_break(seat: Seats, workplace: Workplace, media: dict[str, Any]) -> None:
    task = workplace.delivered(owner="rst.jb")
    page = seat("rst.jb", f"/tasks/{task.key}")
    page.emulate_media(**media)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("#panel-deadlines")).to_contain_text("答复期限", use_inner_text=False)
    page.goto(f"{workplace.address}/?box=mine")
    expect(page.locator(f"li[data-task='{task.key}']")).to_be_visible()
    if media.get("media") == "print":
        expect(page.locator("header nav")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
