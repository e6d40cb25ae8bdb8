"""《政务数据共享条例》 Art. 17: the catalogue is updated in ten working days, and reviewed in two (domain F.3, 7)."""

from datetime import date

import pytest

from engine import commands as c
from engine.demo.cases import Desk
from engine.demo.catalogue_updates import owned, register, revise, submit
from engine.errors import InvalidForm
from tests.processes.office import limits, task
from tests.processes.reg809 import publish

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def desk(desk: Desk) -> Desk:
    publish(desk, "ln_art08_catalogue_update")
    return desk


def ask(desk: Desk, org: int, key: int, days: int) -> None:
    actor = desk.actor(org, "handler")
    desk.engine.handle(c.SendMessage(actor=actor, instance_key=key, element_id="ES08-X", values={}))
    desk.do(key, "T08-X1", {"days": days, "reason": "涉及条目较多，需要逐项核对。"})


def test_an_update_is_due_ten_working_days_after_the_change(desk: Desk) -> None:
    org, entry = owned(desk, 1)
    key = register(desk, org, 0, [entry], changed_on=date(2026, 6, 8))
    [limit] = limits(desk, key, "TM08-1")

    assert (limit.due_on.isoformat(), limit.basis) == ("2026-06-23", "《政务数据共享条例》第十七条第二款")


def test_the_competent_department_may_consent_to_five_days_more(desk: Desk) -> None:
    org, entry = owned(desk, 1)
    key = register(desk, org, 0, [entry], changed_on=date(2026, 6, 8))
    ask(desk, org, key, 5)
    assert task(desk, key, "T08-X2").lane == "mgr.handler"
    desk.do(key, "T08-X2", {"decision": "agree", "days": 5})

    assert limits(desk, key, "TM08-1")[0].due_on.isoformat() == "2026-06-30"


def test_six_days_more_are_refused(desk: Desk) -> None:
    org, entry = owned(desk, 1)
    key = register(desk, org, 0, [entry], changed_on=date(2026, 6, 8))

    with pytest.raises(InvalidForm):
        ask(desk, org, key, 6)


def test_the_review_has_two_working_days_by_law(desk: Desk) -> None:
    org, entry = owned(desk, 1)
    key = register(desk, org, 0, [entry], changed_on=date(2026, 6, 8))
    submit(desk, key, [revise(desk, org, entry)])
    [limit] = limits(desk, key, "TM08-2")

    assert (limit.due_on.isoformat(), limit.kind) == ("2026-06-10", "law")
    assert limit.basis == "《政务数据共享条例》第十七条第三款"
