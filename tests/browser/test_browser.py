"""What an official meets in a browser, on a desk and on a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Office = tuple[str, int, int]
SignIn = Callable[[str], Page]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", ["/", "/?box=done", "/catalogue", "/notices", "/clock", "/cases/{case}"])
def test_no_page_is_wider_than_the_screen(sign_in: SignIn, office: Office, width: int, path: str) -> None:
    page = sign_in("audit")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(office[0] + path.format(case=office[1]))

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_diagram_shows_where_the_case_stands_and_keeps_its_watermark(
    sign_in: SignIn, office: Office
) -> None:
    page = sign_in("audit")
    page.goto(f"{office[0]}/cases/{office[1]}")

    expect(page.locator('[data-element-id="T12-04"].has-token')).to_have_count(1)
    expect(page.locator('[data-element-id="T12-02"].is-passed')).to_have_count(1)
    mark = page.locator(".bjs-powered-by")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    on_top = page.evaluate(
        "([x, y]) => !!document.elementFromPoint(x, y).closest('.bjs-powered-by')",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )
    assert on_top


def test_the_strip_names_the_notice_behind_each_day(sign_in: SignIn, office: Office) -> None:
    page = sign_in("audit")
    page.goto(f"{office[0]}/cases/{office[1]}")
    page.locator("summary", has_text="逐日依据").first.click()

    expect(page.locator(".reasons td", has_text="国办发明电").first).to_be_visible()
    expect(page.locator(".strip .holiday").first).to_contain_text("端午节")


def test_a_field_appears_when_it_is_needed_and_errors_take_the_focus(sign_in: SignIn, office: Office) -> None:
    page = sign_in("audit")
    handler = _handler_of(page, office)
    page.click("button:has-text('退出')")
    sign_in(handler)
    page.goto(f"{office[0]}/tasks/{office[2]}")
    reason = page.locator("#f-return_reason")
    expect(reason).to_be_hidden()
    page.check("input[name=check_result][value=not_ours]")
    expect(reason).to_be_visible()
    page.click("button:has-text('提交')")

    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#f-return_reason-error")).to_contain_text("请填写退回理由")
    expect(page.locator("input[value=not_ours]")).to_be_checked()


def test_without_javascript_the_form_works_all_the_same(
    browser: object, office: Office, sign_in: SignIn
) -> None:
    handler = _handler_of(sign_in("audit"), office)
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{office[0]}/sign-in")
    page.fill("#username", handler)
    page.fill("#password", "Shixian-2026")
    page.click("button:has-text('登录')")
    page.goto(f"{office[0]}/tasks/{office[2]}")
    page.check("input[name=check_result][value=supplement]")
    page.select_option("select[name='supplement_list.0.field']", "duty_basis")
    page.fill("input[name='supplement_list.0.demand']", "请写明具体条款。")
    page.click("button:has-text('提交')")

    assert re.search(r"/cases/\d+", page.url)
    expect(page.locator(".flash").first).to_contain_text("已提交")
    context.close()


def _handler_of(page: Page, office: Office) -> str:
    """Return the user name of the provider's handler: the demo's names begin with the department's short name."""
    page.goto(f"{office[0]}/cases/{office[1]}")
    text = page.locator(".facts").first.inner_text()
    names = {
        "公安厅": "gat.jb",
        "市场监督": "scj.jb",
        "人力资源和社会保障厅": "rst.jb",
        "省民政厅": "mzt.jb",
        "自然资源厅": "zrt.jb",
        "税务局": "sw.jb",
        "公积金": "sygj.jb",
        "沈阳市人力资源": "syrs.jb",
        "卫生健康": "dlwj.jb",
        "医疗保障": "asyb.jb",
        "和平区民政": "hpmz.jb",
        "金州区教育": "jzjy.jb",
    }
    given = text.split("提供部门")[1].split("管理部门")[0]
    return next(name for part, name in names.items() if part in given)
