"""The calendar in a browser: from the text of a rule to the limits it moves, with scripts and without."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.app import Engine
from engine.demo.seed import DEMO_PASSWORD

Office = tuple[str, int, int]
SignIn = Callable[[str], Page]
FICTIONAL = Path(__file__).parents[1] / "data" / "fictional_notice_2027.txt"


@pytest.fixture
def plain(browser: Browser, office: Office) -> Iterator[SignIn]:
    """Sign in without JavaScript."""
    contexts = []

    def sign_in(username: str) -> Page:
        contexts.append(browser.new_context(java_script_enabled=False, locale="zh-CN"))
        page = contexts[-1].new_page()
        page.goto(f"{office[0]}/sign-in")
        page.fill("#username", username)
        page.fill("#password", DEMO_PASSWORD)
        page.click("button:has-text('登录')")
        return page

    yield sign_in
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    "path",
    [
        "/calendar?day=2026-06-19",
        "/calendar?year=2027",
        "/calendar?ask=due&from=2026-06-17&n=20&extend=10",
        "/calendar?ask=due&n=x",
        "/calendar/notices",
        "/calendar/notices/new",
        "/calendar/notices/by-hand",
    ],
)
def test_no_calendar_page_is_wider_than_the_screen(
    sign_in: SignIn, office: Office, width: int, path: str
) -> None:
    page = sign_in("admin")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(office[0] + path)

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, progress')]
            .filter((x) => !x.hidden && !x.labels.length && !x.ariaLabel).map((x) => x.outerHTML)"""
    )
    assert unnamed == []


def test_a_day_can_be_asked_with_the_keyboard(sign_in: SignIn, office: Office) -> None:
    page = sign_in("mzt.jb")
    page.goto(f"{office[0]}/calendar")
    page.get_by_role("link", name=re.compile("6月 ?19 ?日，端午节放假")).focus()
    page.keyboard.press("Enter")

    expect(page.locator("#day")).to_contain_text("2026年6月19日（星期五）不是工作日")
    expect(page.locator("#day q")).to_contain_text("五、端午节")
    expect(page).to_have_url(re.compile(r"day=2026-06-19#day$"))


def test_an_unreadable_text_keeps_its_place_and_takes_the_focus(sign_in: SignIn, office: Office) -> None:
    page = sign_in("admin")
    page.goto(f"{office[0]}/calendar/notices/new")
    page.fill("#text", FICTIONAL.read_text(encoding="utf-8").replace("共8天", "共9天"))
    page.click("button:has-text('读取并核对')")

    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".printed mark")).to_contain_text("二、春节")
    expect(page.locator("#text")).to_have_value(re.compile("共9天"))


def test_from_the_text_to_the_moved_limits_without_javascript(
    plain: SignIn, office: Office, office_engine: Engine
) -> None:
    first, second = plain("admin"), plain("admin2")
    first.goto(f"{office[0]}/calendar/notices/new")
    first.set_input_files(
        "#file",
        {
            "name": "通知.txt",
            "mimeType": "text/plain",
            "buffer": FICTIONAL.read_text(encoding="utf-8").encode("gb18030"),
        },
    )
    first.click("button:has-text('读取并核对')")
    expect(first.locator(".parsed").nth(1)).to_contain_text("2027年2月5日（星期五）")
    first.fill("#doc_no", "测试〔2026〕9号")
    first.fill("#published", "2026-06-15")
    first.click("button:has-text('录入，待另一人确认')")
    expect(first.locator("#decide")).to_contain_text("您不能确认本人录入的文件")
    second.goto(first.url)
    second.fill("#reason", "测试用虚构文本。")
    second.click("button:has-text('不予采用')")
    expect(second.locator(".page-head")).to_contain_text("未采用")

    first.goto(f"{office[0]}/calendar/notices/by-hand")
    first.select_option("#f-scope", "area:辽宁省")
    first.select_option("#f-kind", "rule")
    for name, value in {
        "title": "测试用地方规定",
        "doc_no": "测试〔2026〕12号",
        "published": "2026-06-18",
        "year": "2026",
        "rows.0.name": "测试假日",
        "rows.0.off": "6月23日至24日",
        "rows.2.name": "测试假日二",
        "rows.2.off": "2026年9月1日",
    }.items():
        first.fill(f"[name='{name}']", value)
    first.click("button:has-text('录入，待另一人确认')")
    second.goto(first.url)
    moves = second.locator(".moves tbody tr")
    foreseen = moves.count()
    expect(moves.first).to_contain_text("→")
    second.click("button:has-text('确认生效')")
    expect(second.locator("#recount")).to_contain_text(re.compile("正在重新计算|已于"))
    while office_engine.sweep():  # the office has no bell
        pass
    second.reload()
    expect(second.locator("#recount")).to_contain_text("完成")
    assert second.locator(".moves tbody tr").count() == foreseen

    auditor = plain("audit")
    auditor.goto(f"{office[0]}/cases/{office[1]}")
    auditor.locator(".deadline-head a").first.click()
    expect(auditor.locator(".shifts")).to_contain_text("测试〔2026〕12号")
    expect(auditor.locator(".strip .holiday", has_text="测试假日").first).to_be_visible()
