"""One letter each working morning, with what to do first: once a person and day, whatever happens between."""

import threading
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.appliers import apply
from engine.clock import FixedClock
from engine.demo.cases import Desk, begin, deliver
from engine.digests import Digests
from engine.events import NoticeSent
from engine.history.chain import PLATFORM, Recorded
from engine.mail_text import plain, rich
from engine.outbox import Postman
from engine.storage.tables import contact, outbox, process_instance
from tests.conftest import at_once, beijing, open_engine
from tests.databases import Where
from tests.engine.test_calendar_notices import applied, closure
from tests.processes.office import administrators, case, task, wait_until


def digests(engine: Engine) -> list[Any]:
    with engine.database.reading() as conn:
        rows = conn.execute(select(outbox).where(outbox.c.id.like("digest:%")).order_by(outbox.c.key))
        return list(rows)


def give_address(engine: Engine, user_key: int, email: str = "jb@example.invalid") -> None:
    with engine.database.writing() as conn:
        conn.execute(contact.insert(), {"user_key": user_key, "email": email})


@pytest.fixture
def provider(desk: Desk) -> Any:
    """The handler of a department that has to reply by Monday 15 June."""
    key = at_once(deliver(desk, 1))
    found = desk.actor(case(desk, key).providing_key, "handler")
    give_address(desk.engine, found.user_key)
    return found


def test_the_digest_leads_with_what_is_late_then_today_then_the_next_five_working_days(
    desk: Desk, engine: Engine, provider: Any
) -> None:
    wait_until(desk, beijing("2026-06-09T09:00"))
    [near] = digests(engine)
    assert near.payload["subject"] == "【时限】近期届满 1 项"
    assert near.payload["sections"][0]["title"] == "5个工作日内届满（1）"
    assert "答复期限2026年6月15日届满" in near.payload["sections"][0]["lines"][0]["text"]

    wait_until(desk, beijing("2026-06-15T09:00"))
    today = digests(engine)[-1]
    assert today.payload["subject"] == "【时限】今日届满 1 项"

    wait_until(desk, beijing("2026-06-16T09:00"))
    late = digests(engine)[-1]
    assert late.payload["subject"] == "【时限】逾期 1 项"
    assert late.payload["sections"][0]["title"] == "已经逾期，请先办理（1）"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-06-09T08:59", 0, id="before nine"),
        pytest.param("2026-06-09T09:00", 1, id="a working day"),
        pytest.param("2026-06-13T10:00", 0, id="a Saturday"),
        pytest.param("2026-06-19T10:00", 0, id="Dragon Boat, a Friday"),
        pytest.param("2026-09-20T10:00", 1, id="a make-up Sunday"),
        pytest.param("2026-10-10T10:00", 1, id="a make-up Saturday"),
    ],
)
def test_it_goes_out_at_nine_on_working_days(
    database: Where, desk: Desk, engine: Engine, provider: Any, at: str, expected: int
) -> None:
    assert isinstance(engine.clock, FixedClock)
    engine.clock.set(beijing(at))
    Digests(engine.database, engine._calendars, engine.clock, engine.handle).run_due()

    assert len(digests(engine)) == expected


def test_a_closure_of_the_department_keeps_its_digests_back(
    desk: Desk, engine: Engine, provider: Any
) -> None:
    first, second = administrators(desk)
    applied(engine, first, second, closure(provider.org_key, date(2026, 6, 9)))

    wait_until(desk, beijing("2026-06-09T10:00"))
    assert [row.id[-10:] for row in digests(engine)] == ["2026-06-08"]
    wait_until(desk, beijing("2026-06-10T10:00"))
    assert [row.id[-10:] for row in digests(engine)] == ["2026-06-08", "2026-06-10"]


def test_of_several_nodes_one_makes_it_and_a_restart_makes_no_second(
    database: Where, desk: Desk, engine: Engine, provider: Any
) -> None:
    wait_until(desk, beijing("2026-06-09T09:00"))
    for _ in range(3):  # nodes that know nothing of each other
        Digests(engine.database, engine._calendars, engine.clock, engine.handle).run_due()
    assert len(digests(engine)) == 1

    again = c.SendDigest(
        actor=None,
        user_key=provider.user_key,
        day=beijing("2026-06-09T09:00").date(),
        id=f"digest:{provider.user_key}:2026-06-09",
    )
    assert engine.handle(again) == {"sent": True}  # the stored answer
    assert len(digests(engine)) == 1


def test_a_restart_on_the_same_day_makes_no_second(database: Where, desk: Desk, provider: Any) -> None:
    wait_until(desk, beijing("2026-06-09T09:00"))
    desk.engine.close()

    restarted = open_engine(database, beijing("2026-06-09T11:00"))
    restarted.sweep()
    found = digests(restarted)
    restarted.close()

    assert len(found) == 1


def test_after_an_outage_only_the_days_own_digest_is_made_up_for(
    database: Where, desk: Desk, provider: Any
) -> None:
    desk.engine.close()

    restarted = open_engine(database, beijing("2026-06-11T16:30"))
    restarted.sweep()
    found = digests(restarted)
    late = c.SendDigest(actor=None, user_key=provider.user_key, day=beijing("2026-06-10T09:00").date())
    answer = restarted.handle(late)
    restarted.close()

    assert [row.id for row in found] == [f"digest:{provider.user_key}:2026-06-11"]
    assert answer == {"sent": False}


def test_nothing_to_say_is_no_letter(desk: Desk, engine: Engine) -> None:
    idle = engine.accounts.actor_named("audit")
    give_address(engine, idle.user_key)
    wait_until(desk, beijing("2026-06-10T09:30"))

    assert digests(engine) == []


def test_who_wants_no_digest_gets_none(desk: Desk, engine: Engine, provider: Any) -> None:
    engine.handle(c.ChooseNotices(actor=provider, mail={"task": "none"}))
    wait_until(desk, beijing("2026-06-10T09:30"))

    assert digests(engine) == []


def test_a_new_task_without_a_near_limit_is_listed_once(desk: Desk, engine: Engine, provider: Any) -> None:
    """The second digest does not call new what the first one did."""
    applicant = desk.actor(case(desk, cases(engine)[0]).using_key, "handler")
    give_address(engine, applicant.user_key, "sq@example.invalid")
    begin(desk, 1)  # a draft of theirs: no limit runs
    wait_until(desk, beijing("2026-06-09T09:00"))
    wait_until(desk, beijing("2026-06-10T09:00"))
    theirs = [row for row in digests(engine) if row.target == "sq@example.invalid"]

    assert [row.payload["subject"] for row in theirs] == ["【时限】新到任务 1 项"]


def cases(engine: Engine) -> list[int]:
    with engine.database.reading() as conn:
        return list(conn.execute(select(process_instance.c.key)).scalars())


def test_the_letter_reads_in_text_and_html_and_links_only_where_the_address_is_known(
    desk: Desk, engine: Engine, provider: Any
) -> None:
    wait_until(desk, beijing("2026-06-15T09:00"))
    payload = digests(engine)[-1].payload
    key = task(desk, cases(engine)[0], "T12-04").key

    assert "http" not in plain(payload, "")
    assert f"https://shixian.example.invalid/tasks/{key}" in plain(payload, "https://shixian.example.invalid")
    html = rich(payload, "https://shixian.example.invalid") or ""
    assert f'href="https://shixian.example.invalid/tasks/{key}"' in html
    assert "今日届满（1）" in html and "<script" not in html


def test_html_of_a_digest_escapes_what_people_wrote() -> None:
    line = {"text": "《<img src=x onerror=alert(1)>》", "path": "/tasks/1"}
    payload = {"subject": "x", "text": "x", "sections": [{"title": "t", "lines": [line], "more": 3}]}

    html = rich(payload, "") or ""
    assert "<img" not in html and "另有3项" in html


def test_notices_somebody_keeps_for_the_digest_are_in_it(desk: Desk, engine: Engine, provider: Any) -> None:
    engine.handle(c.ChooseNotices(actor=provider, mail={"urge": "digest"}))
    key = cases(engine)[0]
    uow_text = "请尽快办理答复。"

    def tell(conn: Any) -> None:
        now = engine.clock.now()
        event = NoticeSent([999], [provider.user_key], [], uow_text, "urge")
        apply(conn, Recorded(key, 10**6, event, PLATFORM, now, now))

    engine.writer.write(tell)
    wait_until(desk, beijing("2026-06-09T09:00"))
    sections = {s["title"]: s for row in digests(engine) for s in row.payload["sections"]}

    assert sections["催办与督办（1）"]["lines"][0]["text"] == uow_text


@pytest.mark.only("postgresql")
def test_three_nodes_at_one_instant_make_and_send_one_letter(
    desk: Desk, engine: Engine, database: Where, provider: Any
) -> None:
    at: datetime = beijing("2026-06-09T09:00")
    nodes = [open_engine(database, at) for _ in range(3)]
    sent: list[str] = []
    start = threading.Barrier(3)

    def work(node: Engine) -> None:
        node.postman = Postman(
            node.database, node.writer.write, node.clock, {"mail": lambda letter: sent.append(letter.id)}
        )
        start.wait()
        while node.sweep():
            pass
        node.postman.run()

    threads = [threading.Thread(target=work, args=(node,)) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for node in nodes:
        node.close()

    assert len(digests(engine)) == 1
    assert [id_ for id_ in sent if id_.startswith("digest:")] == [f"digest:{provider.user_key}:2026-06-09"]
