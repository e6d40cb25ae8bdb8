"""The limits of a model for a day of receipt, as a table and on a calendar."""

from calendar import Calendar as Weeks
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from engine.bpmn import read_process
from engine.calendar import ChinaWorkingCalendar
from engine.errors import InvalidDefinition
from engine.periods import BEIJING, beijing_day
from engine.workbench.limit_preview import PreviewedLimit, preview, with_settings
from engine.workbench.scenario import ScenarioFault, instant_of
from web.designer.base import bp, model_of, page, typed
from web.engine import engine

_MOST_MONTHS = 12
_PERIODS = ("working_day", "calendar_day", "month")


@dataclass(frozen=True)
class DayCell:
    """A day of the calendar with the limits that fall on it."""

    date: date
    kind: str
    name: str
    due: tuple[PreviewedLimit, ...]
    received: bool


@bp.get("/models/<int:key>/limits")
def limits(key: int) -> ResponseReturnValue:
    """Show every limit of the path for a day of receipt, with settings that may be tried."""
    view = model_of(key)
    at, error = _received_at()
    calendar = engine().calendar()
    tried = {k.removeprefix("s."): v.strip() for k, v in request.args.items() if k.startswith("s.")}
    found: tuple[PreviewedLimit, ...] = ()
    settings: list[Any] = []
    findings: Sequence[Any] = ()
    try:
        process = read_process(view.files.get("process.bpmn", b""))
        named = {n.period.setting for n in process.nodes.values() if n.period and n.period.setting}
        settings = [s for k, s in process.settings.items() if k in named and s.unit in _PERIODS]
        found = preview(with_settings(process, tried), calendar, at)
    except InvalidDefinition as refusal:
        findings = refusal.findings
    names = {x.element: x.name for x in found}
    return page(
        "limits",
        "limits",
        view,
        at=typed(at),
        received_on=beijing_day(at),
        error=error,
        found=found,
        names=names,
        months=_months(found, beijing_day(at), calendar),
        settings=settings,
        tried=tried,
        findings=findings,
        today=beijing_day(engine().clock.now()),
    )


def _received_at() -> tuple[datetime, bool]:
    """Return the instant asked for, and whether it was none."""
    text = request.args.get("at", "")
    now = engine().clock.now().astimezone(BEIJING)
    usual = now.replace(hour=10, minute=0, second=0, microsecond=0)
    if not text:
        return usual, False
    try:
        return instant_of(text, "at"), False
    except ScenarioFault:
        return usual, True


def _months(
    found: Sequence[PreviewedLimit], received_on: date, calendar: ChinaWorkingCalendar
) -> list[tuple[date, list[list[DayCell | None]]]]:
    """Return the weeks of each month from the receipt to the last limit, Monday first."""
    due: dict[date, list[PreviewedLimit]] = {}
    for one in found:
        if one.due_on is not None:
            due.setdefault(one.due_on, []).append(one)
    last = max(due, default=received_on)
    shown: list[tuple[date, list[list[DayCell | None]]]] = []
    month = received_on.replace(day=1)
    while month <= last and len(shown) < _MOST_MONTHS:
        weeks = [
            [
                _cell(d, calendar, tuple(due.get(d, ())), d == received_on)
                if d.month == month.month
                else None
                for d in week
            ]
            for week in Weeks().monthdatescalendar(month.year, month.month)
        ]
        shown.append((month, weeks))
        month = (month + timedelta(days=31)).replace(day=1)
    return shown


def _cell(
    day: date, calendar: ChinaWorkingCalendar, due: tuple[PreviewedLimit, ...], received: bool
) -> DayCell:
    found = calendar.day(day)
    kind = found.kind.value
    if kind not in ("holiday", "makeup"):
        kind = "workday" if found.working else "holiday" if found.name else "weekend"
    return DayCell(day, kind, found.name or "", due, received)
