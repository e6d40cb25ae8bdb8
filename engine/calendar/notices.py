"""The yearly notices on public holidays (节假日安排的通知) as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml


class CalendarDataError(ValueError):
    """A notice file that does not say what its schema demands; names the notice and the field."""


@dataclass(frozen=True)
class Holiday:
    """One holiday of one notice: days declared off, and weekends declared working (调休上班)."""

    name: str
    days_off: tuple[date, ...]
    work_days: tuple[date, ...]


@dataclass(frozen=True)
class Notice:
    """One notice, annual or amending; an amendment replaces the holidays it names as a whole."""

    id: str
    year: int
    title: str
    doc_no: str
    published: date
    holidays: tuple[Holiday, ...]
    replaces: tuple[str, ...] = ()


def load_notices(path: Path) -> tuple[Notice, ...]:
    """Read the notices in the order of their publication.

    Raises:
        CalendarDataError: an entry lacks a field or holds a date that is none.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(sorted((_notice(entry) for entry in data["notices"]), key=lambda n: n.published))


def _notice(entry: Mapping[str, Any]) -> Notice:
    try:
        return Notice(
            id=entry["id"],
            year=entry["year"],
            title=entry["title"],
            doc_no=entry["doc_no"],
            published=date.fromisoformat(entry["published"]),
            holidays=tuple(
                Holiday(item["name"], _dates(item["days_off"]), _dates(item["work_days"]))
                for item in entry["holidays"]
            ),
            replaces=tuple(entry.get("replaces_holidays", ())),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise CalendarDataError(f"Notice {entry.get('id', '?')}: expected a complete entry, found {fault!r}") from fault


def _dates(texts: list[str]) -> tuple[date, ...]:
    return tuple(date.fromisoformat(text) for text in texts)
