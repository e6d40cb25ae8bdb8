"""One running case: where its tokens stand and how they move."""

from collections.abc import Iterator, Mapping

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, UserTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import WrongState
from engine.model import Process
from engine.runner.events import Thrower, fire
from engine.runner.facts import Evaluate, Fact, Kind
from engine.runner.flows import Flows
from engine.runner.moving import Obstacle, Standing, dropped, obstacles, standing
from engine.runner.program import Program
from engine.runner.rebind import TOKEN, alike, attach, rewritten
from engine.runner.specs import InclusiveJoin, waits_to_be_told

MAX_STEPS = 2_000
_PRUNE_EVERY = 50


class Machine:
    """One running case.

    Args:
        program: The definition of its version.
        evaluate: Evaluates an expression over the case's present variables.
        snapshot: What `snapshot()` returned before; None starts a new case.
        start: The start event a new case begins at; None for the one that does not begin by itself.
    """

    def __init__(
        self, program: Program, evaluate: Evaluate, snapshot: bytes | None = None, start: str | None = None
    ) -> None:
        self._process = program.process
        self._evaluate = evaluate
        self._flows = Flows(program, evaluate)
        self._thrower = Thrower(program.process, self._flows)
        self._open: dict[str, str] = {}
        self._armed: dict[str, str] = {}
        self._failed_at: str | None = None
        self._conditional = any(node.condition is not None for node in program.process.nodes.values())
        self._not_begun: frozenset[str] = frozenset()
        if snapshot is None:
            self._not_begun = _other_starts(program.process, start)
            self._flows.begin(program.process.id)
            return
        self._flows.load(snapshot)
        self._armed |= self._scopes()
        for spiff_task in self._flows.tasks(TaskState.READY | TaskState.WAITING):
            told = waits_to_be_told(spiff_task)
            kept = self._open if _is_user_task(spiff_task) else self._armed if told else None
            if kept is not None:
                kept[str(spiff_task.id)] = spiff_task.task_spec.bpmn_id

    def rebind(self, program: Program) -> "Machine":
        """Return the same tokens on another version of the definition; what lies ahead is predicted anew.

        `obstacles` says beforehand whether it can be done.
        """
        return self.migrate(program, {})

    def migrate(self, program: Program, names: Mapping[str, str]) -> "Machine":
        """Return the same tokens on another version, some of whose elements have other names.

        The next `advance` tells of the events that only the other version waits for; those that it has no more
        (`dropped`) are gone without a word. `hindrances` says beforehand whether it can be done.
        """
        gone = {at.element_id for at in self.dropped(program, names)}
        moved = Machine(program, self._evaluate, rewritten(self.snapshot(), program, names, gone))
        attach(moved._flows, self._process, program.process, names)
        for spiff_task in moved._flows.tasks(TOKEN):
            if not spiff_task.children:
                spiff_task.task_spec._predict(spiff_task, mask=TaskState.NOT_FINISHED_MASK)
        told = {names.get(scope, scope) for scope in self._told_scopes(program.process, names)}
        for scope in program.process.event_scopes.keys() - told:
            moved._armed.pop(scope, None)
        return moved

    def dropped(self, program: Program, names: Mapping[str, str]) -> list[Standing]:
        """Return the waiting boundary events that the other version has no more."""
        return dropped(self._flows, self._process, program.process, names)

    def hindrances(self, program: Program, names: Mapping[str, str]) -> list[Obstacle]:
        """Return what keeps the tokens from standing in the other version."""
        return obstacles(self._flows, self._process, program, names)

    def standing(self) -> list[Standing]:
        """Return every token that stands at an element of the diagram."""
        return standing(self._flows, self._process)

    def _told_scopes(self, after: Process, names: Mapping[str, str]) -> Iterator[str]:
        """Yield the waiting event sub-processes that the other version starts by the same kind of event."""
        for scope, start in self._process.event_scopes.items():
            other = after.event_scopes.get(names.get(scope, scope))
            if (
                scope in self._armed
                and other
                and after.nodes[other].event == self._process.nodes[start].event
            ):
                yield scope

    def obstacles(self, program: Program) -> list[str]:
        """Return the elements with a token that the other version has not, or has otherwise."""
        before = self._process
        standing = [t.task_spec.bpmn_id for t in self._flows.tasks(TOKEN)]
        held = dict.fromkeys(element_id for element_id in standing if element_id in before.nodes)
        return [element_id for element_id in held if not alike(before, program.process, element_id)]

    # Moving

    def advance(self) -> Iterator[Fact]:
        """Let tokens move until every one waits; act on each fact before asking for the next.

        Raises:
            WrongState: a gateway has no way on, or a loop has nothing to wait for.
        """
        yield from self._changes()
        if self._failed_at is not None:
            yield Fact(Kind.FAILED, self._failed_at, "")
        steps, moved = 0, True
        while moved:
            moved = False
            for spiff_task in self._flows.tasks(TaskState.READY):
                if spiff_task.state != TaskState.READY or str(spiff_task.id) in self._open:
                    continue
                element_id = spiff_task.task_spec.bpmn_id
                if element_id in self._not_begun:
                    spiff_task.cancel()
                    continue
                if element_id in self._process.nodes:
                    skipped = _is_user_task(spiff_task)
                    yield Fact(Kind.SKIPPED if skipped else Kind.REACHED, element_id, str(spiff_task.id))
                self._run(spiff_task)
                yield from self._thrown(spiff_task)
                yield from self._changes()
                moved, steps = True, steps + 1
                if steps % _PRUNE_EVERY == 0:
                    self._flows.prune()
                    _check_bound(steps)
                    break
            moved = moved or self._settle()

    def complete(self, token: str) -> None:
        """Let the token of an open user task leave.

        Raises:
            WrongState: no user task is open there.
        """
        spiff_task = self._flows.find(token)
        if spiff_task is None or token not in self._open:
            raise WrongState("该任务已不在办理中。", f"Expected an open user task at {token}, found none.")
        del self._open[token]
        self._run(spiff_task)

    def fire(self, token: str) -> None:
        """Let a waiting event go off.

        Raises:
            WrongState: no event waits there.
        """
        if token not in self._armed:
            raise WrongState("该事件已不在等待。", f"Expected a waiting event at {token}, found none.")
        if token in self._process.event_scopes:
            if self._timed(token):
                del self._armed[token]
                self._flows.held.add(token)
            self.start_scope(token)
            return
        spiff_task = self._flows.find(token)
        assert spiff_task is not None
        del self._armed[token]
        fire(spiff_task, self._process)

    def fail(self, token: str, code: str) -> None:
        """Let a call that waits end in an error: its boundary event catches it, or a scope around it."""
        spiff_task = self._flows.find(token)
        assert spiff_task is not None
        element_id = self._armed.pop(token)
        caught = self._thrower.catching(spiff_task, "error", code)
        if caught is not None:
            fire(caught, self._process)
        else:
            self._thrower.carry(spiff_task, "error", code)
            self._failed_at = element_id if self._thrower.uncaught is not None else None

    @property
    def armed(self) -> dict[str, str]:
        """The events that wait: token → element."""
        return dict(self._armed)

    def waits(self, token: str) -> bool:
        """Say whether an event waits at the token."""
        return token in self._armed

    def start_scope(self, scope_id: str) -> None:
        """Start an event sub-process beside the process, or in its place (BPMN 2.0, 13.5.4)."""
        self._thrower.start_scope(scope_id)

    def cancel(self) -> None:
        """Cancel everything; the case is over without reaching an end event."""
        self._flows.cancel()

    def active(self, element_id: str) -> bool:
        """Say whether a token is inside the activity, or the event sub-process; empty: the process itself."""
        if not element_id:
            return self._flows.main_runs
        if any(name == element_id and not flow.is_completed() for name, flow in self._flows.running):
            return True
        state = TaskState.READY | TaskState.WAITING | TaskState.STARTED
        return any(t.task_spec.bpmn_id == element_id for t in self._flows.tasks(state))

    @property
    def ended(self) -> bool:
        """Whether no token is left."""
        return self._flows.ended

    @property
    def error(self) -> str | None:
        """The code of the error that ended the case in this step, since nothing caught it."""
        return self._thrower.uncaught

    @property
    def tokens(self) -> tuple[str, ...]:
        """The elements where tokens wait: user tasks, and events that wait alone."""
        waiting = [t for t in self._flows.tasks(TaskState.READY | TaskState.WAITING) if t.task_spec.bpmn_id]
        alone = [t for t in waiting if not isinstance(t.task_spec, BoundaryEvent)]
        return tuple(dict.fromkeys(t.task_spec.bpmn_id for t in alone))

    def snapshot(self) -> bytes:
        """Return the token tree without the definition, compressed."""
        return self._flows.dump()

    # Inner

    def _run(self, spiff_task: Task) -> None:
        try:
            spiff_task.run()
        except WorkflowTaskException as fault:
            raise WrongState(
                f"流程在“{spiff_task.task_spec.bpmn_name or spiff_task.task_spec.name}”处没有可走的分支，请联系流程设计人员。",
                f"No way on at {spiff_task.task_spec.name}: {fault}",
            ) from fault
        for sub in list(spiff_task.workflow.top_workflow.subprocesses.values()):
            parent = self._flows.find(str(sub.parent_task_id))
            if parent is not None and parent.state == TaskState.STARTED:
                parent.task_spec._update(parent)

    def _thrown(self, spiff_task: Task) -> Iterator[Fact]:
        """Do what an end or throw event does to the scopes around it."""
        before = self._thrower.uncaught
        self._thrower.throw(spiff_task)
        if self._thrower.uncaught is not None and before is None:
            yield Fact(Kind.FAILED, spiff_task.task_spec.bpmn_id, str(spiff_task.id))

    def _settle(self) -> bool:
        """Let joins and conditions look at tokens that all stand still; say whether one may move."""
        for spiff_task in self._flows.tasks(TaskState.WAITING):
            if spiff_task.state == TaskState.WAITING and isinstance(
                spiff_task.task_spec, InclusiveJoin | _EndJoin
            ):
                spiff_task.task_spec._update(spiff_task)
        return any(str(t.id) not in self._open for t in self._flows.tasks(TaskState.READY))

    def _changes(self) -> Iterator[Fact]:
        """Report user tasks and events that came or went since the last look."""
        if self._conditional:
            self._fire_conditions()
        scopes = self._scopes()
        for token, element_id in list(self._open.items()):
            if not self._still(token, TaskState.READY):
                del self._open[token]
                yield Fact(Kind.CANCELLED, element_id, token)
        for token, element_id in list(self._armed.items()):
            if token not in scopes and not self._still(token, TaskState.WAITING):
                del self._armed[token]
                yield Fact(Kind.DISARMED, element_id, token)
        live = self._flows.tasks(TaskState.READY | TaskState.WAITING)
        waiting = {
            str(t.id): t.task_spec.bpmn_id
            for t in live
            if t.state == TaskState.WAITING and waits_to_be_told(t)
        }
        for token, element_id in (scopes | waiting).items():
            if token not in self._armed:
                self._armed[token] = element_id
                yield Fact(Kind.ARMED, element_id, token)
        for spiff_task in live:
            token, element_id = str(spiff_task.id), spiff_task.task_spec.bpmn_id
            if (
                spiff_task.state == TaskState.READY
                and _is_user_task(spiff_task)
                and token not in self._open
                and not self._skips(element_id)
            ):
                self._open[token] = element_id
                yield Fact(Kind.OPENED, element_id, token)

    def _fire_conditions(self) -> None:
        """Fire the conditions that became true since the last look."""
        for spiff_task in self._flows.tasks(TaskState.WAITING):
            node = self._process.nodes.get(spiff_task.task_spec.bpmn_id or "")
            if node is None or node.condition is None or not waits_to_be_told(spiff_task):
                continue
            holds = bool(self._evaluate(node.condition))
            held = spiff_task.internal_data.get("held", False)
            spiff_task._set_internal_data(held=holds)
            if holds and not held and spiff_task.state == TaskState.WAITING:
                fire(spiff_task, self._process)
        for scope_id, start_id in self._process.event_scopes.items():
            condition = self._process.nodes[start_id].condition
            if condition is not None and self._flows.main_runs:
                holds = bool(self._evaluate(condition))
                if holds and scope_id not in self._flows.held:
                    self.start_scope(scope_id)
                (self._flows.held.add if holds else self._flows.held.discard)(scope_id)

    def _scopes(self) -> dict[str, str]:
        if not self._flows.main_runs:
            return {}
        scopes = self._process.event_scopes
        return {s: start for s, start in scopes.items() if not (self._timed(s) and s in self._flows.held)}

    def _timed(self, scope_id: str) -> bool:
        return self._process.nodes[self._process.event_scopes[scope_id]].event == "timer"

    def _skips(self, element_id: str) -> bool:
        condition = self._process.nodes[element_id].skip_when
        return condition is not None and bool(self._evaluate(condition))

    def _still(self, token: str, state: int) -> bool:
        spiff_task = self._flows.find(token)
        return spiff_task is not None and bool(spiff_task.state == state)


def _other_starts(process: Process, start: str | None) -> frozenset[str]:
    """Return the start events of the process that a new case does not begin at."""
    starts = {n.id: n for n in process.nodes.values() if n.type == "startEvent" and n.scope is None}
    asked_for = (n.id for n in starts.values() if n.event not in ("timer", "signal"))
    begun = start or next(asked_for, next(iter(starts), None))
    return frozenset(starts.keys() - {begun})


def _is_user_task(spiff_task: Task) -> bool:
    return isinstance(spiff_task.task_spec, UserTask)


def _check_bound(steps: int) -> None:
    if steps >= MAX_STEPS:
        raise WrongState(
            "流程循环中没有等待点，已停止执行，请联系流程设计人员。",
            f"A loop without anything to wait for was stopped after {steps} steps.",
        )
