"""Sensible values for a form that somebody only wants to see accepted (填入示例值)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from engine.errors import Message

SAMPLE_FILE = "@file:示例材料.pdf"
_SENTENCE = "此处为演练所用的示例内容，仅供核对流程走向。"
_TRIES = 8
_DAYS = (14, 0, 3, 30, 379, 395, -1, 7)
_LATER = ("until", "end", "_to", "expire")
_PATTERNS = {
    "phone": "024-86020100",
    "email": "sample@example.org",
    "class_code": "101",
    "class_path": "基础信息资源类/人口信息",
    "idnumber": "210102199001010012",
}
Errors = Mapping[str, Sequence[Message]]


def sample_values(
    form: Mapping[str, Any],
    known: Mapping[str, Any],
    sources: Mapping[str, Any],
    closed: Mapping[str, frozenset[str]],
    today: date,
    check: Callable[[dict[str, Any]], Errors],
) -> dict[str, Any]:
    """Return values that the form takes, as far as they can be guessed: what is missing is filled in, error by error.

    Args:
        form: As the task page gets it, with `components`.
        known: What the form opens with.
        sources: Options by field, where they come from the case.
        closed: The options that may not be chosen.
        check: Returns the errors that handing in the values would meet.
    """
    fields = {c["key"]: c for c in form.get("components", []) if c.get("key") and c.get("type") != "text"}
    values = {key: value for key, value in known.items() if key in fields and value not in (None, "")}

    def fill(key: str, attempt: int) -> None:
        values[key] = _sample(
            fields[key], sources.get(key) or (), closed.get(key, frozenset()), today, attempt
        )

    for key, field in fields.items():
        if (field.get("validate") or {}).get("required") and key not in values:
            fill(key, 0)
    tried: dict[str, int] = dict.fromkeys(values, 0)
    for _ in range(_TRIES):
        wrong = [key.partition(".")[0] for key in check(values)]
        if not (wrong := [key for key in dict.fromkeys(wrong) if key in fields]):
            break
        for key in wrong:
            tried[key] = tried.get(key, -1) + 1
            fill(key, tried[key])
    return values


def _sample(
    field: Mapping[str, Any], options: Sequence[Any], closed: frozenset[str], today: date, attempt: int
) -> Any:
    kind, own, limits = field.get("type"), field.get("shixian") or {}, field.get("validate") or {}
    if kind in ("radio", "select", "checklist"):
        choices = [str(v["value"]) for v in field.get("values") or ()] or [str(o[0]) for o in options]
        choices = [v for v in choices if v not in closed] or [""]
        if kind == "checklist":
            return choices if attempt % 2 else choices[:1]
        return choices[attempt % len(choices)]
    if kind == "datetime":
        later = any(word in str(field["key"]) for word in _LATER)
        return (today + timedelta(days=_DAYS[(attempt + 4 * later) % len(_DAYS)])).isoformat()
    if kind == "number":
        least = int(limits.get("min", 1))
        return min(least + attempt * 3, int(limits.get("max", least + 99)))
    if kind == "checkbox":
        return True
    if kind == "filepicker":
        return [SAMPLE_FILE]
    if kind in ("table", "records"):
        return [_row(own.get("columns") or (), options, today)]
    if kind == "subforms":
        return [{own.get("item", ""): str(options[0][0]) if options else ""}]
    if own.get("kind") in _PATTERNS:
        return _PATTERNS[own["kind"]]
    return _text(str(field.get("label", "")), limits, attempt)


def _row(columns: Sequence[Mapping[str, Any]], options: Sequence[Any], today: date) -> dict[str, str]:
    found = {}
    for n, column in enumerate(columns):
        if column.get("values"):
            found[column["key"]] = str(column["values"][0]["value"])
        elif n == 0 and options:
            found[column["key"]] = str(options[0][0])
        elif column.get("type") == "date":
            found[column["key"]] = today.isoformat()
        elif column.get("type") == "number":
            found[column["key"]] = "1"
        else:
            found[column["key"]] = f"示例{column.get('label', '')}"[: int(column.get("maxLength", 20))]
    return found


def _text(label: str, limits: Mapping[str, Any], attempt: int) -> str:
    least, most = int(limits.get("minLength", 0)), int(limits.get("maxLength", 10_000))
    text = f"示例{label}"
    if least > len(text) or attempt:
        text = f"{label}：{_SENTENCE}"
    while len(text) < least or (attempt > 1 and len(text) < min(40 * attempt, most)):
        text += _SENTENCE
    return text[:most]
