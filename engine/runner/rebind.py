"""Moving a case's tokens to another version of its definition, before it is bound to one (R-V1)."""

from typing import Any

import orjson
import zstandard
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.util.task import TaskState

from engine.model import Node, Process
from engine.runner.program import Program

TOKEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_AHEAD = TaskState.PREDICTED_MASK | TaskState.FUTURE


def alike(before: Process, after: Process, element_id: str) -> bool:
    """Say whether a token at the element can wait in the other version just as it does."""
    old, new = before.nodes[element_id], after.nodes.get(element_id)
    if new is None or _kind(old) != _kind(new):
        return False
    around: str | None = element_id
    while around is not None:  # an event sub-process is armed when the scope around it is entered
        if before.inner_scopes(around) != after.inner_scopes(around):
            return False
        if before.nodes[around].type == "adHocSubProcess" and _inside(before, around) != _inside(
            after, around
        ):
            return False
        around = before.nodes[around].scope
    # A boundary event is armed when the activity is entered; a token inside would never see a new one.
    return {n.id for n in before.attached(element_id)} == {n.id for n in after.attached(element_id)}


def _kind(node: Node) -> tuple[object, ...]:
    return node.type, node.scope, node.role, node.several is None


def _inside(process: Process, scope_id: str) -> set[str]:
    return {n.id for n in process.nodes.values() if n.scope == scope_id}


def rewritten(snapshot: bytes, program: Program) -> bytes:
    """Return a snapshot without what lies ahead of its tokens, readable with another version's specs.

    An element behind the tokens that the other version has no more is kept as its start: only the tree's
    shape still matters there.
    """
    data = orjson.loads(zstandard.decompress(snapshot))
    for flow in data["flows"]:
        spec, subs = program.specs[flow["name"]]
        _cut(flow["tree"], spec)
        names = {row[0]: row[4] for row in flow["tree"]["tasks"]}
        for key, dumped in flow["subs"].items():
            _cut(dumped, subs.get(getattr(spec.task_specs.get(names.get(key)), "spec", ""), spec))
    return zstandard.compress(orjson.dumps(data))


def _cut(dumped: dict[str, Any], spec: BpmnProcessSpec) -> None:
    rows = {row[0]: row for row in dumped["tasks"]}
    ahead: set[str] = set()
    for row in rows.values():
        if row[3] & TOKEN:
            waiting = [child for child in row[2] if rows[child][3] & _AHEAD]
            row[2] = [child for child in row[2] if child not in waiting]
            while waiting:
                child = waiting.pop()
                ahead.add(child)
                waiting += rows[child][2]
    dumped["tasks"] = [row for row in dumped["tasks"] if row[0] not in ahead]
    for row in dumped["tasks"]:
        if row[4] not in spec.task_specs:
            row[4] = "Start"
