"""Limits and what-if: what designers see, what auditors and managing departments see, and nobody else."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from lxml import html as parser

from engine import commands as c
from engine.app import Engine
from engine.demo.answers import reply
from engine.demo.cases import Desk, deliver
from engine.periods import beijing_day
from engine.workbench.what_if import WhatIf
from tests.conftest import at_once, beijing
from tests.web.conftest import Browser


@pytest.fixture
def key(app: Flask, signed_in: Callable[[str], Browser]) -> Iterator[int]:
    designer = signed_in("designer")
    designer.get("/designer")
    answer = designer.post("/designer/models", {"from": "template:ln_art12_application", "name": "申请草案"})
    yield int(answer.headers["Location"].rsplit("/", 1)[1])
    if "workshop" in app.extensions:
        app.extensions["workshop"].close()


@pytest.fixture
def finished(engine: Engine, desk: Desk) -> list[int]:
    found = []
    for n in range(3):
        case = int(at_once(deliver(desk, n)))
        desk.do(case, "T12-04", {"check_result": "accept"})
        found.append(case)
    engine.handle(c.SetClock(actor=None, at=beijing("2026-06-17T10:00")))
    for case in found:
        desk.do(case, "T12-12", {"action": "justified", "reason": "已向提供部门了解情况。"})
        applied = desk.variables(case)["application"]
        desk.do(case, "T12-07", reply(applied, beijing_day(desk.now), "refuse"))
        desk.do(case, "T12-08", {"decision": "sign"})
        desk.do(case, "T12-13", {"decision": "accept"})
    engine.handle(c.SetClock(actor=None, at=desk.now + timedelta(hours=1)))
    return found


def computed(browser: Browser, key: int, **fields: str) -> Any:
    address = f"/designer/models/{key}/what-if"
    assert browser.get(address).status_code == 200
    answer = browser.post(address, {"do": "begin", **fields})
    for _ in range(30):
        if "data-goes-on" not in answer.get_data(as_text=True):
            return answer
        answer = browser.post(address, {"do": "go"})
    raise AssertionError("Expected an end")


def ten_days(designer: Browser, key: int) -> None:
    xml = designer.get(f"/designer/models/{key}/files/process.bpmn").get_data(as_text=True)
    draft = xml.replace('key="p12.reply_wd" value="5"', 'key="p12.reply_wd" value="10"')
    designer.get(f"/designer/models/{key}")
    saved = designer.client.post(
        f"/designer/models/{key}/save",
        json={"base": 1, "files": {"process.bpmn": draft}},
        headers={"X-CSRF": designer.csrf},
    )
    assert saved.status_code == 200


def test_designers_see_counts_and_no_case(signed_in: Any, key: int, finished: list[int], desk: Desk):
    designer = signed_in("designer")
    ten_days(designer, key)

    text = computed(designer, key).get_data(as_text=True)

    assert "推演3件" in text and "答复期限" in text and "<strong>按期</strong>" in text
    for case in finished:
        variables = desk.variables(case)
        assert str(case) not in text and variables["business_id"] not in text
        assert variables["title"] not in text and variables["resource"]["name"] not in text
    assert "/cases/" not in text


def test_few_cases_are_not_counted_for_designers(
    engine: Engine, signed_in: Any, key: int, desk: Desk, finished: list[int]
):
    text = computed(signed_in("designer"), key, since="2026-01-05", until="2026-03-20").get_data(as_text=True)
    assert "推演0件" in text

    at_once(deliver(desk, 5))
    case = int(at_once(deliver(desk, 6)))
    desk.withdraw(case, "业务调整，不再需要。")
    text = computed(signed_in("designer"), key).get_data(as_text=True)

    # Four ended, one of them withdrawn: that one could be pointed at, and reckoned from a total of four.
    assert "计入3件" in text and "&lt;3" in text
    counts = parser.fromstring(text).xpath('//section[@id="counts"]')[0]
    told = counts.text_content()
    assert "<3" in counts.xpath(".//td/text()") and "3" in counts.xpath(".//td/text()")
    assert "4" not in re.sub(r"TM\d+-\d+|第\d+条", "", told)


def test_designers_compute_whole_quarters_and_auditors_their_days(
    signed_in: Any, key: int, finished: list[int], desk: Desk
):
    designer, days = signed_in("designer"), {"since": "2026-05-20", "until": "2026-06-10"}
    assert 'name="since" value="2025-04-01"' in designer.get(f"/designer/models/{key}/what-if").text

    text = computed(designer, key, **days).get_data(as_text=True)
    assert 'name="since" value="2026-04-01"' in text and 'name="until" value="2026-06-30"' in text
    assert "按整季度测算" in text and "推演3件" in text

    text = computed(signed_in("audit"), key, **days).get_data(as_text=True)
    assert 'name="since" value="2026-05-20"' in text and 'name="until" value="2026-06-10"' in text
    assert "按整季度测算" not in text and not any(f"/cases/{case}" in text for case in finished)


def test_designers_are_not_told_the_number_of_steps(
    signed_in: Any, key: int, finished: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(WhatIf, "advance", lambda self: False)
    for username, steps in (("designer", False), ("audit", True)):
        text = signed_in(username).post(f"/designer/models/{key}/what-if", {"do": "begin"}).text
        assert "data-goes-on" in text
        assert ("步，共" in text, 'max="100"' in text) == (steps, not steps)


def test_auditors_see_the_cases_with_links(signed_in: Any, key: int, finished: list[int], desk: Desk):
    ten_days(signed_in("designer"), key)

    text = computed(signed_in("audit"), key).get_data(as_text=True)

    for case in finished:
        assert f"/cases/{case}" in text and desk.variables(case)["business_id"] in text
    assert "逾期" in text and "2026-06-15" in text and "2026-06-23" in text


def test_a_managing_department_sees_only_its_own_cases(signed_in: Any, key: int, finished: list[int]):
    seen = {}
    for username in ("ysj.jb", "ysj.fz"):
        text = computed(signed_in(username), key).get_data(as_text=True)
        shown = {case for case in finished if f"/cases/{case}" in text}
        browser = signed_in(username)
        allowed = {case for case in finished if browser.get(f"/cases/{case}").status_code == 200}
        assert shown == allowed
        seen[username] = shown
    assert seen["ysj.jb"]


@pytest.mark.parametrize("username", ["gat.jb", "gat.fz", "admin"])
def test_others_may_not_open_it(signed_in: Any, key: int, username: str):
    browser = signed_in(username)

    assert browser.get(f"/designer/models/{key}/what-if").status_code == 403
    browser.get("/")
    assert browser.post(f"/designer/models/{key}/what-if", {"do": "begin"}).status_code == 403
    assert browser.get(f"/designer/models/{key}/limits").status_code == 403


def test_a_model_that_is_not_there_is_not_found_by_an_auditor(signed_in: Any):
    assert signed_in("audit").get("/designer/models/77/what-if").status_code == 404


def test_the_limits_stand_in_a_table_and_on_a_calendar(signed_in: Any, key: int):
    designer = signed_in("designer")

    page = designer.get(f"/designer/models/{key}/limits?at=2026-06-08T10:00").get_data(as_text=True)
    tried = designer.get(f"/designer/models/{key}/limits?at=2026-06-08T10:00&s.p12.reply_wd=10")
    wrong = designer.get(f"/designer/models/{key}/limits?at=soon&s.p12.reply_wd=x")

    assert "答复期限" in page and "第201条" not in page and "6月15日" in page
    assert 'class="workday has-limit"' in page and page.count("has-receipt") == 1
    assert "6月23日" in tried.get_data(as_text=True)
    assert wrong.status_code == 200 and "设置的值不是有效的长度" in wrong.get_data(as_text=True)
