"""The history is the truth: replaying it rebuilds the tables, and it takes no change."""

from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from engine.demo.cases import Desk, deliver
from engine.history.chain import first_break
from engine.history.replay import rebuild
from engine.storage.tables import READ_TABLES, event, notice
from tests.conftest import at_once, beijing
from tests.processes.office import wait_until


def plain(value: Any) -> str:
    """Return a value as text that does not depend on the order of JSON's keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def tables(conn: Any) -> dict[str, list[tuple[Any, ...]]]:
    skipped = {"read_at", "attempts", "last_error", "retry_at"}
    return {
        table.name: sorted(
            tuple(plain(value) for name, value in row._mapping.items() if name not in skipped)
            for row in conn.execute(select(table))
        )
        for table in READ_TABLES
    }


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
