"""Untrusted XML: parsed without entities, files or network, bounded in size and depth."""

from lxml import etree

from engine.elements import BPMN, is_event_scope
from engine.errors import InvalidDefinition, Message

MAX_BYTES = 2_000_000
MAX_DEPTH = 60


def parse_xml(xml: bytes, comments: bool = False) -> etree._Element:
    """Parse untrusted XML: no entities, no network, bounded size.

    Args:
        comments: Keep them, for a file that is written back.

    Raises:
        InvalidDefinition: not well-formed, or larger than `MAX_BYTES`.
    """
    if len(xml) > MAX_BYTES:
        raise fault(f"文件超过 {MAX_BYTES // 1_000_000} MB", f"the file is larger than {MAX_BYTES} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=not comments)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as found:
        line = found.lineno or 1
        raise fault(
            f"第{line}行附近不是格式良好的 XML，请检查标签、引号和嵌套", f"not well-formed XML: {found.msg}"
        ) from None
    if root.getroottree().docinfo.doctype:
        raise fault("不得含有文档类型声明（DOCTYPE）", "a DOCTYPE is not allowed")
    return root


def as_file(root: etree._Element) -> bytes:
    """Return a tree as the content of a file, with whatever stands around its root."""
    made: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return made + b"\n"


def processes_in(xml: bytes) -> list[etree._Element]:
    """Return the processes of a BPMN file, finished or not; none where it cannot be read."""
    try:
        found: list[etree._Element] = parse_xml(xml).findall(f"{{{BPMN}}}process")
    except InvalidDefinition:
        return []
    return found


def too_deep(element: etree._Element) -> bool:
    """Say whether anything in an element lies deeper in its file than `MAX_DEPTH`."""
    ahead = [(element, sum(1 for _ in element.iterancestors()))]
    while ahead:
        one, depth = ahead.pop()
        if depth > MAX_DEPTH:
            return True
        ahead += [(child, depth + 1) for child in one]
    return False


def lanes_by_node(root: etree._Element) -> dict[str, etree._Element]:
    """Return the lane that names each node, by the node's id."""
    return {
        (ref.text or "").strip(): lane
        for lane in root.iter(f"{{{BPMN}}}lane")
        for ref in lane.findall(f"{{{BPMN}}}flowNodeRef")
    }


def fault(zh: str, en: str) -> InvalidDefinition:
    """Return the refusal of a definition with one finding."""
    return InvalidDefinition([Message(zh, en)])


def event_scopes(root: etree._Element) -> list[etree._Element]:
    """Return the event sub-processes at the level of a process."""
    return [
        e
        for e in root.iter(f"{{{BPMN}}}subProcess")
        if is_event_scope(e) and e.getparent().tag == f"{{{BPMN}}}process"
    ]
