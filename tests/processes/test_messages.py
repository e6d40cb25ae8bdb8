"""Messages, signals and calls between cases: exactly once, seen on both sides, whatever comes first."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, pair
from engine.errors import InvalidDefinition, NotFound
from engine.storage.tables import message, process_instance, subscription
from tests.processes.office import case, incidents, open_tasks, trail
from tests.processes.small_models import flow, model, nodes

BESIDE = '<message id="M" name="news"/><signal id="G" name="alarm"/><error id="R" errorCode="broken"/>'
KEY = '<extensionElements><shixian:correlation key="{0}"/>{1}</extensionElements>'
BY_K = KEY.format("'k'", "")
OUT = '<shixian:output variable="heard" expression="word"/>'
IN = '<shixian:input name="word" expression="\'hello\'"/>'


def deploy(engine: Engine, xml: bytes) -> None:
    engine.handle(c.DeployDefinition(actor=None, files={"process.bpmn": xml}))


def start(desk: Desk, process_id: str, seed: int = 1) -> int:
    using, entry = pair(desk, seed, "conditional")
    command = c.StartInstance(actor=desk.actor(using, "handler"), process_id=process_id, resource_key=entry)
    return int(desk.engine.handle(command)["instance_key"])


def catcher(tag: str = "intermediateCatchEvent", key: str = "'k'") -> bytes:
    event = f'<{tag} id="Wait">{KEY.format(key, OUT)}<messageEventDefinition messageRef="M"/></{tag}>'
    if tag == "receiveTask":
        event = f'<receiveTask id="Wait" messageRef="M">{KEY.format(key, OUT)}</receiveTask>'
    body = nodes("startEvent:S userTask:Then endEvent:E") + event
    return model(body, "S>Wait Wait>Then Then>E", BESIDE, "catcher", "heard origin caller")


def thrower(key: str = "'k'") -> bytes:
    event = f'<intermediateThrowEvent id="Say">{KEY.format(key, IN)}<messageEventDefinition messageRef="M"/></intermediateThrowEvent>'
    return model(
        nodes("startEvent:S userTask:A endEvent:E") + event, "S>A A>Say Say>E", BESIDE, "thrower", "word"
    )


def states(desk: Desk) -> list[str]:
    with desk.engine.database.reading() as conn:
        return list(conn.execute(select(message.c.state).order_by(message.c.key)).scalars())


@pytest.mark.parametrize("tag", ["intermediateCatchEvent", "receiveTask"])
@pytest.mark.parametrize("first", ["catcher", "thrower"])
def test_a_waiting_case_takes_a_message_once_whichever_comes_first(desk: Desk, tag: str, first: str) -> None:
    deploy(desk.engine, catcher(tag))
    deploy(desk.engine, thrower())
    waiting = start(desk, "catcher") if first == "catcher" else 0
    saying = start(desk, "thrower")
    desk.do(saying, "A", {})
    desk.engine.sweep()
    if first == "thrower":
        waiting = start(desk, "catcher")
    other = start(desk, "catcher")
    desk.engine.sweep()
    desk.engine.sweep()

    assert open_tasks(desk, waiting) == {"Then"}
    assert open_tasks(desk, other) == set()
    assert case(desk, waiting).variables["heard"] == "hello"
    assert states(desk) == ["delivered"]
    assert "MessageReceived" in trail(desk, waiting)
    assert trail(desk, saying).count("MessageCaught") == 1


def test_a_message_with_another_key_is_not_taken(desk: Desk) -> None:
    deploy(desk.engine, catcher(key="'other'"))
    deploy(desk.engine, thrower())
    waiting = start(desk, "catcher")
    desk.do(start(desk, "thrower"), "A", {})
    desk.engine.sweep()

    assert open_tasks(desk, waiting) == set()
    assert states(desk) == ["waiting"]


def test_a_key_without_a_value_meets_nobody(desk: Desk) -> None:
    deploy(desk.engine, catcher(key="heard"))

    [held] = incidents(desk, start(desk, "catcher"))

    assert (held.kind, held.element_id) == ("correlation", "Wait")
    assert "消息关联键没有有效的值" in held.cause
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(subscription)).all() == []


def test_only_a_message_start_can_be_sent_by_a_person(desk: Desk) -> None:
    began = '<startEvent id="Came"><signalEventDefinition signalRef="G"/></startEvent>'
    scope = f'<subProcess id="Beside" triggeredByEvent="true">{began}{nodes("endEvent:E1")}{flow("Came>E1")}</subProcess>'
    deploy(
        desk.engine, model(nodes("startEvent:S userTask:T endEvent:E") + scope, "S>T T>E", BESIDE, "catcher")
    )
    key = start(desk, "catcher")
    actor = desk.actor(case(desk, key).using_key, "handler")

    with pytest.raises(NotFound):
        desk.engine.handle(c.SendMessage(actor=actor, instance_key=key, element_id="Beside", values={}))


def test_a_boundary_event_catches_message_after_message(desk: Desk) -> None:
    event = f'<boundaryEvent id="Wait" attachedToRef="T" cancelActivity="false">{BY_K}<messageEventDefinition messageRef="M"/></boundaryEvent>'
    xml = model(
        nodes("startEvent:S userTask:T userTask:U endEvent:E") + event,
        "S>T T>E Wait>U U>E",
        BESIDE,
        "catcher",
    )
    deploy(desk.engine, xml)
    deploy(desk.engine, thrower())
    waiting = start(desk, "catcher")
    for _ in range(3):
        desk.do(start(desk, "thrower"), "A", {})
        desk.engine.sweep()

    assert trail(desk, waiting).count("MessageReceived") == 3
    assert states(desk) == ["delivered"] * 3
    desk.do(waiting, "T", {})
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(subscription)).all() == []


def test_an_event_sub_process_starts_again_with_each_message(desk: Desk) -> None:
    began = f'<startEvent id="Came" isInterrupting="false">{BY_K}<messageEventDefinition messageRef="M"/></startEvent>'
    scope = f'<subProcess id="Beside" triggeredByEvent="true">{began}{nodes("serviceTask:U endEvent:E1")}{flow("Came>U U>E1")}</subProcess>'
    deploy(
        desk.engine, model(nodes("startEvent:S userTask:T endEvent:E") + scope, "S>T T>E", BESIDE, "catcher")
    )
    deploy(desk.engine, thrower())
    waiting = start(desk, "catcher")
    for _ in range(2):
        desk.do(start(desk, "thrower"), "A", {})
        desk.engine.sweep()

    assert trail(desk, waiting).count("MessageReceived") == 2
    assert open_tasks(desk, waiting) == {"T"}


def test_an_event_sub_process_inside_a_sub_process_catches_message_after_message(desk: Desk) -> None:
    key = KEY.format("'k'", OUT)
    began = f'<startEvent id="Came" isInterrupting="false">{key}<messageEventDefinition messageRef="M"/></startEvent>'
    beside = f'<subProcess id="Beside" triggeredByEvent="true">{began}{nodes("serviceTask:U endEvent:E2")}{flow("Came>U U>E2")}</subProcess>'
    scope = f'<subProcess id="Scope">{nodes("startEvent:S1 userTask:T endEvent:E1")}{flow("S1>T T>E1")}{beside}</subProcess>'
    body = nodes("startEvent:S userTask:Then endEvent:E") + scope
    deploy(desk.engine, model(body, "S>Scope Scope>Then Then>E", BESIDE, "catcher", "heard"))
    deploy(desk.engine, thrower())
    waiting = start(desk, "catcher")
    for _ in range(2):
        desk.do(start(desk, "thrower"), "A", {})
        desk.engine.sweep()

    assert trail(desk, waiting).count("MessageReceived") == 2
    assert case(desk, waiting).variables["heard"] == "hello"
    assert open_tasks(desk, waiting) == {"T"}
    desk.do(waiting, "T", {})
    assert open_tasks(desk, waiting) == {"Then"}
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(subscription)).all() == []


def test_a_case_that_cannot_go_on_takes_its_message_and_holds_nobody_up(desk: Desk) -> None:
    wait = f'<receiveTask id="Wait" messageRef="M">{BY_K}</receiveTask>'
    body = nodes("startEvent:S exclusiveGateway:X endEvent:E") + wait
    deploy(desk.engine, model(body, "S>Wait Wait>X X>E[title == 'never']", BESIDE, "stuck"))
    deploy(desk.engine, catcher(key="'other'"))
    deploy(desk.engine, thrower())
    stuck = start(desk, "stuck")
    desk.do(start(desk, "thrower"), "A", {})
    deploy(desk.engine, thrower(key="'other'"))
    waiting = start(desk, "catcher")
    desk.do(start(desk, "thrower"), "A", {})

    desk.engine.sweep()

    assert open_tasks(desk, waiting) == {"Then"}
    assert states(desk) == ["delivered", "delivered"]
    assert [(held.kind, held.element_id) for held in incidents(desk, stuck)] == [("gateway", "X")]


def test_a_signal_reaches_every_case_that_waits_once_each(desk: Desk) -> None:
    wait = '<intermediateCatchEvent id="Wait"><signalEventDefinition signalRef="G"/></intermediateCatchEvent>'
    xml = model(
        nodes("startEvent:S userTask:Then endEvent:E") + wait, "S>Wait Wait>Then Then>E", BESIDE, "catcher"
    )
    deploy(desk.engine, xml)
    say = '<endEvent id="E"><signalEventDefinition signalRef="G"/></endEvent>'
    deploy(desk.engine, model(nodes("startEvent:S userTask:A") + say, "S>A A>E", BESIDE, "thrower"))
    waiting = [start(desk, "catcher") for _ in range(3)]

    desk.do(start(desk, "thrower"), "A", {})
    late = start(desk, "catcher")
    desk.engine.sweep()
    desk.engine.sweep()

    assert [open_tasks(desk, key) for key in waiting] == [{"Then"}] * 3
    assert open_tasks(desk, late) == set()
    assert states(desk) == ["delivered"] * 3


def caller(boundary: str = "") -> bytes:
    call = (
        '<callActivity id="Call" calledElement="called"><extensionElements>'
        '<shixian:input name="word" expression="\'ask\'"/>'
        '<shixian:output variable="heard" expression="said"/></extensionElements></callActivity>'
    )
    flows = "S>Call Call>Then Then>E" + (" Caught>Mend Mend>F" if boundary else "")
    body = nodes(
        "startEvent:S userTask:Then userTask:Mend endEvent:E endEvent:F"
        if boundary
        else "startEvent:S userTask:Then endEvent:E"
    )
    return model(body + call + boundary, flows, BESIDE, "caller", "heard secret")


def called(end: str = '<endEvent id="E"/>') -> bytes:
    task = '<userTask id="Work"><extensionElements><shixian:assign variable="said" expression="word + \'ed\'"/></extensionElements></userTask>'
    return model(
        nodes("startEvent:S") + task + end, "S>Work Work>E", BESIDE, "called", "word said caller origin"
    )


def child_of(desk: Desk) -> int:
    with desk.engine.database.reading() as conn:
        query = select(process_instance.c.key).where(process_instance.c.process_id == "called")
        return int(conn.execute(query).scalar_one())


def test_a_call_activity_starts_a_case_and_goes_on_with_its_answer(desk: Desk) -> None:
    deploy(desk.engine, called())
    deploy(desk.engine, caller())
    key = start(desk, "caller")
    assert open_tasks(desk, key) == set()
    desk.engine.sweep()
    desk.do(child_of(desk), "Work", {})
    desk.engine.sweep()

    assert open_tasks(desk, key) == {"Then"}
    variables: dict[str, Any] = case(desk, key).variables
    assert variables["heard"] == "asked"
    assert "said" not in variables and "word" not in variables
    assert "heard" not in case(desk, child_of(desk)).variables


def test_an_error_of_the_called_case_is_caught_by_the_caller(desk: Desk) -> None:
    caught = (
        '<boundaryEvent id="Caught" attachedToRef="Call"><errorEventDefinition errorRef="R"/></boundaryEvent>'
    )
    deploy(desk.engine, called('<endEvent id="E"><errorEventDefinition errorRef="R"/></endEvent>'))
    deploy(desk.engine, caller(caught))
    key = start(desk, "caller")
    desk.engine.sweep()
    desk.do(child_of(desk), "Work", {})
    desk.engine.sweep()

    assert open_tasks(desk, key) == {"Mend"}
    assert "ErrorUncaught" in trail(desk, child_of(desk))


def test_a_called_case_is_cancelled_with_its_caller(desk: Desk) -> None:
    stop = '<boundaryEvent id="Caught" attachedToRef="Call"><signalEventDefinition signalRef="G"/></boundaryEvent>'
    say = '<endEvent id="E"><signalEventDefinition signalRef="G"/></endEvent>'
    deploy(desk.engine, called())
    deploy(desk.engine, caller(stop))
    deploy(desk.engine, model(nodes("startEvent:S userTask:A") + say, "S>A A>E", BESIDE, "thrower"))
    key = start(desk, "caller")
    desk.engine.sweep()
    child = child_of(desk)

    desk.do(start(desk, "thrower"), "A", {})
    while desk.engine.sweep():
        pass

    assert open_tasks(desk, key) == {"Mend"}
    assert case(desk, child).ended_at is not None
    assert open_tasks(desk, child) == set()


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ('<receiveTask id="A" messageRef="M"/>', "A：等待消息须有 shixian:correlation 的 key"),
        ('<callActivity id="A"/>', "A：调用活动须有 calledElement"),
        ('<intermediateCatchEvent id="A"><timerEventDefinition/></intermediateCatchEvent>', "A：定时事件须有"),
        ('<intermediateThrowEvent id="A"><linkEventDefinition name="x"/></intermediateThrowEvent>', "A：链接须在同一层"),
        ('<serviceTask id="A"/><boundaryEvent id="T" attachedToRef="A"><errorEventDefinition/></boundaryEvent>', "T：该边界事件只能附着于"),
    ],
)  # fmt: skip
def test_what_an_element_lacks_is_found_when_it_is_deployed(
    engine: Engine, element: str, reason: str
) -> None:
    with pytest.raises(InvalidDefinition, match=reason):
        deploy(engine, model(nodes("startEvent:S endEvent:E") + element, "S>A A>E", BESIDE))
