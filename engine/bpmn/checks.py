"""What a BPMN file must be before anybody reads it as a process: ids, references, supported elements."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.xml import MAX_DEPTH, too_deep
from engine.elements import BPMN, SCOPES, is_event_scope, local, refusal, rows_of
from engine.findings import Finding, finding

_RULES = {
    "complexGateway": "no-complex-gateway",
    "event/multiple": "single-event-definition",
    "startEvent/inner": "sub-process-blank-start-event",
}
"""The rule that a refused row breaks, where it has a name of its own."""


def structure(process: etree._Element) -> Iterator[Finding]:
    """Yield what is wrong with ids, references and flows, whatever the elements are."""
    if too_deep(process):
        yield finding("structure", "", f"嵌套超过 {MAX_DEPTH} 层", f"nested deeper than {MAX_DEPTH} levels")
        return
    if process.get("isExecutable") == "false":
        yield finding(
            "not-executable",
            str(process.get("id")),
            "流程标为不可执行；确要发布的，请改为可执行（isExecutable=true）",
            "the process is marked not executable; to publish it, mark it executable (isExecutable=true)",
        )
    ids = [e.get("id") for e in _in_flow(process)]
    for found in sorted(i for i, times in Counter(ids).items() if i and times > 1):
        yield Finding(
            zh=f"编号 {found} 重复", en=f"the id {found} is used twice", element=found, rule="structure"
        )
    known = set(ids)
    if not all(ids):
        yield finding("structure", "", "有元素没有编号", "an element has no id")
    seen: set[tuple[str | None, str | None]] = set()
    for flow in process.iter(f"{{{BPMN}}}sequenceFlow"):
        ends = (flow.get("sourceRef"), flow.get("targetRef"))
        if not known.issuperset(ends):
            yield finding(
                "structure", str(flow.get("id")), "连线的两端须是流程中的元素", "both ends must exist"
            )
        elif ends in seen:
            yield finding(
                "no-duplicate-sequence-flows",
                str(flow.get("id")),
                "两个元素之间只能有一条同向连线",
                "only one flow from one element to another",
            )
        seen.add(ends)
    for element in process.iter(f"{{{BPMN}}}boundaryEvent"):
        if element.get("attachedToRef") not in known:
            yield finding(
                "structure",
                str(element.get("id")),
                "边界事件须附着于活动",
                "a boundary event is attached to an activity",
            )


def _in_flow(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield the elements and flows of a process and of the sub-processes in it."""
    for element in parent:
        if local(element) in ("sequenceFlow", "startEvent") or any(rows_of(element, nested=False)):
            yield element
        if local(element) in SCOPES:
            yield from _in_flow(element)


def ad_hoc(process: etree._Element) -> Iterator[Finding]:
    """Yield why an ad-hoc sub-process cannot be run as it is drawn."""
    for scope in process.iter(f"{{{BPMN}}}adHocSubProcess"):
        name, inside = str(scope.get("id")), [e for e in scope if any(rows_of(e, nested=True))]
        if scope.get("ordering", "Parallel") != "Parallel":
            yield finding(
                "ad-hoc-sub-process",
                name,
                "临时子流程的任务同时打开，不支持 ordering=Sequential",
                "the tasks open at once; ordering=Sequential is not supported",
            )
        if scope.get("cancelRemainingInstances") == "false":
            yield finding(
                "ad-hoc-sub-process",
                name,
                "完成条件成立时撤销其余任务，不支持 cancelRemainingInstances=false；各任务都须办完的，请用并行网关",
                "the others are taken away; where all have to be done, draw a parallel gateway",
            )
        if not any(_is_activity(e) for e in inside):
            yield finding("ad-hoc-sub-process", name, "临时子流程中没有任务", "there is no activity inside")
        for element in [*inside, *scope.findall(f"{{{BPMN}}}startEvent")]:
            if not _is_activity(element) and local(element) != "boundaryEvent":
                yield finding(
                    "ad-hoc-sub-process",
                    str(element.get("id")),
                    "临时子流程中只能有任务、子流程及其边界事件",
                    "an ad-hoc sub-process holds activities and their boundary events only",
                )
        if scope.find(f"{{{BPMN}}}sequenceFlow") is not None:
            yield finding(
                "ad-hoc-sub-process",
                name,
                "临时子流程中不能有连线，有先后的任务请画成其中的子流程",
                "no flows inside; put tasks that follow each other into a sub-process",
            )


def _is_activity(element: etree._Element) -> bool:
    name = local(element)
    return name.endswith(("Task", "callActivity", "subProcess", "transaction", "adHocSubProcess")) and not (
        is_event_scope(element)
    )


def refusals(parent: etree._Element, nested: bool) -> Iterator[Finding]:
    """Yield why elements are refused, each by its id."""
    for element in parent:
        for key in rows_of(element, nested):
            if why := refusal(key):
                name = element.get("id")
                yield Finding(
                    zh=f"元素 {name}（{key}）：{why.zh}",
                    en=f"element {name} ({key}): {why.en}",
                    element=name or "",
                    rule=_RULES.get(key, "unsupported-element"),
                )
        if local(element) in SCOPES:
            yield from refusals(element, nested=True)
