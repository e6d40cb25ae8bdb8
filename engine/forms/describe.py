"""Values in words, for reading and for documents."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.forms.model import Component, Form
from engine.forms.values import Options


def describe(
    form: Form, values: Mapping[str, Any], sources: Callable[[str], Options]
) -> Iterator[tuple[str, str]]:
    """Yield (label, text) of every field that has a value, in the order of the form."""
    for c in form.fields:
        value = values.get(c.key)
        if value is None or value == "" or value == []:
            continue
        options = dict(c.values or (sources(c.source) if c.source else ()))
        yield c.label, shown(c, value, options)


def shown(c: Component, value: Any, options: dict[str, str]) -> str:
    """Return a field's value in words."""
    if c.type == "checkbox":
        return "是" if value else "否"
    if c.type == "checklist":
        return "、".join(options.get(v, v) for v in value)
    if c.type == "filepicker":
        return "、".join(f["name"] for f in value)
    if c.type == "records":
        return f"{value['rows']}条记录，见附表“{value['name']}”"
    if c.type == "table":
        first = c.columns[0][0]
        return "；".join(
            "：".join(
                options.get(row[key], row[key]) if key == first else row.get(key, "") for key, _ in c.columns
            )
            for row in value
        )
    if c.type == "datetime":
        year, month, day = str(value).split("-")
        return f"{year}年{int(month)}月{int(day)}日"
    return options.get(str(value), str(value))
