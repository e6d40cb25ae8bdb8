"""What the files beside a diagram need to know of it: settings, variables, and where forms, tables and documents are
used. Read without any check, since a draft may be broken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.bpmn import parse_xml
from engine.bpmn.reader import SHIXIAN
from engine.elements import BPMN
from engine.errors import InvalidDefinition
from engine.model import Setting
from engine.process_files import PROCESS


@dataclass(frozen=True)
class Use:
    """An element of the diagram that uses a form, a decision or a document.

    Attributes:
        of: The id of the form or decision, the name of the document's template.
        variable: Of forms and decisions: where the case keeps the answer.
        title, by, to: Of documents: its heading, the parties it is from and for.
    """

    kind: str
    of: str
    element: str
    name: str
    variable: str = ""
    title: str = ""
    by: str = ""
    to: str = ""
    limit: str = ""


@dataclass(frozen=True)
class Outline:
    """A diagram in outline; empty where it cannot be read at all."""

    settings: Mapping[str, Setting]
    variables: Mapping[str, tuple[str, str]]
    """Type and label by name."""
    uses: tuple[Use, ...]

    def of(self, kind: str, name: str) -> tuple[Use, ...]:
        """Return the uses of one form, decision or document."""
        return tuple(use for use in self.uses if (use.kind, use.of) == (kind, name))


def outline(files: Mapping[str, bytes]) -> Outline:
    """Return the outline of a model's diagram."""
    try:
        root = parse_xml(files.get(PROCESS, b""))
    except InvalidDefinition:
        return Outline({}, {}, ())
    own = list(_own(root))
    settings = (
        Setting(*(e.get(a, "") for a in ("key", "value", "unit", "kind", "basis", "note", "min", "max")))
        for name, e, _ in own
        if name == "setting"
    )
    return Outline(
        settings={s.key: s for s in settings},
        variables={
            e.get("name", ""): (e.get("type", "text"), e.get("label", ""))
            for name, e, _ in own
            if name == "variable"
        },
        uses=tuple(use for name, e, node in own if (use := _use(name, e, node)) is not None),
    )


def _own(root: etree._Element) -> Iterator[tuple[str, etree._Element, etree._Element]]:
    """Yield what Shixian adds: its name, the element, and what it stands in."""
    for holder in root.iter(f"{{{BPMN}}}extensionElements"):
        for element in holder:
            if isinstance(element.tag, str) and element.tag.startswith(f"{{{SHIXIAN}}}"):
                yield etree.QName(element).localname, element, holder.getparent()


def _use(name: str, e: etree._Element, node: etree._Element) -> Use | None:
    where = (node.get("id", ""), _name_of(node))
    if name in ("form", "decision"):
        return Use(name, e.get("id", ""), *where, variable=e.get("variable", ""))
    if name == "document":
        said = {key: e.get(key, "") for key in ("title", "by", "to", "limit")}
        return Use(name, e.get("template", ""), *where, **said)
    return None


def _name_of(node: etree._Element) -> str:
    """Return an element's name; the start event of an act is called as its sub-process."""
    inside = node.getparent()
    act = inside is not None and inside.get("triggeredByEvent") == "true"
    return str(node.get("name") or (inside.get("name") if act else "") or node.get("id", ""))
