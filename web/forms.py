"""From a posted form to the values the validator takes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

_CELL = re.compile(r"(?P<table>.+)\.(?P<row>\d{1,3})\.(?P<column>[^.]+)")
_OBJECT = re.compile(r"(?P<key>[^.]+)\.(?P<number>\d{1,3})\.")
TABLE_ROWS = 6
MAX_OBJECTS = 200
NEW = "new"
"""What the page sends where an object is added that is about nothing yet."""


@dataclass
class _Names:
    """The names of the posted fields, looked through once: of tables and of sub-forms."""

    cells: dict[str, dict[int, dict[str, str]]] = field(default_factory=dict)
    objects: dict[str, set[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, posted: MultiDict[str, str]) -> "_Names":
        found = cls()
        for name, value in posted.items():
            if cell := _CELL.fullmatch(name):
                rows = found.cells.setdefault(cell["table"], {})
                rows.setdefault(int(cell["row"]), {})[cell["column"]] = value
            if about := _OBJECT.match(name):
                found.objects.setdefault(about["key"], set()).add(int(about["number"]))
        return found


def values_from_request(form: Mapping[str, Any], posted: MultiDict[str, str]) -> dict[str, Any]:
    """Return what a browser sent for a form definition, by component key.

    An unchecked box is False, a table a list of rows, sub-forms a list of objects; what the form does not know
    is left out, since a browser sends its own fields beside.
    """
    return _values(form, posted, "", _Names.of(posted))


def _values(
    form: Mapping[str, Any], posted: MultiDict[str, str], prefix: str, names: _Names
) -> dict[str, Any]:
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
            rows = names.cells.get(key, {})
            values[own] = [rows[n] for n in sorted(rows)]
        elif kind == "filepicker":
            values[own] = []
        elif kind == "subforms":
            values[own] = _objects(component, key, posted, names)
        else:
            values[own] = posted.get(key, "")
    return values


def _objects(
    component: Mapping[str, Any], key: str, posted: MultiDict[str, str], names: _Names
) -> list[dict[str, Any]]:
    """Return the objects of sub-forms without those struck out, and with one that was asked for."""
    objects = [
        _values(component.get("subform") or {}, posted, f"{key}.{n}.", names)
        for n in sorted(names.objects.get(key, ()))[:MAX_OBJECTS]
        if posted.get(f"{key}.{n}.remove") != "true"
    ]
    if about := posted.get(f"{key}.add"):
        objects.append({component["shixian"]["item"]: "" if about == NEW else about})
    return objects


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
        gettext("第%(n)s条：", n=int(number) + 1)
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
