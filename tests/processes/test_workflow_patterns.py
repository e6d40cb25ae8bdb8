"""The workflow patterns that apply, each as a process with its trace; straight, and restarted before each act.

Source: van der Aalst, ter Hofstede, Kiepuszewski, Barros, "Workflow Patterns" (2003); the numbers are theirs.
"""

import pytest

from tests.processes.small_models import Play, flow, model, nodes

MESSAGE = '<messageEventDefinition messageRef="M"/>'
M = '<message id="M" name="m"/>'


def plays(xml: bytes, *acts: str, **variables: object) -> tuple[str, bool]:
    """Return the trace and whether the case has ended; the same with and without restarts."""
    straight, restarted = Play(xml, **variables), Play(xml, restart=True, **variables)
    for act in acts:
        straight.do(act)
        restarted.do(act)
    assert restarted.trace == straight.trace
    assert restarted.machine.ended == straight.machine.ended
    return " ".join(straight.trace), straight.machine.ended


def test_1_sequence() -> None:
    xml = model(nodes("startEvent:S userTask:A userTask:B endEvent:E"), "S>A A>B B>E")

    assert plays(xml, "A", "B") == ("S +A +B E", True)


SPLIT = nodes("startEvent:S parallelGateway:P userTask:A userTask:B parallelGateway:J userTask:C endEvent:E")


def test_2_and_3_parallel_split_and_synchronisation() -> None:
    xml = model(SPLIT, "S>P P>A P>B A>J B>J J>C C>E")

    assert plays(xml, "B") == ("S P +A +B", False)
    assert plays(xml, "B", "A", "C") == ("S P +A +B J +C E", True)


CHOICE = nodes(
    "startEvent:S exclusiveGateway:X userTask:A userTask:B exclusiveGateway:M userTask:C endEvent:E"
)


@pytest.mark.parametrize("taken", ["A", "B"])
def test_4_and_5_exclusive_choice_and_simple_merge(taken: str) -> None:
    body = CHOICE.replace('id="X"', 'id="X" default="X_B"')
    xml = model(body, "S>X X>A[way == 'A'] X>B A>M B>M M>C C>E")

    assert plays(xml, taken, "C", way=taken) == (f"S X +{taken} M +C E", True)


@pytest.mark.parametrize(
    ("ways", "acts", "trace"),
    [
        pytest.param(["A"], ("A", "C"), "S I +A J +C E", id="one"),
        pytest.param(["A", "B"], ("B", "A", "C"), "S I +A +B J +C E", id="both"),
        pytest.param([], ("D", "C"), "S I +D J +C E", id="default"),
    ],
)
def test_6_and_7_multi_choice_and_structured_synchronising_merge(
    ways: list[str], acts: tuple[str, ...], trace: str
) -> None:
    body = nodes(
        "startEvent:S inclusiveGateway:I userTask:A userTask:B userTask:D inclusiveGateway:J userTask:C endEvent:E"
    ).replace('id="I"', 'id="I" default="I_D"')
    xml = model(body, "S>I I>A['A' in ways] I>B['B' in ways] I>D A>J B>J D>J J>C C>E")

    assert plays(xml, *acts, ways=ways) == (trace, True)


def test_7_the_synchronising_merge_does_not_wait_for_a_token_that_went_elsewhere() -> None:
    body = nodes(
        "startEvent:S parallelGateway:P userTask:A userTask:B exclusiveGateway:X inclusiveGateway:J userTask:C"
        " endEvent:E endEvent:F"
    ).replace('id="X"', 'id="X" default="X_F"')
    xml = model(body, "S>P P>A P>B A>J B>X X>J[back] X>F J>C C>E")

    assert plays(xml, "A", back=False) == ("S P +A +B", False)
    assert plays(xml, "A", "B", "C", back=False) == ("S P +A +B X J +C F E", True)


def test_8_multi_merge_lets_each_token_pass() -> None:
    xml = model(
        SPLIT.replace('parallelGateway id="J"', 'exclusiveGateway id="J"'), "S>P P>A P>B A>J B>J J>C C>E"
    )

    assert plays(xml, "A", "B", "C", "C") == ("S P +A +B J +C J +C E E", True)


def test_9_discriminator_the_first_goes_on_and_the_other_is_cancelled() -> None:
    inner = nodes("startEvent:S1 parallelGateway:P userTask:A userTask:B") + (
        '<endEvent id="First"><terminateEventDefinition/></endEvent>'
    )
    scope = f'<subProcess id="Scope">{inner}{flow("S1>P P>A P>B A>First B>First")}</subProcess>'
    xml = model(nodes("startEvent:S userTask:C endEvent:E") + scope, "S>Scope Scope>C C>E")

    assert plays(xml, "B", "C") == ("S S1 P +A +B First -A Scope +C E", True)


def test_10_arbitrary_cycles_and_a_join_in_each_round() -> None:
    body = SPLIT + nodes("exclusiveGateway:M exclusiveGateway:Again").replace(
        'id="Again"', 'id="Again" default="Again_E"'
    )
    xml = model(body, "S>M M>P P>A P>B A>J B>J J>C C>Again Again>M[again] Again>E")
    rounds = ["A", "B", "C"] * 3

    trace, ended = plays(xml, *rounds, again=True)

    assert trace == "S M P +A +B" + " J +C Again M P +A +B" * 3
    assert not ended


@pytest.mark.parametrize(
    ("elements", "flows", "acts", "trace"),
    [
        pytest.param("", "S>A A>B B>A", ("A", "B", "A"), "S +A +B +A +B", id="without any gateway"),
        pytest.param(
            "parallelGateway:F endEvent:E",
            "S>A A>B B>F F>A F>E",
            ("A", "B"),
            "S +A +B F E +A",
            id="through a parallel gateway",
        ),
    ],
)
def test_10_a_cycle_without_a_choice(elements: str, flows: str, acts: tuple[str, ...], trace: str) -> None:
    xml = model(nodes(f"startEvent:S userTask:A userTask:B {elements}"), flows)

    found, ended = plays(xml, *acts)
    assert (sorted(found.split()), ended) == (sorted(trace.split()), False)


def test_10_a_cycle_through_an_event_based_gateway() -> None:
    waits = "".join(
        f'<intermediateCatchEvent id="{e}">{MESSAGE}</intermediateCatchEvent>' for e in ("Again", "Over")
    )
    xml = model(
        nodes("startEvent:S userTask:A eventBasedGateway:G endEvent:E") + waits,
        "S>A A>G G>Again G>Over Again>A Over>E",
        M,
    )

    assert plays(xml, "A", "!Again", "A", "!Again", "A", "!Over") == (
        "S +A G Again +A G Again +A G Over E",
        True,
    )


def test_16_deferred_choice_the_first_event_wins() -> None:
    body = nodes("startEvent:S eventBasedGateway:G endEvent:E endEvent:F") + (
        f'<intermediateCatchEvent id="Came">{MESSAGE}</intermediateCatchEvent>'
        '<intermediateCatchEvent id="Late"><timerEventDefinition/></intermediateCatchEvent>'
    )
    xml = model(body, "S>G G>Came G>Late Came>E Late>F", M)

    assert plays(xml, "!Late") == ("S G Late F", True)
    assert plays(xml, "!Came") == ("S G Came E", True)


def test_18_milestone_an_act_is_open_only_while_another_activity_runs() -> None:
    scope = f'<subProcess id="Open">{nodes("startEvent:S1 userTask:Close endEvent:E1")}{flow("S1>Close Close>E1")}</subProcess>'
    body = (
        nodes("startEvent:S userTask:Act endEvent:E endEvent:F")
        + scope
        + (f'<boundaryEvent id="Asked" attachedToRef="Open" cancelActivity="false">{MESSAGE}</boundaryEvent>')
    )
    xml = model(body, "S>Open Open>E Asked>Act Act>F", M)

    assert plays(xml, "!Asked", "!Asked", "Act", "Act", "Close")[0] == (
        "S S1 +Close Asked +Act Asked +Act F F E1 Open E"
    )
    late = Play(xml).do("Close")
    assert "Asked" not in late.armed.values()


def test_19_and_20_cancel_activity_and_cancel_case() -> None:
    body = nodes("startEvent:S parallelGateway:P userTask:A userTask:B endEvent:E endEvent:F") + (
        f'<boundaryEvent id="Stop" attachedToRef="A">{MESSAGE}</boundaryEvent>'
        '<endEvent id="All"><terminateEventDefinition/></endEvent>'
    )
    xml = model(body, "S>P P>A P>B A>E B>All Stop>F", M)

    assert plays(xml, "!Stop") == ("S P +B +A Stop -A F", False)
    assert plays(xml, "B") == ("S P +B +A All -A", True)


def test_25_cancel_region() -> None:
    inner = nodes("startEvent:S1 parallelGateway:P userTask:A userTask:B endEvent:E1 endEvent:E2")
    scope = f'<subProcess id="Region">{inner}{flow("S1>P P>A P>B A>E1 B>E2")}</subProcess>'
    body = (
        nodes("startEvent:S endEvent:E userTask:After endEvent:F")
        + scope
        + (f'<boundaryEvent id="Stop" attachedToRef="Region">{MESSAGE}</boundaryEvent>')
    )
    xml = model(body, "S>Region Region>E Stop>After After>F", M)

    trace, ended = plays(xml, "A", "!Stop", "After")

    assert trace == "S S1 P +A +B E1 Stop -B +After F"
    assert ended


def test_excess_tokens_stay_at_their_flow() -> None:
    """Two tokens on one flow and one on the other join once; the second waits for its partner."""
    body = nodes(
        "startEvent:S parallelGateway:P userTask:A userTask:A2 exclusiveGateway:M userTask:B parallelGateway:J userTask:C endEvent:E"
    )
    xml = model(body, "S>P P>A P>A2 P>B A>M A2>M M>J B>J J>C C>E")

    assert plays(xml, "A", "A2") == ("S P +A +A2 +B M M", False)
    assert plays(xml, "A", "A2", "B", "C") == ("S P +A +A2 +B M M J +C E", False)
