"""What the tests of 整改与上报 begin with and ask."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.demo import rectification_answers as answers
from engine.demo import rectifications as story
from engine.demo.cases import Desk, deliver
from engine.periods import beijing_day
from engine.storage.tables import organisation, process_instance
from tests.conftest import at_once
from tests.processes.office import wait_until

PROCESS = story.PROCESS


def served(desk: Desk, n: int = 1, **changes: Any) -> int:
    """Deliver a notice on the spot; on Monday 8 June 2026, 10:00, unless time has passed."""
    return int(at_once(story.served(desk, n, **changes)))


def served_at(desk: Desk, at: datetime, **changes: Any) -> int:
    wait_until(desk, at)
    return served(desk, **changes)


def opened(desk: Desk, n: int = 1, **changes: Any) -> int:
    """Begin a case and decide on it."""
    return int(at_once(story.opened(desk, n, **changes)))


def noted(desk: Desk, key: int, n: int = 1, **changes: Any) -> None:
    """Draft the notice."""
    desk.do(key, "T20-02", answers.notice(n, beijing_day(desk.now), **changes))


def reported(desk: Desk, key: int, done: bool = True) -> None:
    at_once(story.reported(desk, key, done))


def passed(desk: Desk, key: int) -> None:
    """The check passes, and the head strikes the item off."""
    story.checked(desk, key, passed=True)
    desk.do(key, "T20-10", {})


def failed(desk: Desk, key: int) -> None:
    story.checked(desk, key, passed=False)


def reported_up(desk: Desk, key: int) -> None:
    at_once(story.reported_up(desk, key))


def instruct(desk: Desk, key: int, handling: str, new_limit: str | None = None) -> None:
    day = date.fromisoformat(new_limit) if new_limit else None
    desk.do(key, "T20-13", answers.instruction(handling, day))


def annul(desk: Desk, key: int) -> None:
    story.act(desk, key, "ES20-V", "mgr.head", {"reason": "通知对象有误，另行立案处理。"})


def requirements(desk: Desk, key: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = desk.variables(key)["requirements"]
    return found


def named(desk: Desk, name: str) -> int:
    """Return the department of a name."""
    with desk.engine.database.reading() as conn:
        found = select(organisation.c.key).where(organisation.c.name == name)
        return int(conn.execute(found).scalar_one())


def rectifications(desk: Desk) -> list[Any]:
    with desk.engine.database.reading() as conn:
        query = select(process_instance).where(process_instance.c.process_id == PROCESS)
        return list(conn.execute(query.order_by(process_instance.c.key)))


def transferred(desk: Desk, at: datetime) -> tuple[int, int]:
    """Let a provider stay silent until the managing department opens a case; return both cases."""
    source = int(at_once(deliver(desk, 1)))
    wait_until(desk, at)
    desk.do(source, "T12-12", {"action": "open_case", "reason": "逾期未答复，督促无果，移送整改。"})
    desk.engine.sweep()
    return source, rectifications(desk)[-1].key


def start(desk: Desk, username: str) -> int:
    actor = desk.engine.accounts.actor_named(username)
    return int(desk.engine.handle(c.StartInstance(actor=actor, process_id=PROCESS))["instance_key"])
