"""Values in words, for reading and for documents."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from engine.english_dates import en
from engine.forms.model import Component, Form
from engine.forms.values import Options
from engine.speech import Bilingual, english, plural


def describe(
    form: Form,
    values: Mapping[str, Any],
    sources: Callable[[str], Options],
    forms: Mapping[str, Form] = MappingProxyType({}),
) -> Iterator[tuple[str, str]]:
    """Yield (label, text) of every field that has a value, in the order of the form.

    The fields of sub-forms follow each other, numbered as their objects are: 目录条目1·信息资源名称.
    """
    for c in form.fields:
        value = values.get(c.key)
        if value is None or value == "" or value == []:
            continue
        if c.type == "subforms":
            for n, answers in enumerate(value, 1):
                for label, text in describe(forms[c.form or ""], answers, sources):
                    yield (
                        Bilingual(f"{c.label}{n}·{label}", f"{english(c.label)} {n} · {english(label)}"),
                        text,
                    )
            continue
        about = f":{values.get(c.source_of) or ''}" if c.source_of else ""
        options = dict(c.values or (sources(f"{c.source}{about}") if c.source else ()))
        yield c.label, shown(c, value, options)


def shown(c: Component, value: Any, options: dict[str, str]) -> str:
    """Return a field's value in words."""
    if c.type == "checkbox":
        return Bilingual("是", "Yes") if value else Bilingual("否", "No")
    if c.type == "checklist":
        chosen = [options.get(v, v) for v in value]
        return Bilingual("、".join(chosen), ", ".join(map(english, chosen)))
    if c.type == "filepicker":
        return "、".join(f["name"] for f in value)
    if c.type == "records":
        return Bilingual(
            f"{value['rows']}条记录，见附表“{value['name']}”",
            f"{plural(value['rows'], 'record')}, see the attached table “{value['name']}”",
        )
    if c.type == "table":
        first = c.columns[0][0]
        return "；".join(
            "：".join(
                options.get(row[cell.key], row[cell.key])
                if cell.key == first and options
                else cell.text(row.get(cell.key, ""))
                for cell in c.cells
                if row.get(cell.key)
            )
            for row in value
        )
    if c.type == "datetime":
        year, month, day = str(value).split("-")
        return Bilingual(f"{year}年{int(month)}月{int(day)}日", en(date(int(year), int(month), int(day))))
    return options.get(str(value), str(value))
