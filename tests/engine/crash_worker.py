"""A small load that is killed by its test: starts cases and hands in their first form, one line for each answer."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.answers import application
from engine.demo.cases import BEGIN, PROCESS, Desk, beijing_day
from engine.storage.retry import Retry
from engine.storage.tables import user_task
from tests.databases import Where, where


def main(database: Where, round_: int) -> None:
    engine = Engine(
        database,
        Path(__file__).parents[2] / "processes/calendars/notices.yaml",
        clock=FixedClock(BEGIN),
        rehearsal=True,
    )
    desk = Desk(engine)
    with engine.database.reading() as conn:
        entries = conn.exec_driver_sql(
            "SELECT key, provider_key FROM catalogue_entry WHERE sharing_type = 'conditional'"
        ).all()
        orgs = (
            conn.exec_driver_sql("SELECT key FROM organisation WHERE NOT managing ORDER BY key")
            .scalars()
            .all()
        )
    for n in range(1000):
        entry = entries[n % len(entries)]
        org = next(o for o in orgs[n % 3 :] if o != entry.provider_key)
        actor = patiently(engine, lambda org=org: desk.actor(org, "handler"))
        start = c.StartInstance(
            actor=actor, process_id=PROCESS, resource_key=entry.key, id=f"start-{round_}-{n}"
        )
        instance = int(engine.handle(start)["instance_key"])
        print(f"{start.id}.", flush=True)
        resource = patiently(engine, lambda key=instance: desk.variables(key)["resource"])
        task = patiently(engine, lambda key=instance: first_task(engine, key))
        values = application(resource, beijing_day(desk.now), n)
        engine.handle(c.CompleteTask(actor=actor, task_key=task, values=values, id=f"filled-{round_}-{n}"))
        print(f"filled-{round_}-{n}.", flush=True)


def patiently(engine: Engine, question: Callable[[], Any]) -> Any:
    """Ask again while the server restarts, as a page does that is loaded again."""
    retry = Retry(engine.database.passing)
    while True:
        try:
            return question()
        except Exception as fault:
            retry.after(fault)


def first_task(engine: Engine, instance: int) -> int:
    with engine.database.reading() as conn:
        return int(
            conn.execute(select(user_task.c.key).where(user_task.c.instance_key == instance)).scalar_one()
        )


if __name__ == "__main__":
    main(where(sys.argv[1]), int(sys.argv[2]))
