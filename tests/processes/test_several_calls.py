"""A call activity with several instances: one called case for each item of a list, its results in order."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk
from engine.errors import InvalidDefinition
from engine.history.replay import rebuild
from engine.storage.tables import message, process_instance, subscription
from tests.conftest import beijing, open_engine
from tests.databases import Where
from tests.processes.office import administrators, case, incidents, open_tasks, trail, wait_until
from tests.processes.small_models import model, nodes
from tests.processes.test_messages import deploy, start
from tests.processes.test_starts import provincial
from tests.test_replay import tables

BESIDE = '<error id="R" errorCode="broken"/><signal id="G" name="alarm"/>'
LIST = '<startEvent id="S"/><serviceTask id="List"><extensionElements><shixian:assign variable="asked" expression="{0}"/></extensionElements></serviceTask>'


def asking(
    asked: str,
    sequential: bool = False,
    until: str = "",
    boundary: str = "",
    loop: str = "",
    text: str = "",
) -> bytes:
    ends = f"<completionCondition>{until}</completionCondition>" if until else ""
    loop = loop or (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        "<loopDataInputRef>asked</loopDataInputRef><loopDataOutputRef>opinions</loopDataOutputRef>"
        f'<inputDataItem id="I" name="department"/>{ends}</multiInstanceLoopCharacteristics>'
    )
    call = (
        '<callActivity id="Ask" name="征求意见" calledElement="asked"><extensionElements>'
        '<shixian:input name="providing_dept" expression="department"/>'
        '<shixian:output variable="opinion" expression="said"/></extensionElements>'
        f"{loop}</callActivity>{boundary}"
    )
    first = LIST.format(asked)
    if text:  # a variable that holds a text
        more = f'<shixian:assign variable="{text}" expression="\'无\'"/>'
        first = first.replace("<extensionElements>", f"<extensionElements>{more}")
    body = first + call + nodes("userTask:Then endEvent:E")
    flows = "S>List List>Ask Ask>Then Then>E"
    if boundary:
        body, flows = body + nodes("userTask:Mend endEvent:F"), flows + " Caught>Mend Mend>F"
    return model(body, flows, BESIDE, "asking", f"asked opinions {text}")


def answering(end: str = '<endEvent id="E"/>') -> bytes:
    lane = '<userTask id="Work" shixian:role="prov.handler"><extensionElements><shixian:assign variable="said" expression="providing_dept"/></extensionElements></userTask>'
    return model(nodes("startEvent:S") + lane + end, "S>Work Work>E", BESIDE, "asked", "said caller origin")


def listed(departments: list[int]) -> str:
    return f"[{', '.join(repr(str(key)) for key in departments)}]".replace('"', "'")


def called(desk: Desk) -> list[Any]:
    with desk.engine.database.reading() as conn:
        query = select(process_instance).where(process_instance.c.process_id == "asked")
        return list(conn.execute(query.order_by(process_instance.c.key)))


def settle(desk: Desk) -> None:
    while desk.engine.sweep():
        pass


def begin(desk: Desk, how_many: int = 3, **more: Any) -> tuple[int, list[int]]:
    departments = provincial(desk, managing=False)[:how_many]
    deploy(desk.engine, answering(more.pop("end", '<endEvent id="E"/>')))
    deploy(desk.engine, asking(listed(departments), **more))
    key = start(desk, "asking")
    settle(desk)
    return key, departments


def opinions(desk: Desk, key: int) -> list[Any]:
    return [row["values"].get("opinion") for row in case(desk, key).variables["opinions"]["items"]]


def test_each_department_gets_its_case_and_the_answers_come_in_the_order_of_the_list(desk: Desk) -> None:
    key, departments = begin(desk)
    cases = called(desk)
    assert sorted(row.providing_key for row in cases) == departments
    assert open_tasks(desk, key) == set()
    for row in reversed(cases):
        desk.do(row.key, "Work", {})
        settle(desk)

    assert open_tasks(desk, key) == {"Then"}
    assert opinions(desk, key) == [str(d) for d in departments]
    assert case(desk, key).variables["opinions"]["done"] == 3
    assert "opinion" not in case(desk, key).variables
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(subscription)).all() == []
        assert set(conn.execute(select(message.c.state)).scalars()) == {"delivered"}


def test_one_after_another_the_next_is_asked_when_the_last_has_answered(desk: Desk) -> None:
    key, departments = begin(desk, sequential=True)
    for number in range(3):
        cases = called(desk)
        assert [row.providing_key for row in cases] == departments[: number + 1]
        desk.do(cases[-1].key, "Work", {})
        settle(desk)

    assert open_tasks(desk, key) == {"Then"}
    assert opinions(desk, key) == [str(d) for d in departments]


@pytest.mark.parametrize("sequential", [False, True])
def test_the_completion_condition_ends_the_round_and_cancels_the_others(desk: Desk, sequential: bool) -> None:
    key, _ = begin(desk, sequential=sequential, until="opinions['done'] >= 2")
    for _ in range(2):
        open_one = next(row for row in reversed(called(desk)) if row.ended_at is None)
        desk.do(open_one.key, "Work", {})
        settle(desk)

    assert open_tasks(desk, key) == {"Then"}
    cases = called(desk)
    assert len(cases) == (2 if sequential else 3)
    assert all(row.ended_at is not None and open_tasks(desk, row.key) == set() for row in cases)
    assert [row.result for row in cases].count("void") == (0 if sequential else 1)
    assert sum(row["done"] for row in case(desk, key).variables["opinions"]["items"]) == 2


def test_an_empty_list_calls_nobody(desk: Desk) -> None:
    key, _ = begin(desk, how_many=0)

    assert open_tasks(desk, key) == {"Then"}
    assert called(desk) == []
    assert case(desk, key).variables["opinions"] == {"total": 0, "done": 0, "items": []}


def test_an_error_of_one_called_case_is_caught_and_cancels_the_others(desk: Desk) -> None:
    caught = (
        '<boundaryEvent id="Caught" attachedToRef="Ask"><errorEventDefinition errorRef="R"/></boundaryEvent>'
    )
    broken = '<endEvent id="E"><errorEventDefinition errorRef="R"/></endEvent>'
    key, _ = begin(desk, boundary=caught, end=broken)
    desk.do(called(desk)[1].key, "Work", {})
    settle(desk)

    assert open_tasks(desk, key) == {"Mend"}
    assert all(row.ended_at is not None for row in called(desk))


def test_who_leaves_the_activity_cancels_every_called_case(desk: Desk) -> None:
    stop = '<boundaryEvent id="Caught" attachedToRef="Ask"><signalEventDefinition signalRef="G"/></boundaryEvent>'
    say = '<endEvent id="E"><signalEventDefinition signalRef="G"/></endEvent>'
    deploy(desk.engine, model(nodes("startEvent:S userTask:A") + say, "S>A A>E", BESIDE, "thrower"))
    key, _ = begin(desk, boundary=stop)
    desk.do(called(desk)[0].key, "Work", {})
    settle(desk)
    desk.do(start(desk, "thrower"), "A", {})
    settle(desk)

    assert open_tasks(desk, key) == {"Mend"}
    assert [row.result for row in called(desk)] == [None, "void", "void"]


def test_an_answer_after_a_restart_is_counted_once(database: Where) -> None:
    engine = open_engine(database)
    key, departments = begin(Desk(engine))
    for number in range(3):
        desk = Desk(engine)
        desk.do(called(desk)[number].key, "Work", {})
        engine.close()
        engine = open_engine(database)
        settle(Desk(engine))
        settle(Desk(engine))

    desk = Desk(engine)
    assert open_tasks(desk, key) == {"Then"}
    assert opinions(desk, key) == [str(d) for d in departments]
    assert trail(desk, key).count("MessageReceived") == 3
    engine.close()


def test_replay_rebuilds_a_round_in_the_middle(desk: Desk) -> None:
    key, _ = begin(desk)
    desk.do(called(desk)[0].key, "Work", {})
    settle(desk)
    with desk.engine.database.reading() as conn:
        before = tables(conn)
    with desk.engine.database.writing() as conn:
        rebuild(conn)
    with desk.engine.database.reading() as conn:
        assert tables(conn) == before
    assert case(desk, key).variables["opinions"]["done"] == 1


def test_a_variable_that_holds_no_list_is_said(desk: Desk) -> None:
    deploy(desk.engine, answering())
    deploy(desk.engine, asking("'nobody'"))

    [held] = incidents(desk, start(desk, "asking"))

    assert (held.element_id, held.input["variables"]) == ("Ask", {"asked": "nobody"})
    assert "变量 asked 应为不超过500项的列表" in held.cause


@pytest.mark.parametrize(
    ("loop", "reason"),
    [
        ("<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>", "元素 Ask（multiInstance/more）：多实例须由列表"),
        ("<multiInstanceLoopCharacteristics/>", "Ask：多实例须以 loopDataInputRef"),
        ("<multiInstanceLoopCharacteristics><loopDataInputRef>asked</loopDataInputRef></multiInstanceLoopCharacteristics>", "Ask：多实例须以 inputDataItem"),
        ('<multiInstanceLoopCharacteristics><loopDataInputRef>asked</loopDataInputRef><inputDataItem id="asked"/></multiInstanceLoopCharacteristics>', "Ask：多实例须以 inputDataItem"),
        ('<multiInstanceLoopCharacteristics><loopDataInputRef>asked</loopDataInputRef><inputDataItem id="department"/></multiInstanceLoopCharacteristics>', "Ask：多实例须以 loopDataOutputRef"),
    ],
)  # fmt: skip
def test_what_a_round_lacks_is_found_when_it_is_deployed(engine: Engine, loop: str, reason: str) -> None:
    with pytest.raises(InvalidDefinition, match=reason):
        deploy(engine, asking("[]", loop=loop))


def test_an_unknown_name_in_the_condition_is_found(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition, match="Ask：表达式使用了未声明的变量“never”"):
        deploy(engine, asking("[]", until="never"))


def annual() -> tuple[bytes, bytes]:
    """Domain D.4 in small: a main case at the managing department, one called case for each department."""
    start_event = (
        '<startEvent id="Begin" name="启动年度报告"><extensionElements><shixian:schedule roll="next_wd"/>'
        '<shixian:party variable="managing_dept" level="province" managing="true"/>'
        '<shixian:party variable="asked" take="all" level="province" managing="false"/></extensionElements>'
        "<timerEventDefinition><timeCycle>R/2026-01-01T09:00:00+08:00/P1Y</timeCycle></timerEventDefinition></startEvent>"
    )
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>asked</loopDataInputRef>"
        '<loopDataOutputRef>opinions</loopDataOutputRef><inputDataItem id="I" name="department"/>'
        "</multiInstanceLoopCharacteristics>"
    )
    call = (
        '<callActivity id="Ask" calledElement="asked"><extensionElements>'
        '<shixian:input name="using_dept" expression="department"/>'
        '<shixian:input name="title" expression="\'编报上一年度共享情况\'"/></extensionElements>'
        f"{loop}</callActivity>"
    )
    write = '<userTask id="Write" name="汇总编写全省年度报告" shixian:role="mgr.handler"/>'
    main = model(
        start_event + call + write + nodes("endEvent:E"),
        "Begin>Ask Ask>Write Write>E",
        "",
        "annual",
        "asked opinions planned_at",
    )
    return main, model(
        nodes("startEvent:S userTask:Work endEvent:E"), "S>Work Work>E", "", "asked", "caller origin"
    )


def test_every_department_writes_its_annual_report_in_january(desk: Desk) -> None:
    for xml in annual():
        deploy(desk.engine, xml)
    wait_until(desk, beijing("2027-01-20T10:00"))
    with desk.engine.database.reading() as conn:
        query = select(process_instance).where(process_instance.c.process_id == "annual")
        main = conn.execute(query).one()
    manager = desk.actor(main.managing_key, "handler")
    assert desk.engine.queries.case(manager, main.key).head.managing_name == "辽宁省营商环境建设局"
    reports = called(desk)
    assert sorted(row.using_key for row in reports) == provincial(desk, managing=False)
    for row in reports:
        desk.do(row.key, "Work", {})
    settle(desk)

    assert [main.managing_key] == provincial(desk, managing=True)
    assert open_tasks(desk, main.key) == {"Write"}
    assert case(desk, main.key).variables["opinions"]["done"] == len(reports)


def broken_round(desk: Desk, sequential: bool = False) -> int:
    """Return a case whose round has one answer, and whose condition adds a number to a text."""
    key, _ = begin(desk, until="opinions['done'] + mark >= 7", sequential=sequential, text="mark")
    desk.do(called(desk)[0].key, "Work", {})
    settle(desk)
    return key


@pytest.mark.parametrize("sequential", [False, True])
def test_a_condition_that_fails_stands_in_the_caller_and_keeps_the_answer(
    desk: Desk, sequential: bool
) -> None:
    key = broken_round(desk, sequential)

    [held] = incidents(desk, key)
    assert (held.element_id, held.step, "mark" in held.cause) == ("Ask", "answer", True)
    assert incidents(desk, called(desk)[0].key) == [], "the case that answered has done its part"
    assert case(desk, key).variables["opinions"]["done"] == 1
    operator = administrators(desk)[0]
    again = c.ResolveIncident(actor=operator, incident_key=held.key)
    assert desk.engine.handle(again) == {"resolved": False}
    mended = c.ResolveIncident(
        actor=operator, incident_key=held.key, corrections={"mark": 5}, reason="经核实，更正为五。"
    )
    assert desk.engine.handle(mended) == {"resolved": True}
    settle(desk)
    assert len([row for row in called(desk) if row.ended_at is None]) == (1 if sequential else 2)
    desk.do(next(row.key for row in called(desk) if row.ended_at is None), "Work", {})
    settle(desk)

    assert (open_tasks(desk, key), incidents(desk, key)) == ({"Then"}, [])
    assert all(row.ended_at is not None for row in called(desk))


def test_a_condition_that_fails_holds_up_no_answer_and_the_last_one_ends_the_round(desk: Desk) -> None:
    key = broken_round(desk)
    for row in called(desk)[1:]:
        desk.do(row.key, "Work", {})
        settle(desk)

    assert (open_tasks(desk, key), incidents(desk, key)) == ({"Then"}, [])
    assert case(desk, key).variables["opinions"]["done"] == 3


def test_who_skips_the_rest_of_a_round_cancels_it(desk: Desk) -> None:
    key = broken_round(desk)
    [held] = incidents(desk, key)
    skip = c.SkipIncident(
        actor=administrators(desk)[0], incident_key=held.key, reason="其余部门的意见不再需要。"
    )
    desk.engine.handle(skip)
    settle(desk)

    assert (open_tasks(desk, key), incidents(desk, key)) == ({"Then"}, [])
    assert [row.result for row in called(desk)].count("void") == 2
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(subscription)).all() == []
