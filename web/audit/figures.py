"""What a selection, a figure and a duration are called, and where the cases behind a figure are listed."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_babel import ngettext

from engine.periods import beijing_day
from engine.statistics.rates import RATE
from engine.statistics.selection import Selection
from engine.statistics.views import Choices
from web.engine import engine
from web.labels import RESULTS, STATES, day_zh
from web.language import language, said

DIMENSIONS = {
    "procedure": lazy("程序"),
    "department": lazy("责任部门"),
    "level": lazy("层级"),
    "month": lazy("办结月份"),
    "version": lazy("流程版本"),
    "using": lazy("使用部门"),
    "providing": lazy("提供部门"),
    "area": lazy("地区"),
    "result": lazy("办理结果"),
}
LEVELS = {"province": lazy("省级"), "city": lazy("市级"), "county": lazy("县级")}


def selected() -> Selection:
    """Return the selection that the request asks for, after looking at what ended since."""
    engine().statistics.catch_up()
    return Selection.of(request.args)


def cases_behind(selection: Selection, figure: str = "cases", name: str = "") -> str:
    """Return the address of the list of the cases that a figure counts.

    Args:
        name: Of the element or the flow that the figure is about.
    """
    asked: dict[str, Any] = {"figure": figure, **({"name": name} if name else {}), **selection.chosen()}
    return url_for("audit.statistics_cases", **asked)


def today() -> date:
    """Return the day of the figures."""
    return beijing_day(engine().clock.now())


def named(dimension: str, value: str, name: str) -> str:
    """Return what a group of a dimension is called."""
    if not name:
        return str(_("未载明"))
    words: Mapping[str, object] = {"level": LEVELS, "result": RESULTS}.get(dimension, {})
    return str(words[value]) if value in words else said(name)


def described(selection: Selection, choices: Choices) -> list[tuple[str, str]]:
    """Return what a selection asks, as (what, which) in words; everything is said to be so."""
    names: dict[str, Iterable[tuple[str, str]]] = {
        "procedure": choices.procedures,
        "definition": [(key, version_name(choices, key)) for key, _process, _version in choices.versions],
        "department": choices.departments,
        "using": choices.using,
        "providing": choices.providing,
    }
    labels = {**DIMENSIONS, "definition": DIMENSIONS["version"], "variant": lazy("变体")}
    found = []
    for field, value in selection.chosen().items():
        if not field.startswith("month"):
            name = dict(names.get(field, ())).get(value, value)
            found.append((str(labels[field]), said(named(field, value, name))))
    if selection.month_from or selection.month_until:
        ends = (selection.month_from or _("最早"), selection.month_until or _("最近"))
        found.append((_("办结月份"), _("%(first)s至%(last)s", first=ends[0], last=ends[1])))
    return found or [(_("范围"), _("有权统计的全部办结事项"))]


def version_name(choices: Choices, key: str) -> str:
    """Return a version with the name of its procedure; nothing of one without cases."""
    procedures = dict(choices.procedures)
    return next((f"{procedures[of]} {said(version)}" for k, of, version in choices.versions if k == key), "")


def figure_name(figure: str) -> str:
    """Return a figure in words, above the list of the cases behind it."""
    kind, _colon, of = figure.partition(":")
    if of:
        words = {
            "element": lazy("经过“%(of)s”的事项"),
            "late": lazy("在“%(of)s”停留至逾期的事项"),
            "flow": lazy("经过连线“%(of)s”的事项"),
            "waiting": lazy("现停在“%(of)s”的在办事项"),
        }
        return str(words[kind] % {"of": of}) if kind in words else figure
    key, _dot, which = figure.partition(".")
    if key not in RATE:
        return str(_("办结事项"))
    rate = RATE[key]
    if which == "of":
        return said(rate.whole)
    if which == "not":
        return str(_("%(name)s：未计入件数的事项", name=said(rate.name)))
    return said(rate.part)


def span(hours: float | None) -> str:
    """Return elapsed time in words: 3天5小时, 3 d 5 h."""
    if hours is None:
        return "—"
    days, rest = divmod(round(hours), 24)
    parts = [_("%(n)s天", n=days)] if days else []
    if rest or not days:
        parts.append(_("%(n)s小时", n=rest))
    return (" " if language() == "en" else "").join(parts)


def working_days(days: float | None) -> str:
    """Return 12个工作日, 2.5个工作日; a dash of nothing."""
    if days is None:
        return "—"
    if days == int(days):
        return str(ngettext("%(num)s个工作日", "%(num)s个工作日", int(days)))
    return str(_("%(days)s个工作日", days=f"{days:.1f}"))


def percent(share: float | None) -> str:
    """Return 87.5%; a dash of nothing."""
    return "—" if share is None else f"{share * 100:.1f}%"


def scope_notes(selection: Selection, choices: Choices) -> list[tuple[str, str]]:
    """Return what a file says of its figures before it says what each column means."""
    return [
        *described(selection, choices),
        (_("统计日"), day_zh(today())),
        (_("工作日"), _("按各事项当时适用的日历计算；历时为自然时间，列于其旁。")),
        (_("事项"), _("办结事项，按北京时间的办结月份归集；比率为0至1之间的数。")),
    ]


def state_name(state: str) -> str:
    """Return a case's state in words."""
    return str(STATES.get(state, state))
