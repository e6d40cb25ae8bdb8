"""Ad-hoc sub-processes in cases: whoever needs what does it, until it is enough."""

import pytest

from engine import commands as c
from engine.demo.cases import Desk
from engine.errors import InvalidDefinition
from engine.queries import incidents as incident_pages
from engine.runner import compile_process
from tests.processes.office import administrators, incidents, open_tasks, task, trail
from tests.processes.small_models import Play, model, nodes
from tests.processes.test_elements import ad_hoc, nested
from tests.processes.test_messages import deploy, start

COUNTED = '<extensionElements><shixian:assign variable="done" expression="done + 1"/></extensionElements>'

MARK = (b'name="done"/>', b'name="done"/><shixian:variable name="mark"/>')
TEXT = (b'expression="0"/>', b"""expression="0"/><shixian:assign variable="mark" expression="'none'"/>""")


def consulting(needed: int) -> bytes:
    tasks = "".join(f'<userTask id="{name}" name="征求意见">{COUNTED}</userTask>' for name in "XYZ")
    begun = '<serviceTask id="Begin"><extensionElements><shixian:assign variable="done" expression="0"/></extensionElements></serviceTask>'
    scope = f'<adHocSubProcess id="A">{tasks}<completionCondition>done &gt;= {needed}</completionCondition></adHocSubProcess>'
    body = nodes("startEvent:S userTask:Then endEvent:E") + begun + scope
    return model(body, "S>Begin Begin>A A>Then Then>E", "", "consulting", "done")


def test_once_enough_is_done_the_other_tasks_are_taken_away(desk: Desk) -> None:
    deploy(desk.engine, consulting(2))
    key = start(desk, "consulting")
    assert open_tasks(desk, key) == {"X", "Y", "Z"}
    desk.do(key, "Z", {})
    assert open_tasks(desk, key) == {"X", "Y"}
    desk.do(key, "X", {})

    assert open_tasks(desk, key) == {"Then"}
    assert task(desk, key, "Y").state == "cancelled"
    assert trail(desk, key).count("UserTaskCancelled") == 1


def test_a_condition_outside_the_subset_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidDefinition, match=r"A：.*未声明的变量“never”"):
        deploy(desk.engine, consulting(2).replace(b"done &gt;= 2", b"never"))


def test_a_version_with_other_activities_in_the_scope_keeps_a_token_where_it_is() -> None:
    more = compile_process(ad_hoc(inner="userTask:X userTask:Y userTask:Z userTask:W"))
    same = compile_process(ad_hoc("not ripe"))
    play = Play(ad_hoc(), ripe=False)

    assert set(play.machine.obstacles(more)) == {"A", "X", "Y", "Z"}
    assert play.machine.obstacles(same) == []


def test_a_version_with_another_event_sub_process_in_the_scope_keeps_a_token_where_it_is() -> None:
    with_one = nested("message", False)
    plain = with_one.replace(b'triggeredByEvent="true"', b"").replace(
        b'<messageEventDefinition messageRef="M"/>', b""
    )
    without = compile_process(plain)
    play = Play(with_one)

    assert "A" in play.machine.obstacles(without)
    assert play.machine.obstacles(play.program) == []


@pytest.mark.parametrize("mended", [True, False])
def test_a_condition_that_fails_stands_at_the_scope_and_can_be_tried_or_left_out(
    desk: Desk, mended: bool
) -> None:
    deploy(
        desk.engine,
        consulting(2).replace(b"done &gt;= 2", b"done + mark &gt;= 7").replace(*MARK).replace(*TEXT),
    )
    key = start(desk, "consulting")
    desk.do(key, "X", {})

    [held] = incidents(desk, key)
    operator = administrators(desk)[0]
    page = desk.engine.queries.search(incident_pages.one, operator, held.key)
    assert (held.element_id, held.step, page.ways, page.not_skippable) == ("A", "gateway", (), "")
    if mended:
        again = c.ResolveIncident(
            actor=operator, incident_key=held.key, corrections={"mark": 6}, reason="经核实，更正为六。"
        )
        assert desk.engine.handle(again) == {"resolved": True}
        assert (open_tasks(desk, key), incidents(desk, key)) == ({"Then"}, [])
        return
    skip = c.SkipIncident(actor=operator, incident_key=held.key, reason="其余意见继续征求。")
    desk.engine.handle(skip)
    assert (open_tasks(desk, key), incidents(desk, key)) == ({"Y", "Z"}, []), "the others go on"
