"""The conformance pages: for auditors alone, every figure opens its list, and what is wrong in the address is said."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine.demo.cases import Desk, deliver
from tests.conftest import at_once
from tests.engine.lives import LIVES

PAGES = ("/audit/conformance", "/audit/cases/{key}/conformance")


@pytest.fixture
def key(desk: Desk) -> int:
    return int(at_once(deliver(desk, 1)))


@pytest.fixture
def deviating(desk: Desk) -> None:
    for command in LIVES["verbs"](desk):
        desk.engine.handle(command)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("username", "status"),
    [
        pytest.param("audit", 200, id="auditor"),
        pytest.param("ysj.jb", 403, id="managing department"),
        pytest.param("mzt.jb", 403, id="another department"),
        pytest.param("admin", 403, id="administrator"),
        pytest.param("designer", 403, id="designer"),
    ],
)
def test_only_an_auditor_sees_the_desk(
    signed_in: Callable[[str], Any], key: int, page: str, username: str, status: int
) -> None:
    assert signed_in(username).get(page.format(key=key)).status_code == status


def test_a_case_that_goes_as_drawn_says_so(signed_in: Callable[[str], Any], key: int) -> None:
    text = signed_in("audit").get(f"/audit/cases/{key}/conformance").text

    assert "100.0%" in text and "没有偏离" in text


def test_every_figure_opens_the_list_of_its_cases(signed_in: Callable[[str], Any], deviating: None) -> None:
    browser = signed_in("audit")
    page = browser.get("/audit/conformance?process=verbs").text
    jumps = next(href for href in re.findall(r'href="([^"]+)"', page) if "kind=jump" in href)
    listed = browser.get(jumps.replace("&amp;", "&").partition("#")[0]).text

    assert len(re.findall(r"/audit/cases/\d+/conformance", listed)) == 1
    assert "有“管理员跳转”的事项" in listed


def test_a_deviation_says_what_was_expected_and_what_happened(
    signed_in: Callable[[str], Any], deviating: None
) -> None:
    browser = signed_in("audit")
    page = browser.get("/audit/conformance?process=verbs&kind=jump").text
    href = re.findall(r"/audit/cases/\d+/conformance", page)[0]
    text = browser.get(href).text

    assert "“复核”之后应为" in text
    assert "系统管理员将事项由“复核”跳转至“填报”" in text
    assert "试administrator" in text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?since=2026-13-40", 422),
        ("?since=2026-06-30&until=2026-06-01", 422),
        ("?since=0001-01-01&until=9999-12-31", 200),
        ("?process=nothing&kind=nothing&page=-3", 200),
        ("?against=abc", 404),
        ("?version=99999999999999999999", 404),
    ],
)
def test_an_odd_address_is_refused_or_mended(
    signed_in: Callable[[str], Any], key: int, query: str, status: int
) -> None:
    assert signed_in("audit").get(f"/audit/conformance{query}").status_code == status


def test_the_case_page_leads_auditors_there(signed_in: Callable[[str], Any], key: int) -> None:
    link = f'href="/audit/cases/{key}/conformance"'

    assert link in signed_in("audit").get(f"/cases/{key}").text
    assert link not in signed_in("ysj.jb").get(f"/cases/{key}").text
