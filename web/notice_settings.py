"""How people are told: their own choices and address; for administrators robots and what waits to leave."""

from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine import commands as c
from engine.errors import InvalidInput, Refused, TooManyAttempts
from engine.notice_kinds import KINDS, MAIL
from engine.queries import notices as lists
from engine.queries import outbox as boxes
from engine.robots import ROBOTS
from web.engine import command_id, engine
from web.errors import status_of
from web.language import said
from web.security import acting

bp = Blueprint("notice_settings", __name__, url_prefix="/settings")


@bp.get("/notices")
def show() -> ResponseReturnValue:
    """Show how the reader is told."""
    return _page()


@bp.post("/notices")
def choose() -> ResponseReturnValue:
    """Keep how the reader is told of each kind."""
    mail = {kind: request.form[f"mail.{kind}"] for kind in KINDS if f"mail.{kind}" in request.form}
    engine().handle(c.ChooseNotices(actor=acting(), mail=mail, id=command_id() or uuid4().hex))
    return redirect(url_for(".show", saved=1))


@bp.post("/notices/email")
def propose() -> ResponseReturnValue:
    """Send a code to an address."""
    email = request.form.get("email", "").strip()
    try:
        engine().handle(c.ProposeEmail(actor=acting(), email=email, id=command_id() or uuid4().hex))
    except (InvalidInput, TooManyAttempts) as refusal:
        return _page({"email": said(refusal)}, email), status_of(refusal)
    return redirect(url_for(".show", sent=1))


@bp.post("/notices/email/confirmation")
def confirm() -> ResponseReturnValue:
    """Use the address if the code is right."""
    command = c.ConfirmEmail(
        actor=acting(), code=request.form.get("code", "")[:40], id=command_id() or uuid4().hex
    )
    try:
        answer = engine().handle(command)
    except InvalidInput as refusal:
        return _page({"code": said(refusal)}), status_of(refusal)
    if not answer["confirmed"]:
        wrong = (
            _("验证码不正确，还可以再试%(n)s次。", n=answer["left"])
            if answer["left"]
            else _("验证码连续五次不正确，已经作废，请重新获取。")
        )
        return _page({"code": wrong}), 422
    return redirect(url_for(".show", confirmed=1))


@bp.post("/notices/email/removal")
def remove() -> ResponseReturnValue:
    """Send no more mail."""
    engine().handle(c.RemoveEmail(actor=acting()))
    return redirect(url_for(".show"))


@bp.get("/robots")
def robots() -> ResponseReturnValue:
    """Show the robots and what waits, for administrators."""
    return _robots()


@bp.post("/robots")
def register() -> ResponseReturnValue:
    """Enter a robot."""
    form = request.form
    command = c.RegisterRobot(
        actor=acting(),
        org_code=form.get("org", ""),
        name=form.get("name", ""),
        kind=form.get("kind", ""),
        url=form.get("url", "").strip(),
        secret=form.get("secret", "").strip(),
        kinds=tuple(form.getlist("kinds")),
        id=command_id() or uuid4().hex,
    )
    acting().must_hold("admin")
    try:
        engine().handle(command)
    except Refused as refusal:
        return _robots(said(refusal)), status_of(refusal)
    return redirect(url_for(".robots", saved=1))


@bp.post("/robots/<int:key>/removal")
def remove_robot(key: int) -> ResponseReturnValue:
    """Tell a group nothing more."""
    engine().handle(c.RemoveRobot(actor=acting(), robot_key=key))
    return redirect(url_for(".robots"))


@bp.post("/robots/<int:key>/trial")
def try_robot(key: int) -> ResponseReturnValue:
    """Have a robot say one sentence."""
    engine().handle(c.TryRobot(actor=acting(), robot_key=key, id=command_id() or uuid4().hex))
    return redirect(url_for(".robots", tried=1))


@bp.post("/robots/retry")
def retry() -> ResponseReturnValue:
    """Try at once what waits for a channel or one receiver of it."""
    channel, target = request.form.get("channel", ""), request.form.get("target", "")[:500]
    engine().handle(c.RetryLetters(actor=acting(), channel=channel, target=target))
    return redirect(url_for(".robots", retried=1))


def _page(errors: dict[str, str] | None = None, email: str = "") -> str:
    return render_template(
        "settings/notices.html",
        settings=engine().queries.search(lists.settings, acting()),
        has_mail=engine().has_mail,
        kinds=KINDS,
        choices=MAIL,
        errors=errors or {},
        email=email,
        command_id=uuid4().hex,
    )


def _robots(error: str | None = None) -> str:
    ask = engine().queries.search
    return render_template(
        "settings/robots.html",
        robots=ask(boxes.robots, acting()),
        mail=ask(boxes.mail, acting()),
        has_mail=engine().has_mail,
        hooks=ask(boxes.webhooks, acting()),
        departments=ask(boxes.departments, acting()),
        makers=ROBOTS,
        kinds=KINDS,
        error=error,
        typed=request.form,
        command_id=uuid4().hex,
    )
