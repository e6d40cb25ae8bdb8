"""Process definitions: search, read, and the switches of a version."""

from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput, NotFound
from engine.queries import versions as queries
from web.api import shapes
from web.api.body import body, search
from web.api.user_tasks import command_id
from web.engine import engine
from web.security import acting

# In Camunda's words: neither takes new instances, and what runs goes on.
_STATES = {"active": "ACTIVE", "suspended": "DRAINING", "retired": "DRAINING"}


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/process-definitions/search")(find_definitions)
    bp.get("/process-definitions/<int:key>")(get_definition)
    bp.get("/process-definitions/<int:key>/xml")(get_definition_xml)
    bp.post("/process-definitions/<int:key>/suspension")(suspend_definition)
    bp.post("/process-definitions/<int:key>/resumption")(resume_definition)
    bp.post("/process-definitions/<int:key>/retirement")(retire_definition)


def find_definitions() -> ResponseReturnValue:
    """Search versions of process definitions, newest first."""
    where, limit, offset = search()
    if isinstance(wanted := where.get("state"), str):
        where["state"] = [ours for ours, name in _STATES.items() if name == wanted]
    rows, total = engine().queries.search(queries.definitions, acting(), where, limit, offset)
    return shapes.page([_shape(row) for row in rows], total)


def get_definition(key: int) -> ResponseReturnValue:
    """Return one version."""
    return _shape(_one(key))


def get_definition_xml(key: int) -> ResponseReturnValue:
    """Return the BPMN of a version."""
    return Response(engine().queries.diagram(acting(), key), content_type="text/xml; charset=utf-8")


def suspend_definition(key: int) -> ResponseReturnValue:
    """Let no case start under the version, with a `reason`; running cases go on."""
    return _switch(c.SuspendDefinition, key)


def resume_definition(key: int) -> ResponseReturnValue:
    """Let a suspended version take cases again, with a `reason`."""
    return _switch(c.ResumeDefinition, key)


def retire_definition(key: int) -> ResponseReturnValue:
    """Take a version out of use for good, with a `reason`."""
    return _switch(c.RetireDefinition, key)


def _switch(
    how: type[c.SuspendDefinition | c.ResumeDefinition | c.RetireDefinition], key: int
) -> ResponseReturnValue:
    reason = body("reason").get("reason")
    if not isinstance(reason, str):
        raise InvalidInput("请给出 reason。", "Expected a text under reason.")
    engine().handle(how(actor=acting(), definition_key=key, reason=reason, id=command_id()))
    return _shape(_one(key))


def _one(key: int) -> Any:
    where = {"processDefinitionKey": key}
    rows, _ = engine().queries.search(queries.definitions, acting(), where, 1, 0)
    if not rows:
        raise NotFound("没有该流程版本。", f"Expected a process definition {key}, found none.")
    return rows[0]


def _shape(row: Any) -> dict[str, Any]:
    """Return a version in Camunda's shape, with our own fields beside."""
    return {
        "processDefinitionKey": str(row.key),
        "processDefinitionId": row.process_id,
        "name": row.name,
        "resourceName": "process.bpmn",
        "version": row.version,
        "versionTag": None,
        "tenantId": shapes.TENANT,
        "hasStartForm": False,
        "state": _STATES[row.state],
        "versionState": row.state,
        "stateReason": row.state_reason,
        "stateSince": shapes.at(row.state_since),
        "effectiveFrom": row.effective_from.isoformat() if row.effective_from else None,
        "deployedAt": shapes.at(row.deployed_at),
    }
