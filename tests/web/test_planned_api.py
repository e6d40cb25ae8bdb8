"""The API's list of what begins by itself."""

import base64
from typing import Any

from engine.demo.cases import Desk
from engine.demo.seed import DEMO_PASSWORD
from tests.processes.test_messages import deploy
from tests.processes.test_starts import listening, starting


def get(app: Any, username: str) -> Any:
    basic = base64.b64encode(f"{username}:{DEMO_PASSWORD}".encode()).decode()
    return app.test_client().get("/v2/planned-starts", headers={"Authorization": f"Basic {basic}"})


def test_planned_starts_are_listed_for_those_who_answer_for_the_processes(app: Any, desk: Desk) -> None:
    deploy(desk.engine, listening())
    deploy(desk.engine, starting(roll="next_wd"))

    first, second = get(app, "designer").json["items"]
    assert (first["processDefinitionId"], first["startsAt"]) == ("yearly", "2027-01-04T01:00:00Z")
    assert (second["processDefinitionId"], second["signal"]) == ("listening", "law_changed")
    refused = get(app, "mzt.jb")
    assert refused.status_code == 403 and "定期启动" in refused.json["detail_zh"]
