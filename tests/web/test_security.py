"""CSRF tokens: one browser's is no other's, and a restart of the server spoils none."""

from collections.abc import Callable
from typing import Any

import pytest

from engine import commands as c
from engine.app import Engine
from engine.demo.seed import DEMO_PASSWORD
from engine.errors import InvalidInput
from tests.conftest import beijing
from tests.web.conftest import Browser
from web import create_app
from web.config import Settings


def test_the_token_of_a_sign_in_form_differs_from_browser_to_browser(app: Any) -> None:
    mine, other = Browser(app.test_client()), Browser(app.test_client())
    mine.get("/sign-in")
    other.get("/sign-in")

    assert mine.csrf != other.csrf
    form = {"username": "mzt.jb", "password": DEMO_PASSWORD, "csrf": other.csrf}
    assert mine.client.post("/sign-in", data=form).status_code == 403
    assert app.test_client().post("/sign-in", data=form).status_code == 403
    assert other.client.post("/sign-in", data=form).status_code == 302


def test_an_earlier_sign_in_form_of_a_browser_can_still_be_handed_in(app: Any) -> None:
    mine = Browser(app.test_client())
    mine.get("/sign-in")
    first = mine.csrf
    mine.get("/sign-in")

    assert mine.csrf != first  # masked anew: compressed pages must not let it be guessed by their length
    mine.csrf = first
    assert mine.post("/sign-in", {"username": "mzt.jb", "password": DEMO_PASSWORD}).status_code == 302
    cookie = mine.client.get_cookie("shixian_visitor")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


def test_a_page_opened_before_a_restart_can_be_handed_in_after_it(
    signed_in: Callable[[str], Browser], engine: Engine
) -> None:
    before = signed_in("mzt.jb")
    after = Browser(create_app(Settings(rehearsal=True), engine).test_client())
    session = before.client.get_cookie("shixian_session")
    assert session is not None
    after.client.set_cookie("shixian_session", session.value)
    after.csrf = before.csrf

    assert after.post("/clock", {"leap": "hour"}).status_code == 302


@pytest.mark.parametrize("at", ["2031-06-08T10:01", "9999-12-31T00:00"])
def test_the_rehearsal_clock_leaps_no_more_than_five_years(engine: Engine, at: str) -> None:
    with pytest.raises(InvalidInput, match="每次最多向前调整5年"):
        engine.handle(c.SetClock(actor=None, at=beijing(at)))

    assert engine.clock.now() == beijing("2026-06-08T10:00")


def test_the_clock_page_says_how_far_the_clock_may_leap(signed_in: Callable[[str], Browser]) -> None:
    response = signed_in("mzt.jb").post("/clock", {"at": "2040-01-01T09:00"})

    assert response.status_code == 422
    assert "每次最多向前调整5年" in response.get_data(as_text=True)
