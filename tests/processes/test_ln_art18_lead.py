"""线索受理: what domain D.5 says of leads (Art. 18), and who may open a case about whom (R20-15, R20-16)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo import leads, rectification_answers
from engine.demo.cases import Desk
from engine.errors import InvalidForm, NotAllowed, NotFound, WrongState
from engine.history.chain import parse
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries import disposal as disposals
from engine.queries.seals import exported
from engine.storage.tables import blob, document, event, message, notice, process_instance
from tests.conftest import at_once, beijing, open_engine
from tests.databases import Where
from tests.processes.office import (
    case,
    document_text,
    limits,
    open_tasks,
    task,
    templates,
    told,
    trail,
    wait_until,
)

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")

MZT, ZRT, GAT, YSJ = "辽宁省民政厅", "辽宁省自然资源厅", "辽宁省公安厅", "辽宁省营商环境建设局"
SYYS, SYGJ, SYRS = "沈阳市营商环境建设局", "沈阳市住房公积金管理中心", "沈阳市人力资源和社会保障局"
HPMZ, HPYS = "沈阳市和平区民政局", "沈阳市和平区营商环境建设局"
NAMED = {"anonymous": "no", "reporter_name": "赵示例", "reporter_contact": "024-22800000"}
FACTS = "2026年4月，该部门将依申请取得的救助信息提供给第三方公司用于样本抽取。"
OPEN_CASE = {"outcome": "open_case", "facts": FACTS}
UNFOUNDED = {"outcome": "unfounded", "reason": "经核实，所反映的情况与事实不符。"}
LETTER = {"authority": "police", "authority_name": "辽宁省公安厅", "doc_no": "辽营商函〔2026〕18号"}
HAND_OVER = {"outcome": "hand_over", "reason": "被反映部门不属于本级，应由其本级研判。"}
INSTRUCTION = {
    "received_no": "辽政办收〔2026〕1号",
    "handling": "order",
    "instruction": "责成限期整改并报告结果。",
}


def reported(desk: Desk, by: str, about: str | None, ground: list[str], **changes: Any) -> int:
    return int(at_once(leads.reported(desk, by, about, ground, **changes)))


def org(desk: Desk, name: str) -> int:
    return leads.organisation_named(desk, name)


def person(desk: Desk, username: str) -> Actor:
    actor: Actor = desk.engine.accounts.actor_named(username)
    return actor


def refused(desk: Desk, key: int, element_id: str, values: dict[str, Any]) -> set[str]:
    before = trail(desk, key)
    with pytest.raises(InvalidForm) as refusal:
        desk.do(key, element_id, values)
    assert trail(desk, key) == before
    return set(refusal.value.errors)


def thrown(desk: Desk, key: int) -> list[Any]:
    with desk.engine.database.reading() as conn:
        return list(conn.execute(select(message).where(message.c.instance_key == key)))


def result(desk: Desk, key: int) -> tuple[str, str | None]:
    row = case(desk, key)
    return row.state, row.result


# Reporting


def test_d5_any_department_reports_and_its_managing_department_has_five_working_days(desk: Desk) -> None:
    key = reported(desk, HPMZ, "沈阳市人力资源和社会保障局", ["20-2"])
    [limit] = limits(desk, key, "TM18-1")

    assert task(desk, key, "T18-02").organisation_key == org(desk, HPYS)
    assert case(desk, key).received_at == beijing("2026-06-08T10:00")
    assert (limit.due_on.isoformat(), limit.basis) == ("2026-06-15", "办法未作规定")


def test_d5_a_lead_needs_facts_evidence_and_somebody_it_is_about(desk: Desk) -> None:
    key = leads.open_lead(desk, org(desk, MZT))
    values = {"ground": ["18-5"], "who": "department", "facts": "太短", "anonymous": "no"}

    assert refused(desk, key, "T18-01", values) == {"about_dept", "facts", "reporter_name", "attachments"}


def test_d5_repeated_characters_are_no_facts(desk: Desk) -> None:
    key = leads.open_lead(desk, org(desk, MZT))
    values = leads.lead(desk, key, org(desk, ZRT), ["18-5"], facts="。" * 30)

    assert refused(desk, key, "T18-01", values) == {"facts"}


def test_d5_a_case_of_the_department_is_evidence_enough(desk: Desk) -> None:
    earlier = reported(desk, MZT, ZRT, ["18-5"])
    key = leads.open_lead(desk, org(desk, MZT))
    values = leads.lead(desk, key, org(desk, ZRT), ["20-3"], evidence_case=case(desk, earlier).business_id)
    del values["attachments"]
    desk.do(key, "T18-01", values)

    assert open_tasks(desk, key) == {"T18-02"}


def test_d5_a_case_of_others_is_no_evidence(desk: Desk) -> None:
    earlier = reported(desk, GAT, ZRT, ["18-5"])
    key = leads.open_lead(desk, org(desk, MZT))
    values = leads.lead(desk, key, org(desk, ZRT), ["20-3"], evidence_case=case(desk, earlier).business_id)

    assert refused(desk, key, "T18-01", values) == {"evidence_case"}


def test_d5_duties_of_departments_are_not_held_against_anybody_else(desk: Desk) -> None:
    key = leads.open_lead(desk, org(desk, MZT))

    assert refused(desk, key, "T18-01", leads.lead(desk, key, None, ["18-1", "20-2"])) == {"ground"}


def test_d5_nobody_reports_the_own_department_whose_colleagues_would_read_it(desk: Desk) -> None:
    key = leads.open_lead(desk, org(desk, MZT))

    assert refused(desk, key, "T18-01", leads.lead(desk, key, org(desk, MZT), ["18-5"])) == {"about_dept"}


def test_d5_an_urgent_lead_says_so_in_its_title_and_keeps_its_limit(desk: Desk) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"], urgent=True, urgent_reason="数据仍在扩散。")

    assert case(desk, key).title == "【紧急】违规线索：辽宁省自然资源厅"
    assert limits(desk, key, "TM18-1")[0].due_on.isoformat() == "2026-06-15"


def test_d5_a_draft_is_taken_back_and_a_delivered_lead_is_not(desk: Desk) -> None:
    mine, sent = leads.open_lead(desk, org(desk, MZT)), reported(desk, MZT, ZRT, ["18-5"])
    actor = desk.actor(org(desk, MZT), "handler")
    desk.engine.handle(c.SendMessage(actor=actor, instance_key=mine, element_id="ES18-W", values={}))

    assert result(desk, mine) == ("withdrawn", "withdrawn")
    with pytest.raises(WrongState):
        desk.engine.handle(c.SendMessage(actor=actor, instance_key=sent, element_id="ES18-W", values={}))


# Deciding


@pytest.mark.parametrize(
    ("grounds", "expected"),
    [
        (["18-4"], ["1"]),
        (["18-5"], ["4"]),
        (["18-6"], ["6"]),
        (["18-7"], ["6"]),
        (["20-3", "20-5"], ["3", "5"]),
        (["18-5", "20-4", "20-1"], ["1", "4"]),
    ],
)
def test_d5_a_case_is_opened_under_the_grounds_of_art_20(
    desk: Desk, grounds: list[str], expected: list[str]
) -> None:
    key = reported(desk, MZT, ZRT, grounds)
    desk.do(key, "T18-02", OPEN_CASE)
    [sent] = thrown(desk, key)

    assert result(desk, key) == ("closed", "lead_opened")
    assert (sent.target, sent.payload["message"]) == ("ln_art20_rectification", "线索移送")
    assert sent.payload["variables"]["ground"] == expected
    assert sent.payload["variables"]["target_dept"] == str(org(desk, ZRT))
    assert not {"facts", "source"} & set(sent.payload["variables"])


@pytest.mark.parametrize("ground", ["18-1", "18-2", "18-3"])
def test_d5_what_anybody_may_have_done_goes_to_another_authority_and_opens_no_case(
    desk: Desk, ground: str
) -> None:
    key = reported(desk, MZT, ZRT, [ground])

    assert refused(desk, key, "T18-02", OPEN_CASE) == {"outcome"}
    assert refused(desk, key, "T18-02", {"outcome": "transfer"}) == {"authority", "authority_name", "doc_no"}
    desk.do(key, "T18-02", {"outcome": "transfer", **LETTER})
    assert result(desk, key) == ("closed", "lead_transferred")
    assert [m for m in thrown(desk, key) if m.target == "ln_art20_rectification"] == []


def test_d5_a_breach_of_duty_alone_goes_to_no_other_authority(desk: Desk) -> None:
    key = reported(desk, MZT, ZRT, ["18-5", "20-4"])

    assert refused(desk, key, "T18-02", {"outcome": "transfer", **LETTER}) == {"outcome"}


def test_d5_both_ways_are_taken_where_both_kinds_of_grounds_stand(desk: Desk) -> None:
    key = reported(desk, MZT, ZRT, ["18-1", "18-5"])
    desk.do(key, "T18-02", {"outcome": "both", "facts": FACTS, **LETTER})

    assert result(desk, key) == ("closed", "lead_opened")
    assert {"M18-3", "M18-5"} <= reached(desk, key)


def reached(desk: Desk, key: int) -> set[str]:
    with desk.engine.database.reading() as conn:
        bodies = conn.execute(
            select(event.c.body).where(event.c.stream == key, event.c.type == "ElementReached")
        ).scalars()
        return {parse(body).event.element_id for body in bodies}  # type: ignore[attr-defined]


@pytest.mark.parametrize("reason", [None, "不成立", "。" * 20])
def test_d5_unfounded_needs_a_reason(desk: Desk, reason: str | None) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"])

    assert refused(desk, key, "T18-02", {"outcome": "unfounded", "reason": reason}) == {"reason"}
    desk.do(key, "T18-02", UNFOUNDED)
    assert result(desk, key) == ("closed", "lead_unfounded")
    assert [name for name, text, _ in told(desk, key) if "不成立" in text] == ["mzt.jb"]


def test_d5_somebody_else_than_a_department_is_the_target_of_no_case(desk: Desk) -> None:
    key = reported(desk, MZT, None, ["18-7"])

    assert refused(desk, key, "T18-02", OPEN_CASE) == {"outcome"}
    desk.do(key, "T18-02", UNFOUNDED)


def test_c6_what_the_managing_department_found_itself_its_head_decides(desk: Desk) -> None:
    key = reported(desk, YSJ, ZRT, ["20-1"])

    assert open_tasks(desk, key) == {"T18-02H"}
    assert task(desk, key, "T18-02H").role == "head"
    with pytest.raises(NotAllowed):
        desk.engine.handle(
            c.CompleteTask(
                actor=person(desk, "ysj.jb"), task_key=task(desk, key, "T18-02H").key, values=OPEN_CASE
            )
        )
    desk.do(key, "T18-02H", OPEN_CASE)
    assert result(desk, key) == ("closed", "lead_opened")


# Who may decide about whom


def test_r20_15_a_lead_about_the_managing_department_goes_to_the_one_above(desk: Desk) -> None:
    key = reported(desk, SYGJ, SYYS, ["20-5"])

    assert task(desk, key, "T18-02").organisation_key == org(desk, YSJ)
    for name in ("syys.jb", "syys.fz"):
        with pytest.raises(NotFound):
            desk.engine.queries.case(person(desk, name), key)
    desk.do(key, "T18-02", OPEN_CASE)
    assert thrown(desk, key)[0].payload["variables"]["target_dept"] == str(org(desk, SYYS))


def test_r20_15_a_lead_about_the_provinces_managing_department_goes_to_the_government(desk: Desk) -> None:
    key = reported(desk, MZT, YSJ, ["20-5"])

    assert open_tasks(desk, key) == {"T18-03"}
    assert task(desk, key, "T18-03").organisation_key == org(desk, "辽宁省人民政府办公厅")
    with pytest.raises(NotFound):
        desk.engine.queries.case(person(desk, "ysj.jb"), key)
    desk.do(key, "T18-03", INSTRUCTION)
    assert result(desk, key) == ("closed", "lead_by_government")
    assert thrown(desk, key) == []


def test_r20_15_a_citys_managing_department_hands_such_a_lead_to_the_government(desk: Desk) -> None:
    key = reported(desk, SYGJ, YSJ, ["20-5"])

    assert task(desk, key, "T18-02").organisation_key == org(desk, SYYS)
    assert refused(desk, key, "T18-02", OPEN_CASE) == {"outcome"}
    desk.do(key, "T18-02", HAND_OVER)
    assert open_tasks(desk, key) == {"T18-03"}
    assert desk.engine.queries.case(person(desk, "syys.jb"), key).head.business_id.startswith("LN18-")


def test_r20_16_a_lead_about_another_level_is_handed_to_it_with_a_limit_of_its_own(desk: Desk) -> None:
    key = reported(desk, MZT, SYGJ, ["20-2"])

    assert refused(desk, key, "T18-02", OPEN_CASE) == {"outcome"}
    assert refused(desk, key, "T18-02", UNFOUNDED) == {"outcome"}
    assert refused(desk, key, "T18-02", {"outcome": "hand_over"}) == {"reason"}
    wait_until(desk, beijing("2026-06-10T09:30"))
    desk.do(key, "T18-02", HAND_OVER)

    first, second = limits(desk, key, "TM18-1")
    assert task(desk, key, "T18-02").organisation_key == org(desk, SYYS)
    assert (first.state, second.due_on.isoformat()) == ("cancelled", "2026-06-17")
    assert case(desk, key).received_at == beijing("2026-06-08T10:00")
    desk.do(key, "T18-02", OPEN_CASE)
    assert result(desk, key) == ("closed", "lead_opened")


def test_r20_16_a_lead_about_the_own_level_is_not_handed_on(desk: Desk) -> None:
    key = reported(desk, MZT, ZRT, ["20-2"])

    assert refused(desk, key, "T18-02", HAND_OVER) == {"outcome"}


def test_r20_16_where_a_city_has_no_managing_department_the_provinces_decides(desk: Desk) -> None:
    key = reported(desk, MZT, "鞍山市医疗保障局", ["20-2"])
    desk.do(key, "T18-02", OPEN_CASE)

    assert result(desk, key) == ("closed", "lead_opened")


# The limit


def test_d5_reminders_then_expiry_tell_the_head_and_the_task_stays_open(desk: Desk) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"])
    wait_until(desk, beijing("2026-06-15T12:00"))
    reminded = [(name, at) for name, text, at in told(desk, key) if "届满" in text]
    wait_until(desk, beijing("2026-06-16T09:00"))

    assert reminded == [
        (name, beijing(at))
        for at in ("2026-06-12T09:00", "2026-06-15T09:00")
        for name in ("ysj.jb", "ysj.fz")
    ]
    late = [name for name, text, _ in told(desk, key) if "请督促办理" in text]
    assert set(late) == {"ysj.fz", "ysj.jb"}
    assert (case(desk, key).overdue, open_tasks(desk, key)) == (True, {"T18-02"})
    desk.do(key, "T18-02", UNFOUNDED)
    assert limits(desk, key, "TM18-1")[0].state == "met_late"


def test_d5_decided_at_the_last_minute_is_in_time(desk: Desk) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"])
    wait_until(desk, beijing("2026-06-15T23:59"))
    desk.do(key, "T18-02", UNFOUNDED)

    assert result(desk, key) == ("closed", "lead_unfounded")


def test_r_t1_a_lead_received_before_spring_festival_counts_the_make_up_days(database: Where) -> None:
    engine = open_engine(database, beijing("2026-02-13T16:00"))
    desk = Desk(engine)
    key = reported(desk, MZT, ZRT, ["18-5"])

    # 14 February is a make-up day, the 15th to the 23rd are the holiday.
    assert limits(desk, key, "TM18-1")[0].due_on.isoformat() == "2026-02-27"
    engine.close()


# The reporter


def hidden(desk: Desk, username: str, key: int) -> None:
    actor = person(desk, username)
    with pytest.raises(NotFound):
        desk.engine.queries.case(actor, key)
    assert key not in [row.key for row in desk.engine.queries.cases(actor).rows]
    assert key not in [row.key for row in desk.engine.queries.notices(actor).rows]


@pytest.mark.parametrize("outcome", [OPEN_CASE, UNFOUNDED])
def test_d5_the_department_concerned_never_sees_the_lead(desk: Desk, outcome: dict[str, Any]) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"], **NAMED)
    for name in ("zrt.jb", "zrt.fz"):
        hidden(desk, name, key)
    desk.do(key, "T18-02", outcome)
    desk.engine.sweep()

    for name in ("zrt.jb", "zrt.fz"):
        hidden(desk, name, key)
    assert {name for name, _, _ in told(desk, key)} == {"mzt.jb", "ysj.jb"}


def test_d5_not_even_an_auditor_of_the_department_concerned_sees_it(desk: Desk) -> None:
    other = reported(desk, MZT, ZRT, ["20-5"])
    key = reported(desk, MZT, YSJ, ["20-5"])
    auditor = person(desk, "audit")

    assert auditor.org_key == org(desk, YSJ)
    assert desk.engine.queries.case(auditor, other).head.business_id == case(desk, other).business_id
    hidden(desk, "audit", key)


def test_d5_a_deputy_from_the_department_concerned_may_not_decide(desk: Desk, engine: Engine) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"])
    theirs = person(desk, "zrt.jb")
    deputy = Actor(
        theirs.user_key,
        theirs.username,
        theirs.name,
        theirs.org_key,
        theirs.org_name,
        theirs.roles | {(org(desk, YSJ), "handler")},
    )

    with pytest.raises(NotFound):
        engine.handle(c.CompleteTask(actor=deputy, task_key=task(desk, key, "T18-02").key, values=UNFOUNDED))


@pytest.mark.parametrize(
    "leak",
    [
        "赵示例反映：" + FACTS,
        FACTS + "联系电话024-22800000。",
        "辽宁省民政厅反映：" + FACTS,
        "据省民政厅反映，" + FACTS,
        "据民政厅来电，" + FACTS,
    ],
)
def test_d5_facts_that_name_the_reporter_in_full_or_in_short_are_refused(desk: Desk, leak: str) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"], **NAMED)

    assert refused(desk, key, "T18-02", {"outcome": "open_case", "facts": leak}) == {"facts"}


def test_d5_what_a_lead_told_stood_in_the_history_of_the_case_that_its_target_reads(
    desk: Desk, engine: Engine
) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"])
    desk.do(key, "T18-02", OPEN_CASE)
    engine.sweep()
    begun = desk.begun(key, "ln_art20_rectification")
    assert begun is not None
    view = desk.engine.queries.task(desk.actor(org(desk, YSJ), "handler"), task(desk, begun, "T20-01").key)
    [field] = [f for f in view.form["components"] if f["key"] == "facts"]

    assert "不得写入反映人及其所在部门" in str(field["hints"])
    assert view.values.get("facts") is None
    desk.do(begun, "T20-01", rectification_answers.lead(org(desk, ZRT), 0, ground=["4"]))
    kept = exported_lines(desk, begun)
    assert [s for s in (FACTS, leads.OPENED_FACTS) if s in kept] == []
    assert desk.variables(begun)["lead"]["source_case"] == "第十八条线索"


def exported_lines(desk: Desk, key: int) -> str:
    with desk.engine.database.reading() as conn:
        bodies = conn.execute(select(event.c.body).where(event.c.stream == key)).scalars()
        return "".join(str(parse(body).event) for body in bodies)


def test_d5_nothing_of_the_case_that_follows_names_the_reporter(desk: Desk, engine: Engine) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"], **NAMED)
    desk.do(key, "T18-02", OPEN_CASE)
    engine.sweep()
    [sent] = thrown(desk, key)
    secrets = ("赵示例", "024-22800000", MZT, str(org(desk, MZT)), "mzt.jb")

    assert [s for s in secrets if s in str(sent.payload["variables"])] == []
    with engine.database.reading() as conn:
        followed = conn.execute(select(process_instance.c.key).where(process_instance.c.origin_key == key))
        for other in followed.scalars().all():
            kept = [
                *conn.execute(select(event.c.body).where(event.c.stream == other)).scalars(),
                *conn.execute(select(notice.c.text).where(notice.c.instance_key == other)).scalars(),
                *conn.execute(
                    select(blob.c.content)
                    .join(document, document.c.sha256 == blob.c.sha256)
                    .where(document.c.instance_key == other)
                ).scalars(),
            ]
            texts = [x.decode() if isinstance(x, bytes) else str(x) for x in kept]
            assert [s for s in secrets if any(s in text for text in texts)] == []


def test_d5_the_managing_department_knows_the_reporter_and_another_department_nothing(desk: Desk) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"], **NAMED)

    shown = str(desk.engine.queries.case(person(desk, "ysj.jb"), key))
    assert "赵示例" in shown
    hidden(desk, "gat.jb", key)


# Restarts


class RestartingDesk(Desk):
    """Opens the engine anew before each command."""

    def __init__(self, where: Where, engine: Engine) -> None:
        super().__init__(engine)
        self.where = where

    def do(self, instance: int, element_id: str, values: dict[str, Any]) -> None:
        now = self.now
        self.engine.close()
        self.engine = open_engine(self.where, now)
        super().do(instance, element_id, values)


def test_a_restart_between_any_two_commands_changes_nothing(database: Where) -> None:
    desk = RestartingDesk(database, open_engine(database))
    try:
        key = reported(desk, SYGJ, YSJ, ["20-5"])
        desk.do(key, "T18-02", HAND_OVER)
        wait_until(desk, desk.now + timedelta(days=1))
        desk.do(key, "T18-03", INSTRUCTION)
        assert result(desk, key) == ("closed", "lead_by_government")
        other = reported(desk, MZT, SYGJ, ["18-1", "18-5"])
        desk.do(other, "T18-02", HAND_OVER)
        desk.do(other, "T18-02", {"outcome": "both", "facts": FACTS, **LETTER})
        assert result(desk, other) == ("closed", "lead_opened")
    finally:
        desk.engine.close()


def test_d5_the_target_of_the_case_that_follows_reads_nothing_of_the_reporter(
    desk: Desk, engine: Engine
) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"], **NAMED)
    desk.do(key, "T18-02", OPEN_CASE)
    begun = int(at_once(desk.follow(key, "ln_art20_rectification")))
    desk.do(begun, "T20-01", rectification_answers.lead(org(desk, ZRT), 1))
    desk.do(begun, "T20-02", rectification_answers.notice(1, beijing_day(desk.now)))
    desk.do(begun, "T20-03", {"decision": "sign"})
    target = person(desk, "zrt.jb")

    view = engine.queries.case(target, begun)
    assert [link for link in view.links if link.how == "from"] == []  # not even its number or procedure
    _, lines = engine.queries.search(exported, target, begun)
    texts = [
        str(view),
        b"".join(lines).decode(),
        *(document_text(desk, begun, t) for t in templates(desk, begun)),
    ]
    assert case(desk, key).business_id not in str(view)
    managing = desk.actor(org(desk, YSJ), "handler")
    assert [x.key for x in engine.queries.case(managing, begun).links if x.how == "from"] == [key]
    secrets = ("赵示例", "024-22800000", MZT, str(org(desk, MZT)), str(person(desk, "mzt.jb").user_key))
    assert [s for s in secrets if any(s in text for text in texts)] == []


def test_no_administrator_of_the_department_finds_a_lead_about_it(desk: Desk) -> None:
    """C.6: withheld from all its people, whatever else they are; by no number, and for no act."""
    key = reported(desk, MZT, YSJ, ["18-5"])
    number, admin = case(desk, key).business_id, person(desk, "admin")
    assert admin.org_key == org(desk, YSJ)

    for ask, of in ((disposals.case_numbered, number), (disposals.disposal, key)):
        with pytest.raises(NotFound):
            desk.engine.queries.search(ask, admin, of)
    with pytest.raises(NotFound):
        desk.engine.handle(
            c.verb_command("void", admin, instance_key=key, fields={"reason": "核查发现该线索不属实。"})
        )
