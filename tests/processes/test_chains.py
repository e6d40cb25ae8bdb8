"""Whole chains across procedures: what one establishes is where the next begins, and both show the link."""

from datetime import date, timedelta

from engine.demo import disputes as d
from engine.demo import rectification_answers as answers
from engine.demo import rectifications as r
from engine.demo import verifications as v
from engine.demo.cases import Desk, deliver, fill, replied
from engine.periods import beijing_day
from engine.storage.tables import catalogue_entry, grant, organisation
from tests.conftest import at_once, beijing
from tests.processes.office import case, document_text, limits, open_tasks, task, templates, told, wait_until

RECTIFICATION = "ln_art20_rectification"


def linked(desk: Desk, one: int, other: int) -> bool:
    """Say whether each case shows the other, to the managing department."""
    actor = desk.actor(case(desk, one).managing_key, "handler")
    ways = [(x.key, x.how) for x in desk.engine.queries.case(actor, one).links]
    back = [(x.key, x.how) for x in desk.engine.queries.case(actor, other).links]
    return (other, "to") in ways and (one, "from") in back


def begun(desk: Desk, key: int, process_id: str) -> int:
    found = desk.begun(key, process_id)
    assert found is not None
    return found


def notified(desk: Desk, key: int, limit_wd: int = 3) -> None:
    """Open the case, and deliver the notice."""
    known = desk.variables(key)  # what the message took along stands in the form already
    lead = {name: known[name] for name in ("source", "target_dept", "ground", "facts")}
    desk.do(key, "T20-01", {**lead, "decision": "open"})
    ground = lead["ground"]
    notice = answers.notice(0, beijing_day(desk.now), limit_wd=limit_wd, ground=ground, facts=lead["facts"])
    if ground == ["6"]:
        notice["violated"] = "《办法》第十二条第一款"
    desk.do(key, "T20-02", notice)
    desk.do(key, "T20-03", {"decision": "sign"})


def test_a_silent_provider_is_supervised_rectified_reported_up_and_at_last_closed_out(desk: Desk) -> None:
    application = int(at_once(deliver(desk, 1)))
    wait_until(desk, beijing("2026-06-16T09:00"))
    assert case(desk, application).overdue
    desk.do(application, "T12-12", {"action": "open_case", "reason": "经催告仍未答复，移送整改立案。"})

    rectification = begun(desk, application, RECTIFICATION)
    assert case(desk, rectification).providing_key == case(desk, application).providing_key
    assert linked(desk, application, rectification)
    notified(desk, rectification)
    [limit] = limits(desk, rectification, "TM20-1")
    assert limit.due_on == date(2026, 6, 22)  # 17, 18 June, then Dragon Boat until the 21st

    wait_until(desk, beijing("2026-06-23T00:00"))  # R20-09: nobody has to do anything
    assert "T20-11" in open_tasks(desk, rectification)
    assert "T20-07" in open_tasks(desk, rectification)
    at_once(r.reported_up(desk, rectification))
    report = document_text(desk, rectification, "E-12")
    for fact in ("2026年6月22日", case(desk, application).business_id):
        assert fact in report
    assert case(desk, rectification).state == "reported_up"

    office = case(desk, rectification).variables["government"]
    assert task_owner(desk, rectification, "T20-13") == int(office)
    desk.do(rectification, "T20-13", answers.instruction("rectify_by", date(2026, 7, 3)))
    wait_until(desk, beijing("2026-07-02T10:00"))  # late for the notice, in time for the government
    at_once(r.reported(desk, rectification))
    r.checked(desk, rectification, passed=True)
    desk.do(rectification, "T20-10", {"opinion": "同意销号。"})

    assert open_tasks(desk, rectification) == set()
    done = case(desk, rectification)
    assert (done.result, done.late) == ("rectified_late", True)
    assert "T12-04" in open_tasks(desk, application)  # R12-14: the reply is owed all the same


def other_user(desk: Desk, using: int, entry: int) -> int:
    """Let another department use the entry, and return it."""
    with desk.engine.database.reading() as conn:
        row = conn.execute(catalogue_entry.select().where(catalogue_entry.c.key == entry)).one()
        orgs = conn.execute(
            organisation.select().where(~organisation.c.managing, organisation.c.kind == "government")
        ).all()
        other = next(o.key for o in orgs if o.key not in (using, row.provider_key))
    application = desk.start(other, entry)
    fill(desk, application, 1)
    assert case(desk, application).result == "granted_direct"
    return int(other)


def task_owner(desk: Desk, key: int, element_id: str) -> int:
    return int(task(desk, key, element_id).organisation_key)


def test_a_refusal_is_disputed_and_what_ought_to_be_shared_is_provided(desk: Desk) -> None:
    application = int(at_once(replied(desk, 1, "refuse", timedelta(0))))
    desk.do(application, "T12-13", {"decision": "dispute", "reason": d.REASON})
    dispute = begun(desk, application, d.PROCESS)
    desk.do(dispute, "TD-0", d.request())
    assert linked(desk, application, dispute)
    desk.do(dispute, "TD-2", {"decision": "accept"})
    desk.do(dispute, "TD-3", d.statement())
    desk.do(dispute, "TD-4", d.coordination(desk, dispute, "no", "share"))
    desk.do(dispute, "TD-6", {"decision": "sign"})

    [limit] = [x for x in limits(desk, dispute, "TMD-9") if x.state == "running"]
    assert (limit.setting, limit.terms["length"]) == ("p12.provision_wd", 20)
    d.provide(desk, dispute)

    assert case(desk, dispute).result == "decided"
    with desk.engine.database.reading() as conn:
        [kept] = conn.execute(
            grant.select().where(grant.c.using_key == case(desk, application).using_key)
        ).all()
    assert kept.data_items == desk.variables(dispute)["opinion"]["agreed_items"]
    assert begun(desk, dispute, "ln_art12_grant")
    assert "E-14" in templates(desk, dispute)


def test_a_mismatch_at_the_window_is_extended_corrected_and_told_while_the_business_goes_on(
    desk: Desk,
) -> None:
    using, entry = v.window_pair(desk, 1)
    other = other_user(desk, using, entry)
    key = v.begin(desk, using, entry, window=True)
    v.fill(desk, key, 1, "T13-01W", issue_type="certificate", business_pending=True)
    assert {"T13-02", "T13-B1"} <= open_tasks(desk, key)

    v.accept(desk, key)
    v.ask(desk, key, 10)
    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 10})
    [limit] = limits(desk, key, "TM13-1")
    assert limit.due_on == date(2026, 6, 30)
    handled = {
        "handled": "handled",
        "handled_at": "2026-06-08",
        "outcome": "已依据办事人提交的证书原件办结。",
    }
    desk.do(key, "T13-B1", handled)  # R13-14: whatever becomes of the verification
    assert "T13-03" in open_tasks(desk, key)

    wait_until(desk, beijing("2026-06-29T15:00"))
    v.verify(desk, key, "to_correct")
    assert not case(desk, key).late
    v.correct(desk, key)
    desk.do(key, "T13-07", {"accept": "yes"})

    assert (case(desk, key).result, case(desk, key).state) == ("verified", "closed")
    users = {name for name, text, _ in told(desk, key) if "数据更正通知" in text}
    assert desk.actor(other, "handler").username in users
    assert {"E-5", "E-6", "E-7"} <= {name[:3] for name in templates(desk, key)}
