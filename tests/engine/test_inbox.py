"""Inboxes: each task under whoever may do it, the earliest due first, page after page."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import BEGIN, Desk, deliver
from engine.demo.driver import play
from engine.errors import InvalidInput, NotFound
from engine.filters import Filters
from engine.queries import inbox as boxes
from engine.queries import inbox_walk
from engine.queries.inbox import BOXES
from engine.queries.saved_views import saved_views
from engine.storage.tables import blob, case_copy, organisation, process_instance, task_inbox, user, user_task
from tests.conftest import at_once, open_engine
from tests.databases import Databases
from tests.engine.test_calendar_notices import named


@pytest.fixture(scope="module")
def played(databases: Databases) -> Any:
    database = databases.new()
    engine = open_engine(database, BEGIN)
    play(engine, 24)
    yield engine
    engine.close()
    databases.drop(database)


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
        for box in ("done", "started", "copied"):
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


# Filters


def walked(engine: Engine, actor: Any, box: str, filters: Filters) -> list[Any]:
    """Return the rows of all pages, going on where a walk stopped."""
    rows: list[Any] = []
    after = ""
    while True:
        page = engine.queries.inbox(actor, box, after, filters)
        rows += page.rows
        if page.next is None:
            return rows
        after = page.next


@pytest.mark.parametrize("walk", [inbox_walk.WALK, 1, 3], ids=["whole", "one row", "three rows"])
def test_a_filter_finds_what_reading_every_row_finds_wherever_its_walks_stop(
    played: Engine, walk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_walk, "WALK", walk)
    monkeypatch.setattr(boxes, "PAGE", 3)
    with played.database.reading() as conn:
        cases = {row.key: row for row in conn.execute(select(process_instance))}
    people = [a for a in everybody(played) if played.queries.inbox(a, "department").rows][:4]
    for actor in people:
        everything = pages(played, actor, "department")
        for row in everything[:3]:
            case = cases[row.instance_key]
            with_process = [r for r in everything if cases[r.instance_key].process_id == case.process_id]
            with_state = [r for r in everything if r.state == row.state]
            named_so = [r for r in everything if row.title[:4] in r.title]
            for filters, expected in (
                (Filters(process=case.process_id), with_process),
                (Filters(state=row.state), with_state),
                (Filters(text=row.title[:4]), named_so),
                (
                    Filters(process=case.process_id, state=row.state),
                    [r for r in with_process if r in with_state],
                ),
            ):
                got = walked(played, actor, "department", filters)
                assert [r.task_key for r in got if r in everything] == [r.task_key for r in expected], filters


def test_filters_by_the_names_of_parties_and_resource_and_by_days_keep_only_what_meets_them(
    played: Engine,
) -> None:
    actor = next(a for a in everybody(played) if played.queries.inbox(a, "department").rows)
    rows = pages(played, actor, "department")
    row = next(r for r in rows if len(r.parties) == 2)
    day = next(r.chip.due_on for r in rows if r.group != "never")

    for filters, holds in (
        (Filters(department=row.parties[0]), lambda r: row.parties[0] in r.parties),
        (Filters(provider=row.parties[1]), lambda r: r.parties[-1] == row.parties[1]),
        (Filters(due_from=str(day), due_until=str(day)), lambda r: r.chip and r.chip.due_on == day),
        (Filters(resource="绝无此资源"), lambda r: False),
    ):
        got = walked(played, actor, "department", filters)
        assert all(holds(r) for r in got)
        assert bool(got) == any(holds(r) and r.group != "never" for r in rows)


def test_a_walk_that_finds_nothing_in_its_reach_says_where_it_stopped(
    played: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_walk, "WALK", 1)
    actor = max(everybody(played), key=lambda a: played.queries.inbox(a, "department").counts["department"])
    page = played.queries.inbox(actor, "department", "", Filters(process="no_such"))
    assert page.rows == () and page.stopped and page.next


# Supervision and copies


def test_only_a_managing_department_supervises_and_sees_every_open_task_of_the_cases_it_manages(
    played: Engine,
) -> None:
    with played.database.reading() as conn:
        of = process_instance.c
        tasks = conn.execute(
            select(user_task.c.key, of.managing_key)
            .join(process_instance, of.key == user_task.c.instance_key)
            .where(user_task.c.state == "open")
        ).all()
        managing = set(conn.execute(select(organisation.c.key).where(organisation.c.managing)).scalars())
    for actor in everybody(played):
        supervises = managing & actor.acting_orgs
        expected = {task.key for task in tasks if task.managing_key in supervises}
        assert ("supervised" in played.queries.inbox(actor, "mine").counts) == bool(supervises)
        assert {row.task_key for row in walked(played, actor, "supervised", Filters())} == expected


def test_copies_show_the_unread_first_and_count_them(desk: Desk, engine: Engine) -> None:
    actor = named(engine, "gat.jb")
    first, second = at_once(deliver(desk, 1)), at_once(deliver(desk, 4))
    words = hashlib.sha256("请知悉。".encode()).hexdigest()
    with engine.database.writing() as conn:
        conn.execute(insert(blob), {"sha256": words, "content": "请知悉。".encode()})
        for number, (case, read) in enumerate([(first, None), (second, desk.now)]):
            row = {
                "key": number + 1,
                "instance_key": case,
                "user_key": actor.user_key,
                "sent_by": actor.user_key,
            }
            at = desk.now + timedelta(minutes=number)
            conn.execute(insert(case_copy), row | {"text_sha256": words, "sent_at": at, "read_at": read})

    page = engine.queries.inbox(actor, "copied")

    assert [(row.instance_key, row.unread) for row in page.rows] == [(first, True), (second, False)]
    assert page.counts["copied"] == 1 and page.rows[0].note == "请知悉。"


# Saved views


def save(engine: Engine, username: str, name: str, **more: Any) -> int:
    command = c.SaveView(
        actor=named(engine, username), name=name, box="mine", filters={"text": "户籍"}, **more
    )
    return int(engine.handle(command)["view_key"])


def seen(engine: Engine, username: str) -> list[str]:
    return [view.name for view in engine.queries.search(saved_views, named(engine, username))]


def test_a_view_is_its_owners_alone_and_a_shared_one_the_departments(engine: Engine) -> None:
    save(engine, "gat.jb", "户籍类")
    save(engine, "gat.jb", "大家看", shared=True)

    assert seen(engine, "gat.jb") == ["户籍类", "大家看"]
    assert seen(engine, "gat.fz") == ["大家看"]
    assert seen(engine, "ysj.jb") == []


def test_the_same_name_writes_a_view_over_and_there_are_at_most_thirty(engine: Engine) -> None:
    first = save(engine, "gat.jb", "一")
    assert save(engine, "gat.jb", "一") == first
    for number in range(29):
        save(engine, "gat.jb", f"第{number}个")
    with pytest.raises(InvalidInput, match="30"):
        save(engine, "gat.jb", "多了")


def test_a_shared_view_is_removed_by_its_author_or_a_head_and_nobody_begins_with_it_any_more(
    engine: Engine,
) -> None:
    shared = save(engine, "gat.jb", "大家看", shared=True)
    own = save(engine, "gat.jb", "自己看")
    head = named(engine, "gat.fz")
    assert head.holds("head")
    engine.handle(c.ChooseStartView(actor=named(engine, "gat.jb"), view_key=shared))
    with pytest.raises(NotFound):
        engine.handle(c.RemoveView(actor=head, view_key=own))
    with pytest.raises(NotFound):
        engine.handle(c.RemoveView(actor=named(engine, "ysj.jb"), view_key=shared))

    engine.handle(c.RemoveView(actor=head, view_key=shared))

    views = engine.queries.search(saved_views, named(engine, "gat.jb"))
    assert [(view.name, view.starts) for view in views] == [("自己看", False)]
