"""The first page of the auditor's desk."""

from flask.typing import ResponseReturnValue

from engine.queries import findings, seals
from web.audit.base import auditing, bp, page
from web.engine import engine


@bp.get("")
def index() -> ResponseReturnValue:
    """Show what waits for an auditor: a case to find, findings, the last night's checks, the last sealed day."""
    actor = auditing()
    search = engine().queries.search
    waiting = search(findings.findings, actor, "open")
    sealed, _ = search(seals.seals, actor)
    return page(
        "index",
        "desk",
        glance=search(findings.glance, actor),
        findings=waiting.rows[:MOST],
        seal=sealed[0] if sealed else None,
    )


MOST = 8
"""Findings shown; the rest is behind a link."""
