"""The only importer of SpiffWorkflow: snapshot in, steps out.

SpiffWorkflow moves tokens; everything else (variables, forms, time, documents) is the handlers'. A step is
a generator of facts: the caller acts on each before the next element runs, so that a gateway sees what the
elements before it have set.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

import orjson
import zstandard
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import BoundaryEventParser, IntermediateCatchEventParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, IntermediateCatchEvent, UserTask
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import InvalidDefinition, Message, WrongState
from engine.model import BPMN, Process, parse_xml, read_process

FORMAT = 1
Evaluate = Callable[[str], object]


class Kind(StrEnum):
    """What can happen to an element."""

    REACHED = "reached"  # it does its work now, then its token leaves
    OPENED = "opened"  # a user task waits for a person
    SKIPPED = "skipped"  # a user task is passed over
    CANCELLED = "cancelled"  # a user task was taken away
    ARMED = "armed"  # a timer waits
    DISARMED = "disarmed"  # a timer no longer waits


@dataclass(frozen=True)
class Fact:
    """Something that happened to one token; `token` tells two visits of one element apart."""

    kind: Kind
    element_id: str
    token: str


class _Timer(EventDefinition):  # type: ignore[misc]
    """A timer that fires only when told: SpiffWorkflow's own ones read the wall clock."""


class _TimerParsing:
    def parse_timer_event(self, event: etree._Element) -> _Timer:
        return _Timer(event.getparent().get("id"))


class _Boundary(_TimerParsing, BoundaryEventParser):  # type: ignore[misc]
    pass


class _Catch(_TimerParsing, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = {
        full_tag("boundaryEvent"): (_Boundary, BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_Catch, IntermediateCatchEvent),
    }


class _Conditions:
    """What SpiffWorkflow takes for a script engine; it knows no scripts."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate

    def evaluate(self, spiff_task: Task, expression: str, external_context: object = None) -> object:
        return self._evaluate(expression)


@dataclass(frozen=True)
class Program:
    """A definition parsed for execution; shared between cases and never changed."""

    process: Process
    specs: dict[str, tuple[BpmnProcessSpec, dict[str, BpmnProcessSpec]]]


@lru_cache(maxsize=64)
def compile_process(xml: bytes) -> Program:
    """Read a definition and parse it for execution; cached by content.

    Raises:
        InvalidDefinition: it is malformed, or SpiffWorkflow cannot run it.
    """
    process = read_process(xml)
    specs = {process.id: _parse(process.main_xml, process.id)}
    for scope_id in process.event_scopes:
        specs[scope_id] = _parse(process.event_scope_xml(scope_id), scope_id)
    return Program(process, specs)


def _parse(xml: bytes, process_id: str) -> tuple[BpmnProcessSpec, dict[str, BpmnProcessSpec]]:
    root = parse_xml(xml)
    # Throwing a message and calling a service are the handlers' work; for the token they are plain nodes.
    for tag in ("intermediateThrowEvent", "endEvent", "startEvent"):
        for definition in root.findall(f".//{{{BPMN}}}{tag}/{{{BPMN}}}messageEventDefinition"):
            definition.getparent().remove(definition)
    for service in root.iter(f"{{{BPMN}}}serviceTask"):
        service.tag = f"{{{BPMN}}}task"
    parser = _Parser()
    try:
        parser.add_bpmn_xml(root.getroottree())
        return parser.get_spec(process_id), parser.get_subprocess_specs(process_id)
    except (ValidationException, KeyError, NotImplementedError, AttributeError) as fault:
        raise InvalidDefinition(
            [Message(f"流程无法执行：{fault}", f"the process cannot be executed: {fault}")]
        ) from fault


class Machine:
    """One running case: where its tokens stand and how they move.

    Args:
        program: The definition of its version.
        evaluate: Evaluates an expression over the case's present variables.
        snapshot: What `snapshot()` returned before; None starts a new case.
    """

    def __init__(self, program: Program, evaluate: Evaluate, snapshot: bytes | None = None) -> None:
        self._program = program
        self._evaluate = evaluate
        self._engine = _Conditions(evaluate)
        self._workflows: list[BpmnWorkflow] = []
        self._names: list[str] = []
        self._open: dict[str, str] = {}
        self._armed: dict[str, str] = {}
        if snapshot is None:
            self._begin(program.process.id)
            return
        self._restore(snapshot)
        for spiff_task in self._tasks(TaskState.READY | TaskState.WAITING):
            kept = self._open if _is_user_task(spiff_task) else self._armed if _is_timer(spiff_task) else None
            if kept is not None:
                kept[str(spiff_task.id)] = spiff_task.task_spec.bpmn_id

    def rebind(self, program: Program) -> "Machine":
        """Return the same tokens on another version of the definition; what lies ahead is predicted anew.

        `obstacles` says beforehand whether it can be done.
        """
        moved = Machine(program, self._evaluate, _rewritten(self.snapshot(), program))
        for spiff_task in moved._tasks(_TOKEN):
            if not spiff_task.children:
                spiff_task.task_spec._predict(spiff_task, mask=TaskState.NOT_FINISHED_MASK)
        return moved

    def obstacles(self, program: Program) -> list[str]:
        """Return the elements with a token that the other version has not, or has otherwise."""
        before, after = self._program.process, program.process
        standing = dict.fromkeys(
            t.task_spec.bpmn_id for t in self._tasks(_TOKEN) if t.task_spec.bpmn_id in before.nodes
        )
        return [element_id for element_id in standing if not _alike(before, after, element_id)]

    # Moving

    def advance(self) -> Iterator[Fact]:
        """Let tokens move until every one waits; act on each fact before asking for the next."""
        yield from self._changes()
        moved = True
        while moved:
            moved = False
            for spiff_task in self._tasks(TaskState.READY):
                if spiff_task.state != TaskState.READY or str(spiff_task.id) in self._open:
                    continue
                element_id = spiff_task.task_spec.bpmn_id
                if element_id in self._program.process.nodes:
                    skipped = _is_user_task(spiff_task)
                    yield Fact(Kind.SKIPPED if skipped else Kind.REACHED, element_id, str(spiff_task.id))
                self._run(spiff_task)
                yield from self._changes()
                moved = True

    def complete(self, token: str) -> None:
        """Let the token of an open user task leave.

        Raises:
            WrongState: no user task is open there.
        """
        spiff_task = self._find(token)
        if spiff_task is None or token not in self._open:
            raise WrongState("该任务已不在办理中。", f"Expected an open user task at {token}, found none.")
        del self._open[token]
        self._run(spiff_task)

    def fire(self, token: str) -> None:
        """Let a waiting timer go off.

        Raises:
            WrongState: no timer waits there.
        """
        spiff_task = self._find(token)
        if spiff_task is None or token not in self._armed:
            raise WrongState("该计时器已不在等待。", f"Expected a waiting timer at {token}, found none.")
        del self._armed[token]
        spiff_task.task_spec.event_definition.catch(spiff_task)
        spiff_task.task_spec._update(spiff_task)

    def interrupt(self, scope_id: str) -> None:
        """Cancel everything and start an event sub-process (BPMN 2.0 clause 13.5.4, interrupting)."""
        for workflow in self._workflows:
            workflow.cancel()
        self._begin(scope_id)

    def cancel(self) -> None:
        """Cancel everything; the case is over without reaching an end event."""
        for workflow in self._workflows:
            workflow.cancel()

    def active(self, element_id: str) -> bool:
        """Say whether a token is inside the activity."""
        state = TaskState.READY | TaskState.WAITING | TaskState.STARTED
        return any(t.task_spec.bpmn_id == element_id for t in self._tasks(state))

    @property
    def ended(self) -> bool:
        """Whether no token is left."""
        return all(workflow.is_completed() for workflow in self._workflows)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The elements where tokens wait: user tasks, and timers that wait alone."""
        waiting = [t for t in self._tasks(TaskState.READY | TaskState.WAITING) if t.task_spec.bpmn_id]
        alone = [t for t in waiting if not isinstance(t.task_spec, BoundaryEvent)]
        return tuple(dict.fromkeys(t.task_spec.bpmn_id for t in alone))

    # Keeping

    def snapshot(self) -> bytes:
        """Return the token tree without the definition, compressed."""
        flows = [
            {
                "name": name,
                "tree": _dump(workflow),
                "subs": {str(key): _dump(sub) for key, sub in workflow.subprocesses.items()},
            }
            for name, workflow in zip(self._names, self._workflows, strict=True)
        ]
        return zstandard.compress(orjson.dumps({"format": FORMAT, "flows": flows}))

    def _restore(self, snapshot: bytes) -> None:
        data = orjson.loads(zstandard.decompress(snapshot))
        if data["format"] != FORMAT:
            raise ValueError(f"Expected a snapshot of format {FORMAT}, found {data['format']}")
        for flow in data["flows"]:
            spec, subs = self._program.specs[flow["name"]]
            workflow = BpmnWorkflow(spec, subs, script_engine=self._engine, deserializing=True)
            _load(workflow, flow["tree"])
            self._attach(workflow, workflow, flow["subs"])
            self._workflows.append(workflow)
            self._names.append(flow["name"])

    def _attach(self, top: BpmnWorkflow, parent: Any, subs: dict[str, Any]) -> None:
        for task in list(parent.tasks.values()):
            dumped = subs.pop(str(task.id), None) if isinstance(task.task_spec, SubWorkflowTask) else None
            if dumped is None:
                continue
            sub = BpmnSubWorkflow(top.subprocess_specs[task.task_spec.spec], task.id, top, deserializing=True)
            _load(sub, dumped)
            top.subprocesses[task.id] = sub
            sub.completed_event.connect(task.task_spec._on_subworkflow_completed, task)
            self._attach(top, sub, subs)

    # Inner

    def _begin(self, name: str) -> None:
        spec, subs = self._program.specs[name]
        self._workflows.append(BpmnWorkflow(spec, subs, script_engine=self._engine))
        self._names.append(name)

    def _run(self, spiff_task: Task) -> None:
        try:
            spiff_task.run()
        except WorkflowTaskException as fault:
            raise WrongState(
                f"流程在“{spiff_task.task_spec.bpmn_name or spiff_task.task_spec.name}”处没有可走的分支，请联系流程设计人员。",
                f"No way on at {spiff_task.task_spec.name}: {fault}",
            ) from fault
        for sub in list(spiff_task.workflow.top_workflow.subprocesses.values()):
            parent = spiff_task.workflow.top_workflow.get_task_from_id(sub.parent_task_id)
            if parent.state == TaskState.STARTED:
                parent.task_spec._update(parent)

    def _tasks(self, state: int) -> list[Task]:
        return [task for workflow in self._workflows for task in workflow.get_tasks(state=state)]

    def _find(self, token: str) -> Task | None:
        for workflow in self._workflows:
            try:
                found: Task | None = workflow.get_task_from_id(UUID(token))
            except Exception:  # SpiffWorkflow raises its own class for an unknown id
                found = None
            if found is not None:
                return found
        return None

    def _changes(self) -> Iterator[Fact]:
        """Report user tasks and timers that came or went since the last look."""
        for token, element_id in list(self._open.items()):
            if not self._still(token, TaskState.READY):
                del self._open[token]
                yield Fact(Kind.CANCELLED, element_id, token)
        for token, element_id in list(self._armed.items()):
            if not self._still(token, TaskState.WAITING):
                del self._armed[token]
                yield Fact(Kind.DISARMED, element_id, token)
        for spiff_task in self._tasks(TaskState.WAITING):
            token = str(spiff_task.id)
            if _is_timer(spiff_task) and token not in self._armed:
                self._armed[token] = spiff_task.task_spec.bpmn_id
                yield Fact(Kind.ARMED, spiff_task.task_spec.bpmn_id, token)
        for spiff_task in self._tasks(TaskState.READY):
            token, element_id = str(spiff_task.id), spiff_task.task_spec.bpmn_id
            if _is_user_task(spiff_task) and token not in self._open and not self._skips(element_id):
                self._open[token] = element_id
                yield Fact(Kind.OPENED, element_id, token)

    def _skips(self, element_id: str) -> bool:
        condition = self._program.process.nodes[element_id].skip_when
        return condition is not None and bool(self._evaluate(condition))

    def _still(self, token: str, state: int) -> bool:
        spiff_task = self._find(token)
        return spiff_task is not None and bool(spiff_task.state == state)


_TOKEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_AHEAD = TaskState.PREDICTED_MASK | TaskState.FUTURE


def _alike(before: Process, after: Process, element_id: str) -> bool:
    """Say whether a token at the element can wait in the other version just as it does."""
    old, new = before.nodes[element_id], after.nodes.get(element_id)
    if new is None or (old.type, old.scope, old.role) != (new.type, new.scope, new.role):
        return False
    # A boundary event is armed when the activity is entered; a token inside would never see a new one.
    return {n.id for n in before.attached(element_id)} == {n.id for n in after.attached(element_id)}


def _rewritten(snapshot: bytes, program: Program) -> bytes:
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
        if row[3] & _TOKEN:
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


def _is_user_task(spiff_task: Task) -> bool:
    return isinstance(spiff_task.task_spec, UserTask)


def _is_timer(spiff_task: Task) -> bool:
    spec = spiff_task.task_spec
    return isinstance(spec, CatchingEvent) and isinstance(spec.event_definition, _Timer)


def _dump(workflow: Any) -> dict[str, Any]:
    return {
        "root": str(workflow.task_tree.id),
        "last": str(workflow.last_task.id) if workflow.last_task is not None else None,
        "success": workflow.success,
        "completed": workflow.completed,
        "tasks": [
            (
                str(t.id),
                str(t._parent) if t._parent is not None else None,
                [str(child) for child in t._children],
                int(t.state),
                t.task_spec.name,
                t.triggered,
                {k: v for k, v in t.internal_data.items() if isinstance(v, bool | int | str)},
            )
            for t in workflow.tasks.values()
        ],
    }


def _load(workflow: Any, dumped: dict[str, Any]) -> None:
    for key, parent, children, state, spec, triggered, internal in dumped["tasks"]:
        task = Task(workflow, workflow.spec.task_specs[spec], state=state, id=UUID(key))
        task._parent = UUID(parent) if parent else None
        task._children = [UUID(child) for child in children]
        task.triggered = triggered
        task.internal_data = internal
        workflow.tasks[task.id] = task
        if isinstance(task.task_spec, CatchingEvent) and state == TaskState.WAITING:
            workflow.top_workflow.event_manager.add_task(task)
    workflow.task_tree = workflow.tasks[UUID(dumped["root"])]
    workflow.success, workflow.completed = dumped["success"], dumped["completed"]
    if dumped["last"]:
        workflow.last_task = workflow.tasks.get(UUID(dumped["last"]))
