"""A small load that is killed by its test: starts cases and hands in their first form, one line for each answer."""

import sys
from pathlib import Path

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.answers import application
from engine.demo.cases import BEGIN, PROCESS, Desk, beijing_day
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
        actor = desk.actor(org, "handler")
        start = c.StartInstance(
            actor=actor, process_id=PROCESS, resource_key=entry.key, id=f"start-{round_}-{n}"
        )
        instance = int(engine.handle(start)["instance_key"])
        print(f"{start.id}.", flush=True)
        values = application(desk.variables(instance)["resource"], beijing_day(desk.now), n)
        desk.do(instance, "T12-01", values)
        print(f"filled-{round_}-{n}.", flush=True)


if __name__ == "__main__":
    main(where(sys.argv[1]), int(sys.argv[2]))
