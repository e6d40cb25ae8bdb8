"""What an official meets on the task page: tabs that lose nothing, drafts that keep themselves, a word before the act."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, deliver
from tests.browser.pages import findings
from tests.conftest import at_once
from tests.processes.office import case, task

SignIn = Callable[[str], Page]
Office = tuple[str, int, int]


class Work:
    """A fresh task of a provider's handler, and who may do it."""

    def __init__(self, engine: Engine, address: str, number: int) -> None:
        self.desk = Desk(engine)
        self.key = at_once(deliver(self.desk, number))
        self.row = task(self.desk, self.key, "T12-04")
        self.actor = self.desk.actor(self.row.organisation_key, "handler")
        self.address = f"{address}/tasks/{self.row.key}"

    @property
    def draft(self) -> dict[str, object]:
        return dict(self.desk.engine.queries.task(self.actor, self.row.key).values)


_numbers = iter(range(20, 90))


@pytest.fixture
def work(office: Office, office_engine: Engine) -> Iterator[Work]:
    yield Work(office_engine, office[0], next(_numbers))


@pytest.fixture
def page_of_work(sign_in: SignIn, work: Work) -> Page:
    page = sign_in(work.actor.username)
    page.goto(work.address)
    return page


def test_tabs_move_by_arrows_and_what_was_typed_stays(page_of_work: Page) -> None:
    page = page_of_work
    page.check("input[value=not_ours]")
    page.fill("#f-return_reason", "该数据由其他部门依职责采集管理。")

    page.get_by_role("tab", name="事项概要").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="期限")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="期限")).to_be_visible()
    expect(page.locator("#panel-summary")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-element-id="T12-04"].has-token')).to_have_count(1)
    page.get_by_role("tab", name="办理记录").click()
    expect(page.locator("#panel-history .trail li").first).to_be_visible()
    page.keyboard.press("End")

    expect(page.get_by_role("tab", name="交流")).to_be_focused()
    expect(page.locator("#f-return_reason")).to_have_value("该数据由其他部门依职责采集管理。")


def test_a_draft_saves_itself_and_is_there_again(page_of_work: Page, work: Work) -> None:
    page = page_of_work
    page.check("input[value=not_ours]")
    page.fill("#f-return_reason", "写到一半的理由")
    expect(page.locator("[data-save-status]")).to_contain_text(re.compile(r"已暂存 \d\d:\d\d"))
    page.reload()

    expect(page.locator("#f-return_reason")).to_have_value("写到一半的理由")
    assert work.draft["return_reason"] == "写到一半的理由"


def test_two_open_pages_of_one_draft_ask_which_to_keep(
    page_of_work: Page, work: Work, sign_in: SignIn
) -> None:
    page = page_of_work
    other = page.context.new_page()
    other.goto(work.address)
    other.check("input[value=not_ours]")
    other.fill("#f-return_reason", "另一页写的理由")
    expect(other.locator("[data-save-status]")).to_contain_text("已暂存")
    other.close()
    page.check("input[value=not_ours]")
    page.fill("#f-return_reason", "本页写的理由")

    conflict = page.locator(".conflict")
    expect(conflict).to_contain_text("另一页写的理由")
    expect(conflict).to_contain_text("本页写的理由")
    page.get_by_role("button", name="保留本页填写的").click()
    expect(page.locator("[data-save-status]")).to_contain_text("已暂存")
    assert work.draft["return_reason"] == "本页写的理由"


def test_while_the_server_is_away_nothing_is_lost(page_of_work: Page, work: Work) -> None:
    page = page_of_work
    page.route("**/draft", lambda route: route.fulfill(status=503, body="away"))
    page.check("input[value=not_ours]")
    page.fill("#f-return_reason", "网络中断时写的")
    expect(page.locator("[data-save-status]")).to_contain_text("未能暂存，正在重试")
    page.unroute("**/draft")

    expect(page.locator("[data-save-status]")).to_contain_text("已暂存", timeout=15_000)
    assert work.draft["return_reason"] == "网络中断时写的"


def test_when_the_session_is_over_the_words_wait_for_the_next_sign_in(page_of_work: Page, work: Work) -> None:
    page = page_of_work
    page.context.clear_cookies(name="shixian_session")
    page.check("input[value=not_ours]")
    page.fill("#f-return_reason", "登录失效时写的")
    page.get_by_role("link", name="重新登录后继续").click()
    page.fill("#username", work.actor.username)
    page.fill("#password", "Shixian-2026")
    page.click("button:has-text('登录')")

    expect(page.locator("#f-return_reason")).to_have_value("登录失效时写的")
    expect(page.locator("[data-save-status]")).to_contain_text("已暂存")


def test_a_slow_press_on_signing_in_again_meets_its_link(page_of_work: Page) -> None:
    """The press leaves the field, the field is saved, and the answer comes while the button is down."""
    page = page_of_work
    page.context.clear_cookies(name="shixian_session")
    page.check("input[value=not_ours]")
    page.fill("#f-return_reason", "登录失效时写的")
    link = page.get_by_role("link", name="重新登录后继续")
    link.hover()
    with page.expect_response("**/draft"):
        page.mouse.down()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    page.mouse.up()

    page.wait_for_url(re.compile("/sign-in"))


def test_before_an_act_that_binds_the_page_says_what_it_does(page_of_work: Page, work: Work) -> None:
    page = page_of_work
    page.check("input[value=supplement]")
    page.select_option("select[name='supplement_list.0.field']", "duty_basis")
    page.fill("input[name='supplement_list.0.demand']", "请写明具体条款。")
    page.keyboard.press("Control+Enter")

    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("补正期限")
    expect(dialog).to_contain_text("到期")
    dialog.get_by_role("button", name="返回修改").click()
    assert task(work.desk, work.key, "T12-04").state == "open"
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog").get_by_role("button", name="确认提交").click()
    page.wait_for_url(re.compile(r"/cases/"))

    assert case(work.desk, work.key).state == "awaiting_supplement"


def test_a_task_done_elsewhere_says_so_at_once_and_keeps_the_words(page_of_work: Page, work: Work) -> None:
    page = page_of_work
    page.check("input[value=not_ours]")
    page.fill("#f-return_reason", "还没提交的理由")
    engine = work.desk.engine
    engine.handle(c.CompleteTask(actor=work.actor, task_key=work.row.key, values={"check_result": "accept"}))

    expect(page.get_by_role("alert").filter(has_text=f"已由{work.actor.name}办理")).to_be_visible()
    expect(page.locator(".action-main button").first).to_be_disabled()
    expect(page.locator("#f-return_reason")).to_have_value("还没提交的理由")
    expect(page.locator("#f-return_reason")).to_be_enabled()


def test_a_comment_is_said_without_leaving_the_form(page_of_work: Page) -> None:
    page = page_of_work
    page.check("input[value=not_ours]")
    page.fill("#f-return_reason", "写了一半")
    page.get_by_role("tab", name="交流").click()
    page.fill("#comment-text", "请一起看一下依据。")
    page.get_by_role("button", name="发送").click()

    expect(page.locator(".talk li")).to_contain_text("请一起看一下依据。")
    expect(page.locator("#f-return_reason")).to_have_value("写了一半")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_is_no_wider_than_the_screen_in_any_tab(page_of_work: Page, width: int) -> None:
    page = page_of_work
    page.set_viewport_size({"width": width, "height": 900})
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_any_tab_nor_in_a_dialogue(page_of_work: Page, width: int) -> None:
    page = page_of_work
    page.set_viewport_size({"width": width, "height": 900})
    page.check("input[value=supplement]")
    page.select_option("select[name='supplement_list.0.field']", "duty_basis")
    page.fill("input[name='supplement_list.0.demand']", "请写明具体条款。")
    expect(page.locator("[data-foreseen]")).to_contain_text("补正期限")
    for tab in page.get_by_role("tab").all():
        tab.click()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        assert findings(page) == []
    page.locator(".more-verbs > summary").click()
    page.locator(".more-verbs-list summary").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert findings(page) == []
