"""文书核验: the page where anybody checks a document by the code on it."""

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.app import Engine
from engine.demo.cases import Desk, replied
from engine.storage.tables import document
from tests.conftest import at_once
from tests.processes.office import case, document_text
from tests.web.conftest import Browser
from web import create_app
from web.config import Settings, from_environment


@pytest.fixture
def visitor(app: Any) -> Browser:
    return Browser(app.test_client())


def reply_code(desk: Desk) -> tuple[int, str]:
    key = int(at_once(replied(desk, 1, "refuse", timedelta(0))))
    with desk.engine.database.reading() as conn:
        code = select(document.c.verification).where(document.c.template == "E-4")
        return key, str(conn.execute(code).scalar_one())


def check(visitor: Browser, code: str, file: tuple[bytes, str] | None = None) -> Any:
    visitor.get("/verify")
    data: dict[str, Any] = {"code": code}
    if file:
        data["file"] = (io.BytesIO(file[0]), file[1])
    return visitor.post("/verify", data)


def test_nobody_signs_in_and_nothing_of_the_case_is_shown(visitor: Browser, desk: Desk) -> None:
    key, code = reply_code(desk)

    page = check(visitor, code.lower().replace("-", " ")).text

    assert "不予共享理由告知书" in page
    assert "辽人社共享告〔2026〕1号" in page
    assert "2026年6月8日" in page
    row = case(desk, key)
    assert row.business_id not in page
    assert row.title not in page
    assert "超出履行职责" not in page
    assert str(key) not in page


def test_an_unknown_code_gets_a_clear_answer(visitor: Browser) -> None:
    response = check(visitor, "0000-0000-0000-0000")

    assert response.status_code == 404
    assert "没有使用该验证码的文书" in response.text
    assert check(visitor, "LN12-2026-0001").status_code == 422


def test_the_file_is_held_against_the_frozen_text(visitor: Browser, desk: Desk) -> None:
    key, code = reply_code(desk)
    html = document_text(desk, key, "E-4").encode()

    assert "与平台留存的文书文本逐字节相同" in check(visitor, code, (html, "告知书.html")).text
    assert "<strong>不一致。</strong>" in check(visitor, code, (html + b" ", "告知书.html")).text
    assert "<strong>不一致。</strong>" in check(visitor, code, (b"%PDF-1.4", "告知书.pdf")).text


def test_the_page_says_what_a_check_shows_and_what_not(visitor: Browser) -> None:
    page = visitor.get("/verify").text

    assert "仅凭验证码不能说明手中文书的正文未被改动" in page
    assert "不相同的，本页不下结论" in page


def test_a_form_of_another_browser_is_refused(visitor: Browser, desk: Desk, app: Any) -> None:
    _, code = reply_code(desk)
    visitor.get("/verify")

    other = Browser(app.test_client())
    other.get("/verify")
    assert app.test_client().post("/verify", data={"code": code, "csrf": other.csrf}).status_code == 403


def test_guessing_is_slowed_down_like_signing_in(visitor: Browser) -> None:
    answers = [check(visitor, "0000-0000-0000-0000").status_code for _ in range(31)]

    assert answers == [404] * 30 + [429]


def test_thirty_misses_of_one_visitor_behind_a_proxy_locked_everybody(engine: Engine) -> None:
    app = create_app(Settings(rehearsal=True, trusted_proxies=1), engine)
    visitor = Browser(app.test_client())
    visitor.get("/verify")

    def code(claimed: str) -> int:
        data = {"code": "0000-0000-0000-0000", "csrf": visitor.csrf}
        return int(
            visitor.client.post("/verify", data=data, headers={"X-Forwarded-For": claimed}).status_code
        )

    assert [code(f"198.51.100.{n}, 203.0.113.7") for n in range(31)] == [404] * 30 + [429]
    assert code("203.0.113.8") == 404


def test_without_a_proxy_of_ours_nobody_claims_an_address(visitor: Browser) -> None:
    def code(claimed: str) -> int:
        data = {"code": "0000-0000-0000-0000", "csrf": visitor.csrf}
        return int(
            visitor.client.post("/verify", data=data, headers={"X-Forwarded-For": claimed}).status_code
        )

    visitor.get("/verify")
    assert [code(f"203.0.113.{n}") for n in range(31)] == [404] * 30 + [429]


@pytest.mark.parametrize("text", ["-1", "one", "11", ""])
def test_a_number_of_proxies_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="SHIXIAN_TRUSTED_PROXIES: expected a number"):
        from_environment({"SHIXIAN_TRUSTED_PROXIES": text})


def test_a_stranger_may_not_send_what_no_document_is(visitor: Browser) -> None:
    claimed = {"CONTENT_LENGTH": str(22 * 1024 * 1024), "CONTENT_TYPE": "multipart/form-data; boundary=x"}

    assert visitor.client.post("/verify", environ_overrides=claimed).status_code == 413


@pytest.mark.parametrize("path", ["/sign-in", "/verify"])
def test_the_way_to_the_page_is_open(visitor: Browser, path: str) -> None:
    assert "文书核验" in visitor.get(path).text


def test_every_page_has_the_way_to_it_at_its_foot(signed_in: Any) -> None:
    assert 'href="/verify"' in signed_in("mzt.jb").get("/").text
