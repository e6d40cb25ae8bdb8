"""Replace the words of one law profile by those of another in the files of a model (换用口径用语).

Names, labels, sentences and document texts change. What is a key does not: ids, expressions, variables, and the names
of messages, signals, errors, escalations and links, by which definitions under either law find each other.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.bpmn.reader import SHIXIAN
from engine.bpmn.xml import as_file, parse_xml
from engine.elements import BPMN, local
from engine.errors import InvalidDefinition
from engine.profiles import Profile
from engine.speech import english
from engine.workbench.labels import fit_labels

_KEYS = {
    "message",
    "signal",
    "error",
    "escalation",
    "linkEventDefinition",
    "inputDataItem",
    "outputDataItem",
    "dataInput",
    "dataOutput",
    "itemDefinition",
    "resource",
}
"""BPMN elements whose name is looked up by others."""
_OWN_TEXTS = {
    "setting": ("note",),
    "variable": ("label",),
    "notice": ("text",),
    "document": ("title", "series"),
}
_PROCESS_TEXTS = ("caseTitle", "article")
_FORM_TEXTS = ("title", "label", "description", "text", "message", "group", "placeholder")
# Each stops at the next beginning: a text of nothing but beginnings would be searched to its end from each of them.
_TEMPLATE_CODE = re.compile(r"(\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\})", re.DOTALL)
_LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'")
Replace = Callable[[str, str], str]


@dataclass(frozen=True)
class Change:
    """One text that changes.

    Attributes:
        where: The element's id, the field's key or the line, as the file has it.
    """

    path: str
    where: str
    before: str
    after: str


@dataclass(frozen=True)
class Rewording:
    """What becomes of a model's files.

    Attributes:
        files: All of them, those that change with their new content.
        left: Expressions that quote an old word: they are left alone and want a look.
        unreadable: Files that are not well-formed and stay as they are.
    """

    files: dict[str, bytes]
    changes: tuple[Change, ...]
    left: tuple[Change, ...]
    unreadable: tuple[str, ...]


def reword(files: Mapping[str, bytes], profile_from: Profile, profile_to: Profile) -> Rewording:
    """Return the files with replaced words, and what changed."""
    run = _Run(_Words(profile_from, profile_to))
    result = dict(files)
    for path in sorted(files, key=lambda name: not name.startswith("forms/")):
        # Forms come first: templates compare with their labels, which have to stay the same on both sides.
        try:
            result[path] = run.file(path, files[path])
        except (ValueError, InvalidDefinition):
            run.unreadable.append(path)
    return Rewording(result, tuple(run.changes), tuple(run.left), tuple(run.unreadable))


class _Words:
    """The pairs of words, longest first, so that no word is taken for a part of another."""

    def __init__(self, before: Profile, after: Profile) -> None:
        shared = [(before.words[key], after.words[key]) for key in before.words if key in after.words]
        self._whole = {str(a.text): str(b.text) for a, b in shared if a.whole}
        parts = [(a.text, b.text) for a, b in shared if not a.whole]
        parts.reverse()  # where two old words are one new one, the way back leads to the first of them
        # A new word stands for itself: what has been replaced already is not replaced within.
        self._zh = {str(b): str(b) for _, b in parts if b} | {str(a): str(b) for a, b in parts if a}
        self._en = {english(a).lower(): english(b) for a, b in parts if english(a)}
        self._pattern = _alternatives(self._zh, 0)
        self._english = _alternatives(self._en, re.IGNORECASE)

    def zh(self, text: str) -> str:
        """Return a Chinese text in the new words."""
        if text in self._whole:
            return self._whole[text]
        return self._pattern.sub(lambda found: self._zh[found.group()], text)

    def en(self, text: str) -> str:
        """Return an English text in the new words, with the capitals of the old one."""
        return self._english.sub(self._as_written, text)

    def _as_written(self, found: re.Match[str]) -> str:
        old = found.group()
        new = self._en[old.lower()]
        first = new[:1].upper() if old[0].isupper() else new[:1].lower()
        return first + new[1:]


def _alternatives(words: Mapping[str, str], flags: int) -> re.Pattern[str]:
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) or "(?!)", flags)


class _Run:
    """One pass over the files, collecting what it changes."""

    def __init__(self, words: _Words) -> None:
        self._words = words
        self.changes: list[Change] = []
        self.left: list[Change] = []
        self.unreadable: list[str] = []
        self._labels: dict[str, str] = {}

    def file(self, path: str, content: bytes) -> bytes:
        """Return one file with replaced words, the same bytes where none occurs.

        Raises:
            ValueError, InvalidDefinition: it is not well-formed.
        """
        before = len(self.changes)
        made = self._made(path, content)
        return made if len(self.changes) > before else content

    def _made(self, path: str, content: bytes) -> bytes:
        if path.endswith((".bpmn", ".dmn")):
            return self._xml(path, content)
        if path.startswith("forms/"):
            return self._form(path, content)
        if path.startswith("documents/"):
            return self._document(path, content.decode()).encode()
        return content

    def _say(self, path: str, where: str, text: str, is_english: bool = False) -> str:
        new = self._words.en(text) if is_english else self._words.zh(text)
        if new != text:
            self.changes.append(Change(path, where, text, new))
        return new

    def _xml(self, path: str, content: bytes) -> bytes:
        root = parse_xml(content, comments=True)
        before = len(self.changes)
        for element in root.iter(etree.Element):
            for name in _text_attributes(element):
                element.set(name, self._say(path, _where(element), element.get(name, "")))
            if _is_prose(element) and element.text:
                element.text = self._say(path, _where(element), element.text)
            self._leave(path, element)
        fit_labels(root, {change.where: change.after for change in self.changes[before:]})
        return as_file(root)

    def _leave(self, path: str, element: etree._Element) -> None:
        """Note expressions that quote an old word."""
        texts = [element.get("expression"), element.get("lengthBy"), element.get("value")]
        texts.append(element.text if local(element) == "conditionExpression" else None)
        for text in filter(None, texts):
            self._leave_text(path, _where(element), text)

    def _leave_text(self, path: str, where: str, text: str) -> None:
        if ("'" in text or '"' in text) and (new := self._words.zh(text)) != text:
            self.left.append(Change(path, where, text, new))

    def _form(self, path: str, content: bytes) -> bytes:
        data = json.loads(content)
        if not isinstance(data, dict):
            raise ValueError(f"Expected an object in {path}, found {type(data).__name__}.")
        self._walk(path, str(data.get("id", "")), data)
        return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()

    def _walk(self, path: str, where: str, data: Any) -> None:
        if isinstance(data, list):
            for item in data:
                self._walk(path, where, item)
            return
        if not isinstance(data, dict):
            return
        where = str(data.get("key") or where)
        for key, value in data.items():
            if isinstance(value, str) and key.removesuffix("_en") in _FORM_TEXTS:
                data[key] = self._say(path, where, value, key.endswith("_en"))
                if key == "label" and data[key] != value:
                    self._labels[value] = data[key]
            elif key in ("fixed", "initial") and isinstance(value, str):
                self._leave_text(path, where, value)
            elif key in ("optionsWhy", "optionsWhy_en") and isinstance(value, dict):
                for option, why in value.items():
                    if isinstance(why, str):
                        value[option] = self._say(path, where, why, key.endswith("_en"))
            else:
                self._walk(path, where, value)

    def _document(self, path: str, text: str) -> str:
        made, line = [], 1
        for part in _TEMPLATE_CODE.split(text):
            if _TEMPLATE_CODE.fullmatch(part):
                made.append(_LITERAL.sub(self._literal, part))
                self._leave_text(path, str(line), made[-1])
            else:
                made.append("\n".join(self._lines(path, part, line)))
            line += part.count("\n")
        return "".join(made)

    def _lines(self, path: str, part: str, first: int) -> Iterator[str]:
        for number, line in enumerate(part.split("\n"), first):
            yield self._say(path, str(number), line)

    def _literal(self, found: re.Match[str]) -> str:
        """Return a string of a template: the new label where it names an old one."""
        value = found.group(1) if found.group(1) is not None else found.group(2)
        return found.group().replace(value, self._labels[value]) if value in self._labels else found.group()


def _is_prose(element: etree._Element) -> bool:
    """Say whether an element's content is for people: documentation, an annotation, the note of a rule."""
    kind = etree.QName(element).localname
    parent = element.getparent()
    return kind in ("documentation", "description") or (
        kind == "text" and parent is not None and local(parent) == "textAnnotation"
    )


def _text_attributes(element: etree._Element) -> Iterator[str]:
    """Yield the attributes of an element that people read and nothing looks up."""
    space, kind = etree.QName(element).namespace, etree.QName(element).localname
    if space == BPMN:
        if element.get("name") and kind not in _KEYS:
            yield "name"
        if kind == "process":
            yield from (name for own in _PROCESS_TEXTS if element.get(name := f"{{{SHIXIAN}}}{own}"))
    elif space == SHIXIAN:
        yield from (name for name in _OWN_TEXTS.get(kind, ()) if element.get(name))
        if kind == "setting" and element.get("kind") != "law" and element.get("basis"):
            # A statutory setting keeps its article: another law's article is another number.
            yield "basis"
    elif kind in ("input", "output", "decision", "definitions") and "DMN" in (space or ""):
        # An output's name is a key; a decision's is what people read.
        named = ("name",) if kind in ("decision", "definitions") else ("label",)
        yield from (name for name in named if element.get(name))


def _where(element: etree._Element) -> str:
    """Return the id of an element, or of the nearest one around it that has one."""
    while element is not None:
        if found := element.get("id") or element.get("key"):
            return str(found)
        element = element.getparent()
    return ""
