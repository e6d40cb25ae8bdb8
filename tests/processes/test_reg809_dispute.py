"""《政务数据共享条例》 Art. 28 ¶2: negotiated first, decided by the government last (domain F.3, 8)."""

from datetime import timedelta

import pytest

from engine.demo.cases import Desk, replied
from engine.demo.disputes import PROCESS, REASON, coordination, opinion, request, statement
from tests.conftest import at_once
from tests.processes.office import case, limits, open_tasks, task, wait_until
from tests.processes.reg809 import publish

pytestmark = pytest.mark.only("sqlite")


def raised(desk: Desk) -> int:
    """A refusal under 809 that the requester disputes, handed in."""
    publish(desk, "ln_art12_application", PROCESS)
    application = int(at_once(replied(desk, 1, "refuse", timedelta(0))))
    desk.do(application, "T12-13", {"decision": "dispute", "reason": REASON})
    dispute = desk.begun(application, PROCESS)
    assert dispute is not None
    desk.do(dispute, "TD-0", request())
    return dispute


def negotiated(desk: Desk, result: str) -> int:
    key = raised(desk)
    for element in ("TD-1A", "TD-1R"):
        desk.do(key, element, {"result": result, "content": "双方就共享范围交换了意见。"})
    return key


def coordinated(desk: Desk) -> int:
    key = negotiated(desk, "not_agreed")
    desk.do(key, "TD-2", {"decision": "accept"})
    desk.do(key, "TD-3", statement())
    desk.do(key, "TD-4", coordination(desk, key, "no", "keep"))
    return key


def test_the_parties_negotiate_first(desk: Desk) -> None:
    key = raised(desk)

    assert open_tasks(desk, key) == {"TD-1A", "TD-1R"}
    assert limits(desk, key, "TMD-N")[0].due_on.isoformat() == "2026-06-15"


def test_who_comes_to_terms_needs_no_coordination(desk: Desk) -> None:
    key = negotiated(desk, "agreed")

    assert case(desk, key).result == "negotiated"


def test_a_negotiation_that_is_not_concluded_goes_to_the_competent_department(desk: Desk) -> None:
    key = raised(desk)
    wait_until(desk, desk.now + timedelta(days=9))

    assert open_tasks(desk, key) == {"TD-2"}


def test_what_coordination_does_not_settle_is_reported_to_the_government_and_decided_there(
    desk: Desk,
) -> None:
    key = coordinated(desk)
    assert open_tasks(desk, key) == {"TD-7"}
    assert task(desk, key, "TD-7").lane == "gov.office"

    desk.do(key, "TD-7", {**opinion(desk, key, "keep"), "signed_by": "本级人民政府分管负责人"})

    assert "TD-7" not in open_tasks(desk, key)
