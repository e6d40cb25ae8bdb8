"""From a posted form to the values the validator takes."""

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

_CELL = re.compile(r"^(?P<key>[^.]+)\.(?P<row>\d{1,3})\.(?P<column>[^.]+)$")
TABLE_ROWS = 6


def values_from_request(form: Mapping[str, Any], posted: MultiDict[str, str]) -> dict[str, Any]:
    """Return what a browser sent for a form definition, by component key.

    An unchecked box is False, a table a list of rows; what the form does not know is left out, since a
    browser sends its own fields beside.
    """
    values: dict[str, Any] = {}
    for component in form.get("components", []):
        key, kind = component.get("key"), component.get("type")
        if not key or kind == "text" or (component.get("shixian") or {}).get("fixed"):
            continue
        if kind == "checkbox":
            values[key] = posted.get(key) == "true"
        elif kind == "checklist":
            values[key] = posted.getlist(key)
        elif kind in ("table", "records"):
            values[key] = _rows(key, posted)
        elif kind == "filepicker":
            values[key] = []
        else:
            values[key] = posted.get(key, "")
    return values


def _rows(key: str, posted: MultiDict[str, str]) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for name, value in posted.items():
        cell = _CELL.match(name)
        if cell and cell["key"] == key:
            rows.setdefault(int(cell["row"]), {})[cell["column"]] = value
    return [rows[n] for n in sorted(rows)]


def simple_condition(expression: str | None) -> str:
    """Return `field=value|value` for a condition of that shape, else an empty text; scripts need no evaluator."""
    if not expression:
        return ""
    one = re.fullmatch(r"(\w+) == '?(\w+)'?", expression)
    if one:
        return f"{one[1]}={'true' if one[2] == 'True' else one[2]}"
    many = re.fullmatch(r"(\w+) in \[([^\]]+)\]", expression)
    if many:
        return many[1] + "=" + "|".join(re.findall(r"\w+", many[2]))
    return ""
