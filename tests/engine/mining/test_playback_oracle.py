"""What playing a history finds is what the engine's tokens did: every flow, and where they wait after each command."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.definitions import load_definition
from engine.demo.cases import Desk
from engine.history.chain import Recorded
from engine.mining.playback import MOVING, play
from tests.engine.lives import LIVES
from tests.engine.mining.oracle import Oracle, cases, history
from tests.processes import test_ad_hoc as ad_hoc
from tests.processes import test_messages as messages
from tests.processes import test_recall_in_branches as recalls
from tests.processes import test_several_calls as calls

SCENARIOS: dict[str, Callable[[Desk], None]] = {
    "ad hoc": ad_hoc.test_once_enough_is_done_the_other_tasks_are_taken_away,
    "boundary messages": messages.test_a_boundary_event_catches_message_after_message,
    "event sub-process": messages.test_an_event_sub_process_starts_again_with_each_message,
    "nested event sub-process": messages.test_an_event_sub_process_inside_a_sub_process_catches_message_after_message,
    "signals": messages.test_a_signal_reaches_every_case_that_waits_once_each,
    "call": messages.test_a_call_activity_starts_a_case_and_goes_on_with_its_answer,
    "error of a call": messages.test_an_error_of_the_called_case_is_caught_by_the_caller,
    "cancelled call": messages.test_a_called_case_is_cancelled_with_its_caller,
    "several calls": calls.test_each_department_gets_its_case_and_the_answers_come_in_the_order_of_the_list,
    "join recalled": recalls.test_a_token_that_waits_at_a_join_comes_back,
    "split recalled": recalls.test_a_token_that_was_split_is_one_again,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_flow_that_was_taken_is_found(desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    oracle = Oracle(desk.engine, monkeypatch)

    SCENARIOS[name](desk)

    assert oracle.commands > 1
    assert oracle.wrong == []


@pytest.mark.parametrize("name", ["verbs", "a case", "a report", "versions", "incidents", "waiting"])
def test_lives_are_played_as_they_were_lived(desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    oracle = Oracle(desk.engine, monkeypatch)

    for command in LIVES[name](desk):
        desk.engine.handle(command)

    assert oracle.commands > 0
    assert oracle.wrong == []


def test_no_history_is_too_odd_to_be_played(desk: Desk) -> None:
    for name in ("verbs", "a report"):
        for command in LIVES[name](desk):
            desk.engine.handle(command)
    with desk.engine.database.reading() as conn:
        stories = [history(conn, key) for key in cases(conn)]
        known = {key: load_definition(conn, key) for story in stories for key in _versions(story)}

    @settings(
        max_examples=150, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def tried(data: Any) -> None:
        story = data.draw(st.sampled_from(stories))
        kept = data.draw(st.lists(st.sampled_from(story), max_size=len(story)))
        kept = data.draw(st.sampled_from([kept, sorted(kept, key=lambda x: x.seq), story[: len(kept)]]))
        other = data.draw(st.sampled_from([None, *known.values()]))
        played = play(kept, known.__getitem__, other)

        assert [step.seq for step in played.steps] == [recorded.seq for recorded in kept]
        assert 0 <= played.fitness <= 1
        assert all(v.ended is None or v.how for v in played.visits)

    tried()


def test_what_moves_no_token_may_be_left_out(desk: Desk) -> None:
    for command in LIVES["a report"](desk):
        desk.engine.handle(command)
    with desk.engine.database.reading() as conn:
        for key in cases(conn):
            story = history(conn, key)
            whole, some = (
                play(events, lambda of: load_definition(conn, of))
                for events in (story, [x for x in story if isinstance(x.event, MOVING)])
            )
            assert some.fitness == whole.fitness
            assert some.visits == whole.visits
            assert some.steps[-1].tokens == whole.steps[-1].tokens


def _versions(story: list[Recorded]) -> set[int]:
    named = (getattr(recorded.event, "definition_key", None) for recorded in story)
    return {key for key in named if key is not None}
