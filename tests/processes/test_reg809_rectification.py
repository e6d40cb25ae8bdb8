"""《政务数据共享条例》 Art. 39–41 and 27 ¶2: ordered to correct, sanctions proposed (domain F.3, 6)."""

from datetime import timedelta
from typing import Any

import pytest

from engine.definitions import latest_key, load_definition
from engine.demo import rectification_answers as answers
from engine.demo.cases import Desk
from engine.demo.rectifications import opened
from engine.errors import InvalidForm
from engine.periods import beijing_day
from tests.conftest import at_once
from tests.processes import rectification as story
from tests.processes.office import case, document_text, limits, open_tasks, templates, wait_until
from tests.processes.reg809 import publish

pytestmark = pytest.mark.only("sqlite")
PROPOSED = {
    "finding": "refused",
    "to_authority": "有管理权限的机关",
    "case_summary": "该单位在规定期限内未改正，所涉目录条目仍与实际不符，影响其他部门使用。",
    "state": "unreported",
    "efforts": "届满前共享平台两次发出期限提醒，电话督促一次。",
    "suggestion": "建议依法对负有责任的人员给予处分。",
}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    publish(desk, "ln_art20_rectification")
    return desk


def served(desk: Desk, **changes: Any) -> int:
    key = int(at_once(opened(desk, 1)))
    values = answers.notice(
        1,
        beijing_day(desk.now),
        article=["17", "39"],
        report_form="通过共享平台提交改正情况报告",
        **changes,
    )
    desk.do(key, "T20-02", values)
    desk.do(key, "T20-03", {"decision": "sign"})
    return key


def expired(desk: Desk) -> int:
    key = served(desk)
    wait_until(desk, desk.now + timedelta(days=20))
    return key


def test_the_notice_orders_to_correct_and_names_articles_of_the_regulation_only(desk: Desk) -> None:
    key = served(desk)
    text = document_text(desk, key, "E-8")

    assert "责令改正通知书" in text
    assert "现责令你单位按照下列要求改正" in text
    assert "未按照规定更新政务数据目录（第十七条）" in text
    assert "草案" not in text and "整改" not in text
    assert limits(desk, key, "TM20-1")[0].basis == "《政务数据共享条例》第三十九条至第四十一条"


def test_a_missed_limit_asks_whether_it_was_refused_or_serious(desk: Desk) -> None:
    key = expired(desk)

    assert "T20-11" in open_tasks(desk, key)
    with pytest.raises(InvalidForm) as refusal:
        desk.do(key, "T20-11", {k: v for k, v in PROPOSED.items() if k not in ("finding", "to_authority")})
    assert "finding" in refusal.value.errors


def test_a_refusal_is_handed_over_with_a_proposal_and_the_duty_stays(desk: Desk) -> None:
    key = expired(desk)
    desk.do(key, "T20-11", PROPOSED)
    desk.do(key, "T20-12", {"decision": "sign"})

    assert case(desk, key).state == "reported_up"
    assert "T20-07" in open_tasks(desk, key)
    assert "T20-13" not in open_tasks(desk, key)
    text = document_text(desk, key, "E-12")
    assert "有管理权限的机关" in text and "拒不改正" in text and "建议依法对负有责任的人员给予处分。" in text


def test_after_the_proposal_a_passed_correction_closes_the_case_late(desk: Desk) -> None:
    key = expired(desk)
    desk.do(key, "T20-11", PROPOSED)
    desk.do(key, "T20-12", {"decision": "sign"})
    story.reported(desk, key)
    story.passed(desk, key)

    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "rectified_late")


def test_what_is_neither_is_urged_on_and_nothing_is_handed_over(desk: Desk) -> None:
    key = expired(desk)
    values = {k: v for k, v in PROPOSED.items() if k not in ("to_authority", "suggestion")}
    desk.do(key, "T20-11", {**values, "finding": "neither"})
    with pytest.raises(InvalidForm):
        desk.do(key, "T20-12", {"decision": "sign"})
    desk.do(key, "T20-12", {"decision": "drop", "comment": "系统升级所致，正在改正，不属于拒不改正。"})

    assert "E-12" not in templates(desk, key)
    assert "T20-07" in open_tasks(desk, key)


def test_use_beyond_the_scope_is_the_ground_that_suspends_grants_by_law(desk: Desk) -> None:
    with desk.engine.database.reading() as conn:
        key = latest_key(conn, "ln_art20_rectification", beijing_day(desk.now))
        process = load_definition(conn, key).process

    setting = process.settings["p20.suspend_on_ground"]
    assert (setting.typed, setting.kind, setting.basis) == (
        ["4"],
        "law",
        "《政务数据共享条例》第二十七条第二款",
    )
