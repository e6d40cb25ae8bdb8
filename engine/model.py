"""A process definition as the engine reads it: BPMN 2.0 elements with their Shixian extensions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from engine.errors import InvalidDefinition, Message

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SHIXIAN = "urn:shixian:bpmn:1"
_FLOW_NODES = {
    "startEvent",
    "endEvent",
    "userTask",
    "serviceTask",
    "subProcess",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "boundaryEvent",
    "intermediateThrowEvent",
    "intermediateCatchEvent",
}
PARTIES = {"use": "using_dept", "prov": "providing_dept", "mgr": "managing_dept"}
MAX_BYTES = 2_000_000
_LIMIT_ACTS = ("extensionRequest", "extension", "pause", "resume")


@dataclass(frozen=True)
class Setting:
    """A number or choice of the process, with its legal basis (domain C.2)."""

    key: str
    value: str
    unit: str
    kind: str
    basis: str
    note: str

    @property
    def typed(self) -> object:
        """The value as expressions see it: int, bool or text."""
        if self.value in ("true", "false"):
            return self.value == "true"
        return int(self.value) if self.value.lstrip("-").isdigit() else self.value


@dataclass(frozen=True)
class Period:
    """What a timer counts: a limit from an event (its unit is the setting's), or a fixed date.

    Attributes:
        start: The variable of the event's instant or day.
        pauses: The variable with stretches that do not count: a list of {ground, basis, since, until}.
        extension: The settings of its cap, its cap's reading, its count and late approval.
        grounds: The setting that grants grounds of a pause, parted by spaces.
    """

    setting: str | None
    start: str | None
    pauses: str | None
    date: str | None
    minus_days: int
    remind: tuple[str, ...]
    on_expiry: str  # overdue, notice or move
    supervisor: str | None
    met_when: str | None = None  # when leaving counts as done; otherwise the limit is only broken off
    extension: tuple[str | None, str | None, str | None, str | None] = (None, None, None, None)
    grounds: str | None = None


@dataclass(frozen=True)
class LimitAct:
    """What a node does to a running limit: ask for an extension, extend, pause or resume.

    Attributes:
        of: The timer whose limit it is.
        value: Expression of the days, or of the ground.
        asked: Of an extension: the user task whose author asked for it.
        asked_value: Expression of the days that were asked for.
    """

    kind: str
    of: str
    value: str | None
    asked: str | None
    asked_value: str | None
    when: str | None


@dataclass(frozen=True)
class Reminder:
    """A timer that only announces another one."""

    of: str
    lead_setting: str | None
    lead: int


@dataclass(frozen=True)
class Node:
    """A flow node with what it does; `attached_to` and `interrupting` for boundary events."""

    id: str
    type: str
    name: str
    role: str | None
    state: str | None = None
    result: str | None = None
    result_when: str | None = None
    skip_when: str | None = None
    when: str | None = None
    separate_from: str | None = None  # the user task whose author may not do this one
    form: str | None = None
    form_variable: str | None = None
    form_resumes: bool = False  # opens with what was handed in before, to be mended
    assigns: tuple[tuple[str, str], ...] = ()
    service: str | None = None
    service_variable: str | None = None
    documents: tuple[
        tuple[str, str | None, str | None], ...
    ] = ()  # template, when, timer of the limit it names
    delivery: tuple[str, str] | None = None
    correlation: tuple[str, str, str | None] | None = None  # procedure, key, kind of the message
    notices: tuple[tuple[tuple[str, ...], str, str | None], ...] = ()  # roles, text, when
    period: Period | None = None
    limit_acts: tuple[LimitAct, ...] = ()
    reminder: Reminder | None = None
    attached_to: str | None = None
    interrupting: bool = True
    scope: str | None = None  # id of the embedded sub-process it lies in


@dataclass(frozen=True)
class Process:
    """One process definition."""

    id: str
    name: str
    article: str
    case_number: str
    effective_from: str  # ISO date, or empty: from its deployment on
    settings: dict[str, Setting]
    variables: dict[str, str]
    nodes: dict[str, Node]
    event_scopes: dict[str, str]  # event sub-process id → id of its start event
    xml: bytes = field(repr=False)

    @cached_property
    def main_xml(self) -> bytes:
        """The definition without its event sub-processes, as the engine runs it."""
        root = parse_xml(self.xml)
        for scope in _event_scopes(root):
            _remove_with_edges(root, scope)
        return bytes(etree.tostring(root))

    def event_scope_xml(self, scope_id: str) -> bytes:
        """The content of an event sub-process as a process of its own, started without a message."""
        root = parse_xml(self.xml)
        scope = next(s for s in _event_scopes(root) if s.get("id") == scope_id)
        process = etree.Element(f"{{{BPMN}}}process", id=scope_id, isExecutable="true", nsmap=root.nsmap)
        for child in list(scope):
            process.append(child)
        for definition in process.findall(f"{{{BPMN}}}startEvent/{{{BPMN}}}messageEventDefinition"):
            definition.getparent().remove(definition)
        definitions = etree.Element(f"{{{BPMN}}}definitions", nsmap=root.nsmap)
        for message in root.findall(f"{{{BPMN}}}message"):
            definitions.append(message)
        definitions.append(process)
        return bytes(etree.tostring(definitions))

    @property
    def binds_at_receipt(self) -> bool:
        """Whether its cases bind to a version when they are received, and not when they start (R-V1)."""
        return "received_at" in self.variables

    def attached(self, node_id: str) -> Iterator[Node]:
        """Yield the boundary events of an activity."""
        return (node for node in self.nodes.values() if node.attached_to == node_id)


def parse_xml(xml: bytes) -> etree._Element:
    """Parse untrusted XML: no entities, no network, bounded size.

    Raises:
        InvalidDefinition: not well-formed, or larger than `MAX_BYTES`.
    """
    if len(xml) > MAX_BYTES:
        raise _fault(f"文件超过 {MAX_BYTES // 1_000_000} MB", f"the file is larger than {MAX_BYTES} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as fault:
        raise _fault(f"不是格式良好的 XML：{fault.msg}", f"not well-formed XML: {fault.msg}") from None
    if root.getroottree().docinfo.doctype:
        raise _fault("不得含有文档类型声明（DOCTYPE）", "a DOCTYPE is not allowed")
    return root


def read_process(xml: bytes) -> Process:
    """Read the one process of a BPMN file.

    Raises:
        InvalidDefinition: malformed XML, no or several processes, elements that are not supported.
    """
    root = parse_xml(xml)
    if root.tag != f"{{{BPMN}}}definitions":
        raise _fault("根元素应为 bpmn:definitions", "expected the root element bpmn:definitions")
    processes = root.findall(f"{{{BPMN}}}process")
    if len(processes) != 1:
        raise _fault(
            f"应有且仅有一个流程，实有 {len(processes)} 个", f"expected one process, found {len(processes)}"
        )
    process = processes[0]
    lanes = _lane_roles(process)
    scopes = {s.get("id"): s for s in _event_scopes(root)}
    nodes = {n.id: n for n in _nodes(process, lanes, None)}
    return Process(
        id=process.get("id", ""),
        name=process.get("name", ""),
        article=process.get(f"{{{SHIXIAN}}}article", ""),
        case_number=process.get(f"{{{SHIXIAN}}}caseNumber", "SX"),
        effective_from=process.get(f"{{{SHIXIAN}}}effectiveFrom", ""),
        settings={
            e.get("key", ""): Setting(
                *(e.get(a, "") for a in ("key", "value", "unit", "kind", "basis", "note"))
            )
            for e in _extensions(process, "setting")
        },
        variables={e.get("name", ""): e.get("type", "text") for e in _extensions(process, "variable")},
        nodes=nodes,
        event_scopes={
            scope_id: start.get("id", "")
            for scope_id, scope in scopes.items()
            if (start := scope.find(f"{{{BPMN}}}startEvent")) is not None
        },
        xml=xml,
    )


def _nodes(parent: etree._Element, lanes: dict[str, str], scope: str | None) -> Iterator[Node]:
    for element in parent:
        if not isinstance(element.tag, str) or not element.tag.startswith(f"{{{BPMN}}}"):
            continue
        kind = etree.QName(element).localname
        if kind not in _FLOW_NODES:
            if kind.endswith(("Task", "Gateway", "Event", "task", "callActivity", "transaction")):
                raise _fault(
                    f"元素 {element.get('id')}（{kind}）不受支持，请改用 README 所列元素",
                    f"element {element.get('id')} ({kind}) is not supported; use one the README lists",
                )
            continue
        yield _node(element, kind, lanes, scope)
        if kind == "subProcess":
            inner = lanes | {
                child.get("id", ""): lanes[element.get("id", "")]
                for child in element
                if element.get("id", "") in lanes and child.get("id", "") not in lanes
            }
            yield from _nodes(element, inner, element.get("id"))


def _node(element: etree._Element, kind: str, lanes: dict[str, str], scope: str | None) -> Node:
    def own(name: str) -> str | None:
        value: str | None = element.get(f"{{{SHIXIAN}}}{name}")
        return value

    def first(name: str) -> etree._Element | None:
        return next(_extensions(element, name), None)

    form, service = first("form"), first("service")
    delivery, correlation = first("delivery"), first("correlation")
    return Node(
        id=element.get("id", ""),
        type=kind,
        name=(element.get("name") or "").replace("\n", ""),
        role=own("role") or lanes.get(element.get("id", "")),
        state=own("state"),
        result=own("result"),
        result_when=own("resultWhen"),
        skip_when=own("skipWhen"),
        when=own("when"),
        separate_from=own("separateFrom"),
        form=form.get("id") if form is not None else None,
        form_variable=form.get("variable") if form is not None else None,
        form_resumes=form is not None and form.get("resume") == "true",
        assigns=tuple(
            (e.get("variable", ""), e.get("expression", "")) for e in _extensions(element, "assign")
        ),
        service=service.get("name") if service is not None else None,
        service_variable=service.get("variable") if service is not None else None,
        documents=tuple(
            (e.get("template", ""), e.get("when"), e.get("limit")) for e in _extensions(element, "document")
        ),
        delivery=(delivery.get("from", ""), delivery.get("to", "")) if delivery is not None else None,
        correlation=(correlation.get("to", ""), correlation.get("key", ""), correlation.get("kind"))
        if correlation is not None
        else None,
        notices=tuple(
            (tuple(e.get("to", "").split()), e.get("text", ""), e.get("when"))
            for e in _extensions(element, "notice")
        ),
        period=_period(first("period")),
        limit_acts=tuple(
            LimitAct(kind, *(e.get(a) for a in ("of", "value", "asked", "askedValue", "when")))
            for kind in _LIMIT_ACTS
            for e in _extensions(element, kind)
        ),
        reminder=_reminder(first("reminder")),
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", "true") != "false",
        scope=scope,
    )


def _period(element: etree._Element | None) -> Period | None:
    if element is None:
        return None
    return Period(
        setting=element.get("setting"),
        start=element.get("from"),
        pauses=element.get("pauses"),
        date=element.get("date"),
        minus_days=int(element.get("minusDays", "0")),
        remind=tuple(element.get("remind", "").split()),
        on_expiry=element.get("onExpiry", "move"),
        supervisor=element.get("supervisor"),
        met_when=element.get("metWhen"),
        extension=(
            element.get("extension"),
            element.get("extensionCap"),
            element.get("extensionCount"),
            element.get("extensionLate"),
        ),
        grounds=element.get("grounds"),
    )


def _reminder(element: etree._Element | None) -> Reminder | None:
    if element is None:
        return None
    return Reminder(element.get("of", ""), element.get("leadSetting"), int(element.get("lead", "0")))


def _extensions(element: etree._Element, name: str) -> Iterator[etree._Element]:
    yield from element.findall(f"{{{BPMN}}}extensionElements/{{{SHIXIAN}}}{name}")


def _lane_roles(process: etree._Element) -> dict[str, str]:
    return {
        (ref.text or "").strip(): lane.get(f"{{{SHIXIAN}}}role", "")
        for lane in process.iter(f"{{{BPMN}}}lane")
        for ref in lane.findall(f"{{{BPMN}}}flowNodeRef")
    }


def _event_scopes(root: etree._Element) -> list[etree._Element]:
    return [e for e in root.iter(f"{{{BPMN}}}subProcess") if e.get("triggeredByEvent") == "true"]


def _remove_with_edges(root: etree._Element, scope: etree._Element) -> None:
    ids = {e.get("id") for e in scope.iter() if e.get("id")}
    scope.getparent().remove(scope)
    for element in list(root.iter()):
        refers = element.get("bpmnElement") in ids or (
            element.tag == f"{{{BPMN}}}flowNodeRef" and (element.text or "").strip() in ids
        )
        if refers and element.getparent() is not None:
            element.getparent().remove(element)


def _fault(zh: str, en: str) -> InvalidDefinition:
    return InvalidDefinition([Message(zh, en)])
