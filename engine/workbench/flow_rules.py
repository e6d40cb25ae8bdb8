"""Where tokens can go: what is never reached, what never waits, what waits for ever."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from engine.definition_contents import Contents
from engine.findings import Finding, finding
from engine.forms import Form
from engine.model import Node, Process
from engine.workbench.drawing import Drawing, Drawn

_WAITING = ("userTask", "manualTask", "receiveTask", "callActivity", "eventBasedGateway", "task")
_BY_HAND = ("userTask", "manualTask")
_ASKED = ("userTask", "manualTask", "receiveTask", "intermediateCatchEvent")
_CHOICE = re.compile(r"(\w+)\['(\w+)'\] (?:== '[^']*'|in \[[^\]]*\])")
_QUOTED = re.compile("'([^']*)'")
Ways = dict[str, list[str]]


def flow_findings(drawing: Drawing, contents: Contents) -> Iterator[Finding]:
    """Yield what is wrong with where tokens go."""
    yield from _unreachable(drawing)
    yield from _gateways(drawing, contents)
    yield from _loops(drawing, contents)
    if contents.process is not None:
        yield from _waits(drawing, contents.process)


def _unreachable(drawing: Drawing) -> Iterator[Finding]:
    for process in drawing.processes:
        if not any(n.kind == "startEvent" for n in process.inside):
            continue
        reached = _reached(process)
        for node in process.everything():
            if node.id not in reached and not node.for_compensation:
                yield finding(
                    "unreachable",
                    node.id,
                    "从开始事件走不到这里，请连入流程或者删去",
                    "no way leads here from a start event; connect it or remove it",
                )


def _reached(process: Drawn) -> set[str]:
    ways = _ways(process)
    ahead = [n.id for n in _first(process)]
    reached = set(ahead)
    while ahead:
        for step in ways.get(ahead.pop(), ()):
            if step not in reached:
                reached.add(step)
                ahead.append(step)
    return reached


def _ways(process: Drawn) -> Ways:
    """Return where a token may go from each element: along flows, into scopes, out by boundary events and links."""
    ways: Ways = defaultdict(list)
    catching: dict[tuple[str, str], list[str]] = defaultdict(list)
    nodes = list(process.everything())
    for node in nodes:
        if node.kind == "intermediateCatchEvent" and node.event == "link":
            catching[_link(node)].append(node.id)
    for node in nodes:
        ways[node.id] += [flow.target for flow in node.outgoing]
        if node.kind == "boundaryEvent":
            ways[str(node.xml.get("attachedToRef"))].append(node.id)
        if node.kind == "intermediateThrowEvent" and node.event == "link":
            ways[node.id] += catching[_link(node)]
        if node.is_scope:
            ways[node.id] += [inner.id for inner in _first(node)]
    return ways


def _first(holder: Drawn) -> list[Drawn]:
    """Return what begins by itself in a process or sub-process."""
    starts = [n for n in holder.inside if n.kind == "startEvent" or n.event_scope]
    if holder.kind == "adHocSubProcess" or not any(n.kind == "startEvent" for n in starts):
        return starts + [n for n in holder.inside if not n.incoming and n.kind != "boundaryEvent"]
    return starts


def _link(node: Drawn) -> tuple[str, str]:
    return (node.holder.id if node.holder else ""), node.link


def _gateways(drawing: Drawing, contents: Contents) -> Iterator[Finding]:
    for node in drawing.nodes():
        if (
            node.kind not in ("exclusiveGateway", "inclusiveGateway")
            or node.default
            or len(node.outgoing) < 2
        ):
            continue
        if all(flow.conditional for flow in node.outgoing) and not _exhaustive(contents, node):
            yield finding(
                "gateway-default",
                node.id,
                "没有默认连线，各条件都不成立时会停在这里；请把一条连线设为默认",
                "there is no default flow, and a case stops here where no condition holds; make one flow the default",
                "warning",
            )


def _exhaustive(contents: Contents, node: Drawn) -> bool:
    """Say whether the conditions name every option of one field, or one of them always holds."""
    process = contents.process
    texts = [process.conditions.get(f.id, "") for f in node.outgoing] if process else []
    if "True" in texts:
        return True
    asked = [_CHOICE.fullmatch(text) for text in texts]
    fields = {(found[1], found[2]) for found in asked if found is not None}
    if process is None or None in asked or len(fields) != 1:
        return False
    [(variable, key)] = fields
    named = {value for text in texts for value in _QUOTED.findall(text.partition("]")[2])}
    forms = [contents.forms.get(n.form or "") for n in process.nodes.values() if n.form_variable == variable]
    choices = [c for form in forms if form is not None for c in form.fields if c.key == key and c.required]
    return bool(choices) and all({value for value, _ in choice.values} <= named for choice in choices)


def _loops(drawing: Drawing, contents: Contents) -> Iterator[Finding]:
    for holder in drawing.holders():
        nodes = {n.id: n for n in holder.inside}
        passing = {name for name, node in nodes.items() if not _waits_at(node)}
        ways = _within(holder)
        for loop in _circles({name: [t for t in ways[name] if t in passing] for name in passing}):
            first = next(name for name in nodes if name in loop)
            ends = _changes_something(contents, loop)
            yield finding(
                "endless-loop",
                first,
                f"{_listed(loop, nodes)} 连成一圈，其中没有任何等待的环节，"
                + ("须确认其中的赋值会使它结束" if ends else "会永远转下去；请加入任务，或者改变去向"),
                f"{', '.join(sorted(loop))} form a circle in which nothing waits"
                + (
                    "; make sure that what is set in it ends it"
                    if ends
                    else ", and it would run for ever; put a task in or lead it elsewhere"
                ),
                "warning" if ends else "error",
            )
        for loop in _circles(ways):
            waiting = [name for name in nodes if name in loop and _waits_at(nodes[name])]
            if waiting and not _is_bounded(drawing, contents, loop, nodes):
                yield finding(
                    "unbounded-loop",
                    waiting[0],
                    f"{_listed(loop, nodes)} 可以无限次重来；请以设置限定次数，或者置于期限之内",
                    f"{', '.join(sorted(loop))} may be gone through any number of times; bound it by a setting, or put it under a limit",
                    "warning",
                )


def _changes_something(contents: Contents, loop: set[str]) -> bool:
    """Say whether anything in a circle sets a variable; otherwise its conditions stay what they are for ever."""
    nodes = contents.process.nodes if contents.process is not None else {}
    return any(
        node.assigns or node.service or node.decision or node.outputs
        for node in (nodes[name] for name in loop if name in nodes)
    )


def _within(holder: Drawn) -> Ways:
    """Return where a token may go without leaving or entering a scope."""
    names = {n.id for n in holder.inside}
    ways: Ways = {name: [] for name in names}
    whole = _ways(holder)
    for name in names:
        ways[name] = [t for t in whole.get(name, ()) if t in names]
    return ways


def _waits_at(node: Drawn) -> bool:
    if node.is_scope:
        return not node.event_scope and any(_waits_at(inner) for inner in node.inside)
    return node.kind in _WAITING or (node.kind == "intermediateCatchEvent" and node.event != "link")


def _is_bounded(drawing: Drawing, contents: Contents, loop: set[str], nodes: Mapping[str, Drawn]) -> bool:
    process = contents.process
    if process is None:
        return True
    texts = [
        process.conditions.get(flow.id, "")
        for name in loop
        for flow in nodes[name].outgoing
        if flow.conditional
    ]
    forms = [contents.forms.get(_form(process, name)) for name in loop]
    texts += [text for form in forms if form is not None for text in _offered(form)]
    if any("setting(" in text for text in texts):
        return True
    limited, drawn = _limited(process), {n.id: n for n in drawing.nodes()}
    waiting = [process.nodes[name] for name in loop if name in process.nodes and _waits_at(nodes[name])]
    # Whoever drafts may do it again as often as they like: nothing was received yet.
    return any(
        _covered(process, limited, node)
        or node.state == "draft"
        or (node.type in _BY_HAND and _before_anybody_else(process, drawn, node))
        for node in waiting
    )


def _form(process: Process, name: str) -> str:
    node = process.nodes.get(name)
    return (node.form if node else None) or ""


def _offered(form: Form) -> Iterator[str]:
    for component in form.components:
        yield from component.options_when.values()
    for rule in form.rules:
        yield rule.when


def _listed(loop: Iterable[str], nodes: Mapping[str, Drawn]) -> str:
    return "、".join(f"“{nodes[name].name or name}”" for name in nodes if name in loop)


def _circles(ways: Mapping[str, list[str]]) -> list[set[str]]:
    """Return the strongly connected parts that hold a circle (Tarjan, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on: set[str] = set()
    found: list[set[str]] = []
    for root in ways:
        if root in number:
            continue
        ahead = [(root, iter(ways[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on.add(root)
        while ahead:
            name, steps = ahead[-1]
            step = next(steps, None)
            if step is not None and step not in number:
                number[step] = low[step] = len(number)
                stack.append(step)
                on.add(step)
                ahead.append((step, iter(ways.get(step, ()))))
            elif step is not None:
                low[name] = min(low[name], number[step]) if step in on else low[name]
            else:
                ahead.pop()
                if ahead:
                    low[ahead[-1][0]] = min(low[ahead[-1][0]], low[name])
                if low[name] == number[name]:
                    part: set[str] = set()
                    while name not in part:
                        part.add(stack.pop())
                    on -= part
                    if len(part) > 1 or name in ways[name]:
                        found.append(part)
    return found


def _waits(drawing: Drawing, process: Process) -> Iterator[Finding]:
    limited = _limited(process)
    drawn = {n.id: n for n in drawing.nodes()}
    for node in process.nodes.values():
        by_hand = node.type in _BY_HAND
        if node.type not in _ASKED or node.event in ("timer", "link") or node.state == "draft":
            continue
        # An act on a limit is bounded by it; what is done apart is no duty of this case.
        if node.limit_acts or node.apart:
            continue
        if _covered(process, limited, node) or _beside_a_timer(drawn, node.id):
            continue
        if by_hand and _before_anybody_else(process, drawn, node):
            continue
        yield finding(
            "wait-without-limit",
            node.id,
            "在此等待没有任何期限，会一直挂着；请附上带期限的定时事件，或者放入有期限的子流程",
            "it waits without any limit; attach a timer with a period, or put it into a sub-process that has one",
            "warning",
        )


def _limited(process: Process) -> set[str | None]:
    """Return the activities and scopes that a timer watches; None is the process."""
    found: set[str | None] = set()
    for node in process.nodes.values():
        if node.period is None:
            continue
        if node.type == "boundaryEvent":
            found.add(node.attached_to)
        elif node.type == "startEvent" and node.scope in process.nodes:
            found.add(process.nodes[node.scope].scope)
    return found


def _covered(process: Process, limited: set[str | None], node: Node | None) -> bool:
    if node is None:
        return False
    if node.id in limited or None in limited:
        return True
    scope = node.scope
    while scope is not None:
        if scope in limited:
            return True
        scope = process.nodes[scope].scope if scope in process.nodes else None
    return False


def _beside_a_timer(drawn: Mapping[str, Drawn], name: str) -> bool:
    """Say whether an event waits behind a gateway that a timer also waits behind."""
    incoming = drawn[name].incoming if name in drawn else []
    gateways = [
        drawn[f.source] for f in incoming if f.source in drawn and drawn[f.source].kind == "eventBasedGateway"
    ]
    targets = [f.target for gateway in gateways for f in gateway.outgoing]
    return any(drawn[t].event == "timer" for t in targets if t in drawn)


def _before_anybody_else(process: Process, drawn: Mapping[str, Drawn], node: Node) -> bool:
    """Say whether only the party that began the case has acted before: nothing was received yet, so no limit runs."""
    party, seen, ahead = _party(node), {node.id}, [node.id]
    while ahead:
        for flow in drawn[name].incoming if (name := ahead.pop()) in drawn else ():
            before = process.nodes.get(flow.source)
            if before is None or before.id in seen:
                continue
            if before.type in _ASKED and _party(before) != party:
                return False
            if before.delivery is not None or before.attached_to is not None:
                return False
            seen.add(before.id)
            ahead.append(before.id)
    return node.scope is None


def _party(node: Node) -> str:
    return (node.role or "").partition(".")[0]
