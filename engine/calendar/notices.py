"""The documents that say which days count: yearly notices (节假日安排的通知), local rules, closures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

_KINDS = ("annual", "amendment")


class Layer(StrEnum):
    """Whose document it is; the later one here decides over the earlier (R-T14)."""

    NATIONAL = "national"  # 国务院办公厅通知
    AREA = "area"  # 省、市、县（市、区）规定; `scope` names the area
    UNIT = "unit"  # 单位停止办公; `scope` is the department's key


class CalendarDataError(ValueError):
    """A notice file that does not say what its schema demands; names file, notice and field."""


@dataclass(frozen=True)
class Holiday:
    """One holiday of one notice: days declared off, and weekends declared working (调休上班).

    `sentence` is the sentence of the notice that says so, empty where its text is not at hand.
    """

    name: str
    days_off: tuple[date, ...]
    work_days: tuple[date, ...]
    sentence: str = ""


@dataclass(frozen=True)
class Notice:
    """One document.

    Attributes:
        kind: annual, amendment (replaces the holidays of its year that it names, each as a whole), or
            rule (a local rule or a closure, which adds to what the layers before it say).
        scope: The area's name, or the key of the department; empty for the nation.
    """

    id: str
    kind: str
    year: int
    title: str
    doc_no: str
    published: date
    holidays: tuple[Holiday, ...]
    replaces: tuple[str, ...] = ()
    layer: Layer = Layer.NATIONAL
    scope: str = ""


def load_notices(path: Path) -> tuple[Notice, ...]:
    """Read the notices in the order of their publication.

    Raises:
        CalendarDataError: the file cannot be read, or an entry lacks a field, holds a date that is none,
            or contradicts another.
    """
    try:
        data = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as fault:
        raise CalendarDataError(f"{path.name}: expected a readable YAML file, found {fault}") from fault
    if not isinstance(data, Mapping) or not isinstance(data.get("notices"), list):
        raise CalendarDataError(f"{path.name}: expected a list under `notices`, found none")
    notices = [_notice(entry, f"{path.name}, notices[{n}]") for n, entry in enumerate(data["notices"])]
    _check_together(notices, path.name)
    return tuple(sorted(notices, key=lambda notice: notice.published))


def known_by(notices: Iterable[Notice], day: date) -> tuple[Notice, ...]:
    """Return the documents published on or before `day`."""
    return tuple(notice for notice in notices if notice.published <= day)


def _notice(entry: object, where: str) -> Notice:
    fields = _mapping(entry, where)
    where = f"{where} ({fields.get('id', 'no id')})"
    kind = _text(fields, "kind", where)
    if kind not in _KINDS:
        raise CalendarDataError(f"{where}: expected kind annual or amendment, found {kind!r}")
    return Notice(
        id=_text(fields, "id", where),
        kind=kind,
        year=_year(fields, where),
        title=_text(fields, "title", where),
        doc_no=_text(fields, "doc_no", where),
        published=_date(fields.get("published"), f"{where}, published"),
        holidays=tuple(
            _holiday(item, f"{where}, holidays[{n}]")
            for n, item in enumerate(_list(fields, "holidays", where))
        ),
        replaces=tuple(
            str(name) for name in _list(fields, "replaces_holidays", where, needed=kind == "amendment")
        ),
    )


def _holiday(item: object, where: str) -> Holiday:
    fields = _mapping(item, where)
    off, working = (
        tuple(_date(value, f"{where}, {key}") for value in _list(fields, key, where))
        for key in ("days_off", "work_days")
    )
    if both := set(off) & set(working):
        raise CalendarDataError(f"{where}: expected a day either off or working, found {min(both)} as both")
    return Holiday(_text(fields, "name", where), off, working, str(fields.get("sentence") or ""))


def _check_together(notices: list[Notice], file: str) -> None:
    """Refuse what would otherwise be folded silently into a wrong calendar."""
    seen: set[str] = set()
    annual: dict[int, Notice] = {}
    for notice in notices:
        if notice.id in seen:
            raise CalendarDataError(f"{file}: expected each notice once, found id {notice.id!r} twice")
        seen.add(notice.id)
        if notice.kind == "annual":
            if notice.year in annual:
                raise CalendarDataError(f"{file}: expected one annual notice for {notice.year}, found two")
            annual[notice.year] = notice
    for notice in notices:
        known = {holiday.name for holiday in annual[notice.year].holidays} if notice.year in annual else set()
        if unknown := [name for name in notice.replaces if name not in known]:
            raise CalendarDataError(
                f"{file} ({notice.id}): expected replaces_holidays to name holidays of the {notice.year} notice, "
                f"found {unknown[0]!r}"
            )


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CalendarDataError(f"{where}: expected an entry with fields, found {value!r}")
    return value


def _text(fields: Mapping[str, Any], key: str, where: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CalendarDataError(f"{where}: expected a text under `{key}`, found {value!r}")
    return value


def _year(fields: Mapping[str, Any], where: str) -> int:
    value = fields.get("year")
    if type(value) is not int or not 1900 <= value <= 9000:
        raise CalendarDataError(f"{where}: expected a year such as 2026 under `year`, found {value!r}")
    return value


def _list(fields: Mapping[str, Any], key: str, where: str, needed: bool = True) -> list[Any]:
    value = fields.get(key, None if needed else [])
    if not isinstance(value, list):
        raise CalendarDataError(f"{where}: expected a list under `{key}`, found {value!r}")
    return value


def _date(value: object, where: str) -> date:
    if type(value) is date:  # YAML reads an unquoted date as one
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise CalendarDataError(f"{where}: expected a date such as 2026-01-01, found {value!r}") from None
