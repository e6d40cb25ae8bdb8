"""Small pages: notices, rehearsal clock, health."""

from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import NotFound, Refused
from engine.periods import BEIJING
from web.engine import engine
from web.security import acting

bp = Blueprint("pages", __name__)
_LEAPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


@bp.get("/notices")
def notices() -> ResponseReturnValue:
    """List the actor's notices and mark them as seen."""
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    rows = engine().queries.notices(acting(), page)
    engine().handle(c.MarkNoticesRead(actor=acting()))
    return render_template("notices.html", rows=rows, page=page)


@bp.get("/clock")
def clock() -> ResponseReturnValue:
    """Show the rehearsal clock."""
    if not engine().rehearsal:
        raise NotFound("正式运行时没有演练时钟。", "There is no rehearsal clock in production.")
    return render_template(
        "clock.html", error=None, next_due=engine().queries.next_due(), fired=request.args.get("fired")
    )


@bp.post("/clock")
def set_clock() -> ResponseReturnValue:
    """Move the rehearsal clock; what became due runs before the answer."""
    try:
        answer = engine().handle(c.SetClock(actor=acting(), at=_target()))
    except (Refused, ValueError) as refusal:
        zh = refusal.zh if isinstance(refusal, Refused) else "请填写日期和时间。"
        page = render_template("clock.html", error=zh, next_due=engine().queries.next_due(), fired=None)
        return page, 422
    return redirect(url_for("pages.clock", fired=answer["fired"]))


def _target() -> datetime:
    leap = request.form.get("leap", "")
    now = engine().clock.now()
    if leap in _LEAPS:
        return now + _LEAPS[leap]
    if leap == "due":
        return max(engine().queries.next_due() or now, now)
    return datetime.fromisoformat(request.form.get("at", "")).replace(tzinfo=BEIJING)
