"""Many running cases out of one: its rows copied under other keys, with limits and timers of their own."""

from sqlalchemy import BigInteger, Integer, cast, literal_column, select, text, true
from sqlalchemy import insert as insert_into

from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.storage.tables import deadline, process_instance, snapshot, task_inbox, timer, user_task

_SPREAD = 1_000_000
_KEYS = ("key", "instance_key", "deadline_key", "task_key")
_OWNED = ((process_instance, "key"), (deadline, "instance_key"), (timer, "instance_key"))
_MORE = ((user_task, "instance_key"), (snapshot, "instance_key"))


def delivered(desk: Desk) -> int:
    """Play one application up to its receipt and return its key."""
    steps = deliver(desk, 1)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return int(end.value)


def copy_case(engine: Engine, original: int, copies: int) -> None:
    """Copy a case's rows under keys below its own, which the sequence never hands out again.

    A copy has no events: its history begins with what happens next.
    """
    numbers = (
        text(
            "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :copies) SELECT n FROM s"
        )
        .bindparams(copies=copies)
        .columns(literal_column("n", Integer))
        .subquery("s")
    )
    tasks = select(user_task.c.key).where(user_task.c.instance_key == original)
    with engine.database.writing() as conn:
        for table, owner in (*_OWNED, *_MORE):
            moved = [c - cast(numbers.c.n, BigInteger) * _SPREAD if c.name in _KEYS else c for c in table.c]
            rows = select(*moved).where(table.c[owner] == original).select_from(table.join(numbers, true()))
            conn.execute(insert_into(table).from_select(list(table.c), rows))
        moved = [c - cast(numbers.c.n, BigInteger) * _SPREAD if c.name in _KEYS else c for c in task_inbox.c]
        rows = (
            select(*moved)
            .where(task_inbox.c.task_key.in_(tasks))
            .select_from(task_inbox.join(numbers, true()))
        )
        conn.execute(insert_into(task_inbox).from_select(list(task_inbox.c), rows))
