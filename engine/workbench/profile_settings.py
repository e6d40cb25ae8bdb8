"""Give a model the profile of a law, and its settings the law's defaults, as far as a designer takes them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.reader import SHIXIAN
from engine.bpmn.xml import as_file, parse_xml
from engine.elements import BPMN
from engine.process_files import PROCESS
from engine.profiles import Default, Profile

_SETTING = f"{{{SHIXIAN}}}setting"
_VALUES = ("key", "value", "unit", "kind", "basis", "note", "min", "max")


@dataclass(frozen=True)
class Proposal:
    """A setting as the model has it and as the law would.

    Attributes:
        before: Its attributes in the model; empty where the model has no such setting.
    """

    before: dict[str, str]
    default: Default

    @property
    def key(self) -> str:
        """The setting's key."""
        return self.default.setting.key

    @property
    def missing(self) -> bool:
        """Whether the model has no such setting."""
        return not self.before

    @property
    def changes(self) -> bool:
        """Whether taking the default changes anything."""
        return self.before != _attributes(self.default)


def proposals(files: Mapping[str, bytes], profile: Profile) -> list[Proposal]:
    """Return what the law's defaults would change in a model: its own settings, then those of its kind it lacks.

    Raises:
        InvalidDefinition: the diagram cannot be read.
    """
    had = {e.get("key", ""): _said(e) for e in parse_xml(files.get(PROCESS, b"")).iter(_SETTING)}
    kinds = {key.partition(".")[0] for key in had if "." in key}
    own = [Proposal(had[key], profile.defaults[key]) for key in had if key in profile.defaults]
    lacking = [
        Proposal({}, default)
        for key, default in profile.defaults.items()
        if key not in had and (key.partition(".")[0] in kinds or "." not in key)
    ]
    return [*(one for one in own if one.changes), *lacking]


def apply_defaults(files: Mapping[str, bytes], profile: Profile, keys: Collection[str]) -> dict[str, bytes]:
    """Return the files with the profile named and the chosen settings as the law has them.

    Args:
        keys: Of the settings to take over; those that the model lacks are added at the end of its settings.

    Raises:
        InvalidDefinition: the diagram cannot be read.
    """
    root = parse_xml(files.get(PROCESS, b""), comments=True)
    for process in root.iter(f"{{{BPMN}}}process"):
        process.set(f"{{{SHIXIAN}}}profile", profile.id)
        for key in keys:
            if key in profile.defaults:
                _take(process, profile.defaults[key])
    return {**files, PROCESS: as_file(root)}


def _take(process: etree._Element, default: Default) -> None:
    element = next((e for e in _settings(process) if e.get("key") == default.setting.key), None)
    if element is None:
        element = _added(process)
    for name in (*_VALUES, "options"):
        element.attrib.pop(name, None)
    for name, value in _attributes(default).items():
        element.set(name, value)


def _added(process: etree._Element) -> etree._Element:
    """Return a new setting behind the last one."""
    element = etree.Element(_SETTING)
    last = next(reversed(list(_settings(process))), None)
    if last is not None:
        element.tail = last.tail
        last.addnext(element)
        return element
    extensions = process.find(f"{{{BPMN}}}extensionElements")
    if extensions is None:
        extensions = etree.Element(f"{{{BPMN}}}extensionElements")
        process.insert(0, extensions)
    extensions.append(element)
    return element


def _settings(process: etree._Element) -> Iterator[etree._Element]:
    yield from process.findall(f"{{{BPMN}}}extensionElements/{_SETTING}")


def _attributes(default: Default) -> dict[str, str]:
    setting = default.setting
    values = (setting.key, setting.value, setting.unit, setting.kind, setting.basis, setting.note)
    said = dict(zip(_VALUES, (*values, setting.minimum, setting.maximum), strict=True))
    return {name: value for name, value in {**said, "options": default.options}.items() if value}


def _said(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items() if value}
