"""From what was sent to a value of the right type, or to a message that says what was expected."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from engine.errors import Message
from engine.forms.masking import mask_cell, mask_text
from engine.forms.model import Component
from engine.forms.records import RecordFaults, read_typed, summary
from engine.forms.rows import row_faults

Options = Sequence[tuple[str, str]]
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MAX_TEXT = 10_000
_MAX_ROWS = 50  # of a table that says nothing else by maxRows
_SHOWN = 5  # faults of a table that are spelt out
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
    "class_code": (
        re.compile(r"[0-9]|[0-9]{3}|[0-9]{6,20}"),
        Message(
            "分类代码由类（1位）、项（2位）、目（3位）、细目（位数不限）的数字依次组成，例如101或者101001。",
            "Expected 1, 3, 6 or more digits.",
        ),
    ),
    "class_path": (
        re.compile(r"[^/]{1,60}(/[^/]{1,60}){0,3}"),
        Message(
            "分类应为以“/”分隔的类、项、目、细目，例如“基础信息资源类/人口信息”。",
            "Expected one to four names parted by slashes.",
        ),
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
    most = int(component.limits.get("maxRows", _MAX_ROWS))
    if not isinstance(raw, list) or len(raw) > most:
        raise Unfit(
            Message(f"{component.label}应为不超过{most}行的表格。", f"Expected a table of up to {most} rows.")
        )
    rows: list[dict[str, str]] = []
    faults: list[Message] = []
    for n, row in enumerate(raw, 1):
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
        if component.masks:
            clean = {key: mask_cell(cell) for key, cell in clean.items()}
        faults += row_faults(component.cells, [clean], n)
        first = component.columns[0][0]
        if options and clean[first] not in {value for value, _ in options}:
            raise Unfit(
                Message(f"{component.label}所列字段“{clean[first]}”不存在。", "Expected a known field.")
            )
        rows.append(clean)
    if faults:
        more = f"另有{len(faults) - _SHOWN}处。" if len(faults) > _SHOWN else ""
        shown = faults[:_SHOWN]
        raise Unfit(
            Message(
                f"{component.label}每行应填写完整：" + "".join(f.zh for f in shown) + more,
                f"{len(faults)} cell(s) to mend: " + " ".join(f.en for f in shown),
            )
        )
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


def _objects(component: Component, raw: object, options: Options) -> list[dict[str, Any]]:
    """Return the objects as they were sent; each is held against the form of its own afterwards."""
    most = int(component.limits.get("max", _MAX_ROWS))
    if not isinstance(raw, list) or len(raw) > most or not all(isinstance(value, Mapping) for value in raw):
        raise Unfit(
            Message(
                f"{component.label}应为不超过{most}项的列表，每项为字段与取值。",
                f"Expected a list of up to {most} objects.",
            )
        )
    return [dict(value) for value in raw]


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
    "subforms": _objects,
}
