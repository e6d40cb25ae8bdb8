"""Signing in and out."""

from flask import Blueprint, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.accounts import SESSION_LENGTH
from engine.errors import NotSignedIn, TooManyAttempts
from web.engine import engine
from web.errors import status_of
from web.language import said
from web.paths import local
from web.security import COOKIE

bp = Blueprint("account", __name__)


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Show the sign-in page."""
    if g.actor is not None:
        return redirect(url_for("inbox.show"))
    return render_template("sign_in.html", error=None, username="")


@bp.post("/sign-in")
def do_sign_in() -> ResponseReturnValue:
    """Open a session."""
    username = request.form.get("username", "").strip()
    try:
        token = engine().accounts.sign_in(
            username, request.form.get("password", ""), request.remote_addr or ""
        )
    except (NotSignedIn, TooManyAttempts) as refusal:
        page = render_template("sign_in.html", error=said(refusal), username=username)
        return page, status_of(refusal)
    response = make_response(redirect(local(request.form.get("next", ""))))
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LENGTH.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SECURE_COOKIES"] or request.is_secure,
    )
    return response


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    engine().accounts.sign_out(g.session_token)
    response = make_response(redirect(url_for("account.sign_in")))
    response.delete_cookie(COOKIE)
    return response
