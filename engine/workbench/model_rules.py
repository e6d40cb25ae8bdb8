"""All rules that look at a model as it is drawn, beside what the engine needs to run it."""

from collections.abc import Iterator, Mapping

from engine.bpmn.xml import MAX_DEPTH, parse_xml
from engine.definition_contents import Contents
from engine.elements import BPMN
from engine.errors import InvalidDefinition
from engine.findings import PROCESS, Finding, finding
from engine.workbench.drawing import read_drawing
from engine.workbench.flow_rules import flow_findings
from engine.workbench.foreign import foreign_findings
from engine.workbench.law_rules import law_findings
from engine.workbench.lint import LINT


def model_findings(files: Mapping[str, bytes], contents: Contents) -> Iterator[Finding]:
    """Yield what the rules find in the drawing of a model; nothing where it cannot be parsed."""
    try:
        root = parse_xml(files.get(PROCESS, b""))
    except InvalidDefinition:
        return
    if root.tag != f"{{{BPMN}}}definitions" or _too_deep(root):
        return
    drawing = read_drawing(root)
    yield from law_findings(drawing, contents)
    yield from flow_findings(drawing, contents)
    yield from foreign_findings(drawing)
    for rule, severity, _, look in LINT:
        for element, zh, en in look(drawing):
            yield finding(rule, element, zh, en, severity)


def _too_deep(root: object) -> bool:
    ahead = [(root, 0)]
    while ahead:
        element, depth = ahead.pop()
        if depth > MAX_DEPTH:
            return True
        ahead += [(child, depth + 1) for child in element]  # type: ignore[attr-defined]
    return False
