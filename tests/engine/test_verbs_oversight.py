"""催办, 督办, 撤销, 作废, 挂起: others press or end it; no verb lengthens a limit but by law."""

from datetime import timedelta

import pytest

from engine.deadlines import PauseNotGranted
from engine.errors import InvalidInput, NotFound, Refused
from engine.storage.tables import supervision
from tests.engine.verb_office import Office, replays
from tests.processes.office import limits, open_tasks, told, trail, wait_until


def refused(office: Office, code: str, role: str, element_id: str = "Work", **fields: object) -> str:
    with pytest.raises(Refused) as found:
        office.do(code, role, element_id, **fields)
    return found.value.code


def delivered(office: Office) -> Office:
    office.fill("owner", "Work")
    office.fill("head", "Sign")
    return office


def test_each_department_urges_a_task_once_a_day(working: Office) -> None:
    delivered(working)
    working.do("urge", "owner", "Answer", text="请尽快答复。")
    assert refused(working, "urge", "handler", "Answer") == "already_urged"
    working.do("urge", "managing", "Answer")

    wait_until(working, working.engine.clock.now() + timedelta(days=1))
    working.do("urge", "handler", "Answer")

    assert trail(working, working.key).count("TaskUrged") == 3
    urged = [name for name, text, _ in told(working, working.key) if "催办" in text]
    assert working.name("other party") in urged
    assert working.name("handler") not in urged
    assert replays(working)


def test_the_owner_of_a_task_is_told_and_nobody_urges_themselves(working: Office) -> None:
    assert refused(working, "urge", "owner") == "not_allowed"
    working.do("urge", "head")

    assert [name for name, text, _ in told(working, working.key) if "催办" in text] == [working.name("owner")]


def test_a_supervision_tells_whoever_owes_and_their_head_and_moves_no_limit(working: Office) -> None:
    delivered(working)
    before = limits(working, working.key, "Late")
    working.do("supervise", "managing", text="请按期答复。")

    (row,) = working.rows(supervision)
    assert (row.organisation_key, row.text, row.ended_at) == (working.managing, "请按期答复。", None)
    assert working.name("other party") in [n for n, text, _ in told(working, working.key) if "督办" in text]
    assert limits(working, working.key, "Late") == before
    working.do("end_supervision", "managing")
    assert working.rows(supervision)[0].ended_at is not None
    assert refused(working, "end_supervision", "managing") == "not_supervised"
    assert replays(working)


def test_a_case_nobody_knows_of_is_annulled_without_a_trace_outside(working: Office) -> None:
    working.do("annul", "owner", reason="业务调整，不再申请。")

    case = working.case()
    assert (case.state, case.result) == ("void", "void")
    assert open_tasks(working, working.key) == set()
    assert [x.state for x in limits(working, working.key, "Late")] == ["cancelled"]
    for role in ("other party", "managing"):
        with pytest.raises(NotFound):
            working.engine.queries.case(working.person(role), working.key)
    assert "试other party" not in str(told(working, working.key))
    assert replays(working)


def test_what_was_delivered_is_no_longer_annulled(working: Office) -> None:
    delivered(working)

    assert refused(working, "annul", "owner", reason="业务调整，不再申请。") == "already_delivered"


def test_a_void_case_ends_whole_and_its_parties_are_told(working: Office) -> None:
    delivered(working)
    working.do("void", "administrator", reason="重复登记的事项，予以作废。")

    assert working.case().state == "void"
    assert working.task("Answer").state == "cancelled"
    assert working.task("Work").state == "completed"
    knows = {name for name, text, _ in told(working, working.key) if "作废" in text}
    assert {working.name("owner"), working.name("head"), working.name("other party")} <= knows
    assert replays(working)


def test_a_void_needs_its_reason(working: Office) -> None:
    with pytest.raises(InvalidInput, match="10至"):
        working.do("void", "administrator", reason="重复")


def test_a_limit_stands_still_on_a_ground_of_the_law_alone(working: Office) -> None:
    (before,) = limits(working, working.key, "Late")
    with pytest.raises(PauseNotGranted, match="不可抗力"):
        working.do("suspend", "owner", ground="人手不足")

    working.do("suspend", "owner", ground="不可抗力")
    wait_until(working, working.engine.clock.now() + timedelta(days=2))
    working.do("resume", "owner")

    (after,) = limits(working, working.key, "Late")
    assert after.state == "running"
    assert after.due_on > before.due_on
    assert replays(working)


def test_a_limit_without_a_ground_in_the_law_never_stands_still(working: Office) -> None:
    delivered(working)

    assert refused(working, "suspend", "other party", "Answer", ground="不可抗力") == "pause_not_granted"
