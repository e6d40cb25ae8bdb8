"""A draft form as a page shows it: its words filled in, stand-ins for what only a case knows. Pure.

A draft may be any JSON; what has another shape than a form is refused here, part by part, before a page is made of it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.errors import Message
from engine.forms.model import PLACEHOLDER, TYPES
from engine.speech import Bilingual
from engine.workbench.outline import Outline

MAX_COMPONENTS = 500
_TEXTS = ("key", "type", "label", "label_en", "description", "description_en", "subtype")
_OWN_TEXTS = (
    "kind source sourceOf visibleWhen requiredWhen fixed initial most computedBy group group_en form item items"
    " newLabel newLabel_en"
).split()
_OWN_MAPS = ("optionsWhen", "optionsWhy", "optionsWhy_en")
_LIMITS = ("minLength", "maxLength", "min", "max", "maxRows")
_STAND_IN = (
    ("1", Bilingual("〔示例一〕", "〔Sample one〕")),
    ("2", Bilingual("〔示例二〕", "〔Sample two〕")),
)
_SERVER = Bilingual("〔由共享平台填入〕", "〔Filled in by the platform〕")


class NoForm(ValueError):
    """A text that is no form; `faults` says where."""

    def __init__(self, faults: list[Message]) -> None:
        super().__init__(" ".join(fault.en for fault in faults))
        self.faults = faults


def read_draft(text: str) -> dict[str, Any]:
    """Return a draft form as it stands.

    Raises:
        NoForm: no JSON, or parts that have another shape than a form's.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise NoForm([Message(f"不是有效的 JSON：{fault}", f"This is no valid JSON: {fault}")]) from None
    if faults := list(_shape_faults(data)):
        raise NoForm(faults)
    form: dict[str, Any] = data
    return form


def presentable(form: Mapping[str, Any], drawn: Outline, others: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft as the page of a task takes it: settings named in braces filled in, hints shown.

    Args:
        others: The model's forms by id, for sub-forms.
    """
    values = {key: str(setting.typed) for key, setting in drawn.settings.items()}
    shown = [c for c in form["components"] if c.get("type") in TYPES]
    return {**form, "components": [_worded(c, values, others) for c in shown]}


def stand_ins(form: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return the values, options and fixed texts that the page shows, by field."""
    values: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    fixed: dict[str, Any] = {}
    for c in form["components"]:
        own, key = c.get("shixian") or {}, c.get("key", "")
        if own.get("source"):
            sources[key] = _STAND_IN
        if own.get("fixed"):
            fixed[key] = _SERVER
        if c.get("type") == "subforms" and c.get("subform"):
            values[key] = [{own.get("item", ""): "1"}]
            _, inner_sources, inner_fixed = stand_ins(c["subform"])
            sources |= {f"{key}.{name}": found for name, found in inner_sources.items()}
            fixed |= {f"{key}.{name}": found for name, found in inner_fixed.items()}
    return values, sources, fixed


def _worded(c: Mapping[str, Any], values: Mapping[str, str], others: Mapping[str, Any]) -> dict[str, Any]:
    def filled(text: str) -> str:
        return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)

    hints = c.get("hints") or []
    zh = "".join([c.get("description") or "", *(h.get("text") or "" for h in hints)])
    english = [
        c.get("description_en") or c.get("description"),
        *(h.get("text_en") or h.get("text") for h in hints),
    ]
    said = {**c, "description": Bilingual(filled(zh), filled(" ".join(filter(None, english))))}
    inner = others.get((c.get("shixian") or {}).get("form") or "")
    if c.get("type") == "subforms" and inner is not None:
        said["subform"] = presentable(
            {**inner, "components": [x for x in inner["components"] if x.get("type") != "subforms"]},
            Outline({}, {}, ()),
            {},
        )
    elif c.get("type") == "subforms":
        said["subform"] = {"components": []}
    return said


def _shape_faults(data: object) -> Iterator[Message]:
    if not isinstance(data, dict):
        yield Message("表单应为 JSON 对象。", "Expected a JSON object.")
        return
    yield from _texts(data, ("id", "title", "title_en"), "表单", "form")
    components = data.get("components")
    if not _objects(components) or len(components or ()) > MAX_COMPONENTS:
        yield Message(
            f"components 应为不超过{MAX_COMPONENTS}个字段的列表。",
            f"Expected components to be a list of at most {MAX_COMPONENTS} fields.",
        )
        return
    if not _objects(data.get("rules", [])):
        yield Message("rules 应为规则的列表。", "Expected rules to be a list of objects.")
    for rule in data["rules"] if _objects(data.get("rules")) else ():
        yield from _texts(rule, ("field", "when", "message", "message_en"), "规则", "rule")
    if not isinstance(data.get("shixian", {}), dict):
        yield Message("shixian 应为对象。", "Expected shixian to be an object.")
    for number, component in enumerate(data["components"], 1):
        yield from _component_faults(component, number)


def _component_faults(c: dict[str, Any], number: int) -> Iterator[Message]:
    zh, en = f"字段 {c.get('key') or number}", f"field {c.get('key') or number}"
    yield from _texts(c, _TEXTS, zh, en)
    if not isinstance(c.get("key", ""), str) or not isinstance(c.get("type"), str):
        return
    own, limits = c.get("shixian") or {}, c.get("validate") or {}
    if not isinstance(own, dict) or not isinstance(limits, dict):
        yield Message(
            f"{zh}的 shixian 和 validate 应为对象。", f"Expected shixian and validate of {en} to be objects."
        )
        return
    yield from _texts(own, _OWN_TEXTS, zh, en)
    for name in _LIMITS:
        if not isinstance(limits.get(name, 0), int) or isinstance(limits.get(name), bool):
            yield Message(f"{zh}的 {name} 应为整数。", f"Expected {name} of {en} to be a whole number.")
    for name in _OWN_MAPS:
        found = own.get(name) or {}
        if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
            yield Message(
                f"{zh}的 {name} 应为选项与文字的对应。", f"Expected {name} of {en} to map options to texts."
            )
    columns = own.get("columns") or []
    for name, rows, needed in (
        ("values", c.get("values") or [], ("value", "label")),
        ("columns", columns, ("key", "label")),
        ("hints", c.get("hints") or [], ("text",)),
        *(
            ("columns.values", column.get("values") or [], ("value", "label"))
            for column in columns
            if isinstance(column, dict)
        ),
    ):
        if not _objects(rows) or not all(isinstance(row.get(key), str) for row in rows for key in needed):
            yield Message(
                f"{zh}的 {name} 应为列表，每项须有 {'、'.join(needed)}。",
                f"Expected {name} of {en} to be a list, each item with {', '.join(needed)}.",
            )


def _texts(
    holder: Mapping[str, Any], names: tuple[str, ...] | list[str], zh: str, en: str
) -> Iterator[Message]:
    for name in names:
        if not isinstance(holder.get(name), str | None):
            yield Message(f"{zh}的 {name} 应为文字。", f"Expected {name} of {en} to be a text.")


def _objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
