"""Draw a definition as SpiffWorkflow can run it: fewer kinds of elements, the same paths of tokens.

Throwing, calling and deciding are the handlers' work, so those elements become plain nodes. Every event that
waits becomes one kind, which goes off when the machine says so. An event-based gateway becomes a split whose
other branches the machine cancels; a link becomes a flow. What lies in a sub-process beside its event
sub-processes becomes one activity inside it, whose boundary events are their starts. The activities of an
ad-hoc sub-process begin side by side; SpiffWorkflow's own does each at least once, keeps its state in its data
and leaves every one running that is not conditional.
"""

from lxml import etree

from engine.bpmn import event_scopes, parse_xml
from engine.elements import BPMN, is_event_scope, local, rows_of
from engine.model import Process

_PLAIN = {"serviceTask": "task", "sendTask": "task", "businessRuleTask": "task"}
_OTHERWISE = {
    **_PLAIN,
    "manualTask": "userTask",
    "transaction": "subProcess",
    "adHocSubProcess": "subProcess",
    "eventBasedGateway": "parallelGateway",
    "receiveTask": "intermediateCatchEvent",
    "callActivity": "intermediateCatchEvent",
}
_WAITING = ("intermediateCatchEvent", "boundaryEvent")
OVER = ":over"
DONE = ":done"
"""Ends the id of what ends an ad-hoc sub-process, as a terminate end event does."""
BODY = ":body"
"""Ends the id of what a sub-process holds beside its event sub-processes; no element of a file is called so."""
_DROPPED = frozenset(
    "dataObject dataObjectReference dataStore dataStoreReference dataInputAssociation dataOutputAssociation ioSpecification"
    " property multiInstanceLoopCharacteristics textAnnotation association group".split()
)


def process_drawn(process: Process) -> etree._Element:
    """The definition without its event sub-processes, as the engine runs it."""
    root = parse_xml(process.xml)
    for scope in event_scopes(root):
        _remove_with_edges(root, scope)
    _lower(root)
    return root


def scope_drawn(process: Process, scope_id: str) -> etree._Element:
    """The content of an event sub-process as a process of its own, started without a message."""
    root = parse_xml(process.xml)
    scope = next(s for s in event_scopes(root) if s.get("id") == scope_id)
    content = etree.Element(f"{{{BPMN}}}process", id=scope_id, isExecutable="true", nsmap=root.nsmap)
    for child in list(scope):
        content.append(child)
    definitions = etree.Element(f"{{{BPMN}}}definitions", nsmap=root.nsmap)
    definitions.append(content)
    _lower(definitions)
    return definitions


def _lower(root: etree._Element) -> None:
    """Redraw a definition in place."""
    for holder in {s.getparent(): None for s in root.iter(_tag("subProcess")) if is_event_scope(s)}:
        _unfold(holder)
    for scope in root.iter(_tag("adHocSubProcess")):
        _open_all(scope)
    for element in list(root.iter(f"{{{BPMN}}}*")):
        if local(element) in _DROPPED and element.getparent() is not None:
            element.getparent().remove(element)
    for element in list(root.iter(f"{{{BPMN}}}*")):
        name = local(element)
        if (
            name == "intermediateThrowEvent"
            and (link := element.find(_tag("linkEventDefinition"))) is not None
        ):
            _connect(element, link.get("name"))
        if name == "intermediateCatchEvent" and element.find(_tag("linkEventDefinition")) is not None:
            element.tag = _tag("intermediateThrowEvent")
    for element in list(root.iter(f"{{{BPMN}}}*")):
        name = local(element)
        if name in _OTHERWISE:
            element.tag = _tag(_OTHERWISE[name])
        if name in ("receiveTask", "callActivity") or name.endswith("Event"):
            _redefine(element)
    for holder in list(root.iter(_tag("process"), _tag("subProcess"))):
        _interrupt_loops(holder)


def _interrupt_loops(holder: etree._Element) -> None:
    """Draw an exclusive gateway into each loop that has none.

    SpiffWorkflow predicts the way ahead of a token up to the next choice, and would go round for ever.
    """
    choices = {e.get("id") for e in holder if local(e) in ("exclusiveGateway", "inclusiveGateway")}
    leaving: dict[str | None, list[etree._Element]] = {}
    for flow in holder.findall(_tag("sequenceFlow")):
        leaving.setdefault(flow.get("sourceRef"), []).append(flow)
    over: set[str | None] = set(choices)
    for first in list(leaving):
        path, ahead = {first: None}, [(first, iter(leaving.get(first, ())))]
        while ahead and first not in over:
            source, flows = ahead[-1]
            flow = next(flows, None)
            if flow is None:
                ahead.pop()
                path.pop(source)
                over.add(source)
                continue
            target = flow.get("targetRef")
            if target in path:
                again = f"{flow.get('id')}:again"
                etree.SubElement(holder, _tag("exclusiveGateway"), id=again)
                flow.set("targetRef", again)
                _flow(holder, again, target or "")
            elif target not in over:
                path[target] = None
                ahead.append((target, iter(leaving.get(target, ()))))


def _unfold(holder: etree._Element) -> None:
    """Draw event sub-processes as boundary events of everything else that their scope holds.

    The scope ends when both have ended; an interrupting start takes the rest away; what is thrown inside
    meets them before it meets the boundary events of the scope (BPMN 2.0, 13.5.4).
    """
    name = holder.get("id", "")
    body = etree.Element(_tag("subProcess"), id=f"{name}{BODY}")
    scopes = [child for child in holder if is_event_scope(child)]
    for child in [c for c in holder if c not in scopes]:
        if local(child) in ("sequenceFlow", "startEvent") or any(rows_of(child, nested=False)):
            body.append(child)
    holder.append(body)
    etree.SubElement(holder, _tag("startEvent"), id=f"{name}:begin")
    etree.SubElement(holder, _tag("endEvent"), id=f"{name}:end")
    _flow(holder, f"{name}:begin", f"{name}{BODY}")
    _flow(holder, f"{name}{BODY}", f"{name}:end")
    for scope in scopes:
        _attach(holder, scope, f"{name}{BODY}")


def not_enough(gateway: str) -> str:
    """Return the flow by which the others of an ad-hoc sub-process go on, of the gateway drawn behind an activity."""
    return f"{gateway}:{gateway.removesuffix(DONE)}:end"


def _open_all(scope: etree._Element) -> None:
    """Draw an ad-hoc sub-process: everything opens at once, and after each the condition may end the rest."""
    name = scope.get("id", "")
    condition = scope.findtext(_tag("completionCondition"))
    inside = [e for e in scope if local(e) != "boundaryEvent" and any(rows_of(e, nested=True))]
    etree.SubElement(scope, _tag("startEvent"), id=f"{name}:begin")
    etree.SubElement(scope, _tag("parallelGateway"), id=f"{name}:all")
    _flow(scope, f"{name}:begin", f"{name}:all")
    for activity in inside:
        own = activity.get("id", "")
        _flow(scope, f"{name}:all", own)
        etree.SubElement(scope, _tag("endEvent"), id=f"{own}:end")
        if not (condition or "").strip():
            _flow(scope, own, f"{own}:end")
            continue
        otherwise = {"default": not_enough(f"{own}{DONE}")}
        etree.SubElement(scope, _tag("exclusiveGateway"), otherwise, id=f"{own}{DONE}")
        etree.SubElement(scope, _tag("endEvent"), id=f"{own}{OVER}")
        _flow(scope, own, f"{own}{DONE}")
        _flow(scope, f"{own}{DONE}", f"{own}:end")
        _flow(scope, f"{own}{DONE}", f"{own}{OVER}")
        etree.SubElement(scope[-1], _tag("conditionExpression")).text = condition


def _attach(holder: etree._Element, scope: etree._Element, body: str) -> None:
    name, start = scope.get("id", ""), scope.find(_tag("startEvent"))
    del scope.attrib["triggeredByEvent"]
    boundary = etree.SubElement(
        holder,
        _tag("boundaryEvent"),
        id=start.get("id", ""),
        attachedToRef=body,
        cancelActivity=start.get("isInterrupting", "true"),
    )
    etree.SubElement(boundary, _tag("timerEventDefinition"))
    for flow in scope.findall(_tag("sequenceFlow")):
        if flow.get("sourceRef") == start.get("id"):
            flow.set("sourceRef", f"{name}:begin")
    scope.remove(start)
    etree.SubElement(scope, _tag("startEvent"), id=f"{name}:begin")
    etree.SubElement(holder, _tag("endEvent"), id=f"{name}:end")
    _flow(holder, boundary.get("id", ""), name)
    _flow(holder, name, f"{name}:end")


def _flow(parent: etree._Element, source: str, target: str) -> None:
    ends = {"sourceRef": source, "targetRef": target}
    etree.SubElement(parent, _tag("sequenceFlow"), id=f"{source}:{target}", **ends)


def _redefine(event: etree._Element) -> None:
    for child in list(event):
        if local(child).endswith("EventDefinition"):
            event.remove(child)
    if local(event) in _WAITING:
        etree.SubElement(event, _tag("timerEventDefinition"))


def _connect(throw: etree._Element, name: str | None) -> None:
    scope = throw.getparent()
    for catch in scope.findall(_tag("intermediateCatchEvent")) + scope.findall(
        _tag("intermediateThrowEvent")
    ):
        link = catch.find(_tag("linkEventDefinition"))
        if catch is throw or link is None or link.get("name") != name or _is_thrown(catch, scope):
            continue
        ends = {"sourceRef": throw.get("id", ""), "targetRef": catch.get("id", "")}
        etree.SubElement(scope, _tag("sequenceFlow"), id=f"{throw.get('id')}.link", **ends)
        return


def _is_thrown(element: etree._Element, scope: etree._Element) -> bool:
    """A throwing link has no flow out; a catching one that was redrawn has."""
    return all(f.get("sourceRef") != element.get("id") for f in scope.findall(_tag("sequenceFlow")))


def _tag(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def _remove_with_edges(root: etree._Element, scope: etree._Element) -> None:
    ids = {e.get("id") for e in scope.iter() if e.get("id")}
    scope.getparent().remove(scope)
    for element in list(root.iter()):
        refers = element.get("bpmnElement") in ids or (
            element.tag == f"{{{BPMN}}}flowNodeRef" and (element.text or "").strip() in ids
        )
        if refers and element.getparent() is not None:
            element.getparent().remove(element)
