"""委派, 协办, 沟通, 抄送: others have a hand in it, or are told; nobody gets a right by it."""

import pytest

from engine.errors import InvalidInput, Refused
from engine.handlers.verbs.refusals import MayNotSee
from engine.storage.tables import case_copy, task_part
from tests.engine.verb_office import Office, replays
from tests.processes.office import told, trail


def refused(office: Office, code: str, role: str, **fields: object) -> str:
    with pytest.raises(Refused) as found:
        office.do(code, role, **fields)
    return found.value.code


def test_the_delegate_fills_in_and_the_owner_hands_in(working: Office) -> None:
    working.do("delegate", "owner", person=working.name("member"), text="请先拟稿。")
    key = working.task("Work").key
    assert working.inbox("member") == [(key, "delegated")]
    assert working.inbox("owner") == [(key, "waiting")]

    working.do("draft", "member", note="拟稿")
    with pytest.raises(Refused) as early:
        working.fill("owner", "Work")
    assert early.value.code == "delegated_away"
    with pytest.raises(Refused) as foreign:
        working.fill("member", "Work")
    assert foreign.value.code == "not_allowed"
    working.do("give_back", "member", text="已拟好。")

    assert working.draft("Work") == {"note": "拟稿"}
    assert working.inbox("member") == []
    assert working.inbox("owner") == [(key, None)]
    working.fill("owner", "Work", "拟稿")
    assert replays(working)


def test_the_owner_takes_it_back_and_the_delegate_has_no_hand_in_it_any_more(working: Office) -> None:
    working.do("delegate", "owner", person=working.name("member"))

    working.do("take_back", "owner")

    assert refused(working, "draft", "member", note="迟到") == "not_allowed"
    working.fill("owner", "Work")
    assert replays(working)


def test_a_helper_types_beside_the_owner(working: Office) -> None:
    working.do("assist", "owner", people=[working.name("member")])
    working.do("draft", "member", note="甲")
    working.do("draft", "owner", note="乙")

    assert working.draft("Work") == {"note": "乙"}
    working.fill("owner", "Work")
    assert [p.state for p in working.rows(task_part)] == ["withdrawn"]
    assert replays(working)


def test_only_colleagues_have_a_hand_in_a_task(working: Office) -> None:
    for role in ("other party", "auditor", "outsider"):
        with pytest.raises(InvalidInput):
            working.do("delegate", "owner", person=working.name(role))
    with pytest.raises(InvalidInput):
        working.do("assist", "owner", people=[])


def test_a_question_waits_for_nothing_and_is_answered_in_words(working: Office) -> None:
    working.do("consult", "owner", people=[working.name("head")], text="是否属实？")
    assert working.inbox("head") == [(working.task("Work").key, "consult")]
    working.do("answer", "head", text="属实。")

    (part,) = working.parts("owner")
    assert (part.text, part.answer, part.state) == ("是否属实？", "属实。", "answered")
    assert any(
        "已经回复" in text for name, text, _ in told(working, working.key) if name == working.name("owner")
    )
    working.fill("owner", "Work")


def test_what_colleagues_write_to_each_other_is_in_no_event_of_the_case(working: Office) -> None:
    """C.6: the other party reads and exports the history."""
    secret = "只供本部门研究"
    working.do("consult", "owner", people=[working.name("head")], text=secret)
    working.do("answer", "head", text=secret)
    working.do("copy", "owner", "", people=[working.name("member")], text=secret)
    working.do("add_signer_before", "owner", people=[working.name("helper")], text=secret)
    working.do("disagree", "helper", reason=secret)
    working.do("assign", "owner", person=working.name("handler"), text=secret)
    working.do("return", "handler", step="First", reason=secret)

    assert [text for text in working.sentences() if secret in text] == []
    assert secret.encode() not in working.history()
    assert {part.text for part in working.parts("member")} == {secret}
    assert working.parts("auditor") == working.parts("member")


@pytest.mark.parametrize("role", ["other party", "managing", "outsider", "designer"])
def test_neither_a_question_nor_a_copy_shows_the_case_to_anybody_new(working: Office, role: str) -> None:
    """C.6: before delivery there is no case for the other side."""
    with pytest.raises(MayNotSee):
        working.do("consult", "owner", people=[working.name(role)], text="是否属实？")
    with pytest.raises(MayNotSee):
        working.do("copy", "owner", people=[working.name(role)])
    assert working.rows(case_copy) == []


def test_an_auditor_may_be_told_but_not_asked(working: Office) -> None:
    """C.6: an auditor cannot act, claim or comment."""
    working.do("copy", "owner", people=[working.name("auditor")])
    with pytest.raises(MayNotSee):
        working.do("consult", "owner", people=[working.name("auditor")], text="是否属实？")

    working.do("mark_read", "auditor")
    assert working.rows(case_copy)[0].read_at is not None
    assert refused(working, "mark_read", "auditor") == "no_copy"


def test_the_same_is_not_asked_twice(working: Office) -> None:
    working.do("assist", "owner", people=[working.name("member")])

    assert refused(working, "assist", "owner", people=[working.name("member")]) == "invalid_input"


def test_the_head_hands_over_for_somebody_who_is_away_and_the_delegation_ends(working: Office) -> None:
    working.do("delegate", "owner", person=working.name("member"))

    working.do("assign", "head", person=working.name("handler"), text="原办理人休假。")

    assert working.task("Work").assignee == working.person("handler").user_key
    assert [p.state for p in working.rows(task_part)] == ["withdrawn"]
    assert refused(working, "assign", "owner", person=working.name("helper")) == "conflict"
    assert replays(working)


def test_a_deputy_acts_under_two_names(working: Office) -> None:
    working.do("unclaim", "owner")
    working.do("claim", "deputy")
    working.do("assist", "deputy", people=[working.name("member")])

    said = working.sentences()
    assert any("由试deputy（代试handler）承办" in text for text in said)
    assert any("协办“复核”（代试handler）" in text for text in said)


def test_every_event_of_a_verb_has_its_sentence(working: Office) -> None:
    working.do("delegate", "owner", person=working.name("member"))
    working.do("give_back", "member", text="已拟好")

    types = set(trail(working, working.key))
    assert not [text for text in working.sentences() if text in types]


def test_what_is_written_to_whom_a_task_is_handed_over_has_its_bounds(working: Office) -> None:
    with pytest.raises(Refused) as found:
        working.do("assign", "owner", person=working.name("handler"), text="长" * 501)
    assert found.value.code == "invalid_input"
