"""A history played on its diagram: flows that nobody wrote down, stays, and what no model explains (R-T8)."""

from engine import events as e
from tests.engine.mining.story import Story, said
from tests.processes.small_models import model, nodes

ROW = model(nodes("startEvent:S userTask:A userTask:B endEvent:E"), "S>A A>B B>E")
CHOICE = model(
    nodes("startEvent:S userTask:A exclusiveGateway:X userTask:B userTask:C exclusiveGateway:M endEvent:E"),
    "S>A A>X X>B[word == 'b'] X>C[today() > '2030-01-01' or nowhere(word)] B>M C>M M>E",
).replace(b"or nowhere(word)", b"or within(word, 2)")
FORK = model(
    nodes("startEvent:S parallelGateway:F userTask:A userTask:B parallelGateway:J endEvent:E"),
    "S>F F>A F>B A>J B>J J>E",
)
LOOP = model(
    nodes("startEvent:S exclusiveGateway:M userTask:A exclusiveGateway:X endEvent:E").replace(
        'id="X"', 'id="X" default="X_M"'
    ),
    "S>M M>A A>X X>M X>E[word == 'enough']",
)
SCOPE = model(
    f'<startEvent id="S"/><subProcess id="P">{nodes("startEvent:In userTask:A endEvent:Out")}'
    '<sequenceFlow id="In_A" sourceRef="In" targetRef="A"/><sequenceFlow id="A_Out" sourceRef="A" targetRef="Out"/>'
    '</subProcess><boundaryEvent id="T" attachedToRef="P"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
    "</timerEventDefinition></boundaryEvent>" + nodes("userTask:B userTask:Late endEvent:E"),
    "S>P P>B T>Late Late>B B>E",
)


def test_a_flow_is_found_though_only_its_ends_are_recorded() -> None:
    story = Story(ROW)
    story.tell(story.opened("A"))
    story.done("A", story.opened("B"))

    assert story.taken() == ["S_A", "A_B"]
    assert story.played().steps[-1].tokens == ("B",)


def test_a_case_without_deviations_fits_wholly() -> None:
    story = Story(ROW)
    story.tell(story.opened("A"))
    story.done("A", story.opened("B"))
    story.done("B", story.reached("E"), story.ended())
    played = story.played()

    assert played.fitness == 1.0
    assert played.deviations == ()
    assert played.steps[-1].tokens == ()


def test_a_gateway_goes_where_the_history_goes_even_where_its_condition_cannot_be_told() -> None:
    for word, chosen in (("b", "B"), ("c", "C")):
        story = Story(CHOICE)
        story.tell(story.opened("A"))
        story.done("A", e.VariablesSet({"word": word}), story.opened(chosen))
        assert story.taken() == ["S_A", "A_X", f"X_{chosen}"]
        assert story.played().deviations == ()


def test_a_join_waits_for_all_and_then_goes_on() -> None:
    story = Story(FORK)
    story.tell(story.opened("A"), story.opened("B"))
    story.done("A")
    assert sorted(story.played().steps[-1].tokens) == ["B", "J"]

    story.done("B", story.reached("E"), story.ended())
    assert story.taken() == ["S_F", "F_A", "F_B", "A_J", "B_J", "J_E"]
    assert story.played().fitness == 1.0


def test_each_round_of_a_loop_is_a_visit_of_its_own() -> None:
    story = Story(LOOP)
    story.tell(story.opened("A"))
    story.done("A", story.opened("A"))
    story.done("A", e.VariablesSet({"word": "enough"}), story.reached("E"), story.ended())
    rounds = [v for v in story.played().visits if v.element_id == "A"]

    assert [(v.number, v.how) for v in rounds] == [(1, "completed"), (2, "completed")]
    assert [(v.began, v.ended) for v in rounds] == [(2, 4), (5, 6)]
    assert story.taken().count("X_M") == 1


def test_the_end_of_a_sub_process_gives_its_token_back() -> None:
    story = Story(SCOPE)
    story.tell(story.reached("In"), story.opened("A"))
    story.done("A", story.reached("Out"), story.opened("B"))

    assert story.taken() == ["S_P", "In_A", "A_Out", "P_B"]
    assert {(v.element_id, v.how) for v in story.played().visits if v.ended} >= {("P", "completed")}


def test_an_interrupting_event_takes_everything_of_its_activity_away() -> None:
    story = Story(SCOPE)
    story.tell(story.reached("In"), story.opened("A"))
    story.tell(
        e.TimerFired(5, "T", "T", "timer"), story.reached("T"), story.cancelled("A"), story.opened("Late")
    )
    played = story.played()

    assert played.steps[-1].tokens == ("Late",)
    assert [v.how for v in played.visits if v.element_id in ("A", "P")] == ["cancelled", "cancelled"]
    assert played.deviations == ()


def test_a_non_interrupting_event_leaves_its_activity_alone() -> None:
    story = Story(SCOPE.replace(b'attachedToRef="P"', b'attachedToRef="P" cancelActivity="false"'))
    story.tell(story.reached("In"), story.opened("A"))
    story.tell(e.TimerFired(5, "T", "T", "timer"), story.reached("T"), story.opened("Late"))

    assert sorted(story.played().steps[-1].tokens) == ["A", "Late"]


def test_a_round_of_several_people_leaves_once_all_have_decided() -> None:
    story = Story(ROW)
    story.tell(story.opened("A", "r#0"), story.opened("A", "r#1"))
    story.done("A")
    assert story.played().steps[-1].tokens == ("A",)

    story.done("A", story.opened("B"))
    assert story.taken() == ["S_A", "A_B"]
    assert len([v for v in story.played().visits if v.element_id == "A"]) == 1


def test_a_skipped_task_is_passed_as_the_model_says() -> None:
    story = Story(ROW)
    story.tell(story.reached("A", skipped=True), story.opened("B"))

    assert story.taken() == ["S_A", "A_B"]
    assert story.played().deviations == ()


# What no flow explains


def test_a_jump_leaves_a_token_and_lacks_one() -> None:
    story = Story(ROW)
    story.tell(story.opened("A"))
    jumped = e.TaskJumped(1, "A", "A", "B", "B", "理由充分", [])
    story.tell(jumped, story.opened("B"), story.cancelled("A"))
    story.done("B", story.reached("E"), story.ended())
    played = story.played()

    assert said(played) == [("jump", ("B",), ("A",))]
    assert [v.how for v in played.visits if v.element_id == "A"] == ["jumped"]
    assert 0 < played.fitness < 1
    assert story.taken() == ["S_A", "B_E"]


def test_a_return_is_marked_though_the_model_allows_it() -> None:
    story = Story(ROW)
    story.tell(story.opened("A"))
    story.done("A", story.opened("B"))
    back = e.TaskReturned(2, "B", "B", "A", "A", 3, "", False, 7)
    story.tell(back, story.opened("A"), story.cancelled("B"))

    assert said(story.played()) == [("return", ("A",), ("B",))]
    assert story.played().steps[-1].tokens == ("A",)


def test_a_recall_puts_the_tokens_back() -> None:
    story = Story(ROW)
    story.tell(story.opened("A"))
    story.done("A", story.opened("B"))
    story.tell(e.TaskRecalled(1, "A", "A", "running"), story.cancelled("B"))
    played = story.played()

    assert said(played) == [("recall", ("A",), ("B",))]
    assert played.steps[-1].tokens == ("A",)
    assert [(v.element_id, v.number, v.how) for v in played.visits if v.element_id in "AB"] == [
        ("A", 1, "completed"),
        ("B", 1, "recalled"),
        ("A", 2, ""),
    ]


def test_what_an_operator_skips_is_marked_and_costs_no_fitness() -> None:
    xml = model(nodes("startEvent:S serviceTask:A userTask:B endEvent:E"), "S>A A>B B>E")
    story = Story(xml)
    raised = e.IncidentRaised(8, "A", "A", "x", "work", "fault", "原因", "a cause", {}, None)
    story.tell(raised)
    skipped = e.IncidentSkipped(8, "A", "A", "服务停用，手工办理。", [])
    story.tell(skipped, story.reached("A", skipped=True), story.opened("B"))
    story.done("B", story.reached("E"), story.ended())

    assert said(story.played()) == [("skip", (), ())]
    assert story.played().fitness == 1.0


def test_a_gateway_that_is_stuck_goes_where_the_operator_sends_it() -> None:
    story = Story(CHOICE)
    story.tell(story.opened("A"))
    raised = e.IncidentRaised(8, "X", "X", "x", "gateway", "condition", "原因", "a cause", {}, None)
    story.done("A", e.VariablesSet({"word": "b"}), raised)
    assert story.played().steps[-1].tokens == ("X",)

    skipped = e.IncidentSkipped(8, "X", "X", "条件有误。", ["X_C"])
    story.tell(skipped, story.reached("X", skipped=True), story.opened("C"))
    assert story.taken()[-1] == "X_C"


def test_a_case_that_is_voided_leaves_its_tokens_behind() -> None:
    story = Story(FORK)
    story.tell(story.opened("A"), story.opened("B"))
    voided = e.InstanceVoided("重复申请。", "")
    story.tell(voided, story.cancelled("A"), story.cancelled("B"), e.InstanceEnded("void", "void", False))

    assert said(story.played()) == [("voided", (), ("A", "B"))]
    assert story.played().fitness < 1


def test_what_nothing_explains_is_said_with_what_was_missing() -> None:
    story = Story(ROW)
    story.tell(story.opened("A"))
    story.tell(story.opened("B"))

    assert said(story.played()) == [("no_way", ("B",), ())]
    assert story.played().steps[-1].tokens == ("A", "B")


def test_a_token_that_is_still_there_at_the_end_is_left_behind() -> None:
    story = Story(FORK)
    story.tell(story.opened("A"), story.opened("B"))
    story.tell(story.ended())

    assert said(story.played()) == [("no_way", (), ("A", "B"))]


# Versions

RENAMED = ROW.replace(b'"B"', b'"C"').replace(b"A_B", b"A_C").replace(b"B_E", b"C_E")


def test_a_migration_moves_the_tokens_and_is_marked() -> None:
    story = Story(ROW, RENAMED)
    story.tell(story.opened("A"))
    story.done("A", story.opened("B"))
    changed = e.UserTaskChanged(2, "C", "C", 3, "handler", "use.handler", "")
    story.tell(e.InstanceMigrated(5, 2, 1, 2, {"B": "C"}), changed)
    moved = story.played()
    assert (moved.steps[-1].tokens, moved.steps[-1].definition_key) == (("C",), 2)
    assert said(moved) == [("migration", (), ())]

    story.tell(e.UserTaskCompleted(2, "C", "C", None, {}, None), story.reached("E"), story.ended())
    assert story.taken() == ["S_A", "A_B", "C_E"]
    assert story.played().fitness == 1.0


def test_a_rebinding_before_receipt_is_no_deviation_r_v1() -> None:
    story = Story(ROW, ROW + b"<!-- later -->")
    story.tell(story.opened("A"))
    story.tell(e.InstanceRebound(2, 1, 2))

    assert story.played().deviations == ()
    assert [step.definition_key for step in story.played().steps] == [1, 1, 1, 2]


def test_against_another_version_every_step_it_does_not_know_is_missing() -> None:
    story = Story(ROW, RENAMED)
    story.tell(story.opened("A"))
    story.done("A", story.opened("B"))
    story.done("B", story.reached("E"), story.ended())

    assert story.played().fitness == 1.0
    other = story.played(against=2)
    assert other.steps[0].definition_key == 2
    assert said(other)[0] == ("no_way", ("B",), ())
    assert other.fitness < 1
