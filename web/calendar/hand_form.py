"""The form of a document typed by hand: what was typed, what is wrong with it, and the document it makes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext, lazy_gettext

from engine.calendar import Holiday, Layer, Notice
from web.dates import Unreadable, read_day, read_days, write_days
from web.language import said

SPARE_ROWS = 3
MOST_ROWS = 30
_FIELDS = ("scope", "kind", "year", "title", "doc_no", "published", "replaces")
_COLUMNS = ("name", "off", "work", "sentence")
MISSING = {
    "title": lazy_gettext("请填写标题。"),
    "doc_no": lazy_gettext("请填写文号。"),
    "published": lazy_gettext("请填写公布日期。"),
}
"""What is said of a field that every document needs and that is empty."""


@dataclass
class HandForm:
    """Texts as typed; errors by field, those of row n under rows.n.column."""

    values: dict[str, str]
    rows: list[dict[str, str]]
    corrects: int | None = None
    errors: dict[str, str] = field(default_factory=dict)
    refused: str = ""

    def read(self, corrected_id: str | None) -> Notice | None:
        """Return the document, or None with the errors noted.

        Args:
            corrected_id: The id of the document whose place this one takes.
        """
        layer, scope = self._scope()
        kind = self._kind(layer)
        year = self._year()
        self.errors |= {name: str(text) for name, text in MISSING.items() if not self.values[name]}
        published = self._published()
        replaces = tuple(filter(None, re.split(r"[、,，;；\s]+", self.values["replaces"])))
        if kind == "amendment" and not replaces:
            self.errors["replaces"] = gettext("调整通知应写明替换原安排中的哪些节日。")
        if kind != "amendment" and replaces:
            self.errors["replaces"] = gettext("只有调整通知才替换原安排中的节日，请删去此项或者改选种类。")
        holidays = tuple(filter(None, (self._holiday(n, row, year) for n, row in enumerate(self.rows))))
        if not holidays and not any(name.startswith("rows.") for name in self.errors):
            self.errors["rows.0.off"] = gettext("请至少填写一行日期。")
        if self.errors or year is None or published is None:
            return None
        own = self.values["doc_no"] if not scope else f"{self.values['doc_no']} {scope}"
        national_year = layer is Layer.NATIONAL and kind == "annual"
        return Notice(
            id=corrected_id or (str(year) if national_year else own[:60]),
            kind=kind,
            year=year,
            title=self.values["title"],
            doc_no=self.values["doc_no"],
            published=published,
            holidays=holidays,
            replaces=replaces,
            layer=layer,
            scope=scope,
        )

    def _scope(self) -> tuple[Layer, str]:
        layer, _, scope = self.values["scope"].partition(":")
        if layer not in list(Layer):
            self.errors["scope"] = gettext("请选择适用范围。")
            return Layer.NATIONAL, ""
        return Layer(layer), scope

    def _kind(self, layer: Layer) -> str:
        kind = self.values["kind"]
        if kind not in ("annual", "amendment", "rule"):
            self.errors["kind"] = gettext("请选择种类。")
        elif (layer is Layer.NATIONAL) == (kind == "rule") and "scope" not in self.errors:
            self.errors["kind"] = (
                gettext("全国的文件应为年度放假安排或者调整通知。")
                if layer is Layer.NATIONAL
                else gettext("地方和单位的文件应选“地方规定或者单位决定”。")
            )
        return kind

    def _year(self) -> int | None:
        text = self.values["year"].removesuffix("年")
        if text.isascii() and text.isdigit() and 1949 <= int(text[:5]) <= 2099:
            return int(text)
        self.errors["year"] = gettext("请填写四位数的年份，例如2026。")
        return None

    def _published(self) -> date | None:
        if not self.values["published"]:
            return None
        try:
            return read_day(self.values["published"])
        except Unreadable as fault:
            self.errors["published"] = said(fault)
            return None

    def _holiday(self, n: int, row: Mapping[str, str], year: int | None) -> Holiday | None:
        if not any(row.values()):
            return None
        if not row["name"]:
            self.errors[f"rows.{n}.name"] = gettext("请填写名称。")
        days = {column: self._days(n, row, column, year) for column in ("off", "work")}
        if not row["off"] and not row["work"]:
            self.errors[f"rows.{n}.off"] = gettext("请填写放假日期或者上班日期。")
        return Holiday(row["name"], days["off"], days["work"], row["sentence"])

    def _days(self, n: int, row: Mapping[str, str], column: str, year: int | None) -> tuple[date, ...]:
        try:
            return read_days(row[column], year or 2000)
        except Unreadable as fault:
            self.errors[f"rows.{n}.{column}"] = said(fault)
            return ()


def blank() -> HandForm:
    """Return the form of a new document."""
    return HandForm(dict.fromkeys(_FIELDS, ""), _spare([]))


def from_notice(notice: Notice, corrects: int) -> HandForm:
    """Return the form with a document in it that is to be corrected."""
    values = {
        "scope": f"{notice.layer.value}:{notice.scope}",
        "kind": notice.kind,
        "year": str(notice.year),
        "title": notice.title,
        "doc_no": notice.doc_no,
        "published": notice.published.isoformat(),
        "replaces": "、".join(notice.replaces),
    }
    rows = [
        dict(
            zip(
                _COLUMNS,
                (h.name, write_days(h.days_off), write_days(h.work_days), h.sentence),
                strict=True,
            )
        )
        for h in notice.holidays
    ]
    return HandForm(values, _spare(rows), corrects)


def from_post(posted: Mapping[str, str], corrects: int | None) -> HandForm:
    """Return the form as it was sent."""
    values = {name: posted.get(name, "").strip()[:200] for name in _FIELDS}
    rows = [
        {column: posted.get(f"rows.{n}.{column}", "").strip()[:1000] for column in _COLUMNS}
        for n in range(MOST_ROWS)
    ]
    return HandForm(values, _spare([row for row in rows if any(row.values())]), corrects)


def _spare(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return rows + [dict.fromkeys(_COLUMNS, "") for _ in range(SPARE_ROWS)]
