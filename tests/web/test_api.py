"""The API, driven by the public Camunda client, and what it says to bad requests."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import UnexpectedStatus
from camunda_orchestration_sdk.models import (
    ClockPinRequest,
    ProcessCreationById,
    UserTaskAssignmentRequest,
    UserTaskCompletionRequest,
    UserTaskSearchQuery,
)
from sqlalchemy import select

from engine.demo.answers import application, reply
from engine.demo.cases import Desk, begin, deliver
from engine.demo.seed import DEMO_PASSWORD
from engine.handlers.governments import GOVERNMENT
from engine.periods import beijing_day
from engine.storage.tables import attachment, organisation
from tests.conftest import at_once, beijing
from tests.processes.office import case, limits, open_tasks, task, trail


@pytest.fixture
def client(address: str) -> Callable[[str], CamundaClient]:
    return lambda username: CamundaClient(
        configuration={
            "CAMUNDA_REST_ADDRESS": address,
            "CAMUNDA_AUTH_STRATEGY": "BASIC",
            "CAMUNDA_BASIC_AUTH_USERNAME": username,
            "CAMUNDA_BASIC_AUTH_PASSWORD": DEMO_PASSWORD,
        }
    )


def test_the_camunda_client_takes_an_application_to_the_provider(
    client: Callable[[str], CamundaClient], desk: Desk
) -> None:
    applicant = client("mzt.jb")
    entry = desk.engine.queries.catalogue(desk.engine.accounts.actor_named("mzt.jb"), "驾驶人").rows[0]
    created = applicant.create_process_instance(
        data=ProcessCreationById.from_dict(
            {"processDefinitionId": "ln_art12_application", "variables": {"resourceKey": str(entry.key)}}
        )
    )
    key = int(created.process_instance_key)
    found = applicant.search_user_tasks(
        data=UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": str(key), "state": "CREATED"}})
    )
    [first] = found.items
    assert (first.element_id, first.assignee) == ("T12-01", "mzt.jb")

    values = application(desk.variables(key)["resource"], beijing_day(desk.now), 1)
    applicant.complete_user_task(
        first.user_task_key, data=UserTaskCompletionRequest.from_dict({"variables": values})
    )
    head = client("mzt.fz")
    [approval] = head.search_user_tasks(
        data=UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": str(key), "state": "CREATED"}})
    ).items
    head.assign_user_task(
        approval.user_task_key, data=UserTaskAssignmentRequest.from_dict({"assignee": "mzt.fz"})
    )
    head.complete_user_task(
        approval.user_task_key, data=UserTaskCompletionRequest.from_dict({"variables": {"decision": "agree"}})
    )

    assert open_tasks(desk, key) == {"T12-04"}
    shown = applicant.get_process_instance(created.process_instance_key)
    assert (shown.state.value, str(shown.business_id)) == ("ACTIVE", case(desk, key).business_id)


def test_the_camunda_client_deploys_a_definition_with_its_form(
    client: Callable[[str], CamundaClient], tmp_path: Path
) -> None:
    """What a statute sets, nobody publishes alone (C.6); a program publishes what is the house's own choice."""
    folder = shutil.copytree(Path(__file__).parents[1] / "data" / "extension_process", tmp_path / "model")
    files = [p for p in sorted(folder.rglob("*.*")) if p.suffix in (".bpmn", ".json", ".html", ".dmn")]
    with pytest.raises(UnexpectedStatus, match="second_person_needed"):
        client("designer").deploy_resources_from_files(list(files))
    model = folder / "process.bpmn"
    model.write_bytes(model.read_bytes().replace(b'kind="law"', b'kind="choice"'))

    made = client("designer").deploy_resources_from_files(list(files))

    assert [str(p.process_definition_id) for p in made.processes] == ["test_extension"]


def test_the_camunda_client_moves_the_rehearsal_clock_and_what_became_due_has_run(
    client: Callable[[str], CamundaClient], desk: Desk
) -> None:
    key = at_once(deliver(desk, 1))
    stamp = int(beijing("2026-06-16T00:00").timestamp() * 1000)

    client("audit").pin_clock(data=ClockPinRequest.from_dict({"timestamp": stamp}))

    assert case(desk, key).overdue


def test_r12_11_the_api_refuses_a_refusal_without_reasons(call: Callable[..., Any], desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    desk.do(key, "T12-04", {"check_result": "accept"})
    handler = desk.actor(case(desk, key).providing_key, "handler").username
    before = trail(desk, key)
    variables = {"decision": "refuse", "contact_name": "某某", "contact_phone": "024-86020100"}

    response = call(
        "POST",
        f"/v2/user-tasks/{task(desk, key, 'T12-07').key}/completion",
        handler,
        json={"variables": variables},
    )

    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert {"refusal_ground", "refusal_reason"} <= set(response.json["errors"])
    assert response.json["errors"]["refusal_reason"][0]["zh"] == "请填写不予共享理由。"
    assert trail(desk, key) == before
    assert limits(desk, key, "TM12-1")[0].state == "running"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        pytest.param("/v2/user-tasks/1/completion", {"variables": {}}, 404, "not_found", id="unknown task"),
        pytest.param("/v2/user-tasks/search", [1], 422, "invalid_input", id="no object"),
        pytest.param(
            "/v2/user-tasks/search", {"filter": {"x": "y"}}, 422, "invalid_input", id="unknown filter"
        ),
        pytest.param(
            "/v2/user-tasks/search", {"page": {"limit": "many"}}, 422, "invalid_input", id="no number"
        ),
        pytest.param("/v2/user-tasks/search", {"surprise": 1}, 422, "invalid_input", id="unknown field"),
        pytest.param(
            "/v2/process-instances", {"processDefinitionId": 3}, 422, "invalid_input", id="wrong type"
        ),
        pytest.param(
            "/v2/process-instances",
            {"processDefinitionId": "no_such", "variables": {"resourceKey": "1"}},
            404,
            "not_found",
            id="unknown process",
        ),
    ],
)
def test_bad_requests_get_problem_details_in_both_languages(
    call: Callable[..., Any], path: str, body: Any, status: int, code: str
) -> None:
    response = call("POST", path, json=body)

    assert (response.status_code, response.json["code"]) == (status, code)
    assert response.json["detail"] and response.json["detail_zh"]


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"check_result": ["accept"]}, id="list for a choice"),
        pytest.param({"check_result": {"a": 1}}, id="object for a choice"),
        pytest.param({"check_result": "accept", "surprise": 1}, id="unknown key"),
        pytest.param({"check_result": "accept\x00"}, id="NUL"),
        pytest.param("text", id="no object"),
        pytest.param({}, id="nothing"),
    ],
)
def test_a_form_of_wrong_types_is_refused_and_nothing_is_written(
    call: Callable[..., Any], desk: Desk, variables: Any
) -> None:
    key = at_once(deliver(desk, 1))
    handler = desk.actor(case(desk, key).providing_key, "handler").username
    before = trail(desk, key)

    response = call(
        "POST",
        f"/v2/user-tasks/{task(desk, key, 'T12-04').key}/completion",
        handler,
        json={"variables": variables},
    )

    assert response.status_code == 422
    assert trail(desk, key) == before


def test_a_repeated_idempotency_key_is_one_command(app: Any, desk: Desk) -> None:
    key = begin(desk, 1)
    t = task(desk, key, "T12-01")
    token = desk.engine.accounts.sign_in(
        desk.actor(t.organisation_key, "handler").username, DEMO_PASSWORD, "127.0.0.1"
    )
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
    values = application(desk.variables(key)["resource"], beijing_day(desk.now), 1)
    path, body = f"/v2/user-tasks/{t.key}/completion", {"variables": values}
    http = app.test_client()

    assert http.post(path, json=body, headers=headers).status_code == 204
    assert http.post(path, json=body, headers=headers).status_code == 204
    assert trail(desk, key).count("UserTaskCompleted") == 1


def test_without_credentials_the_api_says_so(app: Any) -> None:
    response = app.test_client().post("/v2/user-tasks/search", json={})

    assert (response.status_code, response.json["code"]) == (401, "not_signed_in")


def test_a_history_can_be_checked_by_an_outsider(call: Callable[..., Any], desk: Desk) -> None:
    import hashlib

    key = at_once(deliver(desk, 1))
    log = call("GET", f"/v2/history/{key}", "audit").json

    previous = bytes(32)
    for item in log["items"]:
        previous = hashlib.sha256(previous + item["body"].encode()).digest()
        assert previous.hex() == item["hash"]


def test_deadlines_show_what_they_rest_on(call: Callable[..., Any], desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    answer = call(
        "POST", "/v2/deadlines/search", "audit", json={"filter": {"processInstanceKey": str(key)}}
    ).json

    [limit] = answer["items"]
    assert (limit["dueOn"], limit["status"], limit["terms"]["length"]) == ("2026-06-15", "final", 5)
    assert limit["basis"].endswith("第十二条")


def test_the_description_names_every_route(call: Callable[..., Any], app: Any) -> None:
    described = set(call("GET", "/v2/openapi.json").json["paths"])

    routes = {r.rule for r in app.url_map.iter_rules() if r.rule.startswith("/v2/")}
    assert len(described) == len({r.replace("<int:key>", "{key}") for r in routes})


def test_a_malformed_definition_is_refused(desk: Desk) -> None:
    from engine import commands as c
    from engine.errors import InvalidDefinition

    for xml in (b"<bpmn", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"<x/>", b""):
        with pytest.raises(InvalidDefinition):
            desk.engine.handle(c.DeployDefinition(actor=None, files={"process.bpmn": xml}))


def test_c6_before_delivery_a_search_shows_the_other_side_nothing(
    call: Callable[..., Any], desk: Desk
) -> None:
    key = begin(desk, 1)
    provider = desk.actor(int(desk.variables(key)["providing_dept"]), "handler").username
    where = {"filter": {"processInstanceKey": str(key)}}

    for path in ("/v2/process-instances/search", "/v2/user-tasks/search"):
        assert call("POST", path, provider, json=where).json["page"]["totalItems"] == 0, path
    assert call("GET", f"/v2/process-instances/{key}", provider).status_code == 404
    [draft] = call("POST", "/v2/user-tasks/search", "admin", json=where).json["items"] or [None]
    assert draft is None


def test_c6_an_application_withdrawn_before_delivery_stays_unknown_to_the_provider(
    call: Callable[..., Any], desk: Desk
) -> None:
    key = begin(desk, 1)
    provider = desk.actor(int(desk.variables(key)["providing_dept"]), "handler").username
    desk.withdraw(key, "不再需要该数据。")

    assert call("GET", f"/v2/process-instances/{key}", provider).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("GET", f"/v2/process-instances/{10**20}", None, 404, id="a key of twenty digits"),
        pytest.param("GET", f"/v2/history/{10**20}", None, 404, id="a history of twenty digits"),
        pytest.param("POST", f"/v2/user-tasks/{10**20}/completion", {}, 404, id="a task of twenty digits"),
        pytest.param("POST", "/v2/deadlines/search", {"filter": {"dueOn": "soon"}}, 422, id="no date"),
        pytest.param("POST", "/v2/deadlines/search", {"filter": {"dueOn": 3}}, 422, id="a number for a date"),
        pytest.param(
            "GET", "/v2/calendar/due?receivedAt=0001-01-01T00:00:00%2B08:00&days=5", None, 422, id="year one"
        ),
        pytest.param("PUT", "/v2/clock", {"timestamp": 1}, 422, id="a clock set back"),
    ],
)
def test_odd_requests_are_refused_and_are_no_fault_of_the_server(
    call: Callable[..., Any], method: str, path: str, body: Any, status: int
) -> None:
    response = call(method, path, json=body)

    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.json["detail_zh"]


def test_deadlines_are_found_by_the_day_they_end(call: Callable[..., Any], desk: Desk) -> None:
    key = at_once(deliver(desk, 1))

    found = call("POST", "/v2/deadlines/search", "audit", json={"filter": {"dueOn": "2026-06-15"}}).json[
        "items"
    ]

    assert str(key) in {item["processInstanceKey"] for item in found}


@pytest.mark.parametrize(
    "file",
    [
        pytest.param({"key": "1", "name": "证明.pdf", "size": 9, "sha256": "00"}, id="never stored"),
        pytest.param({"key": 1, "name": ["x"], "size": "big", "sha256": None}, id="wrong types"),
    ],
)
def test_r12_11_evidence_that_was_never_uploaded_does_not_count(
    call: Callable[..., Any], desk: Desk, file: dict[str, Any]
) -> None:
    key = at_once(deliver(desk, 1))
    desk.do(key, "T12-04", {"check_result": "accept"})
    handler = desk.actor(case(desk, key).providing_key, "handler").username
    variables = reply(desk.variables(key)["application"], beijing_day(desk.now), "refuse")
    variables |= {"attachments": [file], "evidence_waiver": ""}

    path = f"/v2/user-tasks/{task(desk, key, 'T12-07').key}/completion"
    response = call("POST", path, handler, json={"variables": variables})

    assert (response.status_code, "attachments" in response.json["errors"]) == (422, True)


def test_files_are_uploaded_and_named_in_a_completion(call: Callable[..., Any], desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    desk.do(key, "T12-04", {"check_result": "accept"})
    handler = desk.actor(case(desk, key).providing_key, "handler").username
    path = f"/v2/user-tasks/{task(desk, key, 'T12-07').key}"
    files = [(io.BytesIO(b"%PDF-1.7"), "依据.pdf"), (io.BytesIO(b"\x89PNG"), "截图.png")]

    response = call("POST", f"{path}/attachments", handler, data={"files": files})
    stored = response.json["attachments"]
    variables = reply(desk.variables(key)["application"], beijing_day(desk.now), "refuse")
    variables |= {"attachments": stored, "evidence_waiver": ""}

    assert response.status_code == 201
    assert [(f["name"], f["size"]) for f in stored] == [("依据.pdf", 8), ("截图.png", 4)]
    assert call("POST", f"{path}/completion", handler, json={"variables": variables}).status_code == 204
    assert desk.variables(key)["reply"]["attachments"] == stored


@pytest.mark.parametrize(
    ("names", "who", "status"),
    [
        pytest.param([], "own", 422, id="no file"),
        pytest.param(["a.pdf", "b.exe"], "own", 422, id="one of a wrong kind"),
        pytest.param([f"{n}.pdf" for n in range(11)], "own", 422, id="too many"),
        pytest.param(["a.pdf"], "designer", 404, id="an outsider"),
    ],
)
def test_an_upload_is_refused_with_problem_details_and_nothing_is_stored(
    call: Callable[..., Any], desk: Desk, names: list[str], who: str, status: int
) -> None:
    key = at_once(deliver(desk, 1))
    username = desk.actor(case(desk, key).providing_key, "handler").username if who == "own" else who
    files = [(io.BytesIO(b"x"), name) for name in names]

    path = f"/v2/user-tasks/{task(desk, key, 'T12-04').key}/attachments"
    response = call("POST", path, username, data={"files": files})

    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert response.json["detail_zh"]
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(attachment)).all() == []


def test_the_description_says_that_attachments_are_multipart(call: Callable[..., Any]) -> None:
    paths = call("GET", "/v2/openapi.json").json["paths"]

    body = paths["/v2/user-tasks/{key}/attachments"]["post"]["requestBody"]
    assert list(body["content"]) == ["multipart/form-data"]


def test_an_administrator_records_a_succession(call: Callable[..., Any], desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    row = case(desk, key)
    with desk.engine.database.reading() as conn:
        codes = {
            r.key: r.code
            for r in conn.execute(
                select(organisation).where(~organisation.c.managing, organisation.c.kind != GOVERNMENT)
            )
        }
    new = next(org for org in codes if org not in (row.using_key, row.providing_key))
    path = f"/v2/organisations/{codes[row.providing_key]}/succession"
    body = {
        "successorCode": codes[new],
        "validFrom": "2026-06-08",
        "documentNumber": "辽编办发〔2026〕21号",
    }

    assert call("POST", path, json=body).status_code == 403
    assert call("POST", path, "admin", json={**body, "documentNumber": ""}).status_code == 422
    assert call("POST", "/v2/organisations/unknown/succession", "admin", json=body).status_code == 404
    response = call("POST", path, "admin", json=body)
    assert (response.status_code, response.json["successorKey"]) == (202, str(new))
    again = call("POST", path, "admin", json=body)
    assert (again.status_code, again.content_type) == (409, "application/problem+json")
    desk.engine.sweep()
    assert task(desk, key, "T12-04").organisation_key == new
