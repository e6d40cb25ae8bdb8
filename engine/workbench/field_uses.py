"""Where else a field of a form is named, and how all of it is renamed: expressions, documents, other forms. Pure."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.process_files import PROCESS
from engine.workbench.outline import outline

# Quotes as they stand in expressions, and as XML writes them in attributes.
_QUOTE = r"(?P<q>'|\"|&quot;|&apos;|&#34;|&#39;)"
# After the variable itself: nothing, or the rest of case['variable'].
_CLOSED = r"(?:(?:'|\"|&quot;|&apos;|&#34;|&#39;)\s*\])?"
_EXPRESSIONS = ("visibleWhen", "requiredWhen", "fixed", "initial", "most")
_NAMES = ("sourceOf", "computedBy")


@dataclass(frozen=True)
class Place:
    """A place that names the field; `sure` where it is renamed with it, otherwise somebody has to look.

    Attributes:
        line: From 1; 0 where the place is said by `text` alone.
    """

    path: str
    line: int
    text: str
    sure: bool


def places(files: Mapping[str, bytes], form_id: str, key: str) -> list[Place]:
    """Return where a model names a field of a form, outside the field itself."""
    return list(_Search(files, form_id, key).places())


def renamed(files: Mapping[str, bytes], form_id: str, old: str, new: str) -> dict[str, bytes]:
    """Return the files that change when a field gets another key: those of `places` that are sure, and the form."""
    return _Search(files, form_id, old).renamed(new)


class _Search:
    def __init__(self, files: Mapping[str, bytes], form_id: str, key: str) -> None:
        self.files, self.form_id, self.key = files, form_id, key
        uses = outline(files).of("form", form_id)
        self.variables = sorted({use.variable for use in uses if use.variable})

    def places(self) -> Iterator[Place]:
        for path, text in self._texts():
            if path.startswith("forms/"):
                yield from (Place(path, 0, said, True) for said in self._form_places(path, text))
                continue
            found = self._patterns(text)
            key = re.escape(self.key)
            maybe = re.compile(rf"{_QUOTE}{key}(?P=q)|(?<=\w)\.{key}(?!\w)")
            for number, line in enumerate(text.splitlines(), 1):
                sure = any(pattern.search(line) for pattern in found)
                if sure or maybe.search(line):
                    yield Place(path, number, line.strip()[:160], sure)

    def renamed(self, new: str) -> dict[str, bytes]:
        changed: dict[str, bytes] = {}
        for path, text in self._texts():
            after = (
                self._form_renamed(path, text, new) if path.startswith("forms/") else self._text(text, new)
            )
            if after != text:
                changed[path] = after.encode()
        return changed

    def _texts(self) -> Iterator[tuple[str, str]]:
        """Yield the files that may name a field; what is no text is left alone."""
        for path, content in sorted(self.files.items()):
            if path == PROCESS or path.startswith(("forms/", "documents/", "decisions/")):
                try:
                    yield path, content.decode()
                except UnicodeDecodeError:
                    continue

    def _patterns(self, text: str) -> list[re.Pattern[str]]:
        """Return how a text names the field surely: under the form's variable, or under a short name for it."""
        names = set(self.variables)
        for variable in self.variables:
            said = rf"\{{%-?\s*set\s+(\w+)\s*=\s*case(?:\.{variable}|\[['\"]{variable}['\"]\])\s*-?%\}}"
            names.update(re.findall(said, text))
        key = re.escape(self.key)
        found = []
        for name in sorted(names):
            before = rf"(?<!\w){re.escape(name)}{_CLOSED}"
            found.append(re.compile(rf"(?P<before>{before}\.)(?P<key>{key})(?P<after>(?!\w))"))
            found.append(
                re.compile(rf"(?P<before>{before}\[\s*{_QUOTE})(?P<key>{key})(?P<after>(?P=q)\s*\])")
            )
        return found

    def _text(self, text: str, new: str) -> str:
        for pattern in self._patterns(text):
            text = pattern.sub(lambda m: f"{m['before']}{new}{m['after']}", text)
        return text

    def _form_places(self, path: str, text: str) -> Iterator[str]:
        form = _object(text)
        if form is None:
            return
        for where, holder, name in self._named(path, form):
            if self._after(holder[name], name, "_") != holder[name]:
                yield f"{where}{name}：{holder[name]}"

    def _form_renamed(self, path: str, text: str, new: str) -> str:
        form = _object(text)
        if form is None:
            return text
        changed = False
        for _, holder, name in self._named(path, form):
            after = self._after(holder[name], name, new)
            changed |= after != holder[name]
            holder[name] = after
        if path == self._own:
            for component in _list(form, "components"):
                if component.get("key") == self.key:
                    component["key"], changed = new, True
        return json.dumps(form, ensure_ascii=False, indent=2) + "\n" if changed else text

    @property
    def _own(self) -> str:
        return f"forms/{self.form_id}.json"

    def _named(self, path: str, form: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield every text of a form that may name the field: where it stands, what holds it, under which name."""
        for component in _list(form, "components"):
            own = component.get("shixian")
            own = own if isinstance(own, dict) else {}
            where = f"{component.get('key', '')}."
            if path == self._own:
                texts: list[tuple[dict[str, Any], Any]] = [(own, name) for name in (*_EXPRESSIONS, *_NAMES)]
                options = own.get("optionsWhen")
                texts += [(options, name) for name in options] if isinstance(options, dict) else []
                texts += [(hint, "when") for hint in _list(component, "hints")]
            else:
                texts = [(own, "source")]
                if own.get("form") == self.form_id:
                    texts.append((own, "item"))
            yield from ((where, holder, name) for holder, name in texts if isinstance(holder.get(name), str))
        if path == self._own:
            for number, rule in enumerate(_list(form, "rules"), 1):
                for name in ("field", "when"):
                    if isinstance(rule.get(name), str):
                        yield f"规则{number}.", rule, name

    def _after(self, text: str, name: str, new: str) -> str:
        if name in (*_NAMES, "field", "item"):
            return new if text == self.key else text
        if name == "source":
            variable, _, key = text.partition(".")
            return f"{variable}.{new}" if key == self.key and variable in self.variables else text
        return _expression_renamed(self._text(text, new), self.key, new)


def _expression_renamed(text: str, old: str, new: str) -> str:
    """Return an expression with a name replaced, not the texts and subscripts that read alike."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    raw = text.strip().encode()
    lines = raw.split(b"\n")
    found = sorted(
        (
            sum(len(line) + 1 for line in lines[: node.lineno - 1]) + node.col_offset
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and node.id == old
        ),
        reverse=True,
    )
    for start in found:
        raw = raw[:start] + new.encode() + raw[start + len(old.encode()) :]
    return raw.decode() if found else text


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _list(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = holder.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
