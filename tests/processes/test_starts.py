"""Cases that begin by themselves: at a planned instant or by a signal, each exactly once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import commands as c
from engine.app import Engine
from engine.calendar import Holiday, Notice
from engine.demo.cases import Desk
from engine.errors import Conflict, InvalidDefinition, NotAllowed
from engine.handlers.case import Case
from engine.handlers.governments import GOVERNMENT
from engine.history.chain import parse
from engine.history.replay import rebuild
from engine.history.words import sentence
from engine.people import Actor
from engine.periods import BEIJING
from engine.queries.planned import HELD_BACK, planned_starts
from engine.queries.versions import version
from engine.storage.tables import event, message, organisation, process_instance, start_trigger, user_role
from engine.sweep import ATTEMPTS
from tests.conftest import beijing, open_engine
from tests.databases import Where
from tests.processes.office import administrators, incidents, open_tasks, told, trail, wait_until
from tests.processes.small_models import model, nodes
from tests.processes.test_messages import start, states
from tests.test_replay import tables

YEARLY = "<timeCycle>R/2026-01-01T09:00:00+08:00/P1Y</timeCycle>"
EACH = '<shixian:party variable="using_dept" take="each" level="province" managing="false"/>'
ONE = '<shixian:party variable="using_dept" take="one" level="province" managing="true"/>'


def starting(
    when: str = YEARLY,
    parties: str = ONE,
    roll: str = "none",
    process_id: str = "yearly",
    body: str = "userTask:Write endEvent:E",
    effective: str = "",
) -> bytes:
    start = (
        f'<startEvent id="Begin" name="每年编报"><extensionElements><shixian:schedule roll="{roll}"/>{parties}'
        f"</extensionElements><timerEventDefinition>{when}</timerEventDefinition></startEvent>"
    )
    xml = model(start + nodes(body), "Begin>Write Write>E", "", process_id, "planned_at origin reporting")
    return xml.replace(
        b'isExecutable="true"', f'isExecutable="true" shixian:effectiveFrom="{effective}"'.encode()
    )


def deploy(engine: Engine, xml: bytes) -> int:
    return int(engine.handle(c.DeployDefinition(actor=None, files={"process.bpmn": xml}))["definition_key"])


def cases(desk: Desk, process_id: str = "yearly") -> list[Any]:
    with desk.engine.database.reading() as conn:
        query = select(process_instance).where(process_instance.c.process_id == process_id)
        return list(conn.execute(query.order_by(process_instance.c.key)))


def begun(desk: Desk, process_id: str = "yearly") -> list[str]:
    return [f"{row.started_at.astimezone(BEIJING):%Y-%m-%d %H:%M}" for row in cases(desk, process_id)]


def provincial(desk: Desk, managing: bool) -> list[int]:
    with desk.engine.database.reading() as conn:
        query = select(organisation.c.key).where(
            organisation.c.level == "province",
            organisation.c.managing == managing,
            organisation.c.kind != GOVERNMENT,
        )
        return sorted(conn.execute(query).scalars())


def planned(desk: Desk) -> list[datetime | None]:
    with desk.engine.database.reading() as conn:
        return list(conn.execute(select(start_trigger.c.planned_at).order_by(start_trigger.c.key)).scalars())


def test_a_yearly_start_begins_one_case_a_year_at_its_planned_instant(desk: Desk) -> None:
    deploy(desk.engine, starting())
    wait_until(desk, beijing("2027-06-01T10:00"))
    wait_until(desk, beijing("2028-06-01T10:00"))

    assert begun(desk) == ["2027-01-01 09:00", "2028-01-01 09:00"]
    [first, _] = cases(desk)
    assert [first.using_key] == provincial(desk, managing=True)
    assert open_tasks(desk, first.key) == {"Write"}
    assert first.business_id.startswith("SX-2027-")
    assert first.variables["planned_at"] == "2027-01-01T01:00:00Z"
    assert trail(desk, first.key)[:2] == ["InstanceStarted", "VariablesSet"]
    assert "InstanceTriggered" in trail(desk, first.key)


def test_every_department_of_a_kind_gets_its_own_case(desk: Desk) -> None:
    deploy(desk.engine, starting(parties=EACH + '<shixian:party variable="managing_dept" of="using_dept"/>'))
    wait_until(desk, beijing("2027-01-01T09:00"))

    found = cases(desk)
    assert sorted(row.using_key for row in found) == provincial(desk, managing=False)
    assert {row.managing_key for row in found} == set(provincial(desk, managing=True))
    assert all(open_tasks(desk, row.key) == {"Write"} for row in found)


def test_a_list_of_departments_is_a_variable_of_the_one_case(desk: Desk) -> None:
    listed = '<shixian:party variable="reporting" take="all" level="province" managing="false"/>'
    deploy(desk.engine, starting(parties=ONE + listed))
    wait_until(desk, beijing("2027-01-01T09:00"))

    [row] = cases(desk)
    assert row.variables["reporting"] == [str(key) for key in provincial(desk, managing=False)]


@pytest.mark.parametrize(
    ("when", "roll", "expected"),
    [
        pytest.param("2026-06-19T09:00:00+08:00", "none", "2026-06-19 09:00", id="on the holiday itself"),
        pytest.param("2026-06-19T09:00:00+08:00", "next_wd", "2026-06-22 09:00", id="after Dragon Boat"),
        pytest.param("2026-06-19T09:00:00+08:00", "previous_wd", "2026-06-18 09:00", id="before Dragon Boat"),
        pytest.param("2026-09-20T09:00:00+08:00", "next_wd", "2026-09-20 09:00", id="a worked Sunday"),
        pytest.param("2026-06-19T16:30:00Z", "next_wd", "2026-06-22 00:30", id="a day is Beijing's"),
    ],
)
def test_a_start_on_a_rest_day_rolls_by_the_calendar(desk: Desk, when: str, roll: str, expected: str) -> None:
    deploy(desk.engine, starting(f"<timeDate>{when}</timeDate>", roll=roll))
    wait_until(desk, beijing("2026-10-01T10:00"))

    assert begun(desk) == [expected]
    assert planned(desk) == [None]


def test_the_annual_report_begins_on_the_first_working_day_of_january(desk: Desk) -> None:
    """Domain D.4; the days off of January 2027 are confirmed after the deployment."""
    deploy(desk.engine, starting(roll="next_wd"))
    first, second = administrators(desk)
    off = tuple(date(2027, 1, day) for day in range(1, 6))
    notice = Notice(
        id="n2027",
        kind="annual",
        year=2027,
        title="试验用2027年放假安排",
        doc_no="试验〔2026〕2号",
        published=date(2026, 6, 8),
        holidays=(Holiday("元旦", off, ()),),
    )
    entered = desk.engine.handle(c.EnterCalendarNotice(actor=first, notice=notice))
    key = int(entered["calendar_notice_key"])
    desk.engine.handle(c.ConfirmCalendarNotice(actor=second, calendar_notice_key=key))
    wait_until(desk, beijing("2027-02-01T10:00"))

    assert begun(desk) == ["2027-01-06 09:00"]


def test_a_start_in_a_year_without_notice_says_that_its_day_is_an_estimate(desk: Desk) -> None:
    deploy(desk.engine, starting(roll="next_wd"))
    wait_until(desk, beijing("2027-02-01T10:00"))

    [row] = cases(desk)
    actor = desk.actor(row.using_key, "handler")
    said = [line.text for line in desk.engine.queries.case(actor, row.key).history]
    assert any("原定2027年1月1日09:00为休息日" in text and "按估算的工作日" in text for text in said)


def test_rounds_missed_while_the_machine_was_off_are_all_begun_at_their_planned_instants(
    database: Where,
) -> None:
    engine = open_engine(database)
    deploy(engine, starting("<timeCycle>R/2026-01-31T09:00:00+08:00/P1M</timeCycle>"))
    engine.close()
    engine = open_engine(database, beijing("2026-10-15T10:00"))
    desk = Desk(engine)
    engine.sweep()
    engine.sweep()

    assert begun(desk) == [f"2026-{day} 09:00" for day in ("06-30", "07-31", "08-31", "09-30")]
    engine.close()


def test_of_too_many_missed_rounds_the_latest_are_begun_and_the_trail_counts_the_others(
    database: Where,
) -> None:
    engine = open_engine(database)
    key = deploy(engine, starting("<timeCycle>R/2026-06-01T09:00:00+08:00/P1M</timeCycle>"))
    engine.close()
    engine = open_engine(database, beijing("2029-06-15T10:00"))
    desk = Desk(engine)
    engine.sweep()

    assert begun(desk)[0] == "2027-07-01 09:00" and len(begun(desk)) == 24
    assert trail(desk, key).count("RoundsPassed") == 1
    engine.close()


def test_the_version_in_force_at_the_planned_instant_begins_the_case(desk: Desk) -> None:
    first = deploy(desk.engine, starting())
    second = deploy(
        desk.engine, starting(effective="2027-07-01", body="userTask:Write endEvent:E dataObject:X")
    )
    wait_until(desk, beijing("2028-02-01T10:00"))

    assert [(row.definition_key, f"{row.started_at:%Y}") for row in cases(desk)] == [
        (first, "2027"),
        (second, "2028"),
    ]
    assert trail(desk, first).count("RoundsPassed") == 1
    assert trail(desk, second).count("RoundsPassed") == 1


def test_a_version_deployed_after_the_instant_does_not_begin_it_again(desk: Desk) -> None:
    deploy(desk.engine, starting())
    wait_until(desk, beijing("2027-01-01T09:00"))
    deploy(desk.engine, starting(body="userTask:Write endEvent:E dataObject:X"))
    wait_until(desk, beijing("2027-06-01T09:00"))

    assert begun(desk) == ["2027-01-01 09:00"]


@pytest.mark.only("postgresql")
def test_a_round_is_begun_once_however_many_nodes_sweep_at_once(database: Where) -> None:
    engines = [open_engine(database) for _ in range(3)]
    deploy(engines[0], starting("<timeCycle>R/2026-06-30T09:00:00+08:00/P1M</timeCycle>", EACH))
    for engine in engines:
        engine.clock.set(beijing("2026-09-15T10:00"))  # type: ignore[attr-defined]

    with ThreadPoolExecutor(3) as pool:
        for _ in range(3):
            list(pool.map(lambda engine: engine.sweep(), engines))

    desk = Desk(engines[0])
    departments = provincial(desk, managing=False)
    assert sorted(row.using_key for row in cases(desk)) == sorted(departments * 3)
    assert {trail(desk, row.key).count("InstanceStarted") for row in cases(desk)} == {1}
    for engine in engines:
        engine.close()


def test_a_restart_between_the_round_and_its_cases_loses_and_doubles_none(database: Where) -> None:
    engine = open_engine(database)
    deploy(engine, starting(parties=EACH))
    with engine.database.reading() as conn:
        key = int(conn.execute(select(start_trigger.c.key)).scalar_one())
    engine.clock.set(beijing("2027-01-02T10:00"))  # type: ignore[attr-defined]
    at = beijing("2027-01-01T09:00")
    departments = provincial(Desk(engine), managing=False)
    answer = engine.handle(c.StartRound(actor=None, trigger_key=key, planned_at=at))
    assert answer == {"done": True, "cases": len(departments)}
    for _ in departments:
        assert engine.handle(c.CatchMessage(actor=None, message_key=engine.queries.catchable_messages()[0]))[
            "caught"
        ]
        engine.close()
        engine = open_engine(database, beijing("2027-01-02T10:00"))

    engine.sweep()
    assert sorted(row.using_key for row in cases(Desk(engine))) == departments
    assert set(begun(Desk(engine))) == {"2027-01-01 09:00"}
    engine.close()


def test_a_repeated_command_begins_nothing_more(desk: Desk) -> None:
    deploy(desk.engine, starting())
    wait_until(desk, beijing("2027-01-01T09:00"))
    with desk.engine.database.reading() as conn:
        key = conn.execute(select(start_trigger.c.key)).scalar_one()
    again = c.StartRound(actor=None, trigger_key=key, planned_at=beijing("2027-01-01T09:00"))

    assert desk.engine.handle(again) == {"done": False}
    desk.engine.sweep()
    assert len(cases(desk)) == 1


def test_a_round_whose_party_is_not_one_department_waits_and_holds_up_no_other(desk: Desk) -> None:
    several = '<shixian:party variable="using_dept" level="province" managing="false"/>'
    deploy(desk.engine, starting(parties=several, process_id="broken"))
    deploy(desk.engine, starting())
    wait_until(desk, beijing("2027-01-02T09:00"))

    assert begun(desk, "broken") == [] and begun(desk) == ["2027-01-01 09:00"]
    with desk.engine.database.reading() as conn:
        errors = conn.execute(select(start_trigger.c.last_error).order_by(start_trigger.c.key)).scalars()
        assert "应为一个部门" in str(next(errors))


def test_a_round_asked_for_too_early_is_refused_and_begins_later_under_the_same_id(desk: Desk) -> None:
    deploy(desk.engine, starting())
    with desk.engine.database.reading() as conn:
        key = int(conn.execute(select(start_trigger.c.key)).scalar_one())
    planned_at = beijing("2027-01-01T09:00")
    early = c.StartRound(
        actor=None, trigger_key=key, planned_at=planned_at, id=f"round:{key}:2027-01-01T01:00:00Z"
    )
    with pytest.raises(Conflict, match="尚未到时"):
        desk.engine.handle(early)
    wait_until(desk, planned_at)

    assert begun(desk) == ["2027-01-01 09:00"]


def test_an_abolished_department_gets_no_case(desk: Desk) -> None:
    deploy(desk.engine, starting(parties=EACH))
    departments = provincial(desk, managing=False)
    with desk.engine.database.reading() as conn:
        old, new = conn.execute(
            select(organisation.c.code)
            .where(organisation.c.key.in_(departments[:2]))
            .order_by(organisation.c.key)
        ).scalars()
    command = c.SucceedOrganisation(
        actor=None, code=old, successor_code=new, valid_from="2026-06-08", doc_no="试验〔2026〕3号"
    )
    desk.engine.handle(command)
    wait_until(desk, beijing("2027-01-02T09:00"))

    assert sorted(row.using_key for row in cases(desk)) == departments[1:]


def test_replay_rebuilds_what_is_planned(desk: Desk) -> None:
    deploy(desk.engine, starting(parties=EACH))
    wait_until(desk, beijing("2027-01-02T09:00"))
    with desk.engine.database.reading() as conn:
        before = tables(conn)
    with desk.engine.database.writing() as conn:
        rebuild(conn)
    with desk.engine.database.reading() as conn:
        assert tables(conn) == before
        assert len(before["start_trigger"]) == 1


def test_a_process_that_begins_by_itself_can_be_asked_for_too(desk: Desk) -> None:
    asked = '<startEvent id="Asked"/>'
    begins = '<startEvent id="Begin"><extensionElements>' + ONE + "</extensionElements>"
    begins += f"<timerEventDefinition>{YEARLY}</timerEventDefinition></startEvent>"
    body = begins + asked + nodes("userTask:A userTask:B endEvent:E endEvent:F")
    deploy(desk.engine, model(body, "Begin>A A>E Asked>B B>F", "", "yearly", "planned_at"))
    key = start(desk, "yearly")
    assert open_tasks(desk, key) == {"B"}
    desk.do(key, "B", {})
    wait_until(desk, beijing("2027-01-02T09:00"))

    assert [open_tasks(desk, row.key) for row in cases(desk)] == [set(), {"A"}]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"when": ""}, "Begin：定时启动须写明 timeDate 或 timeCycle"),
        ({"when": "<timeDuration>P5D</timeDuration>"}, "Begin：定时启动须写明 timeDate 或 timeCycle"),
        ({"when": "<timeDate>2026-12-01</timeDate>"}, "Begin：启动时刻应带时区"),
        ({"when": "<timeDate>2026-02-30T09:00:00+08:00</timeDate>"}, "Begin：启动时刻应带时区"),
        ({"when": "<timeCycle>R/2026-12-01T09:00:00+08:00/P5D</timeCycle>"}, "Begin：启动周期应以年、月计"),
        ({"when": "<timeCycle>R/2026-12-01T09:00:00+08:00/P0M</timeCycle>"}, "Begin：启动周期应以年、月计"),
        ({"when": "<timeCycle>R0/2026-12-01T09:00:00+08:00/P1Y</timeCycle>"}, "Begin：启动次数应至少为1"),
        ({"when": "<timeCycle>0 0 1 1 *</timeCycle>"}, "Begin：启动周期应以年、月计"),
        ({"roll": "later"}, "Begin：休息日顺延 roll 应为"),
        ({"parties": ""}, "Begin：由该事件启动的事项没有当事部门 using_dept"),
        ({"parties": EACH + EACH}, "Begin：只能有一个 take"),
        ({"parties": '<shixian:party variable="using_dept"/>'}, "Begin：using_dept 须写明部门条件"),
        ({"parties": ONE.replace("province", "world")}, "Begin：level 应为"),
        ({"parties": ONE.replace('take="one"', 'take="some"')}, "Begin：take 应为"),
        ({"parties": ONE + '<shixian:party variable="managing_dept" of="providing_dept"/>'}, "Begin：of 所指的 providing_dept"),
        ({"parties": ONE + '<shixian:party variable="nobody" level="city"/>'}, "Begin：当事部门变量应为"),
        ({"parties": ONE + '<shixian:party variable="nobody" take="all" level="city"/>'}, "Begin：take=\"all\" 的变量 nobody"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_name(engine: Engine, change: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidDefinition, match=reason):
        deploy(engine, starting(**change))


def test_designers_see_what_is_planned_and_others_do_not(desk: Desk) -> None:
    deploy(desk.engine, starting())
    newest = deploy(desk.engine, starting(roll="next_wd"))
    designer = holder(desk, "designer")
    [one] = desk.engine.queries.search(planned_starts, designer)

    assert (one.definition_key, one.version, one.last_error) == (newest, 2, None)
    assert (one.planned_at, one.starts_at) == (beijing("2027-01-01T09:00"), beijing("2027-01-04T09:00"))
    with pytest.raises(NotAllowed, match="只有流程设计人员"):
        desk.engine.queries.search(planned_starts, holder(desk, "handler"))


def holder(desk: Desk, role: str) -> Actor:
    with desk.engine.database.reading() as conn:
        query = select(user_role.c.organisation_key).where(user_role.c.role == role).limit(1)
        return desk.actor(int(conn.execute(query).scalar_one()), role)


# Signals

BESIDE = '<signal id="G" name="law_changed"/>'
WORD = '<shixian:output variable="heard" expression="word"/>'


def listening(parties: str = ONE, process_id: str = "listening", more: str = "") -> bytes:
    start = (
        f'<startEvent id="Begin" name="法律修改"><extensionElements>{parties}{WORD}</extensionElements>'
        '<signalEventDefinition signalRef="G"/></startEvent>'
    )
    return model(
        start + nodes(f"userTask:Revise endEvent:E{more}"),
        "Begin>Revise Revise>E",
        BESIDE,
        process_id,
        "heard word origin",
    )


def saying() -> bytes:
    say = (
        '<endEvent id="E"><extensionElements><shixian:input name="word" expression="\'第十二条\'"/></extensionElements>'
        '<signalEventDefinition signalRef="G"/></endEvent>'
    )
    return model(nodes("startEvent:S userTask:A") + say, "S>A A>E", BESIDE, "saying", "word")


def say(desk: Desk) -> int:
    key = start(desk, "saying")
    desk.do(key, "A", {})
    return key


def settle(desk: Desk) -> None:
    while desk.engine.sweep():
        pass


def test_a_signal_begins_one_case_of_each_definition_in_force(desk: Desk) -> None:
    deploy(desk.engine, listening(process_id="one"))
    newest = deploy(desk.engine, listening(process_id="one", more=" dataObject:X"))
    deploy(desk.engine, listening(process_id="two"))
    deploy(desk.engine, saying())
    thrower = say(desk)
    settle(desk)
    settle(desk)

    [one], [two] = cases(desk, "one"), cases(desk, "two")
    assert one.definition_key == newest
    assert one.variables["heard"] == "第十二条" and "word" not in one.variables
    assert one.variables["origin"]["instance_key"] == str(thrower)
    assert open_tasks(desk, two.key) == {"Revise"}
    assert trail(desk, thrower).count("MessageCaught") == 2


def test_each_signal_begins_its_own_case_and_one_thrown_before_the_deployment_none(desk: Desk) -> None:
    deploy(desk.engine, saying())
    say(desk)
    deploy(desk.engine, listening())
    settle(desk)
    assert cases(desk, "listening") == []
    say(desk)
    say(desk)
    settle(desk)

    assert len(cases(desk, "listening")) == 2


def test_a_change_of_law_reaches_every_department(desk: Desk) -> None:
    deploy(desk.engine, listening(EACH))
    deploy(desk.engine, saying())
    say(desk)
    settle(desk)

    found = cases(desk, "listening")
    assert sorted(row.using_key for row in found) == provincial(desk, managing=False)


def said_of(desk: Desk, key: int) -> list[str]:
    with desk.engine.database.reading() as conn:
        bodies = conn.execute(
            select(event.c.body).where(event.c.stream == key).order_by(event.c.seq)
        ).scalars()
        return [sentence(parse(body).event, str, str) for body in bodies]


@pytest.mark.parametrize("deployed", [starting, listening], ids=["timer", "signal"])
def test_the_history_of_a_definition_is_in_words(desk: Desk, deployed: Callable[[], bytes]) -> None:
    key = deploy(desk.engine, deployed())
    deploy(desk.engine, saying())
    say(desk)
    wait_until(desk, beijing("2027-01-02T09:00"))
    said = said_of(desk, key)

    assert any("启动事项1件" in text for text in said)
    assert not any(text in ("StartTriggerSet", "RoundStarted", "RoundsPassed") for text in said)


def switch(desk: Desk, kind: type[c.Command], key: int) -> None:
    desk.engine.handle(
        kind(actor=administrators(desk)[0], definition_key=key, reason="系统检修期间停用。")  # type: ignore[call-arg]
    )


def test_a_suspended_round_waits_and_begins_at_its_planned_instant_after_all(database: Where) -> None:
    engine = open_engine(database)
    desk = Desk(engine)
    key = deploy(engine, starting())
    switch(desk, c.SuspendDefinition, key)
    wait_until(desk, beijing("2027-01-01T10:00"))
    settle(desk)
    waited = begun(desk)
    with engine.database.reading() as conn:
        tries = conn.execute(select(start_trigger.c.attempts, start_trigger.c.last_error)).all()
    switch(desk, c.ResumeDefinition, key)
    settle(desk)
    found = begun(desk)
    engine.close()

    assert waited == []
    assert tries == [(0, None)]  # it waits for a person, and fails at nothing
    assert found == ["2027-01-01 09:00"]


def test_a_signal_to_a_suspended_version_waits_until_it_is_resumed(desk: Desk) -> None:
    key = deploy(desk.engine, listening())
    deploy(desk.engine, saying())
    switch(desk, c.SuspendDefinition, key)
    say(desk)
    settle(desk)
    waited = cases(desk, "listening")
    switch(desk, c.ResumeDefinition, key)
    settle(desk)

    assert waited == []
    assert len(cases(desk, "listening")) == 1


def test_a_retired_version_begins_nothing_more(desk: Desk) -> None:
    key = deploy(desk.engine, starting())
    switch(desk, c.RetireDefinition, key)
    wait_until(desk, beijing("2027-01-02T10:00"))

    assert begun(desk) == []
    assert planned(desk) == [beijing("2028-01-01T09:00")]
    assert "该版本已经废止" in said_of(desk, key)[-1]


def test_a_case_of_a_round_that_cannot_begin_is_seen_and_tried_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = listening().replace(b'expression="word"', b'expression="word + 1"')
    key = deploy(desk.engine, broken)
    deploy(desk.engine, saying())
    thrower = say(desk)

    def tried(times: int) -> None:
        for _ in range(times):
            with desk.engine.database.writing() as conn:
                conn.execute(update(message).values(retry_at=None))
            desk.engine.sweep()

    tried(ATTEMPTS + 3)

    assert trail(desk, key).count("StartFailed") == 1
    operators = administrators(desk)
    notices = [text for _, text, _ in told(desk, key)]
    assert len(notices) == len(operators) and all("未能启动" in text for text in notices)
    [one] = desk.engine.queries.search(planned_starts, operators[0])
    assert "word + 1" in str(one.last_error)
    [plain] = desk.engine.queries.search(planned_starts, holder(desk, "designer"))
    assert plain.last_error == HELD_BACK
    shown = {
        who: "".join(x.text for x in desk.engine.queries.search(version, holder(desk, who), key).trail)
        for who in ("designer", "admin")
    }
    assert {who: "word + 1" in text for who, text in shown.items()} == {"designer": False, "admin": True}
    assert incidents(desk, thrower) == [] and cases(desk, "listening") == []

    monkeypatch.setattr(Case, "evaluate", lambda *_: "第十二条")  # as if it were mended
    tried(1)

    assert len(cases(desk, "listening")) == 1
    [one] = desk.engine.queries.search(planned_starts, operators[0])
    assert one.last_error is None


def test_a_signal_that_waited_for_a_retired_version_lapses(desk: Desk) -> None:
    key = deploy(desk.engine, listening())
    deploy(desk.engine, saying())
    switch(desk, c.SuspendDefinition, key)
    thrower = say(desk)
    settle(desk)
    switch(desk, c.RetireDefinition, key)
    settle(desk)

    assert cases(desk, "listening") == []
    assert states(desk) == ["lapsed"]
    assert trail(desk, thrower)[-1] == "MessageLapsed"


def test_a_round_under_way_begins_no_case_of_a_version_that_was_retired_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = deploy(desk.engine, starting(parties=EACH))
    with monkeypatch.context() as patch:
        patch.setattr(desk.engine.queries, "catchable_messages", list)
        wait_until(desk, beijing("2027-01-01T10:00"))
    switch(desk, c.RetireDefinition, key)
    settle(desk)

    assert cases(desk) == []
    assert set(states(desk)) == {"lapsed"}
