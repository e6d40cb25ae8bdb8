"""The rules of good drawing that bpmnlint knows, under its names: one function for each rule, over a drawing.

`no-inclusive-gateway` and `superfluous-label` are left out: inclusive gateways run here as the standard says,
and the name of a flow that has no condition is read by officials as well.
Source: BPMN 2.0.2, clauses 10 and 13; the names are those of bpmnlint 11.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from engine.bpmn.reader import SHIXIAN
from engine.bpmn.xml import lanes_by_node
from engine.elements import BPMN, id_of, local
from engine.findings import Severity
from engine.workbench.drawing import Drawing, Drawn

Told = tuple[str, str, str]  # element, Chinese, English
Rule = Callable[[Drawing], Iterator[Told]]


def _conditional_flows(drawing: Drawing) -> Iterator[Told]:
    for node in drawing.nodes():
        if node.default or any(flow.conditional for flow in node.outgoing):
            for flow in node.outgoing:
                if not flow.conditional and flow.id != node.default:
                    yield (
                        flow.id,
                        "同一元素的其他连线有条件，这一条没有；请写明条件，或者设为默认连线",
                        "the element's other flows have conditions and this one has none; give it one or make it the default",
                    )


def _start_required(drawing: Drawing) -> Iterator[Told]:
    for holder in drawing.holders():
        if holder.kind != "adHocSubProcess" and not _of(holder, "startEvent"):
            yield holder.id, "没有开始事件，请补画", "there is no start event; draw one"


def _end_required(drawing: Drawing) -> Iterator[Told]:
    for holder in drawing.holders():
        if holder.kind != "adHocSubProcess" and not _of(holder, "endEvent"):
            yield holder.id, "没有结束事件，请补画", "there is no end event; draw one"


def _event_based(drawing: Drawing) -> Iterator[Told]:
    for node in drawing.nodes():
        if node.kind != "eventBasedGateway":
            continue
        if len(node.outgoing) < 2:
            yield (
                node.id,
                "事件网关应有两条以上连线，否则直接画出事件",
                "an event-based gateway has two or more flows out; otherwise draw the event alone",
            )
        for flow in node.outgoing:
            if flow.conditional:
                yield flow.id, "事件网关的连线不应有条件，请删去", "no condition belongs here; remove it"


def _typed_start(drawing: Drawing) -> Iterator[Told]:
    for holder in drawing.holders():
        for start in _of(holder, "startEvent") if holder.event_scope else ():
            if start.event is None:
                yield (
                    start.id,
                    "事件子流程的开始事件须写明由什么启动，例如消息或者定时",
                    "the start of an event sub-process needs what starts it, such as a message or a timer",
                )


def _fake_join(drawing: Drawing) -> Iterator[Told]:
    for process in drawing.processes:
        joined = {name for fork in _forks(process) for name in _met(process, fork)}
        for node in process.everything():
            if node.id in joined and not node.is_gateway:
                yield (
                    node.id,
                    "同时办理的几个分支直接连到这里，每一个到达都会使它办理一次；请先画汇合的网关",
                    "branches that run at once lead here, and each runs it anew; draw a gateway that joins them first",
                )


def _forks(process: Drawn) -> Iterator[list[str]]:
    """Yield the first flows of branches that run at once."""
    for node in process.everything():
        parts = node.kind in ("parallelGateway", "inclusiveGateway")
        flows = (
            node.outgoing
            if parts
            else [f for f in node.outgoing if not f.conditional and f.id != node.default]
        )
        if len(flows) > 1 and (parts or not node.is_gateway):
            yield [flow.id for flow in flows]


def _met(process: Drawn, fork: list[str]) -> set[str]:
    """Return where several branches come in by flows of their own, without a gateway that joins them before."""
    nodes = {n.id: n for n in process.everything()}
    flows = {f.id: f for n in nodes.values() for f in n.outgoing}
    by_flow: dict[str, set[str]] = defaultdict(set)
    for branch in fork:
        ahead, seen = [branch], {branch}
        while ahead:
            name = ahead.pop()
            by_flow[name].add(branch)
            node = nodes.get(flows[name].target)
            joins = (
                node is not None
                and node.kind in ("parallelGateway", "inclusiveGateway")
                and len(node.incoming) > 1
            )
            for onward in node.outgoing if node is not None and not joins else ():
                if onward.id not in seen and onward.id not in fork:
                    seen.add(onward.id)
                    ahead.append(onward.id)
    return {
        n.id
        for n in nodes.values()
        if len(n.incoming) > 1 and _apart([by_flow[f.id] for f in n.incoming if by_flow[f.id]])
    }


def _apart(branches: list[set[str]]) -> bool:
    """Say whether two flows bring tokens of different branches."""
    return any(
        one != other or len(one) > 1 for at, one in enumerate(branches) for other in branches[at + 1 :]
    )


def _global(drawing: Drawing) -> Iterator[Told]:
    kinds = ("error", "escalation", "message", "signal")
    said = [e for e in drawing.root if local(e) in kinds]
    used = {
        value.rpartition(":")[2]
        for e in drawing.root.iter(f"{{{BPMN}}}*")
        for key in ("errorRef", "escalationRef", "messageRef", "signalRef")
        if (value := e.get(key))
    }
    names = Counter((local(e), e.get("name")) for e in said)
    for element in said:
        name = id_of(element)
        if (element.get("name") or "x").strip() == "":
            yield name, "消息、信号、错误或者升级没有名称，请填写", "it has no name; give it one"
        if name not in used:
            yield name, "没有任何事件引用它，请删去", "nothing refers to it; remove it"
        if names[local(element), element.get("name")] > 1:
            yield (
                name,
                "与另一个同类定义重名，请合并或者改名",
                "another one has the same name; merge or rename them",
            )


def _label(drawing: Drawing) -> Iterator[Told]:
    told = (
        "没有名称，请填写：办理页面和档案都以名称显示",
        "it has no name; give it one, since pages and files show it",
    )
    for node in drawing.nodes():
        silent = node.kind in ("parallelGateway", "eventBasedGateway") or node.is_scope
        if not node.name and not silent and not (node.is_gateway and len(node.outgoing) < 2):
            yield node.id, *told
    for flow in drawing.flows:
        if flow.conditional and not flow.name:
            yield (
                flow.id,
                "有条件的连线没有名称，请写明何时走这一条",
                "a flow with a condition has no name; say when it is taken",
            )
    for element in drawing.root.iter(f"{{{BPMN}}}participant", f"{{{BPMN}}}lane"):
        if not (element.get("name") or "").strip():
            yield id_of(element), *told


def _link(drawing: Drawing) -> Iterator[Told]:
    for holder in drawing.holders():
        by_name: dict[str, list[Drawn]] = defaultdict(list)
        for node in holder.inside:
            if node.event == "link":
                by_name[node.link].append(node)
        for name, ends in by_name.items():
            caught = [n for n in ends if n.kind == "intermediateCatchEvent"]
            if not name:
                for node in ends:
                    yield node.id, "链接没有名称，请填写", "the link has no name; give it one"
            elif len(ends) == 1 or not caught:
                for node in ends:
                    yield (
                        node.id,
                        f"链接“{name}”的另一端不在同一层，请补画",
                        f"the other end of the link {name!r} is not in this scope; draw it",
                    )
            elif len(caught) > 1:
                for node in caught:
                    yield (
                        node.id,
                        f"链接“{name}”有几个捕获事件，请只留一个",
                        f"the link {name!r} has several catch events; keep one",
                    )


def _no_diagram(drawing: Drawing) -> Iterator[Told]:
    if not drawing.drawn:
        yield (
            "",
            "文件没有图形数据，已按流程重新排列",
            "the file has no diagram; one is laid out from the flow",
        )
        return
    for name in _visible(drawing):
        if name not in drawing.drawn:
            yield (
                name,
                "没有图形数据，图中看不到它，请补画或者删去",
                "it is missing from the diagram and cannot be seen; draw it or remove it",
            )


def _visible(drawing: Drawing) -> Iterator[str]:
    for node in drawing.nodes():
        yield node.id
    for flow in drawing.flows:
        yield flow.id
    shown = ("participant", "messageFlow", "lane", "dataObjectReference", "dataStoreReference")
    for element in drawing.root.iter(
        *(f"{{{BPMN}}}{name}" for name in (*shown, "textAnnotation", "group", "association"))
    ):
        yield id_of(element)


def _disconnected(drawing: Drawing) -> Iterator[Told]:
    for node in drawing.nodes():
        if node.event_scope or node.for_compensation or node.kind == "callActivity" or _in_ad_hoc(node):
            continue
        if node.kind == "boundaryEvent" and node.event == "compensate":
            continue
        if not node.incoming and not node.outgoing:
            yield (
                node.id,
                "没有任何连线，请接入流程或者删去",
                "it is connected to nothing; connect it or remove it",
            )


def _join_fork(drawing: Drawing) -> Iterator[Told]:
    for node in drawing.nodes():
        if node.is_gateway and len(node.incoming) > 1 and len(node.outgoing) > 1:
            yield (
                node.id,
                "同一网关既汇合又分支，不易看懂，请分成两个",
                "one gateway joins and forks, which is hard to read; draw two",
            )


def _implicit_end(drawing: Drawing) -> Iterator[Told]:
    for node in drawing.nodes():
        exempt = (
            node.event_scope
            or _in_ad_hoc(node)
            or node.kind == "endEvent"
            or (node.is_activity and node.for_compensation)
            or (node.kind == "intermediateThrowEvent" and node.event == "link")
            or (node.kind == "boundaryEvent" and node.event == "compensate" and _associated(drawing, node))
        )
        if not node.outgoing and not exempt:
            yield (
                node.id,
                "办完之后没有去向，请连到下一步或者结束事件",
                "nothing follows; lead it on or to an end event",
            )


def _implicit_start(drawing: Drawing) -> Iterator[Told]:
    for node in drawing.nodes():
        exempt = (
            node.event_scope
            or _in_ad_hoc(node)
            or node.kind in ("startEvent", "boundaryEvent")
            or (node.is_activity and node.for_compensation)
            or (node.kind == "intermediateCatchEvent" and node.event == "link")
        )
        if not node.incoming and not exempt:
            yield (
                node.id,
                "没有连线进入，请从上一步或者开始事件连来",
                "no flow comes in; lead one here from a start event",
            )


def _implicit_split(drawing: Drawing) -> Iterator[Told]:
    for node in drawing.nodes():
        plain = [f for f in node.outgoing if not f.conditional and f.id != node.default]
        if not node.is_gateway and len(plain) > 1:
            yield (
                node.id,
                "有多条无条件的连线离开，会同时办理；请用并行网关画明",
                "several flows without conditions leave and all are taken; draw a parallel gateway",
            )


def _overlapping(drawing: Drawing) -> Iterator[Told]:
    for names, within in _layers(drawing):
        for name in _colliding(drawing, names):
            yield name, "与其他元素重叠，请移开", "it overlaps another element; move it"
        for name in names:
            if (
                within in drawing.boxes
                and name in drawing.boxes
                and not _inside(drawing.boxes[name], drawing.boxes[within])
            ):
                yield (
                    name,
                    "画在所属的池或者子流程之外，请移入",
                    "it lies outside its pool or sub-process; move it in",
                )


def _layers(drawing: Drawing) -> Iterator[tuple[list[str], str]]:
    """Yield what lies on one level, with the id of the box around it, empty where there is none."""
    for collaboration in drawing.root.findall(f"{{{BPMN}}}collaboration"):
        yield [str(p.get("id")) for p in collaboration.findall(f"{{{BPMN}}}participant")], ""
    pools = {
        str(p.get("processRef")).rpartition(":")[2]: str(p.get("id"))
        for p in drawing.root.iter(f"{{{BPMN}}}participant")
    }
    for holder in drawing.holders():
        beside = [str(e.get("id")) for e in holder.xml if local(e) == "dataObjectReference" and e.get("id")]
        around = pools.get(holder.id, "") if holder.kind == "process" else holder.id
        yield (
            [*(n.id for n in holder.inside), *beside],
            "" if around in drawing.collapsed and holder.is_scope else around,
        )


def _colliding(drawing: Drawing, names: list[str]) -> list[str]:
    hosts = {n.id: str(n.xml.get("attachedToRef")) for n in drawing.nodes() if n.kind == "boundaryEvent"}
    boxes = sorted((drawing.boxes[name], name) for name in names if name in drawing.boxes)
    found: set[str] = set()
    open_: list[tuple[tuple[float, float, float, float], str]] = []
    for box, name in boxes:
        x, y, _, height = box
        open_ = [(b, n) for b, n in open_ if b[0] + b[2] > x]
        for other, its_name in open_:
            meets = other[1] + other[3] > y and y + height > other[1]
            if meets and hosts.get(name) != its_name and hosts.get(its_name) != name:
                found |= {name, its_name}
        open_.append((box, name))
    return [name for name in names if name in found]


def _inside(box: tuple[float, float, float, float], around: tuple[float, float, float, float]) -> bool:
    return (
        box[0] >= around[0]
        and box[1] >= around[1]
        and box[0] + box[2] <= around[0] + around[2]
        and box[1] + box[3] <= around[1] + around[3]
    )


def _one_blank_start(drawing: Drawing) -> Iterator[Told]:
    roles = {node: lane.get(f"{{{SHIXIAN}}}role") for node, lane in lanes_by_node(drawing.root).items()}
    for holder in drawing.holders():
        blank = [
            s.xml.get(f"{{{SHIXIAN}}}role") or roles.get(s.id)
            for s in _of(holder, "startEvent")
            if s.event is None
        ]
        # Several people may begin the same procedure, each by the start in their own lane.
        if len(blank) > 1 and len(set(blank)) < len(blank):
            yield (
                holder.id,
                "有几个无定义的开始事件，开始时无从选择；请只留一个，或者放入不同角色的泳道",
                "there are several plain start events; keep one, or put them into lanes of different roles",
            )


def _superfluous_gateway(drawing: Drawing) -> Iterator[Told]:
    for node in drawing.nodes():
        if node.is_gateway and len(node.incoming) == 1 and len(node.outgoing) == 1:
            yield (
                node.id,
                "网关只有一进一出，不起作用，请删去",
                "one flow in and one out: it does nothing; remove it",
            )


def _superfluous_termination(drawing: Drawing) -> Iterator[Told]:
    for holder in drawing.holders():
        ends = [n for n in holder.inside if not n.outgoing]
        terminating = [n for n in ends if n.kind == "endEvent" and n.event == "terminate"]
        others = [n for n in ends if n not in terminating and not _interrupting(n)]
        if len(terminating) == 1 and not others:
            yield (
                terminating[0].id,
                "没有其他分支可以终止，请改用普通结束事件",
                "there is no other branch to terminate; use a plain end event",
            )


def _interrupting(node: Drawn) -> bool:
    return node.event_scope and any(
        start.xml.get("isInterrupting", "true") == "true" for start in _of(node, "startEvent")
    )


def _of(holder: Drawn, kind: str) -> list[Drawn]:
    return [node for node in holder.inside if node.kind == kind]


def _in_ad_hoc(node: Drawn) -> bool:
    return node.holder is not None and node.holder.kind == "adHocSubProcess"


def _associated(drawing: Drawing, node: Drawn) -> bool:
    return any(a.get("sourceRef") == node.id for a in drawing.root.iter(f"{{{BPMN}}}association"))


LINT: tuple[tuple[str, Severity, str, Rule], ...] = (
    ("conditional-flows", "warning", "a flow without condition beside flows with conditions", _conditional_flows),
    ("end-event-required", "warning", "a process or sub-process without end event", _end_required),
    ("event-based-gateway", "warning", "an event-based gateway with one flow, or with a condition", _event_based),
    ("event-sub-process-typed-start-event", "error", "an event sub-process whose start says not what starts it", _typed_start),
    ("fake-join", "warning", "branches that run at once into an activity or event, where nothing joins them", _fake_join),
    ("global", "warning", "a message, signal, error or escalation without name, without use, or of the same name", _global),
    ("label-required", "warning", "an element, lane, pool or flow with condition without name", _label),
    ("link-event", "warning", "a link without name, without its other end, or caught twice", _link),
    ("no-bpmndi", "warning", "an element that is in no diagram; a file without any", _no_diagram),
    ("no-disconnected", "warning", "an element without any flow", _disconnected),
    ("no-gateway-join-fork", "warning", "a gateway that joins and forks", _join_fork),
    ("no-implicit-end", "warning", "an element that nothing follows and that is no end", _implicit_end),
    ("no-implicit-split", "warning", "an activity or event that several flows leave without conditions", _implicit_split),
    ("no-implicit-start", "warning", "an element that no flow leads to and that is no start", _implicit_start),
    ("no-overlapping-elements", "warning", "shapes that overlap, or lie outside their pool or sub-process", _overlapping),
    ("single-blank-start-event", "warning", "several plain start events for the same role", _one_blank_start),
    ("start-event-required", "error", "a process or sub-process without start event", _start_required),
    ("superfluous-gateway", "warning", "a gateway with one flow in and one out", _superfluous_gateway),
    ("superfluous-termination", "warning", "a terminate end event with no other branch", _superfluous_termination),
)  # fmt: skip
"""Code, severity, what it finds, and the function; the rest of bpmnlint's rules are checks of the engine."""
