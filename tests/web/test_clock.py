"""The clock was set forward while the product ran: an administrator looks at it, and limits run out again."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock, SystemClock
from engine.demo.cases import Desk, deliver
from engine.errors import NotAllowed, WrongState
from engine.storage.tables import event
from engine.watch import ClockUnconfirmed
from tests.conftest import at_once, beijing
from tests.processes.office import case, limits


class Machine:
    """The machine's clock, which somebody has set."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> Any:
        return SystemClock().now() + self.ahead


@pytest.fixture
def overdue(desk: Desk, engine: Engine) -> int:
    """A case whose limit would have run out by a clock that nobody has confirmed."""
    key = int(at_once(deliver(desk, 1)))
    machine = Machine()
    engine.watched_by(machine)
    machine.ahead = timedelta(hours=2)
    assert isinstance(engine.clock, FixedClock)
    engine.clock.set(beijing("2026-06-16T00:00"))
    assert engine.sweep() == 0
    assert engine.halted
    return key


def test_until_the_clock_is_confirmed_nothing_expires_neither_by_the_sweep_nor_before_an_act(
    desk: Desk, engine: Engine, overdue: int
) -> None:
    with pytest.raises(ClockUnconfirmed, match="核对之前不能办理"):
        desk.do(overdue, "T12-04", {"check_result": "accept"})

    assert limits(desk, overdue, "TM12-1")[0].state == "running"
    assert not case(desk, overdue).overdue
    other = at_once(deliver(desk, 4))
    assert limits(desk, int(other), "TM12-1")[0].state == "running"


def test_the_administrator_confirms_on_the_page_and_what_was_due_fires_at_its_planned_instant(
    desk: Desk, engine: Engine, overdue: int, signed_in: Any, app: Flask
) -> None:
    assert "期限届满和提醒暂停处理" in signed_in("mzt.jb").get("/").get_data(as_text=True)
    admin = signed_in("admin")
    shown = admin.get("/clock").get_data(as_text=True)
    assert '快进了 <strong class="num">120</strong> 分钟' in shown
    assert app.test_client().get("/readyz").json["clock"] == "unconfirmed"

    assert admin.post("/clock/confirmation").status_code == 302

    [limit] = limits(desk, overdue, "TM12-1")
    assert (limit.state, limit.expired_at) == ("overdue", limit.due_at)
    assert "快进了" not in admin.get("/clock").get_data(as_text=True)
    assert app.test_client().get("/readyz").json["clock"] == "ok"
    with engine.database.reading() as conn:
        kinds = conn.execute(select(event.c.type).where(event.c.stream == 2).order_by(event.c.seq)).scalars()
        assert [kind for kind in kinds if kind.startswith("Clock")] == ["ClockAlarm", "ClockConfirmed"]


def test_a_program_confirms_through_the_api(call: Any, engine: Engine, overdue: int) -> None:
    assert call("GET", "/v2/clock", "admin").json["halted"] is True
    assert call("POST", "/v2/clock/confirmation", "mzt.jb").status_code == 403

    assert call("POST", "/v2/clock/confirmation", "admin").status_code == 204

    engine.sweep()
    assert call("GET", "/v2/clock", "admin").json["halted"] is False
    again = call("POST", "/v2/clock/confirmation", "admin")
    assert (again.status_code, again.json["code"]) == (409, "wrong_state")


def test_only_an_administrator_confirms_and_only_a_jump(desk: Desk, engine: Engine) -> None:
    admin = engine.accounts.actor_named("admin")
    with pytest.raises(WrongState, match="没有待核对"):
        engine.handle(c.ConfirmClock(actor=admin))
    with pytest.raises(NotAllowed):
        engine.handle(c.ConfirmClock(actor=engine.accounts.actor_named("mzt.jb")))
    with pytest.raises(NotAllowed):
        engine.handle(c.ConfirmClock(actor=None))
