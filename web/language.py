"""The language of the pages: Chinese as written, English on request.

A message's id is its Chinese text; `web/translations/en` holds the English. What people, models and the law say stays
as it was said: names, titles, reasons, quoted articles, issued documents.
"""

from flask import Blueprint, Flask, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale

from engine.errors import Message, Refused
from web.paths import local

COOKIE = "shixian_language"
LANGUAGES = {"zh": "中文", "en": "English"}
TAGS = {"zh": "zh-CN", "en": "en"}
_YEAR = 365 * 24 * 3600
bp = Blueprint("language", __name__)


@bp.post("/language")
def choose() -> ResponseReturnValue:
    """Keep the language in this browser and go back to the page."""
    response = make_response(redirect(local(request.form.get("next", ""))))
    response.set_cookie(
        COOKIE, _known(request.form.get("language")), max_age=_YEAR, httponly=True, samesite="Lax"
    )
    return response


def register(app: Flask) -> None:
    """Let every page ask for its language."""
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    Babel(app, locale_selector=lambda: _known(request.cookies.get(COOKIE)))

    @app.context_processor
    def _common() -> dict[str, object]:
        return {"lang": TAGS[language()], "languages": LANGUAGES, "language": language()}


def language() -> str:
    """Return the language of the page being made: zh or en."""
    return _known(str(get_locale() or "zh"))


def said(refusal: Refused | Message) -> str:
    """Return what a refusal says in the language of the page."""
    return refusal.en if language() == "en" else refusal.zh


def _known(code: str | None) -> str:
    return code if code in LANGUAGES else "zh"
