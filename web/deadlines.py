"""Time limits: the page that explains one, as of then and as of now."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.periods import beijing_day
from web.engine import engine
from web.security import acting

bp = Blueprint("deadlines", __name__)


@bp.get("/deadlines/<int:key>")
def show(key: int) -> ResponseReturnValue:
    """Show a limit with everything that explains it."""
    limit = engine().queries.deadline(acting(), key)
    case = engine().queries.case(acting(), limit.instance_key)
    today = beijing_day(engine().clock.now())
    return render_template("deadline.html", d=limit, h=case.head, today=today)
