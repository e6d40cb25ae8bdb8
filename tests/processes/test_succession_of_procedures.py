"""A department renamed, merged or abolished in the middle of a case of any procedure (C.3.7, C.4.7, C.5.7, R-T15)."""

import pytest

from engine import commands as c
from engine.demo import catalogue_updates, disputes, rectification_answers, rectifications, verifications
from engine.demo.cases import Desk
from engine.demo.disputes import coordination, statement
from engine.handlers.governments import present_name
from engine.periods import beijing_day
from engine.queries.flags import flags
from tests.conftest import at_once, beijing
from tests.processes.office import case, document_text, limits, open_tasks, task, told, wait_until
from tests.processes.test_ln_art18_lead import YSJ, org, person
from tests.processes.test_succession import DOC, code, merge, third
from tests.processes.test_succession_of_leads import founded

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")


def renamed(desk: Desk, key: int, name: str) -> None:
    command = c.RenameOrganisation(
        actor=None, code=code(desk, key), name=name, valid_from="2026-06-08", doc_no=DOC
    )
    desk.engine.handle(command)


# Art. 13


def test_c4_7_the_providers_successor_verifies_within_the_extended_limit(desk: Desk) -> None:
    key = int(at_once(verifications.deliver(desk, 1)))
    verifications.accept(desk, key)
    verifications.ask(desk, key, 10)
    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 10})
    new = third(desk, case(desk, key).using_key, case(desk, key).providing_key)
    merge(desk, case(desk, key).providing_key, new)

    assert task(desk, key, "T13-03").organisation_key == new
    assert limits(desk, key, "TM13-1")[0].due_on.isoformat() == "2026-06-30"
    verifications.verify(desk, key)
    assert open_tasks(desk, key) == {"T13-07"}


def test_c4_7_the_successor_may_ask_for_the_extension_its_predecessor_had_not_asked_for(desk: Desk) -> None:
    key = int(at_once(verifications.deliver(desk, 1)))
    verifications.accept(desk, key)
    new = third(desk, case(desk, key).using_key, case(desk, key).providing_key)
    merge(desk, case(desk, key).providing_key, new)
    verifications.ask(desk, key, 3)
    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 3})

    assert limits(desk, key, "TM13-1")[0].due_on.isoformat() == "2026-06-18"


def test_c4_7_user_and_provider_become_one_and_the_flag_goes_with_the_case(desk: Desk) -> None:
    key = int(at_once(verifications.deliver(desk, 1, business_pending=True)))
    row = case(desk, key)
    resource = int(desk.variables(key)["resource"]["key"])
    onlooker = person(desk, "ysj.jb")
    before = desk.engine.queries.search(flags, onlooker, [resource])
    merge(desk, row.using_key, row.providing_key)

    row = case(desk, key)
    assert (row.state, row.result, open_tasks(desk, key)) == ("void", "void", set())
    assert {x.state for x in limits(desk, key, "TM13-1")} == {"cancelled"}
    assert before.get(resource)
    assert not desk.engine.queries.search(flags, onlooker, [resource]).get(resource)


def test_c4_7_documents_show_the_name_of_their_date(desk: Desk) -> None:
    key = int(at_once(verifications.deliver(desk, 1)))
    provider = case(desk, key).providing_key
    with desk.engine.database.reading() as conn:
        before = present_name(conn, provider) or ""
    renamed(desk, provider, "辽宁省示例更名厅")
    verifications.accept(desk, key)
    verifications.verify(desk, key)

    assert before in document_text(desk, key, "E-5")
    after = document_text(desk, key, "E-7")
    assert "辽宁省示例更名厅" in after and before not in after


# Disputes


def test_d2_the_respondents_successor_owes_the_statement_by_the_same_day(desk: Desk) -> None:
    key = int(at_once(disputes.accepted(desk, 1)))
    before = {timer: limits(desk, key, timer)[0].due_on for timer in ("TMD-2", "TMD-3")}
    row = case(desk, key)
    new = third(desk, row.using_key, row.providing_key)
    merge(desk, row.providing_key, new)

    assert task(desk, key, "TD-3").organisation_key == new
    assert case(desk, key).providing_key == new
    assert {timer: limits(desk, key, timer)[0].due_on for timer in before} == before
    desk.do(key, "TD-3", statement())
    desk.do(key, "TD-4", coordination(desk, key, "yes", "keep"))
    assert case(desk, key).overdue is False


def test_d2_parties_that_become_one_department_have_no_dispute(desk: Desk) -> None:
    key = int(at_once(disputes.accepted(desk, 1)))
    row = case(desk, key)
    merge(desk, row.providing_key, row.using_key)

    row = case(desk, key)
    assert (row.state, row.result, open_tasks(desk, key)) == ("void", "void", set())


def test_d2_a_party_that_joins_the_coordinating_department_hands_the_dispute_to_the_one_above(
    desk: Desk,
) -> None:
    key, n = 0, 0
    while not key:  # the first dispute between two departments of one city
        n += 1
        found = int(at_once(disputes.accepted(desk, n)))
        key = found if case(desk, found).managing_key != org(desk, YSJ) else 0
        assert n < 60, "Expected a dispute within a city."
    row = case(desk, key)
    wait_until(desk, beijing("2026-06-09T09:00"))
    merge(desk, row.providing_key, row.managing_key)

    after = case(desk, key)
    assert after.managing_key == org(desk, YSJ)
    assert after.providing_key == row.managing_key
    assert any("由你单位继续办理" in text for name, text, _ in told(desk, key) if name == "ysj.jb")


# Art. 20


def served(desk: Desk, level: str = "province", n: int = 1) -> int:
    """Return a case whose notice was delivered to a department of a level."""
    managing, targets = rectifications.peers(desk, level)
    key = rectifications.found(desk, managing)
    desk.do(key, "T20-01", rectification_answers.lead(targets[n % len(targets)], n))
    desk.do(key, "T20-02", rectification_answers.notice(n, beijing_day(desk.now)))
    desk.do(key, "T20-03", {"decision": "sign"})
    return key


def another(desk: Desk, level: str, *but: int) -> int:
    return next(org for org in rectifications.peers(desk, level)[1] if org not in but)


def test_c5_7_the_targets_successor_inherits_notice_and_due_date(desk: Desk) -> None:
    key = served(desk)
    old = int(desk.variables(key)["target_dept"])
    with desk.engine.database.reading() as conn:
        before = present_name(conn, old) or ""
    due = limits(desk, key, "TM20-1")[0].due_on
    new = another(desk, "province", old)
    merge(desk, old, new)

    assert task(desk, key, "T20-07").organisation_key == new
    assert (desk.variables(key)["target_dept"], limits(desk, key, "TM20-1")[0].due_on) == (str(new), due)
    at_once(rectifications.reported(desk, key))
    rectifications.checked(desk, key, passed=True)
    assert before in document_text(desk, key, "E-8")
    with desk.engine.database.reading() as conn:
        assert (present_name(conn, new) or "") in document_text(desk, key, "E-10")


def test_r20_15_a_target_that_joins_its_managing_department_is_checked_by_the_one_above(desk: Desk) -> None:
    key = served(desk, "city")
    managing, target = case(desk, key).managing_key, int(desk.variables(key)["target_dept"])
    due = limits(desk, key, "TM20-1")[0].due_on
    merge(desk, target, managing)

    row = case(desk, key)
    assert (row.managing_key, int(desk.variables(key)["target_dept"])) == (org(desk, YSJ), managing)
    assert task(desk, key, "T20-07").organisation_key == managing
    assert limits(desk, key, "TM20-1")[0].due_on == due
    at_once(rectifications.reported(desk, key))
    assert task(desk, key, "T20-09").organisation_key == org(desk, YSJ)


def test_r20_15_with_nobody_above_the_rectification_is_void_and_says_why(desk: Desk) -> None:
    key = served(desk)
    merge(desk, int(desk.variables(key)["target_dept"]), case(desk, key).managing_key)

    row = case(desk, key)
    assert (row.state, row.result, open_tasks(desk, key)) == ("void", "void", set())
    assert any("本级政府依职权处理" in text and DOC in text for _, text, _ in told(desk, key))


def test_c5_7_the_managing_departments_successor_reports_up_to_the_governments_successor(
    desk: Desk,
) -> None:
    key = served(desk)
    offices = founded(desk, "辽宁省人民政府综合办公厅", "辽宁省人民政府办公厅", "11210000MB1A00002X")
    merge(desk, org(desk, "辽宁省人民政府办公厅"), offices)
    heir = founded(desk, "辽宁省数据局", YSJ)
    merge(desk, org(desk, YSJ), heir)
    wait_until(desk, beijing("2026-07-15T09:30"))
    assert task(desk, key, "T20-11").organisation_key == heir
    at_once(rectifications.reported_up(desk, key))

    assert task(desk, key, "T20-13").organisation_key == offices
    merge(
        desk,
        offices,
        founded(desk, "辽宁省人民政府办公厅（新）", "辽宁省人民政府综合办公厅", "11210000MB1A00003X"),
    )
    assert task(desk, key, "T20-13").organisation_key != offices
    desk.do(key, "T20-13", rectification_answers.instruction("criticise"))


# Art. 8


def test_art_8_the_departments_successor_updates_by_the_same_day(desk: Desk) -> None:
    owner, entry = catalogue_updates.owned(desk, 1)
    key = catalogue_updates.register(desk, owner, 1, [entry])
    due = limits(desk, key, "TM08-1")[0].due_on
    new = third(desk, owner)
    merge(desk, owner, new)

    assert task(desk, key, "T08-1").organisation_key == new
    assert limits(desk, key, "TM08-1")[0].due_on == due
    catalogue_updates.submit(desk, key, [catalogue_updates.revise(desk, new, entry)])
    assert open_tasks(desk, key) & {"T08-3", "T08-4"}


def test_art_8_the_lead_departments_successor_countersigns_once(desk: Desk) -> None:
    key = countersigning(desk)
    lead = int(desk.variables(key)["lead_dept"])
    new = third(desk, lead, case(desk, key).using_key)
    merge(desk, lead, new)
    asked = 0
    while "T08-3" in open_tasks(desk, key):
        asked += task(desk, key, "T08-3").organisation_key == new
        desk.do(key, "T08-3", {"decision": "agree"})

    assert asked == 1
    assert open_tasks(desk, key) == {"T08-4"}


def countersigning(desk: Desk) -> int:
    """Return the first update that waits for a lead department."""
    for n in range(40):
        owner, entry = catalogue_updates.owned(desk, n, kind="基础")
        key = catalogue_updates.register(desk, owner, n, [entry])
        catalogue_updates.submit(desk, key, [catalogue_updates.revise(desk, owner, entry)])
        if "T08-3" in open_tasks(desk, key):
            return key
    raise AssertionError("Expected an entry with a lead department.")
