"""《政务数据共享条例》 Art. 20–22: applications under the second set of versions (domain F.3, 1–4)."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.answers import reply
from engine.demo.cases import Desk, begin, deliver, fill, provide
from engine.errors import InvalidForm, NotAllowed, WrongState
from engine.history.replay import rebuild
from engine.periods import beijing_day
from engine.storage.tables import organisation
from tests.conftest import at_once, beijing
from tests.processes.office import (
    administrators,
    case,
    document_text,
    limits,
    open_tasks,
    task,
    told,
    trail,
    wait_until,
)
from tests.processes.reg809 import publish
from tests.test_replay import tables

pytestmark = pytest.mark.only("sqlite")
PROCESS = "ln_art12_application"
REASON = "所涉数据需要跨处室汇总核对，原期限内难以完成。"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    publish(desk, PROCESS)
    return desk


def delivered(desk: Desk, n: int = 1) -> int:
    return int(at_once(deliver(desk, n)))


def unconditional(desk: Desk) -> int:
    key = begin(desk, 1, "unconditional")
    fill(desk, key, 1)
    desk.do(key, "T12-02", {"decision": "agree"})
    return key


def answer(desk: Desk, key: int, decision: str = "agree", **changes: Any) -> None:
    applied = desk.variables(key)["application"]
    desk.do(key, "T12-07", {**reply(applied, beijing_day(desk.now), decision), **changes})


def name_unit_head(desk: Desk, org: int) -> None:
    """Enter a head of the data-sharing unit in a department."""
    with desk.engine.database.reading() as conn:
        code = conn.execute(select(organisation.c.code).where(organisation.c.key == org)).scalar_one()
    [admin, _] = administrators(desk)
    desk.engine.handle(
        c.RegisterUser(
            actor=admin,
            username="unithead",
            name="工作机构负责人甲",
            org_code=str(code),
            roles=("sharing_unit_head",),
            password="Shixian-2026",
        )
    )


def ask_for_more_time(desk: Desk, key: int, days: int = 10) -> None:
    actor = desk.actor(case(desk, key).providing_key, "handler")
    desk.engine.handle(c.SendMessage(actor=actor, instance_key=key, element_id="ES12-X", values={}))
    desk.do(key, "T12-X1", {"days": days, "reason": REASON})


def test_r12_04_a_conditional_application_is_answered_in_ten_working_days(desk: Desk) -> None:
    key = delivered(desk)
    [limit] = limits(desk, key, "TM12-1")

    assert limit.due_on.isoformat() == "2026-06-23"
    assert (limit.basis, limit.kind) == ("《政务数据共享条例》第二十一条第一款", "law")
    assert limits(desk, key, "TM12-1U") == []
    assert "自收到之日起10个工作日内（2026年6月23日前，含当日）" in document_text(desk, key, "E-1")


def test_r_v1_a_case_received_under_the_draft_finishes_with_five_days(engine: Any) -> None:
    desk = Desk(engine)
    old = delivered(desk)
    publish(desk, PROCESS)
    new = delivered(desk, 2)
    desk.do(old, "T12-04", {"check_result": "accept"})
    answer(desk, old)
    desk.do(old, "T12-08", {"decision": "sign"})

    assert [str(limits(desk, key, "TM12-1")[0].due_on) for key in (old, new)] == ["2026-06-15", "2026-06-23"]
    assert "（草案）》第十二条" in document_text(desk, old, "E-3")


def test_an_unconditional_application_is_applied_for_and_answered_within_one_working_day(desk: Desk) -> None:
    key = unconditional(desk)
    [limit] = limits(desk, key, "TM12-1U")

    assert limit.due_on.isoformat() == "2026-06-09"
    assert limits(desk, key, "TM12-1") == []
    assert "GrantRecorded" not in trail(desk, key)
    assert "自收到之日起1个工作日内（2026年6月9日前，含当日）" in document_text(desk, key, "E-1")

    desk.do(key, "T12-04", {"check_result": "accept"})
    answer(desk, key)
    desk.do(key, "T12-08", {"decision": "sign"})
    provide(desk, key)
    desk.do(key, "T12-10", {"ok": "usable"})

    assert case(desk, key).result == "granted"
    assert "自收到之日起1个工作日内" in document_text(desk, key, "E-3")


@pytest.mark.parametrize("decision", ["refuse", "partly"])
def test_data_shared_unconditionally_cannot_be_refused(desk: Desk, decision: str) -> None:
    key = unconditional(desk)
    desk.do(key, "T12-04", {"check_result": "accept"})

    with pytest.raises(InvalidForm) as refusal:
        answer(desk, key, decision)

    assert "应当答复同意共享" in str(refusal.value.errors["decision"])


def test_an_unconditional_reply_that_is_late_is_supervised_like_any_other(desk: Desk) -> None:
    key = unconditional(desk)
    wait_until(desk, beijing("2026-06-10T09:00"))

    assert limits(desk, key, "TM12-1U")[0].state == "overdue"
    assert "T12-12" in open_tasks(desk, key)


def test_an_extension_needs_the_head_of_the_competent_department_and_the_requester_is_told(
    desk: Desk,
) -> None:
    key = delivered(desk)
    ask_for_more_time(desk, key)
    approval = task(desk, key, "T12-X2")
    assert (approval.organisation_key, approval.role) == (case(desk, key).managing_key, "head")

    desk.do(key, "T12-X2", {"decision": "agree", "approved_days": 10})

    [limit] = limits(desk, key, "TM12-1")
    assert limit.due_on.isoformat() == "2026-07-07"
    requester = desk.actor(case(desk, key).using_key, "handler").username
    assert [text for name, text, _ in told(desk, key) if name == requester and "答复期限延长" in text]
    assert "T12-X1" not in open_tasks(desk, key)


def test_an_extension_is_at_most_ten_working_days(desk: Desk) -> None:
    key = delivered(desk)

    with pytest.raises(InvalidForm) as refusal:
        ask_for_more_time(desk, key, 11)

    assert "days" in refusal.value.errors


def test_fewer_days_may_be_agreed_to_never_more(desk: Desk) -> None:
    key = delivered(desk)
    ask_for_more_time(desk, key, 5)
    with pytest.raises(InvalidForm):
        desk.do(key, "T12-X2", {"decision": "agree", "approved_days": 6})

    desk.do(key, "T12-X2", {"decision": "agree", "approved_days": 3})

    assert limits(desk, key, "TM12-1")[0].due_on.isoformat() == "2026-06-26"


def test_a_refused_extension_leaves_the_limit_and_may_be_asked_for_again(desk: Desk) -> None:
    key = delivered(desk)
    ask_for_more_time(desk, key)
    desk.do(key, "T12-X2", {"decision": "refuse", "comment": "所述情况不属于特殊原因。"})

    assert limits(desk, key, "TM12-1")[0].due_on.isoformat() == "2026-06-23"
    ask_for_more_time(desk, key, 4)
    assert "T12-X2" in open_tasks(desk, key)


def test_a_request_that_is_undecided_at_expiry_lapses(desk: Desk) -> None:
    key = delivered(desk)
    ask_for_more_time(desk, key)
    wait_until(desk, beijing("2026-06-24T09:00"))

    assert "T12-X2" not in open_tasks(desk, key)
    assert limits(desk, key, "TM12-1")[0].due_on.isoformat() == "2026-06-23"
    provider = desk.actor(case(desk, key).providing_key, "handler").username
    assert [text for name, text, _ in told(desk, key) if name == provider and "已经失效" in text]


def test_a_reply_while_a_request_is_open_ends_the_request(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T12-04", {"check_result": "accept"})
    ask_for_more_time(desk, key)
    answer(desk, key)
    desk.do(key, "T12-08", {"decision": "sign"})

    assert "T12-X2" not in open_tasks(desk, key)


def test_no_extension_is_offered_for_the_one_day_of_unconditional_data(desk: Desk) -> None:
    key = unconditional(desk)

    with pytest.raises(WrongState):
        ask_for_more_time(desk, key)


def test_the_head_signs_where_a_department_has_named_no_head_of_its_sharing_unit(desk: Desk) -> None:
    key = begin(desk, 1)
    fill(desk, key, 1)

    consent = task(desk, key, "T12-02")
    assert (consent.role, consent.lane) == ("head", "use.sharing_unit_head")


def test_the_head_of_the_sharing_unit_consents_where_there_is_one_and_the_head_no_longer(desk: Desk) -> None:
    key = begin(desk, 1)
    using = case(desk, key).using_key
    name_unit_head(desk, using)
    fill(desk, key, 1)

    consent = task(desk, key, "T12-02")
    assert consent.role == "sharing_unit_head"
    with pytest.raises(NotAllowed):
        desk.engine.handle(
            c.CompleteTask(
                actor=desk.actor(using, "head"), task_key=consent.key, values={"decision": "agree"}
            )
        )
    desk.do(key, "T12-02", {"decision": "agree"})
    assert open_tasks(desk, key) == {"T12-04"}


def test_the_case_page_speaks_the_words_of_the_regulation(desk: Desk) -> None:
    key = delivered(desk)
    actor = desk.actor(case(desk, key).providing_key, "handler")
    page = desk.engine.queries.case(actor, key)
    view = desk.engine.queries.task(actor, task(desk, key, "T12-04").key)

    assert [label for label, _ in page.head.parties] == [
        "政务数据需求部门",
        "政务数据提供部门",
        "政务数据共享主管部门",
    ]
    assert view.role_name == "政务数据提供部门经办人"
    assert any(line.text.startswith("政务数据需求部门：") for line in page.history)
    assert any(line.text.en.startswith("Requesting department: ") for line in page.history)


def test_replaying_the_history_of_cases_under_809_rebuilds_the_tables(desk: Desk) -> None:
    key = delivered(desk)
    ask_for_more_time(desk, key)
    desk.do(key, "T12-X2", {"decision": "agree", "approved_days": 10})
    with desk.engine.database.reading() as conn:
        before: dict[str, Any] = tables(conn)

    with desk.engine.database.writing() as conn:
        rebuild(conn)

    with desk.engine.database.reading() as conn:
        assert tables(conn) == before
