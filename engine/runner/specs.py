"""Our own kinds of SpiffWorkflow specs: events that are told, and joins that count tokens.

SpiffWorkflow's joins look through the whole tree of finished tasks, so they mistake loop rounds for each
other and need the rounds to be kept. These remember by which flow each token came.
"""

from typing import Any, ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import BoundaryEventParser, IntermediateCatchEventParser
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
)
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


class Told(EventDefinition):  # type: ignore[misc]
    """An event that goes off only when told: SpiffWorkflow's own ones read the wall clock or fire once."""


def waits_to_be_told(spiff_task: Task) -> bool:
    """Say whether the task is an event of ours."""
    spec = spiff_task.task_spec
    return isinstance(spec, CatchingEvent) and isinstance(spec.event_definition, Told)


class _Telling:
    def parse_timer_event(self, event: etree._Element) -> Told:
        return Told(event.getparent().get("id"))


class _Boundary(_Telling, BoundaryEventParser):  # type: ignore[misc]
    pass


class _Catch(_Telling, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class TokenJoin:
    """What both joins share: a token waits at the flow it came by until the join takes it."""

    def _arrivals(self: Any, my_task: Task) -> dict[str, Task]:
        """Return one waiting token for each incoming flow that has any."""
        my_task._inherit_data()
        if "via" not in my_task.internal_data:
            my_task._set_internal_data(via=my_task.parent.task_spec.name)
        waiting = [
            t
            for t in my_task.workflow.tasks.values()
            if t.task_spec is self and t.state == TaskState.WAITING and t is not my_task
        ]
        return {t.internal_data["via"]: t for t in (*reversed(waiting), my_task)}

    def _take(self: Any, arrivals: dict[str, Task], my_task: Task) -> bool:
        for other in arrivals.values():
            if other is not my_task:
                other.cancel()
        return True

    def _stay(self: Any, my_task: Task) -> bool:
        if my_task.state != TaskState.WAITING:
            my_task._set_state(TaskState.WAITING)
        return False


class ActivityJoin(BoundaryEventJoin):  # type: ignore[misc]
    """Ends the events of one visit to an activity.

    A boundary event may lead back to its own activity; SpiffWorkflow's join takes the joins of that next visit for
    its own, cancels them, and nothing ends the events of that visit any more.
    """

    def _find_tasks(self, my_task: Task) -> list[Task]:
        split = my_task.find_ancestor(self.split_task)
        return [t for t in super()._find_tasks(my_task) if t.find_ancestor(self.split_task) is split]


class ParallelJoin(TokenJoin, ParallelGateway):  # type: ignore[misc]
    """Takes exactly one token of each incoming flow; the others stay."""

    def _update_hook(self, my_task: Task) -> bool:
        arrivals = self._arrivals(my_task)
        return self._take(arrivals, my_task) if set(self._inputs) <= set(arrivals) else self._stay(my_task)

    def _run_hook(self, my_task: Task) -> bool:
        return True


class Choice:
    """A gateway with conditions: who runs it evaluates them first, so that one that fails changes no token."""

    def ways(self: Any, my_task: Task) -> list[str]:
        """Return the outgoing ways whose conditions hold, or the default; empty where there is no way on."""
        conditions = [(c, name) for c, name in self.cond_task_specs if c is not None]
        matches = (name for condition, name in conditions if condition._matches(my_task))
        if isinstance(self, ExclusiveGateway):
            first = next(matches, None) or self.default_task_spec
            return [] if first is None else [first]
        return list(matches) or [name for condition, name in self.cond_task_specs if condition is None]

    def _run_hook(self: Any, my_task: Task) -> bool:
        chosen = my_task.internal_data.pop("ways")
        specs = [my_task.workflow.spec.get_task_spec_from_name(name) for name in chosen]
        my_task._sync_children(specs, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class ExclusiveChoice(Choice, ExclusiveGateway):  # type: ignore[misc]
    """Takes the first way whose condition holds."""


class InclusiveJoin(Choice, TokenJoin, InclusiveGateway):  # type: ignore[misc]
    """Takes the tokens that are there once no other token can reach an empty flow (BPMN 2.0, 13.4.3)."""

    def _update_hook(self, my_task: Task) -> bool:
        arrivals = self._arrivals(my_task)
        if len(self._inputs) == 1:
            return True
        if my_task.state != TaskState.WAITING:
            # Tokens beside this one may be about to move; the machine asks again when all stand still.
            return self._stay(my_task)
        empty = set(self._inputs) - set(arrivals)
        for token in my_task.workflow.tasks.values():
            if token.has_state(LIVE) and token.task_spec is not self:
                reached = self._reached(token)
                if reached & empty and not reached & set(arrivals):
                    return False
        return self._take(arrivals, my_task)

    def _reached(self, token: Task) -> set[str]:
        """Return the specs a token can come to without passing this gateway."""
        found: set[str] = set()
        ahead = [token.task_spec]
        while ahead:
            spec = ahead.pop()
            if spec is self or spec.name in found:
                continue
            found.add(spec.name)
            ahead += spec.outputs
        return found


class _Conditional(ConditionalGatewayParser):  # type: ignore[misc]
    """Remembers by which flow each way goes, so that an operator can name one."""

    def connect_outgoing(
        self, outgoing_task: Any, sequence_flow_node: etree._Element, is_default: bool
    ) -> None:
        super().connect_outgoing(outgoing_task, sequence_flow_node, is_default)
        self.task.by_flow = {
            **getattr(self.task, "by_flow", {}),
            sequence_flow_node.get("id"): outgoing_task.name,
        }


class Parser(BpmnParser):  # type: ignore[misc]
    """Reads what `lower` has drawn."""

    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = {
        full_tag("boundaryEvent"): (_Boundary, BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_Catch, IntermediateCatchEvent),
        full_tag("parallelGateway"): (GatewayParser, ParallelJoin),
        full_tag("exclusiveGateway"): (_Conditional, ExclusiveChoice),
        full_tag("inclusiveGateway"): (_Conditional, InclusiveJoin),
    }
