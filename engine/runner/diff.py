"""What another version draws otherwise, by SpiffWorkflow's own comparison of two specs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.event_definition import EventDefinitionConverter
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway, InclusiveGateway, ParallelGateway
from SpiffWorkflow.bpmn.util.diff import SpecDiff

from engine.runner.program import Program
from engine.runner.specs import ActivityJoin, ExclusiveChoice, InclusiveJoin, ParallelJoin, Told

_DERIVED = (".BoundaryEventSplit", ".BoundaryEventJoin")


@dataclass(frozen=True)
class Drawn:
    """The differences of two drawings, by element id.

    Attributes:
        alike: Elements without a namesake in the other version, with the one that stands in their place there.
        flows: Elements of both versions with other ways in or out.
    """

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    alike: dict[str, str] = field(default_factory=dict)


def drawn(before: Program, after: Program, names: Mapping[str, str] | None = None) -> Drawn:
    """Return what is drawn otherwise in the other version.

    SpiffWorkflow's `migrate_workflow` is not used: it resets every waiting task, so that an event loses what it
    has seen and a join by which flow its tokens came.

    Args:
        names: Elements that have another id in the other version; a way to one of them is no other way.
    """
    names = names or {}
    registry = BpmnWorkflowSerializer.configure(_CONFIG)
    found = Drawn()
    old, new = dict(_specs(before)), dict(_specs(after))
    elements = before.process.nodes.keys(), after.process.nodes.keys()
    for name, spec in old.items():
        if name not in new:
            found.removed.extend(_ids(spec.task_specs, elements[0]))
            continue
        diff = SpecDiff(registry, spec, new[name])
        found.added.extend(s.name for s in diff.added if s.name in elements[1])
        found.removed.extend(s.name for s in diff.removed if s.name in elements[0])
        found.flows.extend(
            s.name
            for s, what in diff.changed.items()
            if s.name in elements[0]
            and what
            and _ways(registry, s, names) != _ways(registry, diff.alignment[s], {})
        )
        for one, other in diff.alignment.items():
            if other is not None and other.name != one.name and other.name in elements[1]:
                if one.name in elements[0]:
                    found.removed.append(one.name)
                    found.alike[one.name] = other.name
                    found.added.append(other.name)
    for name, spec in new.items():
        if name not in old:
            found.added.extend(_ids(spec.task_specs, elements[1]))
    return found


def _ways(registry: Any, spec: Any, names: Mapping[str, str]) -> Any:
    """Return where a token may go on from an element, and on what conditions, as the diagram shows it."""
    data = registry.convert(spec)

    def shown(name: str) -> str:
        return names.get(_shown(name), _shown(name))

    conditions = {shown(c["task_spec"]): str(c["condition"]) for c in data.get("cond_task_specs") or ()}
    default = data.get("default_task_spec")
    # An activity with events leads to their join, which is drawn nowhere.
    ways = sorted(shown(way) for way in data["outputs"] if _shown(way) != spec.name)
    return ways, conditions, default and shown(default)


def _shown(name: str) -> str:
    """Return the element that a spec of SpiffWorkflow's own stands for."""
    for tail in _DERIVED:
        name = name.removesuffix(tail)
    return name


def _specs(program: Program) -> Iterator[tuple[str, BpmnProcessSpec]]:
    for name, (top, inner) in program.specs.items():
        yield name, top
        yield from inner.items()


def _ids(specs: Mapping[str, object], elements: object) -> Iterator[str]:
    return (name for name in specs if name in elements)  # type: ignore[operator]


_CONFIG = {
    **DEFAULT_CONFIG,
    ActivityJoin: DEFAULT_CONFIG[BoundaryEventJoin],
    ExclusiveChoice: DEFAULT_CONFIG[ExclusiveGateway],
    ParallelJoin: DEFAULT_CONFIG[ParallelGateway],
    InclusiveJoin: DEFAULT_CONFIG[InclusiveGateway],
    Told: EventDefinitionConverter,
}
