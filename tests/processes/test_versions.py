"""R-V1: a case binds to a version when it is received, neither when it starts nor later."""

from datetime import date
from typing import Any

import pytest

from engine import commands as c
from engine.definitions import latest_key
from engine.demo.cases import Desk, begin, deliver, fill
from engine.errors import InvalidDefinition
from engine.history.replay import rebuild
from engine.process_files import PROCESSES, definition_files
from tests.conftest import at_once, beijing
from tests.processes.office import case, limits, open_tasks, task, trail, wait_until
from tests.processes.small_models import model, nodes
from tests.processes.test_messages import catcher, deploy, start, thrower
from tests.test_replay import tables

TEN_DAYS = ('key="p12.reply_wd" value="5"', 'key="p12.reply_wd" value="10"')


def publish(desk: Desk, *changes: tuple[str, str], effective: str = "2019-11-10") -> int:
    """Publish a version of the process with changes and return its number."""
    files = definition_files(PROCESSES / "ln_art12_application")
    xml = files["process.bpmn"].decode()
    for old, new in (
        *changes,
        ('shixian:effectiveFrom="2019-11-10"', f'shixian:effectiveFrom="{effective}"'),
    ):
        assert old in xml
        xml = xml.replace(old, new)
    files["process.bpmn"] = xml.encode()
    return int(desk.engine.handle(c.DeployDefinition(actor=None, files=files))["version"])


def version(desk: Desk, key: int) -> int:
    actor = desk.actor(case(desk, key).using_key, "handler")
    return desk.engine.queries.case(actor, key).head.definition_version


def due(desk: Desk, key: int) -> str:
    return str(limits(desk, key, "TM12-1")[-1].due_on)


def test_a_draft_open_when_a_version_comes_into_force_continues_under_it(desk: Desk) -> None:
    key = begin(desk, 1)
    publish(desk, TEN_DAYS)
    fill(desk, key, 1)
    desk.do(key, "T12-02", {"decision": "agree"})

    assert version(desk, key) == 2
    assert due(desk, key) == "2026-06-23"
    assert trail(desk, key).count("InstanceRebound") == 1


def test_an_internal_approval_continues_under_the_new_version(desk: Desk) -> None:
    key = begin(desk, 1)
    fill(desk, key, 1)
    publish(desk, TEN_DAYS)
    desk.do(key, "T12-02", {"decision": "return", "comment": "请补充履职依据的条款。"})
    fill(desk, key, 1)
    desk.do(key, "T12-02", {"decision": "agree"})

    assert (version(desk, key), due(desk, key)) == (2, "2026-06-23")
    desk.do(key, "T12-04", {"check_result": "accept"})
    assert open_tasks(desk, key) == {"T12-07"}


def test_after_receipt_a_case_keeps_its_version(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    publish(desk, TEN_DAYS)
    desk.do(key, "T12-04", {"check_result": "supplement", "supplement_list": [DEMAND]})
    desk.do(key, "T12-05", {"duty_basis": "《社会救助暂行办法》第四十五条第一款。"})

    assert (version(desk, key), due(desk, key)) == (1, "2026-06-15")
    assert "InstanceRebound" not in trail(desk, key)


DEMAND = {"field": "duty_basis", "demand": "请写明具体条款。"}


def test_an_application_that_was_not_accepted_keeps_the_version_its_window_runs_under(desk: Desk) -> None:
    key = begin(desk, 1, "not_shared")
    fill(desk, key, 1)
    publish(desk, ('key="p12.dispute_window_wd" value="10"', 'key="p12.dispute_window_wd" value="3"'))
    desk.do(key, "T12-14", {"decision": "accept"})

    assert version(desk, key) == 1


def test_the_page_says_that_the_case_goes_on_under_the_new_version(desk: Desk) -> None:
    key = begin(desk, 1)
    actor = desk.actor(case(desk, key).using_key, "handler")
    assert desk.engine.queries.case(actor, key).head.version_note == ""

    publish(desk, TEN_DAYS)
    assert "第2版已施行" in desk.engine.queries.task(actor, task(desk, key, "T12-01").key).head.version_note
    fill(desk, key, 1)

    assert "由第1版转为适用第2版" in desk.engine.queries.case(actor, key).head.version_note


def test_a_version_without_the_open_element_leaves_the_case_on_its_own_and_says_why(desk: Desk) -> None:
    key = begin(desk, 1)
    fill(desk, key, 1)
    publish(desk, TEN_DAYS, ("T12-02", "T12-02X"))
    desk.do(key, "T12-02", {"decision": "agree"})

    assert (version(desk, key), due(desk, key)) == (1, "2026-06-15")
    assert trail(desk, key).count("VersionKept") == 1
    actor = desk.actor(case(desk, key).using_key, "handler")
    assert "使用部门审核" in desk.engine.queries.case(actor, key).head.version_note


def test_a_draft_that_could_not_move_moves_once_its_token_stands_where_it_can(desk: Desk) -> None:
    drawn = model(
        nodes("startEvent:S userTask:A userTask:B userTask:C endEvent:E"),
        "S>A A>B B>C C>E",
        "",
        "three",
        "received_at",
    )
    deploy(desk.engine, drawn)
    key = start(desk, "three")
    deploy(desk.engine, drawn.replace(b'"A"', b'"A2"').replace(b">A<", b">A2<"))
    actor, first = desk.actor(case(desk, key).using_key, "handler"), task(desk, key, "A").key
    desk.engine.handle(c.UnclaimTask(actor=actor, task_key=first))
    desk.engine.handle(c.ClaimTask(actor=actor, task_key=first))
    desk.do(key, "A", {})
    assert trail(desk, key).count("VersionKept") == 1  # the same reason is not told again
    desk.do(key, "B", {})

    assert trail(desk, key).count("InstanceRebound") == 1
    assert open_tasks(desk, key) == {"C"}
    with desk.engine.database.reading() as conn:
        newest = latest_key(conn, "three", beijing("2026-06-01T00:00").date())
    assert case(desk, key).definition_key == newest


def test_a_message_finds_a_draft_under_the_version_in_force(desk: Desk) -> None:
    drawn = catcher().replace(b'name="heard"/>', b'name="heard"/><shixian:variable name="received_at"/>', 1)
    deploy(desk.engine, drawn)
    key = start(desk, "catcher")
    deploy(desk.engine, drawn.replace(b'id="Then"', b'id="Then" name="V2"'))
    deploy(desk.engine, thrower())
    desk.do(start(desk, "thrower"), "A", {})
    desk.engine.sweep()

    assert trail(desk, key).index("InstanceRebound") < trail(desk, key).index("MessageReceived")
    assert (task(desk, key, "Then").name, case(desk, key).variables["heard"]) == ("V2", "hello")


def test_an_element_behind_the_token_may_be_gone_in_the_new_version(desk: Desk) -> None:
    key = begin(desk, 1)
    fill(desk, key, 1)
    publish(desk, TEN_DAYS, ('"S12"', '"S12X"'), (">S12<", ">S12X<"))
    desk.do(key, "T12-02", {"decision": "agree"})

    assert (version(desk, key), open_tasks(desk, key)) == (2, {"T12-04"})


def test_what_lies_ahead_is_that_of_the_new_version(desk: Desk) -> None:
    key = begin(desk, 1)
    fill(desk, key, 1)
    publish(desk, ('key="p12.precheck" value="platform"', 'key="p12.precheck" value="managing_dept"'))
    desk.do(key, "T12-02", {"decision": "agree"})

    assert open_tasks(desk, key) == {"T12-03"}


def test_a_version_of_the_future_is_not_used_before_its_day(desk: Desk) -> None:
    draft = begin(desk, 1)
    publish(desk, TEN_DAYS, effective="2026-07-01")
    fresh = begin(desk, 4)
    fill(desk, fresh, 4)
    assert (version(desk, draft), version(desk, fresh)) == (1, 1)

    wait_until(desk, beijing("2026-07-01T00:00"))
    later = begin(desk, 7)
    fill(desk, draft, 1)

    assert (version(desk, draft), version(desk, later)) == (2, 2)


def test_of_several_versions_in_force_the_newest_counts(desk: Desk) -> None:
    publish(desk, TEN_DAYS, effective="2026-07-01")
    third = publish(desk, ('key="p12.reply_wd" value="5"', 'key="p12.reply_wd" value="7"'))
    key = begin(desk, 1)
    assert version(desk, key) == third

    with desk.engine.database.reading() as conn:
        found = [latest_key(conn, "ln_art12_application", date(2026, *day)) for day in ((6, 8), (7, 2))]
    assert found[0] == found[1]


def test_an_effective_day_that_is_none_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidDefinition, match="施行日"):
        publish(desk, effective="1 July")


def test_replaying_rebuilds_the_version_of_a_case(desk: Desk) -> None:
    key = begin(desk, 1)
    publish(desk, TEN_DAYS)
    fill(desk, key, 1)
    with desk.engine.database.reading() as conn:
        before: dict[str, Any] = tables(conn)

    with desk.engine.database.writing() as conn:
        rebuild(conn)

    with desk.engine.database.reading() as conn:
        assert tables(conn) == before
