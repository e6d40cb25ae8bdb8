"""The auditor takes logs; one with names only for a reason, and then it is on record what left."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select

from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.handlers.exports import EXPORT_STREAM
from engine.history.chain import Recorded, parse
from engine.storage.tables import event
from tests.conftest import at_once

REASON = "核对二季度共享申请的办理时限。"
ASKED = {"process": "ln_art12_application", "since": "", "until": "", "state": "all", "format": "csv"}


@pytest.fixture
def key(desk: Desk) -> int:
    return int(at_once(deliver(desk, 1)))


@pytest.fixture
def auditor(signed_in: Callable[[str], Any], key: int) -> Any:
    browser = signed_in("audit")
    browser.get("/audit/exports")
    return browser


def issued(engine: Engine) -> list[Recorded]:
    with engine.database.reading() as conn:
        bodies = select(event.c.body).where(event.c.stream == EXPORT_STREAM).order_by(event.c.seq)
        return [parse(body) for body in conn.execute(bodies).scalars()]


@pytest.mark.parametrize("username", ["mzt.jb", "ysj.jb", "designer", "admin"])
def test_the_page_and_its_files_are_for_auditors(
    signed_in: Callable[[str], Any], key: int, username: str
) -> None:
    browser = signed_in(username)

    assert browser.get("/audit/exports").status_code == 403
    assert browser.post("/audit/exports", ASKED).status_code == 403
    assert browser.get(f"/audit/cases/{key}/xes").status_code == 403
    assert browser.get("/audit/exports/models/1.bpmn").status_code == 403


def test_the_page_says_how_many_cases_a_file_will_hold(auditor: Any) -> None:
    page = auditor.get("/audit/exports?process=ln_art12_application&since=2026-06-01&state=open").text

    assert "符合条件的事项共1件。" in page and "第1版 BPMN" in page
    assert "符合条件的事项共0件。" in auditor.get("/audit/exports?until=2026-05-31").text


@pytest.mark.parametrize(
    ("format", "begins", "suffix"),
    [
        ("xes", b"<?xml", "masked.xes"),
        ("xes_pairs", b"<?xml", "masked.xes"),
        ("ocel", b'{"objectTypes"', "masked.jsonocel"),
        ("csv", b"\xef\xbb\xbfcase,", "masked.csv"),
    ],
)
def test_a_masked_file_needs_no_reason_and_leaves_no_event(
    auditor: Any, engine: Engine, format: str, begins: bytes, suffix: str
) -> None:
    answer = auditor.post("/audit/exports", {**ASKED, "format": format})

    assert answer.status_code == 200 and answer.data.startswith(begins)
    assert suffix in answer.headers["Content-Disposition"]
    assert "示例" not in answer.text and "人员-" in answer.text
    assert issued(engine) == []


def test_an_unmasked_file_is_exactly_the_one_whose_hash_is_on_record(auditor: Any, engine: Engine) -> None:
    answer = auditor.post("/audit/exports", {**ASKED, "masked": "no", "reason": REASON, "command_id": "a-1"})

    (kept,) = issued(engine)
    assert "示例" in answer.text
    assert kept.event.sha256 == hashlib.sha256(answer.data).hexdigest()  # type: ignore[attr-defined]
    assert (kept.event.reason, kept.event.cases) == (REASON, 1)  # type: ignore[attr-defined]
    page = auditor.get("/audit/exports").text
    assert REASON in page and kept.author.name in page


def test_a_double_click_is_one_export(auditor: Any, engine: Engine) -> None:
    asked = {**ASKED, "masked": "no", "reason": REASON, "command_id": "a-2"}

    first, second = (auditor.post("/audit/exports", asked) for _ in range(2))

    assert first.data == second.data and len(issued(engine)) == 1


def test_without_a_reason_nothing_with_names_leaves(auditor: Any, engine: Engine) -> None:
    answer = auditor.post("/audit/exports", {**ASKED, "masked": "no", "reason": "看看"})

    assert answer.status_code == 422
    assert (
        "10至500个字" in answer.text
        and "看看" in answer.text
        and 'id="masked-no" value="no" checked' in answer.text
    )
    assert "Content-Disposition" not in answer.headers
    assert issued(engine) == []


@pytest.mark.parametrize("changed", [{"format": "exe"}, {"since": "gestern"}])
def test_what_was_not_offered_is_refused(auditor: Any, changed: dict[str, str]) -> None:
    assert auditor.post("/audit/exports", {**ASKED, **changed}).status_code == 422


def test_one_case_and_the_model_it_is_replayed_on(auditor: Any, key: int) -> None:
    trace = etree.fromstring(auditor.get(f"/audit/cases/{key}/xes").data)
    page = auditor.get("/audit/exports?process=ln_art12_application").text
    (link,) = {
        part.partition('"')[0] for part in page.split('href="') if part.startswith("/audit/exports/models/")
    }
    model = etree.fromstring(auditor.get(link).data)

    told = {a.get("value") for a in trace.iter("{*}string") if a.get("key") == "concept:name"}
    drawn = {one.get("name") for one in model.iter("{*}userTask", "{*}task")}
    assert {"填写共享申请", "共享申请送达"} <= told & drawn
    assert f"/audit/cases/{key}/xes" in auditor.get(f"/cases/{key}").text
