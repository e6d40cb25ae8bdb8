"""The cases behind a figure: a list, page by page, or a file of all that the reader may open."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.queries import statistics as questions
from engine.statistics.rates import RATE
from engine.statistics.selection import Selection
from engine.statistics.views import CaseLine
from web.audit.base import bp
from web.audit.figures import LEVELS, figure_name, scope_notes, selected, state_name, today
from web.audit.statistics_page import figures_page
from web.engine import engine
from web.labels import RESULTS
from web.language import said
from web.security import acting
from web.spreadsheets import Heading, Sheet, csv_file, xlsx_file


@bp.get("/statistics/cases")
def statistics_cases() -> ResponseReturnValue:
    """List the cases behind a figure."""
    selection, figure = selected(), request.args.get("figure", "") or "cases"
    choices = engine().queries.search(questions.choices, acting())
    asked = request.args.get("format", "")
    title = _("事项清单")
    if asked in ("csv", "xlsx"):
        sheet = Sheet(title, _headings(), _rows(selection, figure))
        name = f"{title} {today().isoformat()}"
        if asked == "csv":
            return csv_file(sheet, name)
        notes = [(_("指标"), _heading(figure)), *scope_notes(selection, choices)]
        return xlsx_file([sheet], (_("说明"), notes), name)
    found = _behind(selection, figure, request.args.get("after", ""))
    chosen: dict[str, Any] = {**selection.chosen()}
    return figures_page(
        "statistics_cases",
        selection,
        choices,
        figure=figure,
        heading=_heading(figure),
        found=found,
        back=url_for("audit.statistics", **chosen),
    )


def _behind(selection: Selection, figure: str, after: str = "", limit: int = questions.PAGE) -> Any:
    search = engine().queries.search
    return search(questions.cases_behind, acting(), selection, figure, after, limit)


def _heading(figure: str) -> str:
    name = request.args.get("name", "")[:60]
    kind, colon, of = figure.partition(":")
    return figure_name(f"{kind}:{name or of}") if colon else figure_name(figure)


def _rows(selection: Selection, figure: str) -> Iterator[Sequence[Any]]:
    after: str | None = ""
    while after is not None:
        found = _behind(selection, figure, after, questions.FILE_PAGE)
        yield from (_row(line) for line in found.lines)
        after = found.next


def _headings() -> list[Heading]:
    days = _("按该事项当时适用的日历计算。")
    flags = [
        Heading(_("%(name)s：%(which)s", name=said(rate.name), which=which), "count", text)
        for rate in RATE.values()
        for which, text in ((_("计入件数"), said(rate.part)), (_("计入基数"), said(rate.whole)))
    ]
    return [
        Heading(_("编号"), "text"),
        Heading(_("名称"), "text"),
        Heading(_("程序"), "text"),
        Heading(_("版本"), "count"),
        Heading(_("责任部门"), "text", _("最先负有法定期限义务的部门。")),
        Heading(_("使用部门"), "text"),
        Heading(_("提供部门"), "text"),
        Heading(_("管理部门"), "text"),
        Heading(_("层级"), "text", _("责任部门的层级。")),
        Heading(_("地区"), "text", _("责任部门的地区。")),
        Heading(_("状态"), "text"),
        Heading(_("办理结果"), "text"),
        Heading(_("发起"), "instant", _("北京时间。")),
        Heading(_("收到"), "instant", _("北京时间。")),
        Heading(_("办结"), "instant", _("北京时间。")),
        Heading(_("办理时长（工作日）"), "count", days),
        Heading(_("历时（小时）"), "decimal", _("自然时间。")),
        *flags,
    ]


def _row(line: CaseLine) -> list[Any]:
    flags = {key: (part, whole) for key, part, whole in line.rates}
    return [
        line.business_id,
        line.title,
        said(line.process_name),
        line.version,
        line.department,
        line.using,
        line.providing,
        line.managing,
        str(LEVELS.get(line.level, line.level)),
        line.area,
        state_name(line.state),
        str(RESULTS.get(line.result, line.result)),
        line.started_at,
        line.received_at,
        line.ended_at,
        line.working_days,
        line.seconds / 3600,
        *(flag for key in RATE for flag in flags.get(key, (None, None))),
    ]
