"""The documents behind the calendar: the list, one of them with what it moves, and the second person's decision."""

import csv
import io
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import lazy_gettext as lazy

from engine import commands as c
from engine.errors import InvalidInput
from engine.queries import calendar as questions
from engine.queries.calendar import NoticeView, WouldMove
from web.calendar.months import spans
from web.engine import command_id, engine
from web.errors import status_of
from web.labels import CERTAINTY
from web.language import said
from web.security import acting

SHOWN = 200
STATES = {
    "entered": lazy("待确认"),
    "confirmed": lazy("已生效"),
    "rejected": lazy("未采用"),
    "corrected": lazy("已更正"),
}
KINDS = {"annual": lazy("年度放假安排"), "amendment": lazy("调整通知"), "rule": lazy("地方规定或者单位决定")}


def register(bp: Blueprint) -> None:
    """Put the routes on the calendar's blueprint."""
    bp.get("/notices")(notices)
    bp.get("/notices/<int:key>")(notice)
    bp.get("/notices/<int:key>/moves.csv")(moves_csv)
    bp.post("/notices/<int:key>/confirm")(confirm)
    bp.post("/notices/<int:key>/reject")(reject)
    bp.post("/notices/<int:key>/hold")(hold)


def notices() -> ResponseReturnValue:
    """List every document, those that wait first."""
    lines = engine().queries.search(questions.notices, acting())
    return render_template("calendar/notices.html", lines=lines, states=STATES, kinds=KINDS)


def notice(key: int) -> ResponseReturnValue:
    """Show a document, the days it changes and the limits it moves."""
    return _page(key)


def moves_csv(key: int) -> ResponseReturnValue:
    """Return every limit the document moves as a table."""
    view = _view(key)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("办理编号", "期限", "承办部门", "原届满日", "新届满日", "原状态", "新状态", "说明"))
    with force_locale("zh"):  # a table that is handed on is Chinese, whoever fetches it
        writer.writerows(map(_row, view.moves))
    response = make_response(
        b"\xef\xbb\xbf" + text.getvalue().encode()
    )  # without the mark Excel reads it as GBK
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = quote(f"{view.line.notice.doc_no}影响的期限.csv")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def confirm(key: int) -> ResponseReturnValue:
    """Let the document count, as the second person (R-T14)."""
    return _decide(key, c.ConfirmCalendarNotice(actor=acting(), calendar_notice_key=key, id=_id()))


def reject(key: int) -> ResponseReturnValue:
    """Decide that the document does not count."""
    reason = request.form.get("reason", "")
    return _decide(
        key, c.RejectCalendarNotice(actor=acting(), calendar_notice_key=key, reason=reason, id=_id()), reason
    )


def hold(key: int) -> ResponseReturnValue:
    """Interrupt the recount, or let it go on."""
    recount = _view(key).recount
    if recount is None:
        raise InvalidInput("该文件没有引起重算。", "Expected a recount of this notice, found none.")
    held = request.form.get("held") == "true"
    engine().handle(c.HoldRecount(actor=acting(), recount_key=recount.key, held=held, id=_id()))
    return redirect(url_for("calendar.notice", key=key) + "#recount")


def _decide(key: int, command: c.Command, reason: str = "") -> ResponseReturnValue:
    try:
        engine().handle(command)
    except InvalidInput as refusal:
        return _page(key, said(refusal), reason), status_of(refusal)
    return redirect(url_for("calendar.notice", key=key))


def _page(key: int, error: str | None = None, reason: str = "") -> str:
    view = _view(key)
    return render_template(
        "calendar/notice.html",
        view=view,
        line=view.line,
        shown=view.moves[:SHOWN],
        states=STATES,
        kinds=KINDS,
        spans=spans,
        error=error,
        reason=reason,
        live=view.recount is not None and view.recount.state == "running" and not request.args.get("still"),
        command_id=uuid4().hex,
    )


def _view(key: int) -> NoticeView:
    found: NoticeView = engine().queries.search(questions.notice, acting(), key)
    return found


def _row(m: WouldMove) -> tuple[Any, ...]:
    states = [CERTAINTY[status] or "确定" for status in (m.status_before, m.status_after)]
    held = "保留至公布当日" if m.held else ""
    return (m.business_id, m.name, m.org_name, m.due_before, m.due_after, *states, held)


def _id() -> str:
    return command_id() or uuid4().hex
