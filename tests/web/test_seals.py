"""Who sees the seals, what the notice says, and that the exported file proves itself."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine.demo.cases import Desk, deliver, granted
from engine.history.verify import read_published, verify
from engine.storage.tables import process_instance
from tests.conftest import at_once, beijing
from tests.processes.office import wait_until
from web.config import from_environment


@pytest.fixture
def key(desk: Desk) -> int:
    found = int(at_once(deliver(desk, 1)))
    wait_until(desk, beijing("2026-06-11T09:00"))
    return found


@pytest.mark.parametrize(
    ("username", "status"),
    [
        pytest.param("audit", 200, id="auditor"),
        pytest.param("ysj.jb", 200, id="managing department"),
        pytest.param("mzt.jb", 403, id="another department"),
    ],
)
def test_seals_are_for_those_they_concern(
    signed_in: Callable[[str], Any], key: int, username: str, status: int
) -> None:
    browser = signed_in(username)

    assert browser.get("/seals").status_code == status
    assert browser.get("/seals/2026-06-09").status_code == status
    assert ('href="/seals"' in browser.get("/").text) == (status == 200)


def test_the_notice_gives_the_root_in_groups_of_eight(signed_in: Callable[[str], Any], key: int) -> None:
    browser = signed_in("audit")

    listed, notice = browser.get("/seals").text, browser.get("/seals/2026-06-09").text

    assert listed.count("公告</a>") == 3
    assert "办理记录封存公告" in notice and "（2026年第2号）" in notice and "特此公告" in notice
    root = notice.split('class="seal-root">')[1].split("<")[0]
    assert [len(group) for group in root.split()] == [8] * 8
    assert root in listed


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/seals/2026-06-11", 404),
        ("/seals/2020-01-01", 404),
        ("/seals/yesterday", 422),
        ("/seals/2026-13-40", 422),
        ("/seals?page=-3", 200),
        ("/seals?page=x", 200),
        ("/seals?page=9999999999999999999999", 200),
        ("/cases/1/export", 404),
    ],
)
def test_an_odd_address_is_answered_in_words(
    signed_in: Callable[[str], Any], key: int, path: str, status: int
) -> None:
    assert signed_in("audit").get(path).status_code == status


def test_a_case_is_exported_from_its_page_and_proves_itself(
    signed_in: Callable[[str], Any], key: int
) -> None:
    browser = signed_in("audit")
    assert f'href="/cases/{key}/export"' in browser.get(f"/cases/{key}").text

    file = browser.get(f"/cases/{key}/export")

    assert "LN12-2026-0001.shixian.jsonl" in file.headers["Content-Disposition"]
    assert verify(io.BytesIO(file.data)).sealed_day == "2026-06-10"


def test_the_api_gives_the_export_and_the_seal_to_check_it_by(call: Callable[..., Any], key: int) -> None:
    listed = call("GET", "/v2/seals", "audit").json
    seal = call("GET", "/v2/seals/2026-06-09", "audit")
    file = call("GET", f"/v2/history/{key}/export?since=2026-06-09", "audit")

    assert listed["page"]["totalItems"] == 3
    assert [item["day"] for item in listed["items"]] == ["2026-06-10", "2026-06-09", "2026-06-08"]
    assert seal.json == listed["items"][1]
    report = verify(io.BytesIO(file.data), read_published(json.dumps(seal.json).encode()))
    assert report.published_day == "2026-06-09"


def test_the_export_is_for_those_who_see_the_case(call: Callable[..., Any], key: int) -> None:
    assert call("GET", f"/v2/history/{key}/export", "dlwj.jb").status_code == 404
    assert call("GET", "/v2/seals", "mzt.jb").status_code == 403
    assert call("GET", f"/v2/history/{key}/export?since=x", "audit").status_code == 422
    assert call("GET", f"/v2/history/{key}/export?since=2026-06-30", "audit").status_code == 404


def test_a_grant_case_has_an_export_too(call: Callable[..., Any], desk: Desk) -> None:
    """Cases begun by a message have another first actor, but the same first event."""
    for pause in granted(desk, 1):
        wait_until(desk, desk.now + pause)
    wait_until(desk, desk.now + timedelta(days=1))
    with desk.engine.database.reading() as conn:
        rows = conn.execute(process_instance.select()).all()
    assert {row.process_id for row in rows} == {"ln_art12_application", "ln_art12_grant"}
    for row in rows:
        file = call("GET", f"/v2/history/{row.key}/export", "audit")
        assert verify(io.BytesIO(file.data)).case == row.business_id


@pytest.mark.parametrize(
    ("text", "name"),
    [("", None), ("sm3", "SM3"), ("SM3", "SM3"), ("sha256", "SHA-256"), ("SHA-256", "SHA-256")],
)
def test_the_hash_is_a_setting(text: str, name: str | None) -> None:
    assert from_environment({"SHIXIAN_HASH": text}).algorithm == name


def test_another_hash_is_no_setting() -> None:
    with pytest.raises(ValueError, match="SHIXIAN_HASH: expected SHA-256 or SM3, found 'md5'"):
        from_environment({"SHIXIAN_HASH": "md5"})
