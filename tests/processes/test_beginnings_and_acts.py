"""How people and messages begin a case, what connects it with others, and acts beside its tasks."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, pair
from engine.errors import InvalidForm, InvalidInput, NotAllowed, NotFound, WrongState
from engine.people import Actor
from engine.storage.tables import organisation
from tests.conftest import at_once
from tests.processes.office import case, open_tasks, trail
from tests.processes.small_models import flow, model, nodes

BESIDE = '<message id="M" name="移送"/><message id="N" name="告知"/>'
ASK = {
    "id": "ASK",
    "title": "申请",
    "schemaVersion": 18,
    "type": "default",
    "components": [
        {"key": "days", "type": "number", "label": "天数", "validate": {"required": True, "min": 1, "max": 9}}
    ],
}


def deploy(engine: Engine, xml: str | bytes) -> None:
    data = xml.encode() if isinstance(xml, str) else xml
    engine.handle(
        c.DeployDefinition(
            actor=None, files={"process.bpmn": data, "forms/ASK.json": json.dumps(ASK).encode()}
        )
    )


def own(desk: Desk, role: str = "handler", seed: int = 1) -> tuple[Actor, int]:
    using, entry = pair(desk, seed, "conditional")
    return desk.actor(using, role), entry


def manager(desk: Desk) -> Actor:
    actor: Actor = desk.engine.accounts.actor_named("ysj.jb")
    return actor


def oversight() -> str:
    """Begun by the managing department, or by a message; delivered by Send to the target."""
    starts = (
        '<startEvent id="S"/><startEvent id="Moved"><extensionElements>'
        "<shixian:output variable=\"note\" expression=\"'自' + origin['business_id'] + kind\"/>"
        '</extensionElements><messageEventDefinition messageRef="M"/></startEvent>'
    )
    send = (
        '<intermediateThrowEvent id="Send"><extensionElements>'
        '<shixian:assign variable="received_at" expression="now()"/></extensionElements>'
        '<messageEventDefinition messageRef="N"/></intermediateThrowEvent>'
    )
    body = starts + nodes("userTask:Look userTask:Other endEvent:E endEvent:F") + send
    xml = model(
        body,
        "S>Look Moved>Other Look>Send Send>E Other>F",
        BESIDE,
        "oversight",
        "target_dept received_at note origin facts",
    ).decode()
    for party in ("using_dept", "providing_dept"):
        xml = xml.replace(f'<shixian:variable name="{party}"/>', "")
    return xml.replace('shixian:role="use.handler"', 'shixian:role="mgr.handler"')


def source() -> bytes:
    throw = (
        '<intermediateThrowEvent id="Move"><extensionElements>'
        '<shixian:correlation to="oversight" key="business_id" kind="逾期"/>'
        '<shixian:input name="target_dept" expression="providing_dept"/>'
        '<shixian:input name="facts" expression="\'事实\'"/>'
        '<shixian:input name="unknown" expression="\'x\'"/>'
        '</extensionElements><messageEventDefinition messageRef="M"/></intermediateThrowEvent>'
    )
    return model(
        nodes("startEvent:S userTask:A endEvent:E") + throw,
        "S>A A>Move Move>E",
        BESIDE,
        "source",
        "business_id received_at",
    )


def test_only_the_managing_department_begins_what_lies_in_its_lane(desk: Desk, engine: Engine) -> None:
    deploy(engine, oversight())
    outsider, _ = own(desk)

    with pytest.raises(NotAllowed, match="管理部门经办人发起"):
        engine.handle(c.StartInstance(actor=outsider, process_id="oversight"))
    answer = engine.handle(c.StartInstance(actor=manager(desk), process_id="oversight"))

    key = int(answer["instance_key"])
    assert (case(desk, key).managing_key, case(desk, key).using_key) == (manager(desk).org_key, None)
    assert open_tasks(desk, key) == {"Look"}


def test_an_application_needs_an_entry(desk: Desk, engine: Engine) -> None:
    actor, _ = own(desk)
    with pytest.raises(InvalidInput, match="资源目录"):
        engine.handle(c.StartInstance(actor=actor, process_id="ln_art12_application"))


def moved(desk: Desk, engine: Engine) -> tuple[int, int]:
    deploy(engine, oversight())
    deploy(engine, source())
    actor, entry = own(desk)
    answer = engine.handle(c.StartInstance(actor=actor, process_id="source", resource_key=entry))
    key = int(answer["instance_key"])
    desk.do(key, "A", {})
    engine.sweep()
    [link] = engine.queries.case(actor, key).links
    view = engine.queries.cases(manager(desk), text="")
    return key, next(row.key for row in view.rows if row.business_id == link.business_id)


def test_a_message_begins_the_start_event_of_its_name_with_what_it_takes_along(
    desk: Desk, engine: Engine
) -> None:
    key, begun = moved(desk, engine)

    assert open_tasks(desk, begun) == {"Other"}
    found = case(desk, begun).variables
    assert found["target_dept"] == str(case(desk, key).providing_key)
    assert (found["facts"], "unknown" in found) == ("事实", False)
    assert found["note"] == f"自{case(desk, key).business_id}逾期"


def test_both_cases_show_the_link_and_hide_what_the_reader_may_not_see(desk: Desk, engine: Engine) -> None:
    key, begun = moved(desk, engine)
    actor, _ = own(desk)

    [out] = engine.queries.case(actor, key).links
    [back] = engine.queries.case(manager(desk), begun).links
    assert (out.how, out.business_id, out.key) == ("to", case(desk, begun).business_id, None)
    assert (back.how, back.business_id) == ("from", case(desk, key).business_id)
    assert out.state == ""


def test_before_its_delivery_the_target_knows_nothing_of_a_case(desk: Desk, engine: Engine) -> None:
    _, begun = moved(desk, engine)
    provider = desk.actor(int(case(desk, begun).variables["target_dept"]), "handler")
    with pytest.raises(NotFound):
        engine.queries.case(provider, begun)


def acting(interrupting: str = "false") -> bytes:
    """A task in a scope, beside which its author may ask for something, again and again, while nothing is heard."""
    ask = (
        '<subProcess id="Ask" triggeredByEvent="true">'
        f'<startEvent id="Asked" name="提出请求" isInterrupting="{interrupting}" shixian:role="use.handler"'
        ' shixian:when="heard is None"><extensionElements><shixian:form id="ASK" variable="asked"/>'
        '</extensionElements><messageEventDefinition messageRef="N"/></startEvent>'
        f"{nodes('manualTask:Grant endEvent:Z')}{flow('Asked>Grant Grant>Z')}</subProcess>"
    )
    scope = (
        f'<subProcess id="Scope">{nodes("startEvent:Begin userTask:Do endEvent:Y")}'
        f"{flow('Begin>Do Do>Y')}{ask}</subProcess>"
    )
    body = nodes("startEvent:S userTask:After endEvent:E") + scope
    xml = model(body, "S>Scope Scope>After After>E", BESIDE, "acting", "heard asked").decode()
    return xml.replace(
        "<flowNodeRef>S</flowNodeRef>", "<flowNodeRef>S</flowNodeRef><flowNodeRef>Scope</flowNodeRef>"
    ).encode()


@pytest.fixture
def key(desk: Desk, engine: Engine) -> int:
    deploy(engine, acting())
    actor, entry = own(desk)
    answer = engine.handle(c.StartInstance(actor=actor, process_id="acting", resource_key=entry))
    return int(answer["instance_key"])


def ask(desk: Desk, key: int, **values: Any) -> dict[str, Any]:
    actor, _ = own(desk)
    command = c.SendMessage(actor=actor, instance_key=key, element_id="Ask", values=values)
    answer: dict[str, Any] = desk.engine.handle(command)
    return answer


def test_an_act_takes_its_form_and_may_be_done_again(desk: Desk, key: int) -> None:
    with pytest.raises(InvalidForm, match="days"):
        ask(desk, key, days=10)
    assert "ActDone" not in trail(desk, key)

    ask(desk, key, days=3)
    ask(desk, key, days=4)

    assert case(desk, key).variables["asked"] == {"days": 4}
    assert open_tasks(desk, key) == {"Do", "Grant"}
    assert trail(desk, key).count("ActDone") == 2


def test_an_act_is_offered_to_its_lane_while_its_scope_runs(desk: Desk, engine: Engine, key: int) -> None:
    actor, _ = own(desk)
    assert [a.name for a in engine.queries.case(actor, key).acts] == ["提出请求"]
    head = desk.actor(actor.org_key, "head")
    assert engine.queries.case(head, key).acts == ()
    with pytest.raises(NotAllowed, match="使用部门经办人"):
        engine.handle(c.SendMessage(actor=head, instance_key=key, element_id="Ask", values={"days": 1}))

    desk.do(key, "Do", {})

    assert engine.queries.case(actor, key).acts == ()
    with pytest.raises(WrongState, match="目前不能“提出请求”"):
        ask(desk, key, days=1)


def test_what_was_asked_for_stands_among_the_forms_of_the_case(desk: Desk, engine: Engine, key: int) -> None:
    ask(desk, key, days=3)

    actor, _ = own(desk)
    [form] = engine.queries.case(actor, key).forms
    assert (form.title, form.lines) == ("申请", (("天数", "3"),))


def test_the_window_finds_its_task_in_the_inbox_of_its_department(desk: Desk, engine: Engine) -> None:
    xml = model(nodes("startEvent:S userTask:Serve endEvent:E"), "S>Serve Serve>E", "", "window").decode()
    deploy(engine, xml.replace('shixian:role="use.handler"', 'shixian:role="use.window"'))
    clerk = engine.accounts.actor_named("mzt.ck")
    entry = next(e for n in range(9) if (e := pair(desk, n, "conditional"))[0] != clerk.org_key)[1]

    answer = engine.handle(c.StartInstance(actor=clerk, process_id="window", resource_key=entry))
    engine.handle(c.UnclaimTask(actor=clerk, task_key=int(answer["user_task_key"])))

    [row] = engine.queries.inbox(clerk, "department").rows
    assert row.task_key == int(answer["user_task_key"])


@pytest.mark.parametrize(
    ("target", "managing"),
    [("辽宁省公安厅", "辽宁省营商环境建设局"), ("沈阳市营商环境建设局", "辽宁省营商环境建设局")],
    ids=["its own level's", "the one above a managing department (R20-15)"],
)
def test_a_case_against_a_department_that_names_no_managing_department_finds_one(
    desk: Desk, engine: Engine, target: str, managing: str
) -> None:
    deploy(engine, oversight())
    throw = (
        source().decode().replace('expression="providing_dept"', f"expression=\"'{key_of(desk, target)}'\"")
    )
    forget = '<shixian:input name="managing_dept" expression="None"/><shixian:input name="facts"'
    deploy(engine, throw.replace('<shixian:input name="facts"', forget))
    actor, entry = own(desk)
    answer = engine.handle(c.StartInstance(actor=actor, process_id="source", resource_key=entry))
    desk.do(int(answer["instance_key"]), "A", {})
    engine.sweep()

    begun = int(at_once(desk.follow(int(answer["instance_key"]), "oversight")))
    assert case(desk, begun).managing_key == key_of(desk, managing)
    assert open_tasks(desk, begun) == {"Other"}


def key_of(desk: Desk, name: str) -> int:
    with desk.engine.database.reading() as conn:
        return int(conn.execute(select(organisation.c.key).where(organisation.c.name == name)).scalar_one())
