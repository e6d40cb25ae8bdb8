"""A deadline explained: the rule in words, the sentence behind every day, the arithmetic (R-T1 to R-T14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from engine.calendar import ChinaWorkingCalendar, Layer, Notice
from engine.chinese_dates import zh_week
from engine.deadlines import Extension, ExtensionRule, length_text
from engine.english_dates import en_feast, en_short, en_week
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
from engine.speech import Bilingual, english, plural
from engine.strips import Role, StripDay, strip

LAYERS = {
    Layer.NATIONAL: Bilingual("国家", "national"),
    Layer.AREA: Bilingual("地方", "local"),
    Layer.UNIT: Bilingual("单位", "unit"),
}
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
        rule: The reasoning, one sentence a step, in Chinese with the English beside it.
        caveat: What is not certain yet, empty when all is.
        documents: Those that decide a day of the strip.
        notices: The ids of all that the count rests on, the year's own notice included.
    """

    due: Due
    rule: tuple[Bilingual, ...]
    caveat: Bilingual
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
    ground = _ground(basis, by_law, set_by)
    documents = {d.document.id: d.document for d in days if d.document is not None}
    return Explanation(
        due=due,
        rule=tuple(_rule(term, due, days, calendar, ground, extensions, rule)),
        caveat=_CAVEATS[due.status],
        days=days,
        documents=tuple(sorted(documents.values(), key=lambda d: (d.published, d.id))),
        notices=calendar.rests_on(*due.examined),
    )


def day_reason(day: StripDay) -> Bilingual:
    """Return why a day counts or not, in a few words."""
    named, english_name = (f"（{day.name}）", f" ({en_feast(day.name)})") if day.name else ("", "")
    return {
        Role.EVENT: _NOT_COUNTED if day.number is None else _COUNTED_AT_ONCE,
        Role.COUNTED: Bilingual(f"照常工作{named}", f"working as usual{english_name}")
        if day.name
        else _WORKING,
        Role.MAKEUP_COUNTED: Bilingual(f"调休上班{named}", f"make-up working day{english_name}"),
        Role.WEEKEND: Bilingual("周休息日", "weekly rest day"),
        Role.HOLIDAY: Bilingual(f"放假（{day.name}）", f"holiday ({en_feast(day.name or '')})"),
        Role.EXCLUDED: Bilingual("期限中止，扣除", "limit paused, excluded"),
        Role.ROLLED: Bilingual(
            "顺延至休息日结束后的首个工作日（《民法典》第二百零三条）",
            "rolled on to the first working day after the rest days (Civil Code, Article 203)",
        ),
    }[day.role]


def on_zh(day: date) -> str:
    """Return 2026年6月15日（星期一）."""
    return zh_week(day)


_WORKING = Bilingual("工作日", "working day")
_NOT_COUNTED = Bilingual(
    "当日不计入（《民法典》第二百零一条）", "this day is not counted (Civil Code, Article 201)"
)
_COUNTED_AT_ONCE = Bilingual("当日计入（流程设定）", "this day is counted (set by the process)")
_CAVEATS = {
    Status.FINAL: Bilingual("", ""),
    Status.PROVISIONAL: Bilingual(
        "暂定：计算涉及12月29日至31日，次年放假安排公布后核定。",
        "Provisional: the count touches 29 to 31 December and is settled once next year’s holiday notice is published.",
    ),
    Status.UNCOVERED: Bilingual(
        "估算：所涉年度的放假安排尚未公布，按周末和法定节假日估算；公布前不作逾期处理。",
        "Estimated: the holiday notice for a year concerned is not yet published, so weekends and statutory holidays "
        "are used. Until publication the limit is not treated as overdue.",
    ),
}


def _ground(basis: str, by_law: bool, set_by: str) -> Bilingual:
    if by_law:
        ground = Bilingual(f"依据{basis}", f"under {english(basis)}")
    else:
        ground = Bilingual(f"由本流程设定（{basis}）", f"set by this process ({english(basis)})")
    if not set_by:
        return ground
    return Bilingual(f"由{set_by}规定，{ground}", f"set by {english(set_by)}, {ground.en}")


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
    ground: Bilingual,
    extensions: tuple[Extension, ...],
    rule: ExtensionRule | None,
) -> Iterator[Bilingual]:
    if term.unit is Unit.FIXED_DATE:
        yield from _fixed_rule(term, due, ground)
    else:
        yield _event_sentence(term, due, calendar)
        length = length_text(term.length, term.unit)
        yield Bilingual(f"期限为{length}，{ground}。", f"The time limit is {length.en}, {ground.en}.")
        yield from _rest_sentences(term, days)
        yield from _pause_sentences(term, calendar)
        yield from _reach_sentences(term, due)
        yield from _extension_sentences(term, due, extensions, rule)
    end = "24时" if term.policy.day_end == "24:00" else f"{term.policy.day_end}"
    yield Bilingual(
        f"{on_zh(due.due_on)}{end}届满；此前办理的为按期，此后办理的为逾期。",
        f"It expires on {en_week(due.due_on)} at {term.policy.day_end}. What is done before is in time, what is done "
        "after is late.",
    )


def _fixed_rule(term: Term, due: Due, ground: Bilingual) -> Iterator[Bilingual]:
    named = beijing_day(term.event_at)
    inclusive, included = (
        ("包含当日", "that day included")
        if term.policy.fixed_date_inclusive
        else ("不包含当日", "that day not included")
    )
    yield Bilingual(
        f"应于{on_zh(named)}前办理（{inclusive}），{ground}。",
        f"It must be done by {en_week(named)} ({included}), {ground.en}.",
    )
    if due.due_on != due.last_on:
        yield Bilingual(
            f"{on_zh(due.last_on)}为休息日，按流程设定移至{on_zh(due.due_on)}。",
            f"{en_week(due.last_on)} is a rest day; as the process says, it moves to {en_week(due.due_on)}.",
        )


def _event_sentence(term: Term, due: Due, calendar: ChinaWorkingCalendar) -> Bilingual:
    received: datetime = term.event_at.astimezone(BEIJING)
    counted = _COUNTED_AT_ONCE if term.policy.count_receipt_day else _NOT_COUNTED
    if is_after_hours(term.event_at, calendar, term.policy):
        return Bilingual(
            f"{on_zh(received.date())}{received:%H:%M}在办公时间以外，视为下一工作日"
            f"{on_zh(due.event_day)}到达，{counted}。",
            f"{en_week(received.date())}, {received:%H:%M} is outside office hours and taken as arrival on the next "
            f"working day, {en_week(due.event_day)}; {counted.en}.",
        )
    return Bilingual(
        f"自{on_zh(due.event_day)}起算，{counted}。", f"Counted from {en_week(due.event_day)}; {counted.en}."
    )


def _rest_sentences(term: Term, days: tuple[ExplainedDay, ...]) -> Iterator[Bilingual]:
    if term.unit is not Unit.WORKING_DAY:
        return
    off = [d for d in days if d.day.role is Role.HOLIDAY]
    for (name, _), run in groupby(off, key=lambda d: (d.day.name, d.document)):
        span = list(run)
        listed, cited = _span([d.day.date for d in span]), _cited(span[0])
        yield Bilingual(
            f"{listed}{name}放假，不计入{cited}。",
            f"{listed.en}: holiday ({en_feast(name or '')}), not counted {cited.en}.",
        )
    makeup = [d for d in days if d.day.role is Role.MAKEUP_COUNTED]
    for (name, _), run in groupby(makeup, key=lambda d: (d.day.name, d.document)):
        span = list(run)
        listed, cited = _list([d.day.date for d in span]), _cited(span[0])
        yield Bilingual(
            f"{listed}因{name}调休上班，计入{cited}。",
            f"{listed.en}: make-up working day for {en_feast(name or '')}, counted {cited.en}.",
        )
    weekends = sum(1 for d in days if d.day.role is Role.WEEKEND)
    if weekends:
        yield Bilingual(
            f"期间周休息日{weekends}天，不计入。",
            f"Weekly rest days in between, not counted: {weekends}.",
        )


def _pause_sentences(term: Term, calendar: ChinaWorkingCalendar) -> Iterator[Bilingual]:
    for p in term.pauses:
        first = beijing_day(p.since)
        since = _short(first)
        if p.until is None:
            yield Bilingual(
                f"{since}起因{p.ground}中止计算（{p.basis}），恢复后扣除中止的时间。",
                f"Paused since {en_short(first)} because of {p.ground} ({p.basis}); when it resumes, the time paused "
                "is excluded.",
            )
            continue
        taken, last = excluded_days(p, term.unit, calendar), beijing_day(p.until)
        unit = "个工作日" if term.unit is Unit.WORKING_DAY else "天"
        days = plural(taken, "working day" if term.unit is Unit.WORKING_DAY else "day")
        yield Bilingual(
            f"{since}后至{_short(last)}因{p.ground}扣除{taken}{unit}（{p.basis}）。",
            f"After {en_short(first)} up to {en_short(last)}, {days} excluded because of {p.ground} ({p.basis}).",
        )


def _reach_sentences(term: Term, due: Due) -> Iterator[Bilingual]:
    if term.unit is Unit.WORKING_DAY:
        yield Bilingual(
            f"第{term.length}个工作日为{on_zh(due.original_due_on)}。",
            f"Working day {term.length} is {en_week(due.original_due_on)}.",
        )
        return
    if term.unit is Unit.MONTH:
        yield Bilingual(
            f"对应日为{on_zh(due.last_on)}（《民法典》第二百零二条）。",
            f"The corresponding day is {en_week(due.last_on)} (Civil Code, Article 202).",
        )
    else:
        yield Bilingual(
            f"第{term.length}日为{on_zh(due.last_on)}。", f"Day {term.length} is {en_week(due.last_on)}."
        )
    if due.last_on != due.original_due_on:
        yield Bilingual(
            f"该日为休息日，顺延至{on_zh(due.original_due_on)}（《民法典》第二百零三条）。",
            f"That is a rest day, so it rolls on to {en_week(due.original_due_on)} (Civil Code, Article 203).",
        )


def _extension_sentences(
    term: Term, due: Due, extensions: tuple[Extension, ...], rule: ExtensionRule | None
) -> Iterator[Bilingual]:
    if not term.extended_by:
        return
    for x in extensions:
        approved = beijing_day(x.approved_at)
        length = length_text(x.days, term.unit)
        yield Bilingual(
            f"{on_zh(approved)}经{x.approved_by}同意延长{length}（申请人{x.asked_by}）。",
            f"On {en_week(approved)} {x.approved_by} approved an extension of {length.en} (asked for by {x.asked_by}).",
        )
    added = length_text(term.extended_by, term.unit)
    yield Bilingual(
        f"原届满日{on_zh(due.original_due_on)}＋延长{added}（自原届满日的次日起计）＝{on_zh(due.due_on)}。",
        f"Original due date {en_week(due.original_due_on)} + extension of {added.en} (counted from the day after the "
        f"original due date) = {en_week(due.due_on)}.",
    )
    if rule is not None:
        reading = rule.reading(term.unit)
        yield Bilingual(
            f"延长上限：{reading}，依据{rule.basis or '本流程设定'}。",
            f"Cap on extension: {reading.en}, {f'under {rule.basis}' if rule.basis else 'set by this process'}.",
        )


def _cited(d: ExplainedDay) -> Bilingual:
    if d.document is None:
        return Bilingual("（按法定节假日估算）", "(estimated from the statutory holidays)")
    layer = LAYERS[d.document.layer]
    return Bilingual(f"（{layer}：{d.document.doc_no}）", f"({layer.en}: {d.document.doc_no})")


def _span(dates: list[date]) -> Bilingual:
    if len(dates) == 1 or (dates[-1] - dates[0]).days != len(dates) - 1:
        return _list(dates)
    return Bilingual(
        f"{_short(dates[0])}至{_short(dates[-1])}", f"{en_short(dates[0])} to {en_short(dates[-1])}"
    )


def _list(dates: list[date]) -> Bilingual:
    return Bilingual("、".join(map(_short, dates)), ", ".join(map(en_short, dates)))


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"
