"""Migration of running cases: Camunda's noun, but here it is a proposal that both parties consent to (R-V1)."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput
from engine.migration_batch import SLICE, propose_slice
from engine.queries import migrations as queries
from engine.queries.migrations import MigrationView
from web.api import shapes
from web.api.body import body, integer
from web.api.user_tasks import command_id
from web.engine import engine
from web.security import acting

_PLAN = ("targetProcessDefinitionKey", "mappingInstructions", "operationReference", "reason")
_NOTE = "A proposal: the case moves once the heads of all parties have consented."


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/process-instances/<int:key>/migration")(migrate_instance)
    bp.post("/process-definitions/<int:key>/migration")(migrate_instances)
    bp.get("/migrations/<int:key>")(get_migration)
    bp.post("/migrations/<int:key>/consent")(consent_to_migration)
    bp.post("/migrations/<int:key>/objection")(object_to_migration)
    bp.post("/migrations/<int:key>/withdrawal")(withdraw_migration)


def migrate_instance(key: int) -> ResponseReturnValue:
    """Propose the migration of a case, with a `reason`; it is carried out with the last consent."""
    data = body(*_PLAN)
    answer = engine().handle(
        c.ProposeMigration(
            actor=acting(),
            instance_key=key,
            definition_key=_target(data),
            reason=_text(data, "reason"),
            names=_names(data),
            id=command_id(),
        )
    )
    return {**_shape(_one(int(answer["migration_key"]))), "note": _NOTE}, 202


def migrate_instances(key: int) -> ResponseReturnValue:
    """Propose the migration of the cases under a version, `limit` at a time; go on with `after` = `next`."""
    data = body(*_PLAN, "after", "limit")
    found = propose_slice(
        engine().handle,
        engine().queries,
        acting(),
        key,
        _target(data),
        _text(data, "reason"),
        _names(data),
        after=integer(data.get("after", 0), "after", 0, 2**63 - 1),
        limit=integer(data.get("limit", SLICE), "limit", 1, 500),
        batch_id=command_id(),
    )
    return {
        "proposed": [
            {"processInstanceKey": str(case.key), "businessId": case.business_id, "migrationKey": str(made)}
            for case, made in found.proposed
        ],
        "refused": [
            {
                "processInstanceKey": str(case.key),
                "businessId": case.business_id,
                "code": why.code,
                "detail": why.en,
                "detail_zh": why.zh,
            }
            for case, why in found.refused
        ],
        "next": str(found.next) if found.next else None,
        "note": _NOTE,
    }, 202


def get_migration(key: int) -> ResponseReturnValue:
    """Return a proposal with its preview and the answers."""
    return _shape(_one(key))


def consent_to_migration(key: int) -> ResponseReturnValue:
    """Consent as the head of a party; the state in the answer says whether the case has moved."""
    body()
    return _answer(key, c.ConsentToMigration(actor=acting(), **_about(key)))


def object_to_migration(key: int) -> ResponseReturnValue:
    """Object as the head of a party, with a `reason`."""
    reason = _text(body("reason"), "reason")
    return _answer(key, c.ObjectToMigration(actor=acting(), reason=reason, **_about(key)))


def withdraw_migration(key: int) -> ResponseReturnValue:
    """Withdraw a proposal, with a `reason`."""
    reason = _text(body("reason"), "reason")
    return _answer(key, c.WithdrawMigration(actor=acting(), reason=reason, **_about(key)))


def _about(key: int) -> dict[str, Any]:
    return {"instance_key": _one(key).line.instance_key, "migration_key": key, "id": command_id()}


def _answer(key: int, command: c.Command) -> dict[str, Any]:
    engine().handle(command)
    return _shape(_one(key))


def _one(key: int) -> MigrationView:
    found: MigrationView = engine().queries.search(queries.one, acting(), key)
    return found


def _target(data: dict[str, Any]) -> int:
    return integer(data.get("targetProcessDefinitionKey"), "targetProcessDefinitionKey", 1, 2**63 - 1)


def _text(data: dict[str, Any], name: str) -> str:
    if not isinstance(text := data.get(name), str):
        raise InvalidInput(f"请给出 {name}。", f"Expected a text under {name}.")
    return text


def _names(data: dict[str, Any]) -> dict[str, str]:
    names: dict[str, str] = {}
    given = data.get("mappingInstructions") or []
    for one in given if isinstance(given, list) else [None]:
        pair = (one.get("sourceElementId"), one.get("targetElementId")) if isinstance(one, dict) else ()
        if len(pair) != 2 or not all(isinstance(x, str) and x for x in pair) or pair[0] in names:
            raise InvalidInput(
                "mappingInstructions 应为若干对 sourceElementId 和 targetElementId，且来源各不相同。",
                "Expected mappingInstructions to be pairs of sourceElementId and targetElementId, each source once.",
            )
        names[str(pair[0])] = str(pair[1])
    return names


def _shape(view: MigrationView) -> dict[str, Any]:
    line, preview = view.line, view.preview
    return {
        "migrationKey": str(line.key),
        "processInstanceKey": str(line.instance_key),
        "businessId": line.business_id,
        "state": line.state.upper(),
        "sourceVersion": line.from_version,
        "targetVersion": line.to_version,
        "targetProcessDefinitionKey": str(view.definition_key),
        "mappingInstructions": [
            {"sourceElementId": one, "targetElementId": other} for one, other in view.names.items()
        ],
        "reason": view.reason,
        "proposedBy": view.proposed_by,
        "proposedAt": shapes.at(line.proposed_at),
        "decidedAt": shapes.at(line.decided_at),
        "outcome": view.outcome,
        "stale": view.stale,
        "answers": [
            {
                "organisationKey": str(a.organisation_key),
                "organisationName": a.org_name,
                "consents": a.consents,
                "by": a.by,
                "at": shapes.at(a.at),
            }
            for a in view.answers
        ],
        "preview": {part: _camel(lines) for part, lines in preview.items()},
    }


def _camel(value: Any) -> Any:
    """Return the preview in the API's spelling; keys are texts there."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if isinstance(value, dict):
        return {
            shapes.camel(name): str(item) if name.endswith("organisation_key") else _camel(item)
            for name, item in value.items()
        }
    return value
