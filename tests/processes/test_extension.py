"""Extension and pause as acts of a process, R13-05 to R13-10: the model says what may be done, the law decides."""

from pathlib import Path
from typing import Any

import pytest

from engine import commands as c
from engine.app import Engine
from engine.deadlines import (
    DeadlineOver,
    ExtensionOutOfRange,
    ExtensionUsedUp,
    PauseNotGranted,
    SelfApproval,
)
from engine.demo.cases import Desk, pair
from engine.errors import Refused
from tests.conftest import beijing
from tests.processes.office import case, limits, open_tasks, task, told, trail, wait_until

FILES = Path(__file__).parents[1] / "data" / "extension_process"
AGREE = {"decision": "agree", "days": 10}


@pytest.fixture
def key(desk: Desk, engine: Engine) -> int:
    """Received on Monday 8 June 2026, due on Monday 15 June."""
    files = {str(p.relative_to(FILES)): p.read_bytes() for p in FILES.rglob("*.*")}
    engine.handle(c.DeployDefinition(actor=None, files=files))
    return start(desk)


def start(desk: Desk) -> int:
    using, entry = pair(desk, 1, "conditional")
    command = c.StartInstance(
        actor=desk.actor(using, "handler"), process_id="test_extension", resource_key=entry
    )
    return int(desk.engine.handle(command)["instance_key"])


def due(desk: Desk, key: int) -> str:
    [limit] = limits(desk, key, "Timer")
    return str(limit.due_on)


def test_r13_08_an_approved_extension_moves_due_date_and_reminders(desk: Desk, key: int) -> None:
    desk.do(key, "Ask", {"days": 10})
    desk.do(key, "Approve", AGREE)

    assert due(desk, key) == "2026-06-30"
    wait_until(desk, beijing("2026-06-29T10:00"))
    assert not case(desk, key).overdue
    assert [at for _, text, at in told(desk, key) if "期限提醒" in text][-1] == beijing("2026-06-29T09:00")
    wait_until(desk, beijing("2026-07-01T00:00"))
    assert case(desk, key).overdue


def test_a_reminder_sent_for_the_original_date_is_sent_again_for_the_new_one(desk: Desk, key: int) -> None:
    wait_until(desk, beijing("2026-06-12T10:00"))
    desk.do(key, "Ask", {"days": 1})
    desk.do(key, "Approve", {"decision": "agree", "days": 1})
    wait_until(desk, beijing("2026-06-15T10:00"))

    reminders = sorted({at for _, text, at in told(desk, key) if "期限提醒" in text})
    assert reminders == [beijing("2026-06-12T09:00"), beijing("2026-06-15T09:00")]


def test_the_extended_case_shows_as_extended_with_its_arithmetic(desk: Desk, key: int) -> None:
    desk.do(key, "Ask", {"days": 10})
    desk.do(key, "Approve", AGREE)
    auditor = desk.actor(case(desk, key).managing_key, "auditor")

    view = desk.engine.queries.case(auditor, key)

    assert view.head.state == "extended"
    [limit] = view.deadlines
    assert [m.kind for m in limit.moves] == ["extended"]
    assert any("＋延长10个工作日" in sentence for sentence in limit.then.rule)


def test_r13_06_an_approval_after_24_00_is_refused_and_nothing_is_written(desk: Desk, key: int) -> None:
    wait_until(desk, beijing("2026-06-15T23:50"))
    desk.do(key, "Ask", {"days": 3})
    wait_until(desk, beijing("2026-06-16T00:10"))
    before = trail(desk, key)

    with pytest.raises(DeadlineOver):
        desk.do(key, "Approve", AGREE)

    assert trail(desk, key) == before
    assert case(desk, key).overdue


@pytest.mark.parametrize("days", [11, 0, -1])
def test_r13_08_the_request_is_refused_beyond_the_cap(desk: Desk, key: int, days: int) -> None:
    with pytest.raises(ExtensionOutOfRange, match="1至10"):
        desk.do(key, "Ask", {"days": days})
    assert open_tasks(desk, key) >= {"Ask"}


@pytest.mark.parametrize("days", [1.5, "三天"])
def test_r13_08_what_is_no_whole_number_is_refused(desk: Desk, key: int, days: Any) -> None:
    with pytest.raises(Refused):
        desk.do(key, "Ask", {"days": days})


def test_r13_09_no_more_than_was_asked(desk: Desk, key: int) -> None:
    desk.do(key, "Ask", {"days": 3})

    with pytest.raises(ExtensionOutOfRange, match="1至3"):
        desk.do(key, "Approve", AGREE)


def test_r13_09_a_second_extension_is_refused_with_the_count(desk: Desk, key: int) -> None:
    desk.do(key, "Ask", {"days": 2, "again": True})
    desk.do(key, "Approve", {"decision": "agree", "days": 2})

    with pytest.raises(ExtensionUsedUp, match="已延长1次"):
        desk.do(key, "Ask", {"days": 2})


def test_r13_10_a_refused_request_leaves_the_date_and_does_not_use_it_up(desk: Desk, key: int) -> None:
    desk.do(key, "Ask", {"days": 3})
    desk.do(key, "Approve", {"decision": "refuse", "comment": "理由不足，请在原期限内校核。"})
    assert due(desk, key) == "2026-06-15"

    desk.do(key, "Ask", {"days": 4})
    desk.do(key, "Approve", {"decision": "agree", "days": 4})

    assert due(desk, key) == "2026-06-22"


def test_r13_07_who_asked_may_not_approve_and_the_attempt_is_logged(
    desk: Desk, engine: Engine, key: int
) -> None:
    from dataclasses import replace

    desk.do(key, "Ask", {"days": 3})
    org = case(desk, key).providing_key
    asker = desk.actor(org, "handler")
    both = replace(asker, roles=asker.roles | {(org, "head")})

    with pytest.raises(SelfApproval):
        engine.handle(c.CompleteTask(actor=both, task_key=task(desk, key, "Approve").key, values=AGREE))

    assert due(desk, key) == "2026-06-15"
    with engine.database.reading() as conn:
        assert (
            conn.exec_driver_sql("SELECT count(*) FROM event WHERE type = 'AccessRefused'").scalar_one() == 1
        )


def test_r_t15_only_a_ground_the_setting_grants_holds_the_clock(desk: Desk, key: int) -> None:
    with pytest.raises(PauseNotGranted, match="准许中止的情形为鉴定"):
        desk.do(key, "Send", {"ground": "人员出差"})


def test_a_paused_limit_does_not_expire_and_goes_on_later(desk: Desk, key: int) -> None:
    wait_until(desk, beijing("2026-06-11T10:00"))
    desk.do(key, "Send", {"ground": "鉴定"})
    wait_until(desk, beijing("2026-06-17T10:00"))
    assert limits(desk, key, "Timer")[0].state == "paused"
    assert not case(desk, key).overdue

    desk.do(key, "Back", {})

    # 12, 15, 16 and 17 June are taken out; two days were left.
    assert due(desk, key) == "2026-06-22"
    wait_until(desk, beijing("2026-06-23T00:00"))
    assert case(desk, key).overdue
