"""《政务数据共享条例》 Art. 26 ¶2: verified, corrected and fed back within ten working days (domain F.3, 5)."""

import pytest

from engine import commands as c
from engine.demo.cases import Desk
from engine.demo.verifications import accept, correct, deliver, verification
from engine.errors import NotFound
from tests.conftest import at_once, beijing
from tests.processes.office import case, document_text, limits, open_tasks, trail, wait_until
from tests.processes.reg809 import publish

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def desk(desk: Desk) -> Desk:
    publish(desk, "ln_art13_verification")
    return desk


def accepted(desk: Desk) -> int:
    key = int(at_once(deliver(desk, 1)))
    accept(desk, key)
    return key


def sign(desk: Desk, key: int, result: str) -> None:
    desk.do(key, "T13-03", verification(result))
    desk.do(key, "T13-05", {"decision": "sign"})


def test_the_limit_is_ten_working_days(desk: Desk) -> None:
    key = accepted(desk)
    [limit] = limits(desk, key, "TM13-1")

    assert (limit.due_on.isoformat(), limit.basis) == ("2026-06-23", "《政务数据共享条例》第二十六条第二款")


def test_the_limit_is_met_by_the_feedback_after_the_correction_and_not_before(desk: Desk) -> None:
    key = accepted(desk)
    sign(desk, key, "to_correct")
    assert open_tasks(desk, key) == {"T13-06"}
    assert (limits(desk, key, "TM13-1")[0].state, case(desk, key).state) == ("running", "running")
    assert desk.variables(key).get("verified_at") is None

    correct(desk, key)

    assert limits(desk, key, "TM13-1")[0].state == "met"
    assert open_tasks(desk, key) == {"T13-07"}
    assert "ResourceUnflagged" in trail(desk, key)
    assert "已按登记档案更正所涉记录。" in document_text(desk, key, "E-7")


def test_a_correction_that_is_still_owed_on_the_last_day_makes_the_verification_late(desk: Desk) -> None:
    key = accepted(desk)
    sign(desk, key, "to_correct")
    wait_until(desk, beijing("2026-06-24T09:00"))

    assert limits(desk, key, "TM13-1")[0].state == "overdue"
    assert open_tasks(desk, key) == {"T13-06", "T13-08"}


@pytest.mark.parametrize("result", ["correct", "corrected", "unverifiable"])
def test_what_needs_no_further_correction_is_fed_back_at_once(desk: Desk, result: str) -> None:
    key = accepted(desk)
    sign(desk, key, result)

    assert open_tasks(desk, key) == {"T13-07"}


def test_there_is_no_extension(desk: Desk) -> None:
    key = accepted(desk)
    provider = desk.actor(case(desk, key).providing_key, "handler")

    with pytest.raises(NotFound):
        desk.engine.handle(c.SendMessage(actor=provider, instance_key=key, element_id="ES13-X", values={}))
    assert limits(desk, key, "TM13-1")[0].due_on.isoformat() == "2026-06-23"
