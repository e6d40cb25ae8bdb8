"""Variants with their shares, and where the time goes: elements of finished cases, and where running ones wait."""

from collections.abc import Sequence
from dataclasses import replace

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from engine.queries import statistics as questions
from engine.statistics.selection import Selection
from engine.statistics.views import Bottleneck, Variant, Waiting
from web.audit import charts
from web.audit.base import bp
from web.audit.figures import cases_behind, percent, selected, working_days
from web.audit.files import as_file
from web.audit.statistics_page import figures_page
from web.audit.tables import Cell, Column, Table, case_count
from web.engine import engine
from web.language import said
from web.security import acting

SHOWN, MOST, DRAWN = 20, 1000, 10


@bp.get("/statistics/variants")
def statistics_variants() -> ResponseReturnValue:
    """Show the variants and the bottlenecks of a selection, or send them as a file."""
    selection, search, actor = selected(), engine().queries.search, acting()
    every = bool(request.args.get("all")) or bool(request.args.get("format"))
    choices = search(questions.choices, actor)
    found, number = search(questions.variants, actor, selection, MOST if every else SHOWN)
    where = search(questions.bottlenecks, actor, selection)
    names = dict(choices.procedures)
    tables = [
        variants(found, number, selection, names),
        bottlenecks([b for b in where.finished if b.days.total][: None if every else SHOWN], selection),
        waiting(where.waiting[: None if every else SHOWN], selection),
    ]
    if file := as_file(tables, selection, choices):
        return file
    return figures_page(
        "statistics_variants",
        selection,
        choices,
        number=number,
        shown=len(found),
        every=every,
        more=(
            max(0, sum(1 for b in where.finished if b.days.total) - len(tables[1].rows)),
            len(where.waiting) - len(tables[2].rows),
        ),
        tables=tables,
        rest=_rest(found),
        captions=(_("耗用工作日最多的环节"), _("在办事项已等待的工作日")),
        charts=(bottleneck_chart(where.finished, selection), waiting_chart(where.waiting, selection)),
    )


def variants(found: Sequence[Variant], number: int, selection: Selection, names: dict[str, str]) -> Table:
    """Return a line for each variant, and one for the rest together."""
    columns = [
        Column("place", _("序"), "count"),
        Column("steps", _("环节序列"), "steps", _("办理过的环节，依次排列。")),
        Column("procedure", _("程序")),
        Column("cases", _("事项数"), "count"),
        Column("share", _("占比"), "share", _("占所选办结事项的比例。")),
        Column("days", _("办理时长"), "spread"),
    ]
    rows = [
        [
            Cell(place),
            Cell([said(name) or element for element, name in variant.steps]),
            Cell(names.get(variant.process_id, variant.process_id)),
            case_count(variant.cases, replace(selection, variant=variant.key)),
            Cell(variant.share),
            Cell(variant.days, cases_behind(replace(selection, variant=variant.key))),
        ]
        for place, variant in enumerate(found, 1)
    ]
    return Table("variants", _("变体"), columns, rows)


def bottlenecks(found: Sequence[Bottleneck], selection: Selection) -> Table:
    """Return a line for each element by the working days that finished cases spent at it."""
    columns = [
        Column("element", _("环节")),
        Column("procedure", _("程序")),
        Column("total", _("合计工作日"), "count", _("各次停留的工作日之和。")),
        Column("share", _("占全部工作日"), "share"),
        Column("visits", _("停留次数"), "count"),
        Column("days", _("每次停留"), "spread"),
        Column("late", _("逾期次数"), "count", _("停留延续至所在期限逾期之后的次数。")),
    ]
    rows = [
        [
            Cell(said(b.name) or b.element_id, _at(b, "element", selection)),
            Cell(b.process_name),
            Cell(b.days.total, _at(b, "element", selection)),
            Cell(b.share),
            Cell(b.days.count, _at(b, "element", selection)),
            Cell(b.days, _at(b, "element", selection)),
            Cell(b.late, _at(b, "late", selection) if b.late else ""),
        ]
        for b in found
    ]
    return Table("bottlenecks", _("瓶颈环节"), columns, rows)


def waiting(found: Sequence[Waiting], selection: Selection) -> Table:
    """Return a line for each element at which running cases wait now."""
    columns = [
        Column("element", _("环节")),
        Column("procedure", _("程序")),
        Column("cases", _("在办事项"), "count"),
        Column("tasks", _("待办任务"), "count"),
        Column("days", _("已等待"), "spread", _("自任务到达至统计日。")),
        Column("since", _("最早到达"), "instant"),
        Column("overdue", _("逾期事项的任务"), "count"),
    ]
    rows = [
        [
            Cell(said(w.name) or w.element_id, _at(w, "waiting", selection)),
            Cell(w.process_name),
            Cell(w.cases, _at(w, "waiting", selection), cases=w.cases),
            Cell(w.tasks, _at(w, "waiting", selection)),
            Cell(w.days, _at(w, "waiting", selection)),
            Cell(w.since),
            Cell(w.overdue),
        ]
        for w in found
    ]
    return Table("waiting", _("在办事项的等待"), columns, rows)


def bottleneck_chart(found: Sequence[Bottleneck], selection: Selection) -> Markup:
    """Return the elements that took the most working days as bars."""
    rows = [
        charts.Bar(
            _label(b, selection),
            b.days.total,
            _("%(days)s，占%(share)s", days=working_days(b.days.total), share=percent(b.share)),
            _at(b, "element", selection),
        )
        for b in found[:DRAWN]
        if b.days.total
    ]
    return charts.bars("bottlenecks", _("耗用工作日最多的环节"), _told(rows), rows)


def waiting_chart(found: Sequence[Waiting], selection: Selection) -> Markup:
    """Return where running cases have waited longest, all together, as bars."""
    rows = [
        charts.Bar(
            _label(w, selection),
            w.days.total,
            _("%(days)s，%(n)s件", days=working_days(w.days.total), n=w.cases),
            _at(w, "waiting", selection),
        )
        for w in found[:DRAWN]
        if w.days.total
    ]
    return charts.bars("waiting", _("在办事项已等待的工作日"), _told(rows), rows)


def _rest(found: Sequence[Variant]) -> dict[str, float]:
    """Return how many cases took another variant than those shown, and their share."""
    if not found:
        return {"cases": 0, "share": 0.0}
    whole = round(found[0].cases / found[0].share)
    rest = whole - sum(variant.cases for variant in found)
    return {"cases": rest, "share": rest / whole}


def _told(rows: Sequence[charts.Bar]) -> str:
    return "；".join(f"{row.label}：{row.text}" for row in rows)


def _label(at: Bottleneck | Waiting, selection: Selection) -> str:
    name = said(at.name) or at.element_id
    one = selection.procedure or selection.definition
    return name if one else f"{name}（{said(at.process_name)}）"


def _at(at: Bottleneck | Waiting, kind: str, selection: Selection) -> str:
    of = selection if selection.definition else replace(selection, procedure=at.process_id)
    return cases_behind(of, f"{kind}:{at.element_id}", said(at.name))
