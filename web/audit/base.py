"""What every page of the auditor's desk needs: its blueprint, who may enter, the frame around it."""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import lazy_gettext

from engine.people import Actor
from web.security import acting

bp = Blueprint("audit", __name__, url_prefix="/audit")

TABS: list[tuple[str, str, Any]] = [
    ("desk", "audit.index", lazy_gettext("概览")),
    ("conformance", "audit.conformance", lazy_gettext("符合性")),
    ("exports", "audit.exports", lazy_gettext("导出")),
]
"""Code, endpoint and name of the tabs of the desk."""


@bp.app_context_processor
def _tabs() -> dict[str, Any]:
    return {"audit_tabs": TABS}


def auditing() -> Actor:
    """Return the signed-in auditor.

    Raises:
        NotAllowed: the person is none.
    """
    actor = acting()
    actor.must_hold("auditor")
    return actor


def page(template: str, tab: str, **values: Any) -> str:
    """Render a page of the desk inside the frame, with a tab marked."""
    return render_template(f"audit/{template}.html", tab=tab, **values)
