"""From a BPMN file to the model of a process."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import cast

from lxml import etree

from engine.bpmn.checks import ad_hoc, refusals, structure
from engine.bpmn.xml import event_scopes, fault, lanes_by_node, parse_xml
from engine.elements import BPMN, SCOPES, event_kind, is_event_scope, local, rows_of
from engine.errors import InvalidDefinition
from engine.findings import Finding, finding
from engine.incidents import duration
from engine.model import (
    Approval,
    DocumentRule,
    LimitAct,
    Node,
    Period,
    Planned,
    Process,
    Reminder,
    Retry,
    Setting,
    Several,
    StartParty,
)

SHIXIAN = "urn:shixian:bpmn:1"
FITS = ("kind", "level", "area", "managing")
LIMIT_ACTS = ("extensionRequest", "extension", "pause", "resume")


def read_process(xml: bytes) -> Process:
    """Read the one process of a BPMN file.

    Raises:
        InvalidDefinition: malformed XML, no or several processes, elements that are not supported.
    """
    root, processes = _roots(xml)
    findings = [] if len(processes) == 1 else [_one(len(processes))]
    for process in processes:
        findings += [*structure(process), *refusals(process, nested=False), *ad_hoc(process)]
    if findings:
        raise InvalidDefinition(findings)
    return _process(root, processes[0], xml)


def read_drawn(xml: bytes) -> Process | None:
    """Return what can be read of a file that is refused: the first process that has a flow; None where nothing can."""
    try:
        root, processes = _roots(xml)
        drawn = [p for p in processes if p.find(f"{{{BPMN}}}startEvent") is not None] or processes
        return _process(root, drawn[0], xml) if drawn else None
    except Exception:  # a file that is refused may hold anything, and what it lacks is told by its refusal
        return None


def _one(found: int) -> Finding:
    zh, en = f"应有且仅有一个流程，实有 {found} 个", f"expected one process, found {found}"
    return finding("one-process", "", zh, en)


def _roots(xml: bytes) -> tuple[etree._Element, list[etree._Element]]:
    root = parse_xml(xml)
    if root.tag != f"{{{BPMN}}}definitions":
        raise fault("根元素应为 bpmn:definitions", "expected the root element bpmn:definitions")
    return root, root.findall(f"{{{BPMN}}}process")


def _process(root: etree._Element, process: etree._Element, xml: bytes) -> Process:
    lanes = {node: lane.get(f"{{{SHIXIAN}}}role", "") for node, lane in lanes_by_node(process).items()}
    scopes = {s.get("id"): s for s in event_scopes(root)}
    names = _names(root)
    nodes = {n.id: n for n in _nodes(process, lanes, None, names)}
    return Process(
        id=process.get("id", ""),
        name=process.get("name", ""),
        article=process.get(f"{{{SHIXIAN}}}article", ""),
        case_number=process.get(f"{{{SHIXIAN}}}caseNumber", "SX"),
        effective_from=process.get(f"{{{SHIXIAN}}}effectiveFrom", ""),
        settings={
            e.get("key", ""): Setting(
                *(e.get(a, "") for a in ("key", "value", "unit", "kind", "basis", "note", "min", "max"))
            )
            for e in _extensions(process, "setting")
        },
        variables={e.get("name", ""): e.get("type", "text") for e in _extensions(process, "variable")},
        labels={e.get("name", ""): e.get("label", "") for e in _extensions(process, "variable")},
        withheld=tuple(
            e.get("name", "") for e in _extensions(process, "variable") if e.get("withheld") == "true"
        ),
        nodes=nodes,
        event_scopes={
            scope_id: start.get("id", "")
            for scope_id, scope in scopes.items()
            if (start := scope.find(f"{{{BPMN}}}startEvent")) is not None
        },
        conditions={
            flow.get("id", ""): condition.strip()
            for flow in process.iter(f"{{{BPMN}}}sequenceFlow")
            if (condition := flow.findtext(f"{{{BPMN}}}conditionExpression"))
        },
        xml=xml,
        case_title=process.get(f"{{{SHIXIAN}}}caseTitle", ""),
        results=tuple(process.get(f"{{{SHIXIAN}}}results", "").split()),
        profile=process.get(f"{{{SHIXIAN}}}profile", ""),
    )


def _nodes(
    parent: etree._Element, lanes: dict[str, str], scope: str | None, names: dict[str, str]
) -> Iterator[Node]:
    for element in parent:
        if not any(rows_of(element, nested=scope is not None)) and local(element) != "startEvent":
            continue
        if local(element).startswith("data"):
            continue
        yield _node(element, lanes, scope, names)
        if local(element) in SCOPES:
            inner = lanes | {
                child.get("id", ""): lanes[element.get("id", "")]
                for child in element
                if element.get("id", "") in lanes and child.get("id", "") not in lanes
            }
            yield from _nodes(element, inner, element.get("id"), names)


def _node(element: etree._Element, lanes: dict[str, str], scope: str | None, names: dict[str, str]) -> Node:
    def own(name: str) -> str | None:
        return cast(str | None, element.get(f"{{{SHIXIAN}}}{name}"))

    def first(name: str) -> etree._Element | None:
        return next(_extensions(element, name), None)

    def pairs(name: str, key: str) -> tuple[tuple[str, str], ...]:
        return tuple((e.get(key, ""), e.get("expression", "")) for e in _extensions(element, name))

    form, service, decision = first("form"), first("service"), first("decision")
    delivery, correlation = first("delivery"), first("correlation")
    return Node(
        id=element.get("id", ""),
        type=local(element),
        name=(element.get("name") or "").replace("\n", ""),
        role=own("role") or lanes.get(element.get("id", "")),
        state=own("state"),
        result=own("result"),
        result_when=own("resultWhen"),
        skip_when=own("skipWhen"),
        when=own("when"),
        separate_from=tuple((own("separateFrom") or "").split()),
        return_to=tuple((own("returnTo") or "").split()),
        return_pauses=own("returnPauses"),
        apart=own("apart") == "true",
        separate_strict=own("separateStrict") == "true",
        needs=own("needs") or "",
        form=form.get("id") if form is not None else None,
        form_variable=form.get("variable") if form is not None else None,
        form_resumes=form is not None and form.get("resume") == "true",
        form_open=form.get("open") if form is not None else None,
        form_remarks=tuple(form.get("remarks", "").split()) if form is not None else (),
        assigns=tuple(
            (e.get("variable", ""), e.get("expression", "")) for e in _extensions(element, "assign")
        ),
        service=service.get("name") if service is not None else None,
        service_variable=service.get("variable") if service is not None else None,
        documents=tuple(map(_document, _extensions(element, "document"))),
        delivery=(delivery.get("from", ""), delivery.get("to", "")) if delivery is not None else None,
        correlation=(correlation.get("to", ""), correlation.get("key", ""), correlation.get("kind"))
        if correlation is not None
        else None,
        event=event_kind(element) or ("message" if local(element) in ("sendTask", "receiveTask") else None),
        event_ref=_event_reference(element, names),
        condition=element.findtext(f"{{{BPMN}}}conditionalEventDefinition/{{{BPMN}}}condition")
        or element.findtext(f"{{{BPMN}}}completionCondition"),
        called=element.get("calledElement"),
        decision=(decision.get("id", ""), decision.get("variable", "")) if decision is not None else None,
        inputs=pairs("input", "name"),
        outputs=pairs("output", "variable"),
        approval=_approval(element, first("approval")) if local(element) != "callActivity" else None,
        several=_several(element) if local(element) == "callActivity" else None,
        notices=tuple(
            (tuple(e.get("to", "").split()), e.get("text", ""), e.get("when"))
            for e in _extensions(element, "notice")
        ),
        period=_period(first("period")),
        limit_acts=tuple(
            LimitAct(kind, *(e.get(a) for a in ("of", "value", "asked", "askedValue", "when")))
            for kind in LIMIT_ACTS
            for e in _extensions(element, kind)
        ),
        reminder=_reminder(first("reminder")),
        retry=_retry(first("retry")),
        attached_to=element.get("attachedToRef"),
        interrupting="false" not in (element.get("cancelActivity"), element.get("isInterrupting")),
        scope=scope,
        event_scope=is_event_scope(element),
        planned=_planned(element, first("schedule"))
        if scope is None and local(element) == "startEvent" and event_kind(element) == "timer"
        else None,
        start_parties=tuple(map(_start_party, _extensions(element, "party"))),
    )


def _document(element: etree._Element) -> DocumentRule:
    template, title, series, by = (element.get(name, "") for name in ("template", "title", "series", "by"))
    return DocumentRule(template, title, series, by, *map(element.get, ("to", "when", "limit", "number")))


def _planned(element: etree._Element, own: etree._Element | None) -> Planned:
    [definition] = element.findall(f"{{{BPMN}}}timerEventDefinition")
    said = [(local(e), (e.text or "").strip()) for e in definition if local(e).startswith("time")]
    kind, text = said[0] if len(said) == 1 else ("", "")
    return Planned(kind, text, own.get("roll", "none") if own is not None else "none")


def _start_party(element: etree._Element) -> StartParty:
    where = tuple((name, str(value)) for name in FITS if (value := element.get(name)) is not None)
    return StartParty(element.get("variable", ""), element.get("take", "one"), where, element.get("of"))


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
        follows=element.get("follows"),
        when=element.get("when"),
        answered_by=element.get("answeredBy"),
        length=element.get("length"),
        length_by=element.get("lengthBy"),
        extension_most=element.get("extensionMost"),
    )


def _reminder(element: etree._Element | None) -> Reminder | None:
    if element is None:
        return None
    return Reminder(element.get("of", ""), element.get("leadSetting"), int(element.get("lead", "0")))


def _retry(element: etree._Element | None) -> Retry | None:
    """Return the policy; what it says wrongly becomes no tries or no time between, which the checks refuse."""
    if element is None:
        return None
    attempts = element.get("attempts", "")
    every = duration(element.get("every", ""))
    return Retry(int(attempts) if re.fullmatch("[0-9]{1,3}", attempts) else -1, every or timedelta())


def _approval(element: etree._Element, own: etree._Element | None) -> Approval | None:
    several = element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    if own is None and several is None:
        return None
    get = own.get if own is not None else {}.get
    one_by_one = several is not None and several.get("isSequential") == "true"
    until = several.findtext(f"{{{BPMN}}}completionCondition") if several is not None else None
    listed = several.findtext(f"{{{BPMN}}}loopDataInputRef") if several is not None else None
    return Approval(
        kind=get("kind") or ("sequential" if one_by_one else "all"),
        members=get("members") or (listed.strip() if listed else None),
        agrees=get("agrees"),
        needed=get("needed"),
        until=get("until") or until,
        result=get("result") or "",
    )


def _several(element: etree._Element) -> Several | None:
    loop = element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    item = loop.find(f"{{{BPMN}}}inputDataItem")
    return Several(
        items=loop.findtext(f"{{{BPMN}}}loopDataInputRef", "").strip(),
        item=(item.get("name") or item.get("id") or "") if item is not None else "",
        sequential=loop.get("isSequential") == "true",
        until=loop.findtext(f"{{{BPMN}}}completionCondition"),
        result=loop.findtext(f"{{{BPMN}}}loopDataOutputRef", "").strip(),
    )


def _names(root: etree._Element) -> dict[str, str]:
    """Return the name, or the code, of every message, signal, error and escalation by its id."""
    kinds = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}
    return {
        e.get("id", ""): e.get(kinds[local(e)]) or e.get("name") or e.get("id", "")
        for e in root
        if local(e) in kinds
    }


def _event_reference(element: etree._Element, names: dict[str, str]) -> str | None:
    """Return the name of what an event throws or waits for."""
    for definition in [element, *(d for d in element if local(d).endswith("EventDefinition"))]:
        for attribute in ("messageRef", "signalRef", "errorRef", "escalationRef"):
            if ref := definition.get(attribute):
                return names.get(str(ref).rpartition(":")[2], str(ref))
        if local(definition) == "linkEventDefinition":
            return cast(str | None, definition.get("name"))
    return None


def _extensions(element: etree._Element, name: str) -> Iterator[etree._Element]:
    yield from element.findall(f"{{{BPMN}}}extensionElements/{{{SHIXIAN}}}{name}")
