"""The inbox as people see it: boxes, headings, filters, views, fresh rows."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, deliver
from tests.conftest import at_once
from tests.engine.test_calendar_notices import named
from web.inbox_groups import groups_in_order


@pytest.fixture
def waiting(desk: Desk) -> int:
    """Return a delivered application, whose check waits in a department's lane."""
    return at_once(deliver(desk, 1))


@pytest.fixture
def lane(engine: Engine, waiting: int, signed_in: Callable[[str], Any]) -> Any:
    """Return a browser of somebody in whose lane a task waits."""
    for username in ("gat.jb", "mzt.jb", "rst.jb"):
        if engine.queries.inbox(named(engine, username), "department").rows:
            return signed_in(username)
    raise AssertionError("Expected a lane with a task")


def test_the_boxes_have_counts_and_only_a_managing_department_supervises(
    waiting: int, signed_in: Callable[[str], Any]
) -> None:
    page = signed_in("gat.jb").get("/?box=mine").get_data(as_text=True)
    for code in ("mine", "department", "done", "started", "copied"):
        assert f'data-count="{code}"' in page
    assert 'data-count="supervised"' not in page
    supervisor = signed_in("ysj.jb").get("/?box=supervised").get_data(as_text=True)
    assert 'data-count="supervised"' in supervisor and f"/cases/{waiting}" in supervisor


def test_what_is_late_stands_under_its_heading_before_all_else(lane: Any, engine: Engine, desk: Desk) -> None:
    page = lane.get("/?box=department").get_data(as_text=True)
    assert re.findall(r'data-group="(\w+)"', page) in (["later"], ["soon"], ["soon", "later"])
    assert "剩" in page and "个工作日" in page


def test_headings_come_once_and_in_order_of_urgency() -> None:
    class Row:
        def __init__(self, group: str) -> None:
            self.group = group

    rows: list[Any] = [Row(group) for group in ("late", "late", "soon", "today", "later", "soon", "never")]
    found = groups_in_order(rows)

    assert [group.code for group in found] == ["late", "soon", "later", "never"]
    assert [row for group in found for row in group.rows] == rows


def test_a_text_narrows_the_box_and_can_be_cleared(lane: Any, engine: Engine, waiting: int) -> None:
    title = engine.queries.case(named(engine, "audit"), waiting).head.title
    assert title in lane.get(f"/?box=department&text={title[2:6]}").get_data(as_text=True)
    nothing = lane.get("/?box=department&text=绝无此事").get_data(as_text=True)
    assert "没有符合条件的事项" in nothing and "清除条件" in nothing and "data-row=" not in nothing


@pytest.mark.parametrize(
    "query",
    [
        "box=department&state=overdue",
        "box=done&state=closed&process=x",
        "box=department&due_from=2026-13-40&due_until=x",
        "box=started&text=%25",
        "box=copied&department=省",
        "box=nothing&after=zzz&view=9999999999999999999",
        "box=supervised&resource=户籍",
        "task=1&finished=1",
    ],
)
def test_no_query_breaks_the_page(signed_in: Callable[[str], Any], query: str) -> None:
    browser = signed_in("gat.jb")
    assert browser.get(f"/?{query}").status_code == 200
    assert browser.get(f"/inbox/rows?{query}").status_code == 200


def test_fresh_rows_come_with_counts_and_say_through_whom_a_row_went(
    lane: Any, engine: Engine, waiting: int
) -> None:
    answer = lane.get("/inbox/rows?box=department").get_json()
    key = re.search(r'data-row="(\d+)"', answer["html"])
    assert key and answer["counts"]["department"] == "1" and answer["gone"] == {}

    task = engine.queries.search(_task, int(key[1]))
    colleague = next(a for a in _lane_people(engine, task) if a.username not in lane_name(lane))
    engine.handle(c.ClaimTask(actor=colleague, task_key=int(key[1])))

    answer = lane.get(f"/inbox/rows?box=department&have={key[1]},77").get_json()
    assert answer["counts"]["department"] == "0"
    assert answer["gone"] == {key[1]: f"已由{colleague.name}认领"}


def lane_name(browser: Any) -> str:
    page = browser.get("/?box=mine").get_data(as_text=True)
    return page  # the page names who is signed in


def _task(reader: Any, key: int) -> Any:
    from sqlalchemy import select

    from engine.storage.tables import user_task

    return reader.conn.execute(select(user_task).where(user_task.c.key == key)).one()


def _lane_people(engine: Engine, task: Any) -> list[Any]:
    from sqlalchemy import select

    from engine.storage.tables import user

    with engine.database.reading() as conn:
        names = conn.execute(select(user.c.username)).scalars().all()
    people = [named(engine, name) for name in names]
    return [a for a in people if (task.organisation_key, task.role) in a.roles]


def test_nothing_is_said_of_rows_that_were_never_the_readers(
    lane: Any, waiting: int, signed_in: Callable[[str], Any]
) -> None:
    key = re.search(r'data-row="(\d+)"', lane.get("/inbox/rows?box=department").get_json()["html"])
    assert key
    stranger = signed_in("designer")
    for box in ("mine", "department", "supervised"):
        assert stranger.get(f"/inbox/rows?box={box}&have={key[1]}").get_json()["gone"] == {}


def test_a_view_is_saved_shown_begun_with_and_removed(signed_in: Callable[[str], Any]) -> None:
    browser = signed_in("gat.jb")
    saved = browser.post("/inbox/views", {"box": "department", "state": "overdue", "name": "逾期的"})
    key = re.search(r"view=(\d+)", saved.location)
    assert saved.status_code == 302 and key
    page = browser.get(f"/?view={key[1]}").get_data(as_text=True)
    assert "逾期的" in page and 'value="overdue" selected' in page

    browser.post("/inbox/start", {"view": key[1]})
    assert 'value="overdue" selected' in browser.get("/").get_data(as_text=True)

    assert browser.post(f"/inbox/views/{key[1]}/removal").status_code == 302
    assert "逾期的" not in browser.get("/?box=mine").get_data(as_text=True)


def test_a_view_without_a_name_is_refused_on_the_page(signed_in: Callable[[str], Any]) -> None:
    refused = signed_in("gat.jb").post("/inbox/views", {"box": "mine", "name": " "})
    assert refused.status_code == 422 and "请填写视图名称" in refused.get_data(as_text=True)


def test_every_row_can_be_ticked_for_the_bulk_bar_and_the_keys_are_listed(lane: Any) -> None:
    page = lane.get("/?box=department").get_data(as_text=True)
    assert re.search(r'type="checkbox" name="task" value="\d+" form="bulk"', page)
    assert 'action="/bulk"' in page and 'name="verb" value="claim"' in page
    for action in ("help", "search", "down", "up", "open", "work", "tick", "save", "inbox", "cases", "back"):
        assert f'data-action="{action}"' in page


def test_a_page_asked_for_by_a_script_comes_without_head_and_navigation(lane: Any) -> None:
    whole = lane.client.get("/?box=mine").get_data(as_text=True)
    part = lane.client.get("/?box=mine", headers={"X-Shixian-Part": "true"}).get_data(as_text=True)
    assert "<html" in whole and "<html" not in part and 'class="pane"' in part
