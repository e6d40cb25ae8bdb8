"""A limit that is set again from the same event goes on with what was granted (R13-09, R20-07)."""

from datetime import date

import pytest

from engine import commands as c
from engine.deadlines import ExtensionUsedUp
from engine.demo import rectifications as rectification
from engine.demo.cases import Desk
from engine.process_files import PROCESSES, definition_files
from tests.conftest import beijing
from tests.processes import rectification as office20
from tests.processes import test_ln_art13_verification as art13
from tests.processes.office import case, incidents, limits, open_tasks, told, wait_until

KEEP = {"assign_result": "keep", "reason": "经核实，该数据仍由原提供部门采集管理。"}


def kept_after_an_extension(desk: Desk) -> int:
    key = art13.delivered(desk)
    art13.ask(desk, key, 10)
    desk.do(key, "T13-E2", art13.AGREE)
    desk.do(key, "T13-02", art13.NOT_OURS)
    wait_until(desk, beijing("2026-06-09T10:00"))
    desk.do(key, "T13-04", KEEP)
    return key


def test_r13_09_a_provider_that_is_kept_keeps_its_extension(desk: Desk) -> None:
    key = kept_after_an_extension(desk)

    assert art13.due(desk, key) == "2026-06-30"
    assert incidents(desk, key) == []


def test_r13_09_the_extension_of_before_is_counted_and_a_second_one_refused(desk: Desk) -> None:
    key = kept_after_an_extension(desk)

    with pytest.raises(ExtensionUsedUp):
        art13.ask(desk, key, 10)


def test_the_page_of_a_limit_that_goes_on_shows_how_it_was_extended(desk: Desk) -> None:
    key = kept_after_an_extension(desk)

    actor = desk.actor(case(desk, key).providing_key, "handler")
    first, again = (desk.engine.queries.deadline(actor, row.key) for row in limits(desk, key, "TM13-1"))
    assert again.then.due.due_on == date(2026, 6, 30)
    assert [(m.kind, m.due_after) for m in again.moves] == [("extended", date(2026, 6, 30))]
    assert [m.text for m in again.moves] == [m.text for m in first.moves]


def test_a_new_provider_has_a_full_new_limit_and_no_extension_of_the_old_one(desk: Desk) -> None:
    key = art13.delivered(desk)
    art13.ask(desk, key, 10)
    desk.do(key, "T13-E2", art13.AGREE)
    desk.do(key, "T13-02", art13.NOT_OURS)
    other = art13.other_department(desk, key)
    desk.do(key, "T13-04", {"assign_result": "new", "assign_to": str(other), "reason": KEEP["reason"]})

    assert art13.due(desk, key) == "2026-06-15"


def test_r20_07_an_extended_date_does_not_move_back_when_a_check_fails_before_it(desk: Desk) -> None:
    allow_extensions_of_rectification(desk)
    key = office20.served(desk)
    rectification.act(desk, key, "ES20-X", "target.handler", {})
    desk.do(key, "T20-E1", {"days": 5, "reason": "涉及系统改造，需要协调承建单位排期。"})
    desk.do(key, "T20-E2", {"decision": "agree", "approved_days": 5, "comment": ""})
    assert str(limits(desk, key, "TM20-1")[-1].due_on) == "2026-06-30"
    wait_until(desk, beijing("2026-06-24T10:00"))
    office20.reported(desk, key)
    office20.failed(desk, key)
    desk.engine.sweep()

    assert [str(x.due_on) for x in limits(desk, key, "TM20-1")] == ["2026-06-30", "2026-06-30"]
    assert "T20-11" not in open_tasks(desk, key)
    assert not case(desk, key).overdue


def allow_extensions_of_rectification(desk: Desk) -> None:
    files = definition_files(PROCESSES / office20.PROCESS)
    xml = files["process.bpmn"].decode()
    off = 'key="p20.extension_enabled" value="false"'
    assert off in xml
    on = xml.replace(off, off.replace("false", "true"))
    desk.engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": on.encode()}))


def test_r20_08_a_check_that_fails_after_the_due_date_tells_nobody_a_second_time(desk: Desk) -> None:
    key = office20.served(desk)
    desk.do(key, "T20-04", {})
    wait_until(desk, beijing("2026-06-25T10:00"))
    before = [text for _, text, _ in told(desk, key)]
    assert any("届满" in text for text in before)
    office20.reported(desk, key)
    office20.failed(desk, key)
    desk.engine.sweep()

    again = [text for _, text, _ in told(desk, key)][len(before) :]
    assert not any("期限提醒" in text or "整改期限已于" in text for text in again)
    assert "T20-07" in open_tasks(desk, key)
    assert [x.state for x in limits(desk, key, "TM20-2")] == ["met"]  # signed in time, and once
