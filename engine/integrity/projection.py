"""The tables that are read, built once more from the history alone and compared."""

import tempfile
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Table, create_engine, select

from engine.appliers import apply
from engine.history.chain import parse
from engine.inbox_rows import settle
from engine.integrity.findings import Checked, Finding
from engine.storage.tables import READ_TABLES, event, metadata, user_task

# What was seen, and what a machine tried when, is no history.
ASIDE = {"read_at", "attempts", "last_error", "retry_at"}


def replayed(conn: Connection, checked: Checked) -> None:
    """Build the tables in a scratch database from every event, and report each that comes out otherwise."""
    with tempfile.TemporaryDirectory(prefix="shixian-replay-") as folder:
        scratch = create_engine(f"sqlite:///{Path(folder) / 'replay.db'}")
        try:
            with scratch.begin() as again:
                metadata.create_all(again)
                checked.replayed = _apply_all(conn, again)
                for table in READ_TABLES:
                    _compare(table, conn, again, checked)
        finally:
            scratch.dispose()


def _apply_all(conn: Connection, again: Connection) -> int:
    count = 0
    query = select(event.c.body).order_by(event.c.position).execution_options(yield_per=5000)
    for (body,) in conn.execute(query):
        apply(again, parse(body))
        count += 1
    open_tasks = select(user_task.c.instance_key).where(user_task.c.state == "open").distinct()
    settle(again, again.execute(open_tasks).scalars().all())
    return count


def _compare(table: Table, live: Connection, again: Connection, checked: Checked) -> None:
    kept, made = _rows(table, live), _rows(table, again)
    wrong = sorted(key for key in kept.keys() | made.keys() if kept.get(key) != made.get(key))
    if wrong:
        first = wrong[0]
        checked.add(
            Finding(
                "projection",
                f"数据表{table.name}有{len(wrong)}行与办理记录不符，首行为{first}：表被直接改动过，或者需要重建。",
                f"{len(wrong)} rows of {table.name} do not follow from the history, the first is {first}: the table was "
                "changed by hand, or has to be built anew.",
                expected=made.get(first, ""),
                found=kept.get(first, ""),
            )
        )


def _rows(table: Table, conn: Connection) -> dict[str, str]:
    names = [column.name for column in table.columns if column.name not in ASIDE]
    keys = [column.name for column in table.primary_key]
    found = {}
    for row in conn.execute(select(*(table.c[name] for name in names))):
        values: dict[str, Any] = {str(name): value for name, value in row._mapping.items()}
        found[",".join(str(values[key]) for key in keys)] = orjson.dumps(
            values, option=orjson.OPT_SORT_KEYS
        ).decode()
    return found
