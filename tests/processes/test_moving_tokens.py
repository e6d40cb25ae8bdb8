"""Tokens on another version: a case goes on as if it had always been there, or the obstacle is named."""

import re

import pytest

from engine.runner import Obstacle, Why, compile_process, drawn
from tests.processes.small_models import Play, flow, model, nodes
from tests.processes.test_elements import ad_hoc, nested
from tests.processes.test_random_processes import _Draft, _TwiceRound

MESSAGE = '<message id="M" name="news"/><message id="M2" name="more"/>'


def boundary(name: str, on: str, interrupting: bool = False, definition: str = "") -> str:
    inner = definition or '<messageEventDefinition messageRef="M"/>'
    cancels = str(interrupting).lower()
    return (
        f'<boundaryEvent id="{name}" attachedToRef="{on}" cancelActivity="{cancels}">{inner}</boundaryEvent>'
    )


def catch(name: str) -> str:
    return f'<intermediateCatchEvent id="{name}"><messageEventDefinition messageRef="M"/></intermediateCatchEvent>'


def scope(name: str, inner: str, flows: str, attributes: str = "") -> str:
    return f'<subProcess id="{name}" {attributes}>{inner}{flow(flows)}</subProcess>'


def move(play: Play, xml: bytes, **names: str) -> None:
    """Put the case on another version, as a migration does, and let it tell what is new."""
    program = compile_process(xml)
    assert play.machine.hindrances(program, names) == []
    gone = {at.token for at in play.machine.dropped(program, names)}
    play.machine, play.program = play.machine.migrate(program, names), program
    play.open = {token: names.get(e, e) for token, e in play.open.items()}
    play.armed = {
        names.get(token, token): names.get(e, e) for token, e in play.armed.items() if token not in gone
    }
    play._advance()


class _Renamed(_TwiceRound):
    """Reads the conditions of either version."""

    def _evaluate(self, expression: str) -> object:
        return super()._evaluate(re.sub(r"^again_R", "again_N", expression))


@pytest.mark.parametrize("seed", range(40))
def test_a_case_that_changes_its_version_before_each_act_goes_the_same_way(seed: int) -> None:
    """Every element has another id in the other version, so that nothing matches by accident."""
    draft = _Draft(seed)
    first, last = draft.block(4)
    draft.flow("S", first)
    draft.flow(last, "E")
    xml = model(nodes("startEvent:S endEvent:E") + draft.body, " ".join(draft.flows))
    other = re.sub(rb"\bN(?=\d)|(?<=_)N(?=\d)", b"R", xml)
    there = {name: name.replace("N", "R") for name in compile_process(xml).process.nodes if name[0] == "N"}
    back = {new: old for old, new in there.items()}
    ways = list(range(draft.rng.randrange(draft.count + 2)))
    straight, moved = _TwiceRound(xml, ways=ways), _Renamed(xml, restart=True, ways=ways)

    for number in range(2000):
        if not straight.waiting:
            break
        act = draft.rng.choice(straight.waiting)
        straight.do(act)
        forth = number % 2 == 0
        move(moved, other if forth else xml, **(there if forth else back))
        moved.do(there[act] if forth else act)

    assert [re.sub("R", "N", step) for step in moved.trace] == straight.trace
    assert moved.machine.ended


PLAIN = model(nodes("startEvent:S userTask:A endEvent:E"), "S>A A>E", MESSAGE)
NOTED = model(
    nodes("startEvent:S userTask:A endEvent:E endEvent:X") + boundary("B", "A"), "S>A A>E B>X", MESSAGE
)
TWICE = model(
    nodes("startEvent:S userTask:A endEvent:E endEvent:X endEvent:Y")
    + boundary("B", "A")
    + boundary("C", "A", True),
    "S>A A>E B>X C>Y",
    MESSAGE,
)


def in_scope(body: str, flows: str, around: str = "") -> bytes:
    inner = scope("Inner", nodes("startEvent:S2 userTask:A endEvent:E2") + body, f"S2>A A>E2 {flows}")
    outer = scope("Outer", nodes("startEvent:S1 endEvent:E1") + inner, "S1>Inner Inner>E1")
    return model(nodes("startEvent:S endEvent:E endEvent:X") + outer + around, "S>Outer Outer>E", MESSAGE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(PLAIN, NOTED, id="first event of an activity"),
        pytest.param(NOTED, TWICE, id="one more event"),
        pytest.param(
            in_scope("", ""),
            in_scope(nodes("endEvent:X2") + boundary("B", "A"), "B>X2"),
            id="inside nested sub-processes",
        ),
    ],
)
def test_an_event_that_is_new_on_an_activity_waits_at_once(before: bytes, after: bytes) -> None:
    play = Play(before, restart=True)
    move(play, after)

    assert "B" in play.armed.values()
    play.do("!B", "!B")
    assert play.trace.count("B") == 2
    assert play.waiting == ["A"]
    assert play.do("A").machine.ended


def test_a_new_interrupting_event_takes_the_activity_away() -> None:
    play = Play(PLAIN, restart=True)
    move(play, TWICE)
    play.do("!C")

    assert play.trace == ["S", "+A", "C", "-A", "Y"]
    assert play.machine.ended


def test_a_new_event_on_a_sub_process_that_runs_waits_at_once() -> None:
    around = nodes("") + boundary("B", "Outer")
    before = in_scope("", "")
    after = before.replace(b"</process>", (around + flow("B>X")).encode() + b"</process>")
    play = Play(before, restart=True)
    move(play, after)

    assert play.do("!B", "A").machine.ended
    assert "X" in play.trace


def test_events_that_are_gone_no_longer_wait() -> None:
    play = Play(TWICE, restart=True)
    move(play, PLAIN)

    assert play.armed == {}
    assert play.do("A").machine.ended


def test_an_event_that_went_off_is_not_put_back() -> None:
    timer = "<timerEventDefinition><timeDate>x</timeDate></timerEventDefinition>"
    xml = model(
        nodes("startEvent:S userTask:A userTask:Late endEvent:E endEvent:X")
        + boundary("B", "A", False, timer),
        "S>A A>E B>Late Late>X",
    )
    play = Play(xml, restart=True)
    play.do("!B")
    move(play, xml.replace(b'name="\xe5\xb0\x8f', b'name="\xe6\x96\xb0'))

    assert play.armed == {}
    assert play.do("Late", "A").machine.ended


def event_scope(name: str, interrupting: str = "false") -> str:
    start = f'<startEvent id="{name}_S" isInterrupting="{interrupting}"><messageEventDefinition messageRef="M"/></startEvent>'
    inner = start + nodes(f"userTask:{name}_T endEvent:{name}_E")
    return scope(name, inner, f"{name}_S>{name}_T {name}_T>{name}_E", 'triggeredByEvent="true"')


WITH_SCOPE = model(nodes("startEvent:S userTask:A endEvent:E") + event_scope("W"), "S>A A>E", MESSAGE)


def test_an_event_sub_process_that_is_new_can_be_started() -> None:
    play = Play(PLAIN, restart=True)
    move(play, WITH_SCOPE)

    assert play.armed == {"W": "W_S"}
    assert play.do("!W_S").waiting == ["A", "W_T"]
    assert play.do("W_T", "A").machine.ended


def test_a_running_event_sub_process_goes_on_under_its_new_name() -> None:
    play = Play(WITH_SCOPE, restart=True)
    play.do("!W_S")
    other = model(nodes("startEvent:S userTask:A endEvent:E") + event_scope("V"), "S>A A>E", MESSAGE)
    assert play.machine.hindrances(compile_process(other), {}) == [
        Obstacle("W", Why.GONE),
        Obstacle("W_T", Why.GONE),
    ]
    move(play, other, W="V", W_S="V_S", W_T="V_T", W_E="V_E")

    assert play.do("V_T", "!V_S").waiting == ["A", "V_T"]
    assert play.do("V_T", "A").machine.ended


FORK = nodes("startEvent:S parallelGateway:P userTask:A userTask:B parallelGateway:J endEvent:E")
FORKED = model(FORK, "S>P P>A P>B A>J B>J J>E")


def test_a_token_that_waits_in_a_join_still_counts_there() -> None:
    play = Play(FORKED, restart=True)
    play.do("A")
    more = model(FORK + nodes("userTask:Z"), "S>P P>A P>B A>J B>J J>Z Z>E")
    move(play, more)

    assert play.do("B").waiting == ["Z"]
    assert play.do("Z").machine.ended


def gateway(branches: str) -> bytes:
    body = nodes("startEvent:S eventBasedGateway:G endEvent:E") + "".join(catch(b) for b in branches)
    return model(body, "S>G " + " ".join(f"G>{b} {b}>E" for b in branches), MESSAGE)


def test_of_an_event_based_gateway_the_first_event_still_wins() -> None:
    play = Play(gateway("AB"), restart=True)
    renamed = gateway("AB").replace(b'"G"', b'"H"').replace(b"G_", b"H_")
    assert {o.why for o in play.machine.hindrances(compile_process(renamed), {})} == {Why.GATEWAY}
    move(play, renamed, G="H")
    play.do("!A")

    assert play.armed == {}
    assert play.machine.ended


@pytest.mark.parametrize(
    ("before", "acts", "after", "found"),
    [
        pytest.param(PLAIN, (), model(nodes("startEvent:S userTask:Z endEvent:E"), "S>Z Z>E"), [("A", "gone")], id="gone"),
        pytest.param(PLAIN, (), model(nodes("startEvent:S manualTask:A endEvent:E"), "S>A A>E"), [("A", "kind")], id="another kind"),
        pytest.param(
            PLAIN, (),
            model(nodes("startEvent:S endEvent:E") + scope("P", nodes("startEvent:S1 userTask:A endEvent:E1"), "S1>A A>E1"), "S>P P>E"),
            [("A", "scope")], id="in a sub-process now",
        ),
        pytest.param(
            in_scope("", ""), (), PLAIN,
            [("Outer", "gone"), ("Inner", "gone"), ("A", "scope")], id="sub-processes are gone",
        ),
        pytest.param(
            model(FORK + boundary("N", "A") + nodes("endEvent:X"), "S>P P>A P>B A>J B>J J>E N>X", MESSAGE), (),
            model(FORK + boundary("N", "B") + nodes("endEvent:X"), "S>P P>A P>B A>J B>J J>E N>X", MESSAGE),
            [("N", "attached")], id="event on another activity",
        ),
        pytest.param(
            NOTED, (),
            NOTED.replace(b'<messageEventDefinition messageRef="M"/>', b"<timerEventDefinition/>"),
            [("B", "kind")], id="event of another kind",
        ),
        pytest.param(gateway("AB"), (), gateway("ABC"), [("A", "gateway"), ("B", "gateway")], id="one more branch"),
        pytest.param(
            FORKED, ("A",), model(FORK + nodes("userTask:Y"), "S>P P>A P>B A>Y Y>J B>J J>E"),
            [("J", "inflow")], id="the flow a token came by is gone",
        ),
        pytest.param(
            FORKED, (), model(FORK + nodes("userTask:C"), "S>P P>A P>B P>C A>J B>J C>J J>E"),
            [("J", "starved")], id="a branch nobody is on",
        ),
        pytest.param(
            ad_hoc(), (), ad_hoc(inner="userTask:X userTask:Y userTask:Z userTask:W"),
            [("A", "content")], id="one more activity in an ad-hoc sub-process",
        ),
        pytest.param(
            nested("message", False).replace(b'triggeredByEvent="true"', b"").replace(b'<messageEventDefinition messageRef="M"/>', b""),
            (), nested("message", False), [("Scope", "content")], id="a new event sub-process within a sub-process",
        ),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_named(
    before: bytes, acts: tuple[str, ...], after: bytes, found: list[tuple[str, str]]
) -> None:
    play = Play(before, ripe=False)
    play.do(*acts) if acts else None

    assert play.machine.hindrances(compile_process(after), {}) == [Obstacle(e, Why(w)) for e, w in found]


def test_a_fork_that_lies_ahead_may_get_another_branch() -> None:
    ahead = nodes(
        "startEvent:S userTask:T parallelGateway:P userTask:A userTask:B parallelGateway:J endEvent:E"
    )
    play = Play(model(ahead, "S>T T>P P>A P>B A>J B>J J>E"), restart=True)
    move(play, model(ahead + nodes("userTask:C"), "S>T T>P P>A P>B P>C A>J B>J C>J J>E"))

    assert play.do("T").waiting == ["A", "B", "C"]
    assert play.do("A", "B", "C").machine.ended


def test_the_difference_of_two_drawings() -> None:
    found = drawn(compile_process(PLAIN), compile_process(NOTED))
    assert (found.added, found.removed, found.flows) == (["B", "X"], [], [])

    more = model(nodes("startEvent:S userTask:A userTask:Z endEvent:E"), "S>A A>Z Z>E", MESSAGE)
    found = drawn(compile_process(PLAIN), compile_process(more))
    assert (found.added, found.removed, found.flows) == (["Z"], [], ["A"])


def test_an_element_with_another_id_is_recognised_by_its_place() -> None:
    other = model(nodes("startEvent:S userTask:Z endEvent:E"), "S>Z Z>E", MESSAGE)
    found = drawn(compile_process(PLAIN), compile_process(other))

    assert found.alike == {"A": "Z"}


def test_a_way_to_an_element_with_another_id_is_no_other_way() -> None:
    before = model(nodes("startEvent:S userTask:A userTask:B endEvent:E"), "S>A A>B B>E")
    after = before.replace(b'"B"', b'"C"').replace(b"A_B", b"A_C").replace(b"B_E", b"C_E")

    assert drawn(compile_process(before), compile_process(after)).flows == ["A"]
    assert drawn(compile_process(before), compile_process(after), {"B": "C"}).flows == []
