"""What a file holds that other editors know and nothing here runs: each element, and what to do about it."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.reader import SHIXIAN
from engine.elements import BPMN, XSI, id_of, local
from engine.findings import Finding, finding
from engine.workbench.drawing import Drawing

_LOOKS = frozenset(
    {"http://bpmn.io/schema/bpmn/biocolor/1.0", "http://www.omg.org/spec/BPMN/non-normative/color/1.0"}
)
"""Namespaces that say only how something looks."""
_ELSEWHERE = {
    "choreography": ("编排图", "a choreography"),
    "globalChoreographyTask": ("全局编排任务", "a global choreography task"),
    "globalConversation": ("全局会话", "a global conversation"),
    "conversation": ("会话", "a conversation"),
    "subConversation": ("子会话", "a sub-conversation"),
    "callConversation": ("调用会话", "a called conversation"),
    "globalTask": ("全局任务", "a global task"),
    "globalUserTask": ("全局用户任务", "a global user task"),
    "globalManualTask": ("全局手工任务", "a global manual task"),
    "globalScriptTask": ("全局脚本任务", "a global script task"),
    "globalBusinessRuleTask": ("全局规则任务", "a global business rule task"),
}


def foreign_findings(drawing: Drawing) -> Iterator[Finding]:
    """Yield what is kept as it is and not executed."""
    yield from _processes(drawing)
    yield from _executable(drawing)
    for element in drawing.root.iter():
        kind = local(element)
        if kind in _ELSEWHERE:
            zh, en = _ELSEWHERE[kind]
            yield finding(
                "unsupported-element",
                id_of(element),
                f"{zh}不能执行，请改画为流程，或者只留作说明的流程图不发布",
                f"{en} cannot be executed; draw a process, or keep this file as a drawing only",
            )
        elif kind == "messageFlow":
            yield finding(
                "message-flow",
                id_of(element),
                "消息流只是图示；实际收发请写在消息事件的 shixian:correlation 上",
                "a message flow is only drawn; say by shixian:correlation of the message events what is sent and taken",
                "warning",
            )
        elif kind == "participant" and not element.get("processRef") and _in_collaboration(element):
            yield finding(
                "black-box-pool",
                id_of(element),
                "黑盒池只是图示，其中没有可以执行的流程；要执行的，请在池中画出流程",
                "a black-box pool is only drawn; draw a process in it where something is to be executed",
                "warning" if drawing.processes else "error",
            )
    yield from _extensions(drawing.root)


def _in_collaboration(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and local(parent) == "collaboration"


def _processes(drawing: Drawing) -> Iterator[Finding]:
    if len(drawing.processes) < 2:
        return
    for process in drawing.processes:
        yield finding(
            "one-process",
            process.id,
            "一个模型只执行一个流程；请只留一个，其余各建模型，用消息或者调用活动联系",
            "a model executes one process; keep one, and make a model of each other, joined by messages or calls",
        )


def _executable(drawing: Drawing) -> Iterator[Finding]:
    for process in drawing.processes:
        if process.xml.get("isExecutable") is None:
            yield finding(
                "not-executable",
                process.id,
                "没有写明流程是否可执行，请写明 isExecutable=true",
                "it is not said whether the process is executable; say isExecutable=true",
                "warning",
            )


def _extensions(root: etree._Element) -> Iterator[Finding]:
    names: Counter[tuple[str, str]] = Counter()
    for element in root.iter(f"{{{BPMN}}}*"):
        if local(element) == "extensionElements":
            owner = element.getparent()
            for child in element:
                _note(names, owner, child.tag, child.prefix)
            continue
        prefixes = {uri: prefix for prefix, uri in element.nsmap.items()}
        for key in element.keys():
            if str(key).startswith("{"):
                _note(names, element, key, prefixes.get(etree.QName(key).namespace))
    by_element: dict[str, list[str]] = {}
    for owner_id, name in names:
        by_element.setdefault(owner_id, []).append(name)
    for owner_id, several in by_element.items():
        told = "、".join(several[:5]) + ("等" if len(several) > 5 else "")
        yield finding(
            "foreign-extension",
            owner_id,
            f"{told} 是其他工具的扩展，在此不起作用，原样保留；需要同样效果的，请用时限的属性写明",
            f"{', '.join(several[:5])} belongs to another tool: it has no effect here and is kept; say the same by Shixian's properties where it is needed",
            "warning",
        )


def _note(
    names: Counter[tuple[str, str]], owner: etree._Element | None, tag: object, prefix: str | None
) -> None:
    if owner is None or not isinstance(tag, str) or not tag.startswith("{"):
        return
    name = etree.QName(tag)
    if name.namespace in (BPMN, SHIXIAN, XSI) or name.namespace in _LOOKS:
        return
    names[id_of(owner), f"{prefix}:{name.localname}" if prefix else name.localname] += 1
