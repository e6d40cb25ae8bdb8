"""What a missed limit hands over to Art. 20: the date and the matter of that limit, whatever else ran out since."""

from datetime import timedelta

from engine.demo import rectification_answers as answers
from engine.demo.cases import Desk
from engine.demo.verifications import verify
from tests.conftest import beijing
from tests.processes import rectification as r
from tests.processes import test_ln_art12_application as art12
from tests.processes import test_ln_art13_verification as art13
from tests.processes.office import case, limits, open_tasks, wait_until

OPEN_CASE = {"action": "open_case", "reason": "届满仍未办理，督促无果，移送整改。"}


def newest(desk: Desk) -> int:
    desk.engine.sweep()
    return int(r.rectifications(desk)[-1].key)


def both_limits_missed(desk: Desk) -> int:
    key = art13.accepted(desk)
    wait_until(desk, beijing("2026-06-16T09:00"))
    verify(desk, key, "to_correct")
    wait_until(desk, desk.now + timedelta(days=12))
    assert {"T13-08", "T13-08C"} <= open_tasks(desk, key)
    return key


def test_facts_of_a_late_verification_named_the_date_of_the_correction(desk: Desk) -> None:
    key = both_limits_missed(desk)
    first, second = (limits(desk, key, timer)[0].due_on for timer in ("TM13-1", "TM13-5"))
    desk.do(key, "T13-08", OPEN_CASE)
    late = desk.variables(newest(desk))
    desk.do(key, "T13-08C", {**OPEN_CASE, "reason": "更正仍未完成，移送整改。"})
    uncorrected = desk.variables(newest(desk))

    assert first.isoformat() in late["facts"] and second.isoformat() not in late["facts"]
    assert second.isoformat() in uncorrected["facts"] and first.isoformat() not in uncorrected["facts"]
    assert [limits(desk, key, x)[0].event_on for x in ("TM13-7", "TM13-7C")] == [first, second]


def test_facts_of_a_late_reply_named_the_date_of_the_provision(desk: Desk) -> None:
    key = art12.accepted(desk)
    wait_until(desk, beijing("2026-06-16T09:00"))
    desk.do(key, "T12-07", art12.reply_form(desk, key, "agree"))
    desk.do(key, "T12-08", {"decision": "sign"})
    wait_until(desk, desk.now + timedelta(days=40))
    first, second = (limits(desk, key, timer)[0].due_on for timer in ("TM12-1", "TM12-6"))
    desk.do(key, "T12-12", OPEN_CASE)
    late = desk.variables(newest(desk))
    desk.do(key, "T12-12P", OPEN_CASE)
    unprovided = desk.variables(newest(desk))

    assert first.isoformat() in late["facts"] and second.isoformat() in unprovided["facts"]
    assert (late["kind"], unprovided["kind"]) == ("逾期未答复", "逾期未提供")


def test_r20_14_a_late_correction_was_blocked_as_the_fact_of_the_late_verification(desk: Desk) -> None:
    key = both_limits_missed(desk)
    begun = []
    for element in ("T13-08", "T13-08C"):
        desk.do(key, element, OPEN_CASE)
        begun.append(newest(desk))
        facts = desk.variables(begun[-1])
        lead = answers.lead(int(facts["target_dept"]), 0, facts=facts["facts"], ground=["3"])
        desk.do(begun[-1], "T20-01", lead)

    assert [desk.variables(x)["kind"] for x in begun] == ["逾期未校核", "逾期未更正"]
    assert [open_tasks(desk, x) for x in begun] == [{"T20-02"}, {"T20-02"}]


def test_r20_14_a_reverification_that_is_late_again_is_a_new_fact(desk: Desk) -> None:
    key = art13.accepted(desk)
    wait_until(desk, beijing("2026-06-16T09:00"))
    desk.do(key, "T13-08", OPEN_CASE)
    first = newest(desk)
    verify(desk, key)
    desk.do(key, "T13-07", art13.NOT_ACCEPTED)
    wait_until(desk, desk.now + timedelta(days=12))
    desk.do(key, "T13-08", OPEN_CASE)
    second = newest(desk)

    assert desk.variables(first)["kind"] == "逾期未校核"
    assert desk.variables(second)["kind"] == "逾期未校核（第一次重新校核）"
    assert case(desk, second).key != case(desk, first).key


def test_the_source_of_a_lead_is_told_once_by_the_start_of_article_20(desk: Desk) -> None:
    key = both_limits_missed(desk)
    desk.do(key, "T13-08", OPEN_CASE)
    [sent] = art13.messages(desk, key, r.PROCESS)

    assert "source" not in sent.payload["variables"]
    assert desk.variables(newest(desk))["source"] == "overdue"
