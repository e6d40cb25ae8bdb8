"""目录更新: every rule, bad case, timer, message and end of domain D.1."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import commands as c
from engine.app import Engine
from engine.demo import catalogue_updates as u
from engine.demo.cases import Desk, deliver, provide, replied
from engine.demo.seed import seed
from engine.errors import InvalidForm, NotAllowed, WrongState
from engine.storage.tables import (
    catalogue_deletion,
    catalogue_entry,
    catalogue_version,
    grant,
    message,
    organisation,
    process_instance,
)
from tests.conftest import at_once, beijing, open_engine
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
from tests.processes.test_ln_art12_application import reply_form

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")

RETURN = {"decision": "return", "comment": "信息项与摘要不一致，请修改后重新报送。"}
CHANGED = date(2026, 6, 5)  # the fifteenth working day after it is 29 June


def started(desk: Desk, n: int = 0, **more: Any) -> tuple[int, int, int]:
    org, entry = u.owned(desk, n, "conditional", "主题")
    return u.register(desk, org, n, [entry], changed_on=CHANGED, **more), org, entry


def submitted(desk: Desk, n: int = 0, **more: Any) -> tuple[int, int, int]:
    key, org, entry = started(desk, n, **more)
    u.submit(desk, key, [u.revise(desk, org, entry)])
    u.countersign_all(desk, key)
    return key, org, entry


def errors(desk: Desk, key: int, entries: list[dict[str, Any]], **more: Any) -> dict[str, str]:
    """Hand in F08-C, which must be refused, and return the first error of each field."""
    with pytest.raises(InvalidForm) as refusal:
        u.hand_in(desk, key, entries, **more)
    return {field: found[0].zh for field, found in refusal.value.errors.items()}


def version(desk: Desk, entry: int) -> int:
    with desk.engine.database.reading() as conn:
        query = select(catalogue_entry.c.version).where(catalogue_entry.c.key == entry)
        return int(conn.execute(query).scalar_one())


def update_limit(desk: Desk, key: int) -> Any:
    [limit] = limits(desk, key, "TM08-1")
    return limit


def granted(desk: Desk, n: int = 1) -> tuple[int, int, int]:
    """An application that ended in a living grant: case, provider, entry."""
    instance = int(at_once(replied(desk, n, "agree", timedelta(0))))
    provide(desk, instance)
    desk.do(instance, "T12-10", {"ok": "usable"})
    desk.engine.sweep()  # the case of the grant begins
    return instance, case(desk, instance).providing_key, int(desk.variables(instance)["resource"]["key"])


# The straight way


def test_an_entry_is_revised_and_the_old_version_is_kept(desk: Desk) -> None:
    key, _, entry = submitted(desk)
    assert open_tasks(desk, key) == {"T08-4"}
    desk.do(key, "T08-4", {"decision": "pass"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "updated")
    with desk.engine.database.reading() as conn:
        rows = conn.execute(
            select(catalogue_version)
            .where(catalogue_version.c.entry_key == entry)
            .order_by(catalogue_version.c.version)
        ).all()
    assert [(r.version, r.change, r.instance_key) for r in rows] == [
        (1, "published", None),
        (2, "revised", key),
    ]
    assert len(rows[1].fields["metadata"]["items"]) == len(rows[0].fields["metadata"]["items"]) + 2
    assert templates(desk, key) == ["E-15", "E-15S"]


def test_a_new_entry_gets_its_code_from_class_and_sequence(desk: Desk) -> None:
    org, _ = u.owned(desk, 0)
    key = u.register(desk, org, 0, [], changed_on=CHANGED)
    u.submit(desk, key, [u.new_entry(desk, org, 1), u.new_entry(desk, org, 2)])
    desk.do(key, "T08-4", {"decision": "pass"})

    first, second = desk.variables(key)["publication"]["published"]
    assert (first["code"], second["code"]) == ("201001/000001", "201001/000002")
    assert version(desk, int(first["entry_key"])) == 1


def test_no_update_needed_is_reviewed_too_and_changes_nothing(desk: Desk) -> None:
    key, _, entry = started(desk)
    reason = "本次修订不涉及本部门信息资源，目录无需更新。"
    desk.do(key, "T08-1", {"conclusion": "no_update", "no_update_reason": reason, **u.CONTACT})
    desk.do(key, "T08-2", {"decision": "agree"})
    assert open_tasks(desk, key) == {"T08-4"}
    desk.do(key, "T08-4", {"decision": "pass"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "no_update")
    assert version(desk, entry) == 1
    assert reason in document_text(desk, key, "E-15")


def test_no_update_needed_wants_its_reasons(desk: Desk) -> None:
    key, _, _ = started(desk)
    assert set(errors(desk, key, [], conclusion="no_update")) == {"no_update_reason"}


def test_the_head_may_return_it_and_another_person_than_its_author_decides(desk: Desk) -> None:
    key, org, entry = started(desk)
    u.hand_in(desk, key, [u.revise(desk, org, entry)])
    with pytest.raises(InvalidForm, match="comment"):
        desk.do(key, "T08-2", {"decision": "return"})
    desk.do(key, "T08-2", RETURN)

    assert open_tasks(desk, key) == {"T08-1"}
    row = task(desk, key, "T08-1")
    view = desk.engine.queries.task(desk.actor(org, "handler"), row.key)
    assert any(RETURN["comment"] in text for text in view.defects)
    assert view.values["entries"][0]["name"]  # opens with what was handed in


def test_before_submission_the_managing_department_does_not_see_the_case(desk: Desk) -> None:
    key, org, entry = started(desk)
    seen = {row.key for row in desk.engine.queries.cases(desk.engine.accounts.actor_named("ysj.jb")).rows}
    assert key not in seen

    u.submit(desk, key, [u.revise(desk, org, entry)])

    assert case(desk, key).received_at == desk.now
    u.countersign_all(desk, key)
    reviewer = desk.actor(task(desk, key, "T08-4").organisation_key, "handler")
    assert desk.engine.queries.case(reviewer, key).comparison is not None


# R08-1, R08-2: the day of the change


@pytest.mark.parametrize(
    ("now", "changed", "due"),
    [
        pytest.param("2025-06-20T10:00", date(2025, 6, 20), date(2025, 7, 11), id="worked example"),
        pytest.param("2025-06-25T10:00", date(2025, 6, 20), date(2025, 7, 11), id="registered later"),
        pytest.param("2025-09-22T10:00", date(2025, 9, 19), date(2025, 10, 16), id="over National Day 2025"),
        pytest.param("2026-02-10T10:00", date(2026, 2, 6), date(2026, 3, 5), id="over Spring Festival 2026"),
    ],
)
def test_r08_1_the_fifteen_working_days_run_from_the_change(
    tmp_path: Path, now: str, changed: date, due: date
) -> None:
    engine = open_engine(tmp_path / "then.db", beijing(now))
    seed(engine)
    desk = Desk(engine)
    org, entry = u.owned(desk, 0)
    key = u.register(desk, org, 0, [entry], changed_on=changed)

    limit = update_limit(desk, key)
    assert (limit.event_on, limit.due_on) == (changed, due)
    assert (limit.basis, limit.kind) == ("《辽宁省政务信息资源共享管理办法（草案）》第八条", "law")
    engine.close()


def test_r08_1_the_form_says_which_day_of_a_law_counts(desk: Desk) -> None:
    org, _ = u.owned(desk, 0)
    actor = desk.actor(org, "handler")
    answer = desk.engine.handle(c.StartInstance(actor=actor, process_id=u.PROCESS))
    view = desk.engine.queries.task(actor, int(answer["user_task_key"]))
    [field] = [x for x in view.form["components"] if x["key"] == "change_date"]  # type: ignore[attr-defined]
    assert "法律法规修订的，填公布之日" in field["description"]


def test_r08_2_registered_late_it_has_the_days_that_are_left(desk: Desk) -> None:
    org, entry = u.owned(desk, 0)
    key = u.register(desk, org, 0, [entry], changed_on=date(2026, 5, 19))

    limit = update_limit(desk, key)
    assert (limit.due_on, limit.state) == (date(2026, 6, 9), "running")


def test_r08_2_none_left_it_starts_overdue_and_says_so(desk: Desk) -> None:
    org, entry = u.owned(desk, 0)
    key = u.register(desk, org, 0, [entry], changed_on=date(2026, 4, 20))
    desk.engine.sweep()

    assert update_limit(desk, key).state == "overdue"
    assert case(desk, key).overdue
    assert open_tasks(desk, key) == {"T08-1", "T08-5"}
    assert any("已经届满，仍须更新" in text for _, text, _ in told(desk, key))
    assert not any("期限提醒" in text for _, text, _ in told(desk, key))  # of what is over nobody is reminded


def test_r_t7_registered_on_the_day_it_is_due_one_reminder_goes_out_at_once(desk: Desk) -> None:
    org, entry = u.owned(desk, 0)
    key = u.register(desk, org, 0, [entry], changed_on=date(2026, 5, 18))
    desk.engine.sweep()

    assert update_limit(desk, key).due_on == date(2026, 6, 8)
    reminded = [name for name, text, _ in told(desk, key) if "期限提醒" in text]
    assert len(reminded) == len(set(reminded)) > 0


def test_r08_2_late_means_closed_late_with_the_result_that_says_so(desk: Desk) -> None:
    org, entry = u.owned(desk, 0, kind="主题")
    key = u.register(desk, org, 0, [entry], changed_on=date(2026, 4, 20))
    u.submit(desk, key, [u.revise(desk, org, entry)])
    u.countersign_all(desk, key)
    desk.do(key, "T08-4", {"decision": "pass"})
    desk.do(key, "T08-5", {"action": "justified", "reason": "已经报送并审核通过。"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "updated_late")
    assert update_limit(desk, key).state == "met_late"


def test_r08_3_several_entries_are_one_case_with_one_due_date(desk: Desk) -> None:
    org, first = u.owned(desk, 0, kind="主题")
    with desk.engine.database.reading() as conn:
        second = conn.execute(
            select(catalogue_entry.c.key).where(
                catalogue_entry.c.provider_key == org,
                catalogue_entry.c.key != first,
                catalogue_entry.c.sharing_type != "not_shared",
            )
        ).scalar()
    assert second is not None
    key = u.register(desk, org, 0, [first, second], changed_on=CHANGED)
    kept = {"entry": str(second), "change": "none", "reason": "该条目不受本次修订影响，无需更新。"}
    assert "逐条处理" in errors(desk, key, [u.revise(desk, org, first)])["entries"]
    u.submit(desk, key, [u.revise(desk, org, first), kept])
    u.countersign_all(desk, key)
    desk.do(key, "T08-4", {"decision": "pass"})

    assert (version(desk, first), version(desk, second)) == (2, 1)
    assert len(limits(desk, key, "TM08-1")) == 1


# R08-4: what the limit is while the review runs, and after a return


def test_r08_4_while_the_review_runs_nothing_expires(desk: Desk) -> None:
    key, _, _ = submitted(desk)
    assert update_limit(desk, key).state == "answered"

    wait_until(desk, beijing("2026-07-06T10:00"))

    assert update_limit(desk, key).state == "answered"
    assert not case(desk, key).overdue
    desk.do(key, "T08-4", {"decision": "pass"})
    assert (case(desk, key).state, case(desk, key).result) == ("closed", "updated")
    limit = update_limit(desk, key)
    assert (limit.state, limit.ended_at) == ("met", beijing("2026-06-08T10:00"))


def test_r08_4_returned_in_time_the_clock_goes_on_from_the_same_day(desk: Desk) -> None:
    key, org, entry = submitted(desk)
    wait_until(desk, beijing("2026-06-10T10:00"))
    desk.do(key, "T08-4", RETURN)

    limit = update_limit(desk, key)
    assert (limit.state, limit.due_on) == ("running", date(2026, 6, 29))
    wait_until(desk, beijing("2026-06-30T00:00"))
    assert update_limit(desk, key).state == "overdue"
    desk.do(key, "T08-5", {"action": "justified", "reason": "已督促尽快重新报送。"})
    u.submit(desk, key, [u.revise(desk, org, entry)])
    u.countersign_all(desk, key)
    desk.do(key, "T08-4", {"decision": "pass"})
    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "updated_late")


def test_r08_4_returned_after_the_due_date_it_is_overdue_since_that_date(desk: Desk) -> None:
    key, _, _ = submitted(desk)
    wait_until(desk, beijing("2026-07-06T10:00"))
    desk.do(key, "T08-4", RETURN)
    desk.engine.sweep()

    limit = update_limit(desk, key)
    assert (limit.state, limit.expired_at) == ("overdue", beijing("2026-06-30T00:00"))
    assert open_tasks(desk, key) == {"T08-1", "T08-5"}


def test_r08_4_submitted_on_the_last_day_and_passed_later_is_in_time(desk: Desk) -> None:
    key, org, entry = started(desk)
    wait_until(desk, beijing("2026-06-29T23:59"))
    u.submit(desk, key, [u.revise(desk, org, entry)])
    u.countersign_all(desk, key)
    wait_until(desk, beijing("2026-07-02T09:00"))
    desk.do(key, "T08-4", {"decision": "pass"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "updated")


def test_r08_4_a_return_needs_reasons(desk: Desk) -> None:
    key, _, _ = submitted(desk)
    with pytest.raises(InvalidForm, match="comment"):
        desk.do(key, "T08-4", {"decision": "return"})
    assert open_tasks(desk, key) == {"T08-4"}


@pytest.mark.parametrize("day", ["2026-06-09", "2099-01-01"])
def test_r08_5_a_change_in_the_future_is_refused(desk: Desk, day: str) -> None:
    org, entry = u.owned(desk, 0)
    with pytest.raises(InvalidForm) as refusal:
        u.register(desk, org, 0, [entry], changed_on=date.fromisoformat(day))
    assert set(refusal.value.errors) == {"change_date"}


def test_f08_a_wants_an_entry_or_a_new_one(desk: Desk) -> None:
    org, _ = u.owned(desk, 0)
    with pytest.raises(InvalidForm) as refusal:
        u.register(desk, org, 0, [], changed_on=CHANGED, new_entry=False)
    assert set(refusal.value.errors) == {"entries"}


def test_f08_a_offers_only_the_department_s_own_entries(desk: Desk) -> None:
    org, _ = u.owned(desk, 0)
    foreign = next(e for o, e in (u.owned(desk, n) for n in range(20)) if o != org)
    with pytest.raises(InvalidForm, match="entries"):
        u.register(desk, org, 0, [foreign], changed_on=CHANGED)
    key = u.register(desk, org, 0, [], changed_on=CHANGED)
    assert "entries.0.entry" in errors(
        desk, key, [{"entry": str(foreign), "change": "none", "reason": "不受影响。" * 3}]
    )


def test_another_update_has_no_limit_by_law(desk: Desk) -> None:
    key, _, _ = submitted(desk, change_kind="other")
    assert limits(desk, key, "TM08-1") == []
    wait_until(desk, beijing("2026-09-01T10:00"))
    desk.do(key, "T08-4", {"decision": "pass"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "updated")
    assert "没有法定期限" in document_text(desk, key, "E-15")


# Timers


def test_tm08_1_expires_at_the_end_of_the_due_date_and_the_duty_stays(desk: Desk) -> None:
    key, _, _ = started(desk)
    wait_until(desk, beijing("2026-06-29T23:59"))
    assert not case(desk, key).overdue
    reminded = [at for _, text, at in told(desk, key) if "期限提醒" in text]
    assert {at for at in reminded} == {beijing("2026-06-26T09:00"), beijing("2026-06-29T09:00")}

    wait_until(desk, beijing("2026-06-30T00:00"))

    assert case(desk, key).overdue
    assert open_tasks(desk, key) == {"T08-1", "T08-5"}
    assert {who for who, text, _ in told(desk, key) if "已于2026年6月29日届满" in text} == {"ysj.jb"}


def test_tm08_1_overdue_is_a_lead_for_rectification_on_ground_1(desk: Desk) -> None:
    key, org, _ = started(desk)
    wait_until(desk, beijing("2026-06-30T00:00"))
    desk.do(key, "T08-5", {"action": "open_case", "reason": "经催办仍未更新目录。"})

    with desk.engine.database.reading() as conn:
        [thrown] = conn.execute(select(message).where(message.c.instance_key == key)).all()
    assert (thrown.target, thrown.correlation) == ("ln_art20_rectification", case(desk, key).business_id)
    taken = thrown.payload["variables"]
    assert (taken["target_dept"], taken["ground"]) == (str(org), ["1"])
    assert "经催办仍未更新目录。" in taken["facts"]
    assert thrown.payload["message"] == "移送整改立案"
    assert open_tasks(desk, key) == {"T08-1"}
    desk.engine.sweep()
    [begun] = begun_by(desk, key)
    assert (begun.process_id, begun.managing_key) == ("ln_art20_rectification", case(desk, key).managing_key)
    assert begun.variables["target_dept"] == str(org)


def test_tm08_2_the_review_is_two_working_days_from_submission(desk: Desk) -> None:
    key, _, _ = submitted(desk)
    [limit] = limits(desk, key, "TM08-2")
    assert limit.due_on == date(2026, 6, 10)
    wait_until(desk, beijing("2026-06-11T00:00"))

    assert "ysj.fz" in {who for who, text, _ in told(desk, key) if "审核期限已于" in text}
    assert open_tasks(desk, key) == {"T08-4"}


def test_the_extension_is_not_offered_where_the_setting_is_off(desk: Desk) -> None:
    key, org, _ = started(desk)
    actor = desk.actor(org, "handler")
    assert desk.engine.queries.case(actor, key).acts == ()
    with pytest.raises(WrongState):
        desk.engine.handle(c.SendMessage(actor=actor, instance_key=key, element_id="ES08-X", values={}))


# Lead departments (Art. 9)


def two_leads(desk: Desk) -> tuple[int, list[int]]:
    """An update of two entries under two lead departments, none of them the department's own."""
    org, first = u.owned(desk, 0, kind="主题")
    key = u.register(desk, org, 0, [first], changed_on=CHANGED, new_entry=True)
    with desk.engine.database.reading() as conn:
        keys = [
            k
            for k in conn.execute(
                select(organisation.c.key)
                .where(organisation.c.level == "province", organisation.c.kind == "government")
                .order_by(organisation.c.key)
            ).scalars()
            if k != org
        ][:2]
    added = u.new_entry(desk, org, 1, lead_dept=str(keys[1])) | {"catalogue_kind": "主题"}
    u.submit(desk, key, [{**u.revise(desk, org, first), "lead_dept": str(keys[0])}, added])
    return key, keys


def test_every_lead_department_countersigns_one_after_the_other(desk: Desk) -> None:
    key, _ = two_leads(desk)
    leads = [int(k) for k in desk.variables(key)["comparison"]["leads"]]
    seen: list[int] = []
    while open_tasks(desk, key) == {"T08-3"}:
        seen.append(task(desk, key, "T08-3").organisation_key)
        desk.do(key, "T08-3", {"decision": "agree"})

    assert seen == leads
    assert len(leads) >= 2
    assert open_tasks(desk, key) == {"T08-4"}


def test_a_lead_department_that_objects_sends_it_back(desk: Desk) -> None:
    key, _ = two_leads(desk)
    desk.do(key, "T08-3", RETURN)

    assert open_tasks(desk, key) == {"T08-1"}
    assert update_limit(desk, key).state == "running"


def test_a_department_entry_needs_no_countersignature(desk: Desk) -> None:
    org, _ = u.owned(desk, 0)
    key = u.register(desk, org, 0, [], changed_on=CHANGED)
    u.submit(desk, key, [u.new_entry(desk, org, 1)])
    assert open_tasks(desk, key) == {"T08-4"}


# What is refused (domain D.1.2, D.1.3)


def wrong(desk: Desk, **changes: Any) -> dict[str, str]:
    org, _ = u.owned(desk, 0)
    key = u.register(desk, org, 0, [], changed_on=CHANGED)
    return errors(desk, key, [{**u.new_entry(desk, org, 1), **changes}])


def test_a_conditional_entry_without_conditions_is_refused(desk: Desk) -> None:
    assert set(wrong(desk, sharing_conditions="")) == {"entries.0.sharing_conditions"}


def test_an_entry_not_shared_without_legal_basis_is_refused(desk: Desk) -> None:
    assert set(wrong(desk, sharing_type="not_shared", sharing_conditions=None)) == {
        "entries.0.sharing_conditions"
    }


def test_a_basic_item_that_is_not_unconditional_is_refused(desk: Desk) -> None:
    items = [{"name": "姓名", "type": "字符型C", "length": "50", "basic": "是"}]
    found = wrong(desk, items=items)
    assert set(found) == {"entries.0.sharing_type"}
    assert "第十条" in found["entries.0.sharing_type"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param(
            {"format_class": "文档", "sharing_method": ["db_exchange"]}, "sharing_method", id="tables"
        ),
        pytest.param({"format_class": "电子表格"}, "sharing_method", id="interface to a spreadsheet"),
        pytest.param({"provider_code": "112100000090013768"}, "provider_code", id="check digit"),
        pytest.param({"provider_code": "112100000090013767X"}, "provider_code", id="too long a code"),
        pytest.param({"abstract": "太短"}, "abstract", id="short abstract"),
        pytest.param({"abstract": "长" * 501}, "abstract", id="long abstract"),
        pytest.param({"class_code": "20"}, "class_code", id="class code of two digits"),
        pytest.param({"class_code": "ABC"}, "class_code", id="class code of letters"),
        pytest.param({"class_path": "主题信息资源类//监测"}, "class_path", id="empty level"),
        pytest.param({"class_path": "主题信息资源类/社会服务"}, "class_path", id="fewer names than levels"),
        pytest.param({"items": []}, "items", id="no items"),
        pytest.param({"items": [{"name": "x", "type": "文本"}]}, "items", id="unknown type"),
        pytest.param({"items": [{"name": "x", "type": "字符型C"}] * 2}, "items", id="an item twice"),
        pytest.param({"catalogue_kind": "基础"}, "lead_dept", id="no lead department"),
        pytest.param({"use_scope": None}, "use_scope", id="conditional without scope"),
        pytest.param({"security_class": "绝密"}, "security_class", id="a class that cannot be here"),
        pytest.param({"change": "revise"}, "change", id="a new entry revised"),
    ],
)
def test_a_wrong_field_is_refused_under_its_place(desk: Desk, changes: dict[str, Any], field: str) -> None:
    assert f"entries.0.{field}" in wrong(desk, **changes)


def test_a_name_that_the_department_has_is_refused(desk: Desk) -> None:
    org, entry = u.owned(desk, 0)
    taken = u.entry_form(desk, org, entry)["name"]
    assert set(wrong(desk, name=f" {taken} ")) == {"entries.0.name"}


def test_two_new_entries_of_one_name_are_refused(desk: Desk) -> None:
    org, _ = u.owned(desk, 0)
    key = u.register(desk, org, 0, [], changed_on=CHANGED)
    assert set(errors(desk, key, [u.new_entry(desk, org, 1), u.new_entry(desk, org, 1)])) == {"entries"}


def test_a_revision_that_changes_nothing_is_refused(desk: Desk) -> None:
    key, org, entry = started(desk)
    found = errors(desk, key, [u.entry_form(desk, org, entry)])
    assert "没有差别" in found["entries.0.change"]


def test_all_errors_of_all_entries_come_at_once(desk: Desk) -> None:
    key, org, entry = started(desk, new_entry=True)
    found = errors(
        desk,
        key,
        [
            {**u.revise(desk, org, entry), "abstract": "短", "sharing_conditions": ""},
            {**u.new_entry(desk, org, 1), "class_code": "2", "items": []},
        ],
        contact_phone="12",
    )
    assert set(found) == {
        "entries.0.abstract",
        "entries.0.sharing_conditions",
        "entries.1.class_path",
        "entries.1.items",
        "contact_phone",
    }


# What becomes of grants and applications


def test_departments_with_grants_are_told_what_changed_and_their_grants_stay(desk: Desk) -> None:
    instance, org, entry = granted(desk)
    using = case(desk, instance).using_key
    key = u.register(desk, org, 0, [entry], changed_on=CHANGED)
    u.submit(desk, key, [u.revise(desk, org, entry)])
    u.countersign_all(desk, key)
    desk.do(key, "T08-4", {"decision": "pass"})

    texts = {who: text for who, text, _ in told(desk, key) if "第2版" in text}
    user = desk.actor(using, "handler").username
    assert "新增信息项更新时间戳、数据来源系统" in texts[user]
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(grant.c.ended_on)).scalar_one() is None


def deletion(desk: Desk, org: int, entry: int) -> int:
    key = u.register(desk, org, 0, [entry], changed_on=CHANGED)
    reason = "有关业务已经取消，不再采集该项信息。"
    u.submit(desk, key, [{"entry": str(entry), "change": "delete", "reason": reason}])
    u.countersign_all(desk, key)
    desk.do(key, "T08-4", {"decision": "pass"})
    desk.engine.sweep()
    return key


def test_an_entry_without_grants_is_deleted_at_once(desk: Desk) -> None:
    org, entry = u.owned(desk, 0)
    key = deletion(desk, org, entry)

    assert case(desk, key).result == "updated"
    with desk.engine.database.reading() as conn:
        row = conn.execute(select(catalogue_entry).where(catalogue_entry.c.key == entry)).one()
        kept = conn.execute(select(catalogue_deletion)).one()
    assert row.withdrawn_on == date(2026, 6, 8)
    assert (kept.entry_key, kept.instance_key) == (entry, key)


def test_deletion_while_grants_live_takes_effect_after_thirty_days(desk: Desk) -> None:
    instance, org, entry = granted(desk)
    using = case(desk, instance).using_key
    deletion(desk, org, entry)
    user = desk.actor(using, "handler")

    view = desk.engine.queries.entry(user, entry)
    assert view.row.withdrawn_on is None
    assert view.deletion is not None and view.deletion.deletes_on == date(2026, 7, 8)
    assert "ln_art12_application" not in {offer.process_id for offer in view.offers}
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(grant.c.ended_on)).scalar_one() == date(2026, 7, 8)
    with pytest.raises(WrongState, match="从目录删除"):
        desk.start(next(k for k in (org_of_another(desk, org, using),)), entry)

    wait_until(desk, beijing("2026-07-07T23:59"))
    assert desk.engine.queries.entry(user, entry).row.withdrawn_on is None
    wait_until(desk, beijing("2026-07-08T00:00"))
    assert desk.engine.queries.entry(user, entry).row.withdrawn_on == date(2026, 7, 8)
    with desk.engine.database.reading() as conn:
        begun = conn.execute(
            select(process_instance).where(process_instance.c.process_id == "ln_art08_deletion")
        ).one()
    assert (begun.state, begun.result) == ("closed", "deleted")


def org_of_another(desk: Desk, *but: int) -> int:
    return next(o for o, _ in (u.owned(desk, n) for n in range(30)) if o not in but)


def test_users_are_told_of_the_end_of_their_grants(desk: Desk) -> None:
    instance, org, entry = granted(desk)
    key = deletion(desk, org, entry)
    user = desk.actor(case(desk, instance).using_key, "handler").username
    [text] = [text for who, text, _ in told(desk, key) if who == user]
    assert "将自2026年7月8日起删除" in text


def waiting_application(desk: Desk) -> tuple[int, int, int]:
    instance = int(at_once(deliver(desk, 1)))
    return instance, case(desk, instance).providing_key, int(desk.variables(instance)["resource"]["key"])


def freed(desk: Desk, org: int, entry: int, *close: int) -> int:
    key = u.register(desk, org, 0, [entry], changed_on=CHANGED)
    values = u.entry_form(
        desk, org, entry, sharing_type="unconditional", close_applications=[str(k) for k in close]
    )
    u.submit(desk, key, [values])
    u.countersign_all(desk, key)
    desk.do(key, "T08-4", {"decision": "pass"})
    desk.engine.sweep()
    return key


def test_r12_16_an_application_goes_on_under_the_type_at_receipt(desk: Desk) -> None:
    instance, org, entry = waiting_application(desk)
    freed(desk, org, entry)

    assert open_tasks(desk, instance) == {"T12-04"}
    assert desk.variables(instance)["resource"]["sharing_type"] == "conditional"
    assert limits(desk, instance, "TM12-1")[0].state == "running"


def test_an_application_is_closed_as_granted_where_the_provider_says_so(desk: Desk) -> None:
    instance, org, entry = waiting_application(desk)
    key = freed(desk, org, entry, instance)

    assert (case(desk, instance).state, case(desk, instance).result) == ("closed", "granted_direct")
    assert limits(desk, instance, "TM12-1")[0].state == "cancelled"
    assert desk.variables(key)["comparison"]["entries"][0]["closes"] == [case(desk, instance).business_id]
    assert "GrantRecorded" in trail(desk, instance)


def test_only_applications_for_the_entry_itself_can_be_closed(desk: Desk) -> None:
    instance, org, entry = waiting_application(desk)
    with desk.engine.database.reading() as conn:
        another = conn.execute(
            select(catalogue_entry.c.key).where(
                catalogue_entry.c.provider_key == org, catalogue_entry.c.key != entry
            )
        ).scalar()
    assert another is not None
    key = u.register(desk, org, 0, [another], changed_on=CHANGED)
    values = u.entry_form(
        desk, org, another, sharing_type="unconditional", close_applications=[str(instance)]
    )
    assert "entries.0.close_applications" in errors(desk, key, [values])


def test_a_reply_that_was_faster_stands_and_the_message_lapses(desk: Desk, engine: Engine) -> None:
    instance, org, entry = waiting_application(desk)
    key = u.register(desk, org, 0, [entry], changed_on=CHANGED)
    values = u.entry_form(desk, org, entry, sharing_type="unconditional", close_applications=[str(instance)])
    u.submit(desk, key, [values])
    u.countersign_all(desk, key)
    desk.do(key, "T08-4", {"decision": "pass"})
    desk.do(instance, "T12-04", {"check_result": "accept"})
    desk.do(instance, "T12-07", reply_form(desk, instance, "agree"))
    desk.do(instance, "T12-08", {"decision": "sign"})
    engine.sweep()

    assert open_tasks(desk, instance) == {"T12-09"}
    assert "MessageLapsed" in trail(desk, key)


# Two at once


def test_an_entry_changed_by_another_case_meanwhile_sends_it_back(desk: Desk) -> None:
    first, org, entry = submitted(desk)
    second = u.register(desk, org, 1, [entry], changed_on=CHANGED)
    u.submit(desk, second, [u.revise(desk, org, entry)])
    u.countersign_all(desk, second)
    desk.do(first, "T08-4", {"decision": "pass"})
    desk.do(second, "T08-4", {"decision": "pass"})

    assert open_tasks(desk, second) == {"T08-1"}
    assert "第2版" in desk.variables(second)["publication"]["defects"][0]
    assert version(desk, entry) == 2
    assert incidents(desk, second) == []


# S08-b: the change of law for many departments


def prompt(desk: Desk, keys: list[int], **changes: Any) -> int:
    actor = desk.engine.accounts.actor_named("ysj.jb")
    key = int(desk.engine.handle(c.StartInstance(actor=actor, process_id=u.LAW_CHANGE))["instance_key"])
    values = {
        "doc_title": "辽宁省数据条例",
        "doc_no": "省人大常委会公告示例第9号",
        "change_date": CHANGED.isoformat(),
        "departments": [str(k) for k in keys],
        **changes,
    }
    desk.do(key, "T08-L", values)
    return key


def begun_by(desk: Desk, key: int) -> list[Any]:
    with desk.engine.database.reading() as conn:
        query = select(process_instance).where(process_instance.c.origin_key == key)
        return list(conn.execute(query.order_by(process_instance.c.using_key)))


def test_s08_b_begins_one_case_for_each_department_with_its_limit(desk: Desk) -> None:
    keys = sorted({u.owned(desk, n)[0] for n in range(4)})
    key = prompt(desk, keys)
    desk.engine.sweep()
    desk.engine.sweep()

    found = begun_by(desk, key)
    assert [row.using_key for row in found] == keys
    assert all(open_tasks(desk, row.key) == {"T08-1"} for row in found)
    assert {update_limit(desk, row.key).due_on for row in found} == {date(2026, 6, 29)}
    assert case(desk, key).result == "prompted"


def test_s08_b_a_prompted_department_may_answer_that_nothing_changes(desk: Desk) -> None:
    org, _ = u.owned(desk, 0)
    key = prompt(desk, [org])
    desk.engine.sweep()
    [row] = begun_by(desk, key)
    reason = "经核对，本部门目录不受该条例影响。"
    desk.do(row.key, "T08-1", {"conclusion": "no_update", "no_update_reason": reason, **u.CONTACT})
    desk.do(row.key, "T08-2", {"decision": "agree"})
    desk.do(row.key, "T08-4", {"decision": "pass"})
    assert case(desk, row.key).result == "no_update"


def test_s08_b_prompts_departments_of_the_area_and_below_and_no_government(desk: Desk) -> None:
    with desk.engine.database.reading() as conn:
        rows = conn.execute(select(organisation.c.name, organisation.c.key)).all()
        names = {row.name: row.key for row in rows}
    with pytest.raises(InvalidForm, match="departments"):
        prompt(desk, [names["辽宁省人民政府办公厅"]])
    actor = desk.engine.accounts.actor_named("syys.jb")
    key = int(desk.engine.handle(c.StartInstance(actor=actor, process_id=u.LAW_CHANGE))["instance_key"])
    view = desk.engine.queries.task(actor, task(desk, key, "T08-L").key)
    offered = {label for _, label in view.sources["departments"]}
    assert "沈阳市和平区民政局" in offered and "沈阳市人力资源和社会保障局" in offered
    assert not {name for name in offered if name.startswith(("辽宁省", "大连"))}


def test_s08_b_only_the_managing_department_registers_it_and_not_for_the_future(desk: Desk) -> None:
    org, _ = u.owned(desk, 0)
    with pytest.raises(NotAllowed):
        desk.engine.handle(c.StartInstance(actor=desk.actor(org, "handler"), process_id=u.LAW_CHANGE))
    with pytest.raises(InvalidForm, match="change_date"):
        prompt(desk, [org], change_date="2026-06-09")


def test_s08_b_two_hundred_departments_get_two_hundred_cases(desk: Desk) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for n in range(200):
        code = f"1121{n:06d}0090{n:03d}"[:17]
        total = sum(alphabet.index(x) * pow(3, i, 31) for i, x in enumerate(code))
        desk.engine.handle(
            c.RegisterOrganisation(
                actor=None,
                code=code + alphabet[(31 - total % 31) % 31],
                kind="government",
                level="province",
                area="辽宁省",
                managing=False,
                name=f"示例部门{n}",
                valid_from="2020-01-01",
            )
        )
    with desk.engine.database.reading() as conn:
        keys = list(
            conn.execute(select(organisation.c.key).where(organisation.c.name.like("示例部门%"))).scalars()
        )
    key = prompt(desk, keys)
    while desk.engine.sweep():
        pass

    with desk.engine.database.reading() as conn:
        query = select(func.count(), func.count(process_instance.c.using_key.distinct())).where(
            process_instance.c.origin_key == key
        )
        assert tuple(conn.execute(query).one()) == (200, 200)
