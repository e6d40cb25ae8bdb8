"""A form definition: fields, their options and conditions, rules across fields."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.expressions import FUNCTIONS, check
from engine.forms.records import Column
from engine.forms.rows import KINDS, Cell, read_cell
from engine.speech import Bilingual

TYPES = {
    "textfield",
    "textarea",
    "number",
    "checkbox",
    "radio",
    "select",
    "checklist",
    "datetime",
    "filepicker",
    "table",
    "records",
    "subforms",
    "text",
}
"""`subforms` is a list of objects, each an answer to a form of its own (`Component.form`)."""


PLACEHOLDER = re.compile(r"\{([\w.]+)\}")


class FormFault(ValueError):
    """A form definition with faults; `faults` holds all of them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("；".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Component:
    """One field; expressions see the form's fields by key, and the case's variables as `case`.

    `description` may name settings of the process as {p12.reply_wd}; `hints` are sentences shown beside it
    while their condition over `case` holds.

    Attributes:
        source_of: The field whose value the source is asked about; its name becomes `source:value`.
        form: Of sub-forms: the id of the form that each object answers.
        item: Of sub-forms: the field of that form that says what an object is about.
        items: Of sub-forms: the name of what they start with (`engine.handlers.subform_items`).
    """

    key: str
    type: str
    label: str
    label_en: str
    description: str
    required: bool
    limits: Mapping[str, Any]
    values: tuple[tuple[str, str], ...]
    kind: str
    source: str | None
    visible_when: str | None
    required_when: str | None
    options_when: Mapping[str, str]
    options_why: Mapping[
        str, str
    ]  # why an option may not be chosen when it may not; else: too late or too often
    fixed: str | None  # expression: the server fills it
    initial: str | None  # expression over `case`: what the form proposes
    group: str
    hints: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    record_columns: tuple[Column, ...] = ()
    most: str | None = None  # expression of the greatest number
    computed_by: str | None = None  # the number whose every value the page shows this fixed field for
    masks: bool = False  # numbers of persons in its text are masked before anything is stored
    cells: tuple[Cell, ...] = ()  # what each column of a table takes
    source_of: str | None = None
    form: str | None = None
    item: str = ""
    items: str = ""


@dataclass(frozen=True)
class Rule:
    """What must not be: an error on `field` while `when` is true."""

    field: str
    when: str
    message: str
    message_en: str


@dataclass(frozen=True)
class Form:
    """A form as a user task asks it."""

    id: str
    title: str
    components: tuple[Component, ...]
    rules: tuple[Rule, ...]
    check: str = ""  # the name of what it is held against beside (`engine.handlers.form_checks`)

    @property
    def fields(self) -> Iterator[Component]:
        """The components that take a value."""
        return (c for c in self.components if c.type != "text")


def settings_named(component: Component) -> frozenset[str]:
    """Return the settings that a field's description and hints name in braces."""
    texts = (component.description, *(text for _, text in component.hints))
    return frozenset(key for text in texts for key in PLACEHOLDER.findall(text))


def load_form(data: Mapping[str, Any]) -> Form:
    """Read a stored form definition.

    Raises:
        FormFault: unknown types, double keys, expressions outside the subset.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("components"), list):
        raise FormFault(["表单应为含有 components 列表的对象。"])
    form = Form(
        id=str(data.get("id", "")),
        title=_said(data, "title"),
        components=tuple(_component(c, bool(data.get("maskIds"))) for c in data["components"]),
        rules=tuple(
            Rule(r.get("field", ""), r.get("when", ""), r.get("message", ""), r.get("message_en", ""))
            for r in data.get("rules", [])
        ),
        check=str((data.get("shixian") or {}).get("check", "")),
    )
    if faults := list(_faults(form)):
        raise FormFault(faults)
    return form


def _component(data: Mapping[str, Any], masks: bool) -> Component:
    own = data.get("shixian") or {}
    limits = dict(data.get("validate") or {})
    return Component(
        key=str(data.get("key", "")),
        type=str(data.get("type", "")),
        label=_said(data, "label"),
        label_en=str(data.get("label_en", "")) or str(data.get("key", "")),
        description=_said(data, "description"),
        required=bool(limits.pop("required", False)),
        limits=limits,
        values=tuple((str(v["value"]), _said(v, "label")) for v in data.get("values", [])),
        kind=str(own.get("kind", "")),
        source=own.get("source"),
        visible_when=own.get("visibleWhen"),
        required_when=own.get("requiredWhen"),
        options_when=own.get("optionsWhen") or {},
        options_why=own.get("optionsWhy") or {},
        fixed=own.get("fixed"),
        initial=own.get("initial"),
        group=str(own.get("group", "")),
        hints=tuple((str(h.get("when", "")), _said(h, "text")) for h in data.get("hints", [])),
        columns=tuple((str(c["key"]), str(c["label"])) for c in own.get("columns", [])),
        record_columns=tuple(map(_column, own.get("columns", []))) if data.get("type") == "records" else (),
        most=own.get("most"),
        computed_by=own.get("computedBy"),
        masks=masks and data.get("type") in ("textfield", "textarea", "table"),
        cells=tuple(map(read_cell, own.get("columns", []))) if data.get("type") == "table" else (),
        source_of=own.get("sourceOf"),
        form=own.get("form"),
        item=str(own.get("item", "")),
        items=str(own.get("items", "")),
    )


def _said(data: Mapping[str, Any], key: str) -> str:
    """Return a text with its English where the definition has one beside it."""
    zh, en = str(data.get(key, "")), data.get(f"{key}_en")
    return Bilingual(zh, str(en)) if en else zh


def _column(data: Mapping[str, Any]) -> Column:
    return Column(
        key=str(data["key"]),
        label=str(data["label"]),
        required=bool(data.get("required", False)),
        most=int(data.get("maxLength", 200)),
        masked=bool(data.get("masked", False)),
    )


def _faults(form: Form) -> Iterator[str]:
    keys = [c.key for c in form.fields]
    for double in {key for key in keys if keys.count(key) > 1}:
        yield f"字段 {double} 重复。"
    names = [*keys, "case"]
    for c in form.components:
        if c.type not in TYPES:
            yield f"字段 {c.key} 的类型 {c.type} 不受支持。"
        if c.type == "records" and not c.record_columns:
            yield f"字段 {c.key} 须列出 columns。"
        if c.type == "subforms" and not c.form:
            yield f"字段 {c.key} 须以 shixian.form 指明所用的表单。"
        if c.source_of is not None and c.source_of not in keys:
            yield f"字段 {c.key} 的 sourceOf 所指字段 {c.source_of} 不存在。"
        for cell in c.cells:
            if cell.kind not in KINDS or (cell.kind == "select") != bool(cell.options):
                yield f"字段 {c.key} 的列 {cell.key} 类型不受支持，或者没有选项。"
        conditions = (c.visible_when, c.required_when, c.fixed, c.most, c.initial, *c.options_when.values())
        for text in filter(None, (*conditions, *(when for when, _ in c.hints))):
            yield from (f"字段 {c.key}：{finding}" for finding in check(text, names, FUNCTIONS))
    for rule in form.rules:
        if rule.field not in keys:
            yield f"规则所指字段 {rule.field} 不存在。"
        yield from (f"规则（{rule.field}）：{finding}" for finding in check(rule.when, names, FUNCTIONS))
