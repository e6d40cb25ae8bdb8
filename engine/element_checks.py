"""What each kind of element needs to run: found when a definition is deployed."""

import re
from collections.abc import Iterator

from engine.elements import SCOPES
from engine.expression_checks import Told, expression_findings
from engine.expressions import ExpressionRefused, compile_expression
from engine.incidents import MAX_ATTEMPTS
from engine.model import Approval, Node, Process, Several
from engine.period_checks import period_findings
from engine.start_checks import start_findings


def node_findings(process: Process, node: Node) -> Iterator[Told]:
    """Yield what is missing or wrong at an element."""
    begins_scope = node.type == "startEvent" and node.scope is not None
    waits = node.type in ("intermediateCatchEvent", "boundaryEvent", "receiveTask") or begins_scope
    if waits and node.event == "timer" and node.period is None and (begins_scope or node.reminder is None):
        yield (
            "element-incomplete",
            "定时事件须有 shixian:period 或 shixian:reminder",
            "a timer needs shixian:period or shixian:reminder",
        )
    # A message start of an event sub-process without a key is an act that somebody does by hand.
    if waits and not begins_scope and node.event == "message" and node.correlation is None:
        yield (
            "element-incomplete",
            "等待消息须有 shixian:correlation 的 key",
            "waiting for a message needs shixian:correlation with a key",
        )
    if node.event in ("message", "signal") and node.type not in ("startEvent",) and not _named(node):
        yield "element-incomplete", "须引用消息或信号的名称", "a message or signal needs its name"
    if node.event == "conditional" and not (node.condition or "").strip():
        yield "element-incomplete", "条件事件须有条件", "a conditional event needs its condition"
    if begins_scope and node.event == "error" and not node.interrupting:
        yield (
            "element-incomplete",
            "错误启动的事件子流程须为中断型",
            "an event sub-process that catches an error interrupts",
        )
    if node.type == "startEvent":
        yield from start_findings(process, node)
    if node.type == "callActivity" and not node.called:
        yield "element-incomplete", "调用活动须有 calledElement", "a call activity needs calledElement"
    if node.type == "boundaryEvent":
        yield from _boundary(process, node)
    if node.event == "cancel" and node.type == "endEvent":
        yield from _cancel(process, node)
    if node.several is not None:
        yield from _several(process, node.several)
    if node.approval is not None:
        yield from _approval(process, node.approval)
    if node.retry is not None and (not 0 <= node.retry.attempts <= MAX_ATTEMPTS or not node.retry.every):
        yield (
            "element-incomplete",
            f"shixian:retry 的 attempts 应为0至{MAX_ATTEMPTS}，every 应为时长，例如 PT5M",
            f"shixian:retry takes attempts from 0 to {MAX_ATTEMPTS} and every, a duration such as PT5M",
        )
    if node.event == "link":
        yield from _link(process, node)
    if node.period is not None:
        yield from period_findings(process, node.period)
    for _, text in node.outputs:
        try:
            compile_expression(text)
        except ExpressionRefused as refused:
            yield "expression", f"{refused}（{text}）", f"expression outside the subset: {text}"
    for variable, _ in node.outputs:
        if variable not in process.variables and node.several is None:
            yield "undeclared-variable", f"变量 {variable} 未声明", f"variable {variable} is not declared"


def _approval(process: Process, rule: Approval) -> Iterator[Told]:
    if rule.kind not in ("all", "first", "sequential", "votes"):
        yield (
            "element-incomplete",
            "审批方式应为 all、first、sequential 或 votes",
            "kind is one of all, first, sequential, votes",
        )
    if not rule.result or rule.result not in process.variables:
        yield (
            "element-incomplete",
            "审批须有 result，且变量已声明",
            "an approval needs its result, a declared variable",
        )
    if rule.members is not None and rule.members not in process.variables:
        yield "undeclared-variable", f"变量 {rule.members} 未声明", f"variable {rule.members} is not declared"
    if rule.needed is not None and not re.fullmatch(r"[1-9][0-9]{0,2}|(100|[1-9]?[0-9])%", rule.needed):
        yield "element-incomplete", "票数应为正整数或百分比", "the votes needed are a number or a percentage"
    for text in filter(None, (rule.agrees, rule.until)):
        yield from expression_findings(text, process.variables.keys())


def _several(process: Process, rule: Several) -> Iterator[Told]:
    if rule.items not in process.variables:
        yield (
            "element-incomplete",
            "多实例须以 loopDataInputRef 指明已声明的列表变量",
            "several instances need their list, a declared variable, in loopDataInputRef",
        )
    if not rule.item.isidentifier() or rule.item in process.variables:
        yield (
            "element-incomplete",
            "多实例须以 inputDataItem 的 name 为列表项取名，且不与变量重名",
            "several instances need a name of the item, other than any variable, in inputDataItem",
        )
    if rule.result not in process.variables or rule.result == rule.items:
        yield (
            "element-incomplete",
            "多实例须以 loopDataOutputRef 指明已声明的结果变量",
            "several instances need their result, a declared variable, in loopDataOutputRef",
        )
    if rule.until is not None:
        yield from expression_findings(rule.until, process.variables.keys())


def _named(node: Node) -> bool:
    if node.event_ref or (node.correlation and node.correlation[0]):
        return True
    # A message that only records a delivery between the parties has no receiver to name.
    return node.event == "message" and node.correlation is None


def _boundary(process: Process, node: Node) -> Iterator[Told]:
    host = process.nodes.get(node.attached_to or "")
    kinds = {
        "error": (*SCOPES, "callActivity"),
        "escalation": SCOPES,
        "cancel": ("transaction",),
    }
    allowed = kinds.get(node.event or "")
    if host is None or host.scope != node.scope or host.type.endswith(("Gateway", "Event")):
        yield (
            "element-incomplete",
            "边界事件须附着于同一层的活动",
            "a boundary event is attached to an activity of its own scope",
        )
    elif allowed and host.type not in allowed:
        yield (
            "element-incomplete",
            f"该边界事件只能附着于 {'、'.join(allowed)}",
            f"this boundary event belongs on {', '.join(allowed)}",
        )
    if node.event in ("error", "cancel") and not node.interrupting:
        yield (
            "element-incomplete",
            "错误和取消边界事件须为中断型",
            "error and cancel boundary events interrupt",
        )


def _cancel(process: Process, node: Node) -> Iterator[Told]:
    scope = process.nodes.get(node.scope or "")
    if scope is None or scope.type != "transaction":
        yield "element-incomplete", "取消结束事件只能在事务中", "a cancel end event lies in a transaction"
    elif not any(n.event == "cancel" and n.attached_to == scope.id for n in process.nodes.values()):
        yield "element-incomplete", "事务须有取消边界事件", "the transaction needs a cancel boundary event"


def _link(process: Process, node: Node) -> Iterator[Told]:
    ends = [n for n in process.nodes.values() if n.event == "link" and n.event_ref == node.event_ref]
    caught = [n for n in ends if n.type == "intermediateCatchEvent" and n.scope == node.scope]
    if len(caught) != 1:
        yield (
            "element-incomplete",
            "链接须在同一层有且仅有一个同名的捕获事件",
            "a link needs one catch event of its name in its scope",
        )
