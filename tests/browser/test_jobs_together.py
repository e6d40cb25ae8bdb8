"""The commonest jobs that need others, on a desk and on a phone: asking, copies, views, many at once, urging, substitutes."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.workplace import Seats, Workplace, open_verb, sound

widths = pytest.mark.parametrize("width", [1440, 390])


@widths
def test_a_colleague_is_asked_and_replies(seat: Seats, workplace: Workplace, width: int) -> None:
    task = workplace.delivered(owner="rst.jb")
    page = seat("rst.jb", f"/tasks/{task.key}", width)
    dialogue = open_verb(page, "沟通")
    sound(page)
    dialogue.get_by_role("checkbox", name=re.compile("孟示例")).check()
    dialogue.get_by_label("说明").fill("这些数据项以前提供过吗？")
    dialogue.get_by_role("button", name="确认沟通").click()
    expect(page.locator(".flash").first).to_contain_text("沟通")

    colleague = seat("rst.jb2", "/?box=mine", width)
    row = colleague.locator(f"li[data-task='{task.key}']")
    expect(row.locator(".part")).to_have_text("沟通")
    colleague.goto(f"{workplace.address}/tasks/{task.key}")
    asked = colleague.locator(".asked")
    expect(asked).to_contain_text("赵示例")
    expect(asked).to_contain_text("这些数据项以前提供过吗？")
    answer = open_verb(colleague, "回复")
    answer.get_by_label("说明").fill("去年提供过前三项。")
    answer.get_by_role("button", name="确认回复").click()
    expect(colleague.locator(".flash").first).to_contain_text("回复")
    sound(colleague)

    page.goto(f"{workplace.address}/tasks/{task.key}")
    expect(page.locator(".parts")).to_contain_text("去年提供过前三项。")
    sound(page)


@widths
def test_a_copy_is_sent_and_marked_read(seat: Seats, workplace: Workplace, width: int) -> None:
    task = workplace.delivered(owner="rst.jb")
    page = seat("rst.jb", f"/cases/{task.instance_key}", width)
    dialogue = open_verb(page, "抄送")
    sound(page)
    dialogue.get_by_role("checkbox", name=re.compile("孟示例")).check()
    dialogue.get_by_label("说明").fill("供您了解。")
    dialogue.get_by_role("button", name="确认抄送").click()
    expect(page.locator(".flash").first).to_contain_text("抄送")
    sound(page)

    colleague = seat("rst.jb2", "/?box=copied", width)
    row = colleague.locator("#rows li", has_text=workplace.number(task))
    expect(row).to_contain_text("赵示例抄送：供您了解。")
    expect(row).to_contain_text("未读")
    row.get_by_role("button", name="已阅").click()
    colleague.goto(f"{workplace.address}/?box=copied")
    expect(row).to_be_visible()
    expect(row).not_to_contain_text("未读")
    sound(colleague)


@widths
def test_a_search_becomes_a_view_that_opens_again(seat: Seats, workplace: Workplace, width: int) -> None:
    sought = workplace.delivered(title=f"申请共享灯塔巡检登记信息第{width}号", owner="rst.jb")
    workplace.delivered(owner="rst.jb")
    page = seat("rst.jb", "/?box=mine", width)
    page.get_by_role("searchbox", name="查找").fill(f"灯塔巡检登记信息第{width}")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#rows li")).to_have_count(1)
    page.locator(".sieve-more > summary").click()
    page.get_by_label("状态").select_option("running")
    page.locator(".sieve-acts").get_by_role("button", name="筛选").click()
    expect(page.locator("#rows li")).to_have_attribute("data-task", str(sought.key))
    sound(page)

    page.locator(".keep > summary").click()
    page.get_by_label("视图名称").fill(f"灯塔{width}")
    page.locator(".keep").get_by_role("button", name="保存").click()
    views = page.get_by_role("navigation", name="保存的视图")
    expect(views.get_by_role("link", name=f"灯塔{width}")).to_have_attribute("aria-current", "page")
    page.goto(f"{workplace.address}/?box=mine")
    views.get_by_role("link", name=f"灯塔{width}").click()

    expect(page.get_by_role("searchbox")).to_have_value(f"灯塔巡检登记信息第{width}")
    expect(page.locator("#rows li")).to_have_count(1)
    sound(page)


@widths
def test_many_are_claimed_and_the_one_that_was_taken_says_so(
    seat: Seats, workplace: Workplace, width: int
) -> None:
    tasks = [workplace.delivered() for _ in range(3)]
    page = seat("rst.jb", "/?box=department", width)
    for task in tasks:
        page.locator(f"li[data-task='{task.key}'] [name=task]").check()
    expect(page.locator("[data-ticked]")).to_have_text("已选 3 项")
    page.locator(".bulk-verbs").get_by_role("button", name="认领").click()
    expect(page.get_by_role("heading", name="所选3项，其中可以认领3项")).to_be_visible()
    sound(page)
    workplace.verb("claim", "rst.jb2", task_key=tasks[1].key)
    page.get_by_role("button", name="认领").click()

    expect(page.locator(".flash")).to_contain_text("2项已办理")
    failed = page.get_by_role("region", name=re.compile("未办理"))
    expect(failed.locator("li")).to_have_count(1)
    expect(failed).to_contain_text(workplace.number(tasks[1]))
    expect(failed.locator(".cannot")).to_contain_text("孟示例")
    sound(page)
    owners = [workplace.task(task.instance_key).assignee for task in tasks]
    first, second = workplace.person("rst.jb").user_key, workplace.person("rst.jb2").user_key
    assert owners == [first, second, first]


@widths
def test_the_applicant_urges_once_a_day_and_the_managing_department_supervises(
    seat: Seats, workplace: Workplace, width: int
) -> None:
    task = workplace.delivered(owner="rst.jb")
    page = seat(workplace.applicant(task), f"/tasks/{task.key}", width)
    page.goto(f"{workplace.address}/tasks/{task.key}")
    again = page.context.new_page()
    again.goto(page.url)
    for tab in (page, again):
        dialogue = open_verb(tab, "催办")
        expect(dialogue).to_contain_text("每个部门每日一次")
        dialogue.get_by_role("button", name="确认催办").click()
    expect(page.locator(".flash").first).to_contain_text("催办")
    expect(again.locator("main")).to_contain_text("今日已经催办")
    sound(again)

    office = seat("ysj.jb", f"/cases/{task.instance_key}", width)
    dialogue = open_verb(office, "督办")
    sound(office)
    dialogue.get_by_label("说明").fill("请按期答复。")
    dialogue.get_by_role("button", name="确认督办").click()
    expect(office.locator(".flash").first).to_contain_text("督办")
    office.goto(f"{workplace.address}/?box=supervised&text={workplace.number(task)}")
    expect(office.locator("#rows li", has_text=workplace.number(task))).to_contain_text("请按期答复。")
    sound(office)


@widths
def test_a_substitute_does_the_task_and_both_names_stand(
    seat: Seats, workplace: Workplace, width: int
) -> None:
    task = workplace.delivered(owner="rst.jb")
    page = seat("rst.jb", "/substitutes", width)
    page.get_by_label("受托人").select_option("rst.ck")
    page.get_by_label("委托的角色").select_option("handler")
    page.get_by_label("起始日期").fill("2026-06-17")
    page.get_by_label("截止日期").fill("2026-06-18")
    page.get_by_role("button", name="登记委托").click()
    expect(page.locator(".flash")).to_contain_text("委托已经登记")
    sound(page)

    substitute = seat("rst.ck", "/substitutes", width)
    substitute.locator(f"a[href='/tasks/{task.key}']").click()
    substitute.get_by_role("button", name="认领", exact=True).click()
    substitute.check("input[name=check_result][value=accept]")
    substitute.get_by_role("button", name="提交", exact=True).click()
    substitute.wait_for_url(re.compile("/cases/"))
    expect(substitute.locator("#history")).to_contain_text("窗口演示（代赵示例）")
    sound(substitute)

    page.locator(".revoke > summary").click()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.locator(".flash")).to_contain_text("委托已经撤销")
