"""Settings, variables and attributes of the process compared."""

from collections import defaultdict
from collections.abc import Iterator

from engine.errors import Message
from engine.workbench.compare_paths import OF_PROCESS, Aspect, aspect_words
from engine.workbench.compare_read import Written
from engine.workbench.compare_types import Difference
from engine.workbench.compare_values import NONE, Side
from engine.workbench.compare_words import unit_words

_ATTRIBUTES = {
    "kind": Aspect("性质", "kind"),
    "note": Aspect("名称", "name"),
    "min": Aspect("下限", "lower bound"),
    "max": Aspect("上限", "upper bound"),
    "options": Aspect("可选值", "options"),
}
_VARIABLE = {
    "type": Aspect("类型", "type"),
    "label": Aspect("名称", "label"),
    "withheld": Aspect("对其保密", "withheld", "yes"),
}
_KINDS = {"law": Message("法定", "statutory"), "choice": Message("自定", "chosen")}
_YES = {"true": Message("是", "yes"), "false": Message("否", "no")}


Values = dict[str, str]


def setting_differences(old: Written, new: Written) -> Iterator[Difference]:
    """Yield what differs in the settings: value and unit as one, basis, and each other attribute.

    Each shows the elements that count by it.
    """
    used_before, used_after = _users(old), _users(new)
    for key in dict.fromkeys((*old.settings, *new.settings)):
        one, other = old.settings.get(key), new.settings.get(key)
        if one == other:
            continue
        law = "law" in ((one or {}).get("kind"), (other or {}).get("kind"))
        basis = ((one or {}).get("basis", ""), (other or {}).get("basis", "")) if law else None
        before, after = (tuple(dict.fromkeys(used.get(key, ()))) for used in (used_before, used_after))
        for kind, text, weight in _setting(key, one, other):
            told = None if weight == _BASIS else basis
            weight += 0 if law else 20
            yield Difference("limits", kind, text, key, before, after, weight, law, told)


_BASIS = 5  # weight of the sentence that tells the basis itself


def _users(written: Written) -> dict[str, list[str]]:
    """Return the elements that count by each setting."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for thing in written.things.values():
        for path, value in thing.aspects.items():
            if aspect_words(path).shows == "setting":
                found[value].append(thing.id)
    return found


def _setting(key: str, one: Values | None, other: Values | None) -> Iterator[tuple[str, Message, int]]:
    if one is not None and other is not None:
        yield from (("changed", text, weight) for text, weight in _changed(key, one, other))
        return
    whole = other or one or {}
    name, value, law = whole.get("note") or key, _value(whole), whole.get("kind") == "law"
    what = Message("法定设置", "statutory setting") if law else Message("设置", "setting")
    kind, zh, en = ("added", "新增", "Added") if one is None else ("removed", "删除", "Removed")
    yield kind, Message(f"{zh}{what.zh}“{name}”：{value.zh}", f"{en} {what.en} “{name}”: {value.en}"), 0


def _changed(key: str, one: Values, other: Values) -> Iterator[tuple[Message, int]]:
    name = other.get("note") or key
    if (one.get("value"), one.get("unit")) != (other.get("value"), other.get("unit")):
        change = _values(one, other)
        yield Message(f"{name}：{change.zh}", f"{name}: {change.en}"), 0
    if one.get("basis", "") != other.get("basis", ""):
        was, now = (_shown("basis", x.get("basis", "")) for x in (one, other))
        yield Message(f"{name}的依据：{was.zh} → {now.zh}", f"Basis of {name}: {was.en} → {now.en}"), _BASIS
    for attribute in dict.fromkeys((*one, *other)):
        before, after = one.get(attribute, ""), other.get(attribute, "")
        if before == after or attribute in ("key", "value", "unit", "basis"):
            continue
        aspect = _ATTRIBUTES.get(attribute) or aspect_words(f"@{attribute}")
        was, now = _shown(attribute, before), _shown(attribute, after)
        old_name = one.get("note") or key
        yield (
            Message(
                f"{old_name}的{aspect.zh}：{was.zh} → {now.zh}",
                f"{aspect.en.capitalize()} of {old_name}: {was.en} → {now.en}",
            ),
            1 if attribute == "kind" else 8,
        )


def variable_differences(old: Written, new: Written) -> Iterator[Difference]:
    """Yield variables added, removed and changed."""
    for name in dict.fromkeys((*old.variables, *new.variables)):
        one, other = old.variables.get(name), new.variables.get(name)
        if one == other:
            continue
        label = (other or one or {}).get("label") or name
        if one is None or other is None:
            kind, zh, en = ("added", "新增", "Added") if one is None else ("removed", "删除", "Removed")
            text = Message(f"{zh}变量“{label}”", f"{en} variable “{label}”")
            yield Difference("limits", kind, text, name, weight=70)
            continue
        for attribute in dict.fromkeys((*one, *other)):
            before, after = one.get(attribute), other.get(attribute)
            if before != after:
                aspect = _VARIABLE.get(attribute) or aspect_words(f"@{attribute}")
                was, now = _plain(before, aspect), _plain(after, aspect)
                text = Message(
                    f"变量“{label}”的{aspect.zh}：{was.zh} → {now.zh}",
                    f"Variable “{label}”, {aspect.en}: {was.en} → {now.en}",
                )
                yield Difference("limits", "changed", text, name, weight=70)


def process_differences(one: Side, other: Side) -> Iterator[Difference]:
    """Yield what is written otherwise at the process itself."""
    old, new = one.written.process, other.written.process
    for path in dict.fromkeys((*old, *new)):
        before, after = old.get(path), new.get(path)
        if before != after and old and new:
            aspect = OF_PROCESS.get(path) or aspect_words(path)
            was, now = one.show(before, aspect), other.show(after, aspect)
            text = Message(
                f"{aspect.zh}：{was.zh} → {now.zh}", f"{aspect.en.capitalize()}: {was.en} → {now.en}"
            )
            important = path in ("@shixian:effectiveFrom", "@shixian:article")
            yield Difference(
                "limits",
                "changed",
                text,
                path.lstrip("@").removeprefix("shixian:"),
                weight=15 if important else 60,
            )


def _plain(value: str | None, aspect: Aspect) -> Message:
    if not value:
        return NONE
    return _YES.get(value, Message(value, value)) if aspect.shows == "yes" else Message(value, value)


def _shown(attribute: str, value: str) -> Message:
    if not value:
        return NONE
    return _KINDS.get(value, Message(value, value)) if attribute == "kind" else Message(value, value)


def _value(setting: dict[str, str]) -> Message:
    value, unit = setting.get("value", ""), setting.get("unit", "")
    if value in _YES:
        return _YES[value]
    words = unit_words(unit)
    return Message(f"{value} {words.zh}".strip(), f"{value} {words.en}".strip())


def _values(one: dict[str, str], other: dict[str, str]) -> Message:
    if one.get("unit") == other.get("unit") and one.get("value") not in _YES:
        now = _value(other)
        return Message(f"{one.get('value', '')} → {now.zh}", f"{one.get('value', '')} → {now.en}")
    was, now = _value(one), _value(other)
    return Message(f"{was.zh} → {now.zh}", f"{was.en} → {now.en}")
