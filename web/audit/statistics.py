"""Statistics over finished cases: rates, months, groups; every figure is a link to the cases behind it."""

from collections.abc import Sequence
from itertools import groupby

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from engine.queries import statistics as questions
from engine.statistics.rates import RATE, RATES
from engine.statistics.selection import Selection, narrowed
from engine.statistics.views import Group, Overview
from web.audit import charts
from web.audit.base import bp
from web.audit.figures import DIMENSIONS, cases_behind, named, percent, selected
from web.audit.files import as_file
from web.audit.statistics_page import figures_page
from web.audit.tables import Cell, Column, Table, case_count, case_spread, rate_cell
from web.engine import engine
from web.language import said
from web.security import acting

YEAR, SIDE_BY_SIDE = 12, 6  # months in a picture, and in one of two beside each other


@bp.get("/statistics")
def statistics() -> ResponseReturnValue:
    """Show the figures of a selection, or send them as a file."""
    selection, search, actor = selected(), engine().queries.search, acting()
    dimension = request.args.get("dimension", "")
    dimension = dimension if dimension in DIMENSIONS else "procedure"
    choices = search(questions.choices, actor)
    overview = search(questions.overview, actor, selection)
    months = search(questions.by, actor, selection, "month")
    groups = months if dimension == "month" else search(questions.by, actor, selection, dimension)
    sort, rising = request.args.get("sort", ""), request.args.get("order") == "rising"
    by_group = grouped(groups, selection, dimension).sorted_by(sort, rising)
    by_month = grouped(months, selection, "month")
    tables = [rates(overview, selection), by_group, by_month]
    if file := as_file(tables, selection, choices, _grounds()):
        return file
    return figures_page(
        "statistics",
        selection,
        choices,
        overview=overview,
        rates=[(RATE[rate.key], rate, rate_cell(rate, selection)) for rate in overview.rates],
        days=case_spread(overview.days, selection),
        whole=case_count(overview.cases, selection),
        by_group=by_group,
        by_month=by_month,
        charts=[
            (on_time_by_month(its, selection, name), cases_by_month(its, selection, name))
            for name, its in _pictures(months)
        ],
        many=len(months) > SIDE_BY_SIDE,
        chart_legend=charts.legend(on_time_parts()),
        dimension=dimension,
        sort=sort,
        rising=rising,
    )


def rates(overview: Overview, selection: Selection) -> Table:
    """Return the rates of a selection, each with what is divided by what and the ground it rests on."""
    columns = [
        Column("rate", _("指标")),
        Column("share", _("比率"), "rate", _("件数和基数所指见同一行。")),
        Column("part", _("件数所指")),
        Column("whole", _("基数所指")),
        Column("basis", _("依据")),
    ]
    rows = []
    for rate in overview.rates:
        of = RATE[rate.key]
        rows.append(
            [
                Cell(of.name),
                rate_cell(rate, selection),
                *(Cell(text) for text in (of.part, of.whole, of.basis)),
            ]
        )
    return Table("rates", _("统计指标"), columns, rows)


def grouped(groups: Sequence[Group], selection: Selection, dimension: str) -> Table:
    """Return a line of figures for each group of a dimension."""
    name = str(DIMENSIONS[dimension])
    columns = [
        Column("month" if dimension == "month" else "group", name),
        Column("cases", _("办结事项"), "count", _("办结的事项，含作废。")),
        *(Column(of.key, said(of.name), "rate", _ground(of.key)) for of in RATES),
        Column("days", _("办理时长"), "spread", _("自收到（不经送达的自发起）至办结，不含作废事项。")),
    ]
    rows = [_group(group, selection, dimension) for group in groups]
    return Table("months" if dimension == "month" else "groups", _("按%(of)s统计", of=name), columns, rows)


def _group(group: Group, selection: Selection, dimension: str) -> list[Cell]:
    name = Cell(named(dimension, group.value, group.name))
    if not group.value:  # a selection cannot ask for what is not there
        return [name, Cell(group.cases), *(Cell(rate) for rate in group.rates), Cell(group.days)]
    its = narrowed(selection, dimension, group.value)
    rates = (rate_cell(rate, its) for rate in group.rates)
    return [name, case_count(group.cases, its), *rates, case_spread(group.days, its)]


def _pictures(months: Sequence[Group]) -> list[tuple[str, Sequence[Group]]]:
    """Return the months in pictures that fit on paper: one of up to a year's, else one for each year."""
    if len(months) <= YEAR:
        return [("", months)]
    years = groupby(months, key=lambda month: month.name[:4])
    return [(year, list(its)) for year, its in years]


def on_time_by_month(months: Sequence[Group], selection: Selection, name: str = "") -> Markup:
    """Return the on-time rate of each month as a chart.

    Args:
        name: Tells the chart from others of the page.
    """
    points = []
    for month in months:
        rate = next(rate for rate in month.rates if rate.key == "on_time")
        its = narrowed(selection, "month", month.value)
        share = percent(rate.share)
        note = f"{rate.part}/{rate.whole}" if rate.whole else "—"
        points.append(charts.Point(month.name, rate.share, share, note, cases_behind(its, "on_time.of")))
    told = "；".join(
        _("%(month)s：%(rate)s（%(of)s）", month=p.label, rate=p.text, of=p.note) for p in points
    )
    return charts.line(f"on-time{name}", _("各月按期率"), told, points)


def cases_by_month(months: Sequence[Group], selection: Selection, name: str = "") -> Markup:
    """Return the finished cases of each month as a chart: in time, not in time, without a limit that was decided."""
    stacks = []
    for month in months:
        rate = next(rate for rate in month.rates if rate.key == "on_time")
        its = narrowed(selection, "month", month.value)
        parts = (
            (rate.part, cases_behind(its, "on_time")),
            (rate.whole - rate.part, cases_behind(its, "on_time.not")),
            (month.cases - rate.whole, ""),
        )
        stacks.append(charts.Stack(month.name, parts))
    told = "；".join(f"{s.label}：{'、'.join(str(number) for number, _href in s.parts)}" for s in stacks)
    return charts.stacked(f"cases{name}", _("各月办结事项"), told, on_time_parts(), stacks)


def on_time_parts() -> list[str]:
    """Return what the parts of the finished cases of a month are called."""
    return [_("按期"), _("未按期"), _("不计入按期率")]


def _ground(key: str) -> str:
    of = RATE[key]
    return str(_("件数：%(part)s；基数：%(whole)s。", part=said(of.part), whole=said(of.whole)))


def _grounds() -> list[tuple[str, str]]:
    return [(said(of.name), f"{_ground(of.key)}{said(of.basis)}") for of in RATES]
