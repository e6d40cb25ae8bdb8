"""Small pages: notices, rehearsal clock, health."""

from datetime import datetime, timedelta
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine import commands as c
from engine.clock import SystemClock
from engine.errors import Refused
from engine.handlers.clock import unconfirmed_jump
from engine.notice_kinds import KINDS
from engine.periods import BEIJING
from web.engine import command_id, engine
from web.language import said
from web.paths import local
from web.security import acting

bp = Blueprint("pages", __name__)
_LEAPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


@bp.get("/notices")
def notices() -> ResponseReturnValue:
    """List the actor's notices."""
    kind, unread = request.args.get("kind", ""), request.args.get("unread") == "1"
    kind = kind if kind in KINDS else ""
    page = engine().queries.notices(acting(), kind, unread, request.args.get("after", ""))
    return render_template("notices.html", page=page, kind=kind, unread_only=unread, kinds=KINDS)


@bp.post("/notices/read")
def read_notices() -> ResponseReturnValue:
    """Mark a notice as read, or all, and go back to the list as it was."""
    key = request.form.get("key", type=int)
    engine().handle(c.MarkNoticesRead(actor=acting(), notice_key=key))
    return redirect(local(request.form.get("next", "")) if key else url_for("pages.notices"))


@bp.get("/clock")
def clock() -> ResponseReturnValue:
    """Show the clock: in rehearsal with the means to move it, elsewhere for administrators."""
    if not engine().rehearsal:
        acting().must_hold("admin")
    return _clock_page(fired=request.args.get("fired"))


@bp.post("/clock/confirmation")
def confirm_clock() -> ResponseReturnValue:
    """Let limits run out again after the clock was set forward."""
    engine().handle(c.ConfirmClock(actor=acting(), id=command_id() or uuid4().hex))
    engine().sweep()
    return redirect(url_for("pages.clock"))


def _clock_page(error: str | None = None, fired: str | None = None) -> str:
    return render_template(
        "clock.html",
        error=error,
        next_due=engine().queries.next_due(),
        fired=fired,
        jump=engine().queries.search(lambda reader: unconfirmed_jump(reader.conn)),
        machine=SystemClock().now(),
        command_id=uuid4().hex,
    )


@bp.post("/clock")
def set_clock() -> ResponseReturnValue:
    """Move the rehearsal clock; what became due runs before the answer."""
    try:
        answer = engine().handle(c.SetClock(actor=acting(), at=_target()))
    except (Refused, ValueError) as refusal:
        zh = said(refusal) if isinstance(refusal, Refused) else _("请填写日期和时间。")
        return _clock_page(error=zh), 422
    return redirect(url_for("pages.clock", fired=answer["fired"]))


def _target() -> datetime:
    leap = request.form.get("leap", "")
    now = engine().clock.now()
    if leap in _LEAPS:
        return now + _LEAPS[leap]
    if leap == "due":
        return max(engine().queries.next_due() or now, now)
    return datetime.fromisoformat(request.form.get("at", "")).replace(tzinfo=BEIJING)
