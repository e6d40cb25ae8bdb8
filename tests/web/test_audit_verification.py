"""The page that checks: green with facts, red at the exact event, for auditors alone; the case file and the seals to take away."""

import csv
import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from lxml import html

from engine.demo.cases import Desk, deliver
from engine.history.case_file_check import verify_case_file
from tests.conftest import at_once, beijing
from tests.processes.office import wait_until
from tests.tamper import KINDS, ON_LINES, At, on_archive, on_database


@pytest.fixture
def keys(desk: Desk) -> tuple[int, int]:
    found = int(at_once(deliver(desk, 1))), int(at_once(deliver(desk, 2)))
    wait_until(desk, beijing("2026-06-11T09:00"))
    return found


def upload(browser: Any, data: bytes, name: str = "x.shixian.jsonl", **more: str) -> Any:
    return browser.post("/audit/verify", {"file": (io.BytesIO(data), name), **more})


def taken(browser: Any, key: int, reason: str = "年度审计抽查，核对办理期限。", **more: str) -> Any:
    return browser.post(f"/audit/cases/{key}/file", {"reason": reason, **more})


def red_rows(page: Any) -> list[str]:
    return [row.xpath("td")[0].text for row in page.xpath('//tr[@class="broken"]')]


@pytest.mark.parametrize("username", ["mzt.jb", "ysj.jb", "admin", "designer"])
def test_the_page_and_the_case_file_are_for_auditors(
    signed_in: Callable[[str], Any], keys: tuple[int, int], username: str
) -> None:
    browser = signed_in(username)

    for path in ("/audit/verify", f"/audit/cases/{keys[0]}/file", f"/audit/cases/{keys[0]}/verify"):
        assert browser.get(path).status_code == 403
    assert "案卷" not in browser.get(f"/cases/{keys[0]}").text


def test_a_whole_export_and_a_whole_case_file_are_green(
    signed_in: Callable[[str], Any], keys: tuple[int, int]
) -> None:
    browser = signed_in("audit")
    root = browser.get("/seals/2026-06-09.json").json["root"]
    history = browser.get(f"/cases/{keys[0]}/export?since=2026-06-09").data
    file = taken(browser, keys[0])

    assert file.headers["Content-Disposition"].endswith("LN12-2026-0001.shixian.zip")
    assert verify_case_file(io.BytesIO(file.data)).whole
    for data, name in ((history, "x.jsonl"), (file.data, "x.zip")):
        page = upload(browser, data, name)
        assert page.status_code == 200
        assert "校验通过。" in page.text and "校验未通过" not in page.text
    assert "与2026年6月9日公布的相符" in upload(browser, history, head=root).text
    assert "未核对" in upload(browser, history).text


@pytest.mark.parametrize("how", sorted(KINDS))
def test_a_falsified_file_is_red_at_its_event(
    signed_in: Callable[[str], Any], keys: tuple[int, int], how: str
) -> None:
    browser = signed_in("audit")
    lines, other = (browser.get(f"/cases/{key}/export").data.splitlines(keepends=True) for key in keys)

    page = html.fromstring(upload(browser, b"".join(ON_LINES[how](lines, 6, other))).text)

    assert page.xpath('//*[@role="alert"]')
    assert not page.find_class("verified")
    red = red_rows(page)
    assert red == {"fork": ["7"], "truncate": [], "recompute": red}.get(how, ["6"])


def test_a_case_file_holds_names_so_it_needs_a_reason_and_is_itself_on_record(
    signed_in: Callable[[str], Any], keys: tuple[int, int]
) -> None:
    browser = signed_in("audit")
    refused, file = taken(browser, keys[0], "太短"), taken(browser, keys[0], "核对第二次催办前后的办理人。")
    listed = html.fromstring(browser.get("/audit/exports").text).text_content()

    assert (
        refused.status_code == 422 and "导出未脱敏的文件须写明理由" in refused.text and "太短" in refused.text
    )
    assert "核对第二次催办前后的办理人。" in listed and "LN12-2026-0001" in listed
    assert hashlib.sha256(file.data).hexdigest() in "".join(listed.split())


def test_a_falsified_case_file_is_red_too(signed_in: Callable[[str], Any], keys: tuple[int, int]) -> None:
    browser = signed_in("audit")
    one, other = (taken(browser, key).data for key in keys)

    page = html.fromstring(upload(browser, on_archive(one, "edit", 6, other), "x.zip").text)

    assert red_rows(page) == ["6"]


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"\x00" * 100, "时限".encode("gb18030"), b"<script>alert(1)</script>\n"]
)
def test_another_file_is_told_in_words(
    signed_in: Callable[[str], Any], keys: tuple[int, int], data: bytes
) -> None:
    page = upload(signed_in("audit"), data)

    assert page.status_code == 200
    assert "校验未通过" in page.text and "<script>alert" not in page.text


def test_nothing_chosen_and_a_wrong_root_are_told_in_words(
    signed_in: Callable[[str], Any], keys: tuple[int, int]
) -> None:
    browser = signed_in("audit")

    assert browser.post("/audit/verify", {}).status_code == 422
    assert browser.post("/audit/verify", {"head": "xyz", "case": "LN12-2026-0001"}).status_code == 422
    assert browser.post("/audit/verify", {"case": "LN12-1999-0001"}).status_code == 404


def test_the_chain_of_a_case_is_checked_where_it_stands(
    signed_in: Callable[[str], Any], desk: Desk, keys: tuple[int, int]
) -> None:
    browser = signed_in("audit")
    assert "校验通过。" in browser.post("/audit/verify", {"case": "LN12-2026-0001"}).text
    assert f"/audit/cases/{keys[0]}/verify" in browser.get(f"/cases/{keys[0]}").text

    with desk.engine.database.writing() as conn:
        on_database(conn, "edit", At(keys[0], 6, keys[1]))

    page = html.fromstring(browser.get(f"/audit/cases/{keys[0]}/verify").text)
    assert red_rows(page) == ["6"]


@pytest.mark.parametrize("how", sorted(set(KINDS) - {"truncate", "recompute"}))
def test_the_case_page_shows_the_broken_event_in_red(
    signed_in: Callable[[str], Any], desk: Desk, keys: tuple[int, int], how: str
) -> None:
    with desk.engine.database.writing() as conn:
        on_database(conn, how, At(keys[0], 6, keys[1]))

    page = html.fromstring(signed_in("audit").get(f"/cases/{keys[0]}").text)

    assert {li.find_class("num")[0].text for li in page.xpath('//li[@class="broken"]')} == {"6"}
    assert page.get_element_by_id("history").find_class("alert-late")


def test_a_whole_chain_shows_nothing_red(signed_in: Callable[[str], Any], keys: tuple[int, int]) -> None:
    page = html.fromstring(signed_in("audit").get(f"/cases/{keys[0]}").text)

    assert not page.find_class("broken") and "逐条链接校验无误" in page.text_content()


def test_the_seals_are_downloaded_one_by_one_and_as_a_table(
    signed_in: Callable[[str], Any], keys: tuple[int, int]
) -> None:
    browser = signed_in("audit")
    table = list(csv.reader(io.StringIO(browser.get("/seals.csv").data.decode("utf-8-sig"))))
    one = browser.get("/seals/2026-06-09.json")

    assert [row[0] for row in table[1:]] == ["2026-06-10", "2026-06-09", "2026-06-08"]
    assert table[2][3] == one.json["root"]
    assert "seal-2026-06-09.json" in one.headers["Content-Disposition"]
    assert signed_in("mzt.jb").get("/seals.csv").status_code == 403
    assert signed_in("mzt.jb").get("/seals/2026-06-09.json").status_code == 403


def test_who_takes_a_case_file_or_checks_a_chain_stands_in_the_access_log(
    signed_in: Callable[[str], Any], keys: tuple[int, int]
) -> None:
    browser = signed_in("audit")
    assert taken(browser, keys[0]).status_code == 200
    assert browser.post("/audit/verify", {"case": "LN12-2026-0001"}).status_code == 200

    reads = html.fromstring(browser.get(f"/audit/cases/{keys[0]}/access").text).text_content()

    assert "案件流程档案" in reads and "办理记录" in reads
