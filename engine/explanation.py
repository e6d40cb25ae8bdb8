"""A deadline explained: the rule in words, the sentence behind every day, the arithmetic (R-T1 to R-T14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from engine.calendar import ChinaWorkingCalendar, Layer, Notice
from engine.chinese_dates import zh_week
from engine.deadlines import UNITS, Extension, ExtensionRule
from engine.periods import (
    BEIJING,
    Due,
    Status,
    Term,
    Unit,
    beijing_day,
    count,
    excluded_days,
    is_after_hours,
)
from engine.strips import Role, StripDay, strip

LAYERS = {Layer.NATIONAL: "国家", Layer.AREA: "地方", Layer.UNIT: "单位"}
_WEEK = "一二三四五六日"
_COUNTED = (Role.COUNTED, Role.MAKEUP_COUNTED)


@dataclass(frozen=True)
class Document:
    """A document that a count rests on."""

    id: str
    layer: Layer
    title: str
    doc_no: str
    published: date


@dataclass(frozen=True)
class ExplainedDay:
    """A day of the strip with the document and the sentence that decide it, where one does."""

    day: StripDay
    document: Document | None
    sentence: str


@dataclass(frozen=True)
class Explanation:
    """Everything about how one due date came to be, by one calendar.

    Attributes:
        rule: The reasoning, one Chinese sentence a step.
        caveat: What is not certain yet, empty when all is.
        documents: Those that decide a day of the strip.
        notices: The ids of all that the count rests on, the year's own notice included.
    """

    due: Due
    rule: tuple[str, ...]
    caveat: str
    days: tuple[ExplainedDay, ...]
    documents: tuple[Document, ...]
    notices: tuple[str, ...]


def explain(
    term: Term,
    calendar: ChinaWorkingCalendar,
    basis: str,
    extensions: tuple[Extension, ...] = (),
    rule: ExtensionRule | None = None,
    by_law: bool = True,
    set_by: str = "",
) -> Explanation:
    """Return the explanation of a term by a calendar.

    Args:
        basis: The article the length rests on; of a limit the law leaves open, why it may be set.
        by_law: Whether the law sets the length; otherwise the process does.
        extensions: The approved ones, oldest first; their days add up to the term's.
        rule: What the version says about extensions, for the reading of the cap.
        set_by: The document that sets the length, where the law leaves it to one.
    """
    due = count(term, calendar)
    days = tuple(_explained(day, calendar) for day in strip(term, due, calendar))
    ground = f"依据{basis}" if by_law else f"由本流程设定（{basis}）"
    ground = f"由{set_by}规定，{ground}" if set_by else ground
    documents = {d.document.id: d.document for d in days if d.document is not None}
    return Explanation(
        due=due,
        rule=tuple(_rule(term, due, days, calendar, ground, extensions, rule)),
        caveat=_CAVEATS[due.status],
        days=days,
        documents=tuple(sorted(documents.values(), key=lambda d: (d.published, d.id))),
        notices=calendar.rests_on(*due.examined),
    )


def day_reason(day: StripDay) -> str:
    """Return why a day counts or not, in a few words."""
    return {
        Role.EVENT: "当日不计入（《民法典》第二百零一条）" if day.number is None else "当日计入（流程设定）",
        Role.COUNTED: "工作日" if day.name is None else f"照常工作（{day.name}）",
        Role.MAKEUP_COUNTED: f"调休上班（{day.name}）" if day.name else "调休上班",
        Role.WEEKEND: "周休息日",
        Role.HOLIDAY: f"放假（{day.name}）",
        Role.EXCLUDED: "期限中止，扣除",
        Role.ROLLED: "顺延至休息日结束后的首个工作日（《民法典》第二百零三条）",
    }[day.role]


def on_zh(day: date) -> str:
    """Return 2026年6月15日（星期一）."""
    return zh_week(day)


_CAVEATS = {
    Status.FINAL: "",
    Status.PROVISIONAL: "暂定：计算涉及12月29日至31日，次年放假安排公布后核定。",
    Status.UNCOVERED: "估算：所涉年度的放假安排尚未公布，按周末和法定节假日估算；公布前不作逾期处理。",
}


def _explained(day: StripDay, calendar: ChinaWorkingCalendar) -> ExplainedDay:
    found = calendar.reason(day.date)
    if found is None:
        return ExplainedDay(day, None, "")
    notice, holiday = found
    return ExplainedDay(day, _document(notice), holiday.sentence)


def _document(notice: Notice) -> Document:
    return Document(notice.id, notice.layer, notice.title, notice.doc_no, notice.published)


def _rule(
    term: Term,
    due: Due,
    days: tuple[ExplainedDay, ...],
    calendar: ChinaWorkingCalendar,
    ground: str,
    extensions: tuple[Extension, ...],
    rule: ExtensionRule | None,
) -> Iterator[str]:
    if term.unit is Unit.FIXED_DATE:
        yield from _fixed_rule(term, due, ground)
    else:
        yield _event_sentence(term, due, calendar)
        yield f"期限为{term.length}{UNITS[term.unit]}，{ground}。"
        yield from _rest_sentences(term, days)
        yield from _pause_sentences(term, calendar)
        yield from _reach_sentences(term, due)
        yield from _extension_sentences(term, due, extensions, rule)
    end = "24时" if term.policy.day_end == "24:00" else f"{term.policy.day_end}"
    yield f"{on_zh(due.due_on)}{end}届满；此前办理的为按期，此后办理的为逾期。"


def _fixed_rule(term: Term, due: Due, ground: str) -> Iterator[str]:
    named = beijing_day(term.event_at)
    inclusive = "包含当日" if term.policy.fixed_date_inclusive else "不包含当日"
    yield f"应于{on_zh(named)}前办理（{inclusive}），{ground}。"
    if due.due_on != due.last_on:
        yield f"{on_zh(due.last_on)}为休息日，按流程设定移至{on_zh(due.due_on)}。"


def _event_sentence(term: Term, due: Due, calendar: ChinaWorkingCalendar) -> str:
    received: datetime = term.event_at.astimezone(BEIJING)
    counted = (
        "当日计入（流程设定）" if term.policy.count_receipt_day else "当日不计入（《民法典》第二百零一条）"
    )
    if is_after_hours(term.event_at, calendar, term.policy):
        return (
            f"{on_zh(received.date())}{received:%H:%M}在办公时间以外，视为下一工作日"
            f"{on_zh(due.event_day)}到达，{counted}。"
        )
    return f"自{on_zh(due.event_day)}起算，{counted}。"


def _rest_sentences(term: Term, days: tuple[ExplainedDay, ...]) -> Iterator[str]:
    if term.unit is not Unit.WORKING_DAY:
        return
    off = [d for d in days if d.day.role is Role.HOLIDAY]
    for (name, _), run in groupby(off, key=lambda d: (d.day.name, d.document)):
        span = list(run)
        yield f"{_span([d.day.date for d in span])}{name}放假，不计入{_cited(span[0])}。"
    makeup = [d for d in days if d.day.role is Role.MAKEUP_COUNTED]
    for (name, _), run in groupby(makeup, key=lambda d: (d.day.name, d.document)):
        span = list(run)
        listed = "、".join(_short(d.day.date) for d in span)
        yield f"{listed}因{name}调休上班，计入{_cited(span[0])}。"
    weekends = sum(1 for d in days if d.day.role is Role.WEEKEND)
    if weekends:
        yield f"期间周休息日{weekends}天，不计入。"


def _pause_sentences(term: Term, calendar: ChinaWorkingCalendar) -> Iterator[str]:
    for p in term.pauses:
        since = _short(beijing_day(p.since))
        if p.until is None:
            yield f"{since}起因{p.ground}中止计算（{p.basis}），恢复后扣除中止的时间。"
            continue
        taken = excluded_days(p, term.unit, calendar)
        unit = "个工作日" if term.unit is Unit.WORKING_DAY else "天"
        yield f"{since}后至{_short(beijing_day(p.until))}因{p.ground}扣除{taken}{unit}（{p.basis}）。"


def _reach_sentences(term: Term, due: Due) -> Iterator[str]:
    if term.unit is Unit.WORKING_DAY:
        yield f"第{term.length}个工作日为{on_zh(due.original_due_on)}。"
        return
    found = "对应日" if term.unit is Unit.MONTH else f"第{term.length}日"
    source = "（《民法典》第二百零二条）" if term.unit is Unit.MONTH else ""
    yield f"{found}为{on_zh(due.last_on)}{source}。"
    if due.last_on != due.original_due_on:
        yield f"该日为休息日，顺延至{on_zh(due.original_due_on)}（《民法典》第二百零三条）。"


def _extension_sentences(
    term: Term, due: Due, extensions: tuple[Extension, ...], rule: ExtensionRule | None
) -> Iterator[str]:
    if not term.extended_by:
        return
    unit = UNITS[term.unit]
    for x in extensions:
        approved = on_zh(beijing_day(x.approved_at))
        yield f"{approved}经{x.approved_by}同意延长{x.days}{unit}（申请人{x.asked_by}）。"
    yield (
        f"原届满日{on_zh(due.original_due_on)}＋延长{term.extended_by}{unit}"
        f"（自原届满日的次日起计）＝{on_zh(due.due_on)}。"
    )
    if rule is not None:
        yield f"延长上限：{rule.reading(term.unit)}，依据{rule.basis or '本流程设定'}。"


def _cited(d: ExplainedDay) -> str:
    if d.document is None:
        return "（按法定节假日估算）"
    return f"（{LAYERS[d.document.layer]}：{d.document.doc_no}）"


def _span(dates: list[date]) -> str:
    if len(dates) == 1:
        return _short(dates[0])
    contiguous = (dates[-1] - dates[0]).days == len(dates) - 1
    return f"{_short(dates[0])}至{_short(dates[-1])}" if contiguous else "、".join(map(_short, dates))


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"
