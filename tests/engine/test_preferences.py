"""How a person is told is their own choice; that they are told in the product is not."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, begin, deliver
from engine.errors import InvalidInput, TooManyAttempts
from engine.events import NoticeSent
from engine.history.chain import parse
from engine.notice_kinds import KINDS, MAIL
from engine.storage.tables import contact, contact_change, event, notice, outbox, process_instance
from tests.conftest import at_once, beijing
from tests.processes.office import case, task, wait_until


def letters(engine: Engine) -> list[Any]:
    with engine.database.reading() as conn:
        rows = conn.execute(select(outbox).where(outbox.c.channel == "mail").order_by(outbox.c.key))
        return [row for row in rows if not row.id.startswith("digest:")]


def code_sent(engine: Engine) -> str:
    found = re.search(r"\d{8}", letters(engine)[-1].payload["text"])
    assert found
    return found[0]


@pytest.fixture
def provider(desk: Desk) -> Any:
    return desk.actor(case(desk, at_once(deliver(desk, 1))).providing_key, "handler")


@pytest.fixture
def reachable(engine: Engine, provider: Any) -> Any:
    with engine.database.writing() as conn:
        conn.execute(contact.insert(), {"user_key": provider.user_key, "email": "jb@example.invalid"})
    return provider


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("choice", list(MAIL))
def test_every_kind_may_be_chosen_for(engine: Engine, provider: Any, kind: str, choice: str) -> None:
    engine.handle(c.ChooseNotices(actor=provider, mail={kind: choice}))


@pytest.mark.parametrize("mail", [{"reminder": "sometimes"}, {"gossip": "now"}])
def test_what_is_no_choice_is_refused(engine: Engine, provider: Any, mail: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        engine.handle(c.ChooseNotices(actor=provider, mail=mail))


def test_reminders_come_by_mail_at_once_and_in_the_product_always(
    desk: Desk, engine: Engine, reachable: Any
) -> None:
    """R-T7: both reminders, to the handler who has an address."""
    wait_until(desk, beijing("2026-06-15T10:00"))

    assert [row.payload["text"][:4] for row in letters(engine)] == ["期限提醒", "期限提醒"]
    assert letters(engine)[0].payload["path"].startswith("/cases/")


@pytest.mark.parametrize("choice", ["digest", "none"])
def test_a_kind_switched_off_sends_no_letter_and_stays_in_the_product(
    desk: Desk, engine: Engine, reachable: Any, choice: str
) -> None:
    engine.handle(c.ChooseNotices(actor=reachable, mail={"reminder": choice, "overdue": choice}))
    wait_until(desk, beijing("2026-06-15T10:00"))

    assert letters(engine) == []
    with engine.database.reading() as conn:
        kinds = conn.execute(select(notice.c.kind).where(notice.c.user_key == reachable.user_key)).scalars()
        assert list(kinds).count("reminder") == 2


def test_a_new_task_is_told_at_once_only_to_who_asked_for_it(
    desk: Desk, engine: Engine, reachable: Any
) -> None:
    applicant = desk.actor(case(desk, cases(engine)[0]).using_key, "handler")
    with engine.database.writing() as conn:
        conn.execute(contact.insert(), {"user_key": applicant.user_key, "email": "sq@example.invalid"})
    begin(desk, 1)
    assert letters(engine) == []

    engine.handle(c.ChooseNotices(actor=applicant, mail={"task": "now"}))
    key = begin(desk, 1)

    [letter] = letters(engine)
    opened = task(desk, key, "T12-01")
    assert letter.target == "sq@example.invalid"
    assert letter.payload["subject"] == f"新任务：{opened.name}"
    assert letter.payload["path"] == f"/tasks/{opened.key}"


def test_who_is_handed_a_task_is_told_and_who_takes_one_is_not(
    desk: Desk, engine: Engine, reachable: Any
) -> None:
    engine.handle(c.ChooseNotices(actor=reachable, mail={"task": "now"}))
    key = task(desk, cases(engine)[0], "T12-04").key
    engine.handle(c.ClaimTask(actor=reachable, task_key=key))
    engine.handle(c.UnclaimTask(actor=reachable, task_key=key))
    assert letters(engine) == []

    colleague = engine.accounts.actor_named("rst.jb2")
    engine.handle(c.AssignTask(actor=colleague, task_key=key, assignee=reachable.username))

    assert [row.payload["path"] for row in letters(engine)] == [f"/tasks/{key}"]


def cases(engine: Engine) -> list[int]:
    with engine.database.reading() as conn:
        return list(conn.execute(select(process_instance.c.key)).scalars())


# The address


def test_an_address_counts_when_its_code_came_back(engine: Engine, provider: Any) -> None:
    engine.handle(c.ProposeEmail(actor=provider, email="new@example.invalid"))
    assert letters(engine)[-1].target == "new@example.invalid"
    with engine.database.reading() as conn:
        assert conn.execute(select(contact)).all() == []

    answer = engine.handle(c.ConfirmEmail(actor=provider, code=code_sent(engine)))

    assert answer["confirmed"] is True
    with engine.database.reading() as conn:
        assert conn.execute(select(contact.c.email)).scalars().all() == ["new@example.invalid"]
        assert conn.execute(select(contact_change)).all() == []


def test_a_code_is_used_once(engine: Engine, provider: Any) -> None:
    engine.handle(c.ProposeEmail(actor=provider, email="new@example.invalid"))
    code = code_sent(engine)
    engine.handle(c.ConfirmEmail(actor=provider, code=code))

    with pytest.raises(InvalidInput, match="失效"):
        engine.handle(c.ConfirmEmail(actor=provider, code=code))


def test_a_code_is_nobody_elses(engine: Engine, provider: Any) -> None:
    engine.handle(c.ProposeEmail(actor=provider, email="new@example.invalid"))
    other = engine.accounts.actor_named("admin")

    with pytest.raises(InvalidInput, match="失效"):
        engine.handle(c.ConfirmEmail(actor=other, code=code_sent(engine)))


def test_a_code_ends_after_half_an_hour(desk: Desk, engine: Engine, provider: Any) -> None:
    engine.handle(c.ProposeEmail(actor=provider, email="new@example.invalid"))
    wait_until(desk, engine.clock.now() + timedelta(minutes=31))

    with pytest.raises(InvalidInput, match="失效"):
        engine.handle(c.ConfirmEmail(actor=provider, code=code_sent(engine)))


def test_five_wrong_codes_end_it(engine: Engine, provider: Any) -> None:
    engine.handle(c.ProposeEmail(actor=provider, email="new@example.invalid"))
    code = code_sent(engine)
    wrong = "00000000" if code != "00000000" else "00000001"
    left = [engine.handle(c.ConfirmEmail(actor=provider, code=wrong))["left"] for _ in range(5)]

    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(InvalidInput, match="失效"):
        engine.handle(c.ConfirmEmail(actor=provider, code=code))


def test_codes_are_not_sent_one_after_the_other(engine: Engine, provider: Any) -> None:
    engine.handle(c.ProposeEmail(actor=provider, email="new@example.invalid"))

    with pytest.raises(TooManyAttempts):
        engine.handle(c.ProposeEmail(actor=provider, email="other@example.invalid"))


@pytest.mark.parametrize("email", ["", "nobody", "a@b c", "a@b\nBcc: c@d", "x" * 70 + "@example.invalid"])
def test_what_is_no_address_is_refused(engine: Engine, provider: Any, email: str) -> None:
    with pytest.raises(InvalidInput, match="电子邮箱"):
        engine.handle(c.ProposeEmail(actor=provider, email=email))


def test_a_removed_address_gets_nothing(desk: Desk, engine: Engine, reachable: Any) -> None:
    engine.handle(c.RemoveEmail(actor=reachable))
    wait_until(desk, beijing("2026-06-15T10:00"))

    assert letters(engine) == []


# What is history


def test_the_history_says_of_what_kind_a_notice_is_and_old_ones_still_read(
    desk: Desk, engine: Engine, provider: Any
) -> None:
    wait_until(desk, beijing("2026-06-17T10:00"))
    with engine.database.reading() as conn:
        bodies = conn.execute(select(event.c.body).where(event.c.type == "NoticeSent")).scalars().all()
    kinds = {found.kind for body in bodies if isinstance(found := parse(body).event, NoticeSent)}
    assert {"reminder", "overdue"} <= kinds <= KINDS.keys()

    assert NoticeSent([1], [2], [], "旧").kind == "platform"
    old = bodies[0].replace(b'"kind":"reminder",', b"").replace(b'"kind":"outcome",', b"")
    assert isinstance(parse(old).event, NoticeSent)
