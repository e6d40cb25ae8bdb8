"""Verbs by page and by API: back to the task with what was done, refusals with their codes."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.app import Engine
from tests.engine.verb_office import Office, open_office


@pytest.fixture
def office(engine: Engine) -> Office:
    office = open_office(engine)
    office.fill("owner", "First")
    return office


@pytest.fixture
def browse(office: Office, signed_in: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda role: signed_in(office.name(role))


def test_a_verb_leads_back_to_the_task_and_names_itself(office: Office, browse: Callable[[str], Any]) -> None:
    key = office.task("Work").key
    browser = browse("handler")
    browser.get(f"/tasks/{key}")

    response = browser.post(
        f"/tasks/{key}/do/delegate", {"person": office.name("helper"), "text": "请先拟稿。"}
    )

    assert response.status_code == 302
    assert response.location.startswith(f"/tasks/{key}?done=")
    assert browser.get(response.location).status_code == 200
    assert browse("helper").get(f"/tasks/{key}").status_code == 200


def test_a_refused_verb_says_why(office: Office, browse: Callable[[str], Any]) -> None:
    office.do("claim", "owner")
    key = office.task("Work").key
    browser = browse("handler")
    browser.get(f"/tasks/{key}")

    response = browser.post(f"/tasks/{key}/do/return", {"step": "First", "reason": "材料不齐，请补充。"})

    assert response.status_code == 409
    assert "该任务已由试owner认领" in response.text


def test_what_is_no_verb_is_not_found(office: Office, browse: Callable[[str], Any]) -> None:
    key = office.task("Work").key
    browser = browse("handler")
    browser.get(f"/tasks/{key}")

    assert browser.post(f"/tasks/{key}/do/approve").status_code == 404
    assert browser.post(f"/tasks/{key}/do/void", {"reason": "重复登记，予以作废处理。"}).status_code == 404


def test_a_verb_needs_the_page_token(office: Office, browse: Callable[[str], Any]) -> None:
    key = office.task("Work").key

    response = browse("handler").client.post(f"/tasks/{key}/do/claim", data={"csrf": "00"})

    assert response.status_code == 403
    assert office.task("Work").assignee is None


def test_an_administrator_disposes_of_a_case_without_seeing_what_it_is_about(
    office: Office, browse: Callable[[str], Any]
) -> None:
    browser = browse("administrator")
    assert browser.get(f"/cases/{office.key}").status_code == 404
    assert browser.get("/cases/do").status_code == 200

    page = browser.get(f"/cases/do?number={office.case().business_id}")
    assert page.location.endswith(f"/cases/{office.key}/do")
    page = browser.get(page.location)
    assert office.case().variables["resource"]["name"] not in page.text
    assert "作废" in page.text

    done = browser.post(f"/cases/{office.key}/do/void", {"reason": "重复登记的事项，予以作废。"})
    assert browser.get(done.location).status_code == 200
    assert office.case().state == "void"
    assert browse("handler").get(f"/cases/{office.key}/do").status_code == 403


def test_the_api_lists_what_is_allowed_and_does_it(office: Office, call: Callable[..., Any]) -> None:
    key = office.task("Work").key
    mine = office.name("handler")
    items = call("GET", f"/v2/user-tasks/{key}/verbs", mine).json["items"]
    found = {item["code"]: item for item in items}
    assert found["return"]["steps"] == [{"elementId": "First", "name": "填报"}]
    assert office.name("helper") in [p["username"] for p in found["delegate"]["people"]]

    given = {"step": "First", "reason": "材料不齐，请补充。"}
    answer = call("POST", f"/v2/user-tasks/{key}/verbs/return", mine, json=given)
    assert answer.json["userTaskKey"] == str(office.task("First").key)

    again = call("POST", f"/v2/user-tasks/{key}/verbs/return", mine, json=given)
    assert (again.status_code, again.json["code"]) == (409, "wrong_state")
    urged = call("POST", f"/v2/user-tasks/{office.task('First').key}/verbs/urge", mine, json={})
    assert urged.status_code == 200
    urged = call("POST", f"/v2/user-tasks/{office.task('First').key}/verbs/urge", mine, json={})
    assert (urged.status_code, urged.json["code"]) == (409, "already_urged")
    assert (
        call("POST", f"/v2/process-instances/{office.key}/verbs/copy", mine, json={"people": 1}).status_code
        == 422
    )
    case_verbs = call("GET", f"/v2/process-instances/{office.key}/verbs", mine).json["items"]
    assert [item["code"] for item in case_verbs] == ["annul", "copy"]
