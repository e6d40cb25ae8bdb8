"""Incidents on pages and in the API: seen by operators, plain to everybody else."""

from collections.abc import Callable
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.models import IncidentSearchQuery

from engine.demo.cases import Desk
from engine.demo.seed import DEMO_PASSWORD
from engine.people import Actor
from tests.processes.office import administrators, case, incidents, open_tasks
from tests.processes.test_incidents import CALL as CALLS_SERVICE
from tests.processes.test_incidents import FAILURES, REASON, Service, begin, service, small

__all__ = ["service"]


@pytest.fixture
def stuck(desk: Desk) -> int:
    key = begin(desk, FAILURES["condition"][0])
    desk.do(key, "A", {})
    return key


def handler_of(desk: Desk, key: int) -> Actor:
    return desk.actor(case(desk, key).using_key, "handler")


def test_an_operator_finds_an_incident_reads_it_and_chooses_the_way_on(
    desk: Desk, stuck: int, signed_in: Callable[[str], Any]
) -> None:
    browser = signed_in(administrators(desk)[0].username)
    [held] = incidents(desk, stuck)
    listed = browser.get("/incidents").get_data(as_text=True)
    assert f"/incidents/{held.key}" in listed and 'aria-label="1项待处理"' in listed
    page = browser.get(f"/incidents/{held.key}").get_data(as_text=True)
    assert "word + 1" in page and "&#34;是&#34;" in page and 'value="X_C"' in page

    refused = browser.post(f"/incidents/{held.key}/skip", {"reason": REASON, "act": "skip"})
    assert (refused.status_code, REASON in refused.get_data(as_text=True)) == (422, True), (
        "what was typed stays"
    )
    browser.post(f"/incidents/{held.key}/skip", {"reason": REASON, "flow": "X_C"})

    assert open_tasks(desk, stuck) == {"C"}
    assert "没有待处理的异常" in browser.get("/incidents").get_data(as_text=True)
    closed = browser.get("/incidents?which=closed").get_data(as_text=True)
    assert f"/incidents/{held.key}" in closed and "已略过" in closed


def test_an_operator_corrects_what_was_computed_and_tries_again(
    desk: Desk, signed_in: Callable[[str], Any]
) -> None:
    key = begin(desk, FAILURES["assign"][0])
    desk.do(key, "A", {})
    [held] = incidents(desk, key)
    browser = signed_in(administrators(desk)[0].username)
    browser.get(f"/incidents/{held.key}")
    again = browser.post(f"/incidents/{held.key}/resolve", {"variable.word": '"是"', "seen": "0"})
    assert again.location.endswith("done=again")
    assert "已重试，仍未恢复" in browser.get(again.location).get_data(as_text=True)
    wrong = browser.post(f"/incidents/{held.key}/resolve", {"variable.word": "是是", "reason": REASON})
    assert (wrong.status_code, "应按原来的格式填写" in wrong.get_data(as_text=True)) == (422, True)

    done = browser.post(f"/incidents/{held.key}/resolve", {"variable.word": "1", "reason": REASON})

    assert done.location.endswith("done=resolved")
    assert (open_tasks(desk, key), case(desk, key).variables["out"]) == ({"B"}, 2)
    assert "由“是”改为“1”" in browser.get(f"/incidents/{held.key}").get_data(as_text=True)


def test_the_case_page_tells_the_parties_plainly_and_marks_the_element(
    desk: Desk, service: Service, signed_in: Callable[[str], Any]
) -> None:
    key = begin(desk, small(CALLS_SERVICE))
    desk.do(key, "A", {})
    browser = signed_in(handler_of(desk, key).username)

    page = browser.get(f"/cases/{key}").get_data(as_text=True)

    assert "本事项在“X”环节出现异常，正在处理。" in page
    assert 'data-incidents="X"' in page
    assert "no connection" not in page, "what went wrong inside is for operators"
    assert "/incidents/" not in page


def test_only_operators_see_the_pages(desk: Desk, stuck: int, signed_in: Callable[[str], Any]) -> None:
    browser = signed_in(handler_of(desk, stuck).username)
    [held] = incidents(desk, stuck)

    assert "异常" not in browser.get("/").get_data(as_text=True)
    for path in ("/incidents", f"/incidents/{held.key}"):
        assert browser.get(path).status_code == 403
    browser.get("/cases")
    assert browser.post(f"/incidents/{held.key}/cancel", {"reason": REASON}).status_code == 403


def test_the_second_operator_reads_who_was_first(
    desk: Desk, stuck: int, signed_in: Callable[[str], Any]
) -> None:
    first, second = administrators(desk)
    [held] = incidents(desk, stuck)
    slow = signed_in(second.username)
    slow.get(f"/incidents/{held.key}")
    fast = signed_in(first.username)
    fast.get(f"/incidents/{held.key}")
    fast.post(f"/incidents/{held.key}/cancel", {"reason": REASON})

    late = slow.post(f"/incidents/{held.key}/skip", {"reason": REASON, "flow": "X_C"})

    assert (late.status_code, f"已由{first.name}处理" in late.get_data(as_text=True)) == (409, True)
    assert case(desk, stuck).state == "void"


def test_the_camunda_client_searches_reads_and_resolves(
    address: str, desk: Desk, service: Service, call: Callable[..., Any]
) -> None:
    key = begin(desk, small(CALLS_SERVICE))
    desk.do(key, "A", {})
    client = CamundaClient(
        configuration={
            "CAMUNDA_REST_ADDRESS": address,
            "CAMUNDA_AUTH_STRATEGY": "BASIC",
            "CAMUNDA_BASIC_AUTH_USERNAME": administrators(desk)[0].username,
            "CAMUNDA_BASIC_AUTH_PASSWORD": DEMO_PASSWORD,
        }
    )
    where = {"filter": {"processInstanceKey": str(key), "state": "ACTIVE"}}
    [found] = client.search_incidents(data=IncidentSearchQuery.from_dict(where)).items
    assert (found.error_type.value, found.element_id) == ("JOB_NO_RETRIES", "X")
    mine = handler_of(desk, key).username
    assert call("GET", f"/v2/process-instances/{key}", mine).json["hasIncident"] is True

    client.resolve_incident(incident_key=found.incident_key)

    assert client.get_incident(incident_key=found.incident_key).state.value == "RESOLVED"
    assert call("GET", f"/v2/process-instances/{key}", mine).json["hasIncident"] is False
    assert open_tasks(desk, key) == {"B"}


def test_skip_and_cancellation_are_nouns_of_their_own(
    desk: Desk, stuck: int, call: Callable[..., Any]
) -> None:
    admin = administrators(desk)[0].username
    [held] = incidents(desk, stuck)
    refused = call("POST", f"/v2/incidents/{held.key}/skip", admin, json={"reason": REASON})
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_input")
    handler = handler_of(desk, stuck).username
    assert call("GET", f"/v2/incidents/{held.key}", handler).status_code == 403
    assert call("POST", "/v2/incidents/search", handler, json={}).status_code == 403

    flows = {"reason": REASON, "sequenceFlowIds": ["X_C"]}
    assert call("POST", f"/v2/incidents/{held.key}/skip", admin, json=flows).status_code == 204
    again = call("POST", f"/v2/incidents/{held.key}/cancellation", admin, json={"reason": REASON})

    assert (again.status_code, again.json["code"]) == (409, "conflict")
    shown = call("GET", f"/v2/incidents/{held.key}", admin).json
    assert (shown["state"], shown["outcome"], shown["reason"]) == ("RESOLVED", "skipped", REASON)
