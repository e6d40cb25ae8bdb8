"""Events inside a case: let one go off, and carry an error, an escalation or a cancellation outwards."""

from collections.abc import Iterator

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.model import Node, Process
from engine.runner.flows import Flows
from engine.runner.lowering import BODY, OVER
from engine.runner.specs import LIVE
from engine.runner.tree import first_wins

_OUTWARDS = ("error", "escalation", "cancel")


def fire(spiff_task: Task, process: Process) -> None:
    """Let a waiting event go off.

    A boundary event that does not interrupt is put back beside itself: SpiffWorkflow's catches once, and what
    comes later would be lost. A timer has one instant, so it is not.
    """
    spec, parent = spiff_task.task_spec, spiff_task.parent
    if first_wins(parent):
        for other in parent.children:
            if other is not spiff_task:
                other.cancel()
    spec.event_definition.catch(spiff_task)
    spec._update(spiff_task)
    if not isinstance(spec, BoundaryEvent) or spec.cancel_activity:
        return
    # The join of an activity with its events only cancels them; a token there would be kept for ever.
    for child in spiff_task.children:
        if isinstance(child.task_spec, BoundaryEventJoin):
            spiff_task.workflow._remove_task(child.id)
    if process.nodes[spec.bpmn_id].event != "timer":
        again = parent._add_child(spec, TaskState.WAITING)
        again._set_internal_data(held=bool(spiff_task.internal_data.get("held", False)))
        spec._predict(again, mask=TaskState.WAITING | TaskState.PREDICTED_MASK | TaskState.FUTURE)


class Thrower:
    """Carries what an end or throw event throws to the scopes around it."""

    def __init__(self, process: Process, flows: Flows) -> None:
        self._process = process
        self._flows = flows
        self.uncaught: str | None = None

    def throw(self, spiff_task: Task) -> None:
        """Do what the event that has just run does to its scopes; nothing for other elements."""
        if str(spiff_task.task_spec.bpmn_id).endswith(OVER):
            _end_beside(spiff_task)
            return
        node = self._process.nodes.get(spiff_task.task_spec.bpmn_id or "")
        if node is None or node.type not in ("endEvent", "intermediateThrowEvent"):
            return
        if node.event == "terminate":
            self._terminate(spiff_task)
        elif node.event in _OUTWARDS:
            self.carry(spiff_task, node.event, node.event_ref)

    def carry(self, spiff_task: Task, kind: str, code: str | None) -> None:
        """Let the nearest enclosing scope that catches it go off; an error nobody catches ends the case."""
        name = next(name for name, w in self._flows.running if w is spiff_task.workflow.top_workflow)
        holder = self._flows.holder(spiff_task)
        while holder is not None:
            if caught := self.catching(holder, kind, code):
                fire(caught, self._process)
                return
            holder = self._flows.holder(holder)
        if name == self._process.id:
            for scope_id in self._scopes(kind, code):
                self.start_scope(scope_id)
                return
        if kind == "error":
            self.uncaught = code or ""
            self._flows.cancel()

    def catching(self, activity: Task, kind: str, code: str | None) -> Task | None:
        """Return the boundary event of an activity that catches; one that names the code comes first."""
        split = activity.parent
        if split is None or not isinstance(split.task_spec, BoundaryEventSplit):
            return None
        found = [
            (node.event_ref is None, task)
            for task in split.children
            if isinstance(task.task_spec, BoundaryEvent) and task.state == TaskState.WAITING
            if _catches(node := self._process.nodes[task.task_spec.bpmn_id], kind, code)
        ]
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def start_scope(self, scope_id: str) -> None:
        """Start an event sub-process; an interrupting one takes the place of the process."""
        if self._process.nodes[self._process.event_scopes[scope_id]].interrupting:
            self._flows.cancel()
        self._flows.begin(scope_id)

    def _scopes(self, kind: str, code: str | None) -> Iterator[str]:
        if self._flows.main_runs:
            for scope_id, start_id in self._process.event_scopes.items():
                if _catches(self._process.nodes[start_id], kind, code):
                    yield scope_id

    def _terminate(self, spiff_task: Task) -> None:
        workflow = spiff_task.workflow
        if workflow is self._flows.running[0][1]:
            self._flows.cancel()
            return
        _end_beside(spiff_task)
        holder = self._flows.holder(spiff_task)
        if holder is not None and workflow.spec.name.endswith(BODY):
            _end_beside(holder)  # the event sub-processes of the same scope


def _end_beside(spiff_task: Task) -> None:
    """Take away every token of a workflow but the one that goes on from a task."""
    after = set(t.id for t in spiff_task)
    for task in list(spiff_task.workflow.tasks.values()):
        # What is attached to the task is taken away when it ends.
        attached = isinstance(task.task_spec, BoundaryEvent) and task.parent is spiff_task.parent
        if task.has_state(LIVE) and task.id not in after and not attached:
            task.cancel()


def _catches(node: Node, kind: str, code: str | None) -> bool:
    return node.event == kind and node.event_ref in (None, code)
