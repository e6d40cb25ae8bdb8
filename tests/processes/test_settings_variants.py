"""共享申请与答复 under other settings than the draft's: each value of C.2 that turns the course of a case."""

from collections.abc import Callable

import pytest

from engine import commands as c
from engine.clock import instant
from engine.demo.answers import reply
from engine.demo.cases import Desk, begin, fill
from engine.periods import beijing_day
from engine.process_files import PROCESSES, definition_files
from tests.conftest import beijing
from tests.processes.office import case, document_text, limits, open_tasks, task, wait_until

SUPPLEMENT = {
    "check_result": "supplement",
    "supplement_list": [{"field": "duty_basis", "demand": "请写明具体条款。"}],
}
MENDED = {"duty_basis": "《社会救助暂行办法》第四十五条第一款。"}
Set = Callable[..., None]


@pytest.fixture
def settings(desk: Desk) -> Set:
    """Publish a version of the process with other values."""

    def publish(**values: str) -> None:
        files = definition_files(PROCESSES / "ln_art12_application")
        xml = files["process.bpmn"].decode()
        for name, value in values.items():
            head, found, rest = xml.partition(f'<shixian:setting key="p12.{name}" value="')
            assert found
            xml = head + found + value + '"' + rest.partition('"')[2]
        desk.engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": xml.encode()}))

    return publish


def sent(desk: Desk) -> int:
    key = begin(desk, 1)
    fill(desk, key, 1)
    return key


def delivered(desk: Desk) -> int:
    key = sent(desk)
    desk.do(key, "T12-02", {"decision": "agree"})
    return key


def drafted(desk: Desk, key: int, decision: str = "agree") -> None:
    desk.do(key, "T12-04", {"check_result": "accept"})
    desk.do(key, "T12-07", reply(desk.variables(key)["application"], beijing_day(desk.now), decision))


def test_r12_06_suspend_leaves_out_the_days_of_the_supplement(desk: Desk, settings: Set) -> None:
    settings(supplement_clock="suspend")
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-09T10:00"))
    desk.do(key, "T12-04", SUPPLEMENT)
    wait_until(desk, beijing("2026-06-12T10:00"))
    desk.do(key, "T12-05", MENDED)

    first, second = limits(desk, key, "TM12-1")
    assert (first.state, second.state) == ("cancelled", "running")
    [pause] = second.terms["pauses"]
    assert instant(second.terms["event_at"]) == beijing("2026-06-08T10:00")
    assert instant(pause["since"]) == beijing("2026-06-09T10:00")
    assert instant(pause["until"]) == beijing("2026-06-12T10:00")
    assert second.due_on.isoformat() == "2026-06-18"
    assert "2026年6月18日" in document_text(desk, key, "E-1")


def test_r12_06_continue_keeps_the_original_due_date(desk: Desk, settings: Set) -> None:
    settings(supplement_clock="continue")
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-09T10:00"))
    desk.do(key, "T12-04", SUPPLEMENT)
    wait_until(desk, beijing("2026-06-12T10:00"))
    desk.do(key, "T12-05", MENDED)

    assert limits(desk, key, "TM12-1")[-1].due_on.isoformat() == "2026-06-15"
    assert case(desk, key).received_at == beijing("2026-06-08T10:00")


def test_r12_06_continue_with_a_supplement_after_the_due_date_is_overdue_at_once(
    desk: Desk, settings: Set
) -> None:
    settings(supplement_clock="continue")
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-10T10:00"))
    desk.do(key, "T12-04", SUPPLEMENT)
    wait_until(desk, beijing("2026-06-16T10:00"))
    desk.do(key, "T12-05", MENDED)
    wait_until(desk, beijing("2026-06-16T10:01"))

    assert open_tasks(desk, key) == {"T12-04", "T12-12"}
    assert case(desk, key).overdue


def test_without_internal_approval_the_application_goes_straight_to_the_provider(
    desk: Desk, settings: Set
) -> None:
    settings(internal_approval="false")
    key = sent(desk)

    assert open_tasks(desk, key) == {"T12-04"}
    assert "按流程设置无需审核" in document_text(desk, key, "E-1")


def test_without_the_heads_signature_the_draft_is_the_reply(desk: Desk, settings: Set) -> None:
    settings(head_sign_reply="false")
    key = delivered(desk)
    drafted(desk, key)

    assert open_tasks(desk, key) == {"T12-09"}
    assert limits(desk, key, "TM12-1")[0].state == "met"
    author = desk.actor(case(desk, key).providing_key, "handler").name
    assert f"签发人：{author}" in document_text(desk, key, "E-3")


def test_precheck_by_the_managing_department_comes_before_receipt(desk: Desk, settings: Set) -> None:
    settings(precheck="managing_dept")
    key = delivered(desk)

    assert open_tasks(desk, key) == {"T12-03"}
    assert case(desk, key).received_at is None
    checked = task(desk, key, "T12-03")
    handler = desk.actor(checked.organisation_key, "handler")
    assert desk.engine.queries.task(handler, checked.key).may_complete

    wait_until(desk, beijing("2026-06-10T10:00"))
    desk.do(key, "T12-03", {"decision": "pass"})
    assert open_tasks(desk, key) == {"T12-04"}
    assert case(desk, key).received_at == beijing("2026-06-10T10:00")


def test_precheck_may_send_the_application_back_to_its_author(desk: Desk, settings: Set) -> None:
    settings(precheck="managing_dept")
    key = delivered(desk)
    desk.do(key, "T12-03", {"decision": "return", "comment": "请补充履职依据的条款。"})

    assert open_tasks(desk, key) == {"T12-01"}
    provider = desk.actor(int(desk.variables(key)["providing_dept"]), "handler")
    with pytest.raises(Exception, match="may see"):
        desk.engine.queries.case(provider, key)


def test_no_supplement_where_the_setting_is_off(desk: Desk, settings: Set) -> None:
    settings(supplement_notice_wd="0")
    key = delivered(desk)

    with pytest.raises(Exception, match="check_result"):
        desk.do(key, "T12-04", SUPPLEMENT)


def test_r12_03_warn_lets_a_duplicate_pass_and_says_so(desk: Desk, settings: Set) -> None:
    settings(duplicate_policy="warn")
    first = delivered(desk)
    second = delivered(desk)

    assert open_tasks(desk, second) == {"T12-04"}
    assert case(desk, first).business_id in desk.variables(second)["check"]["warnings"][0]
