"""Refusals in words and status codes: one table."""

import logging

from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from engine.documents import PdfUnavailable
from engine.errors import (
    Conflict,
    Message,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    TooManyAttempts,
    WrongState,
)
from engine.failures import DeadlineStuck
from engine.handlers.drafts import DraftChanged
from engine.handlers.incidents import NotSkippable
from engine.handlers.models import ModelChanged
from engine.handlers.publication import SecondPersonNeeded
from engine.handlers.verbs.refusals import LegalStepBetween, MayNotSee, VerbRefused
from engine.scan import ScanFailed
from engine.space import OutOfSpace
from engine.version_states import ProcedureRetired, ProcedureSuspended
from engine.watch import ClockUnconfirmed
from web.engine import engine
from web.language import said

STATUS: dict[type[Refused], int] = {
    NotFound: 404,
    NotSignedIn: 401,
    NotAllowed: 403,
    Conflict: 409,
    WrongState: 409,
    ProcedureSuspended: 409,
    ProcedureRetired: 409,
    TooManyAttempts: 429,
    PdfUnavailable: 503,
    OutOfSpace: 503,
    DeadlineStuck: 409,
    NotSkippable: 409,
    DraftChanged: 409,
    ScanFailed: 503,
    LegalStepBetween: 409,
    MayNotSee: 403,
    VerbRefused: 409,
    ClockUnconfirmed: 503,
    ModelChanged: 409,
    SecondPersonNeeded: 409,
}
TITLES = {
    400: ("请求有误", "Bad request"),
    401: ("请先登录", "Sign in first"),
    403: ("无权办理", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("请求方式不正确", "Method not allowed"),
    409: ("情况已经变化", "Conflict"),
    413: ("内容过大", "Too large"),
    422: ("内容需要修改", "Invalid input"),
    429: ("操作过于频繁", "Too many attempts"),
    500: ("系统出现故障", "Server error"),
    503: ("暂时无法提供", "Unavailable"),
}
_HTTP = {
    400: ("请求的格式不正确。", "The request is not in the right format."),
    404: ("没有该页面，请检查地址。", "There is no such page. Check the address."),
    405: ("该地址不接受这种请求方式。", "This address does not accept this kind of request."),
    413: (
        "提交的内容过大，每个附件不得超过 20 MB。",
        "You sent too much. Each attachment may have at most 20 MB.",
    ),
    415: ("请求内容应为 JSON。", "The request must be JSON."),
}
_FAULT = Message(
    "系统出现故障，您填写的内容没有提交。请稍后重试；仍不成功的，请联系系统管理员。",
    "Something went wrong and what you entered was not submitted. Try again later. If it still does not work, contact "
    "a system administrator.",
)
_AWAY = Message(
    "数据库暂时无法连接，可能正在重新启动，请稍后重试。提交的内容是否生效，以重试后页面所示为准。",
    "The database cannot be reached just now; it may be restarting. Try again in a moment. Whether what you submitted "
    "was accepted, the page will show when you try again.",
)


def status_of(refusal: Refused) -> int:
    """Return the status code of a refusal; what the table does not name is 422."""
    return STATUS.get(type(refusal), 422)


def _by_program() -> bool:
    """Say whether a program asks, which takes problem details in place of a page."""
    return request.path.startswith("/v2/") or request.is_json


def problem(status: int, code: str, zh: str, en: str, facts: dict[str, object]) -> Response:
    """Return problem details (RFC 9457): title and detail in English and Chinese."""
    own = {
        "type": f"urn:shixian:problem:{code}",
        "title": TITLES.get(status, ("", "Error"))[1],
        "status": status,
        "detail": en,
        "detail_zh": zh,
        "code": code,
        "instance": request.path,
    }
    # Facts may carry a name of the RFC's own, such as code; they stand beside it, never in its place.
    response = jsonify({key: value for key, value in facts.items() if key != "logged"} | own)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def register(app: Flask) -> None:
    """Translate every refusal once, for pages and API alike."""

    @app.errorhandler(Refused)
    def _refused(refusal: Refused) -> ResponseReturnValue:
        status = status_of(refusal)
        if _by_program():
            return problem(status, refusal.code, refusal.zh, refusal.en, refusal.facts)
        if status == 401:
            # What was typed waits in the browser, and is put back where the form is shown again.
            form = (request.view_args or {}).get("key") if request.blueprint == "tasks" else None
            return redirect(
                url_for("account.sign_in", next=url_for("tasks.show", key=form) if form else None)
            )
        return page(status, said(refusal))

    @app.errorhandler(HTTPException)
    def _http(fault: HTTPException) -> ResponseReturnValue:
        status = fault.code or 500
        zh, en = _HTTP.get(status, ("请求没有完成。", "The request was not completed."))
        if _by_program():
            return problem(status, "http_error", zh, str(fault.description), {})
        return page(status, said(Message(zh, en)))

    @app.errorhandler(Exception)
    def _bug(fault: Exception) -> ResponseReturnValue:
        if engine().database.passing(fault):
            logging.getLogger("shixian").warning("no database for %s: %s", request.path, fault)
            return _no_database()
        logging.getLogger("shixian").exception("unexpected error at %s", request.path)
        if _by_program():
            return problem(500, "internal_error", _FAULT.zh, "An unexpected error; nothing was written.", {})
        return page(500, said(_FAULT))


def _no_database() -> ResponseReturnValue:
    """Say that the database is away for a moment; whether a command was kept, its repetition will tell."""
    if _by_program():
        en = "The database cannot be reached just now; try again with the same Idempotency-Key."
        answer = problem(503, "database_unavailable", _AWAY.zh, en, {})
        answer.headers["Retry-After"] = "1"
        return answer
    g.actor = None  # a page for somebody asks the database who that is and what is unread
    return *page(503, said(_AWAY)), {"Retry-After": "1"}


def page(status: int, text: str) -> tuple[str, int]:
    """Return the error page."""
    title = said(Message(*TITLES.get(status, ("请求没有完成", "Not completed"))))
    return render_template("error.html", status=status, title=title, text=text), status
