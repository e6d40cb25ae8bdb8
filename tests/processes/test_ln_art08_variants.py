"""目录更新 under other settings, with restarts between the commands, and rebuilt from its history."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine import commands as c
from engine.app import Engine
from engine.demo import catalogue_updates as u
from engine.demo.cases import BEGIN, Desk
from engine.demo.driver import play
from engine.errors import InvalidForm
from engine.history.replay import rebuild
from engine.process_files import PROCESSES, definition_files
from tests.conftest import beijing, open_engine
from tests.databases import Where
from tests.engine.test_calendar_notices import CLOSED, applied, closure
from tests.processes.office import administrators, case, limits, open_tasks, task, wait_until
from tests.processes.test_ln_art08_catalogue_update import RETURN, started, submitted, update_limit
from tests.test_replay import tables

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")

Set = Callable[..., None]


@pytest.fixture
def settings(desk: Desk) -> Set:
    """Publish a version of the process with other values."""

    def publish(**values: str) -> None:
        files = definition_files(PROCESSES / u.PROCESS)
        xml = files["process.bpmn"].decode()
        for name, value in values.items():
            head, found, rest = xml.partition(f'<shixian:setting key="p08.{name}" value="')
            assert found
            xml = head + found + value + '"' + rest.partition('"')[2]
        desk.engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": xml.encode()}))

    return publish


def test_complete_on_publish_counts_the_review(desk: Desk, settings: Set) -> None:
    settings(complete_on="publish")
    key, _, _ = submitted(desk)
    assert update_limit(desk, key).state == "running"
    wait_until(desk, beijing("2026-06-30T00:00"))
    assert update_limit(desk, key).state == "overdue"
    desk.do(key, "T08-5", {"action": "justified", "reason": "已报送，正在审核。"})
    desk.do(key, "T08-4", {"decision": "pass"})

    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "updated_late")


def test_the_anchor_effective_changes_the_form_and_nothing_else(desk: Desk, settings: Set) -> None:
    settings(law_change_anchor="effective")
    key, org, _ = started(desk)
    assert update_limit(desk, key).due_on == date(2026, 6, 29)
    actor = desk.actor(org, "handler")
    answer = desk.engine.handle(c.StartInstance(actor=actor, process_id=u.PROCESS))
    view = desk.engine.queries.task(actor, int(answer["user_task_key"]))
    [field] = [x for x in view.form["components"] if x["key"] == "change_date"]  # type: ignore[attr-defined]
    assert "填施行之日" in field["description"]


def test_an_extension_is_asked_for_and_granted_by_the_managing_department(desk: Desk, settings: Set) -> None:
    settings(update_extension_max_wd="5")
    key, org, _ = started(desk)
    actor = desk.actor(org, "handler")
    assert [act.name for act in desk.engine.queries.case(actor, key).acts] == ["申请延长更新期限"]
    desk.engine.handle(c.SendMessage(actor=actor, instance_key=key, element_id="ES08-X", values={}))
    reason = "涉及条目较多，需要逐项核对信息项。"
    with pytest.raises(InvalidForm, match="days"):
        desk.do(key, "T08-X1", {"days": 6, "reason": reason})
    desk.do(key, "T08-X1", {"days": 5, "reason": reason})
    assert task(desk, key, "T08-X2").organisation_key == case(desk, key).managing_key
    with pytest.raises(InvalidForm, match="days"):
        desk.do(key, "T08-X2", {"decision": "agree", "days": 6})
    desk.do(key, "T08-X2", {"decision": "agree", "days": 3})

    limit = update_limit(desk, key)
    assert (limit.original_due_on, limit.due_on) == (date(2026, 6, 29), date(2026, 7, 2))
    assert desk.engine.queries.case(actor, key).acts == ()


def test_an_extension_refused_moves_nothing(desk: Desk, settings: Set) -> None:
    settings(update_extension_max_wd="5")
    key, org, _ = started(desk)
    actor = desk.actor(org, "handler")
    desk.engine.handle(c.SendMessage(actor=actor, instance_key=key, element_id="ES08-X", values={}))
    desk.do(key, "T08-X1", {"days": 5, "reason": "涉及条目较多，需要逐项核对信息项。"})
    desk.do(key, "T08-X2", {"decision": "refuse", "comment": "期限充足，不予延长。"})
    assert update_limit(desk, key).due_on == date(2026, 6, 29)


def test_while_it_is_reviewed_no_extension_is_offered(desk: Desk, settings: Set) -> None:
    settings(update_extension_max_wd="5")
    key, org, _ = submitted(desk)
    assert desk.engine.queries.case(desk.actor(org, "handler"), key).acts == ()


def test_a_new_notice_moves_the_limit_while_it_is_reviewed_and_it_stays_answered(desk: Desk) -> None:
    key, org, _ = submitted(desk)
    first, second = administrators(desk)
    applied(desk.engine, first, second, closure(org, CLOSED))

    limit = update_limit(desk, key)
    assert (limit.state, limit.due_on) == ("answered", date(2026, 6, 30))
    wait_until(desk, beijing("2026-07-03T10:00"))
    desk.do(key, "T08-4", RETURN)
    desk.engine.sweep()
    assert update_limit(desk, key).expired_at == beijing("2026-07-01T00:00")


def walk(where: Where, restarts: bool) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """Play a whole life with its return, one command after the other, on one engine or on a fresh one each."""
    engine = open_engine(where)
    at = engine.clock.now()

    def fresh() -> Desk:
        nonlocal engine, at
        if restarts:
            at = engine.clock.now()
            engine.close()
            engine = open_engine(where, at)
        return Desk(engine)

    key, org, entry = started(fresh())
    for _ in range(2):
        desk = fresh()
        u.hand_in(desk, key, [u.revise(desk, org, entry)])
        fresh().do(key, "T08-2", {"decision": "agree"})
        while open_tasks(fresh(), key) == {"T08-3"}:
            fresh().do(key, "T08-3", {"decision": "agree"})
        if _ == 0:
            wait_until(fresh(), beijing("2026-07-06T10:00"))
            fresh().do(key, "T08-4", RETURN)
            fresh().engine.sweep()
            fresh().do(key, "T08-5", {"action": "justified", "reason": "已经督促，请尽快修改。"})
    fresh().do(key, "T08-4", {"decision": "pass"})
    desk = fresh()
    found = (case(desk, key).state, case(desk, key).result, limits(desk, key, "TM08-1")[0].state)
    with engine.database.reading() as conn:
        before = tables(conn)
    with engine.database.writing() as conn:
        rebuild(conn)
    with engine.database.reading() as conn:
        assert tables(conn) == before
    engine.close()
    return before, found


@pytest.mark.parametrize("restarts", [False, True], ids=["straight", "restarted"])
def test_a_restart_between_any_two_commands_changes_nothing(database: Where, restarts: bool) -> None:
    _, found = walk(database, restarts)
    assert found == ("closed_late", "updated_late", "met_late")


def test_every_story_of_the_demonstration_can_be_played(database: Where) -> None:
    engine: Engine = open_engine(database, BEGIN)
    play(engine, 20, topics=((u.STORIES, 0),))
    rows = engine.queries.cases(engine.accounts.actor_named("audit"), text="LN08").rows
    states = {row.state for row in rows}
    assert len(rows) >= len(u.STORIES)
    assert states >= {"closed", "closed_late", "overdue"}
    with engine.database.reading() as conn:
        before = tables(conn)
    with engine.database.writing() as conn:
        rebuild(conn)
    with engine.database.reading() as conn:
        assert tables(conn) == before
    engine.close()
