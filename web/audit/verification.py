"""Verification: an uploaded file, and the chain of a case where it stands."""

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from engine.clock import instant
from engine.history.breaks import Broken
from engine.history.verify import Published, read_published
from engine.queries import verification as queries
from engine.queries.verification import Verdict
from web import labels
from web.audit.base import auditing, bp, page
from web.engine import engine


@bp.get("/verify")
def verify() -> ResponseReturnValue:
    """Ask for a file, or for the number of a case."""
    auditing()
    return _page()


@bp.post("/verify")
def verify_file() -> ResponseReturnValue:
    """Check the uploaded file; it is kept nowhere."""
    actor = auditing()
    head, number = request.form.get("head", "")[:4000].strip(), request.form.get("case", "").strip()[:60]
    file = request.files.get("file")
    try:
        published = read_published(head.encode()) if head else None
    except Broken as broken:
        return _page(wrong=broken, head=head, number=number), 422
    if file is not None and file.filename:
        verdict = queries.check_file(file.stream, published)  # type: ignore[arg-type]
        return _page(verdict, file.filename, head)
    if number:
        key = engine().queries.search(queries.case_number, actor, number)
        return _page(_case(key, published), number, head, number=number, key=key)
    wrong = Broken("format", "请选择文件，或者填写事项编号。", "Choose a file, or enter a case number.")
    return _page(wrong=wrong, head=head), 422


@bp.get("/cases/<int:key>/verify")
def verify_case(key: int) -> ResponseReturnValue:
    """Check the chain of a case where it stands."""
    auditing()
    verdict = _case(key, None)
    return _page(verdict, verdict.case, number=verdict.case, key=key)


def _case(key: int, published: Published | None) -> Verdict:
    found: Verdict = engine().queries.search(queries.check_case, auditing(), key, published)
    return found


def _page(verdict: Verdict | None = None, what: str = "", head: str = "", **values: object) -> str:
    shown = {"wrong": None, "number": "", "key": None, "moment": _moment, "day": _day, **values}
    return page("verification", "verification", verdict=verdict, what=what, head=head, **shown)


def _moment(text: str) -> str:
    """Return an instant of a file in words; what is none stands as it is."""
    try:
        return labels.instant_zh(instant(text))
    except ValueError:
        return text[:40]


def _day(text: str | None) -> str:
    try:
        return labels.day_zh(date.fromisoformat(text or ""))
    except ValueError:
        return (text or "")[:40]
