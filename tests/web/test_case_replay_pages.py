"""The replay of a case on the auditor's desk: for auditors alone, as a page, as data, as a printed sequence."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.demo.cases import Desk, deliver
from tests.conftest import at_once, beijing
from tests.processes.office import trail, wait_until

PAGES = ("replay", "replay.json", "replay/print")


@pytest.fixture
def key(desk: Desk) -> int:
    found = int(at_once(deliver(desk, 1)))
    wait_until(desk, beijing("2026-06-17T10:00"))
    return found


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("username", "status"),
    [
        pytest.param("audit", 200, id="auditor"),
        pytest.param("ysj.jb", 403, id="managing department"),
        pytest.param("rst.jb", 403, id="party of the case"),
        pytest.param("designer", 403, id="designer"),
        pytest.param("admin", 403, id="administrator"),
    ],
)
def test_c6_only_auditors_play_a_case_again(
    signed_in: Callable[[str], Any], key: int, page: str, username: str, status: int
) -> None:
    assert signed_in(username).get(f"/audit/cases/{key}/{page}").status_code == status


@pytest.mark.parametrize("page", PAGES)
def test_a_case_that_does_not_exist_is_not_found(signed_in: Callable[[str], Any], page: str) -> None:
    assert signed_in("audit").get(f"/audit/cases/1/{page}").status_code == 404


def test_the_case_page_leads_an_auditor_to_the_replay_and_nobody_else(
    signed_in: Callable[[str], Any], key: int
) -> None:
    address = f"/audit/cases/{key}/replay"

    assert address in signed_in("audit").get(f"/cases/{key}").text
    assert address not in signed_in("ysj.jb").get(f"/cases/{key}").text


def test_without_a_script_the_page_leads_to_the_printed_sequence(
    signed_in: Callable[[str], Any], key: int
) -> None:
    text = signed_in("audit").get(f"/audit/cases/{key}/replay").text

    assert f"/audit/cases/{key}/replay/print" in text.partition("<noscript>")[2].partition("</noscript>")[0]


def test_c7_the_questions_of_an_auditor_are_answered_on_one_screen(
    signed_in: Callable[[str], Any], key: int
) -> None:
    text = signed_in("audit").get(f"/audit/cases/{key}/replay").text

    for question in (
        "何时收到",
        "计入哪些日、为何",
        "何人何时承办",
        "是否提醒",
        "何人因何延长",
        "是否逾期",
        "管理部门如何处置",
        "印发哪些文书",
    ):
        assert f"<dt>{question}</dt>" in text
    assert "答复期限于2026年6月15日届满，事项逾期" in text


def test_the_data_have_one_step_for_each_event_and_are_not_kept_by_the_browser(
    signed_in: Callable[[str], Any], desk: Desk, key: int
) -> None:
    response = signed_in("audit").get(f"/audit/cases/{key}/replay.json")

    assert [step["y"] for step in response.json["steps"]] == trail(desk, key)
    assert response.headers["Cache-Control"] == "no-store"


def test_the_printed_sequence_has_a_block_for_every_event(
    signed_in: Callable[[str], Any], desk: Desk, key: int
) -> None:
    text = signed_in("audit").get(f"/audit/cases/{key}/replay/print").text

    assert all(f'id="e{seq}"' in text for seq in range(1, len(trail(desk, key)) + 1))
    assert "已计5日，共5日" in text
    assert "原定2026年6月15日24时" in text
