"""Designers publish over the API; everybody else, and every broken definition, is refused by name."""

import io
from typing import Any

import pytest

from engine.demo.cases import Desk
from tests.processes.small_models import model, nodes

XML = model(nodes("startEvent:S userTask:A endEvent:E"), "S>A A>E")


def upload(call: Any, username: str = "designer", **files: bytes) -> Any:
    data = {name: (io.BytesIO(content), name) for name, content in files.items()}
    return call("POST", "/v2/deployments", username, data=data, content_type="multipart/form-data")


def test_a_designer_publishes_and_the_same_again_is_the_same_version(call: Any, desk: Desk) -> None:
    first = upload(call, **{"small.bpmn": XML})
    again = upload(call, **{"small.bpmn": XML})

    assert first.status_code == again.status_code == 200
    [made] = first.json["deployments"]
    assert made["processDefinition"]["processDefinitionId"] == "small"
    assert made["processDefinition"]["processDefinitionVersion"] == 1
    assert again.json == first.json
    other = upload(call, **{"small.bpmn": XML.replace("小流程".encode(), "小流程二".encode())})
    assert other.json["deployments"][0]["processDefinition"]["processDefinitionVersion"] == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({}, "found 0", id="nothing"),
        pytest.param({"x.py": b"print()"}, "found 'x.py'", id="a program"),
        pytest.param({"../x.json": b"{}"}, "found '../x.json'", id="a way out"),
        pytest.param({"F.json": b"{}"}, "process.bpmn", id="no definition"),
        pytest.param({"x.bpmn": b"<definitions"}, "", id="no XML"),
        pytest.param({"x.bpmn": XML.replace(b"userTask", b"scriptTask")}, "scriptTask", id="a script"),
    ],
)
def test_what_is_no_definition_is_refused(call: Any, files: dict[str, bytes], said: str) -> None:
    answer = upload(call, **files)

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


@pytest.mark.parametrize("username", ["gat.jb", "audit"])
def test_only_designers_publish(call: Any, username: str) -> None:
    assert upload(call, username, **{"small.bpmn": XML}).status_code == 403


def test_a_scenario_that_does_not_come_out_hinders_a_deployment_too(call: Any) -> None:
    start = b'{"id": "s1", "name": "x", "start": {"at": "2026-06-08T10:00"}, "steps": [%s]}'
    wrong = start % b'{"complete": {"element": "Nowhere", "values": {}}}'

    answer = upload(call, **{"small.bpmn": XML, "scenarios/s1.json": wrong})

    assert (answer.status_code, answer.json["code"]) == (422, "scenario_failed")
