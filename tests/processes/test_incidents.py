"""Incidents: what fails holds its token, says why, leaves nothing half-done, and goes on when it is mended."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk
from engine.errors import Conflict, InvalidDefinition, InvalidInput, NotAllowed
from engine.handlers.incidents import NotSkippable
from engine.handlers.services import SERVICES
from engine.history.chain import parse
from engine.history.replay import rebuild
from engine.incidents import duration
from engine.storage.tables import event, message, timer
from tests.conftest import open_engine
from tests.databases import Where
from tests.engine.test_races import race, whole
from tests.processes.office import administrators, case, incidents, open_tasks, told, trail, wait_until
from tests.processes.small_models import flow, model, nodes
from tests.processes.test_decisions import table
from tests.processes.test_messages import BESIDE, called, child_of, deploy, start
from tests.test_replay import tables

REASON = "模型有误，已经核实，特此处理。"
BAD = "word + 1"  # a text and a number
WORD = '<shixian:assign variable="word" expression="\'是\'"/>'


def ext(inner: str) -> str:
    return f"<extensionElements>{inner}</extensionElements>"


def assign(expression: str, variable: str = "out") -> str:
    return f'<shixian:assign variable="{variable}" expression="{expression}"/>'


def small(body: str, flows: str = "A>X X>B B>E", settings: str = "") -> bytes:
    """S, then user task A, which gives `word` a text; then what is under test."""
    first = f'<userTask id="A">{ext(WORD)}</userTask>'
    plain = "startEvent:S endEvent:E" + (" userTask:B" if "B>" in flows else "")
    xml = model(
        nodes(plain) + first + body, f"S>A {flows}", BESIDE, variables="word out seen started lost heard"
    )
    if settings:
        xml = xml.replace(b"<extensionElements>", f"<extensionElements>{settings}".encode(), 1)
    return xml


def begin(desk: Desk, xml: bytes, **files: bytes) -> int:
    desk.engine.handle(c.DeployDefinition(actor=None, files={"process.bpmn": xml, **files}))
    return start(desk, "small")


def resolve(desk: Desk, key: int, **more: Any) -> bool:
    [held] = incidents(desk, key)
    command = c.ResolveIncident(actor=administrators(desk)[0], incident_key=held.key, **more)
    return bool(desk.engine.handle(command)["resolved"])


def skip(desk: Desk, key: int, *flows: str) -> None:
    [held] = incidents(desk, key)
    actor = administrators(desk)[0]
    desk.engine.handle(c.SkipIncident(actor=actor, incident_key=held.key, reason=REASON, flows=flows))


def cancel(desk: Desk, key: int) -> None:
    [held] = incidents(desk, key)
    desk.engine.handle(c.CancelIncident(actor=administrators(desk)[0], incident_key=held.key, reason=REASON))


def events(desk: Desk, key: int, kind: str) -> list[Any]:
    with desk.engine.database.reading() as conn:
        query = select(event.c.body).where(event.c.stream == key, event.c.type == kind).order_by(event.c.seq)
        return [parse(body).event for body in conn.execute(query).scalars()]


class Service:
    """A service that fails so many times; it has set a variable and taken a key by then."""

    def __init__(self, failures: int = 1, fault: type[Exception] = RuntimeError) -> None:
        self.failures, self.fault, self.calls = failures, fault, 0

    def __call__(self, of: Any, node: Any) -> dict[str, Any]:
        self.calls += 1
        of.set(out="half")
        of.uow.set_guard("flaky", self.calls)
        if self.calls <= self.failures:
            raise self.fault("no connection")
        return {"ok": True}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    flaky = Service()
    monkeypatch.setitem(SERVICES, "flaky", flaky)  # type: ignore[arg-type]
    return flaky


MESSAGE = '<messageEventDefinition messageRef="M"/>'
TIME = "<timerEventDefinition><timeDate>x</timeDate></timerEventDefinition>"
BY_K = "<shixian:correlation key=\"'k'\"/>"
OWN = 'xmlns:shixian="urn:shixian:bpmn:1"'


def element(tag: str, inner: str, definition: str = "", attributes: str = "", name: str = "X") -> str:
    return f'<{tag} id="{name}" {attributes}>{ext(inner)}{definition}</{tag}>'


def conditional(condition: str) -> str:
    return f"<conditionalEventDefinition><condition>{condition}</condition></conditionalEventDefinition>"


CALL = element("serviceTask", '<shixian:service name="flaky" variable="seen"/>')
PERIOD = '<shixian:setting key="d" value="5" unit="working_day" kind="law" basis="测试"/>'
RUNS = '<shixian:period setting="d" from="started"/>'
TABLE = table([("-", "-", "1"), ("-", "-", "2")])
DECIDED = 'name="heard"/><shixian:variable name="level"/><shixian:variable name="days"'
FAILURES = {
    "assign": (small(element("serviceTask", assign(BAD))), "expression", BAD),
    "throw": (
        small(element("intermediateThrowEvent", f'<shixian:correlation key="{BAD}"/>', MESSAGE)),
        "expression",
        BAD,
    ),
    "correlation": (
        small(element("receiveTask", '<shixian:correlation key="lost"/>', "", 'messageRef="M"')),
        "correlation",
        "lost",
    ),
    "call": (
        small(
            element(
                "callActivity", f'<shixian:input name="w" expression="{BAD}"/>', "", 'calledElement="other"'
            )
        ),
        "expression",
        BAD,
    ),
    "decision": (
        small(element("businessRuleTask", '<shixian:decision id="D" variable="out"/>')).replace(
            b'name="heard"', DECIDED.encode()
        ),
        "decision",
        "D",
    ),
    "limit": (small(element("intermediateCatchEvent", RUNS, TIME), settings=PERIOD), "limit", "started"),
    "skipWhen": (
        small(element("userTask", "", "", f'{OWN} shixian:skipWhen="{BAD}"')),
        "expression",
        BAD,
    ),
    "notice": (
        small(element("serviceTask", f'<shixian:notice to="use.handler" text="x" when="{BAD}"/>')),
        "expression",
        BAD,
    ),
    "condition": (
        small(nodes("exclusiveGateway:X userTask:C"), f"A>X X>B[{BAD}] X>C[True] B>E C>E"),
        "condition",
        BAD,
    ),
    "no way on": (
        small(nodes("exclusiveGateway:X userTask:C"), "A>X X>B[word == 'no'] X>C[word == 'nor'] B>E C>E"),
        "gateway",
        "word == 'no'；word == 'nor'",
    ),
    "inclusive": (
        small(nodes("inclusiveGateway:X userTask:C"), f"A>X X>B[{BAD}] X>C[True] B>E C>E"),
        "condition",
        BAD,
    ),
    "conditional event": (
        small(element("intermediateCatchEvent", "", conditional(BAD))),
        "condition",
        BAD,
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_fails_holds_its_token_and_says_why_and_survives_a_restart(
    database: Where, desk: Desk, name: str
) -> None:
    xml, kind, text = FAILURES[name]
    key = begin(
        desk, xml.replace(b"lane id", b"lane id"), **{"decisions/D.dmn": TABLE} if kind == "decision" else {}
    )

    desk.do(key, "A", {})

    [held] = incidents(desk, key)
    assert (held.element_id, held.kind, held.input["text"]) == ("X", kind, text)
    assert held.cause and held.cause_en and held.next_try_at is None
    if "word" in text:
        assert held.input["variables"] == {"word": "是"}
    assert "UserTaskCompleted" in trail(desk, key), "what the person did is kept"
    assert open_tasks(desk, key) == set() and case(desk, key).ended_at is None
    assert case(desk, key).incidents == 1
    admins = {a.username for a in administrators(desk)}
    assert {who for who, said, _ in told(desk, key) if "异常" in said} == admins

    desk.engine.close()
    desk.engine = open_engine(database, desk.now)
    assert not resolve(desk, key)
    assert [h.tries for h in incidents(desk, key)] == [1]
    assert len([1 for _, said, _ in told(desk, key) if "异常" in said]) == len(admins), "told once"
    cancel(desk, key)
    assert (case(desk, key).state, case(desk, key).incidents) == ("void", 0)
    desk.engine.close()


def test_nothing_is_left_of_the_half_that_succeeded(desk: Desk, engine: Engine, service: Service) -> None:
    throw = f"<shixian:correlation key=\"'k'\"/>{assign('1', 'seen')}{assign(BAD)}"
    body = f'<intermediateThrowEvent id="X">{ext(throw)}<messageEventDefinition messageRef="M"/></intermediateThrowEvent>'
    key = begin(desk, small(body))

    desk.do(key, "A", {})

    assert "seen" not in case(desk, key).variables
    assert "MessageThrown" not in trail(desk, key)
    assert [x.element_id for x in events(desk, key, "ElementReached")] == ["S"]
    with engine.database.reading() as conn:
        assert conn.execute(select(message)).all() == []


def test_other_branches_go_on_and_meet_the_held_one_at_the_join(desk: Desk, service: Service) -> None:
    body = CALL + nodes("parallelGateway:P parallelGateway:J userTask:C")
    key = begin(desk, small(body, "A>P P>X P>C X>J C>J J>B B>E"))
    desk.do(key, "A", {})
    desk.do(key, "C", {})
    assert (open_tasks(desk, key), len(incidents(desk, key))) == (set(), 1)

    assert resolve(desk, key)

    assert open_tasks(desk, key) == {"B"}
    assert case(desk, key).variables["out"] == "half"
    assert [h.state for h in incidents(desk, key, "resolved")] == ["resolved"]


def test_a_service_is_tried_again_by_its_default_policy_and_then_left_to_an_operator(
    desk: Desk, service: Service
) -> None:
    service.failures = 4
    key = begin(desk, small(CALL))
    desk.do(key, "A", {})
    first = desk.now
    assert [h.next_try_at for h in incidents(desk, key)] == [first + timedelta(minutes=5)]
    desk.engine.sweep()
    assert service.calls == 1, "not before its time"

    wait_until(desk, first + timedelta(hours=1))

    [held] = incidents(desk, key)
    assert (service.calls, held.tries, held.next_try_at) == (4, 3, None)
    assert trail(desk, key).count("IncidentTriedAgain") == 3
    assert resolve(desk, key)
    assert open_tasks(desk, key) == {"B"}


def test_a_retry_that_succeeds_closes_the_incident_and_one_more_sweep_does_nothing(
    desk: Desk, service: Service
) -> None:
    policy = '<shixian:retry attempts="2" every="PT90S"/>'
    key = begin(desk, small(CALL.replace("<extensionElements>", f"<extensionElements>{policy}")))
    desk.do(key, "A", {})
    [held] = incidents(desk, key)
    again = c.RetryIncident(actor=None, incident_key=held.key, id=f"retry:{held.key}:0")

    wait_until(desk, desk.now + timedelta(seconds=90))

    assert open_tasks(desk, key) == {"B"}
    assert desk.engine.handle(again) == {"tried": True, "resolved": True}, "another node finds the answer"
    assert (service.calls, desk.engine.sweep()) == (2, 0)


@pytest.mark.parametrize(
    "attributes", ['attempts="x" every="PT5M"', 'attempts="1" every="5"', 'attempts="1"']
)
def test_a_policy_that_cannot_be_read_is_refused(desk: Desk, attributes: str) -> None:
    with pytest.raises(InvalidDefinition, match="X：shixian:retry"):
        begin(desk, small(element("serviceTask", f"<shixian:retry {attributes}/>")))


@pytest.mark.parametrize("fault", [InvalidInput, NotAllowed])
def test_what_concerns_the_persons_own_input_refuses_the_command(
    desk: Desk, service: Service, fault: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(of: Any, node: Any) -> dict[str, Any]:
        raise fault("填报有误。", "Expected something else.")

    monkeypatch.setitem(SERVICES, "flaky", refuse)  # type: ignore[arg-type]
    key = begin(desk, small(CALL))
    before = trail(desk, key)

    with pytest.raises(fault):
        desk.do(key, "A", {})

    assert (trail(desk, key), open_tasks(desk, key)) == (before, {"A"})


def test_a_task_that_was_handed_in_is_kept_and_its_work_done_later_in_its_authors_name(desk: Desk) -> None:
    signing = assign("actor_name()", "seen") + assign("lost + 'x' + out")
    body = element("userTask", signing)
    key = begin(desk, small(body).replace(WORD.encode(), (WORD + assign("1")).encode()))
    desk.do(key, "A", {})
    handler = desk.actor(case(desk, key).using_key, "handler")
    desk.do(key, "X", {})
    assert [h.step for h in incidents(desk, key)] == []
    assert open_tasks(desk, key) == {"B"}

    key = begin(desk, small(element("userTask", assign("actor_name()", "seen") + assign(BAD))))
    desk.do(key, "A", {})
    desk.do(key, "X", {})
    [held] = incidents(desk, key)
    assert (held.step, held.acting_key, open_tasks(desk, key)) == ("completion", handler.user_key, set())
    assert "seen" not in case(desk, key).variables

    assert resolve(desk, key, corrections={"word": 1}, reason=REASON)

    assert case(desk, key).variables["seen"] == handler.name, "not the operator's"
    assert (case(desk, key).variables["out"], open_tasks(desk, key)) == (2, {"B"})
    [corrected] = events(desk, key, "IncidentVariablesCorrected")
    assert (corrected.before, corrected.after, corrected.reason) == ({"word": "是"}, {"word": 1}, REASON)


def test_what_a_limit_rests_on_and_what_a_person_stated_is_never_corrected(desk: Desk) -> None:
    key = begin(desk, FAILURES["limit"][0])
    desk.do(key, "A", {})

    for name in ("started", "using_dept", "title", "unheard"):
        with pytest.raises(InvalidInput, match="不得更正"):
            resolve(desk, key, corrections={name: "2026-06-01"}, reason=REASON)
    with pytest.raises(InvalidInput, match="请填写理由"):
        resolve(desk, key, corrections={"word": "x"})


@pytest.mark.parametrize(
    ("gateway", "flows"), [("exclusiveGateway", ("X_C",)), ("inclusiveGateway", ("X_B", "X_C"))]
)
def test_at_a_gateway_an_operator_names_the_way_on(desk: Desk, gateway: str, flows: tuple[str, ...]) -> None:
    key = begin(desk, small(nodes(f"{gateway}:X userTask:C"), f"A>X X>B[{BAD}] X>C[True] B>E C>E"))
    desk.do(key, "A", {})
    for wrong in ((), ("X_E",), ("X_B", "X_C")) if gateway.startswith("ex") else ((), ("A_X",)):
        with pytest.raises(InvalidInput, match="X_B、X_C"):
            skip(desk, key, *wrong)

    skip(desk, key, *flows)

    assert open_tasks(desk, key) == {name[-1] for name in flows}
    [done] = events(desk, key, "IncidentSkipped")
    assert (done.reason, done.flows) == (REASON, list(flows))


@pytest.mark.parametrize(
    "name", ["assign", "throw", "correlation", "call", "notice", "conditional event", "decision"]
)
def test_an_element_is_left_without_its_work(desk: Desk, name: str) -> None:
    xml, kind, _ = FAILURES[name]
    key = begin(desk, xml, **{"decisions/D.dmn": TABLE} if kind == "decision" else {})
    desk.do(key, "A", {})

    skip(desk, key)

    assert open_tasks(desk, key) == {"B"}
    assert "out" not in case(desk, key).variables
    assert [x.element_id for x in events(desk, key, "ElementReached") if x.skipped] == ["X"]
    desk.do(key, "B", {})
    assert case(desk, key).ended_at is not None


LAWFUL = {
    "limit": (FAILURES["limit"][0], "法定期限"),
    "opening": (FAILURES["skipWhen"][0], "承办部门"),
    "delivery": (
        small(element("intermediateThrowEvent", assign(BAD) + '<shixian:delivery from="use" to="prov"/>')),
        "送达",
    ),
    "document": (
        small(
            element(
                "serviceTask",
                assign(BAD) + '<shixian:document template="T" title="样例" series="样" by="use"/>',
            )
        ),
        "文书",
    ),
    "result": (
        small(element("endEvent", assign(BAD), "", f'{OWN} shixian:result="granted"'), "A>P P>X P>E").replace(
            b'<endEvent id="E"/>', b'<endEvent id="E"/><parallelGateway id="P"/>'
        ),
        "办理结果",
    ),
    "start of a limit": (
        small(
            element("serviceTask", assign(BAD) + assign("now()", "started"))
            + element("boundaryEvent", RUNS, TIME, 'attachedToRef="B"', "T"),
            "A>X X>B B>E T>E",
            settings=PERIOD,
        ),
        "起算事实",
    ),
}


@pytest.mark.parametrize("name", LAWFUL)
def test_what_has_legal_effect_is_not_skipped(desk: Desk, name: str) -> None:
    xml, why = LAWFUL[name]
    key = begin(desk, xml, **{"documents/T.html": b"<p>x</p>"} if name == "document" else {})
    desk.do(key, "A", {})

    with pytest.raises(NotSkippable, match=why):
        skip(desk, key)

    assert len(incidents(desk, key)) == 1


def test_an_incident_ends_with_the_scope_that_is_interrupted(desk: Desk, service: Service) -> None:
    service.failures = 99
    inner = CALL + nodes("startEvent:S1 userTask:C parallelGateway:P endEvent:E1 endEvent:E2")
    boundary = element("boundaryEvent", BY_K, MESSAGE, 'attachedToRef="Sub"', "Stop")
    body = f'<subProcess id="Sub">{inner}{flow("S1>P P>X P>C X>E1 C>E2")}</subProcess>{boundary}'
    key = begin(desk, small(body, "A>Sub Sub>B Stop>B B>E"))
    desk.do(key, "A", {})
    [held] = incidents(desk, key)
    say = element("intermediateThrowEvent", BY_K, MESSAGE, "", "Say")
    deploy(desk.engine, model(nodes("startEvent:S endEvent:E") + say, "S>Say Say>E", BESIDE, "thrower"))
    start(desk, "thrower")

    desk.engine.sweep()

    assert open_tasks(desk, key) == {"B"}
    [closed] = events(desk, key, "IncidentClosed")
    assert (closed.incident_key, closed.reason, case(desk, key).incidents) == (held.key, "interrupted", 0)
    wait_until(desk, desk.now + timedelta(days=1))
    assert service.calls == 1, "nobody tries again what nobody waits for"


def test_an_interrupting_event_whose_own_work_fails_has_interrupted_all_the_same(
    desk: Desk, service: Service
) -> None:
    does = RUNS.replace("/>", ' onExpiry="move"/>') + '<shixian:service name="flaky"/>'
    boundary = element("boundaryEvent", does, TIME, 'attachedToRef="B"')
    xml = small(boundary + nodes("userTask:C"), "A>B B>E X>C C>E", settings=PERIOD)
    key = begin(desk, xml.replace(WORD.encode(), (WORD + assign("now()", "started")).encode()))
    desk.do(key, "A", {})
    with desk.engine.database.reading() as conn:
        due = conn.execute(
            select(timer.c.fires_at).where(timer.c.instance_key == key, timer.c.kind == "expiry")
        ).scalar_one()

    wait_until(desk, due)

    assert open_tasks(desk, key) == set(), "after the limit the task is nobody's any more"
    [expired] = events(desk, key, "DeadlineExpired")
    assert expired is not None and len(incidents(desk, key)) == 1
    assert resolve(desk, key)
    assert open_tasks(desk, key) == {"C"}
    assert len(events(desk, key, "DeadlineExpired")) == 1
    assert [x.state for x in events(desk, key, "DeadlineEnded")] == ["expired"]


def test_how_a_limit_ended_is_made_good_as_of_the_day_its_duty_was_done(desk: Desk) -> None:
    period = RUNS.replace("/>", f' metWhen="{BAD} == 2" onExpiry="overdue" supervisor="mgr.handler"/>')
    boundary = element("boundaryEvent", period, TIME, 'attachedToRef="B" cancelActivity="false"')
    xml = small(boundary + nodes("endEvent:F"), "A>B B>E X>F", settings=PERIOD)
    key = begin(desk, xml.replace(WORD.encode(), (WORD + assign("now()", "started")).encode()))
    desk.do(key, "A", {})
    done_at = desk.now
    desk.do(key, "B", {})
    assert case(desk, key).ended_at is None, "a case does not end before its limit has"
    wait_until(desk, desk.now + timedelta(days=30))

    assert resolve(desk, key, corrections={"word": 1}, reason=REASON)

    [ended] = events(desk, key, "DeadlineEnded")
    assert (ended.state, ended.late_wd) == ("met", 0)
    with desk.engine.database.reading() as conn:
        body = conn.execute(
            select(event.c.body).where(event.c.stream == key, event.c.type == "DeadlineEnded")
        ).scalar_one()
    assert parse(body).occurred_at == done_at
    assert case(desk, key).ended_at is not None


def test_a_loop_without_end_is_an_incident_and_its_rounds_did_not_happen(desk: Desk) -> None:
    """Each round sets a variable, so only running it shows that the condition to leave never holds."""
    gateways = nodes("exclusiveGateway:M exclusiveGateway:Y").replace('id="Y"', 'id="Y" default="Y_M"')
    body = gateways + element("serviceTask", assign("word"))
    key = begin(desk, small(body, "A>M M>X X>Y Y>M Y>B[word == 'no'] B>E"))

    desk.do(key, "A", {})

    [held] = incidents(desk, key)
    assert (held.kind, held.element_id) == ("loop", "Y")
    assert len(trail(desk, key)) < 60
    assert not resolve(desk, key)
    assert [h.tries for h in incidents(desk, key)] == [1]
    skip(desk, key, "Y_B")
    assert open_tasks(desk, key) == {"B"}


def test_two_operators_at_once_and_the_second_is_told_who_was_first(desk: Desk, engine: Engine) -> None:
    first, second = administrators(desk)
    for other in (c.SkipIncident, c.CancelIncident):
        key = begin(desk, FAILURES["assign"][0])
        desk.do(key, "A", {})
        [held] = incidents(desk, key)
        one = c.SkipIncident(actor=first, incident_key=held.key, reason=REASON)
        two = other(actor=second, incident_key=held.key, reason=REASON)

        outcomes = race(lambda one=one: engine.handle(one), lambda two=two: engine.handle(two))

        assert sorted(outcomes) == ["conflict", "done"]
        winner = (first, second)[outcomes.index("done")]
        with pytest.raises(Conflict, match=f"已由{winner.name}处理"):
            engine.handle(c.ResolveIncident(actor=first, incident_key=held.key))
        whole(engine, key)


def test_of_two_who_try_again_the_second_is_told_that_it_was_tried(desk: Desk) -> None:
    first, second = administrators(desk)
    key = begin(desk, FAILURES["assign"][0])
    desk.do(key, "A", {})
    [held] = incidents(desk, key)
    desk.engine.handle(c.ResolveIncident(actor=first, incident_key=held.key, seen=0))

    with pytest.raises(Conflict, match=f"已由{first.name}重试"):
        desk.engine.handle(c.ResolveIncident(actor=second, incident_key=held.key, seen=0))


def test_only_an_administrator_may(desk: Desk) -> None:
    key = begin(desk, FAILURES["assign"][0])
    desk.do(key, "A", {})
    [held] = incidents(desk, key)
    handler = desk.actor(case(desk, key).using_key, "handler")

    for command in (
        c.ResolveIncident(actor=handler, incident_key=held.key),
        c.SkipIncident(actor=handler, incident_key=held.key, reason=REASON),
        c.CancelIncident(actor=handler, incident_key=held.key, reason=REASON),
        c.CancelIncident(actor=None, incident_key=held.key, reason=REASON),
    ):
        with pytest.raises(NotAllowed):
            desk.engine.handle(command)
    with pytest.raises(InvalidInput, match="请填写理由"):
        desk.engine.handle(
            c.CancelIncident(actor=administrators(desk)[0], incident_key=held.key, reason="无")
        )


@pytest.mark.parametrize("act", [resolve, skip, cancel])
def test_replay_rebuilds_incidents(desk: Desk, service: Service, act: Callable[[Desk, int], Any]) -> None:
    service.failures = 2
    key = begin(desk, small(CALL))
    desk.do(key, "A", {})
    resolve(desk, key)
    act(desk, key)

    with desk.engine.database.writing() as conn:
        before = tables(conn)
        rebuild(conn)
        assert tables(conn) == before


def test_the_input_is_bounded(desk: Desk) -> None:
    long = assign("'" + "长" * 900 + "'", "word")
    key = begin(desk, FAILURES["assign"][0].replace(WORD.encode(), long.encode()))
    desk.do(key, "A", {})

    [held] = incidents(desk, key)
    assert len(orjson.dumps(held.input)) < 8000


def test_a_mended_version_of_the_model_is_tried_with_before_receipt(desk: Desk) -> None:
    declared = b'name="heard"/><shixian:variable name="received_at"'
    broken, mended = (
        small(element("serviceTask", assign(text))).replace(b'name="heard"', declared)
        for text in (BAD, "word")
    )
    key = begin(desk, broken)
    desk.do(key, "A", {})
    deploy(desk.engine, mended)

    assert resolve(desk, key)

    assert "InstanceRebound" in trail(desk, key)
    assert (case(desk, key).variables["out"], open_tasks(desk, key)) == ("是", {"B"})


def test_a_called_case_that_cannot_answer_is_not_over_and_its_caller_is_told_when_it_is_cancelled(
    desk: Desk,
) -> None:
    answer = '<shixian:output variable="heard" expression="title + 1"/>'
    call = element("callActivity", answer, "", 'calledElement="called"')
    deploy(desk.engine, called())
    key = begin(desk, small(call))
    desk.do(key, "A", {})
    desk.engine.sweep()
    child = child_of(desk)
    desk.do(child, "Work", {})

    [held] = incidents(desk, child)
    assert (held.step, held.kind, case(desk, child).ended_at) == ("finish", "expression", None)
    with pytest.raises(NotSkippable, match="办结不能省略"):
        skip(desk, child)
    cancel(desk, child)
    desk.engine.sweep()

    assert case(desk, child).state == "void"
    assert (case(desk, key).variables["heard"], open_tasks(desk, key)) == (None, {"B"})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT5M", 300), ("P1DT2H", 93600), ("PT90S", 90), ("P0D", 0), ("P", 0), ("PT", 0), ("5", 0), ("P1M", 0)],
)
def test_durations(text: str, seconds: int) -> None:
    found = duration(text)

    assert (found.total_seconds() if found else 0) == seconds


def test_a_limit_of_an_earlier_visit_is_tried_again_while_a_later_one_runs(desk: Desk) -> None:
    now = f'<serviceTask id="Now">{ext(assign("now()", "started"))}</serviceTask>'
    inside = nodes("startEvent:PS userTask:U endEvent:PE") + flow("PS>U U>PE")
    policy = '<shixian:retry attempts="2" every="PT1M"/>'
    limit = f'<shixian:period setting="d" from="started" metWhen="{BAD}"/>'
    timer_xml = (
        '<boundaryEvent id="T" name="限" attachedToRef="P" cancelActivity="false">'
        f"{ext(policy + limit)}<timerEventDefinition><timeDate>x</timeDate></timerEventDefinition></boundaryEvent>"
    )
    body = now + f'<subProcess id="P">{inside}</subProcess>' + timer_xml
    body += '<exclusiveGateway id="G" default="G_Now"/>' + nodes("endEvent:TE")
    flows = "A>Now Now>P P>B B>G G>Now G>E[word == 'x'] T>TE"
    key = begin(desk, small(body, flows, settings=PERIOD))
    for act in ("A", "U", "B"):  # U is open again, and so is its limit
        desk.do(key, act, {})
    wait_until(desk, desk.now + timedelta(minutes=5))

    [held] = incidents(desk, key)
    assert (held.step, held.tries, held.next_try_at) == ("limit", 2, None)
    assert open_tasks(desk, key) == {"U"}
    assert desk.engine.sweep() == 0
