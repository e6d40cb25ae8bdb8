"""共享申请与答复: every rule, end state and timer of domain C.3."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.clock import instant
from engine.demo.answers import application, reply
from engine.demo.cases import Desk, begin, deliver, fill, provide, replied
from engine.errors import Conflict, InvalidForm, NotAllowed, NotFound, WrongState
from engine.periods import beijing_day
from engine.storage.tables import message
from tests.conftest import at_once, beijing
from tests.processes.office import case, limits, open_tasks, task, templates, told, trail, wait_until

SUPPLEMENT = {
    "check_result": "supplement",
    "supplement_list": [{"field": "duty_basis", "demand": "请写明具体条款。"}],
}
NOT_OURS = {"check_result": "not_ours", "return_reason": "该数据由其他部门依职责采集管理。"}


def delivered(desk: Desk, n: int = 1) -> int:
    return int(at_once(deliver(desk, n)))


def answered(desk: Desk, decision: str, n: int = 1) -> int:
    return int(at_once(replied(desk, n, decision, timedelta(0))))


def accepted(desk: Desk) -> int:
    key = delivered(desk)
    desk.do(key, "T12-04", {"check_result": "accept"})
    return key


def reply_form(desk: Desk, key: int, decision: str, **changes: Any) -> dict[str, Any]:
    applied = desk.variables(key)["application"]
    return {**reply(applied, beijing_day(desk.now), decision), **changes}


# Rules


def test_r12_01_unconditional_resources_need_no_reply_and_set_no_limit(desk: Desk) -> None:
    key = begin(desk, 1, "unconditional")
    fill(desk, key, 1)

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "granted_direct")
    assert "GrantRecorded" in trail(desk, key)
    assert "DeadlineSet" not in trail(desk, key)


def test_r12_02_every_defect_is_listed_at_once_and_nothing_reaches_the_provider(desk: Desk) -> None:
    key = begin(desk, 1)
    resource = desk.variables(key)["resource"]
    values = application(resource, beijing_day(desk.now), 1, purpose="短", contact_phone="12", use_scope="")

    with pytest.raises(InvalidForm) as refusal:
        desk.do(key, "T12-01", values)

    assert set(refusal.value.errors) == {"purpose", "contact_phone", "use_scope"}
    assert open_tasks(desk, key) == {"T12-01"}
    assert case(desk, key).received_at is None


def test_r12_03_a_duplicate_goes_back_and_shows_the_other_case(desk: Desk) -> None:
    first = delivered(desk)
    second = delivered(desk)

    assert open_tasks(desk, second) == {"T12-01"}
    assert case(desk, first).business_id in desk.variables(second)["check"]["defects"][0]
    assert case(desk, second).received_at is None


def test_r12_03_two_departments_may_ask_for_the_same_resource(desk: Desk) -> None:
    first = delivered(desk, 1)
    resource = int(desk.variables(first)["resource"]["key"])
    used = {int(desk.variables(first)["using_dept"]), int(desk.variables(first)["providing_dept"])}
    with desk.engine.database.reading() as conn:
        keys = (
            conn.exec_driver_sql(
                "SELECT key FROM organisation WHERE NOT managing AND kind <> 'government_office' ORDER BY key"
            )
            .scalars()
            .all()
        )
    second = desk.start(next(key for key in keys if key not in used), resource)
    fill(desk, second, 1)
    desk.do(second, "T12-02", {"decision": "agree"})

    assert open_tasks(desk, second) == {"T12-04"}


def test_r12_04_the_limit_starts_at_delivery_whether_or_not_anybody_opens_the_task(desk: Desk) -> None:
    key = delivered(desk)
    [limit] = limits(desk, key, "TM12-1")

    assert instant(limit.terms["event_at"]) == case(desk, key).received_at == beijing("2026-06-08T10:00")
    assert limit.due_on.isoformat() == "2026-06-15"
    assert limit.basis == "《辽宁省政务信息资源共享管理办法（草案）》第十二条"


def test_r12_05_a_supplement_is_demanded_once_by_the_second_working_day(desk: Desk) -> None:
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-10T23:59"))
    desk.do(key, "T12-04", SUPPLEMENT)
    desk.do(key, "T12-05", {"duty_basis": "《社会救助暂行办法》第四十五条第一款。"})

    with pytest.raises(InvalidForm, match="check_result"):
        desk.do(key, "T12-04", SUPPLEMENT)


def test_r12_05_on_the_third_working_day_it_is_too_late_to_demand_one(desk: Desk) -> None:
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-11T00:00"))

    with pytest.raises(InvalidForm, match="check_result"):
        desk.do(key, "T12-04", SUPPLEMENT)


def test_r12_05_only_the_listed_fields_are_open(desk: Desk) -> None:
    key = delivered(desk)
    before = desk.variables(key)["application"]
    desk.do(key, "T12-04", SUPPLEMENT)
    desk.do(key, "T12-05", {"duty_basis": "《社会救助暂行办法》第四十五条第一款。", "contact_name": "另一人"})

    after = desk.variables(key)["application"]
    assert after["duty_basis"] != before["duty_basis"]
    assert after["contact_name"] == before["contact_name"]


def test_r12_05_a_supplement_that_changes_none_of_the_listed_fields_is_refused(desk: Desk) -> None:
    key = delivered(desk)
    before = desk.variables(key)["application"]
    desk.do(key, "T12-04", SUPPLEMENT)

    for values in ({"duty_basis": before["duty_basis"], "contact_name": "另一人"}, before):
        with pytest.raises(InvalidForm) as refusal:
            desk.do(key, "T12-05", values)
        assert set(refusal.value.errors) == {"duty_basis"}
    assert open_tasks(desk, key) == {"T12-05"}


def test_r12_06_on_resubmission_the_five_days_start_anew(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T12-04", SUPPLEMENT)
    wait_until(desk, beijing("2026-06-11T15:00"))
    desk.do(key, "T12-05", {"duty_basis": "《社会救助暂行办法》第四十五条第一款。"})

    first, second = limits(desk, key, "TM12-1")
    assert (first.state, second.state) == ("cancelled", "running")
    assert second.due_on.isoformat() == "2026-06-18"
    assert templates(desk, key) == ["E-1", "E-2", "E-1"]


def test_r12_07_not_supplemented_in_five_working_days_lapses(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T12-04", SUPPLEMENT)
    wait_until(desk, beijing("2026-06-15T23:59"))
    assert case(desk, key).state == "awaiting_supplement"

    wait_until(desk, beijing("2026-06-16T00:00"))

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "lapsed")
    assert case(desk, key).ended_at == beijing("2026-06-16T00:00")


def test_r12_07_the_department_may_apply_again(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T12-04", SUPPLEMENT)
    wait_until(desk, beijing("2026-06-16T00:00"))

    assert open_tasks(desk, delivered(desk)) == {"T12-04"}


def test_r12_08_a_new_provider_gets_a_full_new_limit(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T12-04", NOT_OURS)
    parties = {case(desk, key).using_key, case(desk, key).providing_key}
    with desk.engine.database.reading() as conn:
        keys = (
            conn.exec_driver_sql(
                "SELECT key FROM organisation WHERE NOT managing AND kind <> 'government_office' ORDER BY key"
            )
            .scalars()
            .all()
        )
    other = next(k for k in keys if k not in parties)
    wait_until(desk, beijing("2026-06-10T11:00"))
    desk.do(
        key, "T12-06", {"assign_result": "new", "assign_to": str(other), "reason": "经核对属该部门职责。"}
    )

    assert case(desk, key).providing_key == other
    assert task(desk, key, "T12-04").organisation_key == other
    assert limits(desk, key, "TM12-1")[-1].due_on.isoformat() == "2026-06-17"


def test_r12_08_kept_with_the_provider_the_first_due_date_stands(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T12-04", NOT_OURS)
    wait_until(desk, beijing("2026-06-10T11:00"))
    desk.do(key, "T12-06", {"assign_result": "keep", "reason": "经核对属原提供部门职责。"})

    assert limits(desk, key, "TM12-1")[-1].due_on.isoformat() == "2026-06-15"
    with pytest.raises(InvalidForm, match="check_result"):
        desk.do(key, "T12-04", NOT_OURS)


def test_r12_09_withdrawal_ends_everything_and_the_provider_is_told(desk: Desk) -> None:
    key = delivered(desk)
    desk.withdraw(key, "业务调整，不再需要。")

    assert (case(desk, key).state, case(desk, key).result) == ("withdrawn", "withdrawn")
    assert open_tasks(desk, key) == set()
    assert task(desk, key, "T12-04").state == "cancelled"
    assert "已撤回" in told(desk, key)[-1][1]
    wait_until(desk, beijing("2026-06-30T10:00"))
    assert not case(desk, key).overdue


def test_r12_09_after_the_reply_there_is_no_withdrawal(desk: Desk) -> None:
    key = answered(desk, "agree")

    with pytest.raises(WrongState, match="目前不能"):
        desk.withdraw(key, "业务调整，不再需要。")


def test_r12_09_only_the_using_department_may_withdraw(desk: Desk, engine: Any) -> None:
    key = delivered(desk)
    provider = desk.actor(case(desk, key).providing_key, "handler")

    with pytest.raises(NotAllowed):
        engine.handle(
            c.SendMessage(
                actor=provider, instance_key=key, element_id="ES12-W", values={"reason": "不想办理了。"}
            )
        )


def test_r12_10_the_grant_stands_on_the_page_of_the_resource(desk: Desk) -> None:
    key = answered(desk, "agree")
    user = desk.actor(case(desk, key).using_key, "handler")
    entry = desk.engine.queries.entry(user, int(desk.variables(key)["resource"]["key"]))

    assert "不得提供给第三方" in entry.grants[0]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"refusal_reason": ""}, id="no reason"),
        pytest.param({"refusal_ground": ""}, id="no ground"),
        pytest.param({"refusal_reason": "。。。。。。。。。。。。"}, id="only punctuation"),
        pytest.param({"refusal_reason": "不不不不不不不不不不不不"}, id="one repeated character"),
        pytest.param({"refusal_reason": "1234567890123"}, id="only digits"),
        pytest.param({"refusal_reason": "不予共享"}, id="too short"),
        pytest.param(
            {"refusal_ground": "9", "refusal_reason": "其他情形，理由不足三十个字。"}, id="ground 9"
        ),
        pytest.param({"refusal_ground": "1"}, id="ground 1 without the law"),
        pytest.param({"refusal_reason": ["list"]}, id="wrong type"),
    ],
)
@pytest.mark.parametrize("decision", ["refuse", "partly"])
def test_r12_11_a_refusal_without_reasons_is_impossible(
    desk: Desk, decision: str, changes: dict[str, Any]
) -> None:
    key = accepted(desk)
    before = trail(desk, key)

    with pytest.raises(InvalidForm):
        desk.do(key, "T12-07", reply_form(desk, key, decision, **changes))

    assert trail(desk, key) == before
    assert limits(desk, key, "TM12-1")[0].state == "running"


def test_r12_12_the_clock_stops_at_delivery_of_the_reply_not_at_the_draft(desk: Desk) -> None:
    key = accepted(desk)
    wait_until(desk, beijing("2026-06-15T16:00"))
    desk.do(key, "T12-07", reply_form(desk, key, "agree"))
    assert limits(desk, key, "TM12-1")[0].state == "running"

    wait_until(desk, beijing("2026-06-16T09:00"))
    assert case(desk, key).overdue
    desk.do(key, "T12-08", {"decision": "sign"})

    [limit] = limits(desk, key, "TM12-1")
    assert (limit.state, limit.late_wd, limit.late_cd) == ("met_late", 1, 1)
    assert limit.ended_at == beijing("2026-06-16T09:00")


def test_r_t4_an_act_at_23_59_59_is_in_time(desk: Desk) -> None:
    key = accepted(desk)
    desk.do(key, "T12-07", reply_form(desk, key, "refuse"))
    wait_until(desk, beijing("2026-06-15T23:59:59"))
    desk.do(key, "T12-08", {"decision": "sign"})

    assert limits(desk, key, "TM12-1")[0].state == "met"


def test_r12_13_the_reply_limit_has_no_extension(desk: Desk) -> None:
    key = delivered(desk)

    assert limits(desk, key, "TM12-1")[0].extended_by == 0
    with desk.engine.database.reading() as conn:
        names = conn.exec_driver_sql("SELECT DISTINCT type FROM event").scalars().all()
    assert not [name for name in names if "Extend" in name]


def test_r12_14_a_silent_provider_is_overdue_supervised_and_may_still_reply(desk: Desk) -> None:
    key = accepted(desk)
    wait_until(desk, beijing("2026-06-17T10:00"))

    [limit] = limits(desk, key, "TM12-1")
    assert case(desk, key).overdue
    assert limit.expired_at == beijing("2026-06-16T00:00")
    assert open_tasks(desk, key) == {"T12-07", "T12-12"}
    assert task(desk, key, "T12-12").organisation_key == case(desk, key).managing_key

    desk.do(key, "T12-12", {"action": "urge", "reason": "请抓紧答复。", "urge_until": "2026-06-18"})
    desk.do(key, "T12-07", reply_form(desk, key, "agree"))
    desk.do(key, "T12-08", {"decision": "sign"})
    provide(desk, key)
    desk.do(key, "T12-10", {"ok": "usable"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "granted")


def test_r12_14_supervision_may_open_a_case_under_article_20(desk: Desk) -> None:
    key = accepted(desk)
    wait_until(desk, beijing("2026-06-17T10:00"))
    desk.do(key, "T12-12", {"action": "open_case", "reason": "经催告仍未答复，移送整改立案。"})

    actor = desk.actor(case(desk, key).managing_key, "handler")
    [link] = desk.engine.queries.case(actor, key).links
    assert (link.how, link.business_id) == ("waiting", case(desk, key).business_id)


def test_r12_15_conditions_beyond_the_catalogue_need_a_reason(desk: Desk) -> None:
    key = accepted(desk)

    with pytest.raises(InvalidForm, match="extra_conditions_reason"):
        desk.do(key, "T12-07", reply_form(desk, key, "agree", extra_conditions=True))


def test_r12_16_a_case_finishes_under_the_sharing_type_at_receipt(desk: Desk, engine: Any) -> None:
    key = delivered(desk)
    frozen = desk.variables(key)["resource"]
    with engine.database.reading() as conn:
        row = conn.exec_driver_sql(
            "SELECT e.*, o.code AS provider FROM catalogue_entry e JOIN organisation o ON o.key = e.provider_key "
            f"WHERE e.key = {int(frozen['key'])}"
        ).one()
    engine.handle(
        c.PublishEntry(
            actor=None,
            code=row.code,
            name=row.name,
            provider_code=row.provider,
            sharing_type="not_shared",
            update_cycle=row.update_cycle,
            abstract=row.abstract,
            metadata={"sharing_conditions": "某法第一条", "sharing_method": ["api"], "items": []},
        )
    )
    desk.do(key, "T12-04", {"check_result": "accept"})

    assert desk.variables(key)["resource"] == frozen
    assert open_tasks(desk, key) == {"T12-07"}


# End states


def test_e12_n_a_resource_that_is_not_shared_is_not_accepted(desk: Desk) -> None:
    key = begin(desk, 1, "not_shared")
    fill(desk, key, 1)
    assert (open_tasks(desk, key), case(desk, key).received_at) == ({"T12-14"}, None)

    desk.do(key, "T12-14", {"decision": "accept"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "not_applicable")


def test_e12_n_the_using_department_may_dispute_the_sharing_type(desk: Desk) -> None:
    key = begin(desk, 1, "not_shared")
    fill(desk, key, 1)
    reason = "目录所载依据不属于不予共享的情形，应当改为有条件共享。"
    desk.do(key, "T12-14", {"decision": "dispute", "reason": reason})

    assert (case(desk, key).state, case(desk, key).result) == ("in_dispute", "to_dispute")
    with desk.engine.database.reading() as conn:
        [thrown] = conn.execute(select(message).where(message.c.instance_key == key)).all()
    assert (thrown.element_id, thrown.target) == ("M12-6N", "ln_art12_dispute")
    assert thrown.payload["kind"] == "目录共享类型"
    manager = desk.actor(case(desk, key).managing_key, "handler")
    assert desk.engine.queries.case(manager, key).head.key == key


def test_e12_n_a_dispute_needs_its_reason(desk: Desk) -> None:
    key = begin(desk, 1, "not_shared")
    fill(desk, key, 1)

    with pytest.raises(InvalidForm, match="reason"):
        desk.do(key, "T12-14", {"decision": "dispute"})


def test_e12_n_the_window_for_the_dispute_counts_from_the_day_of_the_decision(desk: Desk) -> None:
    key = begin(desk, 1, "not_shared")
    fill(desk, key, 1)
    [limit] = limits(desk, key, "TM12-11")
    assert limit.due_on.isoformat() == "2026-06-23"  # 19 to 21 June is the Dragon Boat holiday

    wait_until(desk, beijing("2026-06-23T23:59"))
    assert open_tasks(desk, key) == {"T12-14"}
    wait_until(desk, beijing("2026-06-24T00:00"))

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "not_applicable")


def test_e12_n_after_the_decision_there_is_nothing_to_withdraw(desk: Desk) -> None:
    key = begin(desk, 1, "not_shared")
    fill(desk, key, 1)

    with pytest.raises(WrongState):
        desk.withdraw(key, "业务调整，不再需要。")


def test_e12_g_granted_after_confirmation(desk: Desk) -> None:
    key = answered(desk, "agree")
    provide(desk, key)
    desk.do(key, "T12-10", {"ok": "usable"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "granted")
    assert templates(desk, key) == ["E-1", "E-3"]


def test_e12_g_a_partial_refusal_runs_both_branches_beside_each_other(desk: Desk) -> None:
    key = answered(desk, "partly")
    assert open_tasks(desk, key) == {"T12-09", "T12-13"}
    assert templates(desk, key) == ["E-1", "E-3", "E-4"]

    provide(desk, key)
    desk.do(key, "T12-10", {"ok": "usable"})
    assert case(desk, key).ended_at is None
    desk.do(key, "T12-13", {"decision": "accept"})

    assert case(desk, key).result == "granted_partly"


def test_e12_r_the_window_for_a_dispute_closes(desk: Desk) -> None:
    key = answered(desk, "refuse")
    wait_until(desk, beijing("2026-06-24T00:00"))

    assert limits(desk, key, "TM12-8")[0].due_on.isoformat() == "2026-06-23"
    assert (case(desk, key).state, case(desk, key).result) == ("closed", "refused")


def test_e12_d_a_dispute_is_thrown_recorded_and_waits(desk: Desk) -> None:
    key = answered(desk, "refuse")
    desk.do(key, "T12-13", {"decision": "dispute", "reason": "所申请数据项均为法定核验事项所必需。"})

    assert (case(desk, key).state, case(desk, key).result) == ("in_dispute", "to_dispute")


def test_e12_d_a_case_that_still_has_tasks_shows_its_dispute(desk: Desk) -> None:
    key = answered(desk, "partly")
    desk.do(key, "T12-13", {"decision": "dispute", "reason": "该数据项为履行职责所必需。"})

    assert open_tasks(desk, key) == {"T12-09"}
    assert case(desk, key).state == "in_dispute"


def test_e12_z_nobody_holds_the_data(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T12-04", NOT_OURS)
    desk.do(key, "T12-06", {"assign_result": "nobody", "reason": "经核实无部门掌握。"})

    assert case(desk, key).result == "no_holder"


# Timers


def test_tm12_2_and_tm12_3_remind_handler_and_head_and_change_nothing(desk: Desk) -> None:
    key = delivered(desk)
    before = case(desk, key).state
    wait_until(desk, beijing("2026-06-15T10:00"))

    reminders = [(name, at) for name, text, at in told(desk, key) if "期限提醒" in text]
    assert sorted({at for _, at in reminders}) == [beijing("2026-06-12T09:00"), beijing("2026-06-15T09:00")]
    provider = desk.actor(case(desk, key).providing_key, "head")
    assert [name for name, _ in reminders].count(provider.username) == 2
    assert case(desk, key).state == before


def test_tm12_5_the_head_of_the_managing_department_is_told(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T12-04", NOT_OURS)
    wait_until(desk, beijing("2026-06-11T00:00"))

    assert open_tasks(desk, key) == {"T12-06"}
    assert told(desk, key)[-1][0].endswith(".fz")
    assert not case(desk, key).overdue


def test_tm12_6_a_provision_that_is_not_made_is_supervised(desk: Desk) -> None:
    key = answered(desk, "agree")
    wait_until(desk, beijing("2026-07-08T00:00"))

    assert limits(desk, key, "TM12-6")[0].due_on.isoformat() == "2026-07-07"
    assert open_tasks(desk, key) == {"T12-09", "T12-12P"}
    assert desk.variables(key)["provision_overdue_kind"] == "逾期未提供"

    desk.do(key, "T12-12P", {"action": "urge", "reason": "请抓紧提供。", "urge_until": "2026-07-10"})
    assert open_tasks(desk, key) == {"T12-09"}
    assert any("督办" in text for _, text, _ in told(desk, key))


def test_tm12_7_the_platform_confirms_by_itself(desk: Desk) -> None:
    key = answered(desk, "agree")
    provide(desk, key)
    wait_until(desk, beijing("2026-06-16T00:00"))

    assert case(desk, key).result == "granted"
    assert desk.variables(key)["confirmed_by"] == "系统确认"


def test_tm12_9_the_head_is_told_when_supervision_is_late(desk: Desk) -> None:
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-19T00:00"))

    assert limits(desk, key, "TM12-9")[0].event_on.isoformat() == "2026-06-15"
    assert limits(desk, key, "TM12-9")[0].due_on.isoformat() == "2026-06-18"
    assert limits(desk, key, "TM12-9")[0].state == "overdue"


def test_tm12_10_a_grant_announces_its_end_and_ends(desk: Desk) -> None:
    key = answered(desk, "agree")
    desk.engine.sweep()
    with desk.engine.database.reading() as conn:
        grant = conn.exec_driver_sql(
            "SELECT key FROM process_instance WHERE process_id = 'ln_art12_grant'"
        ).scalar_one()
    until = desk.variables(key)["reply"]["grant_until"]
    wait_until(desk, beijing(f"{until}T12:00"))
    assert [text for _, text, _ in told(desk, grant) if "三十日内届满" in text]
    assert open_tasks(desk, grant) == {"T12-11"}

    wait_until(desk, beijing(f"{until}T12:00") + timedelta(days=1))
    assert (case(desk, grant).state, case(desk, grant).result) == ("closed", "grant_ended")


def test_t12_10_unusable_once_goes_back_to_provision_then_to_article_13(desk: Desk) -> None:
    key = answered(desk, "agree")
    unusable = {"ok": "unusable", "problem": "接口返回空值，无法核验。"}
    provide(desk, key)
    desk.do(key, "T12-10", unusable)
    assert open_tasks(desk, key) == {"T12-09"}

    provide(desk, key)
    desk.do(key, "T12-10", unusable)
    actor = desk.actor(case(desk, key).using_key, "handler")
    waiting = [x.process_name for x in desk.engine.queries.case(actor, key).links if x.how == "waiting"]
    assert "疑义错误信息校核" in waiting


# Bad cases


def test_two_people_complete_one_task_one_wins_and_the_other_is_told_who(desk: Desk, engine: Any) -> None:
    key = delivered(desk, 3)
    t = task(desk, key, "T12-04")
    winner = desk.actor(t.organisation_key, "handler")
    engine.handle(c.CompleteTask(actor=winner, task_key=t.key, values={"check_result": "accept"}))
    before = trail(desk, key)

    with pytest.raises(Conflict, match=f"已由{winner.name}办理"):
        engine.handle(c.CompleteTask(actor=winner, task_key=t.key, values={"check_result": "accept"}))

    assert trail(desk, key) == before


def test_a_repeated_command_id_gets_the_stored_answer_and_does_nothing(desk: Desk, engine: Any) -> None:
    key = delivered(desk)
    t = task(desk, key, "T12-04")
    command = c.CompleteTask(
        actor=desk.actor(t.organisation_key, "handler"),
        task_key=t.key,
        values={"check_result": "accept"},
        id="double-click",
    )
    first = engine.handle(command)
    before = trail(desk, key)

    assert engine.handle(command) == first
    assert trail(desk, key) == before


def test_an_outsider_guessing_a_number_finds_nothing_and_is_logged(desk: Desk, engine: Any) -> None:
    key = delivered(desk)
    parties = {case(desk, key).using_key, case(desk, key).providing_key, case(desk, key).managing_key}
    with engine.database.reading() as conn:
        keys = conn.exec_driver_sql("SELECT key FROM organisation ORDER BY key").scalars().all()
    outsider = desk.actor(next(k for k in keys if k not in parties), "handler")
    t = task(desk, key, "T12-04")

    with pytest.raises(NotFound):
        engine.handle(c.CompleteTask(actor=outsider, task_key=t.key, values={"check_result": "accept"}))

    with engine.database.reading() as conn:
        assert (
            conn.exec_driver_sql("SELECT count(*) FROM event WHERE type = 'AccessRefused'").scalar_one() == 1
        )


def test_a_head_may_not_approve_what_they_applied_for(desk: Desk, engine: Any) -> None:
    key = begin(desk, 9)
    fill(desk, key, 9)
    using = case(desk, key).using_key
    applicant = desk.actor(using, "handler")
    deputy = replace(applicant, roles=applicant.roles | {(using, "head")})

    with pytest.raises(NotAllowed, match="同一人"):  # nor may they keep others from it
        engine.handle(c.ClaimTask(actor=deputy, task_key=task(desk, key, "T12-02").key))
    with pytest.raises(NotAllowed, match="同一人"):
        engine.handle(
            c.CompleteTask(actor=deputy, task_key=task(desk, key, "T12-02").key, values={"decision": "agree"})
        )


def test_r_t8_an_outage_changes_no_legal_instant(desk: Desk, database: Any) -> None:
    key = accepted(desk)
    desk.engine.clock.set(beijing("2026-06-20T08:00"))  # nobody swept: the engine was down

    desk.engine.sweep()

    [limit] = limits(desk, key, "TM12-1")
    assert limit.expired_at == beijing("2026-06-16T00:00")
    assert limit.noticed_at == beijing("2026-06-20T08:00")


def test_r_t13_nothing_expires_on_an_estimate(desk: Desk) -> None:
    desk.engine.clock.set(beijing("2026-12-28T10:00"))
    key = delivered(desk)
    [limit] = limits(desk, key, "TM12-1")
    assert limit.status == "uncovered"

    wait_until(desk, limit.due_at + timedelta(days=1))

    assert not case(desk, key).overdue
    assert limits(desk, key, "TM12-1")[0].state == "undetermined"
    assert any("期限待定" in text for _, text, _ in told(desk, key))
