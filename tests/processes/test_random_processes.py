"""Random block-structured processes: they end, a restart before each act changes nothing, and replay is complete."""

import random
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.definitions import load_definition
from engine.demo.cases import Desk, pair
from engine.expressions import ExpressionRefused
from engine.runner import Fact, Machine
from engine.storage.tables import process_instance, snapshot, user_task
from tests.processes.office import case, open_tasks
from tests.processes.small_models import Play, flow, model, nodes
from tests.test_replay import Shadow


class _Draft:
    """Draws blocks one inside another; each has one way in and one way out."""

    kinds: tuple[str, ...] = ("task", "row", "and", "or", "xor", "loop", "scope")

    def __init__(self, seed: int, more: tuple[str, ...] = ()) -> None:
        self.rng = random.Random(seed)
        self.more = more
        self.body = ""
        self.flows: list[str] = []
        self.count = 0

    def node(self, kind: str, attributes: str = "") -> str:
        self.count += 1
        self.body += f'<{kind} id="N{self.count}" {attributes}/>'
        return f"N{self.count}"

    def flow(self, source: str, target: str, condition: str = "") -> None:
        self.flows.append(f"{source}>{target}" + (f"[{condition}]" if condition else ""))

    def block(self, depth: int) -> tuple[str, str]:
        kind = self.rng.choice(["task"] if depth == 0 else [*self.kinds, *self.more])
        if kind == "task":
            name = self.node(self.rng.choice(["userTask", "userTask", "serviceTask"]))
            return name, name
        if kind == "row":
            (first, middle), (following, last) = self.block(depth - 1), self.block(depth - 1)
            self.flow(middle, following)
            return first, last
        if kind == "loop":
            merge = self.node("exclusiveGateway")
            first, last = self.block(depth - 1)
            name = f"N{self.count + 1}"
            split = self.node("exclusiveGateway", f'default="{name}_{merge}"')
            self.flow(merge, first)
            self.flow(last, split)
            self.flow(split, merge)
            out = self.node("serviceTask")
            self.flow(split, out, f"again_{name}")
            return merge, out
        if kind == "scope":
            return self.scope("", self.within(depth))
        if kind == "watched":
            # Each time its event comes, the scope does more beside its own content, or instead of it.
            self.count += 1
            came, stops = f"W{self.count}", self.rng.random() < 0.3
            attributes = f'id="{came}" isInterrupting="{str(stops).lower()}"'
            start = f"<startEvent {attributes}><messageEventDefinition/></startEvent>"
            content, beside = self.within(depth), self.within(depth, start, came)
            _, watching = self.scope('triggeredByEvent="true"', beside, False)
            return self.scope("", content + watching)
        if kind == "ad_hoc":
            outer_body, outer_flows = self.body, self.flows
            self.body, self.flows = "", []
            for _ in range(self.rng.choice((1, 2, 3))):
                self.body += self.scope("", self.within(depth), False)[1] if self.rng.random() < 0.3 else ""
                self.node(self.rng.choice(["userTask", "userTask", "serviceTask"]))
            inner, self.body, self.flows = self.body, outer_body, outer_flows
            self.count += 1
            ends = f"<completionCondition>len(ways) % 3 == {self.count % 3}</completionCondition>"
            self.body += f'<adHocSubProcess id="N{self.count}">{inner}{ends}</adHocSubProcess>'
            return f"N{self.count}", f"N{self.count}"
        tag = {"and": "parallelGateway", "or": "inclusiveGateway", "xor": "exclusiveGateway"}[kind]
        number = self.count + 1
        ways = [self.block(depth - 1) for _ in range(self.rng.choice((2, 3)))]
        default = f'default="N{self.count + 1}_{ways[0][0]}"' if kind != "and" else ""
        split, join = self.node(tag, default), self.node(tag)
        for index, (first, last) in enumerate(ways):
            self.flow(split, first, f"len(ways) > {number + index}" if kind != "and" and index else "")
            self.flow(last, join)
        return split, join

    def within(self, depth: int, start: str = "", name: str = "") -> str:
        """Draw a block between a start and an end of its own."""
        outer_body, outer_flows = self.body, self.flows
        self.body, self.flows = start, []
        begun = name or self.node("startEvent")
        first, last = self.block(depth - 1)
        end = self.node("endEvent")
        self.flow(begun, first)
        self.flow(last, end)
        drawn = self.body + flow(" ".join(self.flows))
        self.body, self.flows = outer_body, outer_flows
        return drawn

    def scope(self, attributes: str, content: str, here: bool = True) -> tuple[str, str]:
        """Wrap content into a sub-process; return its id twice, or its id and text where it is not drawn here."""
        self.count += 1
        name = f"N{self.count}"
        text = f'<subProcess id="{name}" {attributes}>{content}</subProcess>'
        if here:
            self.body += text
        return name, name if here else text


class _TwiceRound(Play):
    """Lets each loop go round twice."""

    def _evaluate(self, expression: str) -> object:
        if expression.startswith("again_"):
            self.variables[expression] = self.variables.get(expression, -1) + 1
            return self.variables[expression] % 3 == 2
        return super()._evaluate(expression)


def random_process(seed: int) -> tuple[_Draft, bytes, list[int]]:
    """Return a random process, what it was drawn with, and the ways its gateways choose by."""
    draft = _Draft(seed)
    first, last = draft.block(4)
    draft.flow("S", first)
    draft.flow(last, "E")
    xml = model(nodes("startEvent:S endEvent:E") + draft.body, " ".join(draft.flows))
    return draft, xml, list(range(draft.rng.randrange(draft.count + 2)))


@pytest.mark.parametrize("seed", range(60))
def test_a_random_process_ends_and_bears_a_restart_before_each_act(seed: int) -> None:
    draft, xml, ways = random_process(seed)
    straight = _TwiceRound(xml, ways=ways)
    restarted = _TwiceRound(xml, restart=True, ways=ways)

    for _ in range(2000):
        if not straight.waiting:
            break
        assert restarted.waiting == straight.waiting
        restarted.bears_saving()
        act = draft.rng.choice(straight.waiting)
        straight.do(act)
        restarted.do(act)

    assert restarted.trace == straight.trace
    assert straight.machine.ended and restarted.machine.ended
    assert straight.trace.count("E") == 1


@pytest.mark.parametrize("seed", range(60))
def test_event_and_ad_hoc_sub_processes_anywhere_bear_a_restart_before_each_act(seed: int) -> None:
    draft = _Draft(seed, ("watched", "watched", "ad_hoc", "ad_hoc"))
    first, last = draft.block(3)
    draft.flow("S", first)
    draft.flow(last, "E")
    xml = model(nodes("startEvent:S endEvent:E") + draft.body, " ".join(draft.flows))
    ways = list(range(draft.rng.randrange(draft.count + 2)))
    straight = _TwiceRound(xml, ways=ways)
    restarted = _TwiceRound(xml, restart=True, ways=ways)

    come = 0
    for _ in range(2000):
        if not straight.waiting:
            break
        assert restarted.waiting == straight.waiting
        assert sorted(restarted.armed.values()) == sorted(straight.armed.values())
        act = draft.rng.choice(straight.waiting)
        if come < 12 and straight.armed and draft.rng.random() < 0.3:
            come += 1
            act = "!" + draft.rng.choice(sorted(straight.armed.values()))
        straight.do(act)
        restarted.do(act)

    assert sorted(restarted.trace) == sorted(straight.trace)
    assert straight.machine.ended and restarted.machine.ended
    assert straight.trace.count("E") == 1
    assert straight.armed == {} and restarted.armed == {}


class _Stumbling(_TwiceRound):
    """Each element, and each condition, fails now and then; it is held, and mended before the next act."""

    def __init__(self, rng: random.Random, xml: bytes, **variables: object) -> None:
        self.rng = rng
        self.stumbles = 0
        super().__init__(xml, restart=True, **variables)

    def _fails(self, fact: Fact) -> bool:
        # A gateway has nothing to do but to choose, and has chosen by the time it is told.
        gateway = self.program.process.nodes[fact.element_id].type.endswith("Gateway")
        return not gateway and self._stumbles()

    def _evaluate(self, expression: str) -> object:
        if self._stumbles():
            raise ExpressionRefused("now and then")
        return super()._evaluate(expression)

    def _stumbles(self) -> bool:
        fails = self.stumbles == 0 or self.rng.random() < 0.3
        self.stumbles += fails
        return fails


@pytest.mark.parametrize("seed", range(40))
def test_a_random_process_whose_elements_fail_and_are_mended_goes_the_same_way(seed: int) -> None:
    draft = _Draft(seed)
    first, last = draft.block(3)
    draft.flow("S", first)
    draft.flow(last, "E")
    xml = model(nodes("startEvent:S endEvent:E") + draft.body, " ".join(draft.flows))
    ways = list(range(draft.rng.randrange(draft.count + 2)))
    straight = _TwiceRound(xml, ways=ways)
    stumbling = _Stumbling(random.Random(seed), xml, ways=ways)

    for _ in range(2000):
        stumbling.mend()
        assert stumbling.waiting == straight.waiting
        if not straight.waiting:
            break
        act = draft.rng.choice(straight.waiting)
        straight.do(act)
        stumbling.do(act)

    done = [line for line in stumbling.trace if not line.startswith("stuck")]
    assert sorted(done) == sorted(straight.trace)
    assert straight.machine.ended and stumbling.machine.ended
    assert stumbling.stumbles > 0


class _Counted(_Draft):
    """Draws processes that the whole engine can run: a loop counts its rounds, and variables are set at the start."""

    kinds = ("task", "row", "and", "or", "xor", "scope")

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.counters: list[str] = []

    def node(self, kind: str, attributes: str = "") -> str:
        name = super().node(kind, attributes)
        if kind == "serviceTask":
            self._assign(name, {f"v{name}": "'done'"})
        return name

    def block(self, depth: int) -> tuple[str, str]:
        if depth and self.rng.random() < 0.25:
            return self._loop(depth)
        return super().block(depth)

    def _loop(self, depth: int) -> tuple[str, str]:
        merge = self.node("exclusiveGateway")
        first, last = super().block(depth - 1)
        step = self.node("serviceTask")
        counter = f"rounds{step}"
        self._assign(step, {counter: f"{counter} + 1"})
        self.counters.append(counter)
        split = f"N{self.count + 1}"
        self.node("exclusiveGateway", f'default="{split}_{merge}"')
        out = self.node("serviceTask")
        for source, target in ((merge, first), (last, step), (step, split), (split, merge)):
            self.flow(source, target)
        self.flow(split, out, f"{counter} > 1")
        return merge, out

    def _assign(self, name: str, values: dict[str, str]) -> None:
        assigns = "".join(f'<shixian:assign variable="{v}" expression="{e}"/>' for v, e in values.items())
        bare = self.body.index(f'<serviceTask id="{name}"')
        end = self.body.find("</serviceTask>", bare)
        plain = self.body[bare:].startswith(f'<serviceTask id="{name}" />')
        stop = self.body.index("/>", bare) + 2 if plain else end + len("</serviceTask>")
        task = f'<serviceTask id="{name}"><extensionElements>{assigns}</extensionElements></serviceTask>'
        self.body = self.body[:bare] + task + self.body[stop:]

    def variables(self) -> str:
        names = [f"vN{n}" for n in range(1, self.count + 1)]
        return " ".join(["ways", *self.counters, *names])


@pytest.mark.parametrize("seed", [0, 3, 8, 9, 10, 11, 12, 13])
def test_after_every_command_of_a_random_process_replay_equals_the_live_tables(desk: Desk, seed: int) -> None:
    """Every read table equals its replay, and the machine's state bears being saved and loaded."""
    draft = _Counted(seed)
    first, last = draft.block(3)
    init = draft.node("serviceTask")
    ways = str(list(range(draft.rng.randrange(draft.count + 2))))
    draft._assign(init, {"ways": ways} | dict.fromkeys(draft.counters, "0"))
    for source, target in (("S", init), (init, first), (last, "E")):
        draft.flow(source, target)
    body = nodes("startEvent:S endEvent:E") + draft.body
    xml = model(body, " ".join(draft.flows), process_id="drawn", variables=draft.variables())
    desk.engine.handle(c.DeployDefinition(actor=None, files={"process.bpmn": xml}))
    shadow = Shadow(desk)
    try:
        using, entry = pair(desk, 1, "conditional")
        actor = desk.actor(using, "handler")
        started = c.StartInstance(actor=actor, process_id="drawn", resource_key=entry)
        key = int(desk.engine.handle(started)["instance_key"])
        for _ in range(300):
            _bears_saving(desk, key)
            if case(desk, key).ended_at:
                break
            _do_one(desk, key, draft.rng.choice(sorted(open_tasks(desk, key))))
        assert case(desk, key).ended_at
    finally:
        shadow.engine.dispose()


def _bears_saving(desk: Desk, key: int) -> None:
    def never(*_: Any) -> object:
        raise AssertionError("loading evaluates nothing")

    with desk.engine.database.reading() as conn:
        row = conn.execute(select(process_instance).where(process_instance.c.key == key)).one()
        kept = conn.execute(select(snapshot.c.data).where(snapshot.c.instance_key == key)).scalar_one()
        program = load_definition(conn, row.definition_key).program
    assert Machine(program, never, kept).snapshot() == kept


def _do_one(desk: Desk, key: int, element_id: str) -> None:
    """Complete one of the open tasks of an element, of which a merged branch may have opened several."""
    with desk.engine.database.reading() as conn:
        found = select(user_task).where(
            user_task.c.instance_key == key, user_task.c.element_id == element_id, user_task.c.state == "open"
        )
        task = conn.execute(found.order_by(user_task.c.key).limit(1)).one()
    actor = desk.actor(task.organisation_key, task.role)
    desk.engine.handle(c.CompleteTask(actor=actor, task_key=task.key, values={}))
