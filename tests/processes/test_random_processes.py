"""Random block-structured processes: they end, and a restart before each act changes nothing."""

import random

import pytest

from engine.expressions import ExpressionRefused
from engine.runner import Fact
from tests.processes.small_models import Play, flow, model, nodes


class _Draft:
    """Draws blocks one inside another; each has one way in and one way out."""

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
        kind = self.rng.choice(
            ["task"] if depth == 0 else ["task", "row", "and", "or", "xor", "loop", "scope", *self.more]
        )
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


@pytest.mark.parametrize("seed", range(60))
def test_a_random_process_ends_and_bears_a_restart_before_each_act(seed: int) -> None:
    draft = _Draft(seed)
    first, last = draft.block(4)
    draft.flow("S", first)
    draft.flow(last, "E")
    xml = model(nodes("startEvent:S endEvent:E") + draft.body, " ".join(draft.flows))
    ways = list(range(draft.rng.randrange(draft.count + 2)))
    straight = _TwiceRound(xml, ways=ways)
    restarted = _TwiceRound(xml, restart=True, ways=ways)

    for _ in range(2000):
        if not straight.waiting:
            break
        assert restarted.waiting == straight.waiting
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
