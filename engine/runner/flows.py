"""The workflows of one case: the process itself, and the event sub-processes that were started beside it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import zstandard
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task

from engine.runner import tree
from engine.runner.facts import Evaluate
from engine.runner.program import Program

FORMAT = 2


class _Conditions:
    """What SpiffWorkflow takes for a script engine; it knows no scripts."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate

    def evaluate(self, spiff_task: Task, expression: str, external_context: object = None) -> object:
        return self._evaluate(expression)


class Flows:
    """Every workflow of a case by the name of its definition, the process first."""

    def __init__(self, program: Program, evaluate: Evaluate) -> None:
        self._program = program
        self._engine = _Conditions(evaluate)
        self.running: list[tuple[str, BpmnWorkflow]] = []
        self.interrupted = False
        # Conditional event sub-processes whose condition held at the last look; timed ones that went off.
        self.held: set[str] = set()
        # Tokens that an incident holds, and event sub-processes that cannot wait.
        self.stuck: set[str] = set()

    def begin(self, name: str) -> None:
        """Start the process or an event sub-process."""
        spec, subs = self._program.specs[name]
        self.running.append((name, BpmnWorkflow(spec, subs, script_engine=self._engine)))

    @property
    def main_runs(self) -> bool:
        """Whether the process itself still has tokens, so that its event sub-processes can be started."""
        return not self.interrupted and not self.running[0][1].is_completed()

    @property
    def ended(self) -> bool:
        """Whether no token is left."""
        return all(workflow.is_completed() for _, workflow in self.running)

    def cancel(self) -> None:
        """Take every token away."""
        self.interrupted = True
        for _, workflow in self.running:
            workflow.cancel()

    def tasks(self, state: int) -> list[Task]:
        """Return the tasks in a state, those of sub-processes included, in the order of the trees."""
        return [
            task for _, workflow in self.running for task in tree.in_order(workflow) if task.state & state
        ]

    def find(self, token: str) -> Task | None:
        """Return the task a token stands for."""
        try:
            key = UUID(token)
        except ValueError:
            return None
        return next((inner.tasks[key] for inner in self._all() if key in inner.tasks), None)

    def holder(self, task: Task) -> Task | None:
        """Return the sub-process task whose content a task belongs to; None at the top."""
        above = task.workflow.parent_task_id
        return None if above is None else self.find(str(above))

    def prune(self) -> None:
        """Cut what is over."""
        for _, workflow in self.running:
            tree.prune(workflow)
        first, *others = self.running
        self.running = [first, *((name, w) for name, w in others if not w.is_completed())]

    def dump(self) -> bytes:
        """Return the token trees without the definition, compressed."""
        self.prune()
        flows = [
            {
                "name": name,
                "tree": tree.dump(workflow),
                "subs": {str(key): tree.dump(sub) for key, sub in workflow.subprocesses.items()},
            }
            for name, workflow in self.running
        ]
        data = {
            "format": FORMAT,
            "flows": flows,
            "interrupted": self.interrupted,
            "held": sorted(self.held),
            "stuck": sorted(self.stuck),
        }
        return zstandard.compress(orjson.dumps(data))

    def load(self, snapshot: bytes) -> None:
        """Read what `dump` returned."""
        data = orjson.loads(zstandard.decompress(snapshot))
        if data["format"] not in (1, FORMAT):
            raise ValueError(f"Expected a snapshot of format {FORMAT}, found {data['format']}")
        # Format 1 kept no mark; there an interrupted process was followed by its event sub-process.
        self.interrupted = data.get("interrupted", len(data["flows"]) > 1)
        self.held, self.stuck = set(data.get("held", ())), set(data.get("stuck", ()))
        for flow in data["flows"]:
            spec, subs = self._program.specs[flow["name"]]
            workflow = BpmnWorkflow(spec, subs, script_engine=self._engine, deserializing=True)
            tree.load(workflow, flow["tree"])
            self._attach(workflow, workflow, flow["subs"])
            self.running.append((flow["name"], workflow))

    def _all(self) -> Iterator[Any]:
        for _, workflow in self.running:
            yield workflow
            yield from list(workflow.subprocesses.values())

    def _attach(self, top: BpmnWorkflow, parent: Any, subs: dict[str, Any]) -> None:
        for task in list(parent.tasks.values()):
            dumped = subs.pop(str(task.id), None) if isinstance(task.task_spec, SubWorkflowTask) else None
            if dumped is None:
                continue
            sub = BpmnSubWorkflow(top.subprocess_specs[task.task_spec.spec], task.id, top, deserializing=True)
            tree.load(sub, dumped)
            top.subprocesses[task.id] = sub
            sub.completed_event.connect(task.task_spec._on_subworkflow_completed, task)
            self._attach(top, sub, subs)
