"""A case that goes round a thousand times stays as small as one that went round ten times."""

import pytest

from tests.processes.small_models import Play, flow, model, nodes

BODY = nodes(
    "startEvent:S exclusiveGateway:M parallelGateway:P userTask:A userTask:B parallelGateway:J exclusiveGateway:X endEvent:E"
).replace('id="X"', 'id="X" default="X_M"')
LOOP = model(BODY, "S>M M>P P>A P>B A>J B>J J>X X>M X>E[done]")


def in_a_scope() -> bytes:
    inner = nodes("startEvent:S1 userTask:A endEvent:E1")
    scope = f'<subProcess id="Scope">{inner}{flow("S1>A A>E1")}</subProcess>' + (
        '<boundaryEvent id="Note" attachedToRef="Scope" cancelActivity="false">'
        '<messageEventDefinition messageRef="Msg"/></boundaryEvent>'
    )
    body = nodes("startEvent:S exclusiveGateway:M exclusiveGateway:X endEvent:E endEvent:F")
    return model(
        body.replace('id="X"', 'id="X" default="X_M"') + scope,
        "S>M M>Scope Scope>X X>M X>E[done] Note>F",
        '<message id="Msg" name="m"/>',
    )


@pytest.mark.parametrize(
    ("xml", "acts"),
    [
        pytest.param(LOOP, ("B", "A"), id="split and join in each round"),
        pytest.param(
            in_a_scope(), ("!Note", "!Note", "A"), id="a sub-process with a boundary event that catches"
        ),
    ],
)
def test_round_1000_is_as_small_as_round_10(xml: bytes, acts: tuple[str, ...]) -> None:
    play = Play(xml, restart=True, done=False)
    sizes = {}
    for number in range(1, 1001):
        play.do(*acts)
        if number in (10, 1000):
            sizes[number] = len(play.machine.snapshot())

    assert sizes[1000] <= 1.3 * sizes[10]
    play.do(*acts, done=True)
    assert play.machine.ended


def test_catching_again_and_again_while_one_activity_runs_stays_small() -> None:
    play = Play(in_a_scope(), restart=True, done=True)
    play.do(*["!Note"] * 10)
    early = len(play.machine.snapshot())
    play.do(*["!Note"] * 500)

    assert len(play.machine.snapshot()) <= 1.3 * early
    assert play.do("A").machine.ended


def test_a_loop_without_anything_to_wait_for_is_held_where_it_can_be_left() -> None:
    body = nodes("startEvent:S exclusiveGateway:M serviceTask:A exclusiveGateway:X endEvent:E")
    xml = model(body.replace('id="X"', 'id="X" default="X_M"'), "S>M M>A A>X X>M X>E[done]")

    play = Play(xml, done=False)

    assert play.trace[-1] == "stuck X"
    assert len(play.trace) < 60, "what went round and round did not happen"
    [token] = play.stuck
    play.machine.skip(token, ("X_E",))
    assert play.do().machine.ended
