"""What stands before every page: who is acting, CSRF, and the headers that keep scripts out."""

import hashlib
import hmac
import secrets
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.app import Engine
from engine.characters import must_be_storable
from engine.document_lookup import MAX_FILE
from engine.errors import NotAllowed, NotFound, NotSignedIn
from engine.people import Actor
from web import csrf

COOKIE = "shixian_session"
VISITOR = "shixian_visitor"  # stands for a browser that nobody has signed in with
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DOCUMENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
# Pictures and PDF alone; the browser's own PDF viewer wants its styles and the plugin's frame.
ATTACHMENT_POLICY = (
    "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
_OPEN = {
    "account.sign_in",
    "account.do_sign_in",
    "static",
    "health.healthy",
    "health.ready",
    "health.metrics",
    "language.choose",
    "calendar.public",
    "calendar.personal",  # its address is the key
    "verification.show",
    "verification.check",
}
_OPEN_FORMS = {"account.sign_in", "verification.show", "verification.check"}


def guard(app: Flask, engine: Engine, secure: bool) -> None:
    """Put the checks in front of every request."""
    app.config["SECURE_COOKIES"] = secure

    @app.before_request
    def _check_characters() -> None:
        if request.endpoint == "verification.check":  # open to strangers, who send one file and a code
            request.max_content_length = MAX_FILE + 64 * 1024
        if "\0" in request.path:
            raise NotFound("没有该页面，请检查地址。", "Expected an address, found one with U+0000.")
        must_be_storable(request.headers.get("Idempotency-Key", ""))
        must_be_storable([*request.args.keys(), *(v for _, v in request.args.items(multi=True))])
        if request.endpoint != "tasks.complete":  # there the form names the field
            must_be_storable([*request.form.keys(), *(v for _, v in request.form.items(multi=True))])

    @app.before_request
    def _identify() -> ResponseReturnValue | None:
        token = request.cookies.get(COOKIE, "")
        g.session_token = token
        g.actor = engine.accounts.actor(token) if token else None
        # Made of the browser's own secret, so that it differs from browser to browser and outlives a restart.
        g.visitor = request.cookies.get(VISITOR, "") or secrets.token_urlsafe(32)
        g.csrf = hmac.new((token or g.visitor).encode(), b"csrf", hashlib.sha256).hexdigest()
        if request.endpoint in _OPEN or request.path.startswith("/v2/"):
            return None
        if g.actor is None:
            if request.method == "GET":
                return redirect(url_for("account.sign_in") + f"?next={quote(request.full_path.rstrip('?'))}")
            raise NotSignedIn("请先登录。", "Expected a signed-in user.")
        return None

    @app.before_request
    def _check_csrf() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS") or request.path.startswith("/v2/"):
            return
        if not csrf.matches(request.headers.get("X-CSRF", "") or request.form.get("csrf", ""), g.csrf):
            raise NotAllowed(
                "页面已过期，请返回并刷新后重新提交。", "Expected a valid CSRF token; reload the page."
            )

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", _policy())
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        shows_form = request.endpoint in _OPEN_FORMS and "visitor" in g and not request.cookies.get(VISITOR)
        if shows_form:
            response.set_cookie(
                VISITOR, g.visitor, httponly=True, samesite="Lax", secure=secure or request.is_secure
            )
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def style_nonce() -> str:
    """Let this page make style sheets of its own that carry the nonce; scripts stay as they are.

    For pages whose libraries write `<style>`; their own script has to put the nonce there.
    """
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(16)
    nonce: str = g.style_nonce
    return nonce


def allow_frames() -> None:
    """Let this page show pages of its own address in frames."""
    g.frames = True


def _policy() -> str:
    policy = POLICY
    if "style_nonce" in g:
        policy = policy.replace("style-src 'self'", f"style-src 'self' 'nonce-{g.style_nonce}'")
    return f"{policy}; frame-src 'self'" if "frames" in g else policy


def acting() -> Actor:
    """Return the signed-in person.

    Raises:
        NotSignedIn: nobody is.
    """
    if g.actor is None:
        raise NotSignedIn("请先登录。", "Expected a signed-in user.")
    actor: Actor = g.actor
    return actor
