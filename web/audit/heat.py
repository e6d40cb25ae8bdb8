"""The heat map: what a selection of cases did on the diagram of one version."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_babel import ngettext

from engine.queries import statistics as questions
from engine.statistics.selection import Selection
from engine.statistics.views import ElementHeat, FlowHeat, Heat
from web.audit.base import bp
from web.audit.figures import cases_behind, selected, working_days
from web.audit.files import as_file
from web.audit.ramp import Ramp, ramp
from web.audit.statistics_page import figures_page
from web.audit.tables import Cell, Column, Table
from web.engine import engine
from web.labels import TYPES
from web.language import said
from web.security import acting

MEASURES = {"visits": lazy("经过次数"), "days": lazy("停留工作日"), "late": lazy("逾期次数")}
LEGENDS = {
    "visits": lazy("环节和连线上的数为经过次数"),
    "days": lazy("环节上的数为每次停留的平均工作日"),
    "late": lazy("环节上的数为停留至逾期的次数/停留次数"),
}


@bp.get("/statistics/diagram")
def statistics_diagram() -> ResponseReturnValue:
    """Show the diagram of a version with its heat, the same as tables below; or send the tables."""
    selection, search, actor = selected(), engine().queries.search, acting()
    measure = request.args.get("measure", "")
    measure = measure if measure in MEASURES else "visits"
    choices = search(questions.choices, actor)
    selection = _of_one_version(selection)
    if selection.definition is None:
        return figures_page("statistics_diagram", selection, choices, heat=None, measure=measure)
    heat = search(questions.heat, actor, selection, selection.definition)
    steps = ramp(max((_value(e, measure) for e in heat.elements), default=0), 0.1 if measure == "days" else 1)
    flow_steps = ramp(max((flow.taken for flow in heat.flows), default=0))
    tables = [elements(heat, selection, measure), flows(heat, selection)]
    if file := as_file(tables, selection, choices):
        return file
    return figures_page(
        "statistics_diagram",
        selection,
        choices,
        heat=heat,
        measure=measure,
        measures=MEASURES,
        legend=LEGENDS[measure],
        steps=steps.ranges(),
        flow_steps=flow_steps.ranges() if measure == "visits" else [],
        unit=_unit(measure),
        drawn=_drawn(heat, selection, measure, steps, flow_steps),
        tables=tables,
    )


def _of_one_version(selection: Selection) -> Selection:
    """Return the selection with the version it names, else with the one that has most cases."""
    if selection.definition is not None:
        return selection
    groups = engine().queries.search(questions.by, acting(), selection, "version")
    largest = next((group.value for group in groups if group.value), "")
    return Selection.of({**selection.chosen(), "definition": largest, "procedure": ""})


def elements(heat: Heat, selection: Selection, measure: str) -> Table:
    """Return a line for each element that was visited, the hottest first."""
    columns = [
        Column("name", _("环节")),
        Column("type", _("类型")),
        Column("visits", _("经过次数"), "count", _("一件事项可以多次经过同一环节。")),
        Column("cases", _("事项数"), "count", _("经过该环节的事项。")),
        Column("days", _("每次停留"), "spread", _("网关等不停留的环节留空。")),
        Column("late", _("逾期次数"), "count", _("停留延续至所在期限逾期之后的次数。")),
        Column("share", _("逾期占比"), "share", _("逾期次数除以停留次数。")),
    ]
    visited = [e for e in heat.elements if e.visits]
    visited.sort(key=lambda e: (-_value(e, measure), -e.visits))
    rows = [
        [
            Cell(said(e.name) or e.element_id, _address(selection, "element", e)),
            Cell(str(TYPES.get(e.type, e.type))),
            Cell(e.visits, _address(selection, "element", e)),
            case_count_at(e.cases, _address(selection, "element", e)),
            Cell(e.days, _address(selection, "element", e)),
            Cell(e.late if e.days.count else None, _address(selection, "late", e) if e.late else ""),
            Cell(e.late / e.days.count if e.days.count else None),
        ]
        for e in visited
    ]
    return Table("elements", _("各环节"), columns, rows)


def flows(heat: Heat, selection: Selection) -> Table:
    """Return a line for each flow that was taken, the most taken first."""
    columns = [
        Column("source", _("起点环节")),
        Column("target", _("终点环节")),
        Column("name", _("条件")),
        Column("taken", _("经过次数"), "count"),
        Column("cases", _("事项数"), "count"),
    ]
    taken = sorted((flow for flow in heat.flows if flow.taken), key=lambda flow: -flow.taken)
    rows = [
        [
            Cell(flow.source or "—"),
            Cell(flow.target or "—"),
            Cell(flow.name or None),
            Cell(flow.taken, _address(selection, "flow", flow)),
            case_count_at(flow.cases, _address(selection, "flow", flow)),
        ]
        for flow in taken
    ]
    return Table("flows", _("各连线"), columns, rows)


def case_count_at(number: int, href: str) -> Cell:
    """Return a number of cases with their address."""
    return Cell(number, href, cases=number)


def _address(selection: Selection, kind: str, of: ElementHeat | FlowHeat) -> str:
    if isinstance(of, FlowHeat):
        figure, name = f"flow:{of.flow_id}", f"{said(of.source)} → {said(of.target)}"
    else:
        figure, name = f"{kind}:{of.element_id}", said(of.name)
    return cases_behind(selection, figure, name)


def _value(element: ElementHeat, measure: str) -> float:
    if measure == "visits":
        return element.visits
    if measure == "late":
        return element.late
    return round(element.days.mean or 0.0, 1)


def _drawn(
    heat: Heat, selection: Selection, measure: str, steps: Ramp, flow_steps: Ramp
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what the script draws: by id the shade, the number, the words and the list behind it."""
    kind = "late" if measure == "late" else "element"
    marks = {
        e.element_id: {
            "step": steps.step(_value(e, measure)),
            "text": _badge(e, measure),
            "title": _("%(name)s：%(told)s", name=said(e.name) or e.element_id, told=_told(e, measure)),
            "href": _address(selection, kind if e.late or kind == "element" else "element", e),
        }
        for e in heat.elements
        if e.visits
    }
    taken = {
        flow.flow_id: {
            "step": flow_steps.step(flow.taken) if measure == "visits" else 1,
            "text": str(flow.taken) if measure == "visits" else "",
            "title": _visits(flow.taken, flow.cases),
            "href": _address(selection, "flow", flow),
        }
        for flow in heat.flows
        if flow.taken
    }
    return {"elements": marks, "flows": taken}


def _badge(element: ElementHeat, measure: str) -> str:
    if measure == "visits":
        return str(element.visits)
    if not element.days.count:
        return ""
    return f"{element.late}/{element.days.count}" if measure == "late" else f"{element.days.mean:.1f}"


def _told(element: ElementHeat, measure: str) -> str:
    visits = _visits(element.visits, element.cases)
    if measure == "visits" or not element.days.count:
        return visits
    if measure == "late":
        return str(_("停留至逾期%(late)s次；%(visits)s", late=element.late, visits=visits))
    return str(_("每次平均%(days)s；%(visits)s", days=working_days(element.days.mean), visits=visits))


def _visits(number: int, cases: int) -> str:
    times = ngettext("%(num)s次", "%(num)s次", number)
    return str(_("经过%(times)s（%(cases)s件）", times=times, cases=cases))


def _unit(measure: str) -> str:
    return str(_("个工作日") if measure == "days" else _("次"))
