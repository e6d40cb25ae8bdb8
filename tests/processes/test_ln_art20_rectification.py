"""整改与上报: every rule, end state, timer, message and bad case of domain C.5."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.clock import instant
from engine.demo import leads
from engine.demo import rectification_answers as answers
from engine.demo import rectifications as story
from engine.demo.cases import Desk
from engine.errors import InvalidForm, NotAllowed, NotFound, WrongState
from engine.history.replay import rebuild
from engine.periods import beijing_day
from engine.storage.tables import organisation
from tests.conftest import beijing, open_engine
from tests.databases import Where
from tests.processes.office import (
    case,
    document_text,
    incidents,
    limits,
    open_tasks,
    task,
    templates,
    told,
    trail,
    wait_until,
)
from tests.processes.rectification import (
    annul,
    failed,
    instruct,
    named,
    noted,
    opened,
    passed,
    rectifications,
    reported,
    reported_up,
    requirements,
    served,
    start,
    transferred,
)
from tests.test_replay import tables
from web.labels import chip_text

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")

DUE = beijing("2026-06-24T00:00")  # ten working days after 8 June 2026 end on Tuesday 23 June


def due(desk: Desk, key: int) -> str:
    return str(limits(desk, key, "TM20-1")[-1].due_on)


def refused(desk: Desk, key: int, element_id: str, values: dict[str, Any]) -> set[str]:
    """Hand in a form that has to be refused, and return the fields with errors."""
    before = trail(desk, key)
    with pytest.raises(InvalidForm) as refusal:
        desk.do(key, element_id, values)
    assert trail(desk, key) == before
    return set(refusal.value.errors)


def a_notice(desk: Desk, **changes: Any) -> dict[str, Any]:
    return answers.notice(1, beijing_day(desk.now), **changes)


# The straight way


def test_reported_in_time_checked_and_closed_out(desk: Desk) -> None:
    key = served(desk)
    assert case(desk, key).state == "rectifying"
    assert open_tasks(desk, key) == {"T20-04", "T20-05", "T20-07"}
    desk.do(key, "T20-04", {})
    wait_until(desk, beijing("2026-06-15T10:00"))
    reported(desk, key)
    passed(desk, key)

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "rectified")
    assert templates(desk, key) == ["E-8", "E-9", "E-9", "E-10", "E-11"]
    assert limits(desk, key, "TM20-1")[0].state == "met"
    assert open_tasks(desk, key) == set()


# Rules


@pytest.mark.parametrize("grounds", [["1"], ["2", "3"], ["1", "2", "3", "4", "5", "6"]])
def test_r20_01_the_six_grounds_and_several_in_one_notice(desk: Desk, grounds: list[str]) -> None:
    key = opened(desk, ground=grounds)
    noted(desk, key, ground=grounds, violated="第十五条第二款")
    desk.do(key, "T20-03", {"decision": "sign"})

    text = document_text(desk, key, "E-8")
    assert all(f"第（{'一二三四五六'[int(g) - 1]}）项" in text for g in grounds)


def test_r20_01_there_is_no_seventh_ground_and_the_sixth_names_its_article(desk: Desk) -> None:
    managing, targets = story.peers(desk)
    key = story.found(desk, managing)
    assert refused(desk, key, "T20-01", answers.lead(targets[1], 1, ground=["7"])) == {"ground"}
    desk.do(key, "T20-01", answers.lead(targets[1], 1, ground=["6"]))
    assert refused(desk, key, "T20-02", a_notice(desk, ground=["6"])) == {"violated"}


def test_r20_01_a_ground_beyond_those_of_the_case_needs_a_case_of_its_own(desk: Desk) -> None:
    key = opened(desk, ground=["2"])
    assert refused(desk, key, "T20-02", a_notice(desk, ground=["2", "4"])) == {"ground"}


@pytest.mark.parametrize("mode", ["days", "date"])
def test_r20_02_a_notice_without_a_limit_is_refused(desk: Desk, mode: str) -> None:
    key = opened(desk, ground=["1", "2"])
    values = {k: v for k, v in a_notice(desk, limit_mode=mode).items() if k != "limit_wd"}

    assert refused(desk, key, "T20-02", values) == {"limit_wd" if mode == "days" else "limit_date"}


def test_r20_02_a_date_that_has_come_cannot_be_signed(desk: Desk) -> None:
    key = opened(desk, ground=["1"])
    noted(desk, key, ground=["1"], limit_mode="date", limit_date="2026-06-11", limit_wd=None)
    wait_until(desk, beijing("2026-06-11T09:00"))

    assert refused(desk, key, "T20-03", {"decision": "sign"}) == {"decision"}
    desk.do(key, "T20-03", {"decision": "return", "comment": "截止日已到，请改定。"})
    assert open_tasks(desk, key) == {"T20-02"}


@pytest.mark.parametrize(
    ("grounds", "days"),
    [
        (["1"], 15),
        (["2"], 10),
        (["3"], 10),
        (["4"], 5),
        (["5"], 5),
        (["6"], 10),
        pytest.param(["4", "5"], 5, id="equal"),
        pytest.param(["2", "4"], 10, id="the longest of several"),
        pytest.param(["1", "2", "5"], 15, id="the longest of three"),
    ],
)
def test_r20_03_the_table_proposes_a_limit_by_ground(desk: Desk, grounds: list[str], days: int) -> None:
    key = opened(desk, ground=grounds)
    handler = desk.actor(case(desk, key).managing_key, "handler")

    assert desk.variables(key)["proposal"] == days
    assert desk.engine.queries.task(handler, task(desk, key, "T20-02").key).values["limit_wd"] == days


@pytest.mark.parametrize("days", [0, 61, -1, 1.5, "十"])
def test_r20_03_a_limit_is_one_to_sixty_whole_working_days(desk: Desk, days: Any) -> None:
    key = opened(desk, ground=["1"])
    assert "limit_wd" in refused(desk, key, "T20-02", a_notice(desk, ground=["1"], limit_wd=days))


def test_r20_03_below_three_working_days_a_reason_is_needed(desk: Desk) -> None:
    key = opened(desk, ground=["1"])
    assert refused(desk, key, "T20-02", a_notice(desk, ground=["1"], limit_wd=2)) == {"limit_reason"}
    near = a_notice(desk, ground=["1"], limit_mode="date", limit_date="2026-06-10", limit_wd=None)
    assert refused(desk, key, "T20-02", near) == {"limit_reason"}

    noted(desk, key, ground=["1"], limit_wd=2, limit_reason="数据泄露风险紧迫，须立即处置。")
    desk.do(key, "T20-03", {"decision": "sign"})
    assert due(desk, key) == "2026-06-10"
    assert "数据泄露风险紧迫" in document_text(desk, key, "E-8")


def test_r20_03_the_head_may_change_the_limit_when_signing(desk: Desk) -> None:
    key = opened(desk, ground=["1"])
    noted(desk, key, ground=["1"])
    assert refused(desk, key, "T20-03", {"decision": "sign", "limit_wd": 2}) == {"comment"}
    assert refused(desk, key, "T20-03", {"decision": "sign", "limit_wd": 61}) == {"limit_wd"}
    desk.do(key, "T20-03", {"decision": "sign", "limit_wd": 20})

    assert limits(desk, key, "TM20-1")[0].terms["length"] == 20
    assert "20个工作日内" in document_text(desk, key, "E-8")


def test_r20_04_the_clock_starts_at_delivery_signed_for_or_not(desk: Desk) -> None:
    key = served(desk)

    [limit] = limits(desk, key, "TM20-1")
    assert instant(limit.terms["event_at"]) == case(desk, key).received_at == beijing("2026-06-08T10:00")
    assert str(limit.due_on) == "2026-06-23"
    wait_until(desk, DUE)
    assert case(desk, key).overdue


def on_paper(desk: Desk, signed_on: str) -> int:
    """Serve a notice on paper, up to the registration of the signed receipt."""
    key = opened(desk, ground=["1"])
    noted(desk, key, ground=["1"], service="paper")
    desk.do(key, "T20-03", {"decision": "sign"})
    wait_until(desk, beijing("2026-06-11T10:00"))
    handler = desk.actor(case(desk, key).managing_key, "handler")
    stored = desk.engine.handle(
        c.StoreAttachments(
            actor=handler, task_key=task(desk, key, "T20-03P").key, files=(("回证.pdf", b"%PDF-1.4"),)
        )
    )
    desk.do(
        key,
        "T20-03P",
        {"paper_date": signed_on, "received_by": "收发室人员", "scan": stored["attachments"]},
    )
    return key


def test_r20_04_on_paper_the_confirmed_date_of_the_receipt_counts(desk: Desk) -> None:
    key = on_paper(desk, "2026-06-09")
    assert limits(desk, key, "TM20-1") == []  # R-T16: what the handler typed steers nothing yet
    assert case(desk, key).received_at is None
    desk.do(key, "T20-03Q", {"decision": "confirm"})

    assert due(desk, key) == "2026-06-24"
    assert case(desk, key).received_at == beijing("2026-06-11T10:00")
    receipt = document_text(desk, key, "E-9")
    assert "纸质送达" in receipt and "2026年6月9日" in receipt
    assert templates(desk, key) == ["E-8", "E-9"]


def test_r20_04_without_a_scan_or_with_an_impossible_date_nothing_is_registered(desk: Desk) -> None:
    key = opened(desk, ground=["1"])
    noted(desk, key, ground=["1"], service="paper")
    desk.do(key, "T20-03", {"decision": "sign"})
    values = {"paper_date": "2026-06-09", "received_by": "收发室人员"}
    assert refused(desk, key, "T20-03P", values) == {"scan", "paper_date"}  # tomorrow


def test_r20_04_the_head_may_send_the_registered_date_back(desk: Desk) -> None:
    key = on_paper(desk, "2026-06-09")
    desk.do(key, "T20-03Q", {"decision": "return", "comment": "扫描件日期不清，请核对。"})
    assert open_tasks(desk, key) == {"T20-03P"}
    assert limits(desk, key, "TM20-1") == []


def test_r20_05_the_report_that_passes_decides_whether_it_was_in_time(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-15T10:00"))
    reported(desk, key, done=False)
    failed(desk, key)
    wait_until(desk, beijing("2026-06-24T10:00"))
    reported(desk, key)
    passed(desk, key)

    assert case(desk, key).result is None  # the report up is still to be sent
    reported_up(desk, key)
    instruct(desk, key, "other")
    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "rectified_late")


def test_r20_06_a_check_after_the_due_date_of_a_report_in_time_closes_as_in_time(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-23T23:58"))
    reported(desk, key)
    wait_until(desk, beijing("2026-06-26T10:00"))
    assert open_tasks(desk, key) == {"T20-09"}  # nobody is blamed for a check that is late
    passed(desk, key)

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "rectified")
    assert "在规定时限内完成整改" in document_text(desk, key, "E-11")


def test_r20_07_a_failed_check_before_the_due_date_sends_the_work_back_and_moves_nothing(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-15T10:00"))
    reported(desk, key, done=False)
    failed(desk, key)

    assert {"T20-07"} <= open_tasks(desk, key) <= {"T20-04", "T20-07"}
    first, second = limits(desk, key, "TM20-1")
    assert (first.state, second.state) == ("met", "running")
    assert str(first.due_on) == str(second.due_on) == "2026-06-23"
    handler = desk.actor(int(desk.variables(key)["target_dept"]), "handler")
    assert "尚未达到" in desk.engine.queries.task(handler, task(desk, key, "T20-07").key).defects[-1]


def test_r20_08_a_failed_check_after_the_due_date_is_reported_up_though_the_report_came_in_time(
    desk: Desk,
) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-23T16:00"))
    reported(desk, key, done=False)
    wait_until(desk, beijing("2026-06-25T10:00"))
    failed(desk, key)
    wait_until(desk, beijing("2026-06-25T10:01"))

    assert open_tasks(desk, key) >= {"T20-07", "T20-11"}  # reporting up does not free the target
    assert (
        str(limits(desk, key, "TM20-5")[0].due_on) == "2026-06-30"
    )  # three from the day of the failed check
    assert trail(desk, key).count("DocumentIssued") == len(templates(desk, key))
    assert templates(desk, key).count("E-12P") == 1
    assert not [t for t in open_tasks(desk, key) if t == "T20-12"]


def test_r20_09_without_a_report_at_expiry_the_report_up_opens_by_itself(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)

    assert case(desk, key).overdue
    assert open_tasks(desk, key) >= {"T20-07", "T20-11"}
    assert task(desk, key, "T20-11").organisation_key == case(desk, key).managing_key
    assert limits(desk, key, "TM20-1")[0].expired_at == DUE
    assert desk.variables(key)["report_up_started"] is True


def test_r20_09_the_report_up_cannot_be_dropped_while_nothing_is_cured(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    desk.do(key, "T20-11", answers.report_up())

    fields = refused(desk, key, "T20-12", {"decision": "drop", "comment": "该单位态度良好，不再上报。"})
    assert fields == {"decision"}


def test_r20_09_an_outage_over_the_expiry_reports_up_at_the_planned_instant(desk: Desk) -> None:
    key = served(desk)
    desk.engine.clock.set(beijing("2026-06-29T15:00"))  # type: ignore[attr-defined]
    desk.engine.sweep()  # nothing ran in between

    assert limits(desk, key, "TM20-1")[0].expired_at == DUE
    assert str(limits(desk, key, "TM20-5")[0].due_on) == "2026-06-26"


def test_r20_10_the_report_goes_to_the_government_of_the_managing_departments_level(desk: Desk) -> None:
    managing, targets = story.peers(desk, "city", "government")
    key = story.found(desk, managing)
    desk.do(key, "T20-01", answers.lead(targets[0], 1))
    noted(desk, key)
    desk.do(key, "T20-03", {"decision": "sign"})
    wait_until(desk, DUE)
    reported_up(desk, key)

    assert task(desk, key, "T20-13").organisation_key == named(desk, "沈阳市人民政府办公室")
    assert case(desk, key).state == "reported_up"


def cured_late(desk: Desk) -> int:
    """A late report passes while the report up is being drafted."""
    key = served(desk)
    wait_until(desk, beijing("2026-06-24T10:00"))
    reported(desk, key)
    passed(desk, key)
    return key


def test_r20_11_a_late_cure_is_still_reported_up_and_the_report_says_so(desk: Desk) -> None:
    key = cured_late(desk)
    assert open_tasks(desk, key) == {"T20-11"}
    reported_up(desk, key)

    text = document_text(desk, key, "E-12")
    assert "经核查已达到要求" in text and "逾期整改" in text
    assert refused(desk, key, "T20-13", answers.instruction("rectify_by", date(2026, 7, 10))) == {"handling"}
    instruct(desk, key, "criticise")
    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "rectified_late")


def test_r20_11_the_head_may_decide_not_to_report_a_cure_with_a_reason(desk: Desk) -> None:
    key = cured_late(desk)
    desk.do(key, "T20-11", answers.report_up())
    assert refused(desk, key, "T20-12", {"decision": "drop"}) == {"comment"}
    reason = "该单位届满次日即完成整改，影响轻微，不再上报。"
    desk.do(key, "T20-12", {"decision": "drop", "comment": reason})

    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "rectified_late")
    assert "E-12" not in templates(desk, key)
    assert desk.variables(key)["up_signing"]["comment"] == reason


def test_r20_13_an_objection_does_not_stop_the_clock(desk: Desk) -> None:
    key = served(desk)
    desk.do(key, "T20-05", {"points": "所列批次系平台接收异常。"})
    wait_until(desk, DUE)

    assert due(desk, key) == "2026-06-23"
    assert open_tasks(desk, key) >= {"T20-06", "T20-11"}


def test_r20_13_kept_the_notice_stands(desk: Desk) -> None:
    key = served(desk)
    desk.do(key, "T20-05", {"points": "所列批次系平台接收异常。"})
    desk.do(key, "T20-06", answers.ruling("keep", requirements(desk, key)))

    assert due(desk, key) == "2026-06-23"
    assert len(limits(desk, key, "TM20-1")) == 1
    assert any("维持原通知书" in text for _, text, _ in told(desk, key))


def test_r20_13_changed_the_notice_has_a_new_version_and_date_and_the_old_one_is_kept(desk: Desk) -> None:
    key = served(desk)
    desk.do(key, "T20-04", {})
    desk.do(key, "T20-05", {"points": "第2项要求与专项整改重复。"})
    wait_until(desk, beijing("2026-06-10T15:00"))
    desk.do(key, "T20-06", answers.ruling("change", requirements(desk, key)))

    old, new = limits(desk, key, "TM20-1")
    assert (old.state, new.state) == ("cancelled", "running")
    assert str(new.due_on) == "2026-07-02"  # fifteen from 10 June, 19 June off
    assert templates(desk, key) == ["E-8", "E-9", "E-9", "E-8", "E-9"]
    assert "2026年7月2日" in document_text(desk, key, "E-8")
    assert open_tasks(desk, key) == {"T20-04", "T20-07"}
    assert len(requirements(desk, key)) == 1
    reported(desk, key)
    passed(desk, key)
    assert case(desk, key).result == "rectified"


def test_r20_13_annulled_on_the_objection_the_case_ends(desk: Desk) -> None:
    key = served(desk)
    desk.do(key, "T20-05", {"points": "该资源已划转其他部门。"})
    desk.do(key, "T20-06", answers.ruling("annul", requirements(desk, key)))

    assert (case(desk, key).state, case(desk, key).result) == ("void", "annulled")
    assert open_tasks(desk, key) == set()


def test_r20_13_after_expiry_the_notice_cannot_be_changed_any_more(desk: Desk) -> None:
    key = served(desk)
    desk.do(key, "T20-05", {"points": "第2项要求与专项整改重复。"})
    wait_until(desk, DUE)
    assert refused(desk, key, "T20-06", answers.ruling("change", requirements(desk, key))) == {"decision"}


def test_r20_14_a_second_case_on_the_same_facts_is_blocked_and_shows_the_other(desk: Desk) -> None:
    first = served(desk)
    second = opened(desk)

    assert open_tasks(desk, second) == {"T20-01"}
    handler = desk.actor(case(desk, second).managing_key, "handler")
    view = desk.engine.queries.task(handler, task(desk, second, "T20-01").key)
    assert case(desk, first).business_id in view.defects[0]


def test_r20_14_blanks_and_punctuation_make_no_new_fact(desk: Desk) -> None:
    served(desk)
    facts = answers.lead(0, 1)["facts"].replace("，", " , ").replace("。", ".")
    assert open_tasks(desk, opened(desk, facts=facts)) == {"T20-01"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"facts": "另一批次数据自六月以来未提供，影响窗口办理业务。"}, id="new facts"),
        pytest.param({"ground": ["5"]}, id="another ground"),
    ],
)
def test_r20_14_new_facts_or_another_ground_are_a_new_case(desk: Desk, changes: dict[str, Any]) -> None:
    served(desk)
    assert open_tasks(desk, opened(desk, **changes)) == {"T20-02"}


def test_r20_14_another_department_or_a_case_that_is_over_blocks_nothing(desk: Desk) -> None:
    first = served(desk)
    _, targets = story.peers(desk)
    assert open_tasks(desk, opened(desk, target_dept=str(targets[2]))) == {"T20-02"}
    annul(desk, first)
    assert open_tasks(desk, opened(desk)) == {"T20-02"}


def test_r20_15_the_managing_department_cannot_be_the_target_of_its_own_notice(desk: Desk) -> None:
    managing, targets = story.peers(desk)
    key = story.found(desk, managing)

    assert refused(desk, key, "T20-01", answers.lead(managing, 1)) == {"target_dept"}
    assert open_tasks(desk, key) == {"T20-01"}
    desk.do(key, "T20-01", answers.lead(targets[0], 1))


def test_r20_15_only_the_managing_department_checks(desk: Desk, engine: Engine) -> None:
    key = served(desk)
    reported(desk, key)
    target = desk.actor(int(desk.variables(key)["target_dept"]), "handler")
    values = answers.check(requirements(desk, key), True)

    with pytest.raises(NotAllowed):
        engine.handle(c.CompleteTask(actor=target, task_key=task(desk, key, "T20-09").key, values=values))


@pytest.mark.parametrize("name", ["沈阳市人力资源和社会保障局", "沈阳市和平区民政局", "辽宁省人民政府办公厅"])
def test_r20_16_nobody_of_another_level_can_be_notified(desk: Desk, name: str) -> None:
    managing, _ = story.peers(desk)
    key = story.found(desk, managing)
    assert refused(desk, key, "T20-01", answers.lead(named(desk, name), 1)) == {"target_dept"}


def test_r20_16_a_county_cannot_notify_a_provincial_department_and_hands_the_lead_over(desk: Desk) -> None:
    managing, targets = story.peers(desk, "county", "government")
    _, provincial = story.peers(desk)
    key = story.found(desk, managing)
    assert refused(desk, key, "T20-01", answers.lead(provincial[0], 1)) == {"target_dept"}
    level = named(desk, "辽宁省营商环境建设局")
    reason = "涉及省级部门，应由省级管理部门办理。"
    values = answers.lead(targets[0], 1, decision="hand_over", hand_to=str(level), reason=reason)
    desk.do(key, "T20-01", values)
    desk.engine.sweep()

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "handed_over")
    [_, begun] = rectifications(desk)
    assert begun.managing_key == level
    assert open_tasks(desk, begun.key) == {"T20-01"}
    assert begun.variables["facts"] == values["facts"]


def test_r20_16_a_lead_handed_over_keeps_its_target_grounds_facts_and_source(desk: Desk) -> None:
    managing, targets = story.peers(desk, "county", "government")
    key = story.found(desk, managing)
    level = named(desk, "辽宁省营商环境建设局")
    reason = "涉及省级部门，应由省级管理部门办理。"
    values = answers.lead(
        targets[0], 1, decision="hand_over", hand_to=str(level), reason=reason, source="complaint"
    )
    desk.do(key, "T20-01", values)
    desk.engine.sweep()

    begun = rectifications(desk)[-1].variables
    assert begun["managing_dept"] == str(level)
    assert {name: begun[name] for name in ("target_dept", "ground", "facts", "source")} == {
        name: values[name] for name in ("target_dept", "ground", "facts", "source")
    }


@pytest.mark.parametrize("day", ["2026-06-09", "2026-05-01"])
def test_r20_17_no_day_of_the_report_lies_in_the_future_or_before_the_facts(desk: Desk, day: str) -> None:
    key = served(desk)
    values = answers.report(requirements(desk, key), date.fromisoformat(day))
    assert refused(desk, key, "T20-07", values) == {"items"}


def test_r20_17_the_facts_do_not_lie_in_the_future_and_receipt_comes_from_the_server(desk: Desk) -> None:
    key = opened(desk)
    assert refused(desk, key, "T20-02", a_notice(desk, facts_on="2026-06-09")) == {"facts_on"}
    fields = refused(desk, key, "T20-02", a_notice(desk, delivered_at="2026-06-01"))
    assert fields == {"delivered_at"}


def central(desk: Desk) -> int:
    managing, _ = story.peers(desk)
    key = story.found(desk, managing)
    desk.do(key, "T20-01", answers.lead(named(desk, "国家税务总局辽宁省税务局"), 1))
    noted(desk, key)
    desk.do(key, "T20-03", {"decision": "sign"})
    return key


def test_r20_18_a_central_agency_is_notified_by_analogy(desk: Desk) -> None:
    key = central(desk)

    text = document_text(desk, key, "E-8")
    assert "参照《辽宁省政务信息资源共享管理办法（草案）》第二十条" in text
    assert "函告上级主管部门并报本级政府备案" in text


def test_r20_18_its_superior_is_written_to_and_the_government_keeps_it_on_record(desk: Desk) -> None:
    key = central(desk)
    wait_until(desk, DUE)
    assert refused(desk, key, "T20-11", answers.report_up()) == {"superior_authority"}
    desk.do(key, "T20-11", answers.report_up(superior_authority="国家税务总局"))
    desk.do(key, "T20-12", {"decision": "sign"})

    text = document_text(desk, key, "E-12")
    assert "函告国家税务总局" in text and "报请本级政府备案" in text


def test_r20_18_others_are_asked_for_no_superior(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    handler = desk.actor(case(desk, key).managing_key, "handler")
    form = desk.engine.queries.task(handler, task(desk, key, "T20-11").key).form
    assert "superior_authority" not in {f["key"] for f in form["components"]}  # type: ignore[attr-defined]


def test_r20_19_no_word_of_the_procedure_stands_in_the_code(desk: Desk) -> None:
    from tests.test_architecture import ROOT

    words = ("整改通知", "上报本级政府", "销号", "责令改正")
    code = [p for p in (ROOT / "engine").rglob("*.py") if "demo" not in p.parts]
    assert [p.name for p in code if any(word in p.read_text(encoding="utf-8") for word in words)] == []


# Second round


def second_round(desk: Desk) -> int:
    key = served(desk)
    wait_until(desk, DUE)
    reported_up(desk, key)
    wait_until(desk, beijing("2026-06-26T10:00"))
    instruct(desk, key, "rectify_by", "2026-07-10")
    return key


def test_g20_03_a_new_limit_begins_a_second_round_with_the_governments_date(desk: Desk) -> None:
    key = second_round(desk)

    assert case(desk, key).state == "rectifying"
    assert open_tasks(desk, key) >= {"T20-07"}
    limit = limits(desk, key, "TM20-1")[-1]
    assert (str(limit.due_on), limit.state, limit.terms["length"]) == ("2026-07-10", "running", 0)
    assert "本级政府批示" in limit.terms["set_by"]


def test_g20_03_a_second_round_that_is_missed_is_reported_up_again_once(desk: Desk) -> None:
    key = second_round(desk)
    wait_until(desk, beijing("2026-07-11T00:00"))

    assert open_tasks(desk, key) >= {"T20-07", "T20-11"}
    assert templates(desk, key).count("E-12P") == 2
    reported_up(desk, key)
    instruct(desk, key, "transfer")
    assert (case(desk, key).state, case(desk, key).result) == ("closed", "reported_up_closed")
    assert open_tasks(desk, key) == set()


def test_g20_03_done_within_the_second_round_is_late_all_the_same(desk: Desk) -> None:
    key = second_round(desk)
    wait_until(desk, beijing("2026-07-03T10:00"))
    reported(desk, key)
    passed(desk, key)

    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "rectified_late")


def test_g20_03_the_new_date_is_a_working_day_after_today(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    reported_up(desk, key)
    for day in (date(2026, 6, 24), date(2026, 7, 11)):
        assert refused(desk, key, "T20-13", answers.instruction("rectify_by", day)) == {"new_limit_date"}


def test_one_report_up_per_round_whatever_happens_after_the_due_date(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-24T10:00"))
    reported(desk, key, done=False)
    failed(desk, key)
    wait_until(desk, beijing("2026-06-24T10:05"))
    reported(desk, key, done=False)
    failed(desk, key)
    wait_until(desk, beijing("2026-06-24T10:10"))

    assert templates(desk, key).count("E-12P") == 1
    assert open_tasks(desk, key) >= {"T20-07", "T20-11"}


def test_after_the_report_up_the_duty_stays_until_it_is_done(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    reported_up(desk, key)
    assert "T20-07" in open_tasks(desk, key)
    wait_until(desk, beijing("2026-06-26T10:00"))
    reported(desk, key)
    passed(desk, key)
    assert open_tasks(desk, key) == {"T20-13"}
    instruct(desk, key, "other")

    assert case(desk, key).result == "rectified_late"


# Timers


def test_tm20_1_reminds_three_people_the_day_before_and_on_the_day(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-23T12:00"))

    target, managing = int(desk.variables(key)["target_dept"]), case(desk, key).managing_key
    people = {
        desk.actor(target, "handler").username,
        desk.actor(target, "head").username,
        desk.actor(managing, "handler").username,
    }
    found = [(who, at) for who, text, at in told(desk, key) if text.startswith("期限提醒")]
    assert {who for who, _ in found} >= people
    assert sorted({at for _, at in found}) == [beijing("2026-06-22T09:00"), beijing("2026-06-23T09:00")]


def test_tm20_1_explains_itself_by_article_20_and_the_notice(desk: Desk) -> None:
    key = served(desk)
    handler = desk.actor(case(desk, key).managing_key, "handler")
    [limit] = [d for d in desk.engine.queries.case(handler, key).deadlines if d.element_id == "TM20-1"]

    assert limit.kind == "law"
    [length] = [s for s in limit.then.rule if s.startswith("期限为")]
    assert "10个工作日，由《整改通知书》（" in length and "第二十条" in length
    number = limit.then.rule[1].split("（")[1].split("）")[0]
    assert number in document_text(desk, key, "E-8")


def test_tm20_1_a_fixed_date_ends_on_that_day(desk: Desk) -> None:
    key = served(desk, limit_mode="date", limit_date="2026-06-18", limit_wd=None)

    assert due(desk, key) == "2026-06-18"
    assert "2026年6月18日前（含当日）" in document_text(desk, key, "E-8")
    wait_until(desk, beijing("2026-06-18T23:59"))
    assert not case(desk, key).overdue
    wait_until(desk, beijing("2026-06-19T00:00"))
    assert case(desk, key).overdue


@pytest.mark.parametrize("day", ["2026-06-19", "2026-06-20", "2026-06-08"])
def test_a_fixed_date_is_a_working_day_after_today(desk: Desk, day: str) -> None:
    key = opened(desk)
    values = a_notice(
        desk, limit_mode="date", limit_date=day, limit_wd=None, limit_reason="情况紧急，须立即处置。"
    )
    assert refused(desk, key, "T20-02", values) == {"limit_date"}


def test_tm20_2_not_signed_for_the_targets_head_is_told(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-11T09:00"))

    head = desk.actor(int(desk.variables(key)["target_dept"]), "head").username
    assert any(who == head and "签收期限" in text for who, text, _ in told(desk, key))
    assert "T20-04" in open_tasks(desk, key)
    desk.do(key, "T20-04", {})
    assert "尚未签收" not in document_text(desk, key, "E-9")


def test_tm20_3_the_objection_closes_after_its_days(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-11T23:59"))
    assert "T20-05" in open_tasks(desk, key)
    wait_until(desk, beijing("2026-06-12T00:00"))
    assert "T20-05" not in open_tasks(desk, key)


def test_tm20_4_a_late_check_is_told_to_the_head_and_stays_open(desk: Desk) -> None:
    key = served(desk)
    reported(desk, key)
    wait_until(desk, beijing("2026-06-16T00:00"))

    head = desk.actor(case(desk, key).managing_key, "head").username
    assert any(who == head and "核查期限" in text for who, text, _ in told(desk, key))
    assert open_tasks(desk, key) == {"T20-09"}
    assert not case(desk, key).overdue


def test_tm20_5_a_late_report_up_is_red_with_the_managing_department_itself(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-29T09:00"))

    [limit] = limits(desk, key, "TM20-5")
    assert (str(limit.due_on), limit.state) == ("2026-06-26", "overdue")
    assert limit.organisation_key == case(desk, key).managing_key
    head = desk.actor(case(desk, key).managing_key, "head")
    assert any(who == head.username and "上报期限" in text for who, text, _ in told(desk, key))
    handler = desk.actor(case(desk, key).managing_key, "handler")
    [row] = [r for r in desk.engine.queries.inbox(handler, "department").rows if r.element_id == "T20-11"]
    assert row.chip is not None and row.chip.tone == "late"
    assert open_tasks(desk, key) >= {"T20-11"}


def test_tm20_6_a_notice_that_is_not_signed_is_told_to_the_head(desk: Desk) -> None:
    key = opened(desk)
    noted(desk, key)
    wait_until(desk, beijing("2026-06-12T00:00"))

    head = desk.actor(case(desk, key).managing_key, "head").username
    assert any(who == head and "签发期限" in text for who, text, _ in told(desk, key))
    assert open_tasks(desk, key) == {"T20-03"}


@pytest.mark.parametrize(
    ("at", "days", "last"),
    [
        pytest.param(
            "2026-02-10T10:00", 5, "2026-02-24", id="across Spring Festival 2026, 14 February worked"
        ),
        pytest.param("2026-02-14T10:00", 5, "2026-02-28", id="from the make-up Saturday to the other one"),
        pytest.param("2025-09-26T10:00", 5, "2025-10-10", id="across National Day 2025, 28 September worked"),
        pytest.param("2025-09-30T17:30", 3, "2025-10-11", id="ending on the make-up Saturday"),
        pytest.param("2026-06-08T10:00", 60, "2026-09-01", id="sixty working days"),
    ],
)
def test_worked_dates_of_the_set_limit(database: Where, at: str, days: int, last: str) -> None:
    engine = open_engine(database, beijing(at))
    try:
        key = served(Desk(engine), limit_wd=days)
        assert due(Desk(engine), key) == last
        assert f"{days}个工作日内（{int(last[:4])}年{int(last[5:7])}月{int(last[8:])}日前" in document_text(
            Desk(engine), key, "E-8"
        )
    finally:
        engine.close()


# Messages


def test_s20_a_a_silent_provider_becomes_a_lead_with_facts_and_the_source_linked(desk: Desk) -> None:
    source, key = transferred(desk, beijing("2026-06-16T10:00"))

    found = case(desk, key)
    assert open_tasks(desk, key) == {"T20-01"}
    assert found.variables["target_dept"] == str(case(desk, source).providing_key)
    assert (found.origin_key, found.variables["ground"]) == (source, ["6"])
    handler = desk.actor(found.managing_key, "handler")
    begun = desk.engine.queries.task(handler, task(desk, key, "T20-01").key)
    assert begun.values["facts"] and begun.values["source"] == "overdue"
    assert begun.fixed["source_case"] == case(desk, source).business_id


def test_s20_a_needs_no_other_evidence_than_the_case_it_comes_from(desk: Desk) -> None:
    _, key = transferred(desk, beijing("2026-06-16T10:00"))
    target = int(desk.variables(key)["target_dept"])
    facts = "该单位收到共享申请后逾期未答复，经督办仍未答复，影响使用部门办理业务。"
    managing, peers = story.peers(desk)
    values = answers.lead(target, 1, source="overdue", ground=["6"], facts=facts, evidence=None)
    if target in peers and case(desk, key).managing_key == managing:
        desk.do(key, "T20-01", values)
        assert open_tasks(desk, key) == {"T20-02"}
    else:  # R20-16: a lead about a department of another level is handed to its own
        assert refused(desk, key, "T20-01", values) == {"target_dept"}


def test_s20_b_evidence_is_a_file_or_a_case(desk: Desk) -> None:
    managing, targets = story.peers(desk)
    key = story.found(desk, managing)
    assert refused(desk, key, "T20-01", answers.lead(targets[0], 1, evidence=None)) == {"evidence"}


def test_s20_b_only_the_managing_department_begins(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        start(desk, "mzt.jb")


def test_m20_1_before_delivery_the_target_knows_nothing(desk: Desk) -> None:
    key = opened(desk)
    target = desk.actor(int(desk.variables(key)["target_dept"]), "handler")
    with pytest.raises(NotFound):
        desk.engine.queries.case(target, key)
    noted(desk, key)
    desk.do(key, "T20-03", {"decision": "sign"})
    assert desk.engine.queries.case(target, key).head.received_at == beijing("2026-06-08T10:00")


def test_m20_3_the_government_sees_what_is_reported_up_to_it_and_nothing_else(desk: Desk) -> None:
    key, other = served(desk, 1), served(desk, 2)
    wait_until(desk, DUE)
    office = desk.engine.accounts.actor_named("szf.bg")
    with pytest.raises(NotFound):
        desk.engine.queries.case(office, key)
    reported_up(desk, key)

    assert desk.engine.queries.case(office, key).head.state == "reported_up"
    with pytest.raises(NotFound):
        desk.engine.queries.case(office, other)


@pytest.mark.parametrize("number", ["LN99-1", "日常监测记录第1号", "own"])
def test_a_number_of_no_case_counted_as_evidence(desk: Desk, number: str) -> None:
    managing, targets = story.peers(desk)
    key = story.found(desk, managing)
    written = case(desk, key).business_id if number == "own" else number
    values = answers.lead(targets[0], 1, evidence=None, evidence_case=written)

    assert refused(desk, key, "T20-01", values) == {"evidence_case"}


def test_a_case_that_the_managing_department_sees_is_evidence(desk: Desk) -> None:
    earlier = served(desk)
    managing, targets = story.peers(desk)
    key = story.found(desk, managing)
    number = case(desk, earlier).business_id
    desk.do(key, "T20-01", answers.lead(targets[2], 2, evidence=None, evidence_case=number))

    assert open_tasks(desk, key) == {"T20-02"}


def test_a_case_was_called_by_the_name_of_its_procedure_until_the_notice_was_drafted(desk: Desk) -> None:
    managing, targets = story.peers(desk)
    key = story.found(desk, managing)
    assert case(desk, key).title == "整改线索"
    zrt = named(desk, "辽宁省自然资源厅")
    desk.do(key, "T20-01", answers.lead(zrt, 1))
    assert case(desk, key).title == "辽宁省自然资源厅未按规定更新目录"

    both = story.found(desk, managing)
    desk.do(both, "T20-01", answers.lead(targets[0], 2, ground=["3", "5"]))
    assert case(desk, both).title.endswith("提供的数据不一致或者无法使用等")


def test_a_reminder_that_had_passed_was_shown_as_a_limit_overdue(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, beijing("2026-06-15T09:00"))
    target = desk.actor(case(desk, key).providing_key, "handler")

    def chip() -> Any:
        [found] = [d for d in desk.engine.queries.case(target, key).deadlines if d.element_id == "TM20-2"]
        return found.chip

    assert (chip().tone, chip_text(chip())) == ("past", "已过提醒期")
    desk.do(key, "T20-04", {})
    assert chip().tone == "past"
    assert limits(desk, key, "TM20-2")[0].state == "met_late"  # the record stays


# The packet


def test_the_packet_is_filled_from_the_history(desk: Desk) -> None:
    key = served(desk, limit_wd=3)
    desk.do(key, "T20-04", {})
    wait_until(desk, beijing("2026-06-09T10:00"))
    reported(desk, key, done=False)
    failed(desk, key)
    wait_until(desk, beijing("2026-06-12T08:00"))

    packet = desk.variables(key)["packet"]
    acts = "".join(line["act"] for line in packet["chronology"])
    for act in ("签收", "整改情况报告", "核查整改情况", "整改期限于2026年6月11日届满", "印发《整改通知书》"):
        assert act in acts, act
    [expiry] = [line for line in packet["chronology"] if "届满，事项逾期" in line["act"]]
    assert instant(expiry["at"]) == beijing("2026-06-12T00:00")
    assert [d["number"] for d in packet["days"] if d["number"]] == [1, 2, 3]
    assert packet["limit"] | {"set_by": ""} == {
        "name": "整改期限",
        "length": "3个工作日",
        "event_on": "2026-06-08",
        "due_on": "2026-06-11",
        "set_by": "",
    }
    assert {instant(at) for at in packet["reminders"]} == {
        beijing("2026-06-10T09:00"),
        beijing("2026-06-11T09:00"),
    }
    assert [d["template"] for d in packet["documents"]] == ["E-8", "E-9", "E-9", "E-10"]


def test_the_packet_says_what_was_noticed_only_later(desk: Desk) -> None:
    key = served(desk)
    desk.engine.clock.set(beijing("2026-06-29T15:00"))  # type: ignore[attr-defined]
    desk.engine.sweep()

    [expiry] = [
        line for line in desk.variables(key)["packet"]["chronology"] if "届满，事项逾期" in line["act"]
    ]
    assert (instant(expiry["at"]), instant(expiry["noted_at"])) == (DUE, beijing("2026-06-29T15:00"))


def course(desk: Desk, key: int) -> str:
    return "".join(line["act"] for line in desk.variables(key)["packet"]["chronology"])


def test_the_course_said_that_something_was_done_but_not_with_which_result(desk: Desk) -> None:
    key = served(desk, limit_wd=3)
    desk.do(key, "T20-05", {"points": "所列批次系平台接收异常。"})
    desk.do(key, "T20-06", {"decision": "keep", "comment": "经核对接收日志，平台接收正常，异议不成立。"})
    wait_until(desk, beijing("2026-06-09T10:00"))
    reported(desk, key, done=False)
    failed(desk, key)
    wait_until(desk, beijing("2026-06-12T08:00"))

    found = course(desk, key)
    for act in (
        "签发整改通知书，签发意见：签发。",
        "处理异议，处理结果：维持原通知书。",
        "整改情况报告送达辽宁省营商环境建设局。",
        "核查整改情况，核查结果：不通过。",
        "整改并报告，报负责人审签。",
    ):
        assert act in found, act
    assert [w for w in ("适用流程", "SHA-256", "办理完成", "的消息", "汇编") if w in found] == []


def test_the_report_said_nothing_was_reported_although_a_check_had_failed(desk: Desk) -> None:
    key = served(desk, limit_wd=3)
    reported(desk, key, done=False)
    failed(desk, key)
    wait_until(desk, beijing("2026-06-12T08:00"))

    assert refused(desk, key, "T20-11", answers.report_up("unreported")) == {"state"}
    desk.do(key, "T20-11", answers.report_up("failed"))


def test_the_report_said_a_check_had_failed_although_nothing_was_reported(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)

    assert refused(desk, key, "T20-11", answers.report_up("failed")) == {"state"}


def test_a_late_report_and_its_failed_check_were_missing_in_the_packet_that_went_up(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    first = document_text(desk, key, "E-12P")
    desk.do(key, "T20-11", answers.report_up(efforts="管理部门电话督促一次"))
    reported(desk, key, done=False)
    failed(desk, key)
    desk.engine.sweep()
    assert refused(desk, key, "T20-12", {"decision": "sign"}) == {"decision"}
    desk.do(key, "T20-12", {"decision": "return", "comment": "报告补送后核查不通过，请改写逾期情况。"})
    reported_up(desk, key)

    text, packet = document_text(desk, key, "E-12"), document_text(desk, key, "E-12P")
    assert templates(desk, key).count("E-12P") == 2
    assert "核查结果：不通过" in packet and "核查结果：不通过" not in first
    assert "核查结果：不通过" in text and "该单位所报整改经核查（2026年6月24日）未达到要求" in text
    for annex in ("上报材料〔2026〕2号", "整改通知书（", "送达回证（", "整改情况报告（"):
        assert annex in text, annex
    assert "上报材料〔2026〕1号" not in text


def test_nothing_new_issues_no_second_packet(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    reported_up(desk, key)

    assert templates(desk, key).count("E-12P") == 1


def test_the_packet_is_frozen_as_a_document_and_printed_in_the_report(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    first = desk.variables(key)["packet"]["digest"]
    assert first[:16] in document_text(desk, key, "E-12P")
    reported_up(desk, key)

    text = document_text(desk, key, "E-12")
    assert desk.variables(key)["packet"]["digest"][:16] in text
    assert "6月19日" in text and "端午节" in text  # the strip, with the holiday inside the limit
    assert "期限提醒" in text and "附件1" in text


def test_the_draft_of_the_report_is_filled_in_for_checking(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    handler = desk.actor(case(desk, key).managing_key, "handler")
    view = desk.engine.queries.task(handler, task(desk, key, "T20-11").key)

    assert view.values["state"] == "unreported"
    assert "2026年6月22日09:00" in view.values["efforts"]  # type: ignore[operator]
    assert view.values["case_summary"] == desk.variables(key)["notice"]["facts"]
    assert view.fixed["due_date"] == "2026年6月23日"
    assert view.fixed["limit"] == "10个工作日"
    assert view.fixed["notice_no"] in document_text(desk, key, "E-8")
    assert view.fixed["to_government"] == "辽宁省人民政府办公厅"


def test_the_read_only_fields_of_the_report_come_from_the_server(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    desk.do(key, "T20-11", answers.report_up(due_date="2026-12-31", limit="60个工作日"))

    kept = desk.variables(key)["report_up"]
    assert (kept["due_date"], kept["limit"]) == ("2026-06-23", "10个工作日")


# Bad cases (C.5.7)


def test_done_without_evidence_is_a_field_error(desk: Desk) -> None:
    key = served(desk)
    values = answers.report(requirements(desk, key), beijing_day(desk.now))
    bare = [{**row, "evidence": ""} for row in values["items"]]
    assert refused(desk, key, "T20-07", {**values, "items": bare}) == {"items"}
    assert refused(desk, key, "T20-07", {**values, "items": values["items"][:1]}) == {"items"}
    undated = [{**row, "done_on": ""} for row in values["items"]]
    assert refused(desk, key, "T20-07", {**values, "items": undated}) == {"items"}


def test_what_is_not_done_needs_a_plan(desk: Desk) -> None:
    key = served(desk)
    values = answers.report(requirements(desk, key), beijing_day(desk.now), done=False, remaining=None)
    assert refused(desk, key, "T20-07", values) == {"remaining"}


def test_a_report_at_23_58_on_the_due_date_is_in_time_and_at_midnight_late(desk: Desk) -> None:
    first, second = served(desk, 1), served(desk, 2)
    for key in (first, second):
        desk.do(key, "T20-07", answers.report(requirements(desk, key), beijing_day(desk.now)))
    wait_until(desk, beijing("2026-06-23T23:58"))
    desk.do(first, "T20-08", {"decision": "sign"})
    wait_until(desk, DUE)
    desk.do(second, "T20-08", {"decision": "sign"})

    assert limits(desk, first, "TM20-1")[0].state == "met"
    assert limits(desk, second, "TM20-1")[0].state == "met_late"
    assert "T20-11" in open_tasks(desk, second)


def test_nobody_closes_without_a_check(desk: Desk, engine: Engine) -> None:
    key = served(desk)
    reported(desk, key)
    values = answers.check(requirements(desk, key), False, result="pass")
    assert refused(desk, key, "T20-09", values) == {"result"}
    assert "T20-10" not in open_tasks(desk, key)


def test_who_checked_may_not_close_out(desk: Desk) -> None:
    key = served(desk)
    reported(desk, key)
    managing = case(desk, key).managing_key
    person = desk.actor(managing, "handler")
    checker = replace(person, roles=person.roles | {(managing, "head")})  # the lane alone would let them
    values = answers.check(requirements(desk, key), True)
    desk.engine.handle(c.CompleteTask(actor=checker, task_key=task(desk, key, "T20-09").key, values=values))
    with pytest.raises(NotAllowed, match="核查整改情况"):
        desk.engine.handle(c.CompleteTask(actor=checker, task_key=task(desk, key, "T20-10").key, values={}))


def test_a_due_date_sent_with_a_form_is_refused_and_changes_nothing(desk: Desk) -> None:
    key = served(desk)
    values = answers.report(requirements(desk, key), beijing_day(desk.now), due_on="2026-12-31")
    assert refused(desk, key, "T20-07", values) == {"due_on"}
    assert due(desk, key) == "2026-06-23"


def test_a_notice_to_the_wrong_department_is_annulled_with_a_reason(desk: Desk) -> None:
    key = served(desk)
    with pytest.raises(InvalidForm):
        story.act(desk, key, "ES20-V", "mgr.head", {"reason": ""})
    annul(desk, key)

    assert (case(desk, key).state, case(desk, key).result) == ("void", "annulled")
    assert open_tasks(desk, key) == set()
    head = desk.actor(int(desk.variables(key)["target_dept"]), "head").username
    assert any(who == head and "已撤销" in text for who, text, _ in told(desk, key))
    wait_until(desk, beijing("2026-07-30T10:00"))
    assert not case(desk, key).overdue


def test_instead_of_signing_the_report_up_the_head_may_only_annul(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    annul(desk, key)
    assert case(desk, key).result == "annulled"


def test_after_the_report_up_the_notice_cannot_be_annulled(desk: Desk) -> None:
    key = served(desk)
    wait_until(desk, DUE)
    reported_up(desk, key)
    with pytest.raises(WrongState):
        annul(desk, key)


def test_only_the_managing_departments_head_annuls(desk: Desk) -> None:
    key = served(desk)
    with pytest.raises(NotAllowed):
        story.act(desk, key, "ES20-V", "target.head", {"reason": "本单位不认可该通知书，请撤销。"})


def test_declined_needs_a_reason(desk: Desk) -> None:
    managing, targets = story.peers(desk)
    key = story.found(desk, managing)
    assert refused(desk, key, "T20-01", answers.lead(targets[0], 1, decision="decline")) == {"reason"}
    reason = "经核实，该单位已恢复提供数据，不构成所列情形。"
    desk.do(key, "T20-01", answers.lead(targets[0], 1, decision="decline", reason=reason))
    assert (case(desk, key).state, case(desk, key).result) == ("closed", "not_opened")


def test_the_head_may_refuse_to_sign_and_the_case_ends_unopened(desk: Desk) -> None:
    key = opened(desk)
    noted(desk, key)
    desk.do(key, "T20-03", {"decision": "decline", "comment": "证据不足，不予签发。"})
    assert case(desk, key).result == "not_opened"


def test_a_successor_inherits_notice_and_due_date(desk: Desk) -> None:
    key = served(desk)
    before = due(desk, key)
    with desk.engine.database.reading() as conn:
        codes = {row.key: row.code for row in conn.execute(select(organisation))}
    target, (_, peers) = int(desk.variables(key)["target_dept"]), story.peers(desk)
    heir = next(p for p in peers if p != target)
    desk.engine.handle(
        c.SucceedOrganisation(
            actor=None,
            code=codes[target],
            successor_code=codes[heir],
            valid_from="2026-06-08",
            doc_no="辽编发〔2026〕示例1号",
        )
    )
    desk.engine.sweep()

    assert desk.variables(key)["target_dept"] == str(heir)
    assert task(desk, key, "T20-07").organisation_key == heir
    assert due(desk, key) == before
    reported(desk, key)
    passed(desk, key)
    assert case(desk, key).result == "rectified"


# Restart, replay


@pytest.mark.parametrize(
    "steps", [story.rectified, story.cured_late, story.second_round, story.changed], ids=lambda s: s.__name__
)
def test_a_restart_between_any_two_commands_changes_nothing(database: Where, steps: Any) -> None:
    class Restarting:
        """An engine that is closed and opened again after every command from outside."""

        def __init__(self) -> None:
            self.now = open_engine(database, beijing("2026-06-08T10:00"))

        def __getattr__(self, name: str) -> Any:
            return getattr(self.now, name)

        def handle(self, command: c.Command) -> dict[str, Any]:
            answer, at = self.now.handle(command), self.now.clock.now()
            self.now.close()
            self.now = open_engine(database, at)
            return answer

    engine = Restarting()
    desk = Desk(engine)  # type: ignore[arg-type]
    for pause in steps(desk, 1):
        if pause > timedelta(days=300):
            break
        desk.engine.handle(c.SetClock(actor=None, at=desk.now + pause))
    [row] = rectifications(desk)
    assert row.state == ("rectifying" if steps in (story.second_round, story.changed) else row.state)
    assert row.result == {story.rectified: "rectified", story.cured_late: "rectified_late"}.get(steps)
    assert incidents(desk, row.key) == []
    engine.close()


def test_replay_rebuilds_every_table_after_a_whole_life(desk: Desk) -> None:
    key = second_round(desk)
    wait_until(desk, beijing("2026-07-03T10:00"))
    reported(desk, key)
    passed(desk, key)
    with desk.engine.database.reading() as conn:
        before = tables(conn)
    with desk.engine.database.writing() as conn:
        rebuild(conn)
    with desk.engine.database.reading() as conn:
        assert tables(conn) == before


def test_r20_14_of_two_cases_on_the_same_facts_opened_at_once_one_goes_on(desk: Desk) -> None:
    managing, targets = story.peers(desk)
    keys = [story.found(desk, managing) for _ in range(4)]
    files = {key: leads.attached(desk, key, "T20-01") for key in keys}

    def decide(key: int) -> None:
        handler = desk.actor(managing, "handler")
        values = answers.lead(targets[0], 1, evidence=files[key])
        desk.engine.handle(
            c.CompleteTask(actor=handler, task_key=task(desk, key, "T20-01").key, values=values)
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(decide, keys))

    assert sorted(open_tasks(desk, key) == {"T20-02"} for key in keys) == [False, False, False, True]


@pytest.mark.parametrize("steps", story.STORIES, ids=lambda s: s.__name__)
def test_every_story_of_the_demonstration_comes_to_where_it_says(desk: Desk, steps: Any) -> None:
    ends = {
        story.declined: "not_opened",
        story.rectified: "rectified",
        story.cured_late: "rectified_late",
        story.instructed: "reported_up_closed",
        story.annulled: "annulled",
    }
    for pause in steps(desk, 1):
        if pause > timedelta(days=300):
            break
        wait_until(desk, desk.now + pause)

    [row] = rectifications(desk)
    assert row.result == ends.get(steps)
    assert incidents(desk, row.key) == []


def test_a_notice_with_a_fixed_date_said_that_its_limit_counts_from_receipt(desk: Desk) -> None:
    key = served(
        desk,
        limit_mode="date",
        limit_wd=None,
        limit_date="2026-06-23",
        facts="检查发现目录未更新，影响共享使用，已核对属实",
    )
    notice, receipt = document_text(desk, key, "E-8"), document_text(desk, key, "E-9")

    assert "整改期限自" not in notice and "次日起计算" not in receipt
    assert "整改期限至上列日期届满" in receipt
    assert "<p>检查发现目录未更新，影响共享使用，已核对属实。</p>" in notice  # as given, apart from 你单位
