"""What a case waits for goes over with it: messages, signals, calls, event sub-processes, rounds of approval."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk, begin, fill
from engine.handlers.migration_obstacles import MigrationObstructed
from engine.storage import tables as t
from tests.conftest import at_once, beijing
from tests.processes.office import case, limits, open_tasks, task, trail, wait_until
from tests.processes.small_models import flow, model, nodes
from tests.processes.test_messages import BESIDE, BY_K, KEY, OUT, start, states, thrower
from tests.processes.test_messages import deploy as deploy_xml
from tests.processes.test_migration import consent, head, proposal, propose, rebuilt, version
from tests.processes.test_succession import heir, merge
from tests.processes.test_version_states import CALLEE, begun, key_of
from tests.processes.test_versions import TEN_DAYS, publish


def deploy(desk: Desk, xml: bytes, process_id: str, forms: dict[str, bytes] | None = None) -> int:
    files = {"process.bpmn": xml, **(forms or {})}
    return int(desk.engine.handle(c.DeployDefinition(actor=None, files=files))["definition_key"])


def moved(desk: Desk, key: int, target: int, **names: str) -> dict[str, Any]:
    return consent(desk, key, propose(desk, key, target, **names))


def say(desk: Desk, correlation: str = "'k'") -> None:
    deploy_xml(desk.engine, thrower(correlation))
    desk.do(start(desk, "thrower"), "A", {})
    desk.engine.sweep()


def waiting(name: str = "Wait", key: str = "'k'", on: str = "A", extra: str = "") -> bytes:
    event = (
        f'<boundaryEvent id="{name}" attachedToRef="{on}" cancelActivity="false">{KEY.format(key, OUT)}'
        '<messageEventDefinition messageRef="M"/></boundaryEvent>'
    )
    body = (
        nodes("startEvent:S userTask:Then endEvent:E endEvent:X") + f'<userTask id="{on}"/>' + event + extra
    )
    return model(body, f"S>{on} {on}>E {name}>Then Then>X", BESIDE, "waits", "heard")


def subscriptions(desk: Desk, key: int) -> set[tuple[str, str, str]]:
    with desk.engine.database.reading() as conn:
        s = t.subscription.c
        rows = conn.execute(select(s.element_id, s.name, s.correlation).where(s.instance_key == key))
        return {tuple(row) for row in rows}


def test_a_message_is_taken_by_the_event_under_its_new_name(desk: Desk) -> None:
    deploy(desk, waiting(), "waits")
    key = start(desk, "waits")
    say(desk)
    assert open_tasks(desk, key) == {"A", "Then"}

    moved(desk, key, deploy(desk, waiting("Hear", on="B"), "waits"), A="B", Wait="Hear")
    assert subscriptions(desk, key) == {("Hear", "news", "k")}
    desk.do(start(desk, "thrower"), "A", {})
    desk.engine.sweep()

    assert case(desk, key).variables["heard"] == "hello"
    assert trail(desk, key).count("MessageReceived") == 2
    rebuilt(desk)
    desk.do(key, "B", {})


def test_an_event_waits_by_the_key_of_the_new_version(desk: Desk) -> None:
    deploy(desk, waiting(), "waits")
    key = start(desk, "waits")
    migration = propose(desk, key, deploy(desk, waiting(key="'other'"), "waits"))
    [line] = proposal(desk, migration).preview["events"]
    assert (line["element_id"], line["to_element_id"]) == ("Wait", "Wait")

    consent(desk, key, migration)
    say(desk)
    assert open_tasks(desk, key) == {"A"}
    say(desk, "'other'")

    assert open_tasks(desk, key) == {"A", "Then"}
    rebuilt(desk)


def test_what_the_target_no_longer_waits_for_is_not_taken(desk: Desk) -> None:
    deploy(desk, waiting(), "waits")
    key = start(desk, "waits")
    plain = model(nodes("startEvent:S userTask:A endEvent:E"), "S>A A>E", BESIDE, "waits", "heard")
    moved(desk, key, deploy(desk, plain, "waits"))
    assert subscriptions(desk, key) == set()
    say(desk)

    assert states(desk) == ["waiting"]
    desk.do(key, "A", {})
    assert case(desk, key).state == "closed"


def event_scope(name: str) -> str:
    start_event = (
        f'<startEvent id="{name}_S" isInterrupting="false">{BY_K}'
        '<messageEventDefinition messageRef="M"/></startEvent>'
    )
    inner = (
        start_event + f'<userTask id="{name}_T" shixian:role="use.handler"/>' + nodes(f"endEvent:{name}_E")
    )
    return f'<subProcess id="{name}" triggeredByEvent="true">{inner}{flow(f"{name}_S>{name}_T {name}_T>{name}_E")}</subProcess>'


def scoped(*names: str) -> bytes:
    body = nodes("startEvent:S userTask:A endEvent:E") + "".join(map(event_scope, names))
    return model(body, "S>A A>E", BESIDE, "scoped", "heard")


@pytest.mark.parametrize(
    ("before", "after", "names", "heard"),
    [
        pytest.param((), ("W",), {}, {"A", "W_T"}, id="new"),
        pytest.param(("W",), ("V",), {"W": "V", "W_S": "V_S", "W_T": "V_T", "W_E": "V_E"}, {"A", "V_T"}, id="renamed"),
        pytest.param(("W",), (), {}, {"A"}, id="gone"),
        pytest.param(("W",), ("W",), {"A": "A"}, {"A", "W_T"}, id="the same"),
    ],
)  # fmt: skip
def test_an_event_sub_process_is_started_as_the_target_has_it(
    desk: Desk, before: tuple[str, ...], after: tuple[str, ...], names: dict[str, str], heard: set[str]
) -> None:
    deploy(desk, scoped(*before), "scoped")
    key = start(desk, "scoped")
    target = deploy(desk, scoped(*after).replace("小流程".encode(), "新流程".encode()), "scoped")
    moved(desk, key, target, **names)
    say(desk)

    assert open_tasks(desk, key) == heard
    rebuilt(desk)
    for element_id in sorted(heard):
        desk.do(key, element_id, {})
    assert case(desk, key).state == "closed"


def caller(name: str = "Call") -> bytes:
    body = (
        nodes("startEvent:S userTask:Then endEvent:E") + f'<callActivity id="{name}" calledElement="callee"/>'
    )
    return model(body, f"S>{name} {name}>Then Then>E", "", "caller")


def test_a_called_case_answers_its_caller_under_the_new_version(desk: Desk) -> None:
    deploy(desk, CALLEE, "callee")
    deploy(desk, caller(), "caller")
    key = start(desk, "caller")
    desk.engine.sweep()
    moved(desk, key, deploy(desk, caller("Ring"), "caller"), Call="Ring")
    [called] = begun(desk, "callee")
    desk.do(called, "Do", {})
    desk.engine.sweep()

    assert open_tasks(desk, key) == {"Then"}
    rebuilt(desk)


SIGNAL = model(
    nodes("startEvent:S userTask:Then endEvent:E")
    + '<intermediateCatchEvent id="Wait"><signalEventDefinition signalRef="G"/></intermediateCatchEvent>',
    "S>Wait Wait>Then Then>E",
    BESIDE,
    "hears",
)
ALARM = model(
    nodes("startEvent:S userTask:A endEvent:E")
    + '<intermediateThrowEvent id="Cry"><signalEventDefinition signalRef="{}"/></intermediateThrowEvent>',
    "S>A A>Cry Cry>E",
    BESIDE.replace("<signal", '<signal id="H" name="other"/><signal'),
    "cries",
)


def test_a_case_hears_the_signal_of_its_new_version(desk: Desk) -> None:
    beside = BESIDE.replace("<signal", '<signal id="H" name="other"/><signal')
    deploy(desk, SIGNAL.replace(BESIDE.encode(), beside.encode()), "hears")
    key = start(desk, "hears")
    other = SIGNAL.replace(BESIDE.encode(), beside.encode()).replace(b'signalRef="G"', b'signalRef="H"')
    moved(desk, key, deploy(desk, other, "hears"))
    for ref, heard in (("G", set()), ("H", {"Then"})):
        deploy(desk, ALARM.replace(b'signalRef="{}"', f'signalRef="{ref}"'.encode()), "cries")
        desk.do(start(desk, "cries"), "A", {})
        desk.engine.sweep()
        assert open_tasks(desk, key) == heard


def round_of(name: str = "A", kind: str = "all", role: str = "use.handler") -> bytes:
    several = f'<shixian:approval kind="{kind}" result="round"/>'
    body = nodes("startEvent:S userTask:First userTask:Then endEvent:E") + (
        f'<userTask id="{name}" shixian:role="{role}"><extensionElements>{several}</extensionElements></userTask>'
    )
    return model(body, f"S>First First>{name} {name}>Then Then>E", "", "several", "round")


def test_a_round_of_approval_goes_on_with_the_votes_it_has(desk: Desk) -> None:
    deploy(desk, round_of(), "several")
    key = start(desk, "several")
    using = case(desk, key).using_key
    with desk.engine.database.reading() as conn:
        code = conn.execute(select(t.organisation.c.code).where(t.organisation.c.key == using)).scalar_one()
    desk.engine.handle(
        c.RegisterUser(
            actor=None,
            username="second",
            name="钱示例",
            org_code=code,
            roles=("handler",),
            password="Shixian-2026",
        )
    )
    desk.do(key, "First", {})
    first, second = _rounds(desk, key)
    _vote(desk, first)
    moved(desk, key, deploy(desk, round_of("B"), "several"), A="B")
    assert open_tasks(desk, key) == {"B"}
    _vote(desk, second)

    assert open_tasks(desk, key) == {"Then"}
    assert case(desk, key).variables["round"]["agreed"] == 2
    rebuilt(desk)


def _rounds(desk: Desk, key: int) -> list[Any]:
    with desk.engine.database.reading() as conn:
        mine = (t.user_task.c.instance_key == key, t.user_task.c.state == "open")
        return list(conn.execute(select(t.user_task).where(*mine).order_by(t.user_task.c.key)))


def _vote(desk: Desk, row: Any) -> None:
    first = desk.actor(row.organisation_key, "handler")
    actor = (
        first
        if first.user_key == row.assignee
        else desk.actor(row.organisation_key, "handler", first.user_key)
    )
    desk.engine.handle(c.CompleteTask(actor=actor, task_key=row.key, values={}))


@pytest.mark.parametrize(
    ("target", "told_so"),
    [
        pytest.param(round_of(kind="first"), "另一种元素", id="another rule"),
        pytest.param(round_of(role="prov.handler"), "多人办理正在进行", id="another lane"),
    ],
)
def test_a_round_that_has_begun_keeps_its_rule_and_its_people(
    desk: Desk, target: bytes, told_so: str
) -> None:
    deploy(desk, round_of(), "several")
    key = start(desk, "several")
    desk.do(key, "First", {})

    with pytest.raises(MigrationObstructed, match=told_so):
        propose(desk, key, deploy(desk, target, "several"))


# Parties


def test_before_receipt_only_the_applicant_is_asked(desk: Desk) -> None:
    """The version was kept since an element is missing; a mapping lets the draft follow, and nobody else knows of it."""
    key = begin(desk, 1)
    fill(desk, key, 1)
    publish(desk, TEN_DAYS, ("T12-02", "T12-02X"))
    migration = propose(desk, key, key_of(desk, 2), **{"T12-02": "T12-02X"})
    with desk.engine.database.reading() as conn:
        asked = set(conn.execute(select(t.migration_consent.c.organisation_key)).scalars())
    assert asked == {case(desk, key).using_key}

    assert consent(desk, key, migration, "using")["state"] == "done"
    desk.do(key, "T12-02X", {"decision": "agree"})

    assert (version(desk, key), str(limits(desk, key, "TM12-1")[-1].due_on)) == (2, "2026-06-23")
    rebuilt(desk)


def test_when_a_party_was_succeeded_the_proposal_lapses_and_the_successor_is_asked_anew(desk: Desk) -> None:
    deploy(desk, waiting(), "waits")
    key = start(desk, "waits")
    target = deploy(desk, waiting(key="'other'"), "waits")
    migration = propose(desk, key, target)
    merge(desk, case(desk, key).providing_key, heir(desk, key))

    answer = consent(desk, key, migration, "providing")
    assert (answer["state"], answer["reasons"]) == ("lapsed", ["当事部门已经变更"])
    assert moved(desk, key, target)["state"] == "done"


def test_who_is_head_of_both_parties_answers_for_both(desk: Desk) -> None:
    deploy(desk, waiting(), "waits")
    key = start(desk, "waits")
    migration = propose(desk, key, deploy(desk, waiting(key="'other'"), "waits"))
    one = head(desk, key, "using")
    both = replace(one, roles=one.roles | {(case(desk, key).providing_key, "head")})
    command = c.ConsentToMigration(actor=both, instance_key=key, migration_key=migration)

    assert desk.engine.handle(command)["state"] == "done"
    assert trail(desk, key).count("MigrationConsented") == 2


def test_who_drafted_under_the_old_name_may_not_sign_under_the_new_one(desk: Desk) -> None:
    """R12-21, four eyes: separateFrom names the element, so the completed task goes under its new id."""
    from engine.demo.answers import reply
    from engine.demo.cases import deliver
    from engine.errors import NotAllowed
    from engine.periods import beijing_day

    key = int(at_once(deliver(desk, 1)))
    desk.do(key, "T12-04", {"check_result": "accept"})
    desk.do(key, "T12-07", reply(desk.variables(key)["application"], beijing_day(desk.now), "agree"))
    publish(desk, ("T12-07", "T12-07A"))
    moved(desk, key, key_of(desk, 2), **{"T12-07": "T12-07A"})
    signing = task(desk, key, "T12-08")
    author = desk.actor(signing.organisation_key, "handler")
    as_head = replace(author, roles=author.roles | {(signing.organisation_key, "head")})

    with pytest.raises(NotAllowed):
        desk.engine.handle(c.CompleteTask(actor=as_head, task_key=signing.key, values={"decision": "sign"}))
    desk.do(key, "T12-08", {"decision": "sign"})


def test_the_whole_application_goes_on_to_its_end_after_a_migration(desk: Desk) -> None:
    from engine.demo.answers import reply
    from engine.demo.cases import deliver, provide
    from engine.periods import beijing_day

    key = int(at_once(deliver(desk, 1)))
    publish(desk, TEN_DAYS, ("T12-07", "T12-07A"), ('"S12"', '"S12X"'), (">S12<", ">S12X<"))
    moved(desk, key, key_of(desk, 2), **{"T12-07": "T12-07A", "S12": "S12X"})
    wait_until(desk, beijing("2026-06-16T09:00"))
    assert not case(desk, key).overdue
    desk.do(key, "T12-04", {"check_result": "accept"})
    desk.do(key, "T12-07A", reply(desk.variables(key)["application"], beijing_day(desk.now), "agree"))
    desk.do(key, "T12-08", {"decision": "sign"})
    provide(desk, key)
    desk.do(key, "T12-10", {"ok": "usable"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "granted")
    assert limits(desk, key, "TM12-1")[-1].state == "met"
    rebuilt(desk)


def test_who_drafted_is_not_forgotten_for_want_of_a_mapping(desk: Desk) -> None:
    """No token stands there any more, but the target keeps the author from signing and must know who it was."""
    from engine.demo.answers import reply
    from engine.demo.cases import deliver
    from engine.periods import beijing_day

    key = int(at_once(deliver(desk, 1)))
    desk.do(key, "T12-04", {"check_result": "accept"})
    desk.do(key, "T12-07", reply(desk.variables(key)["application"], beijing_day(desk.now), "agree"))
    publish(desk, ("T12-07", "T12-07A"))

    with pytest.raises(MigrationObstructed, match=r"（T12-07）已经办理.*（T12-07A）的办理人.*须回避"):
        propose(desk, key, key_of(desk, 2))
