"""What a page says before an act is what the act then does (domain C.3.2 to C.3.4)."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import commands as c
from engine import events as e
from engine.app import Engine
from engine.demo import cases, rectifications, verifications
from engine.demo.cases import Desk, deliver
from engine.effects import Names, binding, effects
from engine.errors import InvalidForm, Message, NotAllowed, Refused
from engine.history.chain import parse
from engine.storage.tables import event
from tests.conftest import at_once, beijing, open_engine
from tests.databases import Databases
from tests.processes.office import case, limits, task, wait_until

NAMES = Names(
    lambda key: f"部门{key}" if key else None, lambda key: f"人员{key}", lambda code: Message(code, code)
)
_VARYING = {"sha256", "verification", "key", "token"}  # a timer's token names its limit by key


def plain(happened: e.Event) -> dict[str, Any]:
    """Return an event without keys and instants: those are drawn anew."""
    return {"type": type(happened).__name__, **_still(dataclasses.asdict(happened))}


def _still(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _still(v) for k, v in value.items() if not _drawn(k)}
    if isinstance(value, list):
        return [_still(v) for v in value]
    return value


def _drawn(name: str) -> bool:
    return name in _VARYING or name.endswith(("_key", "_keys", "_at", "deliveries"))


class Foreseeing:
    """An engine whose every completion is foreseen first and compared with what then happens."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.carry_out = engine, engine.handle
        self.compared: list[str] = []
        engine.handle = self.handle  # type: ignore[method-assign]

    def handle(self, command: c.Command) -> dict[str, Any]:
        if not isinstance(command, c.CompleteTask):
            return self.carry_out(command)
        self.engine.sweep()  # what is owed is done first, as by the sweep
        foreseen = self.engine.preview(command)
        before = self._position()
        answer = self.carry_out(command)
        with self.engine.database.reading() as conn:
            bodies = conn.execute(
                select(event.c.body).where(event.c.position > before).order_by(event.c.position)
            ).scalars()
            happened = [parse(body).event for body in bodies]
        for one, other in zip(foreseen, happened, strict=True):
            assert plain(one) == plain(other)
        done = next(x for x in happened if isinstance(x, e.UserTaskCompleted))
        self.compared.append(done.element_id)
        return answer

    def _position(self) -> int:
        with self.engine.database.reading() as conn:
            return int(conn.execute(select(func.max(event.c.position))).scalar() or 0)


@pytest.mark.parametrize(
    ("story", "number", "expected"),
    [
        pytest.param(
            cases.granted,
            1,
            ["T12-01", "T12-02", "T12-04", "T12-07", "T12-08", "T12-09", "T12-10"],
            id="art. 12",
        ),
        pytest.param(cases.refused, 3, ["T12-07", "T12-08", "T12-13"], id="art. 12 refused"),
        pytest.param(cases.supplemented, 5, ["T12-04", "T12-05"], id="art. 12 supplement"),
        pytest.param(verifications.verified, 0, ["T13-01"], id="art. 13"),
        pytest.param(rectifications.instructed, 13, ["T20-02", "T20-03", "T20-13"], id="art. 20"),
    ],
)
def test_what_is_foreseen_is_what_then_happens(
    desk: Desk, story: Callable[..., Any], number: int, expected: list[str]
) -> None:
    foreseeing = Foreseeing(desk.engine)
    for pause in story(desk, number):
        if pause.days > 300:
            break
        wait_until(desk, desk.now + pause)

    assert set(expected) <= set(foreseeing.compared)


def test_a_preview_writes_nothing_and_may_be_asked_twice(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    row = task(desk, key, "T12-04")
    command = c.CompleteTask(
        actor=desk.actor(row.organisation_key, "handler"), task_key=row.key, values={"check_result": "accept"}
    )
    with desk.engine.database.reading() as conn:
        before = conn.execute(select(func.count()).select_from(event)).scalar()

    first, second = desk.engine.preview(command), desk.engine.preview(command)

    assert [plain(x) for x in first] == [plain(x) for x in second] != []
    assert task(desk, key, "T12-04").state == "open"
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(func.count()).select_from(event)).scalar() == before


def test_c_3_4_before_the_reply_is_signed_its_clock_and_the_next_one_are_told(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    desk.do(key, "T12-04", {"check_result": "accept"})
    applied = desk.variables(key)["application"]
    from engine.demo.answers import reply
    from engine.periods import beijing_day

    desk.do(key, "T12-07", reply(applied, beijing_day(desk.now), "agree"))
    row = task(desk, key, "T12-08")
    command = c.CompleteTask(
        actor=desk.actor(row.organisation_key, "head"), task_key=row.key, values={"decision": "sign"}
    )

    events = desk.engine.preview(command)
    said = [x.message.zh for x in effects(events, NAMES)]
    desk.engine.handle(command)

    [provision] = [x for x in limits(desk, key, "TM12-6") if x.state == "running"]
    due = f"{provision.due_on.year}年{provision.due_on.month}月{provision.due_on.day}日到期"
    assert binding(events)
    assert any("停止计时，按期办理" in text for text in said)
    assert any("20个工作日" in text and due in text for text in said)
    assert any(text.startswith("下一步") for text in said)
    assert any("送达" in text for text in said)


def test_a_late_reply_says_by_how_many_working_days(desk: Desk) -> None:
    late = e.DeadlineEnded(1, "答复期限", "law", "met_late", 3, 5)
    [effect] = effects([late], NAMES)

    assert effect.message == Message(
        "答复期限停止计时，逾期3个工作日。", "答复期限 stops, 3 working day(s) late."
    )


def test_what_begins_and_ends_at_once_is_not_told() -> None:
    opened = e.UserTaskOpened(7, "t", "T", "拟定答复意见", 1, "handler", "prov.handler", "")
    gone = e.UserTaskCancelled(7, "T", "拟定答复意见")

    assert effects([opened, gone], NAMES) == ()
    assert len(effects([gone], NAMES)) == 1


def test_the_preview_of_an_incomplete_form_names_every_field(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    row = task(desk, key, "T12-04")

    with pytest.raises(InvalidForm) as refused:
        desk.engine.preview(
            c.CompleteTask(
                actor=desk.actor(row.organisation_key, "handler"),
                task_key=row.key,
                values={"check_result": "not_ours"},
            )
        )
    assert "return_reason" in refused.value.errors


def test_nobody_foresees_what_they_may_not_do(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    row = task(desk, key, "T12-04")
    head = desk.actor(row.organisation_key, "head")

    with pytest.raises(NotAllowed):
        desk.engine.preview(c.CompleteTask(actor=head, task_key=row.key, values={"check_result": "accept"}))


def test_what_the_case_owes_is_not_carried_out_for_a_preview(databases: Databases) -> None:
    where = databases.new()
    engine = open_engine(where)
    try:
        desk = Desk(engine)
        key = at_once(deliver(desk, 1))
        row = task(desk, key, "T12-04")
        command = c.CompleteTask(
            actor=desk.actor(row.organisation_key, "handler"),
            task_key=row.key,
            values={"check_result": "accept"},
        )
        engine.clock.set(beijing("2026-07-20T09:00"))  # type: ignore[attr-defined]

        with pytest.raises(Refused, match="暂不能预告"):
            engine.preview(command)
        assert not case(desk, key).overdue
        engine.handle(command)
        assert case(desk, key).overdue
    finally:
        engine.close()
        databases.drop(where)
