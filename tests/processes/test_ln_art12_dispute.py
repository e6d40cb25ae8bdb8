"""共享争议协调: every rule, end state and timer of domain D.2."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo import disputes
from engine.demo.cases import Desk, replied
from engine.demo.disputes import coordination, request, statement
from engine.errors import InvalidForm, NotAllowed, NotFound, WrongState
from engine.process_files import PROCESSES, definition_files
from engine.storage.tables import grant, message, organisation, process_instance
from tests.conftest import at_once, beijing
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
    wait_until,
)
from tests.processes.test_succession import heir, merge

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")


def submitted(desk: Desk, n: int = 1) -> int:
    return int(at_once(disputes.submitted(desk, n)))


def accepted(desk: Desk, n: int = 1) -> int:
    return int(at_once(disputes.accepted(desk, n)))


def heard(desk: Desk) -> int:
    key = accepted(desk)
    desk.do(key, "TD-3", statement())
    return key


def coordinated(desk: Desk, agreed: str, outcome: str, n: int = 1) -> int:
    key = accepted(desk, n)
    desk.do(key, "TD-3", statement())
    desk.do(key, "TD-4", coordination(desk, key, agreed, outcome))
    return key


def decided(desk: Desk, outcome: str) -> int:
    key = coordinated(desk, "no", outcome)
    desk.do(key, "TD-6", {"decision": "sign"})
    return key


def organisation_named(desk: Desk, name: str) -> int:
    with desk.engine.database.reading() as conn:
        return int(conn.execute(select(organisation.c.key).where(organisation.c.name == name)).scalar_one())


def thrown(desk: Desk, key: int) -> list[Any]:
    with desk.engine.database.reading() as conn:
        return list(
            conn.execute(select(message).where(message.c.instance_key == key).order_by(message.c.key))
        )


@pytest.fixture
def settings(desk: Desk) -> Callable[..., None]:
    """Publish the process with other settings."""

    def publish(**values: str) -> None:
        files = definition_files(PROCESSES / "ln_art12_dispute")
        xml = files["process.bpmn"].decode()
        for name, value in values.items():
            head, found, rest = xml.partition(f'<shixian:setting key="pD.{name}" value="')
            assert found
            xml = head + found + value + '"' + rest.partition('"')[2]
        desk.engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": xml.encode()}))

    return publish


# SD, both starts


def test_sd_the_message_of_art_12_begins_it_with_what_was_written_there(desk: Desk) -> None:
    key = int(at_once(disputes.raised(desk, 1)))

    found = desk.variables(key)
    assert open_tasks(desk, key) == {"TD-0"}
    assert (found["applicant_dept"], found["respondent_dept"]) == (
        found["using_dept"],
        found["providing_dept"],
    )
    assert found["kind"] == "不予共享"
    assert found["origin"]["process_id"] == "ln_art12_application"
    assert case(desk, key).business_id.startswith("LN12Z-2026-")


def test_sd_the_message_is_caught_exactly_once(desk: Desk) -> None:
    key = int(at_once(disputes.raised(desk, 1)))
    for _ in range(3):
        desk.engine.sweep()

    with desk.engine.database.reading() as conn:
        found = conn.execute(
            select(process_instance.c.key).where(process_instance.c.process_id == "ln_art12_dispute")
        ).scalars()
        assert list(found) == [key]


def test_sd_a_catalogue_that_does_not_share_may_be_disputed_too(desk: Desk) -> None:
    from engine.demo.cases import begin, fill

    application = begin(desk, 1, "not_shared")
    fill(desk, application, 1)
    desk.do(application, "T12-14", {"decision": "dispute", "reason": disputes.REASON})
    key = int(desk.begun(application, disputes.PROCESS) or 0)

    assert desk.variables(key)["kind"] == "目录共享类型"
    desk.do(key, "TD-0", request("sharing_type"))
    assert open_tasks(desk, key) == {"TD-2"}


@pytest.mark.parametrize("side", ["using_dept", "providing_dept"])
def test_sd_either_side_may_apply_from_the_case(desk: Desk, side: str) -> None:
    application = int(at_once(replied(desk, 1, "agree", timedelta(0))))
    own = int(desk.variables(application)[side])
    key = disputes.raise_from(desk, application, own)

    found = desk.variables(key)
    assert found["applicant_dept"] == str(own)
    assert {found["applicant_dept"], found["respondent_dept"]} == {
        found["using_dept"],
        found["providing_dept"],
    }
    desk.do(key, "TD-0", request("conditions"))
    assert open_tasks(desk, key) == {"TD-2"}


def test_sd_who_is_no_party_may_not_apply(desk: Desk) -> None:
    application = int(at_once(replied(desk, 1, "refuse", timedelta(0))))
    manager = case(desk, application).managing_key

    with pytest.raises(NotAllowed, match="本部门不是该事项的当事部门"):
        disputes.raise_from(desk, application, manager)
    offers = desk.engine.queries.case(desk.actor(manager, "handler"), application)
    assert "ln_art12_dispute" not in {o.process_id for o in offers.followers}
    own = desk.actor(case(desk, application).using_key, "handler")
    assert "ln_art12_dispute" in {o.process_id for o in desk.engine.queries.case(own, application).followers}


def test_sd_an_application_that_was_not_delivered_is_no_dispute_yet(desk: Desk) -> None:
    from engine.demo.cases import begin

    application = begin(desk, 1)
    key = disputes.raise_from(desk, application, case(desk, application).using_key)
    desk.do(key, "TD-0", request())

    assert open_tasks(desk, key) == {"TD-0"}
    assert "尚未送达对方" in desk.variables(key)["check"]["defects"][0]
    assert templates(desk, key) == []


def test_sd_before_delivery_the_other_side_and_the_managing_department_see_nothing(desk: Desk) -> None:
    key = int(at_once(disputes.raised(desk, 1)))
    row = case(desk, key)

    for org in (row.providing_key, row.managing_key):
        with pytest.raises(NotFound):
            desk.engine.queries.case(desk.actor(org, "handler"), key)


@pytest.mark.parametrize("field", ["matter", "facts", "claim", "contact_name", "contact_phone"])
def test_f_d1_asks_for_what_it_needs(desk: Desk, field: str) -> None:
    key = int(at_once(disputes.raised(desk, 1)))
    with pytest.raises(InvalidForm) as refused:
        desk.do(key, "TD-0", {**request(), field: ""})
    assert set(refused.value.errors) == {field}

    with pytest.raises(InvalidForm) as refused:
        desk.do(key, "TD-0", request(facts="太短"))
    assert set(refused.value.errors) == {"facts"}


def test_e13_names_parties_matter_claim_and_what_goes_on_meanwhile(desk: Desk) -> None:
    key = submitted(desk)
    text = document_text(desk, key, "E-13")

    assert "共享争议协调申请书" in text
    assert "请求协调提供部门按申请范围共享所列数据项" in text
    assert "协调期间，原答复或者校核结果继续有效，其他期限照常计算" in text
    assert "争议申〔2026〕1号" in text


# TD-1


def test_td_1_negotiation_is_off_in_the_draft_and_no_limit_of_no_days_is_set(desk: Desk) -> None:
    key = submitted(desk)

    assert open_tasks(desk, key) == {"TD-2"}
    assert limits(desk, key, "TMD-N") == []
    row = desk.variables(key)
    assert row["received_at"] == row["submitted_at"]


def test_td_1_both_sides_agree_and_the_case_ends(desk: Desk, settings: Any) -> None:
    settings(negotiation_wd="5")
    key = submitted(desk)
    assert open_tasks(desk, key) == {"TD-1A", "TD-1R"}
    assert limits(desk, key, "TMD-N")[0].due_on.isoformat() == "2026-06-15"
    assert templates(desk, key) == []

    for element in ("TD-1A", "TD-1R"):
        desk.do(key, element, {"result": "agreed", "content": "双方商定按较小范围共享。"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "negotiated")
    assert limits(desk, key, "TMD-1") == []


@pytest.mark.parametrize("answers", [("agreed", "not_agreed"), ("not_agreed", "not_agreed")])
def test_td_1_without_agreement_it_goes_to_the_managing_department(
    desk: Desk, settings: Any, answers: tuple[str, str]
) -> None:
    settings(negotiation_wd="5")
    key = submitted(desk)
    for element, result in zip(("TD-1A", "TD-1R"), answers, strict=True):
        desk.do(key, element, {"result": result, "content": "双方对共享范围仍有分歧。"})

    assert open_tasks(desk, key) == {"TD-2"}
    assert templates(desk, key) == ["E-13"]


def test_tmd_n_the_negotiation_ends_by_itself_and_the_two_days_count_from_there(
    desk: Desk, settings: Any
) -> None:
    settings(negotiation_wd="5")
    key = submitted(desk)
    desk.do(key, "TD-1A", {"result": "agreed", "content": "愿意按较小范围共享。"})
    wait_until(desk, beijing("2026-06-16T09:00"))

    assert open_tasks(desk, key) == {"TD-2"}
    assert limits(desk, key, "TMD-1")[0].due_on.isoformat() == "2026-06-18"


# TD-2


def test_td_2_is_due_in_two_working_days_and_its_expiry_tells_the_head(desk: Desk) -> None:
    key = submitted(desk)
    [limit] = limits(desk, key, "TMD-1")
    assert limit.due_on.isoformat() == "2026-06-10"

    wait_until(desk, beijing("2026-06-11T00:01"))
    assert open_tasks(desk, key) == {"TD-2"}
    head = desk.actor(case(desk, key).managing_key, "head").username
    assert any(who == head and "受理期限" in text for who, text, _ in told(desk, key))
    desk.do(key, "TD-2", {"decision": "accept"})
    assert open_tasks(desk, key) == {"TD-3", "TD-4"}


@pytest.mark.parametrize("ground", ["not_dispute", "not_level", "decided"])
def test_td_2_not_taken_up_needs_ground_and_reason_and_ends_the_case(desk: Desk, ground: str) -> None:
    key = submitted(desk)
    with pytest.raises(InvalidForm) as refused:
        desk.do(key, "TD-2", {"decision": "decline"})
    assert set(refused.value.errors) == {"ground", "reason"}

    reason = "该事项已由本部门协调处理并印发意见书。"
    desk.do(key, "TD-2", {"decision": "decline", "ground": ground, "reason": reason})
    assert (case(desk, key).state, case(desk, key).result) == ("closed", "not_accepted")
    assert templates(desk, key) == ["E-13"]


# TD-3, TD-4


def test_td_3_silence_does_not_stop_the_coordination(desk: Desk) -> None:
    key = accepted(desk)
    assert limits(desk, key, "TMD-2")[0].due_on.isoformat() == "2026-06-11"
    wait_until(desk, beijing("2026-06-12T09:00"))

    assert open_tasks(desk, key) == {"TD-4"}
    desk.do(key, "TD-4", coordination(desk, key, "no", "keep"))
    desk.do(key, "TD-6", {"decision": "sign"})
    assert "未在期限内提交陈述意见" in document_text(desk, key, "E-14")


def test_td_4_waits_for_the_statement_or_the_end_of_its_three_working_days(desk: Desk) -> None:
    key = accepted(desk)
    with pytest.raises(InvalidForm, match="agreed"):
        desk.do(key, "TD-4", coordination(desk, key, "no", "keep"))
    assert {"TD-3", "TD-4"} <= open_tasks(desk, key)

    wait_until(desk, beijing("2026-06-12T00:00"))
    desk.do(key, "TD-4", coordination(desk, key, "no", "keep"))

    assert "TD-6" in open_tasks(desk, key)


def test_rd_2_no_more_is_to_be_shared_than_was_applied_for(desk: Desk) -> None:
    key = heard(desk)
    applied = desk.variables(key)["application"]
    others = [item for item in desk.variables(key)["resource"]["items"] if item not in applied["data_items"]]
    for changes in ({"agreed_items": others[:1]}, {"grant_until": "2029-01-01"}):
        with pytest.raises(InvalidForm) as refused:
            desk.do(key, "TD-4", coordination(desk, key, "no", "share", **changes))
        assert set(refused.value.errors) == set(changes)


def test_td_4_is_due_in_ten_working_days_from_acceptance_and_stays_open(desk: Desk) -> None:
    key = submitted(desk)
    wait_until(desk, beijing("2026-06-10T16:00"))
    desk.do(key, "TD-2", {"decision": "accept"})
    [limit] = limits(desk, key, "TMD-3")
    assert limit.due_on.isoformat() == "2026-06-25"  # the Dragon Boat holiday is left out

    wait_until(desk, beijing("2026-06-26T09:00"))
    assert case(desk, key).overdue
    assert "TD-4" in open_tasks(desk, key)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"agreed_items": []}, "agreed_items", id="no items"),
        pytest.param({"use_conditions": ""}, "use_conditions", id="no conditions"),
        pytest.param({"grant_from": "2026-06-01"}, "grant_from", id="from a day that is over"),
        pytest.param({"grant_until": "2026-06-20"}, "grant_until", id="until before from"),
        pytest.param({"opinion": "。" * 30}, "opinion", id="only punctuation"),
    ],
)
def test_td_4_an_opinion_says_what_is_to_be_shared(desk: Desk, changes: dict[str, Any], field: str) -> None:
    key = heard(desk)
    with pytest.raises(InvalidForm) as refused:
        desk.do(key, "TD-4", coordination(desk, key, "yes", "share", **changes))
    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize("act_on", ["", "2026-06-05"])
def test_td_4_who_has_to_act_is_given_a_day(desk: Desk, act_on: str) -> None:
    key = heard(desk)
    with pytest.raises(InvalidForm) as refused:
        desk.do(key, "TD-4", coordination(desk, key, "no", "other", act_on=act_on))
    assert set(refused.value.errors) == {"act_on"}


# TD-5


def test_td_5_both_heads_sign_at_the_same_time_and_e14_names_them(desk: Desk) -> None:
    key = coordinated(desk, "yes", "share")
    assert open_tasks(desk, key) == {"TD-5A", "TD-5R"}
    assert {task(desk, key, t).role for t in ("TD-5A", "TD-5R")} == {"head"}

    desk.do(key, "TD-5R", {"decision": "sign"})
    assert templates(desk, key) == ["E-13"]
    desk.do(key, "TD-5A", {"decision": "sign"})
    text = document_text(desk, key, "E-14")
    found = desk.variables(key)
    assert f"{found['signer_applicant']}（已签署）" in text
    assert f"{found['signer_respondent']}（已签署）" in text
    assert found["settled"] == "coordinated"


def test_td_5_who_does_not_sign_leaves_it_to_the_managing_department(desk: Desk) -> None:
    key = coordinated(desk, "yes", "share")
    desk.do(key, "TD-5A", {"decision": "sign"})
    desk.do(key, "TD-5R", {"decision": "decline", "comment": "数据项范围与协调会所议不符。"})

    assert open_tasks(desk, key) == {"TD-6"}
    desk.do(key, "TD-6", {"decision": "sign"})
    assert desk.variables(key)["settled"] == "decided"


def test_td_5_a_signature_that_does_not_come_in_three_working_days_is_none(desk: Desk) -> None:
    key = coordinated(desk, "yes", "keep")
    desk.do(key, "TD-5A", {"decision": "sign"})
    wait_until(desk, beijing("2026-06-12T09:00"))

    assert open_tasks(desk, key) == {"TD-6"}


# TD-6


def test_td_6_the_head_signs_e14_and_not_who_drafted_it(desk: Desk) -> None:
    key = coordinated(desk, "no", "keep")
    assert task(desk, key, "TD-6").lane == "mgr.head"
    desk.do(key, "TD-6", {"decision": "sign", "doc_no": "辽营商函〔2026〕7号"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed", "decided")
    text = document_text(desk, key, "E-14")
    assert "辽营商函〔2026〕7号" in text
    assert "原答复理由成立，予以维持" in text


def test_td_6_returned_it_is_mended_and_comes_back(desk: Desk) -> None:
    key = coordinated(desk, "no", "keep")
    with pytest.raises(InvalidForm):
        desk.do(key, "TD-6", {"decision": "return"})
    desk.do(key, "TD-6", {"decision": "return", "comment": "请补充落实主体和日期。"})
    assert open_tasks(desk, key) == {"TD-6R"}

    desk.do(key, "TD-6R", coordination(desk, key, "no", "other"))
    desk.do(key, "TD-6", {"decision": "sign"})
    assert open_tasks(desk, key) == {"TD-8R"}


def test_td_6_an_opinion_whose_day_has_passed_is_not_signed(desk: Desk) -> None:
    key = coordinated(desk, "no", "other")
    wait_until(desk, beijing("2026-06-22T09:00"))

    with pytest.raises(InvalidForm, match="decision"):
        desk.do(key, "TD-6", {"decision": "sign"})


# TD-7


def test_td_7_is_off_in_the_draft_and_on_under_809(desk: Desk, settings: Any) -> None:
    settings(unresolved_to_government="true")
    key = coordinated(desk, "no", "keep")

    assert open_tasks(desk, key) == {"TD-7"}
    assert task(desk, key, "TD-7").lane == "gov.office"
    values = {**disputes.opinion(desk, key, "share"), "signed_by": "分管副省长"}
    desk.do(key, "TD-7", values)
    text = document_text(desk, key, "E-14")
    assert "批准人：分管副省长" in text
    assert desk.variables(key)["settled"] == "government_decided"
    assert open_tasks(desk, key) == {"TD-9"}


# TD-8


@pytest.mark.parametrize(("obliged", "element"), [("appl", "TD-8A"), ("resp", "TD-8R")])
def test_td_8_who_must_act_reports_by_the_day_of_the_opinion(desk: Desk, obliged: str, element: str) -> None:
    key = coordinated(desk, "no", "other")
    desk.do(key, "TD-6", {"decision": "return", "comment": "请核对落实主体。"})
    desk.do(key, "TD-6R", coordination(desk, key, "no", "other", obliged=obliged))
    desk.do(key, "TD-6", {"decision": "sign"})

    assert open_tasks(desk, key) == {element}
    [limit] = limits(desk, key, element.replace("TD", "TMD"))
    assert limit.due_on.isoformat() == "2026-06-18"
    desk.do(key, element, {"done": "已上线比对服务并补充载明目录。"})
    assert (case(desk, key).state, case(desk, key).result) == ("closed", "decided")


def test_td_8_overdue_it_becomes_a_lead_for_rectification_and_stays_owed(desk: Desk) -> None:
    key = decided(desk, "other")
    wait_until(desk, beijing("2026-06-19T09:00"))

    assert case(desk, key).overdue
    assert open_tasks(desk, key) == {"TD-8R"}
    [sent] = [m for m in thrown(desk, key) if m.target == "ln_art20_rectification"]
    assert sent.payload["variables"]["target_dept"] == desk.variables(key)["respondent_dept"]
    assert sent.payload["variables"]["ground"] == ["6"]
    assert "2026-06-18" in sent.payload["variables"]["facts"]
    desk.do(key, "TD-8R", {"done": "已上线比对服务并补充载明目录。"})
    [limit] = limits(desk, key, "TMD-8R")
    assert (limit.state, limit.late_cd) == ("met_late", 1)


# RD-1 to RD-6


def test_rd_1_the_refusal_stays_in_force_until_the_outcome(desk: Desk) -> None:
    key = coordinated(desk, "no", "share")
    origin = int(desk.variables(key)["origin"]["instance_key"])

    assert case(desk, origin).result == "to_dispute"
    assert desk.variables(origin)["reply"]["decision"] == "refuse"
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(grant)).first() is None
    desk.do(key, "TD-6", {"decision": "sign"})
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(grant)).first() is not None


def test_rd_2_what_shall_be_shared_is_provided_and_its_grant_lives(desk: Desk) -> None:
    key = decided(desk, "share")

    assert open_tasks(desk, key) == {"TD-9"}
    [limit] = limits(desk, key, "TMD-9")
    assert limit.due_on.isoformat() == "2026-07-07"
    assert "2026年7月7日前，含当日" in document_text(desk, key, "E-14")
    with desk.engine.database.reading() as conn:
        row = conn.execute(select(grant)).one()
    found = desk.variables(key)
    assert (str(row.using_key), str(row.providing_key)) == (found["using_dept"], found["providing_dept"])
    assert row.conditions == found["opinion"]["use_conditions"]
    assert row.data_items == found["opinion"]["agreed_items"]

    desk.engine.sweep()
    with desk.engine.database.reading() as conn:
        holder = conn.execute(
            select(process_instance).where(process_instance.c.process_id == "ln_art12_grant")
        ).one()
    assert holder.variables["grant_until"] == found["opinion"]["grant_until"]
    disputes.provide(desk, key)
    assert (case(desk, key).state, case(desk, key).result) == ("closed", "decided")


def test_rd_2_late_provision_becomes_a_lead_for_rectification(desk: Desk) -> None:
    key = decided(desk, "share")
    wait_until(desk, beijing("2026-07-08T09:00"))

    [sent] = [m for m in thrown(desk, key) if m.target == "ln_art20_rectification"]
    assert sent.payload["variables"]["ground"] == ["2"]
    assert open_tasks(desk, key) == {"TD-9"}
    assert incidents(desk, key) == []


def between(desk: Desk, using: str, providing: str) -> int:
    """Raise a dispute between two departments about an application that was delivered; they may be any."""
    from engine.storage.tables import catalogue_entry
    from tests.processes.test_ln_art12_application import reply_form

    user, provider = organisation_named(desk, using), organisation_named(desk, providing)
    with desk.engine.database.reading() as conn:
        entry = conn.execute(
            select(catalogue_entry).where(catalogue_entry.c.sharing_type == "conditional").limit(1)
        ).one()
    desk.engine.handle(
        c.PublishEntry(
            actor=None, code="307210000/900001", name="样例协调信息", provider_code=_code(desk, provider),
            sharing_type="conditional", update_cycle=entry.update_cycle, abstract=entry.abstract,
            metadata=entry.metadata,
        )
    )  # fmt: skip
    with desk.engine.database.reading() as conn:
        key = conn.execute(
            select(catalogue_entry.c.key).where(catalogue_entry.c.code == "307210000/900001")
        ).scalar_one()
    from engine.demo.cases import fill

    application = desk.start(user, key)
    fill(desk, application, 1)
    desk.do(application, "T12-02", {"decision": "agree"})
    desk.do(application, "T12-04", {"check_result": "accept"})
    desk.do(application, "T12-07", reply_form(desk, application, "refuse"))
    desk.do(application, "T12-08", {"decision": "sign"})
    desk.do(application, "T12-13", {"decision": "dispute", "reason": disputes.REASON})
    dispute = int(desk.begun(application, disputes.PROCESS) or 0)
    desk.do(dispute, "TD-0", request())
    return dispute


def _code(desk: Desk, key: int) -> str:
    with desk.engine.database.reading() as conn:
        return str(conn.execute(select(organisation.c.code).where(organisation.c.key == key)).scalar_one())


@pytest.mark.parametrize(
    ("using", "providing", "authority"),
    [
        pytest.param("辽宁省民政厅", "辽宁省公安厅", "辽宁省营商环境建设局", id="one level"),
        pytest.param(
            "沈阳市人力资源和社会保障局", "沈阳市住房公积金管理中心", "沈阳市营商环境建设局", id="one city"
        ),
        pytest.param(
            "沈阳市人力资源和社会保障局", "辽宁省公安厅", "辽宁省营商环境建设局", id="city and province"
        ),
        pytest.param(
            "沈阳市人力资源和社会保障局", "大连市卫生健康委员会", "辽宁省营商环境建设局", id="two cities"
        ),
        pytest.param("沈阳市人力资源和社会保障局", "沈阳市营商环境建设局", "辽宁省营商环境建设局", id="RD-3"),
        pytest.param(
            "沈阳市和平区营商环境建设局", "沈阳市和平区民政局", "沈阳市营商环境建设局", id="RD-3 county"
        ),
    ],
)
def test_rd_3_the_common_superior_coordinates_and_no_managing_department_its_own_dispute(
    desk: Desk, using: str, providing: str, authority: str
) -> None:
    key = between(desk, using, providing)

    assert case(desk, key).managing_key == organisation_named(desk, authority)
    assert task(desk, key, "TD-2").organisation_key == organisation_named(desk, authority)


def test_rd_3_where_nobody_is_above_the_government_decides(desk: Desk) -> None:
    key = between(desk, "辽宁省民政厅", "辽宁省营商环境建设局")

    assert open_tasks(desk, key) == {"TD-7"}
    assert case(desk, key).managing_key is None
    office = organisation_named(desk, desk_government(desk))
    assert task(desk, key, "TD-7").organisation_key == office
    assert "：</p>" in document_text(desk, key, "E-13")
    desk.do(key, "TD-7", {**disputes.opinion(desk, key, "keep"), "signed_by": "分管副省长"})
    assert (case(desk, key).state, case(desk, key).result) == ("closed", "government_decided")
    opinion = document_text(desk, key, "E-14")
    assert "未在期限内提交陈述意见" not in opinion  # nobody had asked for one
    assert "辽政办争议协〔2026〕1号" in opinion


def desk_government(desk: Desk) -> str:
    with desk.engine.database.reading() as conn:
        query = select(organisation.c.name).where(
            organisation.c.kind == "government_office", organisation.c.area == "辽宁省"
        )
        return str(conn.execute(query).scalar_one())


def test_rd_4_one_matter_has_one_open_dispute_whichever_side_comes_second(desk: Desk) -> None:
    first = submitted(desk)
    found = desk.variables(first)
    origin = int(found["origin"]["instance_key"])
    second = disputes.raise_from(desk, origin, int(found["providing_dept"]))
    desk.do(second, "TD-0", request())

    assert open_tasks(desk, second) == {"TD-0"}
    assert case(desk, first).business_id in desk.variables(second)["check"]["defects"][0]
    desk.do(second, "TD-0", request("quality"))  # the same matter, whatever it is called
    assert open_tasks(desk, second) == {"TD-0"}


@pytest.mark.parametrize("side", ["applicant_dept", "respondent_dept"])
def test_rd_4_a_second_dispute_is_not_taken_up_after_a_side_was_merged(desk: Desk, side: str) -> None:
    first = submitted(desk)
    found = desk.variables(first)
    merge(desk, int(found[side]), heir(desk, first))
    found = desk.variables(first)
    second = disputes.raise_from(desk, int(found["origin"]["instance_key"]), int(found["applicant_dept"]))
    desk.do(second, "TD-0", request())

    assert open_tasks(desk, second) == {"TD-0"}
    assert case(desk, first).business_id in desk.variables(second)["check"]["defects"][0]


def test_rd_4_once_it_is_over_the_matter_may_be_disputed_again(desk: Desk) -> None:
    first = submitted(desk)
    disputes.withdraw(desk, first)
    found = desk.variables(first)
    second = disputes.raise_from(desk, int(found["origin"]["instance_key"]), int(found["using_dept"]))
    desk.do(second, "TD-0", request())

    assert open_tasks(desk, second) == {"TD-2"}


def test_rd_5_a_dispute_stops_no_other_clock(desk: Desk) -> None:
    application = int(at_once(replied(desk, 1, "partly", timedelta(0))))
    before = [(d.due_on, d.state) for d in limits(desk, application, "TM12-6")]
    desk.do(application, "T12-13", {"decision": "dispute", "reason": disputes.REASON})
    key = int(desk.begun(application, disputes.PROCESS) or 0)
    desk.do(key, "TD-0", request())
    desk.do(key, "TD-2", {"decision": "accept"})

    assert [(d.due_on, d.state) for d in limits(desk, application, "TM12-6")] == before
    wait_until(desk, beijing("2026-07-08T09:00"))
    assert limits(desk, application, "TM12-6")[0].state == "overdue"


@pytest.mark.parametrize("until", ["TD-0", "TD-2", "TD-4", "TD-5", "TD-6"])
def test_rd_6_the_applicant_may_withdraw_until_the_opinion_is_signed(desk: Desk, until: str) -> None:
    ways: dict[str, Callable[[], int]] = {
        "TD-0": lambda: int(at_once(disputes.raised(desk, 1))),
        "TD-2": lambda: submitted(desk),
        "TD-4": lambda: accepted(desk),
        "TD-5": lambda: coordinated(desk, "yes", "share"),
        "TD-6": lambda: coordinated(desk, "no", "keep"),
    }
    key = ways[until]()
    disputes.withdraw(desk, key)

    assert (case(desk, key).state, case(desk, key).result) == ("withdrawn", "withdrawn")
    assert open_tasks(desk, key) == set()
    assert {d.state for t in ("TMD-1", "TMD-2", "TMD-3", "TMD-5") for d in limits(desk, key, t)} <= {
        "met",
        "cancelled",
    }


def test_rd_6_after_the_signature_there_is_nothing_to_withdraw(desk: Desk) -> None:
    key = decided(desk, "other")
    with pytest.raises(WrongState):
        disputes.withdraw(desk, key)


def test_rd_6_the_other_side_may_not_withdraw(desk: Desk) -> None:
    key = submitted(desk)
    other = desk.actor(case(desk, key).providing_key, "handler")
    with pytest.raises(NotAllowed):
        desk.engine.handle(
            c.SendMessage(actor=other, instance_key=key, element_id="ESD-W", values={"reason": "不再需要。"})
        )


# Restart, stories


def way(desk: Desk) -> Iterator[int]:
    """The straight way with a pause between any two commands."""
    key = int(at_once(disputes.submitted(desk, 1)))
    yield key
    for element, values in (
        ("TD-2", {"decision": "accept"}),
        ("TD-3", statement()),
        ("TD-4", coordination(desk, key, "yes", "share")),
        ("TD-5A", {"decision": "sign"}),
        ("TD-5R", {"decision": "sign"}),
    ):
        desk.do(key, element, values)
        yield key
    disputes.provide(desk, key)
    yield key


def test_the_straight_way_survives_a_restart_between_any_two_commands(database: Where) -> None:
    from tests.conftest import open_engine

    engine = open_engine(database)
    desk = Desk(engine)
    steps = way(desk)
    key = 0
    for key in steps:  # noqa: B007  the last one is looked at
        desk.engine.close()
        desk.engine = open_engine(database)
    assert (case(desk, key).state, case(desk, key).result) == ("closed", "coordinated")
    assert templates(desk, key) == ["E-13", "E-14"]
    desk.engine.close()


@pytest.mark.parametrize("story", disputes.STORIES, ids=lambda s: s.__name__)
def test_every_story_of_the_demonstration_can_be_played(desk: Desk, engine: Engine, story: Any) -> None:
    for _ in story(desk, 3):
        pass
    engine.sweep()
    with engine.database.reading() as conn:
        found = conn.execute(
            select(process_instance.c.key).where(process_instance.c.process_id == "ln_art12_dispute")
        ).scalars()
        assert [incidents(desk, key) for key in found] == [[]]
