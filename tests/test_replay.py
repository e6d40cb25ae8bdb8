"""The history is the truth: replaying it rebuilds the tables, and it takes no change."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, update
from sqlalchemy.exc import IntegrityError

from engine import commands as c
from engine.appliers import apply
from engine.calendar import Holiday, Layer, Notice
from engine.demo.answers import application, reply
from engine.demo.cases import Desk, begin, deliver
from engine.errors import Refused
from engine.history.chain import GENESIS, first_break, link, parse
from engine.history.replay import rebuild
from engine.inbox_rows import TOUCHING, settle
from engine.periods import beijing_day
from engine.storage.tables import READ_TABLES, event, metadata, notice
from tests.conftest import at_once, beijing, open_engine
from tests.databases import Databases
from tests.processes.office import administrators, case, open_tasks, wait_until


def plain(value: Any) -> str:
    """Return a value as text that does not depend on the order of JSON's keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def rows_of(conn: Any, table: Any) -> list[tuple[Any, ...]]:
    skipped = {"read_at", "attempts", "last_error", "retry_at"}
    return sorted(
        tuple(plain(value) for name, value in row._mapping.items() if name not in skipped)
        for row in conn.execute(select(table))
    )


def tables(conn: Any) -> dict[str, list[tuple[Any, ...]]]:
    return {table.name: rows_of(conn, table) for table in READ_TABLES}


def test_replaying_the_log_rebuilds_every_read_table(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    desk.do(key, "T12-04", {"check_result": "accept"})
    wait_until(desk, beijing("2026-06-17T10:00"))
    desk.withdraw(at_once(deliver(desk, 4)), "业务调整，不再需要。")
    with desk.engine.database.reading() as conn:
        before = tables(conn)

    with desk.engine.database.writing() as conn:
        rebuild(conn)

    with desk.engine.database.reading() as conn:
        assert tables(conn) == before
        assert conn.execute(select(notice.c.key)).first() is not None


@pytest.mark.parametrize("statement", ["UPDATE event SET seq = 0", "DELETE FROM event", "TRUNCATE event"])
def test_the_history_refuses_update_and_delete(desk: Desk, statement: str) -> None:
    if statement.startswith("TRUNCATE") and not desk.engine.database.shared:
        pytest.skip("SQLite has no such statement")
    with pytest.raises(IntegrityError, match="append-only"):
        with desk.engine.database.writing() as conn:
            conn.exec_driver_sql(statement)


def test_a_changed_event_is_found(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    with desk.engine.database.writing() as conn:
        on = " ON event" if desk.engine.database.shared else ""
        conn.exec_driver_sql(f"DROP TRIGGER event_refuses_update{on}")
        body = conn.execute(select(event.c.body).where(event.c.stream == key, event.c.seq == 5)).scalar_one()
        conn.execute(update(event).where(event.c.stream == key, event.c.seq == 5).values(body=body + b" "))
        rows = conn.execute(
            select(event.c.seq, event.c.body, event.c.hash).where(event.c.stream == key).order_by(event.c.seq)
        ).all()

    assert first_break((r.seq, r.body, r.hash) for r in rows) == 5


# Random walks: what people and the clock may do to an application, in any order


def written(decision: str) -> Callable[[Desk, int], dict[str, Any]]:
    return lambda desk, key: reply(desk.variables(key)["application"], beijing_day(desk.now), decision)


def filled(desk: Desk, key: int) -> dict[str, Any]:
    return application(desk.variables(key)["resource"], beijing_day(desk.now), 1)


def provided(desk: Desk, key: int) -> dict[str, Any]:
    items = desk.variables(key)["reply"]["agreed_items"]
    return {"access_info": "已在共享平台发布服务接口，按平台接入规范调用。", "items_provided": items}


REASON = "经核实，情况属实，理由如上所述，特此说明。"
ANSWERS: dict[str, list[dict[str, Any] | Callable[[Desk, int], dict[str, Any]]]] = {
    "T12-01": [filled],
    "T12-02": [{"decision": "agree"}, {"decision": "agree"}, {"decision": "return", "reason": REASON}],
    "T12-04": [
        {"check_result": "accept"},
        {"check_result": "supplement", "supplement_list": [{"field": "duty_basis", "demand": REASON}]},
        {"check_result": "not_ours", "return_reason": REASON},
        {"check_result": "accept", "unknown": 1},
    ],
    "T12-05": [{"duty_basis": "《社会救助暂行办法》第四十五条第一款；本部门“三定”规定。"}],
    "T12-06": [{"assign_result": "keep", "reason": REASON}, {"assign_result": "nobody", "reason": REASON}],
    "T12-07": [written("agree"), written("partly"), written("refuse"), {}],
    "T12-08": [{"decision": "sign"}, {"decision": "return", "reason": REASON}],
    "T12-09": [provided],
    "T12-10": [{"ok": "usable"}],
    "T12-12": [{"action": "justified", "reason": REASON}],
    "T12-13": [{"decision": "accept"}, {"decision": "dispute", "reason": REASON}],
}
CLOSURE = Notice(
    id="walk-area",
    kind="rule",
    year=2026,
    title="试验用地方规定",
    doc_no="试验〔2026〕1号",
    published=date(2026, 6, 8),
    holidays=(Holiday("停止办公", (date(2026, 6, 11), date(2026, 6, 12)), ()),),
    layer=Layer.AREA,
    scope="辽宁省",
)


class Shadow:
    """The read tables once more, made from nothing but the log; compared after every command."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.position = desk, 0
        self.heads: dict[int, tuple[int, bytes]] = {}
        self.equal: dict[str, Any] = {}
        self.engine = create_engine("sqlite://")
        metadata.create_all(self.engine)
        self.carry_out = desk.engine.handle
        desk.engine.handle = self.handle  # type: ignore[method-assign]

    def handle(self, command: c.Command) -> dict[str, Any]:
        try:
            return self.carry_out(command)
        finally:
            self.follow()

    def follow(self) -> None:
        with self.desk.engine.database.reading() as live, self.engine.begin() as replayed:
            touched: set[int] = set()
            for row in live.execute(
                select(event).where(event.c.position > self.position).order_by(event.c.position)
            ):
                seq, previous = self.heads.get(row.stream, (0, GENESIS))
                assert (row.seq, row.hash) == (seq + 1, link(previous, row.body))
                self.heads[row.stream] = (row.seq, row.hash)
                self.position = row.position
                recorded = parse(row.body)
                apply(replayed, recorded)
                if isinstance(recorded.event, TOUCHING):
                    touched.add(row.stream)
            settle(replayed, touched)
            for table in READ_TABLES:
                raw = tuple(
                    conn.exec_driver_sql(f'SELECT * FROM "{table.name}"').all() for conn in (live, replayed)
                )
                if (
                    self.equal.get(table.name) != raw
                ):  # a table like the one compared before is not read again
                    assert rows_of(replayed, table) == rows_of(live, table)
                    self.equal[table.name] = raw


def step(desk: Desk, key: int, draw: Callable[[Any], Any]) -> None:
    waiting = sorted(open_tasks(desk, key) & set(ANSWERS))
    act = draw(st.sampled_from(["do", "do", "do", "wait", "withdraw"] if waiting else ["wait"]))
    if act == "do":
        element = draw(st.sampled_from(waiting))
        answer = draw(st.sampled_from(ANSWERS[element]))
        desk.do(key, element, answer(desk, key) if callable(answer) else answer)
    elif act == "withdraw" and draw(st.integers(0, 3)) == 3:
        desk.withdraw(key, REASON)
    else:
        wait_until(desk, desk.now + timedelta(hours=draw(st.sampled_from([1, 9, 24, 60, 150]))))


@settings(
    max_examples=8,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_after_every_command_of_a_random_walk_replay_equals_the_live_tables(
    databases: Databases, data: st.DataObject
) -> None:
    database = databases.new()
    engine = open_engine(database)
    desk = Desk(engine)
    first, second = administrators(desk)
    shadow = Shadow(desk)
    try:
        key = begin(desk, data.draw(st.integers(0, 5)))
        midway = data.draw(st.integers(2, 9))
        for number in range(12):
            if number == midway:
                entered = engine.handle(c.EnterCalendarNotice(actor=first, notice=CLOSURE))
                confirm = c.ConfirmCalendarNotice(
                    actor=second, calendar_notice_key=int(entered["calendar_notice_key"])
                )
                engine.handle(confirm)
                engine.sweep()
            if case(desk, key).ended_at:
                break
            try:
                step(desk, key, data.draw)
            except Refused:
                pass  # refused whole: the tables were compared all the same
        with engine.database.writing() as conn:
            before = tables(conn)
            rebuild(conn)
            assert tables(conn) == before
    finally:
        engine.close()
        shadow.engine.dispose()
        databases.drop(database)
