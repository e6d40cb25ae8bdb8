"""A department renamed, merged or abolished in the middle of a verification or a dispute (C.3.7, C.4.7, R-T15)."""

from engine import commands as c
from engine.demo import disputes, verifications
from engine.demo.cases import Desk
from engine.demo.disputes import coordination, statement
from engine.handlers.governments import present_name
from engine.queries.flags import flags
from tests.conftest import at_once, beijing
from tests.processes.office import case, document_text, limits, open_tasks, task, told, wait_until
from tests.processes.test_ln_art18_lead import YSJ, org, person
from tests.processes.test_succession import DOC, code, merge, third


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
