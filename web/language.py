"""The language of the pages: Chinese as written, English on request.

A message's id is its Chinese text; `web/translations/en` holds the English. What people, models and the law say stays
as it was said: names, titles, reasons, quoted articles, issued documents.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from flask import Blueprint, Flask, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale

from engine.speech import Bilingual
from web.paths import local

COOKIE = "shixian_language"
LANGUAGES = {"zh": "中文", "en": "English"}
TAGS = {"zh": "zh-CN", "en": "en"}
_YEAR = 365 * 24 * 3600
bp = Blueprint("language", __name__)


class Spoken(Protocol):
    """Whatever says the same in both languages: a refusal, a message, a fault."""

    @property
    def zh(self) -> str:
        """The Chinese text."""

    @property
    def en(self) -> str:
        """The English text."""


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
        here = language()
        # English parts two sentences, and a word from its bracket, by a space; Chinese does not.
        gap = " " if here == "en" else ""
        return {"lang": TAGS[here], "languages": LANGUAGES, "language": here, "gap": gap}

    app.jinja_env.filters["said"] = said
    app.jinja_env.filters["spoken"] = spoken
    # What a page prints of the engine's texts is English on English pages, without a filter at each place.
    app.jinja_env.finalize = _in_the_language


def language() -> str:
    """Return the language of the page being made: zh or en."""
    return _known(str(get_locale() or "zh"))


def said(text: Spoken | str) -> str:
    """Return what a refusal, a message or a text of the engine says in the language of the page."""
    if isinstance(text, str):
        return text.en if isinstance(text, Bilingual) and language() == "en" else str(text)
    return text.en if language() == "en" else text.zh


def spoken(thing: Mapping[str, Any], key: str = "label") -> str:
    """Return a text of a form in the language of the page: `label_en` beside `label`, where there is one."""
    text = thing.get(key) or ""
    if language() != "en":
        return str(text)
    return text.en if isinstance(text, Bilingual) else str(thing.get(f"{key}_en") or text)


def _in_the_language(value: object) -> object:
    return said(value) if isinstance(value, Bilingual) else value


def _known(code: str | None) -> str:
    return code if code in LANGUAGES else "zh"
