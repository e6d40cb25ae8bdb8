"""The blank template: what it lacks is named, what it has runs from the start to each end, and nobody deploys it."""

from typing import Any

import pytest

from engine import commands as c
from engine.definitions import read_definition
from engine.demo.cases import Desk, pair
from engine.errors import InvalidDefinition, InvalidForm
from engine.process_files import PROCESSES, definition_files, shipped, templates
from engine.workbench.findings import check_files
from tests.conftest import beijing
from tests.processes.office import case, document_text, limits, wait_until
from tests.processes.office import templates as documents

pytestmark = pytest.mark.only("sqlite")

BLANK = PROCESSES / "templates" / "blank"
APPLICATION = {"title": "申请查询登记信息", "reasons": "依照职责办理行政许可，须核对登记信息。"}


def filled_in() -> dict[str, bytes]:
    files = definition_files(BLANK)
    xml = files["process.bpmn"].decode()
    xml = xml.replace("（请填写：法规名称和条次）", "《示例办法》第三条")
    xml = xml.replace(
        "（请填写：法规名称、条次和期限的原文）", "《示例办法》第三条：应当自收到之日起5个工作日内答复"
    )
    return {**files, "process.bpmn": xml.encode()}


@pytest.fixture
def received(desk: Desk) -> int:
    desk.engine.handle(c.DeployDefinition(actor=None, files=filled_in()))
    using, entry = pair(desk, 0, "conditional")
    started = c.StartInstance(
        actor=desk.actor(using, "handler"), process_id="new_procedure", resource_key=entry
    )
    key = int(desk.engine.handle(started)["instance_key"])
    desk.do(key, "Task_Apply", APPLICATION)
    return key


def decide(desk: Desk, key: int, **values: Any) -> None:
    desk.do(key, "Task_Decide", values)
    desk.do(key, "Task_Sign", {"decision": "sign"})


def test_only_its_sample_texts_hinder_publishing() -> None:
    found = [one for one in check_files(definition_files(BLANK))]

    assert {(one.rule, one.element) for one in found} == {
        ("sample-text", "new_procedure"),
        ("sample-text", "new.reply_wd"),
    }
    with pytest.raises(InvalidDefinition, match="示例文字"):
        read_definition(1, 1, definition_files(BLANK))
    assert check_files(filled_in()) == []


def test_it_is_a_template_and_is_not_deployed() -> None:
    assert templates()[0].folder == BLANK
    assert [t.folder for t in templates()[1:]] == shipped()
    assert BLANK not in shipped()


def test_a_case_is_answered_within_its_limit(desk: Desk, received: int) -> None:
    [limit] = limits(desk, received, "Timer_ReplyPeriodExpired")

    decide(desk, received, decision="agree", terms="限于行政许可使用。")

    assert limit.due_on.isoformat() == "2026-06-15"
    assert (case(desk, received).state, case(desk, received).result) == ("closed", "granted")
    assert documents(desk, received) == ["NEW-1"]
    assert "同意你单位的申请" in document_text(desk, received, "NEW-1")


def test_a_refusal_needs_its_reasons(desk: Desk, received: int) -> None:
    with pytest.raises(InvalidForm):
        desk.do(received, "Task_Decide", {"decision": "refuse"})

    decide(desk, received, decision="refuse", refusal_reasons="申请用途与履行职责的依据不符。")

    assert case(desk, received).result == "refused"
    assert "申请用途与履行职责的依据不符" in document_text(desk, received, "NEW-1")


def test_what_is_sent_back_is_done_again(desk: Desk, received: int) -> None:
    desk.do(received, "Task_Decide", {"decision": "agree", "terms": "限于行政许可使用。"})
    desk.do(received, "Task_Sign", {"decision": "return", "comment": "请写明使用期限。"})

    decide(desk, received, decision="agree", terms="限于行政许可使用，至年底止。")

    assert case(desk, received).result == "granted"


def test_r12_14_an_expired_limit_tells_the_managing_department_and_ends_no_duty(
    desk: Desk, received: int
) -> None:
    wait_until(desk, beijing("2026-06-16T09:00"))
    [limit] = limits(desk, received, "Timer_ReplyPeriodExpired")

    decide(desk, received, decision="agree", terms="限于行政许可使用。")

    assert limit.state == "overdue"
    assert case(desk, received).result == "granted"
