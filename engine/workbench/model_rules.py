"""All rules that look at a model as it is drawn, beside what the engine needs to run it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.bpmn.reader import SHIXIAN
from engine.bpmn.xml import parse_xml, too_deep
from engine.definition_contents import Contents
from engine.elements import BPMN
from engine.errors import InvalidDefinition
from engine.findings import Finding, finding
from engine.process_files import PROCESS
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
    if root.tag != f"{{{BPMN}}}definitions" or too_deep(root):
        return
    yield from _doubles(root)
    drawing = read_drawing(root)
    yield from law_findings(drawing, contents)
    yield from flow_findings(drawing, contents)
    yield from foreign_findings(drawing)
    for rule, severity, _, look in LINT:
        for element, zh, en in look(drawing):
            yield finding(rule, element, zh, en, severity)


def _doubles(root: etree._Element) -> Iterator[Finding]:
    """Yield settings and variables that are declared twice: which of the two counts would be for readers to guess."""
    for name, key, zh in (("setting", "key", "设置"), ("variable", "name", "变量")):
        where = f"{{{BPMN}}}process/{{{BPMN}}}extensionElements/{{{SHIXIAN}}}{name}"
        times = Counter(element.get(key, "") for element in root.findall(where))
        for double in sorted(each for each, number in times.items() if number > 1):
            yield finding(
                "declared-twice",
                double,
                f"{zh}重复，请只留一个",
                f"there are two {name}s of this {key}; keep one",
            )
