"""The calendar's part of the API."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from engine.demo.cases import Desk, deliver
from engine.demo.seed import DEMO_PASSWORD
from tests.conftest import at_once
from tests.processes.office import case, limits

Get = Callable[..., Any]


@pytest.fixture
def get(app: Any) -> Get:
    def get(path: str, username: str = "mzt.jb") -> Any:
        basic = base64.b64encode(f"{username}:{DEMO_PASSWORD}".encode()).decode()
        return app.test_client().get(path, headers={"Authorization": f"Basic {basic}"})

    return get


DUE = "/v2/calendar/due?receivedAt=2026-06-08T10:00:00%2B08:00"


@pytest.mark.parametrize(
    ("more", "last_day"),
    [
        pytest.param("&days=5", "2026-06-15", id="working days"),
        pytest.param("&days=5&extendBy=10", "2026-06-30", id="extended"),
        pytest.param("&days=5&unit=calendar_day", "2026-06-15", id="calendar days roll on"),
        pytest.param("&days=1&unit=month", "2026-07-08", id="a month"),
    ],
)
def test_due_counts_in_every_unit(get: Get, more: str, last_day: str) -> None:
    answer = get(DUE + more).json

    assert answer["last_day"] == last_day
    assert answer["rule"] and answer["days"][-1]["date"] == last_day


def test_as_of_asks_what_was_known(get: Get) -> None:
    path = "/v2/calendar/days/2026-06-19"

    assert get(path).json["status"] == "final"
    then = get(f"{path}?asOf=2025-11-01").json
    assert (then["status"], then["notice"]) == ("uncovered", None)
    assert get(f"{DUE}&days=5&asOf=2025-11-01").json["status"] == "uncovered"


def test_reverse_span_day_and_year(get: Get) -> None:
    latest = get("/v2/calendar/latest-start?finishBy=2026-06-25&days=5").json
    span = get("/v2/calendar/between?first=2026-06-17&last=2026-06-25").json
    day = get("/v2/calendar/days/2026-02-14").json
    year = get("/v2/calendar/years/2026").json

    assert latest["latest_event_day"] == "2026-06-17"
    assert (span["working_days"], span["calendar_days"]) == (5, 8)
    assert (day["working"], day["kind"], day["doc_no"]) == (True, "makeup", "国办发明电〔2025〕7号")
    assert (len(year["days"]), year["covered"], year["notices"]) == (365, True, ["2026"])
    assert get("/v2/calendar/years/2027").json["covered"] is False


def test_notices_are_listed_with_their_days(get: Get) -> None:
    found = get("/v2/calendar/notices").json["items"]

    assert {"2020-amendment", "2026"} <= {n["noticeId"] for n in found}
    first = next(n for n in found if n["noticeId"] == "2026")
    assert (first["state"], first["docNo"], first["layer"]) == (
        "confirmed",
        "国办发明电〔2025〕7号",
        "national",
    )
    assert first["holidays"][0]["daysOff"] == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_a_deadline_comes_with_its_explanation_and_its_moves(get: Get, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    [limit] = limits(desk, key, "TM12-1")

    found = get(f"/v2/deadlines/{limit.key}", "audit").json

    assert found["dueOn"] == found["explanation"]["then"]["last_day"] == "2026-06-15"
    assert found["explanation"]["now"] is None
    assert found["moves"] == []
    assert found["organisationName"]


def test_c6_a_deadline_of_a_case_one_may_not_see_is_not_found(get: Get, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    [limit] = limits(desk, key, "TM12-1")

    assert get(f"/v2/deadlines/{limit.key}", "designer").status_code == 404
    assert get("/v2/deadlines/1", "audit").status_code == 404
    assert case(desk, key).business_id not in get(f"/v2/deadlines/{limit.key}", "admin").get_data(
        as_text=True
    )


@pytest.mark.parametrize(
    "path",
    [
        f"{DUE}&days=0",
        f"{DUE}&days=5&unit=week",
        f"{DUE}&days=5&extendBy=-1",
        f"{DUE}&days=5&asOf=2027-01-01",
        f"{DUE}&days=5&asOf=yesterday",
        "/v2/calendar/due?receivedAt=2026-06-08T10:00:00&days=5",
        "/v2/calendar/latest-start?finishBy=soon&days=5",
        "/v2/calendar/latest-start?finishBy=2026-06-25",
        "/v2/calendar/latest-start?finishBy=0001-01-01&days=5",
        "/v2/calendar/between?first=2026-06-17",
        "/v2/calendar/between?first=2026-06-17&last=9999-12-31",
        "/v2/calendar/days/2026-02-30",
        "/v2/calendar/years/99999",
        "/v2/calendar/years/today",
    ],
)
def test_bad_questions_get_problem_details(get: Get, path: str) -> None:
    response = get(path)

    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    assert response.json["detail_zh"]


def test_the_description_names_what_the_calendar_takes(get: Get) -> None:
    paths = get("/v2/openapi.json").json["paths"]

    due = {p["name"]: p["required"] for p in paths["/v2/calendar/due"]["get"]["parameters"]}
    assert due == {"receivedAt": True, "days": True, "unit": False, "extendBy": False, "asOf": False}
    [day] = [p for p in paths["/v2/calendar/days/{day}"]["get"]["parameters"] if p["in"] == "path"]
    assert day["schema"]["pattern"] == r"^\d{4}-\d{2}-\d{2}$"
