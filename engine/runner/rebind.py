"""Moving a case's tokens to another version of its definition (R-V1)."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson
import zstandard
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.model import Process
from engine.runner.flows import Flows
from engine.runner.places import unlike
from engine.runner.program import Program

TOKEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_AHEAD = TaskState.PREDICTED_MASK | TaskState.FUTURE
# What SpiffWorkflow names after an element.
_DERIVED = ("BoundaryEventSplit", "BoundaryEventJoin", "EndJoin")


def alike(before: Process, after: Process, element_id: str) -> bool:
    """Say whether a token at the element can wait in the other version just as it does, with nothing done to it."""
    if unlike(before, after, element_id, {}) is not None:
        return False
    # A task is not handed to another lane, nor are the scopes around it opened again.
    if before.nodes[element_id].role != after.nodes[element_id].role:
        return False
    around = before.nodes[element_id].scope
    if around is not None and not alike(before, after, around):
        return False
    # A boundary event is armed when the activity is entered; a token inside would never see a new one.
    return {n.id for n in before.attached(element_id)} == {n.id for n in after.attached(element_id)}


def rewritten(
    snapshot: bytes,
    program: Program,
    names: Mapping[str, str] | None = None,
    dropped: Collection[str] = (),
) -> bytes:
    """Return a snapshot without what lies ahead of its tokens, readable with another version's specs.

    An element behind the tokens that the other version has no more is kept as its start: only the tree's
    shape still matters there.

    Args:
        names: Elements that have another id in the other version.
        dropped: Waiting events that the other version has no more.
    """
    data = orjson.loads(zstandard.decompress(snapshot))
    names = names or {}
    for flow in data["flows"]:
        trees = [flow["tree"], *flow["subs"].values()]
        for tree in trees:
            _drop(tree, dropped)
            _rename(tree, names)
        flow["name"] = names.get(flow["name"], flow["name"])
        spec, subs = program.specs[flow["name"]]
        held_by = {row[0]: row[4] for tree in trees for row in tree["tasks"]}
        _cut(flow["tree"], spec)
        for key, tree in flow["subs"].items():
            _cut(tree, _content(held_by[key], spec, subs))
    data["held"] = [names.get(scope, scope) for scope in data.get("held", ())]
    return zstandard.compress(orjson.dumps(data))


def attach(flows: Flows, before: Process, after: Process, names: Mapping[str, str]) -> None:
    """Let the events wait that the other version has newly attached to an activity with a token inside."""
    old_ids = {new: old for old, new in names.items()}
    for spiff_task in flows.tasks(TOKEN):
        element_id = spiff_task.task_spec.bpmn_id
        old_id = old_ids.get(element_id, element_id)
        if element_id not in after.nodes or old_id not in before.nodes:
            continue
        had = {names.get(node.id, node.id) for node in before.attached(old_id)}
        fresh = [node.id for node in after.attached(element_id) if node.id not in had]
        if fresh:
            specs = spiff_task.workflow.spec.task_specs
            split = _split_before(spiff_task, specs[f"{element_id}.BoundaryEventSplit"])
            for event_id in fresh:
                split._add_child(specs[event_id], TaskState.WAITING)


def _split_before(spiff_task: Task, spec: BoundaryEventSplit) -> Task:
    """Return the split that an activity shares with its events, put in front of one that had none."""
    parent = spiff_task.parent
    if parent.task_spec is spec:
        return parent
    place = parent._children.index(spiff_task.id)
    split = Task(spiff_task.workflow, spec, parent, state=TaskState.COMPLETED)
    parent._children.remove(split.id)
    parent._children[place] = split.id
    split._children = [spiff_task.id]
    spiff_task._parent = split.id
    return split


def _content(holder: str, spec: BpmnProcessSpec, subs: Mapping[str, BpmnProcessSpec]) -> BpmnProcessSpec:
    """Return the spec of what lies in a sub-process, by the name of the task that holds it."""
    for around in (spec, *subs.values()):
        inner = subs.get(getattr(around.task_specs.get(holder), "spec", ""))
        if inner is not None:
            return inner
    return spec


def _drop(tree: dict[str, Any], dropped: Collection[str]) -> None:
    rows = {row[0]: row for row in tree["tasks"]}
    gone: set[str] = set()
    ahead = [key for key, row in rows.items() if row[3] & TOKEN and row[4] in dropped]
    while ahead:
        key = ahead.pop()
        gone.add(key)
        ahead += rows[key][2]
    tree["tasks"] = [row for row in tree["tasks"] if row[0] not in gone]
    for row in tree["tasks"]:
        row[2] = [child for child in row[2] if child not in gone]


def _rename(tree: dict[str, Any], names: Mapping[str, str]) -> None:
    for row in tree["tasks"]:
        row[4] = _renamed(row[4], names)
        if "via" in row[6]:  # a join remembers by which flow a token came
            row[6]["via"] = _renamed(row[6]["via"], names)


def _renamed(name: str, names: Mapping[str, str]) -> str:
    stem, _, tail = name.rpartition(".")
    if tail in _DERIVED and stem in names:
        return f"{names[stem]}.{tail}"
    return names.get(name, name)


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
