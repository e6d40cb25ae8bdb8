"""One running case: where its tokens stand and how they move."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, UserTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import InvalidInput, ModelFault, WrongState
from engine.model import Process
from engine.runner import tree, watching
from engine.runner.events import Thrower, fire
from engine.runner.facts import Evaluate, Fact, Kind
from engine.runner.flows import Flows
from engine.runner.lowering import DONE, not_enough
from engine.runner.moving import Obstacle, Standing, dropped, obstacles, standing
from engine.runner.program import Program, ways
from engine.runner.rebind import TOKEN, alike, attach, rewritten
from engine.runner.specs import Choice, InclusiveJoin, waits_to_be_told

MAX_STEPS = 2_000
_PRUNE_EVERY = 50
_STANDING = TaskState.READY | TaskState.WAITING


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
        self._program = program
        self._evaluate = evaluate
        self._open: dict[str, str] = {}
        self._armed: dict[str, str] = {}
        self._failed_at: str | None = None
        self._conditional = any(node.condition is not None for node in program.process.nodes.values())
        self._not_begun = _other_starts(program.process, start) if snapshot is None else frozenset[str]()
        self._hold_at: set[str] = set()
        self._load(snapshot)

    def _load(self, snapshot: bytes | None) -> None:
        self._flows = Flows(self._program, self._evaluate)
        self._thrower = Thrower(self._process, self._flows)
        self._open, self._armed = {}, {}
        if snapshot is None:
            self._flows.begin(self._process.id)
            return
        self._flows.load(snapshot)
        waiting = dict(self._scopes())
        for spiff_task in self._flows.tasks(_STANDING):
            if waits_to_be_told(spiff_task):
                waiting[str(spiff_task.id)] = spiff_task.task_spec.bpmn_id
            elif _is_user_task(spiff_task) and str(spiff_task.id) not in self._flows.stuck:
                self._open[str(spiff_task.id)] = spiff_task.task_spec.bpmn_id
        self._armed = {t: e for t, e in waiting.items() if t not in self._flows.stuck}

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

        A token that is held while its fact is acted on stays where it is; the others go on. What cannot be
        decided (a condition, a gateway without a way on, a loop without anything to wait for) holds its token
        and is told as a fact too.
        """
        yield from self._changes()
        if self._failed_at is not None:
            yield Fact(Kind.FAILED, self._failed_at, "")
        rounds = _Rounds()
        moved = True
        while moved:
            moved = False
            for spiff_task in self._flows.tasks(TaskState.READY):
                token, element_id = str(spiff_task.id), spiff_task.task_spec.bpmn_id
                if spiff_task.state != TaskState.READY or self._stays(token):
                    continue
                if element_id in self._hold_at:
                    self._hold_at = set()
                    self.hold(token)
                    yield Fact(Kind.STUCK, element_id, token, "loop", _endless())
                    continue
                if fault := self._blocked(spiff_task):
                    self.hold(token)
                    yield Fact(Kind.STUCK, element_id, token, "gateway", fault)
                    continue
                if element_id in self._not_begun:
                    spiff_task.cancel()
                    continue
                if element_id in self._process.nodes:
                    skipped = _is_user_task(spiff_task)
                    yield Fact(Kind.SKIPPED if skipped else Kind.REACHED, element_id, token)
                if self._stays(
                    token
                ):  # its work failed; what a boundary event interrupts is left all the same
                    yield from self._changes()
                    moved = True
                    continue
                self._run(spiff_task)
                yield from self._thrown(spiff_task)
                yield from self._changes()
                moved = True
                rounds.add(element_id)
                if rounds.steps % _PRUNE_EVERY == 0:
                    self._flows.prune()
                    yield from self._watch_loops(rounds)
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

    def move(self, token: str, element_id: str) -> str:
        """Put the token of an open user task to another user task of the same level; return its token there.

        The next `advance` tells what came and went with it: events of both tasks, and that the old one is over.

        Raises:
            WrongState: no user task is open there.
        """
        spiff_task = self._flows.find(token)
        if spiff_task is None or token not in self._open:
            raise WrongState("该任务已不在办理中。", f"Expected an open user task at {token}, found none.")
        moved = tree.moved(spiff_task, element_id)
        if not _is_user_task(moved):
            self._run(moved)
            moved = next(child for child in moved.children if child.task_spec.bpmn_id == element_id)
        self._open[str(moved.id)] = element_id
        return str(moved.id)

    # Holding

    def hold(self, token: str) -> None:
        """Keep a token where it is, whatever else moves, until `release` or `skip`.

        An interrupting boundary event that went off has interrupted, whether or not its own work succeeds.
        """
        self._open.pop(token, None)
        self._armed.pop(token, None)
        self._flows.stuck.add(token)
        spiff_task = self._flows.find(token)
        if spiff_task is None or spiff_task.state != TaskState.READY:
            return
        spec = spiff_task.task_spec
        if isinstance(spec, BoundaryEvent) and spec.cancel_activity:
            for other in spiff_task.parent.children:
                if other is not spiff_task:
                    other.cancel()

    def release(self, token: str) -> None:
        """Let a held token try again: its fact is told anew by `advance`."""
        self._flows.stuck.discard(token)

    def reopen(self, token: str) -> None:
        """Let a task that was held after it was handed in be completed again."""
        spiff_task = self._flows.find(token)
        assert spiff_task is not None
        self._open[token] = spiff_task.task_spec.bpmn_id

    def skip(self, token: str, flows: tuple[str, ...] = ()) -> None:
        """Let a held token leave without the element's work, at a gateway by the flows that are named.

        Raises:
            InvalidInput: a flow that does not leave the gateway, none, or too many.
        """
        spiff_task = self._flows.find(token)
        assert spiff_task is not None
        own = str(spiff_task.task_spec.bpmn_id)
        if own.endswith(DONE) and not flows:  # whether it is enough cannot be said: the others go on
            self._choose(spiff_task, (not_enough(own),))
        elif isinstance(spiff_task.task_spec, Choice) and not own.endswith(DONE):
            self._choose(spiff_task, flows)
        elif flows:
            raise InvalidInput(
                "该环节不是网关，无需指定流向。", f"Expected no flow, found {', '.join(flows)}."
            )
        self._flows.stuck.discard(token)
        if spiff_task.state == TaskState.WAITING:
            fire(spiff_task, self._process)
        self._run(spiff_task)
        for _ in self._thrown(spiff_task):
            self._failed_at = spiff_task.task_spec.bpmn_id

    def stands(self, token: str) -> bool:
        """Say whether a token is still there, or an event sub-process still waits to be started."""
        if token in self._process.event_scopes:
            return self._flows.main_runs
        spiff_task = self._flows.find(token)
        return spiff_task is not None and spiff_task.has_state(_STANDING)

    def ways(self, element_id: str) -> tuple[str, ...]:
        """Return the flows an operator may choose from at a gateway with conditions; empty elsewhere."""
        return tuple(ways(self._program, element_id))

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
        self._flows.stuck = {token for token in self._flows.stuck if self.stands(token)}
        return self._flows.dump()

    # Inner

    def _stays(self, token: str) -> bool:
        return token in self._open or token in self._flows.stuck

    def _blocked(self, spiff_task: Task) -> Exception | None:
        """Decide by which ways a gateway goes on; return why it cannot."""
        spec = spiff_task.task_spec
        if not isinstance(spec, Choice):
            return None
        name = spiff_task.task_spec.bpmn_name or spiff_task.task_spec.name
        try:
            chosen = spec.ways(spiff_task)
        except Exception as fault:  # whoever acts on the fact decides what it means
            return fault
        if chosen:
            spiff_task._set_internal_data(ways=chosen)
            return None
        return ModelFault(
            f"流程在“{name}”处没有可走的分支，请联系流程设计人员。",
            f"No way on at {spiff_task.task_spec.name}.",
            kind="gateway",
        )

    def _choose(self, spiff_task: Task, flows: tuple[str, ...]) -> None:
        spec = spiff_task.task_spec
        known = getattr(spec, "by_flow", {})
        most = len(known) if isinstance(spec, InclusiveJoin) else 1
        if not flows or len(flows) > most or not set(flows) <= set(known):
            raise InvalidInput(
                f"请从网关的流向中选择{'一个' if most == 1 else '一个或者几个'}：{'、'.join(known)}。",
                f"Expected {'one' if most == 1 else 'some'} of {', '.join(known)}, found {', '.join(flows) or 'none'}.",
            )
        spiff_task._set_internal_data(ways=list(dict.fromkeys(known[flow] for flow in flows)))

    def _watch_loops(self, rounds: "_Rounds") -> Iterator[Fact]:
        """Remember the first stop of a long run; take a run without end back to it, and hold it in the loop.

        A gateway of the loop is where it is held, if it has one: there an operator can choose the way out.
        """
        if rounds.mark is None:
            rounds.mark = self.snapshot()
            yield Fact(Kind.MARKED, "", "")
        elif rounds.steps >= MAX_STEPS:
            gates = {element_id for element_id in rounds.seen if len(self.ways(element_id)) > 1}
            failed = self._failed_at
            self._load(rounds.mark)
            self._failed_at = failed
            self._hold_at = gates or set(rounds.seen)
            rounds.mark, rounds.steps = None, 0
            yield Fact(Kind.REWOUND, "", "")
        rounds.seen = set()

    def _run(self, spiff_task: Task) -> None:
        spiff_task.run()
        watching.tell(self._process.id, spiff_task, self._evaluate)
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
        return any(not self._stays(str(t.id)) for t in self._flows.tasks(TaskState.READY))

    def _changes(self) -> Iterator[Fact]:
        """Report user tasks and events that came or went since the last look."""
        if self._conditional:
            yield from self._fire_conditions()
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
            if token not in self._armed and token not in self._flows.stuck:
                self._armed[token] = element_id
                yield Fact(Kind.ARMED, element_id, token)
        for spiff_task in live:
            token, element_id = str(spiff_task.id), spiff_task.task_spec.bpmn_id
            if spiff_task.state != TaskState.READY or not _is_user_task(spiff_task) or self._stays(token):
                continue
            skips = self._tried(self._process.nodes[element_id].skip_when)
            if isinstance(skips, Exception):
                self.hold(token)
                yield Fact(Kind.STUCK, element_id, token, "opening", skips)
            elif not skips:
                self._open[token] = element_id
                yield Fact(Kind.OPENED, element_id, token)

    def _fire_conditions(self) -> Iterator[Fact]:
        """Fire the conditions that became true since the last look."""
        for spiff_task in self._flows.tasks(TaskState.WAITING):
            node = self._process.nodes.get(spiff_task.task_spec.bpmn_id or "")
            if node is None or node.condition is None or not waits_to_be_told(spiff_task):
                continue
            if (token := str(spiff_task.id)) in self._flows.stuck:
                continue
            holds = self._tried(node.condition)
            if isinstance(holds, Exception):
                self.hold(token)
                yield Fact(Kind.STUCK, node.id, token, "condition", holds)
                continue
            held = spiff_task.internal_data.get("held", False)
            spiff_task._set_internal_data(held=holds)
            if holds and not held and spiff_task.state == TaskState.WAITING:
                fire(spiff_task, self._process)
        for scope_id, start_id in self._process.event_scopes.items():
            condition = self._process.nodes[start_id].condition
            if condition is not None and self._flows.main_runs and scope_id not in self._flows.stuck:
                holds = self._tried(condition)
                if isinstance(holds, Exception):
                    self.hold(scope_id)
                    yield Fact(Kind.STUCK, start_id, scope_id, "condition", holds)
                    continue
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

    def _tried(self, condition: str | None) -> bool | Exception:
        """Return whether a condition holds, or why it cannot be told."""
        try:
            return condition is not None and bool(self._evaluate(condition))
        except Exception as fault:  # whoever acts on the fact decides what it means
            return fault

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


@dataclass
class _Rounds:
    """The steps of one advance: how many, where they may be taken back to, and what ran since the last stop."""

    steps: int = 0
    mark: bytes | None = None
    seen: set[str] = field(default_factory=set)

    def add(self, element_id: str | None) -> None:
        self.steps += 1
        if element_id is not None:
            self.seen.add(element_id)


def _endless() -> ModelFault:
    return ModelFault(
        "流程循环中没有等待点，已停止执行，请联系流程设计人员。",
        f"A loop without anything to wait for was stopped after {MAX_STEPS} steps.",
        kind="loop",
    )
