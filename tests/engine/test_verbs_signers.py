"""加签, 减签: who signs before is waited for; who signs after holds the token."""

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.errors import NotAllowed, Refused
from engine.storage.tables import deputy, notice
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
    assert [(p.state, p.agrees, p.answer) for p in working.parts("owner")] == [
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


def leave(office: Office, who: str) -> None:
    office.engine.handle(
        c.BeginLeaving(
            actor=office.person("head"), username=office.name(who), reason="调离本单位。", successors={}
        )
    )
    while office.engine.sweep():
        pass


def test_what_somebody_handed_in_who_left_is_completed_as_nobodys_work(working: Office) -> None:
    working.do("add_signer_after", "owner", people=[working.name("helper")])
    working.fill("owner", "Work", "一")

    leave(working, "owner")

    with pytest.raises(Refused) as found:
        working.do("agree", "helper")
    assert found.value.code == "not_asked"
    assert working.draft("Work") == {"note": "一"}
    working.fill("handler", "Work", "二")
    working.do("agree", "helper")
    assert open_tasks(working, working.key) == {"Sign"}
    assert working.task("Work").ended_by == working.person("handler").user_key
    assert replays(working)


def test_what_a_substitute_handed_in_does_not_outlive_the_substitution(working: Office) -> None:
    """委托: open tasks come back at the end, and the consent of others signs nothing for either."""
    working.do("unclaim", "owner")
    working.do("add_signer_after", "deputy", people=[working.name("helper")])
    working.fill("deputy", "Work", "一")
    with pytest.raises(Refused) as found:
        working.do("claim", "handler")
    assert found.value.code == "awaiting_signers"

    with working.engine.database.reading() as conn:
        of = deputy.c.deputy_key == working.person("deputy").user_key
        rule = conn.execute(select(deputy.c.key).where(of)).scalar_one()
    working.engine.handle(c.RevokeDeputy(actor=None, deputy_key=rule, reason="销假"))

    with pytest.raises(Refused) as found:
        working.do("agree", "helper")
    assert found.value.code == "not_asked"
    assert open_tasks(working, working.key) == {"Work"}
    assert working.task("Work").assignee is None
    assert replays(working)


def test_nobody_waits_for_a_signer_who_left_before_it_was_handed_in(working: Office) -> None:
    working.do("add_signer_after", "owner", people=[working.name("helper")])

    leave(working, "helper")
    working.fill("owner", "Work")

    assert open_tasks(working, working.key) == {"Sign"}
    assert replays(working)


def test_the_owner_is_told_when_the_last_who_was_waited_for_left(working: Office) -> None:
    working.do("add_signer_after", "owner", people=[working.name("helper")])
    working.fill("owner", "Work")

    leave(working, "helper")

    told = [n.text for n in working.rows(notice) if n.user_key == working.person("owner").user_key]
    assert any("请重新提交" in text for text in told)
    assert working.inbox("owner") == [(working.task("Work").key, None)]
    working.fill("owner", "Work")
    assert open_tasks(working, working.key) == {"Sign"}
    assert replays(working)
