"""Copies of finished cases are cases: chained, counted by their own days, and their facts are what their events say."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.calendar import load_notices
from engine.clock import instant
from engine.demo import bulk, rectifications, verifications
from engine.demo.cases import BEGIN, Desk
from engine.demo.driver import play
from engine.demo.seed import seed
from engine.demo.shifting import WorkingDays
from engine.history.chain import first_break, parse
from engine.periods import Pause, Policy, Term, Unit, count
from engine.storage import tables as t
from tests.conftest import NOTICES, beijing, open_engine
from tests.databases import Databases

COPIES = 60


@pytest.fixture(scope="module")
def copied(databases: Databases) -> Iterator[Engine]:
    """A database two years old, a few stories of the demonstration, and their copies."""
    where = databases.empty()
    engine = open_engine(where, bulk.beginning())
    seed(engine)
    for notice in sorted(load_notices(NOTICES), key=lambda notice: notice.published):
        if bulk.beginning().date() < notice.published < BEGIN.date():
            to(engine, datetime.combine(notice.published, BEGIN.timetz(), BEGIN.tzinfo))
    play(engine, 12, ((verifications.STORIES, 0), (rectifications.STORIES, 0)))
    originals = cases(engine)
    assert list(bulk.copy_cases(engine, COPIES))[-1] == COPIES
    assert len(cases(engine)) == len(originals) + COPIES
    engine.originals = originals  # type: ignore[attr-defined]
    yield engine
    engine.close()
    databases.drop(where)


def to(engine: Engine, at: datetime) -> None:
    engine.handle(c.SetClock(actor=None, at=at))


def cases(engine: Engine) -> set[int]:
    with engine.database.reading() as conn:
        of = t.process_instance.c
        return set(conn.execute(select(of.key).where(of.ended_at.is_not(None))).scalars())


def copies(engine: Engine) -> list[tuple[int, list[Any]]]:
    found = []
    with engine.database.reading() as conn:
        for key in sorted(cases(engine) - engine.originals):  # type: ignore[attr-defined]
            of = t.event.c
            log = conn.execute(
                select(of.seq, of.body, of.hash).where(of.stream == key).order_by(of.seq)
            ).all()
            found.append((key, list(log)))
    return found


def test_a_copy_is_chained_and_its_bodies_are_canonical(copied: Engine) -> None:
    for key, log in copies(copied):
        assert first_break((row.seq, bytes(row.body), bytes(row.hash)) for row in log) is None
        told = [parse(bytes(row.body)) for row in log]
        assert all(one.body() == bytes(row.body) for one, row in zip(told, log, strict=True))
        assert {one.stream for one in told} == {key}
        times = [one.recorded_at for one in told]
        assert times == sorted(times)


def test_the_limits_of_a_copy_count_out_by_the_calendar_known_on_its_days(copied: Engine) -> None:
    limits, days = 0, set()
    with copied.database.reading() as conn:
        for _, log in copies(copied):
            for event in (parse(bytes(row.body)).event for row in log):
                if not hasattr(event, "terms"):
                    continue
                terms = event.terms
                pauses = [
                    Pause(p["ground"], p["basis"], instant(p["since"]), p["until"] and instant(p["until"]))
                    for p in terms["pauses"]
                ]
                term = Term(
                    terms["length"],
                    instant(terms["event_at"]),
                    Unit(terms["unit"]),
                    Policy(**terms["policy"]),
                    tuple(pauses),
                    terms["extended_by"],
                )
                owner = getattr(event, "organisation_key", None)
                calendar = copied._calendars.of(conn, instant(event.calendar_as_of), owner)
                due = count(term, calendar)
                assert (due.due_on.isoformat(), due.due_at) == (event.due_on, instant(event.due_at))
                assert (due.status.value, list(calendar.rests_on(*due.examined))) == (
                    event.status,
                    event.notices,
                )
                limits += 1
                days.add(event.due_on[:7])
    assert limits > COPIES and len(days) > 15


def test_the_facts_of_copies_are_what_their_events_say(copied: Engine) -> None:
    def rows() -> list[list[str]]:
        with copied.database.reading() as conn:
            return [
                sorted(map(repr, conn.execute(select(table))))
                for table in (t.case_fact, t.visit_fact, t.case_path)
            ]

    while not copied.statistics.catch_up():
        pass
    kept = rows()

    assert copied.statistics.rebuild() == len(cases(copied))

    assert rows() == kept


def test_copies_are_cases_of_other_months_departments_and_numbers(copied: Engine) -> None:
    with copied.database.reading() as conn:
        facts = conn.execute(
            select(t.case_fact.c.month, t.case_fact.c.department_key, t.case_fact.c.level)
        ).all()
        numbers = list(conn.execute(select(t.process_instance.c.business_id)).scalars())
        documents = list(conn.execute(select(t.document.c.organisation_key, t.document.c.number)).all())
    assert len({row.month for row in facts}) > 15
    assert {row.level for row in facts} == {"province", "city", "county"}
    assert len(set(numbers)) == len(numbers)
    assert len(set(documents)) == len(documents)


def test_a_copied_case_is_shown_like_any_other(copied: Engine) -> None:
    desk = Desk(copied)
    with copied.database.reading() as conn:
        code = conn.execute(select(t.user.c.username).where(t.user.c.username == "ysj.jb")).scalar_one()
    reader = copied.accounts.actor_named(code)
    key = max(cases(copied) - copied.originals)  # type: ignore[attr-defined]

    assert desk.engine.queries.case(reader, key).history


@pytest.mark.parametrize(
    ("at", "by", "moved"),
    [
        ("2026-04-30T10:00", 1, "2026-05-06T10:00"),
        ("2026-05-06T09:05", -1, "2026-04-30T09:05"),
        ("2026-05-01T00:00", 1, "2026-05-07T00:00"),
        ("2026-05-07T00:00", -1, "2026-05-01T00:00"),
        ("2026-05-09T16:00", 1, "2026-05-11T16:00"),
    ],
    ids=[
        "over Labour Day",
        "back over it",
        "the end of a day",
        "back to the end of a day",
        "a make-up Saturday",
    ],
)
def test_an_instant_moves_by_working_days_and_midnight_stays_the_end_of_one(
    engine: Engine, at: str, by: int, moved: str
) -> None:
    assert WorkingDays(engine.calendar()).moved(beijing(at), by) == beijing(moved)
