"""Which BPMN elements are supported and which are refused, with the reason: the one table of both.

processes/README.md shows this table, `read_process` refuses by it, and a test per row proves it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.errors import Message

SCOPES = ("subProcess", "transaction", "adHocSubProcess")
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True)
class Element:
    """One row: what an element does here, or why it is refused."""

    key: str
    name: str
    does: str = ""
    refused: Message | None = None


def _yes(key: str, name: str, does: str) -> Element:
    return Element(key, name, does)


def _no(key: str, name: str, zh: str, en: str) -> Element:
    return Element(key, name, refused=Message(zh, en))


_COMPENSATION = ("不支持补偿，请画出撤销的步骤", "compensation is not supported; draw the steps that undo")
_MULTIPLE = (
    "一个事件只能有一个事件定义，请分成多个事件",
    "an event has one event definition; draw one event each",
)
_START = (
    "流程不能由该事件启动，请用消息、信号或定时启动",
    "a process cannot be started by this event; start it by a message, a signal or a timer",
)

_ROWS = (
    _yes("userTask", "user task", "form, assignment, `skipWhen`, `separateFrom`"),
    _yes("userTask/multiInstance", "multi-instance user task", "`shixian:approval`: 会签, 或签, 依次, 票签"),
    _yes("manualTask", "manual task", "opens as a task that somebody acknowledges"),
    _yes("serviceTask", "service task", "calls a registered service by name, `skipWhen`; no scripts"),
    _yes("sendTask", "send task", "throws a message"),
    _yes("receiveTask", "receive task", "waits for a message with its correlation key"),
    _yes("businessRuleTask", "business rule task", "evaluates a DMN decision table of `decisions/`"),
    _yes("callActivity", "call activity", "starts a case of another definition, newest version, and waits for it"),
    _yes("callActivity/multiInstance", "multi-instance call activity", "one called case for each item of a list, parallel or sequential, with `completionCondition`; the results in the list's order"),
    _no("scriptTask", "script task", "不执行脚本，请改用服务任务或 shixian:assign", "scripts are not run; use a service task or shixian:assign"),
    _no("task", "task without a type", "任务须有类型，例如用户任务", "a task needs a type, such as user task"),
    _no("multiInstance", "multi-instance on anything else", "多实例只能用于用户任务和调用活动；需要多实例的子流程请另建流程，用调用活动调用", "only user tasks and call activities can have several instances, since a case has one map of variables; make a sub-process a process of its own and call it"),
    _no("multiInstance/more", "multi-instance by number or behaviour", "多实例须由列表或泳道人员确定，不支持 loopCardinality 和 behavior", "instances come from a list or from the people of a lane; loopCardinality and behavior are not supported"),
    _no("quantity", "start or completion quantity", "不支持 startQuantity 和 completionQuantity，请用并行网关", "startQuantity and completionQuantity are not supported; draw a parallel gateway"),
    _no("standardLoop", "standard loop", "不支持循环标记，请用网关画出循环", "the loop marker is not supported; draw the loop with a gateway"),
    _no("compensation", "compensation activity", *_COMPENSATION),
    _yes("subProcess", "embedded sub-process", "holds the tasks that owe a duty; may be nested"),
    _yes("transaction", "transaction", "as a sub-process; a cancel end event leaves it by the cancel boundary event"),
    _yes("eventSubProcess/message", "event sub-process, message start", "interrupting, or not: then each message starts it again"),
    _yes("eventSubProcess/signal", "event sub-process, signal start", "as with a message"),
    _yes("eventSubProcess/error", "event sub-process, error start", "catches an error that no boundary event caught"),
    _yes("eventSubProcess/escalation", "event sub-process, escalation start", "interrupting or not"),
    _yes("eventSubProcess/conditional", "event sub-process, conditional start", "each time the condition becomes true"),
    _yes("eventSubProcess/timer", "event sub-process, timer start", "a statutory period or a fixed date of the whole scope, once its variable has a value; interrupting or not"),
    _no("eventSubProcess", "event sub-process with another start", "事件子流程只能由消息、信号、定时、错误、升级或条件启动", "an event sub-process starts by message, signal, timer, error, escalation or condition"),
    _yes("eventSubProcess/nested", "event sub-process inside a sub-process", "any of these starts; drawn as a boundary event of the content"),
    _yes("adHocSubProcess", "ad-hoc sub-process", "its activities, drawn without flows, all open at once and each may be left undone; `completionCondition` is looked at after each and takes the others away"),
    _yes("exclusiveGateway", "exclusive gateway", "conditions in the expression subset"),
    _yes("inclusiveGateway", "inclusive gateway", "split by conditions; a join waits for every token that can still reach it"),
    _yes("parallelGateway", "parallel gateway", "a join takes one token of each incoming flow"),
    _yes("eventBasedGateway", "event-based gateway", "the first event wins"),
    _no("eventBasedGateway/instantiate", "event-based gateway that starts a process", *_START),
    _no("complexGateway", "complex gateway", "不支持复杂网关，请用其他网关", "complex gateways are not supported; use another one"),
    _yes("startEvent", "none start event", "begins"),
    _yes("startEvent/message", "message start event", "begins when a message names the process"),
    _yes("startEvent/timer", "timer start event", "at a fixed instant, or every so many years or months; one case, or one for each department of a kind"),
    _yes("startEvent/signal", "signal start event", "one case, or one for each department of a kind, of the version in force, once a signal"),
    *(_no(f"startEvent/{kind}", f"{kind} start event", *_START) for kind in ("conditional", "error", "escalation", "compensate")),
    _no("startEvent/inner", "start event of a sub-process with a definition", "子流程的开始事件不能有事件定义，请改用无定义的开始事件", "a sub-process starts by a plain start event"),
    _yes("endEvent", "none end event", "ends a path; `shixian:result` names the result of the case"),
    _yes("endEvent/message", "message end event", "throws a message"),
    _yes("endEvent/signal", "signal end event", "throws a signal"),
    _yes("endEvent/error", "error end event", "leaves the scope by its error boundary event"),
    _yes("endEvent/escalation", "escalation end event", "tells the enclosing scopes"),
    _yes("endEvent/cancel", "cancel end event", "cancels its transaction"),
    _yes("endEvent/terminate", "terminate end event", "ends every token of its scope"),
    _no("endEvent/compensate", "compensation end event", *_COMPENSATION),
    _yes("intermediateThrowEvent", "none intermediate event", "delivery between parties, documents, notices"),
    _yes("intermediateThrowEvent/message", "message throw event", "a message to another procedure or to a waiting case"),
    _yes("intermediateThrowEvent/signal", "signal throw event", "reaches every case that waits for it, once each"),
    _yes("intermediateThrowEvent/escalation", "escalation throw event", "tells the enclosing scopes and goes on"),
    _yes("intermediateThrowEvent/link", "link throw event", "goes on at the link catch event of its name"),
    _no("intermediateThrowEvent/compensate", "compensation throw event", *_COMPENSATION),
    _no("intermediateCatchEvent", "catch event without a definition", "捕获事件须有事件定义", "a catch event needs an event definition"),
    _yes("intermediateCatchEvent/message", "message catch event", "waits for a message with its correlation key"),
    _yes("intermediateCatchEvent/timer", "timer catch event", "a statutory period or a fixed date, never a duration"),
    _yes("intermediateCatchEvent/signal", "signal catch event", "waits for a signal"),
    _yes("intermediateCatchEvent/conditional", "conditional catch event", "looked at after each step"),
    _yes("intermediateCatchEvent/link", "link catch event", "the other end of a link throw event"),
    _no("boundaryEvent", "boundary event without a definition", "边界事件须有事件定义", "a boundary event needs an event definition"),
    _yes("boundaryEvent/timer", "timer boundary event", "a statutory period or a fixed date; interrupting or not"),
    _yes("boundaryEvent/message", "message boundary event", "interrupting, or not: then it catches again"),
    _yes("boundaryEvent/signal", "signal boundary event", "interrupting, or not: then it catches again"),
    _yes("boundaryEvent/error", "error boundary event", "on a sub-process, transaction or call activity"),
    _yes("boundaryEvent/escalation", "escalation boundary event", "interrupting, or not: then it catches again"),
    _yes("boundaryEvent/conditional", "conditional boundary event", "interrupting, or not: each time the condition becomes true"),
    _yes("boundaryEvent/cancel", "cancel boundary event", "on a transaction"),
    _no("boundaryEvent/compensate", "compensation boundary event", *_COMPENSATION),
    _no("event/multiple", "event with several definitions", *_MULTIPLE),
    _yes("dataObject", "data object", "drawn only: the variables of a case are declared by `shixian:variable`"),
    _yes("dataObjectReference", "data object reference", "drawn only"),
    _yes("dataStoreReference", "data store reference", "drawn only"),
    _no("dataAssociation", "data association that computes", "数据关联不能赋值或转换，请用 shixian:assign", "a data association only draws; compute by shixian:assign"),
    _no("choreographyTask", "choreography", "不支持编排图元素", "choreographies are not supported"),
)  # fmt: skip
ELEMENTS = {row.key: row for row in _ROWS}

# Children of a process that are no elements of a flow.
_AROUND = frozenset(
    "documentation extensionElements laneSet sequenceFlow incoming outgoing association textAnnotation group"
    " ioSpecification property auditing monitoring category dataInputAssociation dataOutputAssociation"
    " multiInstanceLoopCharacteristics standardLoopCharacteristics completionCondition messageEventDefinition"
    " artifact".split()
)
_UNKNOWN = Message(
    "不支持该元素，请改用 processes/README.md 所列元素",
    "not supported; use an element that processes/README.md lists",
)


def local(element: etree._Element) -> str:
    """Return the element's name in the BPMN namespace, empty for any other."""
    tag = element.tag
    prefix = f"{{{BPMN}}}"
    return tag.removeprefix(prefix) if isinstance(tag, str) and tag.startswith(prefix) else ""


def id_of(element: etree._Element) -> str:
    """Return the element's id, empty where a draft gives it none."""
    return str(element.get("id") or "")


def event_kind(element: etree._Element) -> str | None:
    """Return the kind of an event's definition: message, timer, …; `multiple`, or None without one."""
    kinds = [
        local(d).removesuffix("EventDefinition") for d in element if local(d).endswith("EventDefinition")
    ]
    kinds += ["reference" for d in element if local(d) == "eventDefinitionRef"]
    return None if not kinds else kinds[0] if len(kinds) == 1 and kinds != ["reference"] else "multiple"


def is_event_scope(element: etree._Element) -> bool:
    """Say whether the element is an event sub-process."""
    return local(element) == "subProcess" and element.get("triggeredByEvent") == "true"


def rows_of(element: etree._Element, nested: bool) -> Iterator[str]:
    """Yield the keys of the rows that an element of a flow falls under; nothing for what is no flow element.

    Args:
        nested: Whether it lies in a sub-process.
    """
    name = local(element)
    if not name or name in _AROUND:
        return
    if is_event_scope(element):
        yield from _event_scope(element, nested)
    elif name.endswith("Event"):
        yield from _event(element, name)
    elif name == "eventBasedGateway" and element.get("instantiate") == "true":
        yield "eventBasedGateway/instantiate"
    else:
        yield name
    loop = element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    if loop is not None:
        yield f"{name}/multiInstance" if name in ("userTask", "callActivity") else "multiInstance"
        more = ("loopCardinality", "complexBehaviorDefinition")
        if loop.get("behavior", "All") != "All" or any(local(e) in more for e in loop):
            yield "multiInstance/more"
    if {element.get("startQuantity", "1"), element.get("completionQuantity", "1")} != {"1"}:
        yield "quantity"
    if any(_computes(association) for association in element):
        yield "dataAssociation"
    if element.find(f"{{{BPMN}}}standardLoopCharacteristics") is not None:
        yield "standardLoop"
    if element.get("isForCompensation") == "true":
        yield "compensation"


def _computes(association: etree._Element) -> bool:
    """Say whether a data association does more than to show where data goes."""
    return local(association) in ("dataInputAssociation", "dataOutputAssociation") and any(
        local(part) in ("assignment", "transformation") for part in association
    )


def refusal(key: str) -> Message | None:
    """Return why elements of a row are refused; None if they are supported."""
    row = ELEMENTS.get(key)
    return _UNKNOWN if row is None else row.refused


def readme_table() -> str:
    """Return the table of the README."""
    lines = ["| element | | what it does here, or why it is refused |", "|---|---|---|"]
    for row in _ROWS:
        lines.append(
            f"| {row.name} | {'refused' if row.refused else 'supported'} |"
            f" {row.refused.en if row.refused else row.does} |"
        )
    return "\n".join(lines)


def _event(element: etree._Element, name: str) -> Iterator[str]:
    kind = event_kind(element)
    if kind == "multiple":
        yield "event/multiple"
        return
    parent = element.getparent()
    if name == "startEvent" and parent is not None and local(parent) in SCOPES:
        if kind is not None and not is_event_scope(parent):
            yield "startEvent/inner"
        return
    yield name if kind is None else f"{name}/{kind}"


def _event_scope(element: etree._Element, nested: bool) -> Iterator[str]:
    if nested:
        yield "eventSubProcess/nested"
    starts = [event_kind(child) for child in element if local(child) == "startEvent"]
    key = f"eventSubProcess/{starts[0]}" if len(starts) == 1 else "eventSubProcess"
    yield key if key in ELEMENTS else "eventSubProcess"
