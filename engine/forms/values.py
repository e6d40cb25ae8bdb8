"""From what was sent to a value of the right type, or to a message that says what was expected."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from engine.errors import Message
from engine.forms.masking import mask_text
from engine.forms.model import Component
from engine.forms.records import RecordFaults, read_typed, summary

Options = Sequence[tuple[str, str]]
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MAX_TEXT = 10_000
_MAX_ROWS = 50
_MAX_INT = 10**12

PATTERNS = {
    "phone": (
        re.compile(r"(1[3-9]\d{9}|(0\d{2,3}-?)?[2-9]\d{6,7}(-\d{1,6})?)"),
        Message("请填写中国大陆手机号码或者固定电话号码。", "Expected a mainland mobile or landline number."),
    ),
    "email": (
        re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+"),
        Message("请填写正确的电子邮箱。", "Expected an e-mail address."),
    ),
}


class Unfit(ValueError):
    """A value that cannot stand in the field; a table may have several faults."""

    def __init__(self, *messages: Message) -> None:
        super().__init__(" ".join(m.en for m in messages))
        self.messages = messages


def parse(component: Component, raw: object, options: Options) -> Any:
    """Return the clean value, None where nothing was given.

    Raises:
        Unfit: wrong type, unknown option, out of range.
    """
    if raw is None or raw == "" or raw == []:
        return None
    return _PARSERS[component.type](component, raw, options)


def _text(component: Component, raw: object, options: Options) -> str | None:
    if not isinstance(raw, str):
        raise Unfit(Message(f"{component.label}应为文字。", "Expected a text."))
    if _CONTROL.search(raw):
        raise Unfit(Message(f"{component.label}含有不可显示的字符。", "Found control characters."))
    text = raw.replace("\r\n", "\n").strip()
    if not text:
        return None
    least, most = int(component.limits.get("minLength", 0)), int(component.limits.get("maxLength", _MAX_TEXT))
    if not least <= len(text) <= most:
        wanted = f"{least}至{most}" if least else f"不超过{most}"
        raise Unfit(
            Message(
                f"{component.label}应为{wanted}个字，现有{len(text)}个字。",
                f"Expected {least} to {most} characters, found {len(text)}.",
            )
        )
    if component.kind in PATTERNS and not PATTERNS[component.kind][0].fullmatch(text):
        raise Unfit(PATTERNS[component.kind][1])
    return mask_text(text) if component.masks else text


def _number(component: Component, raw: object, options: Options) -> int:
    if isinstance(raw, str) and re.fullmatch(r"-?\d{1,13}", raw.strip()):
        raw = int(raw)
    least, most = component.limits.get("min", -_MAX_INT), component.limits.get("max", _MAX_INT)
    if not isinstance(raw, int) or isinstance(raw, bool) or not least <= raw <= most:
        bounded = {"min", "max"} & component.limits.keys()
        within = (f"{least}至{most}之间的", f", {least} to {most}") if bounded else ("", "")
        raise Unfit(
            Message(
                f"{component.label}应为{within[0]}整数，实为“{str(raw)[:20]}”。",
                f"Expected a whole number{within[1]}, found {str(raw)[:20]!r}.",
            )
        )
    return raw


def _bool(component: Component, raw: object, options: Options) -> bool:
    known = {"true": True, "on": True, "false": False}
    if isinstance(raw, str) and raw in known:
        return known[raw]
    if not isinstance(raw, bool):
        raise Unfit(Message(f"{component.label}应为是或者否。", "Expected true or false."))
    return raw


def _choice(component: Component, raw: object, options: Options) -> str:
    if not isinstance(raw, str) or raw not in {value for value, _ in options}:
        raise Unfit(Message(f"{component.label}不在可选范围内，请重新选择。", "Expected one of the options."))
    return raw


def _choices(component: Component, raw: object, options: Options) -> list[str]:
    raw = [raw] if isinstance(raw, str) else raw
    if not isinstance(raw, list):
        raise Unfit(Message(f"{component.label}应为若干选项。", "Expected a list of options."))
    return list(dict.fromkeys(_choice(component, value, options) for value in raw))


def _date(component: Component, raw: object, options: Options) -> str:
    try:
        if not isinstance(raw, str) or len(raw) != 10:
            raise ValueError
        return date.fromisoformat(raw).isoformat()
    except ValueError:
        raise Unfit(
            Message(f"{component.label}应为日期，例如2026-06-15。", "Expected a date such as 2026-06-15.")
        ) from None


def _files(component: Component, raw: object, options: Options) -> list[dict[str, Any]]:
    types = {"key": str, "name": str, "size": int, "sha256": str}
    good = isinstance(raw, list) and all(
        isinstance(f, Mapping) and set(f) == set(types) and all(type(f[k]) is t for k, t in types.items())
        for f in raw
    )
    if not good or not isinstance(raw, list):
        raise Unfit(Message(f"{component.label}应为已上传的文件。", "Expected files that were uploaded."))
    most = int(component.limits.get("max", 10))
    if len(raw) > most:
        raise Unfit(Message(f"{component.label}不得超过{most}个。", f"Expected at most {most} files."))
    return [dict(f) for f in raw]


def _rows(component: Component, raw: object, options: Options) -> list[dict[str, str]] | None:
    keys = {key for key, _ in component.columns}
    if not isinstance(raw, list) or len(raw) > _MAX_ROWS:
        raise Unfit(Message(f"{component.label}应为不超过{_MAX_ROWS}行的表格。", "Expected a table of rows."))
    rows: list[dict[str, str]] = []
    for row in raw:
        if (
            not isinstance(row, Mapping)
            or set(row) - keys
            or not all(isinstance(v, str) for v in row.values())
        ):
            raise Unfit(
                Message(f"{component.label}的列不正确。", f"Expected rows with {', '.join(sorted(keys))}.")
            )
        clean = {key: _CONTROL.sub("", str(row.get(key, ""))).strip()[:1000] for key, _ in component.columns}
        if not any(clean.values()):
            continue
        if not all(clean.values()):
            raise Unfit(
                Message(f"{component.label}每行应填写完整。", "Expected every cell of a row to be filled.")
            )
        first = component.columns[0][0]
        if options and clean[first] not in {value for value, _ in options}:
            raise Unfit(
                Message(f"{component.label}所列字段“{clean[first]}”不存在。", "Expected a known field.")
            )
        rows.append(clean)
    return rows or None


def _records(component: Component, raw: object, options: Options) -> dict[str, Any] | None:
    """Return typed rows under `rows_typed`, or what the handler found stored under the name that was given."""
    if isinstance(raw, list):
        try:
            rows = read_typed(raw, component.record_columns)
        except RecordFaults as faults:
            raise Unfit(*faults.faults) from None
        return {"typed": rows, **summary(rows)} if rows else None
    types = {"key": str, "name": str, "size": int, "sha256": str, "rows": int, "first": list}
    if (
        not isinstance(raw, Mapping)
        or set(raw) != set(types)
        or not all(isinstance(raw[k], t) for k, t in types.items())
    ):
        raise Unfit(
            Message(
                f"{component.label}应为已上传的记录文件，或者直接填写的各行。",
                "Expected the key of an uploaded table of this case, or a list of rows.",
            )
        )
    return dict(raw)


_PARSERS: dict[str, Callable[[Component, object, Options], Any]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "checkbox": _bool,
    "radio": _choice,
    "select": _choice,
    "checklist": _choices,
    "datetime": _date,
    "filepicker": _files,
    "table": _rows,
    "records": _records,
}
