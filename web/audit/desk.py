"""The first page of the auditor's desk."""

from flask.typing import ResponseReturnValue

from web.audit.base import auditing, bp, page


@bp.get("")
def index() -> ResponseReturnValue:
    """Show what waits for an auditor."""
    auditing()
    return page("index", "desk")
