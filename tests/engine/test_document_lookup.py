"""Checking a document by the code on it: what the holder learns, and what nobody does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import verification_code
from engine.demo.cases import Desk, deliver, replied
from engine.document_lookup import DocumentLookup
from engine.documents import pdf
from engine.errors import InvalidInput, NotFound, TooManyAttempts
from engine.storage.tables import document
from tests.conftest import at_once
from tests.processes.office import document_text
from tests.processes.test_settings_variants import MENDED, SUPPLEMENT


@pytest.fixture
def checks(desk: Desk) -> DocumentLookup:
    return desk.engine.document_lookup


def row(desk: Desk, key: int, template: str) -> Any:
    with desk.engine.database.reading() as conn:
        query = select(document).where(document.c.instance_key == key, document.c.template == template)
        return conn.execute(query.order_by(document.c.key)).first()


def answered(desk: Desk) -> int:
    return int(at_once(replied(desk, 1, "agree", timedelta(0))))


def test_a_code_is_drawn_from_eighty_bits_and_never_twice() -> None:
    drawn = {verification_code.draw() for _ in range(2000)}

    assert len(drawn) == 2000
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in drawn)
    assert len({code[0] for code in drawn}) == len(verification_code.ALPHABET)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("7KQ2-M0XW-3F9T-AH1C", id="as printed"),
        pytest.param(" 7kq2m0xw3f9tah1c ", id="small, without dashes"),
        pytest.param("7KQ2 MOXW 3F9T AHLC", id="the letters O and L for the digits"),
        pytest.param("７ＫＱ２－Ｍ０ＸＷ－３Ｆ９Ｔ－ＡＨ１Ｃ", id="full width"),
    ],
)
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    assert verification_code.read(typed) == "7KQ2-M0XW-3F9T-AH1C"


def test_the_holder_learns_what_stands_at_the_head_and_no_more(desk: Desk, checks: DocumentLookup) -> None:
    key = answered(desk)
    kept = row(desk, key, "E-3")

    found = checks.look_up(kept.verification.lower(), "192.0.2.1")

    assert found.title == "政务信息资源共享答复意见书"
    assert found.number == kept.number
    assert found.issued_on.isoformat() == "2026-06-08"
    assert (found.issuer, found.addressee) == ("辽宁省人力资源和社会保障厅", "沈阳市人力资源和社会保障局")
    assert (found.sha256, found.followed) == (kept.sha256, False)
    assert set(vars(found)) == {
        "code", "title", "number", "issuer", "addressee", "issued_on", "followed", "sha256",
    }  # fmt: skip
    assert kept.verification in document_text(desk, key, "E-3")


def test_two_documents_of_a_case_have_codes_that_nothing_derives(desk: Desk) -> None:
    key = answered(desk)
    codes = {row(desk, key, template).verification for template in ("E-1", "E-3")}

    assert len(codes) == 2
    assert all("LN12" not in code and "2026" not in code.replace("-", "")[:8] for code in codes)


def test_an_older_document_says_that_another_followed(desk: Desk, checks: DocumentLookup) -> None:
    key = int(at_once(deliver(desk, 1)))
    desk.do(key, "T12-04", SUPPLEMENT)
    desk.do(key, "T12-05", MENDED)

    assert checks.look_up(row(desk, key, "E-1").verification, "192.0.2.1").followed


def test_an_unknown_code_is_told_so_and_thirty_of_them_slow_the_address_down(
    desk: Desk, checks: DocumentLookup
) -> None:
    known = row(desk, answered(desk), "E-3").verification
    for _ in range(30):
        with pytest.raises(NotFound, match="没有使用该验证码的文书"):
            checks.look_up("0000-0000-0000-0000", "192.0.2.1")

    with pytest.raises(TooManyAttempts, match="15分钟后"):
        checks.look_up(known, "192.0.2.1")
    assert checks.look_up(known, "192.0.2.2").code == known


def test_what_cannot_be_a_code_is_refused_and_costs_nothing(checks: DocumentLookup) -> None:
    for _ in range(40):
        with pytest.raises(InvalidInput, match="四组、每组四位"):
            checks.look_up("LN12-2026-0001", "192.0.2.1")


def test_the_html_file_is_compared_by_its_hash(desk: Desk, checks: DocumentLookup) -> None:
    key = answered(desk)
    found = checks.look_up(row(desk, key, "E-3").verification, "192.0.2.1")
    html = document_text(desk, key, "E-3").encode()

    assert checks.compare(found, html).verdict == "same"
    assert checks.compare(found, html.replace("同意".encode(), "不同意".encode())).verdict == "other"
    assert checks.compare(found, document_text(desk, key, "E-1").encode()).verdict == "other"
    with pytest.raises(InvalidInput):
        checks.compare(found, b"")


def test_a_pdf_is_the_same_only_byte_by_byte_and_its_own_word_is_no_proof(
    desk: Desk, checks: DocumentLookup
) -> None:
    key = answered(desk)
    kept = row(desk, key, "E-3")
    found = checks.look_up(kept.verification, "192.0.2.1")
    made = pdf(document_text(desk, key, "E-3"), kept.sha256)

    assert checks.compare(found, made).verdict == "same_pdf"
    assert checks.compare(found, made + b"\n%%EOF").verdict == "named"
    assert checks.compare(found, b"%PDF-1.4 something else").verdict == "other"
