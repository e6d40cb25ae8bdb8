"""Inboxes: each task under whoever may do it, the earliest due first, page after page."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import BEGIN, Desk
from engine.demo.driver import play
from engine.queries import inbox as boxes
from engine.queries.inbox import BOXES
from engine.storage.tables import task_inbox, user, user_task
from tests.conftest import open_engine
from tests.engine.test_calendar_notices import named


@pytest.fixture
def played(database: Any) -> Any:
    engine = open_engine(database, BEGIN)
    play(engine, 24)
    yield engine
    engine.close()


def everybody(engine: Engine) -> list[Any]:
    with engine.database.reading() as conn:
        names = conn.execute(select(user.c.username).order_by(user.c.key)).scalars().all()
    return [named(engine, name) for name in names]


def pages(engine: Engine, actor: Any, box: str) -> list[Any]:
    rows, after = [], ""
    while True:
        page = engine.queries.inbox(actor, box, after)
        rows += page.rows
        if page.next is None:
            assert len(rows) == page.counts[box]
            return rows
        after = page.next


def test_every_open_task_stands_in_the_inbox_of_each_who_may_do_it_and_of_nobody_else(
    played: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes, "PAGE", 2)
    with played.database.reading() as conn:
        tasks = conn.execute(select(user_task).where(user_task.c.state == "open")).all()
    assert len(tasks) > 5
    for actor in everybody(played):
        mine = {t.key for t in tasks if t.assignee == actor.user_key}
        lane = {t.key for t in tasks if t.assignee is None and (t.organisation_key, t.role) in actor.roles}
        assert {row.task_key for row in pages(played, actor, "mine")} == mine
        assert {row.task_key for row in pages(played, actor, "department")} == lane


def test_the_earliest_due_comes_first_and_what_counts_no_days_last(
    played: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes, "PAGE", 2)
    for actor in everybody(played):
        rows = pages(played, actor, "department")
        due = [row.chip.due_on if row.chip and row.group != "never" else None for row in rows]
        known = [d for d in due if d is not None]
        assert known == sorted(known)
        assert due == known + [None] * (len(due) - len(known))


def test_pages_of_what_was_done_and_started_lose_and_repeat_nothing(
    played: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes, "PAGE", 3)
    for actor in everybody(played):
        for box in ("done", "started"):
            keys = [row.task_key for row in pages(played, actor, box)]
            assert len(keys) == len(set(keys))


def test_claiming_moves_a_task_from_the_department_to_the_person(played: Engine) -> None:
    actor = next(a for a in everybody(played) if played.queries.inbox(a, "department").rows)
    key = played.queries.inbox(actor, "department").rows[0].task_key
    assert key is not None

    played.handle(c.ClaimTask(actor=actor, task_key=key))

    assert key in {row.task_key for row in pages(played, actor, "mine")}
    assert key not in {row.task_key for row in pages(played, actor, "department")}


@pytest.mark.parametrize("after", ["x", "~", "2026-06-08T02:00:00Z", "2026-06-08~5", "9" * 500, "~" * 50])
def test_a_cursor_that_is_none_begins_from_the_start(desk: Desk, engine: Engine, after: str) -> None:
    actor = named(engine, "gat.jb")
    for box in BOXES:
        assert engine.queries.inbox(actor, box, after).first


def test_a_task_has_one_row_beside_that_of_its_managing_department(played: Engine) -> None:
    with played.database.reading() as conn:
        of = task_inbox.c
        rows = conn.execute(select(of.task_key).where(~of.holder.startswith("m:"))).scalars().all()
        tasks = conn.execute(select(user_task.c.key).where(user_task.c.state == "open")).scalars().all()
    assert sorted(rows) == sorted(tasks)
