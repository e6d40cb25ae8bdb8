"""A notice as JSON values, and whether a new one fits beside those known."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.calendar.notices import Holiday, Layer, Notice
from engine.chinese_dates import zh_week

_WEEK = "一二三四五六日"


class NoticeRefused(ValueError):
    """A notice that contradicts itself or those known; says what and where, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


def notice_data(notice: Notice) -> dict[str, Any]:
    """Return a notice as an event keeps it."""
    return {
        "id": notice.id,
        "kind": notice.kind,
        "year": notice.year,
        "title": notice.title,
        "doc_no": notice.doc_no,
        "published": notice.published.isoformat(),
        "layer": notice.layer.value,
        "scope": notice.scope,
        "replaces": list(notice.replaces),
        "holidays": [
            {
                "name": h.name,
                "days_off": [d.isoformat() for d in h.days_off],
                "work_days": [d.isoformat() for d in h.work_days],
                "sentence": h.sentence,
            }
            for h in notice.holidays
        ],
    }


def read_notice(data: Mapping[str, Any]) -> Notice:
    """Return the notice that `notice_data` kept."""
    return Notice(
        id=data["id"],
        kind=data["kind"],
        year=data["year"],
        title=data["title"],
        doc_no=data["doc_no"],
        published=date.fromisoformat(data["published"]),
        holidays=tuple(
            Holiday(
                h["name"],
                tuple(map(date.fromisoformat, h["days_off"])),
                tuple(map(date.fromisoformat, h["work_days"])),
                h["sentence"],
            )
            for h in data["holidays"]
        ),
        replaces=tuple(data["replaces"]),
        layer=Layer(data["layer"]),
        scope=data["scope"],
    )


def check_notice(notice: Notice, known: Iterable[Notice], corrects: Notice | None = None) -> None:
    """Refuse a notice that contradicts itself or the known ones.

    Args:
        known: The notices in force.
        corrects: The one among them whose place it takes.

    Raises:
        NoticeRefused: two notices for one year, an amendment before its notice or of holidays that it does
            not have, a day both off and working, a make-up day that is no weekend, nothing declared at all,
            no document number, or days far from its year.
    """
    others = [n for n in known if n != corrects]
    _check_alone(notice)
    if notice.id in {n.id for n in others}:
        raise NoticeRefused(
            f"编号“{notice.id}”的文件已经登记。", f"Expected a new id, found {notice.id!r} twice."
        )
    if notice.kind == "annual":
        if any(n.kind == "annual" and n.year == notice.year for n in others):
            raise NoticeRefused(
                f"{notice.year}年的放假安排通知已经登记；需要更正的，请从该通知的页面提出更正。",
                f"Expected one annual notice for {notice.year}, found two.",
            )
    elif notice.kind == "amendment":
        _check_amendment(notice, others)
    elif notice.layer is Layer.NATIONAL:
        raise NoticeRefused(
            "国家层级的文件应为年度通知或者调整通知。", "Expected an annual notice or an amendment."
        )


def _check_alone(notice: Notice) -> None:
    for name, value in (("标题", notice.title), ("文号", notice.doc_no)):
        if not value.strip():
            raise NoticeRefused(f"请填写{name}。", f"Expected a {name}, found none.")
    if (notice.layer is Layer.NATIONAL) == bool(notice.scope):
        raise NoticeRefused(
            "地方规定和单位决定应写明适用的地区或者单位，国家通知不写。",
            "Expected a scope for a local rule or a closure, and none for a national notice.",
        )
    off = {d: h for h in notice.holidays for d in h.days_off}
    if not off and not any(h.work_days for h in notice.holidays):
        raise NoticeRefused("没有登记任何日期。", "Expected at least one day, found none.")
    for holiday in notice.holidays:
        for day in holiday.work_days:
            if day in off:
                raise NoticeRefused(
                    f"{zh_week(day)}既是“{off[day].name}”的放假日，又是“{holiday.name}”的上班日，请核对。",
                    f"Expected {day} either off or working, found both ({off[day].name}, {holiday.name}).",
                )
            if notice.layer is Layer.NATIONAL and day.weekday() < 5:
                raise NoticeRefused(
                    f"“{holiday.name}”的调休上班日{zh_week(day)}不是周末，请核对。",
                    f"Expected a make-up day on a weekend, found {day} ({holiday.name}).",
                )
        for day in (*holiday.days_off, *holiday.work_days):
            if not date(notice.year - 1, 12, 1) <= day <= date(notice.year + 1, 1, 31):
                raise NoticeRefused(
                    f"“{holiday.name}”的{zh_week(day)}不在{notice.year}年前后，请核对年份。",
                    f"Expected days about {notice.year}, found {day} ({holiday.name}).",
                )


def _check_amendment(notice: Notice, known: list[Notice]) -> None:
    annual = next((n for n in known if n.kind == "annual" and n.year == notice.year), None)
    if annual is None:
        raise NoticeRefused(
            f"尚未登记{notice.year}年的放假安排通知，不能先登记对它的调整。",
            f"Expected the annual notice for {notice.year} before its amendment, found none.",
        )
    names = {h.name for h in annual.holidays}
    if unknown := [name for name in notice.replaces if name not in names]:
        raise NoticeRefused(
            f"{notice.year}年的通知没有“{unknown[0]}”，有{'、'.join(sorted(names))}。",
            f"Expected holidays of the {notice.year} notice, found {unknown[0]!r}.",
        )
    if notice.published < annual.published:
        raise NoticeRefused(
            f"调整通知的公布日期{zh_week(notice.published)}早于原通知{zh_week(annual.published)}，请核对。",
            f"Expected an amendment after {annual.published}, found {notice.published}.",
        )
