"""Grants of the demonstration: used and reported on, given back before and after provision."""

from datetime import timedelta
from typing import Any

from engine import commands as c
from engine.demo.cases import Desk, Steps, provide, replied
from engine.demo.spare import spare
from engine.handlers.grants import holders_of

GIVE_BACK = {
    "reason": "所支撑的业务事项已经下放，本部门不再需要使用该数据。",
    "stored": "no",
    "undertaking": True,
}
DESTROYED = {
    **GIVE_BACK,
    "stored": "yes",
    "disposal": "destroyed",
    "disposal_statement": "中间库所存全部数据已于交还当日清除并复核，由业务处室两名经办人签字留存记录。",
}


def holder_of(desk: Desk, origin: int) -> int:
    """Return the case that lives as long as the grant of a case; the sweep begins it."""
    desk.engine.sweep()
    with desk.engine.database.reading() as conn:
        return int(holders_of(conn, [origin])[origin].key)


def give_back(desk: Desk, holder: int, values: dict[str, Any] | None = None) -> None:
    """Give the grant back as a handler of the using department."""
    actor = desk.actor(int(desk.variables(holder)["using_dept"]), "handler")
    command = c.SendMessage(actor=actor, instance_key=holder, element_id="ES12-G", values=values or GIVE_BACK)
    desk.engine.handle(command)


def report_use(desk: Desk, holder: int) -> None:
    """Hand in F12-I."""
    values = {
        "period": "本季度",
        "use_count": 1280,
        "business": "受理最低生活保障申请时核对申请人家庭经济状况",
        "effect": "减少群众提交证明材料，平均办理时间缩短一个工作日。",
        "stored": "no",
    }
    desk.do(holder, "T12-11", values)


# Stories


def given_back_unprovided(desk: Desk, n: int) -> Steps:
    """Given back before the provider had opened anything."""
    origin = yield from replied(desk, spare(desk, n), "agree", timedelta(days=1))
    yield timedelta(days=2)
    give_back(desk, holder_of(desk, origin))


def given_back_after_use(desk: Desk, n: int) -> Steps:
    """Provided, used, and given back with a statement that the data were destroyed."""
    origin = yield from replied(desk, spare(desk, n), "agree", timedelta(days=1))
    yield timedelta(days=3)
    provide(desk, origin)
    yield timedelta(days=1)
    desk.do(origin, "T12-10", {"ok": "usable"})
    yield timedelta(days=12)
    give_back(desk, holder_of(desk, origin), DESTROYED)


def used(desk: Desk, n: int) -> Steps:
    """Provided; the use is reported when its day has come."""
    origin = yield from replied(desk, spare(desk, n), "agree", timedelta(days=1))
    yield timedelta(days=3)
    provide(desk, origin)
    yield timedelta(days=1)
    desk.do(origin, "T12-10", {"ok": "usable"})
    holder = holder_of(desk, origin)
    yield timedelta(days=92)
    report_use(desk, holder)


STORIES = (used, given_back_after_use, given_back_unprovided)
