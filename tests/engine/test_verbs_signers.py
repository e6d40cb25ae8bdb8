"""加签, 减签: who signs before is waited for; who signs after holds the token."""

import pytest

from engine.errors import NotAllowed, Refused
from engine.storage.tables import task_part
from tests.engine.verb_office import Office, replays
from tests.processes.office import limits, open_tasks, trail

NO = "数据不全，不能同意。"


def refused(office: Office, element_id: str, role: str = "owner") -> str:
    with pytest.raises(Refused) as found:
        office.fill(role, element_id)
    return found.value.code


def test_the_form_cannot_be_handed_in_before_the_opinion_is_in(working: Office) -> None:
    working.do("add_signer_before", "owner", people=[working.name("helper"), working.name("member")])
    assert refused(working, "Work") == "awaiting_signers"
    working.do("agree", "helper")
    assert refused(working, "Work") == "awaiting_signers"

    working.do("disagree", "member", reason=NO)
    working.fill("owner", "Work")

    assert open_tasks(working, working.key) == {"Sign"}
    assert [(p.state, p.agrees, p.answer) for p in working.rows(task_part)] == [
        ("answered", True, ""),
        ("answered", False, NO),
    ]
    assert replays(working)


def test_a_signer_who_was_removed_is_not_waited_for(working: Office) -> None:
    working.do("add_signer_before", "owner", people=[working.name("helper")])
    working.do("remove_signer", "owner", person=working.name("helper"))
    working.fill("owner", "Work")

    assert open_tasks(working, working.key) == {"Sign"}
    assert "TaskPartWithdrawn" in trail(working, working.key)


def test_the_token_stays_until_everybody_agrees_and_it_is_the_owners_work(working: Office) -> None:
    working.do("add_signer_after", "owner", people=[working.name("helper"), working.name("member")])
    assert working.inbox("helper") == []
    (before,) = limits(working, working.key, "Late")

    working.fill("owner", "Work", "复核意见")
    assert open_tasks(working, working.key) == {"Work"}
    key = working.task("Work").key
    assert working.inbox("helper") == [(key, "cosign_after")]
    assert working.inbox("owner") == [(key, "waiting")]
    working.do("agree", "helper")
    assert open_tasks(working, working.key) == {"Work"}
    working.do("agree", "member")

    assert open_tasks(working, working.key) == {"Sign"}
    assert working.task("Work").ended_by == working.person("owner").user_key
    assert working.case().variables["work"] == {"note": "复核意见"}
    assert limits(working, working.key, "Late") == [before]
    assert replays(working)


def test_one_who_does_not_agree_gives_it_back_and_all_are_asked_again(working: Office) -> None:
    working.do("add_signer_after", "owner", people=[working.name("helper"), working.name("member")])
    working.fill("owner", "Work", "一")
    working.do("agree", "helper")

    working.do("disagree", "member", reason=NO)

    assert working.draft("Work") == {"note": "一"}
    assert working.inbox("owner") == [(working.task("Work").key, None)]
    working.fill("owner", "Work", "二")
    working.do("agree", "helper")
    assert open_tasks(working, working.key) == {"Work"}
    working.do("agree", "member")
    assert open_tasks(working, working.key) == {"Sign"}
    assert working.case().variables["work"] == {"note": "二"}
    assert replays(working)


def test_removing_the_last_who_is_waited_for_lets_it_go_on(working: Office) -> None:
    working.do("add_signer_after", "owner", people=[working.name("helper")])
    working.fill("owner", "Work")

    working.do("remove_signer", "owner", person=working.name("helper"))

    assert open_tasks(working, working.key) == {"Sign"}
    assert working.case().variables["work"] == {"note": "同意"}


def test_what_was_signed_by_others_is_not_recalled_alone(working: Office) -> None:
    working.do("add_signer_after", "owner", people=[working.name("helper")])
    working.fill("owner", "Work")
    working.do("agree", "helper")

    with pytest.raises(Refused) as found:
        working.do("recall", "owner", "Work")
    assert found.value.code == "already_acted"


def test_who_is_kept_out_of_a_step_signs_nothing_in_it(working: Office) -> None:
    """C.6: whoever filled in the first step has no hand in its signature."""
    working.fill("owner", "Work")

    with pytest.raises(NotAllowed, match="不得由办理“填报”的同一人"):
        working.do("add_signer_before", "head", "Sign", people=[working.name("owner")])


def test_a_signer_need_not_agree_but_says_why(working: Office) -> None:
    working.do("add_signer_before", "owner", people=[working.name("helper")])

    with pytest.raises(Refused) as found:
        working.do("disagree", "helper", reason="")
    assert found.value.code == "invalid_input"
