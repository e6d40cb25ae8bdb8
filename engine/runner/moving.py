"""Whether the tokens of a case can stand in another version, and if not, which of them and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.task import Task

from engine.model import Process
from engine.runner.flows import Flows
from engine.runner.places import Why, unlike
from engine.runner.program import Program
from engine.runner.rebind import TOKEN
from engine.runner.specs import InclusiveJoin, ParallelJoin, waits_to_be_told
from engine.runner.tree import first_wins


@dataclass(frozen=True)
class Obstacle:
    """An element of the case's own version with a token; STARVED names one of the other version."""

    element_id: str
    why: Why


@dataclass(frozen=True)
class Standing:
    """A token and where it stands."""

    token: str
    element_id: str


def standing(flows: Flows, process: Process) -> list[Standing]:
    """Return every token that stands at an element, those inside of sub-processes and of activities included."""
    return [
        Standing(str(t.id), t.task_spec.bpmn_id)
        for t in flows.tasks(TOKEN)
        if t.task_spec.bpmn_id in process.nodes
    ]


def dropped(flows: Flows, before: Process, after: Process, names: Mapping[str, str]) -> list[Standing]:
    """Return the waiting boundary events that the other version has no more; they are taken away."""
    return [
        at
        for at in standing(flows, before)
        if before.nodes[at.element_id].attached_to
        and names.get(at.element_id, at.element_id) not in after.nodes
    ]


def obstacles(flows: Flows, before: Process, program: Program, names: Mapping[str, str]) -> list[Obstacle]:
    """Return what keeps the tokens from standing in the other version."""
    after = program.process
    found: dict[tuple[str, Why], None] = {}
    away = {at.token for at in dropped(flows, before, after, names)}
    here: dict[BpmnProcessSpec, list[Task]] = {}
    for name, _ in flows.running:
        if names.get(name, name) not in program.specs:
            found[name, Why.GONE] = None
    for spiff_task in flows.tasks(TOKEN):
        element_id = spiff_task.task_spec.bpmn_id
        if element_id not in before.nodes or str(spiff_task.id) in away:
            continue
        here.setdefault(spiff_task.workflow.spec, []).append(spiff_task)
        why = _why(spiff_task, before, program, names) or _inflow(spiff_task, program, names)
        if why is not None:
            found[element_id, why] = None
    if not found:
        for spec, tokens in here.items():
            for join in _starved(spec, tokens, program, names):
                found[join, Why.STARVED] = None
    return [Obstacle(*one) for one in found]


def _why(spiff_task: Task, before: Process, program: Program, names: Mapping[str, str]) -> Why | None:
    why = unlike(before, program.process, spiff_task.task_spec.bpmn_id, names)
    parent = spiff_task.parent
    if why is None and parent is not None and first_wins(parent) and waits_to_be_told(spiff_task):
        return _gateway(parent, program, before, names)
    return why


def _gateway(gateway: Task, program: Program, before: Process, names: Mapping[str, str]) -> Why | None:
    old_id = gateway.task_spec.bpmn_id
    new = program.process.nodes.get(names.get(old_id, old_id))
    spec = _counterpart(gateway.workflow.spec, program, names)
    if new is None or spec is None or new.type != before.nodes[old_id].type:
        return Why.GATEWAY
    ways = {names.get(s.bpmn_id, s.bpmn_id) for s in gateway.task_spec.outputs}
    return None if ways == {s.bpmn_id for s in spec.task_specs[new.id].outputs} else Why.GATEWAY


def _inflow(spiff_task: Task, program: Program, names: Mapping[str, str]) -> Why | None:
    via = spiff_task.internal_data.get("via")
    if via is None or not isinstance(spiff_task.task_spec, ParallelJoin | InclusiveJoin):
        return None
    spec = _counterpart(spiff_task.workflow.spec, program, names)
    join = spec.task_specs[_moved(spiff_task.task_spec.name, names)] if spec is not None else None
    came = _moved(via, names)
    return Why.INFLOW if join is None or came not in {s.name for s in join.inputs} else None


def _counterpart(spec: BpmnProcessSpec, program: Program, names: Mapping[str, str]) -> BpmnProcessSpec | None:
    name = names.get(spec.name, spec.name)
    for top, inner in program.specs.values():
        for one in (top, *inner.values()):
            if one.name == name:
                return one
    return None


def _moved(name: str, names: Mapping[str, str]) -> str:
    stem, dot, tail = name.partition(".")
    return names[stem] + dot + tail if stem in names and dot else names.get(name, name)


def _starved(
    spec: BpmnProcessSpec, tokens: list[Task], program: Program, names: Mapping[str, str]
) -> Iterator[str]:
    """Yield the parallel joins that could still be reached but never be filled, and were not so before."""
    other = _counterpart(spec, program, names)
    if other is None:
        return
    stand = {(t.task_spec.name, t.internal_data.get("via")) for t in tokens}
    already = {_moved(name, names) for name in _unfillable(spec, stand)}
    moved = {(_moved(name, names), via and _moved(via, names)) for name, via in stand}
    yield from (name for name in _unfillable(other, moved) if name not in already)


def _unfillable(spec: BpmnProcessSpec, stand: set[tuple[str, str | None]]) -> list[str]:
    reached = {at: _reach(spec, name) for at in stand if (name := at[0]) in spec.task_specs}
    found = []
    for name, join in spec.task_specs.items():
        if not isinstance(join, ParallelJoin) or len(join.inputs) < 2:
            continue
        if not any(name in ways for ways in reached.values()):
            continue
        arrived = {via for at, via in stand if at == name}
        live = {s for (at, _), ways in reached.items() if at != name for s in ways}
        if any(s.name not in arrived and s.name not in live for s in join.inputs):
            found.append(name)
    return found


def _reach(spec: BpmnProcessSpec, name: str) -> set[str]:
    found: set[str] = set()
    ahead = [spec.task_specs[name]]
    while ahead:
        one = ahead.pop()
        if one.name not in found:
            found.add(one.name)
            ahead += one.outputs
    return found
