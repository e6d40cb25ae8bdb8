"""Three jobs by keyboard alone: no pointer ever touches these pages."""

import re

from playwright.sync_api import Page, expect

from tests.browser.workplace import Seats, Workplace, sound

MOST_TABS = 60


def tab_to(page: Page, what: str) -> None:
    """Press Tab until what has the focus matches a selector."""
    for _ in range(MOST_TABS):
        if page.evaluate("what => document.activeElement.matches(what)", what):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Expected {what} within {MOST_TABS} Tabs, found {page.evaluate(FOCUSED)}.")


def choose(page: Page, value: str) -> None:
    """Press the arrow until the list that has the focus stands at a value."""
    for _ in range(page.evaluate("() => document.activeElement.options.length")):
        if page.evaluate("() => document.activeElement.value") == value:
            return
        page.keyboard.press("ArrowDown")


FOCUSED = "() => document.activeElement.outerHTML.slice(0, 200)"


def test_a_task_is_claimed_and_done_in_the_pane(seat: Seats, workplace: Workplace) -> None:
    task = workplace.delivered(title="申请共享由键盘办理的信息")
    page = seat("rst.jb2", "/?box=department&text=由键盘办理")
    expect(page.locator("#rows li")).to_have_count(1)
    page.keyboard.press("j")
    expect(page.locator(f"li[data-task='{task.key}'] [data-open]")).to_be_focused()
    page.keyboard.press("o")
    expect(page.locator("#pane h1")).to_be_focused()
    tab_to(page, "form[action$='/do/claim'] button")
    page.keyboard.press("Enter")
    expect(page.locator("#pane .action-main")).to_be_visible()
    expect(page.locator("#pane h1")).to_be_focused()

    page.keyboard.press("e")
    expect(page.locator("input[name=check_result]").first).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#pane [data-foreseen]")).to_contain_text("拟定答复意见")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#pane .flash").first).to_contain_text("已提交")
    assert workplace.task(task.instance_key).state == "completed"
    sound(page)


def test_a_case_is_searched_and_opened(seat: Seats, workplace: Workplace) -> None:
    task = workplace.delivered(title="申请共享由键盘查找的信息", owner="rst.jb")
    page = seat("rst.jb", "/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("办理事项")
    page.keyboard.press("/")
    page.keyboard.type("由键盘查找")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("由键盘查找的信息")
    tab_to(page, f"a[href*='/cases/{task.instance_key}']")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(rf"/cases/{task.instance_key}"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("由键盘查找的信息")
    sound(page)


def test_a_task_is_handed_over(seat: Seats, workplace: Workplace) -> None:
    task = workplace.delivered(title="申请共享由键盘转办的信息", owner="rst.jb")
    page = seat("rst.jb", "/?box=mine&text=由键盘转办")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#pane h1")).to_be_focused()
    tab_to(page, "[data-verb] > summary[title^='任务转给同事']")
    page.keyboard.press("Enter")
    dialogue = page.get_by_role("dialog")
    expect(dialogue.get_by_label("人员")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-verb] > summary[title^='任务转给同事']")).to_be_focused()
    page.keyboard.press("Enter")
    choose(page, "rst.jb2")
    page.keyboard.press("Tab")
    page.keyboard.type("请接着办。")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#pane .flash").first).to_contain_text("转办")
    assert workplace.task(task.instance_key).assignee == workplace.person("rst.jb2").user_key
    sound(page)


def test_the_question_mark_shows_the_keys(seat: Seats, workplace: Workplace) -> None:
    page = seat("gat.jb", "/")
    page.keyboard.press("?")

    dialogue = page.get_by_role("dialog", name="快捷键")
    expect(dialogue).to_contain_text("下一件")
    sound(page)
    page.keyboard.press("Escape")
    expect(dialogue).to_be_hidden()
