"""From a posted form to the values the validator takes."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

_CELL = re.compile(r"(?P<row>\d{1,3})\.(?P<column>[^.]+)")
TABLE_ROWS = 6
NEW = "new"
"""What the page sends where an object is added that is about nothing yet."""


def values_from_request(
    form: Mapping[str, Any], posted: MultiDict[str, str], prefix: str = ""
) -> dict[str, Any]:
    """Return what a browser sent for a form definition, by component key.

    An unchecked box is False, a table a list of rows, sub-forms a list of objects; what the form does not know
    is left out, since a browser sends its own fields beside.

    Args:
        prefix: What stands before the keys in the names of the browser's fields: `entries.1.`.
    """
    values: dict[str, Any] = {}
    for component in form.get("components", []):
        own, kind = component.get("key"), component.get("type")
        if not own or kind == "text" or (component.get("shixian") or {}).get("fixed"):
            continue
        key = f"{prefix}{own}"
        if kind == "checkbox":
            values[own] = posted.get(key) == "true"
        elif kind == "checklist":
            values[own] = posted.getlist(key)
        elif kind in ("table", "records"):
            values[own] = _rows(key, posted)
        elif kind == "filepicker":
            values[own] = []
        elif kind == "subforms":
            values[own] = _objects(component, key, posted)
        else:
            values[own] = posted.get(key, "")
    return values


def _objects(component: Mapping[str, Any], key: str, posted: MultiDict[str, str]) -> list[dict[str, Any]]:
    """Return the objects of sub-forms without those struck out, and with one that was asked for."""
    matches = (re.match(rf"{re.escape(key)}\.(\d{{1,3}})\.", name) for name in posted)
    objects = [
        values_from_request(component.get("subform") or {}, posted, f"{key}.{n}.")
        for n in sorted({int(match[1]) for match in matches if match})
        if posted.get(f"{key}.{n}.remove") != "true"
    ]
    if about := posted.get(f"{key}.add"):
        objects.append({component["shixian"]["item"]: "" if about == NEW else about})
    return objects


def _rows(key: str, posted: MultiDict[str, str]) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for name, value in posted.items():
        if name.startswith(f"{key}.") and (cell := _CELL.fullmatch(name, len(key) + 1)):
            rows.setdefault(int(cell["row"]), {})[cell["column"]] = value
    return [rows[n] for n in sorted(rows)]


def simple_condition(expression: str | None, prefix: str = "") -> str:
    """Return `field=value|value&field=value` for a condition of that shape, else an empty text.

    So scripts need no evaluator.
    """
    parts = [_simple(part.strip(), prefix) for part in expression.split(" and ")] if expression else []
    return "&".join(parts) if all(parts) else ""


def _simple(expression: str, prefix: str) -> str:
    one = re.fullmatch(r"(\w+) == '?(\w+)'?", expression)
    if one:
        return f"{prefix}{one[1]}={'true' if one[2] == 'True' else one[2]}"
    many = re.fullmatch(r"(\w+) in \[([^\]]+)\]", expression)
    if many:
        return prefix + many[1] + "=" + "|".join(re.findall(r"\w+", many[2]))
    return ""


def within(found: Mapping[str, Any], key: str, about: str) -> dict[str, Any]:
    """Return what belongs to the fields of a sub-form, by their own keys.

    Args:
        found: By `entries.name`, or by `entries.name:about` where it differs from object to object.
    """
    own = {name.removeprefix(f"{key}."): value for name, value in found.items() if name.startswith(f"{key}.")}
    plain = {name: value for name, value in own.items() if ":" not in name}
    return plain | {
        name.partition(":")[0]: value
        for name, value in own.items()
        if name.partition(":")[1:] == (":", about)
    }


def place(form: Mapping[str, Any], key: str) -> str:
    """Return where in sub-forms an error is, to stand before it: 第2条：; empty for a field of the form itself."""
    name, _, rest = key.partition(".")
    number = rest.partition(".")[0]
    return (
        f"第{int(number) + 1}条："
        if number.isdigit()
        and any(c.get("key") == name and c.get("type") == "subforms" for c in form.get("components", []))
        else ""
    )


def choice_label(choices: Iterable[tuple[str, str]], value: str) -> str:
    """Return the label of a choice, empty for one that is none."""
    return dict(choices).get(value, "")


def beginning(errors: Iterable[str], prefix: str) -> list[str]:
    """Return the keys of errors that begin with a prefix: those of one object of sub-forms."""
    return [key for key in errors if key.startswith(prefix)]
