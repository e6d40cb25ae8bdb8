"""Variants: what was done in a case, in order; equal ways have one id, and shares add up to one."""

from engine import events as e
from engine.mining.variants import trace, variant_id, variants
from tests.engine.mining.story import Story
from tests.engine.mining.test_playback import LOOP, ROW, SCOPE


def test_a_loop_stands_in_the_trace_once_for_each_round() -> None:
    story = Story(LOOP)
    story.tell(story.opened("A"))
    story.done("A", story.opened("A"))
    story.done("A", e.VariablesSet({"word": "enough"}), story.reached("E"), story.ended())

    assert trace(story.played()) == ("A", "A")


def test_several_people_who_decide_one_task_do_it_once() -> None:
    story = Story(ROW)
    story.tell(story.opened("A", "r#0"), story.opened("A", "r#1"))
    story.done("A")
    story.done("A", story.opened("B"))

    assert trace(story.played()) == ("A",)


def test_what_was_interrupted_was_not_done() -> None:
    story = Story(SCOPE)
    story.tell(story.reached("In"), story.opened("A"))
    story.tell(story.reached("T"), story.cancelled("A"), story.opened("Late"))
    story.done("Late", story.opened("B"))

    assert trace(story.played()) == ("Late",)


def test_the_order_is_that_of_the_history_and_not_that_of_the_diagram() -> None:
    one, other = variant_id(("A", "B")), variant_id(("B", "A"))

    assert one != other
    assert one == variant_id(("A", "B"))
    assert variant_id(("AB",)) != one


def test_the_most_frequent_way_comes_first_and_shares_add_up() -> None:
    found = variants([(1, ("A", "B")), (2, ("B", "A")), (3, ("A", "B")), (4, ("A", "B"))])

    assert [(v.trace, v.cases, v.share) for v in found] == [
        (("A", "B"), (1, 3, 4), 0.75),
        (("B", "A"), (2,), 0.25),
    ]
    assert variants([]) == []
