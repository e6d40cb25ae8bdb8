"""The head's overview (部门总览), and the list behind each of its figures."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from engine.people import ROLES
from engine.queries import overview as queries
from web.engine import engine
from web.keys import MAX_KEY
from web.security import acting

bp = Blueprint("department", __name__, url_prefix="/department")
LISTS = {
    "open": _("在办"),
    "overdue": _("已逾期"),
    "soon": _("5个工作日内到期"),
    "done": _("近20个工作日已办"),
}


@bp.get("")
def show() -> ResponseReturnValue:
    """Show load by person, what waits, what will be late, who is away."""
    view = engine().queries.search(queries.overview, acting(), _org())
    return render_template("department.html", view=view, lists=LISTS, most=queries.MOST, roles=ROLES)


@bp.get("/tasks")
def tasks() -> ResponseReturnValue:
    """List what a figure counts."""
    who, which = request.args.get("of", "")[:60], request.args.get("which", "open")
    view = engine().queries.search(queries.task_list, acting(), _org(), who, which)
    return render_template("department_tasks.html", view=view, who=who, org=_org(), lists=LISTS)


def _org() -> int | None:
    key = request.args.get("org", type=int)
    return key if key is not None and 0 < key <= MAX_KEY else None
