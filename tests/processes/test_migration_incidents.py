"""A case that an incident holds goes over to a version that mends it, or is refused (R-V1)."""

import pytest

from engine.demo.cases import Desk
from engine.handlers.migration_obstacles import MigrationObstructed
from tests.processes.office import incidents, open_tasks
from tests.processes.small_models import nodes
from tests.processes.test_incidents import BAD, assign, begin, element, small
from tests.processes.test_migration import consent, proposal, propose, rebuilt, version
from tests.processes.test_starts import deploy

CHOICE = '<exclusiveGateway id="X"/>' + nodes("userTask:C endEvent:F")
WAYS = "A>X X>B[word == 'a'] X>C[word == 'b'] B>E C>F"


@pytest.mark.parametrize(
    ("broken", "mended", "names"),
    [
        pytest.param(small(CHOICE, WAYS), small(CHOICE, WAYS.replace("'a'", "'是'")), {}, id="gateway"),
        pytest.param(
            small(element("serviceTask", assign(BAD))),
            small(element("serviceTask", assign("word"))),
            {},
            id="work",
        ),
        pytest.param(
            small(element("serviceTask", assign(BAD))),
            small(element("serviceTask", assign("word"), name="Y"), "A>Y Y>B B>E"),
            {"X": "Y"},
            id="work of another name",
        ),
        pytest.param(
            small('<userTask id="X" shixian:role="nobody.handler"/>'),
            small('<userTask id="X" shixian:role="use.handler"/>'),
            {},
            id="opening",
        ),
    ],
)
def test_a_case_that_failed_goes_on_under_a_version_that_is_mended(
    desk: Desk, broken: bytes, mended: bytes, names: dict[str, str]
) -> None:
    key = begin(desk, broken)
    desk.do(key, "A", {})
    [stuck] = incidents(desk, key)
    target = deploy(desk.engine, mended)
    proposed = propose(desk, key, target, **names)
    moves = [move["element_id"] for move in proposal(desk, proposed).preview["moves"]]
    assert consent(desk, key, proposed)["state"] == "done"

    [opened] = open_tasks(desk, key)
    assert opened in moves  # the preview has told so
    assert [x.key for x in incidents(desk, key, "resolved")] == [stuck.key]
    assert incidents(desk, key) == []
    rebuilt(desk)


def test_a_version_that_fails_at_the_same_place_is_no_way_out(desk: Desk) -> None:
    key = begin(desk, small(element("serviceTask", assign(BAD))))
    desk.do(key, "A", {})
    target = deploy(desk.engine, small(element("serviceTask", assign("word - 1"))))

    with pytest.raises(MigrationObstructed, match="“X”出现异常，请改用其他版本"):
        propose(desk, key, target)
    [stuck] = incidents(desk, key)
    assert (stuck.tries, version(desk, key)) == (0, 1)
