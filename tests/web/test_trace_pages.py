"""Pages of search, checks and access log: what they find, keep and hand out."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine import commands as c
from engine.demo.cases import Desk, deliver
from tests.conftest import at_once
from tests.processes.office import case, task

WHY = "已核对原始材料，情况属实。"


def lines(answer: Any) -> list[dict[str, str]]:
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


def night(desk: Desk) -> None:
    desk.engine.handle(c.SetClock(actor=None, at=desk.now + timedelta(days=1)))
    desk.engine.sweep()


def test_a_search_shows_its_rows_with_case_and_replay_and_hands_them_out(
    desk: Desk, signed_in: Callable[[str], Any]
) -> None:
    key = int(at_once(deliver(desk, 1)))
    desk.engine.sweep()
    browser = signed_in("audit")
    number = case(desk, key).business_id

    page = browser.get("/audit/search?kinds=deliver")
    file = browser.get("/audit/search.csv?kinds=deliver")

    assert number in page.text and f"/cases/{key}" in page.text and f"/audit/cases/{key}/replay#" in page.text
    [row] = lines(file)
    assert (row["编号"], row["行为"]) == (number, "送达")
    assert f"/audit/cases/{key}/replay#{row['记录序号']}" in page.text


def test_nothing_is_searched_before_anything_was_asked(desk: Desk, signed_in: Callable[[str], Any]) -> None:
    at_once(deliver(desk, 1))
    desk.engine.sweep()
    browser = signed_in("audit")

    assert "检索结果" not in browser.get("/audit/search").text
    assert "检索结果" in browser.get("/audit/search?person=&by=").text


def test_what_is_no_criterion_is_left_out(desk: Desk, signed_in: Callable[[str], Any]) -> None:
    browser = signed_in("audit")

    for query in (
        "since=yesterday&until=2026-13-01&late_minutes=-1&role=king&kinds=none&after=x.y&by=nobody",
        "late_minutes=99999999999999999999",
        "after=9223372036854775807.1&person=%25",
    ):
        assert browser.get(f"/audit/search?{query}").status_code == 200
        assert browser.get(f"/audit/access?{query}").status_code == 200


def test_a_search_becomes_a_check_whose_finding_is_settled_on_its_page(
    desk: Desk, signed_in: Callable[[str], Any]
) -> None:
    browser = signed_in("audit")
    browser.get("/audit/search?kinds=deliver")
    refused = browser.post("/audit/search/checks?kinds=deliver", {"name": ""})
    saved = browser.post("/audit/search/checks?kinds=deliver", {"name": "送达核对", "note": "逐件核对"})
    key = int(at_once(deliver(desk, 1)))
    night(desk)
    page = browser.get("/audit/checks?state=open")
    found = lines(browser.get("/audit/checks.csv"))

    assert (refused.status_code, saved.status_code) == (422, 302)
    assert "请填写检查名称" in refused.text
    assert [(row["检查"], row["编号"]) for row in found] == [("送达核对", case(desk, key).business_id)]
    path = page.text.partition('href="/audit/findings/')[2].partition('"')[0]
    browser.get(f"/audit/findings/{path}")
    assert browser.post(f"/audit/findings/{path}/close", {"text": "短"}).status_code == 422
    for act, text in (("explain", "已向承办部门核实。"), ("close", WHY), ("reopen", WHY), ("close", WHY)):
        assert browser.post(f"/audit/findings/{path}/{act}", {"text": text}).status_code == 302
    settled = browser.get(f"/audit/findings/{path}").text
    assert "已向承办部门核实。" in settled and settled.count(WHY) == 3 and "已了结" in settled


def test_the_pages_are_an_auditors_alone(desk: Desk, signed_in: Callable[[str], Any]) -> None:
    for name in ("gat.jb", "ysj.jb", "admin", "designer"):
        browser = signed_in(name)
        for path in ("search", "search.csv", "checks", "checks.csv", "access", "access.csv", "findings/1"):
            assert browser.get(f"/audit/{path}").status_code == 403


def test_the_access_log_is_narrowed_and_handed_out(desk: Desk, signed_in: Callable[[str], Any]) -> None:
    key = int(at_once(deliver(desk, 1)))
    opened = task(desk, key, "T12-04")
    handler = desk.actor(opened.organisation_key, "handler")
    signed_in(handler.username).get(f"/tasks/{opened.key}")
    browser = signed_in("audit")
    browser.get(f"/cases/{key}")

    mine = lines(browser.get(f"/audit/access.csv?person={handler.name}"))
    both = lines(browser.get("/audit/access.csv"))
    none = lines(browser.get("/audit/access.csv?until=2026-06-07"))

    assert [(row["人员"], row["查阅内容"], row["方式"]) for row in mine] == [
        (handler.name, "办理页面", "页面")
    ]
    assert len(both) == 2 and not none


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("page", ["search", "search.csv", "access", "access.csv", "exports"])
def test_days_at_the_edges_of_the_calendar_are_days(
    desk: Desk, signed_in: Callable[[str], Any], page: str, name: str, day: str
) -> None:
    answer = signed_in("audit").get(f"/audit/{page}?{name}={day}")

    assert (answer.status_code, bool(answer.data)) == (200, True)
