"""What every page of the auditor's desk needs: its blueprint, who may enter, the frame around it."""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import lazy_gettext

from engine.people import Actor
from web.security import acting

bp = Blueprint("audit", __name__, url_prefix="/audit")

TABS: list[tuple[str, str, Any]] = [
    ("desk", "audit.index", lazy_gettext("概览")),
    ("statistics", "audit.statistics", lazy_gettext("统计")),
    ("conformance", "audit.conformance", lazy_gettext("符合性")),
    ("search", "audit.search_acts", lazy_gettext("记录检索")),
    ("checks", "audit.list_checks", lazy_gettext("监督检查")),
    ("access", "audit.access_log", lazy_gettext("查阅记录")),
    ("exports", "audit.exports", lazy_gettext("导出")),
    ("verification", "audit.verify", lazy_gettext("记录校验")),
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
