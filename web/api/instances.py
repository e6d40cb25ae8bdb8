"""Process instances: create, search, read."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput, NotFound
from engine.handlers.access import seen
from engine.queries import search as searches
from web.api import shapes
from web.api.body import body, integer, search
from web.api.user_tasks import command_id
from web.engine import engine
from web.keys import MAX_KEY
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/process-instances")(create_instance)
    bp.post("/process-instances/search")(find_instances)
    bp.get("/process-instances/<int:key>")(get_instance)
    bp.post("/process-instances/<int:key>/acts/<element_id>")(do_act)
    bp.get("/topology")(topology)


def create_instance() -> ResponseReturnValue:
    """Start a case; `variables.resourceKey` names the catalogue entry, `about` the case it comes from."""
    data = body(
        "processDefinitionId", "processDefinitionVersion", "variables", "tenantId", "awaitCompletion", "tags",
        "requestTimeout", "fetchVariables", "businessId", "operationReference", "startInstructions",
        "runtimeInstructions",
    )  # fmt: skip
    process_id, variables = data.get("processDefinitionId"), data.get("variables") or {}
    if not isinstance(process_id, str) or not isinstance(variables, dict):
        raise InvalidInput(
            "请给出 processDefinitionId 和 variables。", "Expected processDefinitionId and variables."
        )
    start = variables.get("startEventId")
    if start is not None and not isinstance(start, str):
        raise InvalidInput("startEventId 应为文字。", "Expected variables.startEventId to be a text.")
    command = c.StartInstance(
        actor=acting(),
        process_id=process_id,
        resource_key=_key(variables, "resourceKey"),
        about=_key(variables, "about"),
        start=start,
        id=command_id(),
    )
    answer = engine().handle(command)
    row = _one(int(answer["instance_key"]))
    return {
        "processInstanceKey": str(row.key),
        "processDefinitionKey": str(row.definition_key),
        "processDefinitionId": row.process_id,
        "processDefinitionVersion": row.version,
        "tenantId": shapes.TENANT,
        "businessId": row.business_id,
        "variables": {"userTaskKey": answer["user_task_key"]},
        "tags": [],
    }


def do_act(key: int, element_id: str) -> ResponseReturnValue:
    """Do an act on a running case, such as a withdrawal; `variables` are the values of its form."""
    variables = body("variables").get("variables") or {}
    if not isinstance(variables, dict):
        raise InvalidInput("variables 应为对象。", "Expected variables to be an object.")
    command = c.SendMessage(
        actor=acting(), instance_key=key, element_id=element_id, values=variables, id=command_id()
    )
    engine().handle(command)
    return "", 204


def find_instances() -> ResponseReturnValue:
    """Search cases."""
    where, limit, offset = search()
    rows, total = engine().queries.search(searches.instances, acting(), where, limit, offset)
    return shapes.page([shapes.instance(row) for row in rows], total)


def get_instance(key: int) -> ResponseReturnValue:
    """Return one case."""
    return shapes.instance(_one(key))


def topology() -> ResponseReturnValue:
    """Say what stands behind the address."""
    return {
        "clusterId": "shixian",
        "clusterSize": 1,
        "partitionsCount": 1,
        "replicationFactor": 1,
        "gatewayVersion": "8.8.0",
        "lastCompletedChangeId": None,
        "brokers": [],
    }


def _key(variables: dict[str, Any], name: str) -> int | None:
    value = variables.get(name)
    return None if value is None else integer(value, f"variables.{name}", 1, MAX_KEY)


def _one(key: int) -> Any:
    rows, _ = engine().queries.search(searches.instances, acting(), {"processInstanceKey": key}, 1, 0)
    if not rows:
        engine().log_refusal(acting(), "ReadInstance", str(key))
        raise NotFound(
            "没有该办理事项，或者您无权查看。", f"Expected a case {key} that you may see, found none."
        )
    seen(acting(), rows[0].key)
    return rows[0]
