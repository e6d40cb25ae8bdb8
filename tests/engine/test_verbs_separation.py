"""C.6: who had a hand in a step by 委派 or 协办 does not judge it, and somebody is left who may."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, select

from engine import commands as c
from engine.errors import NotAllowed, Refused
from engine.handlers.parties import holders
from engine.queries.verbs import offered
from engine.storage.tables import user, user_role
from tests.engine.verb_office import Office, replays
from tests.processes.office import open_tasks, trail

# Rules of a procedure: the database decides nothing here.
pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def two_heads(office: Office) -> Office:
    """A department where either of two may sign: the head of the demonstration is there too."""
    with office.engine.database.reading() as conn:
        (other,) = set(holders(conn, office.using, "head")) - {office.person("head").user_key}
        found = select(user.c.username).where(user.c.key == other)
        office.names["second head"] = str(conn.execute(found).scalar_one())
    return office


@pytest.fixture
def one_head(two_heads: Office) -> Office:
    """A department where only one may sign."""
    leaving = c.BeginLeaving(
        actor=two_heads.person("head"),
        username=two_heads.name("second head"),
        reason="调离本单位。",
        successors={},
    )
    two_heads.engine.handle(leaving)
    while two_heads.engine.sweep():
        pass
    return two_heads


def delegated(office: Office, role: str) -> None:
    office.do("delegate", "owner", "First", person=office.name(role))
    office.do("draft", role, "First", note="代拟")
    office.do("give_back", role, "First")


def assisted(office: Office, role: str) -> None:
    office.do("assist", "owner", "First", people=[office.name(role)])
    office.do("give_back", role, "First")


def to_sign(office: Office) -> None:
    office.fill("owner", "First", "代拟")
    office.fill("owner", "Work")


def choices(office: Office, code: str) -> set[str]:
    """Return whom the page lets the owner choose for the first step."""
    key = office.task("First").key
    verbs = office.engine.queries.search(offered, office.person("owner"), key)
    return {person.username for verb in verbs if verb.code == code for person in verb.people}


def refused(office: Office, code: str, **fields: object) -> None:
    before = trail(office, office.key)
    with pytest.raises(Refused) as found:
        office.do(code, "owner", "First", **fields)
    assert found.value.code == "would_bar_the_judge"
    assert found.value.facts["element_id"] == "Sign"
    assert trail(office, office.key) == before


@pytest.mark.parametrize("had_a_hand", [delegated, assisted])
def test_who_gave_back_a_part_of_a_step_does_not_sign_it(
    two_heads: Office, had_a_hand: Callable[[Office, str], None]
) -> None:
    had_a_hand(two_heads, "head")
    to_sign(two_heads)

    for act in (lambda: two_heads.fill("head", "Sign"), lambda: two_heads.do("claim", "head", "Sign")):
        with pytest.raises(NotAllowed, match="不得由办理“填报”的同一人"):
            act()
    two_heads.fill("second head", "Sign")
    assert open_tasks(two_heads, two_heads.key) == {"Answer"}
    assert replays(two_heads)


def test_whose_part_was_taken_back_unanswered_may_sign(two_heads: Office) -> None:
    two_heads.do("delegate", "owner", "First", person=two_heads.name("head"))
    two_heads.do("take_back", "owner", "First")
    to_sign(two_heads)

    two_heads.fill("head", "Sign")


def test_only_the_last_time_a_step_was_done_counts(two_heads: Office) -> None:
    delegated(two_heads, "head")
    two_heads.fill("owner", "First")
    two_heads.do("return", "owner", "Work", step="First", reason="请重新填写内容。")
    to_sign(two_heads)

    two_heads.fill("head", "Sign")


def test_the_last_who_could_sign_is_given_no_hand_in_what_is_signed(one_head: Office) -> None:
    refused(one_head, "delegate", person=one_head.name("head"))
    refused(one_head, "assist", people=[one_head.name("member"), one_head.name("head")])

    for code in ("delegate", "assist"):
        assert one_head.name("head") not in choices(one_head, code)
        assert one_head.name("member") in choices(one_head, code)
    assisted(one_head, "member")
    to_sign(one_head)
    one_head.fill("head", "Sign")


def test_of_two_who_could_sign_one_at_most_has_a_hand_in_it(two_heads: Office) -> None:
    both = {two_heads.name("head"), two_heads.name("second head")}
    assert both <= choices(two_heads, "assist")
    refused(two_heads, "assist", people=sorted(both))

    assisted(two_heads, "head")

    refused(two_heads, "assist", people=[two_heads.name("second head")])
    assert two_heads.name("second head") not in choices(two_heads, "delegate")


def test_a_substitute_does_not_sign_for_who_had_a_hand_in_it(one_head: Office) -> None:
    """委托: whoever stands in for somebody is barred where that person is, so they do not count as left."""
    one_head.engine.handle(
        c.AuthoriseDeputy(
            actor=None,
            principal=one_head.name("head"),
            deputy=one_head.name("member"),
            role="head",
            valid_from="2026-06-01",
            valid_until="2026-12-31",
            doc_no="试验〔2026〕2号",
        )
    )

    refused(one_head, "delegate", person=one_head.name("head"))
    one_head.do("delegate", "owner", "First", person=one_head.name("member"))


def test_a_step_that_none_judges_may_be_given_to_the_head(working: Office) -> None:
    working.do("delegate", "owner", person=working.name("head"))
    working.do("give_back", "head")
    working.fill("owner", "Work")

    working.fill("head", "Sign")


def test_in_a_department_of_one_person_they_sign_what_the_window_helped_with(office: Office) -> None:
    alone = office.person("owner").user_key
    with office.engine.database.writing() as conn:
        of = user_role.c
        others = (of.organisation_key == office.using, of.user_key != alone, of.role != "window")
        conn.execute(delete(user_role).where(*others))
        conn.execute(insert(user_role).values(user_key=alone, organisation_key=office.using, role="head"))

    delegated(office, "member")
    to_sign(office)

    office.fill("owner", "Sign")
