"""Colleagues talk about a case; the other party neither reads it nor finds it in the history (domain C.6)."""

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk, deliver
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.history.replay import rebuild
from engine.people import Actor
from engine.queries.comments import comments
from engine.storage.tables import comment, event
from tests.conftest import at_once
from tests.processes.office import administrators, case, task, told, trail

WORDS = "对方补充的依据仍不具体，请再核一遍。"


def talk(desk: Desk, actor: Actor, key: int) -> list[str]:
    return [line.text for line in desk.engine.queries.search(comments, actor, key).lines]


def say(desk: Desk, actor: Actor, key: int, text: str = WORDS, task_key: int | None = None) -> None:
    desk.engine.handle(c.AddComment(actor=actor, instance_key=key, task_key=task_key, text=text))


@pytest.fixture
def key(desk: Desk) -> int:
    return int(at_once(deliver(desk, 1)))


def test_a_comment_is_read_by_the_own_department_and_auditors_alone(desk: Desk, key: int) -> None:
    handler = desk.actor(case(desk, key).providing_key, "handler")
    head = desk.actor(case(desk, key).providing_key, "head")
    other = desk.actor(case(desk, key).using_key, "handler")
    auditor = desk.engine.accounts.actor_named("audit")

    say(desk, handler, key, task_key=task(desk, key, "T12-04").key)

    assert talk(desk, handler, key) == talk(desk, head, key) == talk(desk, auditor, key) == [WORDS]
    assert talk(desk, other, key) == []


def test_the_history_that_both_parties_read_holds_no_word_of_it(desk: Desk, key: int) -> None:
    handler = desk.actor(case(desk, key).providing_key, "handler")
    say(desk, handler, key)

    with desk.engine.database.reading() as conn:
        bodies = conn.execute(select(event.c.body).where(event.c.stream == key)).scalars().all()
    assert trail(desk, key)[-1] == "CommentAdded"
    assert not any(WORDS.encode() in body for body in bodies)
    lines = desk.engine.queries.case(desk.actor(case(desk, key).using_key, "handler"), key).history
    assert "仅" in lines[-1].text and "可见" in lines[-1].text


def test_a_colleague_who_is_named_is_told_and_nobody_of_another_department(desk: Desk, key: int) -> None:
    provider, user = case(desk, key).providing_key, case(desk, key).using_key
    handler, head = desk.actor(provider, "handler"), desk.actor(provider, "head")
    stranger = desk.actor(user, "handler")

    say(desk, handler, key, f"@{head.name}请看第二条。@{stranger.username} @{handler.name}")

    mentioned = [who for who, text, _ in told(desk, key) if "内部交流中提到您" in text]
    assert head.username in mentioned
    assert stranger.username not in mentioned and handler.username not in mentioned
    assert not any("第二条" in text for _, text, _ in told(desk, key))


def test_auditors_read_and_say_nothing(desk: Desk, key: int) -> None:
    auditor = desk.engine.accounts.actor_named("audit")

    with pytest.raises(NotAllowed):
        say(desk, auditor, key)
    assert not desk.engine.queries.search(comments, auditor, key).may_add


def test_outsiders_and_administrators_know_of_no_such_case(desk: Desk, key: int) -> None:
    for outsider in (administrators(desk)[0], desk.engine.accounts.actor_named("designer")):
        with pytest.raises(NotFound):
            say(desk, outsider, key)


@pytest.mark.parametrize("text", ["", "  \n ", "字" * 2001])
def test_nothing_and_too_much_are_refused(desk: Desk, key: int, text: str) -> None:
    before = trail(desk, key)
    with pytest.raises(InvalidInput):
        say(desk, desk.actor(case(desk, key).providing_key, "handler"), key, text)
    assert trail(desk, key) == before


def test_a_comment_on_a_task_of_another_case_is_refused(desk: Desk, key: int) -> None:
    elsewhere = int(at_once(deliver(desk, 3)))

    with pytest.raises(NotFound):
        say(
            desk,
            desk.actor(case(desk, key).providing_key, "handler"),
            key,
            task_key=task(desk, elsewhere, "T12-04").key,
        )


def test_replaying_the_history_rebuilds_the_talk(desk: Desk, key: int) -> None:
    say(desk, desk.actor(case(desk, key).providing_key, "handler"), key)
    with desk.engine.database.writing() as conn:
        before = conn.execute(select(comment)).all()
        rebuild(conn)
        assert conn.execute(select(comment)).all() == before != []
