"""取回: a counter-entry that puts everything back, while nothing has come of the completion."""

import pytest

from engine import commands as c
from engine.errors import Refused, WrongState
from tests.engine.verb_office import Office, replays
from tests.processes.office import limits, trail


def refused(office: Office, code: str, role: str, element_id: str, **fields: object) -> str:
    with pytest.raises(Refused) as found:
        office.do(code, role, element_id, **fields)
    return found.value.code


def test_what_was_set_takes_its_earlier_value_and_the_form_is_a_draft_again(working: Office) -> None:
    before = working.case()
    task = working.task("Work")
    working.fill("owner", "Work", "复核意见")
    next_task = working.task("Sign")

    working.do("recall", "owner", "Work")

    after = working.case()
    assert after.variables == {**before.variables, "work": None}
    assert after.state == before.state == "internal_review"
    again = working.task("Work")
    assert (again.key, again.token, again.state, again.assignee) == (
        task.key,
        task.token,
        "open",
        task.assignee,
    )
    assert working.task("Sign").key == next_task.key and working.task("Sign").state == "cancelled"
    assert working.draft("Work") == {"note": "复核意见"}
    assert trail(working, working.key)[-3:] == ["TaskRecalled", "UserTaskCancelled", "VariablesSet"]
    assert "UserTaskCompleted" in trail(working, working.key)
    assert replays(working)


def test_a_recalled_form_can_be_handed_in_anew_and_the_case_comes_to_its_end(working: Office) -> None:
    working.fill("owner", "Work", "一")
    working.do("recall", "owner", "Work")
    working.fill("owner", "Work", "二")
    working.fill("head", "Sign")
    working.fill("other party", "Answer")

    assert working.case().ended_at is not None
    assert working.case().variables["work"] == {"note": "二"}
    assert replays(working)


def test_the_limit_does_not_notice(working: Office) -> None:
    (before,) = limits(working, working.key, "Late")
    working.fill("owner", "Work")
    working.do("recall", "owner", "Work")

    assert limits(working, working.key, "Late") == [before]


def test_the_starting_state_of_the_case_comes_back(office: Office) -> None:
    office.fill("owner", "First")
    assert office.case().state == "internal_review"

    office.do("recall", "owner", "First")

    assert office.case().state == "draft"


@pytest.mark.parametrize("act", ["claim", "draft", "question"])
def test_who_touched_the_next_task_keeps_it(working: Office, act: str) -> None:
    working.fill("owner", "Work")
    if act == "claim":
        working.do("claim", "head", "Sign")
    elif act == "draft":
        working.do("draft", "head", "Sign", note="拟同意")
    else:
        working.do("consult", "head", "Sign", people=[working.name("owner")], text="为何？")

    assert refused(working, "recall", "owner", "Work") == "already_acted"


def test_being_urged_or_copied_is_no_act_of_the_next_one(working: Office) -> None:
    working.fill("owner", "Work")
    working.do("urge", "owner", "Sign")
    working.do("copy", "owner", people=[working.name("member")])

    working.do("recall", "owner", "Work")

    assert working.task("Work").state == "open"


def test_what_was_delivered_stays_delivered(working: Office) -> None:
    working.fill("owner", "Work")
    working.fill("head", "Sign")

    assert refused(working, "recall", "head", "Sign") == "already_effective"
    assert refused(working, "recall", "owner", "Work") == "already_effective"


def test_only_the_last_completion_can_be_recalled(working: Office) -> None:
    working.fill("owner", "Work")

    assert refused(working, "recall", "owner", "First") == "already_acted"
    assert refused(working, "recall", "handler", "Work") == "not_allowed"


def test_of_recall_and_claim_the_first_wins(working: Office) -> None:
    working.fill("owner", "Work")
    claim = c.ClaimTask(actor=working.person("head"), task_key=working.task("Sign").key)
    working.do("recall", "owner", "Work")

    with pytest.raises(WrongState):
        working.engine.handle(claim)
