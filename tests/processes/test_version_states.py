"""Suspend, resume and retire a version: switches for new cases, never for running ones."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import PROCESS, Desk, begin, deliver, fill
from engine.demo.seed import deploy as ship
from engine.errors import InvalidInput, NotAllowed, NotFound, WrongState
from engine.history.replay import rebuild
from engine.storage import tables as t
from engine.version_states import ProcedureRetired, ProcedureSuspended
from tests.conftest import at_once, beijing
from tests.processes.office import case, incidents, limits, open_tasks, trail, wait_until
from tests.processes.small_models import model, nodes
from tests.processes.test_messages import deploy, start, states, thrower
from tests.processes.test_migration import admin
from tests.processes.test_versions import TEN_DAYS, publish, version
from tests.test_replay import tables

WHY = "条文引用有误，核对后恢复。"


def key_of(desk: Desk, number: int, process_id: str = PROCESS) -> int:
    with desk.engine.database.reading() as conn:
        found = t.process_definition.c
        return int(
            conn.execute(
                select(found.key).where(found.process_id == process_id, found.version == number)
            ).scalar_one()
        )


def switch(desk: Desk, how: Any, number: int, process_id: str = PROCESS, reason: str = WHY) -> None:
    desk.engine.handle(how(actor=admin(desk), definition_key=key_of(desk, number, process_id), reason=reason))


def test_a_suspended_procedure_takes_no_case_and_says_why(desk: Desk) -> None:
    switch(desk, c.SuspendDefinition, 1)

    with pytest.raises(ProcedureSuspended, match=f"第1版已经停用.*{WHY}"):
        begin(desk, 1)

    switch(desk, c.ResumeDefinition, 1)
    assert open_tasks(desk, begin(desk, 1)) == {"T12-01"}


def test_an_older_version_does_not_take_the_place_of_a_suspended_one(desk: Desk) -> None:
    publish(desk, TEN_DAYS)
    switch(desk, c.SuspendDefinition, 2)

    with pytest.raises(ProcedureSuspended, match="第2版已经停用"):
        begin(desk, 1)


def test_a_suspended_older_version_holds_nothing_up(desk: Desk) -> None:
    publish(desk, TEN_DAYS)
    switch(desk, c.SuspendDefinition, 1)

    assert version(desk, begin(desk, 1)) == 2


def test_running_cases_go_on_and_their_limits_run_out(desk: Desk) -> None:
    """A statutory limit does not stand still because software is suspended."""
    key = int(at_once(deliver(desk, 1)))
    switch(desk, c.SuspendDefinition, 1)
    desk.do(key, "T12-04", {"check_result": "accept"})
    assert open_tasks(desk, key) == {"T12-07"}

    wait_until(desk, beijing("2026-06-16T00:00"))

    assert case(desk, key).overdue
    assert limits(desk, key, "TM12-1")[-1].state == "overdue"


def test_a_draft_is_not_rebound_to_a_suspended_version(desk: Desk) -> None:
    key = begin(desk, 1)
    publish(desk, TEN_DAYS)
    switch(desk, c.SuspendDefinition, 2)
    fill(desk, key, 1)
    assert version(desk, key) == 1

    switch(desk, c.ResumeDefinition, 2)
    desk.do(key, "T12-02", {"decision": "agree"})

    assert version(desk, key) == 2


CALLEE = model(nodes("startEvent:S userTask:Do endEvent:E"), "S>Do Do>E", "", "callee", "origin caller")
NEXT = CALLEE.replace(b'<userTask id="Do"', b'<userTask name="x" id="Do"')
CALLER = model(
    nodes("startEvent:S userTask:Then endEvent:E") + '<callActivity id="Call" calledElement="callee"/>',
    "S>Call Call>Then Then>E",
    "",
    "caller",
)
STARTED = model(
    '<startEvent id="S"><messageEventDefinition messageRef="M"/></startEvent>'
    + nodes("userTask:Do endEvent:E"),
    "S>Do Do>E",
    '<message id="M" name="started"/>',
    "started",
    "origin",
)


def begun(desk: Desk, process_id: str) -> list[int]:
    with desk.engine.database.reading() as conn:
        found = t.process_instance.c
        return list(conn.execute(select(found.key).where(found.process_id == process_id)).scalars())


def test_a_call_waits_while_what_it_calls_is_suspended_and_is_answered_after(desk: Desk) -> None:
    deploy(desk.engine, CALLEE)
    deploy(desk.engine, CALLER)
    switch(desk, c.SuspendDefinition, 1, "callee")
    waiting = start(desk, "caller")
    for _ in range(3):
        desk.engine.sweep()
    assert (begun(desk, "callee"), states(desk), open_tasks(desk, waiting)) == ([], ["waiting"], set())
    assert desk.engine.queries.catchable_messages() == []  # so that no sweep tries it in vain

    switch(desk, c.ResumeDefinition, 1, "callee")
    desk.engine.sweep()
    [called] = begun(desk, "callee")
    desk.do(called, "Do", {})
    desk.engine.sweep()

    assert open_tasks(desk, waiting) == {"Then"}
    assert states(desk) == ["delivered", "delivered"]


def test_messages_that_start_cases_wait_and_each_starts_one_after_resumption(desk: Desk) -> None:
    deploy(desk.engine, STARTED)
    says = thrower().replace(b"key=\"'k'\"", b'to="started" key="\'k\'"')
    deploy(desk.engine, says)
    switch(desk, c.SuspendDefinition, 1, "started")
    for _ in range(2):
        desk.do(start(desk, "thrower"), "A", {})
        desk.engine.sweep()
    assert (begun(desk, "started"), states(desk)) == ([], ["waiting", "waiting"])

    switch(desk, c.ResumeDefinition, 1, "started")
    desk.engine.sweep()
    desk.engine.sweep()

    assert (len(begun(desk, "started")), states(desk)) == (2, ["delivered", "delivered"])


def test_a_message_caught_in_the_very_moment_of_the_suspension_stays(desk: Desk) -> None:
    deploy(desk.engine, CALLEE)
    deploy(desk.engine, CALLER)
    start(desk, "caller")
    [message] = desk.engine.queries.catchable_messages()
    switch(desk, c.SuspendDefinition, 1, "callee")

    assert desk.engine.handle(c.CatchMessage(actor=None, message_key=message)) == {"caught": False}
    assert states(desk) == ["waiting"]


# Effective days


@pytest.mark.parametrize(
    ("at", "number"),
    [
        pytest.param("2026-06-30T23:59:59", 1, id="a second before midnight in Beijing"),
        pytest.param("2026-07-01T00:00:00", 2, id="midnight in Beijing, still 30 June in UTC"),
        pytest.param("2026-07-01T08:00:00", 2, id="midnight in UTC"),
    ],
)
def test_a_version_is_in_force_from_midnight_in_beijing(desk: Desk, at: str, number: int) -> None:
    publish(desk, TEN_DAYS, effective="2026-07-01")
    wait_until(desk, beijing(at))

    assert version(desk, begin(desk, 1)) == number


def test_a_suspended_version_of_the_future_holds_the_procedure_up_from_its_day_on(desk: Desk) -> None:
    publish(desk, TEN_DAYS, effective="2026-07-01")
    switch(desk, c.SuspendDefinition, 2)
    assert version(desk, begin(desk, 1)) == 1

    wait_until(desk, beijing("2026-07-01T00:00"))

    with pytest.raises(ProcedureSuspended):
        begin(desk, 4)


# Retire


def test_of_a_retired_version_the_newest_other_one_takes_the_place(desk: Desk) -> None:
    running = begin(desk, 4)
    fill(desk, running, 4)
    publish(desk, TEN_DAYS)
    key = begin(desk, 1)
    switch(desk, c.RetireDefinition, 2)

    assert version(desk, begin(desk, 7)) == 1
    fill(desk, key, 1)
    desk.do(key, "T12-02", {"decision": "agree"})
    assert version(desk, key) == 2  # what runs under it finishes under it
    assert version(desk, running) == 1


def test_the_only_version_is_not_retired_while_cases_run(desk: Desk) -> None:
    key = begin(desk, 1)
    fill(desk, key, 1)
    with pytest.raises(WrongState, match=r"仍有在办事项.*不得废止"):
        switch(desk, c.RetireDefinition, 1)

    desk.withdraw(key, "业务调整，不再需要。")
    switch(desk, c.RetireDefinition, 1)

    with pytest.raises(ProcedureRetired, match="已经废止"):
        begin(desk, 1)


def test_a_procedure_is_not_retired_while_a_call_waits_for_it(desk: Desk) -> None:
    deploy(desk.engine, CALLEE)
    deploy(desk.engine, CALLER)
    switch(desk, c.SuspendDefinition, 1, "callee")
    waiting = start(desk, "caller")
    desk.engine.sweep()
    with pytest.raises(WrongState, match=r"有1件调用或者消息正在等待流程.*不得废止"):
        switch(desk, c.RetireDefinition, 1, "callee")

    deploy(desk.engine, NEXT)
    switch(desk, c.RetireDefinition, 1, "callee")
    desk.engine.sweep()
    [called] = begun(desk, "callee")
    desk.do(called, "Do", {})
    desk.engine.sweep()
    assert open_tasks(desk, waiting) == {"Then"}


def test_a_call_to_a_retired_procedure_is_an_incident_and_goes_on_under_the_next_version(desk: Desk) -> None:
    deploy(desk.engine, CALLEE)
    deploy(desk.engine, CALLER)
    switch(desk, c.RetireDefinition, 1, "callee")
    waiting = start(desk, "caller")
    desk.engine.sweep()
    [found] = incidents(desk, waiting)
    assert (found.step, "已经废止，不再受理新的事项" in found.cause) == ("message", True)

    deploy(desk.engine, NEXT)
    desk.engine.handle(c.ResolveIncident(actor=admin(desk), incident_key=found.key))
    desk.do(begun(desk, "callee")[0], "Do", {})
    desk.engine.sweep()
    assert open_tasks(desk, waiting) == {"Then"}
    assert incidents(desk, waiting) == []


@pytest.mark.parametrize(
    ("effective", "suspended"),
    [pytest.param("2026-07-01", False, id="of the future"), pytest.param("2019-11-10", True, id="suspended")],
)
def test_a_version_that_takes_no_cases_is_none_to_follow(desk: Desk, effective: str, suspended: bool) -> None:
    begin(desk, 1)
    publish(desk, TEN_DAYS, effective=effective)
    if suspended:
        switch(desk, c.SuspendDefinition, 2)

    with pytest.raises(WrongState, match="没有其他施行中的版本"):
        switch(desk, c.RetireDefinition, 1)


def test_a_version_of_the_future_is_taken_back_before_its_day(desk: Desk) -> None:
    publish(desk, TEN_DAYS, effective="2026-07-01")
    switch(desk, c.RetireDefinition, 2)
    wait_until(desk, beijing("2026-07-01T00:00"))

    assert version(desk, begin(desk, 1)) == 1


# Refusals


@pytest.mark.parametrize("how", [c.SuspendDefinition, c.ResumeDefinition, c.RetireDefinition])
def test_only_an_administrator_switches_a_version(desk: Desk, how: Any) -> None:
    row = case(desk, begin(desk, 1))
    handler = desk.actor(row.using_key, "handler")
    with pytest.raises(NotAllowed, match="系统管理员"):
        desk.engine.handle(how(actor=handler, definition_key=key_of(desk, 1), reason=WHY))


@pytest.mark.parametrize("how", [c.SuspendDefinition, c.RetireDefinition])
@pytest.mark.parametrize("reason", ["", "  无  ", "字" * 501])
def test_a_switch_needs_its_reason(desk: Desk, how: Any, reason: str) -> None:
    with pytest.raises(InvalidInput, match="理由"):
        switch(desk, how, 1, reason=reason)


def test_what_was_done_is_not_done_again(desk: Desk) -> None:
    publish(desk, TEN_DAYS)
    with pytest.raises(WrongState, match="不能恢复"):
        switch(desk, c.ResumeDefinition, 1)
    switch(desk, c.SuspendDefinition, 1)
    with pytest.raises(WrongState, match="不能停用"):
        switch(desk, c.SuspendDefinition, 1)
    switch(desk, c.RetireDefinition, 1)
    for how in (c.SuspendDefinition, c.ResumeDefinition, c.RetireDefinition):
        with pytest.raises(WrongState, match="现为废止状态"):
            switch(desk, how, 1)
    with pytest.raises(NotFound, match="没有该流程版本"):
        desk.engine.handle(c.SuspendDefinition(actor=admin(desk), definition_key=12345, reason=WHY))


def test_the_trail_of_a_version_tells_who_why_and_when_and_rebuilds_it(desk: Desk) -> None:
    switch(desk, c.SuspendDefinition, 1)
    switch(desk, c.ResumeDefinition, 1)
    key = key_of(desk, 1)
    assert trail(desk, key) == ["DefinitionDeployed", "DefinitionSuspended", "DefinitionResumed"]
    with desk.engine.database.reading() as conn:
        before = tables(conn)

    with desk.engine.database.writing() as conn:
        rebuild(conn)

    with desk.engine.database.reading() as conn:
        assert tables(conn) == before


# What a rebound draft waits for


def test_a_draft_waits_for_an_event_sub_process_that_only_the_newer_version_has(desk: Desk) -> None:
    message = '<message id="M" name="news"/>'
    own = "<extensionElements><shixian:correlation key=\"'k'\"/></extensionElements>"
    scope = (
        '<subProcess id="W" triggeredByEvent="true"><startEvent id="WS" isInterrupting="false">'
        f'{own}<messageEventDefinition messageRef="M"/></startEvent><userTask id="Heard" shixian:role="use.handler"/>'
        '<endEvent id="WE"/><sequenceFlow id="w1" sourceRef="WS" targetRef="Heard"/>'
        '<sequenceFlow id="w2" sourceRef="Heard" targetRef="WE"/></subProcess>'
    )
    body = nodes("startEvent:S userTask:A userTask:B endEvent:E")
    flows = "S>A A>B B>E"
    deploy(desk.engine, model(body, flows, message, "draft", "received_at"))
    deploy(desk.engine, thrower())
    key = start(desk, "draft")
    deploy(desk.engine, model(body + scope, flows, message, "draft", "received_at"))
    desk.do(key, "A", {})
    desk.do(start(desk, "thrower"), "A", {})
    desk.engine.sweep()

    assert open_tasks(desk, key) == {"B", "Heard"}


def test_a_restart_does_not_publish_the_shipped_version_over_a_newer_one(desk: Desk) -> None:
    publish(desk, TEN_DAYS)

    ship(desk.engine)

    assert version(desk, begin(desk, 1)) == 2
