"""R20-14 and ES20-V hold where the notice and the objection could go round them."""

import pytest

from engine.demo import rectification_answers as answers
from engine.demo.cases import Desk
from engine.errors import InvalidForm
from engine.periods import beijing_day
from tests.conftest import beijing
from tests.processes import rectification as r
from tests.processes.office import case, open_tasks, trail, wait_until

OTHER = "另一项全新的事实：该单位目录所列资源连续三十日未更新，影响核验。"
SIGN = {"decision": "sign"}


def two_notices_on_the_facts_of_the_first(desk: Desk, **changes: object) -> tuple[int, int]:
    first, second = r.opened(desk, 1), r.opened(desk, 1, facts=OTHER)
    lead = desk.variables(first)["lead"]
    for key in (first, second):
        notice = answers.notice(
            1, beijing_day(desk.now), facts=lead["facts"], ground=lead["ground"], **changes
        )
        desk.do(key, "T20-02", notice)
    return first, second


@pytest.mark.parametrize("service", ["platform", "paper"])
def test_r20_14_two_notices_on_the_same_facts_could_be_signed(desk: Desk, service: str) -> None:
    first, second = two_notices_on_the_facts_of_the_first(desk, service=service)
    desk.do(first, "T20-03", SIGN)
    before = trail(desk, second)

    with pytest.raises(InvalidForm) as refused:
        desk.do(second, "T20-03", SIGN)

    assert case(desk, first).business_id in refused.value.errors["decision"][0].zh
    assert trail(desk, second) == before
    desk.do(second, "T20-03", {"decision": "return", "comment": "与在办案件事实重复，请核实后重拟。"})
    assert open_tasks(desk, second) == {"T20-02"}


def test_r20_14_what_was_signed_is_held_and_not_what_the_lead_said(desk: Desk) -> None:
    first = r.opened(desk, 1)
    said = desk.variables(first)["lead"]["facts"]
    desk.do(first, "T20-02", answers.notice(1, beijing_day(desk.now), facts=OTHER))
    desk.do(first, "T20-03", SIGN)

    again, anew = r.opened(desk, 1, facts=OTHER), r.opened(desk, 1, facts=said)

    assert open_tasks(desk, again) == {"T20-01"}
    assert case(desk, first).business_id in desk.variables(again)["facts_check"]["defects"][0]
    assert open_tasks(desk, anew) == {"T20-02"}


ANNUL = {"decision": "annul", "comment": "经复核，通知所列事实不成立，予以撤销。"}


def objected(desk: Desk) -> int:
    key = r.served(desk)
    desk.do(key, "T20-05", {"points": "所列批次系平台接收异常。"})
    return key


def test_an_objection_could_annul_what_had_been_reported_up(desk: Desk) -> None:
    key = objected(desk)
    wait_until(desk, beijing("2026-06-24T09:00"))
    r.reported_up(desk, key)

    with pytest.raises(InvalidForm) as refused:
        desk.do(key, "T20-06", ANNUL)

    assert "已经上报本级政府" in refused.value.errors["decision"][0].zh
    assert case(desk, key).result != "annulled"
    desk.do(key, "T20-06", {**ANNUL, "decision": "keep"})
    assert "T20-06" not in open_tasks(desk, key)


def test_before_the_report_up_an_objection_may_annul(desk: Desk) -> None:
    key = objected(desk)
    desk.do(key, "T20-06", ANNUL)

    assert (case(desk, key).state, case(desk, key).result) == ("void", "annulled")
