"""The page where anybody who holds a document checks its code; nobody signs in for it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.document_lookup import MAX_FILE
from engine.errors import InvalidInput, NotFound, TooManyAttempts
from web.engine import engine
from web.errors import status_of
from web.language import said

bp = Blueprint("verification", __name__)


@bp.get("/verify")
def show() -> ResponseReturnValue:
    """Show the page with an empty field."""
    return _page()


@bp.post("/verify")
def check() -> ResponseReturnValue:
    """Look a code up and, where a file comes with it, hold that against the frozen text."""
    typed = request.form.get("code", "")[:100]
    file = request.files.get("file")
    checks = engine().document_lookup
    try:
        found = checks.look_up(typed, request.remote_addr or "")
        compared = checks.compare(found, file.read(MAX_FILE + 1)) if file and file.filename else None
    except (InvalidInput, NotFound, TooManyAttempts) as refusal:
        return _page(typed, said(refusal)), status_of(refusal)
    return _page(found.code, found=found, compared=compared, name=(file.filename or "") if file else "")


def _page(code: str = "", error: str = "", **values: object) -> str:
    return render_template(
        "verify.html", code=code, error=error, **{"found": None, "compared": None, **values}
    )
