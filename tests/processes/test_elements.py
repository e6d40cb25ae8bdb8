"""A test per row of the table of elements: the supported ones run, the refused ones are refused with the reason."""

from pathlib import Path

import pytest

from engine.elements import ELEMENTS, readme_table
from engine.errors import InvalidDefinition
from engine.runner import compile_process
from tests.processes.small_models import Play, flow, model, nodes

SEQUENCE = "S>A A>E"
BESIDE = (
    '<message id="M" name="m"/><signal id="G" name="g"/><error id="R" name="r" errorCode="r1"/>'
    '<escalation id="C" name="c" escalationCode="c1"/>'
)
DEFINITIONS = {
    "message": '<messageEventDefinition messageRef="M"/>',
    "signal": '<signalEventDefinition signalRef="G"/>',
    "error": '<errorEventDefinition errorRef="R"/>',
    "escalation": '<escalationEventDefinition escalationRef="C"/>',
    "conditional": "<conditionalEventDefinition><condition>ripe</condition></conditionalEventDefinition>",
    "timer": "<timerEventDefinition/>",
    "terminate": "<terminateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
    "compensate": "<compensateEventDefinition/>",
    "link": '<linkEventDefinition name="l"/>',
}


def event(tag: str, kind: str, attributes: str = "", name: str = "A") -> str:
    return f'<{tag} id="{name}" {attributes}>{DEFINITIONS[kind]}</{tag}>'


def alone(element: str) -> bytes:
    """S → the element → E."""
    return model(nodes("startEvent:S endEvent:E") + element, SEQUENCE, BESIDE)


def at_boundary(kind: str, interrupting: bool = True, task: str = "userTask:A") -> bytes:
    caught = event(
        "boundaryEvent", kind, f'attachedToRef="A" cancelActivity="{str(interrupting).lower()}"', "Caught"
    )
    return model(nodes(f"startEvent:S {task} endEvent:E endEvent:F") + caught, f"{SEQUENCE} Caught>F", BESIDE)


def in_scope(end: str, boundary: str = "", tag: str = "subProcess", outer: str = "") -> bytes:
    inner = nodes("startEvent:S1 parallelGateway:P userTask:B userTask:T") + end + nodes("endEvent:E1")
    scope = f'<{tag} id="A">{inner}{flow("S1>P P>B P>T B>Over T>E1")}</{tag}>'
    caught = f'<boundaryEvent id="Caught" attachedToRef="A" {boundary}</boundaryEvent>' if boundary else ""
    flows = f"{SEQUENCE} Caught>F" if boundary else SEQUENCE
    return model(nodes("startEvent:S endEvent:E endEvent:F") + scope + caught + outer, flows, BESIDE)


def with_event_scope(kind: str, interrupting: bool) -> bytes:
    start = event("startEvent", kind, f'isInterrupting="{str(interrupting).lower()}"', "Came")
    beside = f'<subProcess id="Beside" triggeredByEvent="true">{start}{nodes("userTask:B endEvent:E1")}{flow("Came>B B>E1")}</subProcess>'
    thrower = event("intermediateThrowEvent", "escalation", name="Say") if kind == "escalation" else ""
    if kind == "error":
        return model(
            nodes("startEvent:S userTask:A") + event("endEvent", "error", name="E") + beside, SEQUENCE, BESIDE
        )
    flows = "S>A A>Say Say>T T>E" if thrower else "S>A A>T T>E"
    return model(nodes("startEvent:S userTask:A userTask:T endEvent:E") + thrower + beside, flows, BESIDE)


def nested(
    kind: str,
    interrupting: bool,
    inner: str = "userTask:A endEvent:E1",
    more: str = "",
    tag: str = "subProcess",
) -> bytes:
    """S → Scope { S1 → A → E1; beside: Came → B → E2 } → T → E; Caught → F on the scope."""
    start = event("startEvent", kind, f'isInterrupting="{str(interrupting).lower()}"', "Came")
    beside = f'<subProcess id="Beside" triggeredByEvent="true">{start}{nodes("userTask:B endEvent:E2")}{flow("Came>B B>E2")}</subProcess>'
    content = nodes(f"startEvent:S1 {inner}") + more + flow("S1>A A>E1") + beside
    scope = f'<{tag} id="Scope">{content}</{tag}>'
    caught = event("boundaryEvent", "signal", 'attachedToRef="Scope"', "Caught")
    body = nodes("startEvent:S userTask:T endEvent:E endEvent:F") + scope + caught
    return model(body, "S>Scope Scope>T T>E Caught>F", BESIDE)


def ad_hoc(
    condition: str = "ripe", inner: str = "userTask:X userTask:Y userTask:Z", attributes: str = ""
) -> bytes:
    ends = f"<completionCondition>{condition}</completionCondition>" if condition else ""
    return alone(f'<adHocSubProcess id="A" {attributes}>{nodes(inner)}{ends}</adHocSubProcess>')


def link() -> bytes:
    body = nodes("startEvent:S userTask:A endEvent:E") + event("intermediateThrowEvent", "link", name="Out")
    return model(body + event("intermediateCatchEvent", "link", name="In"), "S>Out In>A A>E", BESIDE)


def parallel(kind: str) -> bytes:
    body = nodes(f"startEvent:S {kind}:P userTask:A userTask:B {kind}:J endEvent:E")
    return model(
        body, "S>P P>A[a] P>B[b] A>J B>J J>E" if kind == "inclusiveGateway" else "S>P P>A P>B A>J B>J J>E"
    )


def exclusive() -> bytes:
    body = nodes("startEvent:S exclusiveGateway:X userTask:A userTask:B endEvent:E").replace(
        '"X"', '"X" default="X_B"'
    )
    return model(body, "S>X X>A[a] X>B A>E B>E")


def event_gateway() -> bytes:
    body = nodes("startEvent:S eventBasedGateway:X endEvent:E endEvent:F")
    body += event("intermediateCatchEvent", "message") + event("intermediateCatchEvent", "timer", name="B")
    return model(body, "S>X X>A X>B A>E B>F", BESIDE)


def approval() -> bytes:
    task = (
        '<userTask id="A"><extensionElements><shixian:approval kind="all" result="votes"/></extensionElements>'
        "<multiInstanceLoopCharacteristics/></userTask>"
    )
    return model(nodes("startEvent:S endEvent:E") + task, SEQUENCE)


THROUGH = ((), "S A E")
ERROR_CAUGHT = (("B",), "S S1 P +B +T Over Caught -T F")
SUPPORTED: dict[str, tuple[bytes, tuple[str, ...], str]] = {
    "userTask": (alone(nodes("userTask:A")), ("A",), "S +A E"),
    "userTask/multiInstance": (approval(), ("A",), "S +A E"),
    "manualTask": (alone(nodes("manualTask:A")), ("A",), "S +A E"),
    "serviceTask": (alone(nodes("serviceTask:A")), *THROUGH),
    "sendTask": (alone('<sendTask id="A" messageRef="M"/>'), *THROUGH),
    "receiveTask": (alone('<receiveTask id="A" messageRef="M"/>'), ("!A",), "S A E"),
    "businessRuleTask": (alone(nodes("businessRuleTask:A")), *THROUGH),
    "callActivity": (alone('<callActivity id="A" calledElement="other"/>'), ("!A",), "S A E"),
    "callActivity/multiInstance": (alone('<callActivity id="A" calledElement="other"><multiInstanceLoopCharacteristics/></callActivity>'), ("!A",), "S A E"),
    "subProcess": (in_scope(nodes("endEvent:Over")), ("B", "T"), "S S1 P +B +T Over E1 A E"),
    "transaction": (in_scope(nodes("endEvent:Over"), tag="transaction"), ("B", "T"), "S S1 P +B +T Over E1 A E"),
    "eventSubProcess/message": (with_event_scope("message", False), ("!Came", "!Came", "A", "T", "B", "B"), "S +A Came +B Came +B +T E E1 E1"),
    "eventSubProcess/signal": (with_event_scope("signal", True), ("!Came", "B"), "S +A -A Came +B E1"),
    "eventSubProcess/error": (with_event_scope("error", True), ("A", "B"), "S +A E Came +B E1"),
    "eventSubProcess/escalation": (with_event_scope("escalation", False), ("A", "B", "T"), "S +A Say +T Came +B E1 E"),
    "eventSubProcess/conditional": (with_event_scope("conditional", False), ("A", "ripe", "B", "T"), "S +A +T Came +B E1 E"),
    "eventSubProcess/timer": (with_event_scope("timer", False), ("!Came", "A", "B", "T"), "S +A Came +B +T E1 E"),
    "eventSubProcess/nested": (nested("message", False), ("!Came", "!Came", "A", "B", "B", "T"), "S S1 +A Came +B Came +B E1 E2 Beside E2 Beside Scope +T E"),
    "adHocSubProcess": (ad_hoc(), ("Y", "ripe", "Z"), "S +X +Y +Z -X A E"),
    "exclusiveGateway": (exclusive(), ("A",), "S X +A E"),
    "inclusiveGateway": (parallel("inclusiveGateway"), ("B", "A"), "S P +A +B J E"),
    "parallelGateway": (parallel("parallelGateway"), ("B", "A"), "S P +A +B J E"),
    "eventBasedGateway": (event_gateway(), ("!B",), "S X B F"),
    "startEvent": (alone(nodes("userTask:A")), ("A",), "S +A E"),
    "startEvent/message": (model(event("startEvent", "message", name="S") + nodes("userTask:A endEvent:E"), SEQUENCE, BESIDE), ("A",), "S +A E"),
    "startEvent/timer": (model(event("startEvent", "timer", name="S") + nodes("userTask:A endEvent:E"), SEQUENCE, BESIDE), ("A",), "S +A E"),
    "startEvent/signal": (model(event("startEvent", "signal", name="S") + nodes("userTask:A endEvent:E"), SEQUENCE, BESIDE), ("A",), "S +A E"),
    "endEvent": (alone(nodes("userTask:A")), ("A",), "S +A E"),
    "endEvent/message": (model(nodes("startEvent:S userTask:A") + event("endEvent", "message", name="E"), SEQUENCE, BESIDE), ("A",), "S +A E"),
    "endEvent/signal": (model(nodes("startEvent:S userTask:A") + event("endEvent", "signal", name="E"), SEQUENCE, BESIDE), ("A",), "S +A E"),
    "endEvent/error": (in_scope(event("endEvent", "error", name="Over")), ("B",), "S S1 P +B +T Over failed r1 -T"),
    "endEvent/escalation": (in_scope(event("endEvent", "escalation", name="Over"), 'cancelActivity="false">' + DEFINITIONS["escalation"]), ("B", "T"), "S S1 P +B +T Over Caught F E1 A E"),
    "endEvent/cancel": (in_scope(event("endEvent", "cancel", name="Over"), ">" + DEFINITIONS["cancel"], "transaction"), *ERROR_CAUGHT),
    "endEvent/terminate": (in_scope(event("endEvent", "terminate", name="Over")), ("B",), "S S1 P +B +T Over -T A E"),
    "intermediateThrowEvent": (alone(nodes("intermediateThrowEvent:A")), *THROUGH),
    "intermediateThrowEvent/message": (alone(event("intermediateThrowEvent", "message")), *THROUGH),
    "intermediateThrowEvent/signal": (alone(event("intermediateThrowEvent", "signal")), *THROUGH),
    "intermediateThrowEvent/escalation": (alone(event("intermediateThrowEvent", "escalation")), *THROUGH),
    "intermediateThrowEvent/link": (link(), ("A",), "S Out In +A E"),
    "intermediateCatchEvent/message": (alone(event("intermediateCatchEvent", "message")), ("!A",), "S A E"),
    "intermediateCatchEvent/timer": (alone(event("intermediateCatchEvent", "timer")), ("!A",), "S A E"),
    "intermediateCatchEvent/signal": (alone(event("intermediateCatchEvent", "signal")), ("!A",), "S A E"),
    "intermediateCatchEvent/conditional": (alone(event("intermediateCatchEvent", "conditional")), ("ripe",), "S A E"),
    "intermediateCatchEvent/link": (link(), ("A",), "S Out In +A E"),
    "boundaryEvent/timer": (at_boundary("timer", False), ("!Caught", "A"), "S +A Caught F E"),
    "boundaryEvent/message": (at_boundary("message", False), ("!Caught", "!Caught", "!Caught", "A"), "S +A Caught F Caught F Caught F E"),
    "boundaryEvent/signal": (at_boundary("signal"), ("!Caught",), "S +A Caught -A F"),
    "boundaryEvent/error": (in_scope(event("endEvent", "error", name="Over"), ">" + DEFINITIONS["error"]), *ERROR_CAUGHT),
    "boundaryEvent/escalation": (in_scope(event("endEvent", "escalation", name="Over"), ">" + DEFINITIONS["escalation"]), *ERROR_CAUGHT),
    "boundaryEvent/conditional": (at_boundary("conditional", False), ("ripe", "unripe", "ripe", "A"), "S +A Caught F Caught F E"),
    "boundaryEvent/cancel": (in_scope(event("endEvent", "cancel", name="Over"), ">" + DEFINITIONS["cancel"], "transaction"), *ERROR_CAUGHT),
    "dataObject": (alone('<userTask id="A"/><dataObject id="O"/>'), ("A",), "S +A E"),
    "dataObjectReference": (alone('<userTask id="A"/><dataObject id="O"/><dataObjectReference id="OR" dataObjectRef="O"/>'), ("A",), "S +A E"),
    "dataStoreReference": (alone('<userTask id="A"/><dataStoreReference id="OR" dataStoreRef="O"/>'), ("A",), "S +A E"),
}  # fmt: skip


def _inside(element: str) -> str:
    return f'<subProcess id="A">{nodes("startEvent:S1 endEvent:E1")}{element}{flow("S1>E1")}</subProcess>'


REFUSED = {
    "scriptTask": '<scriptTask id="A"><script>1</script></scriptTask>',
    "task": nodes("task:A"),
    "multiInstance": '<serviceTask id="A"><multiInstanceLoopCharacteristics/></serviceTask>',
    "multiInstance/more": '<userTask id="A"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></userTask>',
    "quantity": '<userTask id="A" completionQuantity="2"/>',
    "dataAssociation": '<userTask id="A"><dataInputAssociation><transformation>x + 1</transformation></dataInputAssociation></userTask>',
    "standardLoop": '<userTask id="A"><standardLoopCharacteristics/></userTask>',
    "compensation": '<userTask id="A" isForCompensation="true"/>',
    "eventSubProcess": f'<userTask id="A"/><subProcess id="Beside" triggeredByEvent="true">{event("startEvent", "compensate", name="T")}</subProcess>',
    "eventBasedGateway/instantiate": '<eventBasedGateway id="A" instantiate="true"/>',
    "complexGateway": nodes("complexGateway:A"),
    **{
        f"startEvent/{kind}": nodes("userTask:A") + event("startEvent", kind, name="T")
        for kind in ("conditional", "error", "escalation", "compensate")
    },
    "startEvent/inner": f'<subProcess id="A">{event("startEvent", "message", name="T")}{nodes("endEvent:E1")}{flow("T>E1")}</subProcess>',
    "endEvent/compensate": nodes("userTask:A") + event("endEvent", "compensate", name="T"),
    "intermediateThrowEvent/compensate": event("intermediateThrowEvent", "compensate"),
    "intermediateCatchEvent": nodes("intermediateCatchEvent:A"),
    "boundaryEvent": nodes("userTask:A") + '<boundaryEvent id="T" attachedToRef="A"/>',
    "boundaryEvent/compensate": nodes("userTask:A")
    + event("boundaryEvent", "compensate", 'attachedToRef="A"', "T"),
    "event/multiple": f'<intermediateCatchEvent id="A">{DEFINITIONS["message"]}{DEFINITIONS["signal"]}</intermediateCatchEvent>',
    "choreographyTask": nodes("choreographyTask:A"),
}


def test_every_row_has_its_test() -> None:
    assert set(SUPPORTED) == {key for key, row in ELEMENTS.items() if row.refused is None}
    assert set(REFUSED) == {key for key, row in ELEMENTS.items() if row.refused is not None}


@pytest.mark.parametrize("restart", [False, True], ids=["straight", "restarted"])
@pytest.mark.parametrize("key", SUPPORTED)
def test_a_supported_element_runs(key: str, restart: bool) -> None:
    xml, acts, trace = SUPPORTED[key]
    play = Play(xml, restart, a=True, b=True, ripe=False)
    for act in acts:
        if act in ("ripe", "unripe"):
            play.do(ripe=act == "ripe")
        else:
            play.do(act)

    assert " ".join(play.trace) == trace
    assert play.machine.ended


@pytest.mark.parametrize("key", REFUSED)
def test_a_refused_element_is_refused_with_its_id_and_reason(key: str) -> None:
    why = ELEMENTS[key].refused
    assert why is not None

    with pytest.raises(InvalidDefinition) as refused:
        compile_process(alone(REFUSED[key]))

    [finding] = [f for f in refused.value.findings if f"（{key}）" in f.zh]
    assert why.zh in finding.zh and why.en in finding.en
    assert any(name in finding.en for name in ("element A ", "element T ", "element Beside "))


NESTED: dict[str, tuple[bytes, tuple[str, ...], str]] = {
    "interrupting message": (nested("message", True), ("!Came", "B", "T"), "S S1 +A Came -A +B E2 Beside Scope +T E"),
    "content ends first": (nested("signal", False), ("!Came", "A", "B", "T"), "S S1 +A Came +B E1 E2 Beside Scope +T E"),
    "not started": (nested("message", False), ("A", "T"), "S S1 +A E1 Scope +T E"),
    "timer goes off once": (nested("timer", False), ("!Came", "A", "B", "T"), "S S1 +A Came +B E1 E2 Beside Scope +T E"),
    "condition": (nested("conditional", False), ("ripe", "unripe", "ripe", "A", "B", "B", "T"), "S S1 +A Came +B Came +B E1 E2 Beside E2 Beside Scope +T E"),
    "error": (nested("error", True, "userTask:A", event("endEvent", "error", name="E1")), ("A", "B", "T"), "S S1 +A E1 Came +B E2 Beside Scope +T E"),
    "escalation": (nested("escalation", False, "userTask:A", event("endEvent", "escalation", name="E1")), ("A", "B", "T"), "S S1 +A E1 Came +B E2 Beside Scope +T E"),
    "scope is left": (nested("message", False), ("!Came", "!Caught"), "S S1 +A Came +B Caught -A -B F"),
    "scope is left while only the event sub-process runs": (nested("message", True), ("!Came", "!Caught"), "S S1 +A Came -A +B Caught -B F"),
    "terminate ends both": (nested("message", False, "userTask:A", event("endEvent", "terminate", name="E1")), ("!Came", "!Came", "A", "T"), "S S1 +A Came +B Came +B E1 -B -B Scope +T E"),
    "in a transaction": (nested("message", False, tag="transaction"), ("!Came", "A", "B", "T"), "S S1 +A Came +B E1 E2 Beside Scope +T E"),
}  # fmt: skip


@pytest.mark.parametrize("restart", [False, True], ids=["straight", "restarted"])
@pytest.mark.parametrize("name", NESTED)
def test_an_event_sub_process_inside_a_sub_process(name: str, restart: bool) -> None:
    xml, acts, trace = NESTED[name]
    play = Play(xml, restart, ripe=False)
    for act in acts:
        if act in ("ripe", "unripe"):
            play.do(ripe=act == "ripe")
        else:
            play.do(act)

    assert " ".join(play.trace) == trace
    assert play.machine.ended


def with_boundary() -> bytes:
    caught = event("boundaryEvent", "timer", 'attachedToRef="X" cancelActivity="false"', "Late")
    return ad_hoc(inner="userTask:X userTask:Y").replace(
        b"<completionCondition>", caught.encode() + b"<completionCondition>"
    )


def with_rows() -> bytes:
    """An ad-hoc sub-process of two rows of tasks."""
    rows = "".join(
        f'<subProcess id="R{n}">{nodes(f"startEvent:S{n} userTask:X{n} userTask:Y{n} endEvent:E{n}")}'
        f"{flow(f'S{n}>X{n} X{n}>Y{n} Y{n}>E{n}')}</subProcess>"
        for n in (1, 2)
    )
    return ad_hoc(inner="userTask:Z").replace(
        b"<completionCondition>", rows.encode() + b"<completionCondition>"
    )


AD_HOC: dict[str, tuple[bytes, tuple[str, ...], str]] = {
    "all are done": (ad_hoc(), ("X", "Y", "Z"), "S +X +Y +Z A E"),
    "without a condition": (ad_hoc(""), ("Y", "X", "Z"), "S +X +Y +Z A E"),
    "one is enough": (ad_hoc(), ("ripe", "Z"), "S +X +Y +Z -X -Y A E"),
    "looked at only after an activity": (ad_hoc(), ("X", "ripe", "unripe", "Y", "Z"), "S +X +Y +Z A E"),
    "services": (ad_hoc(inner="serviceTask:X serviceTask:Y"), (), "S X Y A E"),
    "a limit on a task": (with_boundary(), ("!Late", "ripe", "Y"), "S +Y +X Late -X A E"),
    "rows of tasks": (with_rows(), ("X1", "X2", "Y2", "ripe", "Z"), "S +Z S1 +X1 S2 +X2 +Y1 +Y2 E2 R2 -Y1 A E"),
}  # fmt: skip


@pytest.mark.parametrize("restart", [False, True], ids=["straight", "restarted"])
@pytest.mark.parametrize("name", AD_HOC)
def test_an_ad_hoc_sub_process(name: str, restart: bool) -> None:
    xml, acts, trace = AD_HOC[name]
    play = Play(xml, restart, ripe=False)
    for act in acts:
        if act in ("ripe", "unripe"):
            play.do(ripe=act == "ripe")
        else:
            play.do(act)

    assert " ".join(play.trace) == trace
    assert play.machine.ended


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (ad_hoc(attributes='ordering="Sequential"'), "A：临时子流程的任务同时打开"),
        (ad_hoc(attributes='cancelRemainingInstances="false"'), "A：完成条件成立时撤销其余任务"),
        (ad_hoc(inner=""), "A：临时子流程中没有任务"),
        (ad_hoc(inner="userTask:X exclusiveGateway:G"), "G：临时子流程中只能有任务"),
        (ad_hoc(inner="startEvent:G userTask:X"), "G：临时子流程中只能有任务"),
        (ad_hoc().replace(b"<completionCondition>", flow("X>Y").encode() + b"<completionCondition>"), "A：临时子流程中不能有连线"),
    ],
)  # fmt: skip
def test_an_ad_hoc_sub_process_that_cannot_be_run_is_refused(xml: bytes, reason: str) -> None:
    with pytest.raises(InvalidDefinition, match=reason):
        compile_process(xml)


def twofold() -> bytes:
    """An event sub-process inside one of the process, and one inside that: S → A; Came → Out { S1 → B; … }."""
    deep = event("startEvent", "signal", 'isInterrupting="true"', "Deep")
    deep = f'<subProcess id="Below" triggeredByEvent="true">{deep}{nodes("userTask:C endEvent:E2")}{flow("Deep>C C>E2")}</subProcess>'
    start = event("startEvent", "message", 'isInterrupting="false"', "Came")
    content = start + nodes("userTask:B endEvent:E1") + flow("Came>B B>E1") + deep
    beside = f'<subProcess id="Beside" triggeredByEvent="true">{content}</subProcess>'
    return model(nodes("startEvent:S userTask:A endEvent:E") + beside, "S>A A>E", BESIDE)


@pytest.mark.parametrize("restart", [False, True], ids=["straight", "restarted"])
def test_an_event_sub_process_inside_an_event_sub_process(restart: bool) -> None:
    play = Play(twofold(), restart).do("!Came", "!Deep", "A", "C")

    assert " ".join(play.trace) == "S +A Came +B Deep -B +C E E2 Below"
    assert play.machine.ended


def test_an_unknown_element_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match="元素 A（oddTask）：不支持该元素"):
        compile_process(alone(nodes("oddTask:A")))


def test_the_readme_shows_the_table() -> None:
    readme = (Path(__file__).parents[2] / "processes/README.md").read_text(encoding="utf-8")
    assert readme_table() in readme


@pytest.mark.parametrize("restart", [False, True])
def test_a_boundary_event_may_lead_back_to_its_own_activity(restart: bool) -> None:
    """The events of the first visit end with it, those of the next one with that; nothing waits for ever."""
    signal = '<signalEventDefinition signalRef="S1"/>'
    again = f'<boundaryEvent id="Again" attachedToRef="A" cancelActivity="true">{signal}</boundaryEvent>'
    told = f'<boundaryEvent id="Told" attachedToRef="A" cancelActivity="false">{signal}</boundaryEvent>'
    body = nodes("startEvent:S userTask:A endEvent:E endEvent:F") + again + told
    play = Play(model(body, "S>A A>E Again>A Told>F", '<signal id="S1" name="再来"/>'), restart)

    for _ in range(3):
        play.do("!Again")
        assert (play.waiting, sorted(play.armed.values())) == (["A"], ["Again", "Told"])
    play.do("A")

    assert play.machine.ended
    assert play.armed == {}
