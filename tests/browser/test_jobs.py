"""The commonest jobs of a day, on a desk and on a phone: what is due, taking, refusing, leaving, handing over."""

import re

import pytest
from playwright.sync_api import Page, expect

from engine.demo.seed import DEMO_PASSWORD
from tests.browser.workplace import Seats, Workplace, open_verb, sound

widths = pytest.mark.parametrize("width", [1440, 390])


@widths
def test_who_signs_in_sees_what_is_due_first(seat: Seats, workplace: Workplace, width: int) -> None:
    page = seat.empty(width)
    page.goto(workplace.address)
    page.fill("#username", "gat.jb")
    page.fill("#password", DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()

    expect(page.locator("#rows h2")).to_have_text(["已逾期", "今日届满", "临期", "其他"])
    chips = page.locator("#rows .when .chip")
    expect(chips).to_have_text(["已逾期 2 个工作日", "今日到期", "下一工作日到期", "剩 5 个工作日"])
    expect(page.locator("[data-count=mine]")).to_have_text("4")
    expect(page.locator("[data-count=department]")).to_have_text("0")
    sound(page)


@widths
def test_a_task_is_claimed_and_done_and_what_will_happen_is_read_before(
    seat: Seats, workplace: Workplace, width: int
) -> None:
    task = workplace.delivered()
    page = seat("rst.jb", f"/tasks/{task.key}", width)
    page.get_by_role("button", name="认领", exact=True).click()
    expect(page.locator(".flash")).to_contain_text("已办理")

    page.check("input[name=check_result][value=accept]")
    expect(page.locator("[data-foreseen]")).to_contain_text("拟定答复意见")
    sound(page)
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url(re.compile("/cases/"))

    expect(page.locator(".flash").first).to_contain_text("已提交")
    sound(page)
    page.goto(f"{workplace.address}/?box=done")
    expect(page.locator("#rows li").first).to_contain_text("接收与形式检查")


@widths
def test_a_refusal_without_its_reason_says_what_is_missing_beside_the_field(
    seat: Seats, workplace: Workplace, width: int
) -> None:
    task = workplace.accepted("rst.jb")
    page = seat("rst.jb", f"/tasks/{task.key}", width)
    page.check("input[name=decision][value=refuse]")
    page.select_option("select[name=refusal_ground]", "4")
    page.fill("input[name=contact_name]", "答复联系人乙")
    page.fill("input[name=contact_phone]", "024-86020100")
    page.get_by_role("button", name="提交", exact=True).click()

    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#f-refusal_reason-error")).to_be_visible()
    expect(page.locator("#f-refusal_reason")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("input[name=decision][value=refuse]")).to_be_checked()
    sound(page)
    page.locator(".error-summary a").first.click()
    expect(page.locator("#f-refusal_reason")).to_be_focused()

    page.fill("#f-refusal_reason", "所申请的数据项与载明的业务事项没有直接关系，超出必要范围。")
    page.fill("#f-alternative", "可以就核验结果（一致或者不一致）另行申请。")
    page.fill("#f-evidence_waiver", "理由依据申请表所载内容，无需另附。")
    page.get_by_role("button", name="提交", exact=True).click()
    confirm(page)
    page.wait_for_url(re.compile("/cases/"))

    assert workplace.task(task.instance_key, "T12-08").state == "open"
    sound(page)


@widths
def test_a_half_filled_form_keeps_itself(seat: Seats, workplace: Workplace, width: int) -> None:
    task = workplace.accepted("rst.jb")
    page = seat("rst.jb", f"/tasks/{task.key}", width)
    page.check("input[name=decision][value=refuse]")
    page.fill("#f-refusal_reason", "写到一半的理由")
    expect(page.locator("[data-save-status]")).to_contain_text(re.compile(r"已暂存 \d\d:\d\d"))
    page.locator(".brand").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("待办事项")
    page.goto(f"{workplace.address}/tasks/{task.key}")

    expect(page.locator("input[name=decision][value=refuse]")).to_be_checked()
    expect(page.locator("#f-refusal_reason")).to_have_value("写到一半的理由")
    sound(page)


@widths
def test_a_task_handed_over_is_found_by_the_colleague(seat: Seats, workplace: Workplace, width: int) -> None:
    task = workplace.delivered(owner="rst.jb")
    page = seat("rst.jb", f"/tasks/{task.key}", width)
    dialogue = open_verb(page, "转办")
    expect(dialogue).to_contain_text("期限照常计算")
    sound(page)
    dialogue.get_by_label("人员").select_option("rst.jb2")
    dialogue.get_by_label("说明").fill("我下午外出，请接着办。")
    dialogue.get_by_role("button", name="确认转办").click()
    expect(page.locator(".flash").first).to_contain_text("转办")
    expect(page.locator(".flash").last).to_contain_text("孟示例")
    sound(page)

    colleague = seat("rst.jb2", "/?box=mine", width)
    row = colleague.locator(f"li[data-task='{task.key}']")
    expect(row).to_be_visible()
    sound(colleague)
    colleague.goto(f"{workplace.address}/tasks/{task.key}")
    expect(colleague.get_by_role("button", name="提交", exact=True)).to_be_visible()


def confirm(page: Page) -> None:
    """Say yes to what a form will do, if it asks."""
    dialogue = page.get_by_role("dialog")
    expect(dialogue.or_(page.locator(".flash")).first).to_be_visible()
    if dialogue.count():
        sound(page)
        dialogue.get_by_role("button", name="确认提交").click()
