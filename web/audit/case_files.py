"""The case file to take away (E-18): it holds the names of persons, so a reason is asked and kept."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from engine.commands import IssueUnmaskedExport
from engine.errors import InvalidInput
from engine.handlers.exports import CASE_FILE, LONGEST, SHORTEST, checked_reason
from engine.queries import case_file as queries
from web import labels
from web.audit.base import auditing, bp, page
from web.engine import command_id, engine
from web.language import said

_WORDS: Mapping[str, Mapping[str, Any]] = {
    "state": labels.STATES,
    "result": labels.RESULTS,
    "deadline": labels.DEADLINE_STATES,
    "certainty": labels.CERTAINTY,
}


@bp.get("/cases/<int:key>/file")
def ask_case_file(key: int) -> ResponseReturnValue:
    """Ask why the file is taken."""
    return _asked(key)


@bp.post("/cases/<int:key>/file")
def case_file(key: int) -> ResponseReturnValue:
    """Hand out the case file once the reason is on record; with PDF only where `pdf=yes` is asked."""
    actor = auditing()
    try:
        reason = checked_reason(request.form.get("reason", "")[: LONGEST * 2])
    except InvalidInput as refusal:
        return _asked(key, request.form.get("reason", "")[: LONGEST * 2], said(refusal)), 422
    with force_locale("zh"):  # documents are Chinese, whatever the language of the page
        made: queries.CaseFile = engine().queries.search(
            queries.case_file,
            actor,
            key,
            _word,
            None,
            request.form.get("pdf") == "yes",
        )
    engine().handle(
        IssueUnmaskedExport(
            actor=actor,
            format=CASE_FILE,
            filters={"case": made.case},
            reason=reason,
            cases=1,
            sha256=made.sha256,
            id=command_id() or uuid4().hex,
        )
    )
    response = Response(made.content, mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=made.name)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-SHA256"] = made.sha256
    return response


def _asked(key: int, reason: str = "", error: str = "") -> str:
    number = engine().queries.search(queries.number_of, auditing(), key)
    return page(
        "case_file",
        "exports",
        key=key,
        number=number,
        reason=reason,
        error=error,
        shortest=SHORTEST,
        longest=LONGEST,
    )


def _word(kind: str, code: str) -> str:
    return str(_WORDS[kind].get(code, code))
