"""Pages of 整改与上报: typed rows, what the case knows already, acts, and what a browser cannot change."""

import re
from collections.abc import Callable
from typing import Any

from engine.demo import rectification_answers as answers
from engine.demo.cases import Desk
from engine.periods import beijing_day
from tests.conftest import beijing
from tests.processes.office import case, limits, open_tasks, task, trail, wait_until
from tests.processes.rectification import requirements, served

SignIn = Callable[[str], Any]


def target(desk: Desk, key: int, role: str = "handler") -> str:
    return desk.actor(int(desk.variables(key)["target_dept"]), role).username


def posted(values: dict[str, Any]) -> dict[str, str]:
    """Return a form's values as a browser sends them: rows cell by cell."""
    sent: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, list):
            sent |= {f"{name}.{n}.{k}": v for n, row in enumerate(value) for k, v in row.items()}
        else:
            sent[name] = str(value)
    return sent


def test_the_report_opens_with_one_row_for_each_requirement(desk: Desk, signed_in: SignIn) -> None:
    key = served(desk)
    page = signed_in(target(desk, key)).get(f"/tasks/{task(desk, key, 'T20-07').key}").text

    for n, row in enumerate(requirements(desk, key)):
        assert f'<input type="hidden" name="items.{n}.requirement" value="{row["requirement"]}">' in page
    assert 'name="items.2.no"' not in page
    assert '<option value="partly">部分完成</option>' in page
    assert '<input class="form-control" type="date" name="items.0.done_on"' in page
    assert "整改通知书" in re.findall(r'class="papers".*?</ul>', page, re.S)[0]


def test_the_rows_come_back_with_every_error_beside_the_field(desk: Desk, signed_in: SignIn) -> None:
    key = served(desk)
    values = answers.report(requirements(desk, key), beijing_day(desk.now))
    values["items"][1] |= {"status": "", "evidence": ""}
    url = f"/tasks/{task(desk, key, 'T20-07').key}/complete"
    answer = signed_in(target(desk, key)).post(url, posted(values))

    assert answer.status_code == 422
    assert "整改情况每行应填写完整" in answer.text
    assert 'value="整改记录和截图，见附件说明。"' in answer.text
    assert open_tasks(desk, key) >= {"T20-07"}


def test_c_5_7_a_due_date_in_the_form_is_ignored(desk: Desk, signed_in: SignIn) -> None:
    key = served(desk)
    values = answers.report(requirements(desk, key), beijing_day(desk.now))
    url = f"/tasks/{task(desk, key, 'T20-07').key}/complete?due_on=2026-12-31"
    answer = signed_in(target(desk, key)).post(
        url, {**posted(values), "due_on": "2026-12-31", "limit_date": "2026-12-31"}
    )

    assert answer.status_code == 302
    assert str(limits(desk, key, "TM20-1")[0].due_on) == "2026-06-23"
    assert "2026-12-31" not in str(desk.variables(key))


def test_r20_09_the_draft_shows_the_packet_and_its_read_only_fields_have_no_input(
    desk: Desk, signed_in: SignIn
) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-24T10:00"))
    handler = desk.actor(case(desk, key).managing_key, "handler").username
    page = signed_in(handler).get(f"/tasks/{task(desk, key, 'T20-11').key}").text

    assert "上报材料汇编" in page
    assert desk.variables(key)["packet"]["digest"] in page
    for name in ("due_date", "limit", "notice_no", "delivered_at", "to_government"):
        assert f'name="{name}"' not in page
    assert "superior_authority" not in page


def test_the_head_annuls_from_the_case_page_and_the_target_has_no_such_act(
    desk: Desk, signed_in: SignIn
) -> None:
    key = served(desk)
    head = desk.actor(case(desk, key).managing_key, "head").username
    assert "撤销整改通知书" in signed_in(head).get(f"/cases/{key}").text
    links = re.findall(
        r'<a [^>]*href="([^"]*)"[^>]*>撤销整改通知书</a>',
        signed_in(target(desk, key)).get(f"/cases/{key}").text,
    )
    assert links == []


def test_the_limit_says_on_the_page_that_a_document_sets_it(desk: Desk, signed_in: SignIn) -> None:
    key = served(desk)
    page = signed_in(target(desk, key)).get(f"/cases/{key}").text

    assert "文书规定10个工作日" in page
    assert re.search(r"由《整改通知书》（[^）]+号）规定", page)
    assert trail(desk, key)


def test_nobody_is_hurried_by_a_limit_that_another_department_owes(desk: Desk, signed_in: SignIn) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-24T10:00"))
    hurried = "整改期限：已逾期"
    own = signed_in(target(desk, key)).get(f"/tasks/{task(desk, key, 'T20-07').key}").text
    handler = desk.actor(case(desk, key).managing_key, "handler").username
    others = signed_in(handler).get(f"/tasks/{task(desk, key, 'T20-11').key}").text

    assert hurried in own and hurried not in others
    assert "已逾期 1 个工作日" in others  # the limit itself is shown to both
