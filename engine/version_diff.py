"""What one version of a definition says otherwise than another, element by element and setting by setting."""

from typing import Any

from engine.definitions import Definition
from engine.model import Node
from engine.runner import drawn

ASPECTS = {
    "type": "类型",
    "name": "名称",
    "role": "承办角色",
    "scope": "所在子流程",
    "form": "表单",
    "form_variable": "表单",
    "form_resumes": "表单",
    "form_open": "表单",
    "form_remarks": "表单",
    "state": "事项状态",
    "result": "办理结果",
    "result_when": "办理结果",
    "skip_when": "略过条件",
    "when": "启用条件",
    "separate_from": "回避要求",
    "separate_strict": "回避要求",
    "needs": "发起条件",
    "assigns": "赋值",
    "service": "服务",
    "service_variable": "服务",
    "documents": "文书",
    "delivery": "送达",
    "correlation": "消息",
    "event": "事件",
    "event_ref": "事件",
    "condition": "条件",
    "called": "调用流程",
    "decision": "决策表",
    "inputs": "输入",
    "outputs": "输出",
    "approval": "会签规则",
    "notices": "告知",
    "period": "期限",
    "limit_acts": "期限的延长与中止",
    "reminder": "提醒",
    "attached_to": "所附环节",
    "interrupting": "是否中断",
}
"""What may differ in an element, in the words of the preview."""


def differences(before: Definition, after: Definition, names: dict[str, str]) -> dict[str, Any]:
    """Return added, removed and changed elements and the settings with another value, as JSON values.

    Args:
        names: Elements of the old version that have another id in the new one; they count as the same element.
    """
    drawing = drawn(before.program, after.program, names)
    old, new = before.process.nodes, after.process.nodes
    pairs = {one: names.get(one, one) for one in old if names.get(one, one) in new}
    changed = []
    for one, other in pairs.items():
        what = aspects(before, after, old[one], new[other], names)
        if one in drawing.flows:
            what.append("流向")
        if what:
            changed.append({**_element(new[other]), "before": one, "aspects": what})
    met = set(pairs.values())
    return {
        "added": [_element(node) for node in new.values() if node.id not in met],
        "removed": [
            {**_element(node), "like": drawing.alike.get(node.id)}
            for node in old.values()
            if node.id not in pairs
        ],
        "changed": changed,
        "settings": _settings(before, after),
    }


def aspects(before: Definition, after: Definition, old: Node, new: Node, names: dict[str, str]) -> list[str]:
    """Return what differs between an element and its counterpart, in words; ids that were mapped do not count."""
    found: dict[str, None] = {}
    for field, word in ASPECTS.items():
        one, other = getattr(old, field), getattr(new, field)
        if field in ("scope", "attached_to"):
            one = names.get(one, one)
        if field == "separate_from":
            one = tuple(names.get(x, x) for x in one)
        if one != other:
            found[word] = None
    if old.form and old.form == new.form and before.form_data[old.form] != after.form_data[old.form]:
        found["表单内容"] = None
    return list(found)


def _element(node: Node) -> dict[str, str]:
    return {"element_id": node.id, "name": node.name, "type": node.type}


def _settings(before: Definition, after: Definition) -> list[dict[str, str | None]]:
    found = []
    old, new = before.process.settings, after.process.settings
    for key in dict.fromkeys((*old, *new)):
        one, other = old.get(key), new.get(key)
        if one is None or other is None or (one.value, one.unit) != (other.value, other.unit):
            told = other or one
            found.append(
                {
                    "key": key,
                    "note": told.note if told else "",
                    "unit": told.unit if told else "",
                    "before": one.value if one else None,
                    "after": other.value if other else None,
                    "basis": other.basis if other else "",
                }
            )
    return found
