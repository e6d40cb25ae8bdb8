"""Events of a case → rows."""

from sqlalchemy import Connection, bindparam, case, delete, insert, select, update

from engine import events as e
from engine.appliers.base import applies, change_case, instance_table
from engine.clock import instant
from engine.grams import of_case
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add

_TITLE = select(instance_table.c.business_id, instance_table.c.title).where(
    instance_table.c.key == bindparam("of")
)
_FORGET = delete(t.case_gram).where(
    t.case_gram.c.gram == bindparam("gram"), t.case_gram.c.instance_key == bindparam("of")
)
_VARIABLES = select(instance_table.c.variables).where(instance_table.c.key == bindparam("of"))


@applies.register
def _(event: e.InstanceStarted, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        instance_table,
        {
            "key": recorded.stream,
            "definition_key": event.definition_key,
            "process_id": event.process_id,
            "business_id": event.business_id,
            "title": event.title,
            "awaits_receipt": event.awaits_receipt,
            "state": "running",
            "started_by": recorded.author.key,
            "started_at": recorded.occurred_at,
            "overdue": False,
            "late": False,
            "variables": {},
            "incidents": 0,
        },
    )
    _index(conn, recorded.stream, of_case(event.business_id, event.title))


def _index(conn: Connection, instance: int, grams: frozenset[int]) -> None:
    if grams:
        add(conn, t.case_gram, *({"gram": gram, "instance_key": instance} for gram in sorted(grams)))


@applies.register
def _(event: e.InstanceRebound, conn: Connection, recorded: Recorded) -> None:
    change_case(conn, recorded, definition_key=event.definition_key)


@applies.register
def _(event: e.MigrationProposed, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.migration),
        {
            "key": event.migration_key,
            "instance_key": recorded.stream,
            "definition_key": event.definition_key,
            "from_version": event.from_version,
            "to_version": event.to_version,
            "state": "open",
            "reason": event.reason,
            "names": event.names,
            "preview": event.preview,
            "proposed_by": recorded.author.key,
            "proposed_at": recorded.occurred_at,
        },
    )
    asked = [{"migration_key": event.migration_key, "organisation_key": org} for org in event.asked]
    conn.execute(insert(t.migration_consent), asked)


def _migration(conn: Connection, recorded: Recorded, key: int, state: str, outcome: str = "") -> None:
    change = update(t.migration).where(t.migration.c.key == key)
    conn.execute(change.values(state=state, outcome=outcome, decided_at=recorded.occurred_at))


def _answer(conn: Connection, recorded: Recorded, consents: bool) -> None:
    event = recorded.event
    assert isinstance(event, e.MigrationConsented | e.MigrationObjected)
    asked = t.migration_consent.c
    conn.execute(
        update(t.migration_consent)
        .where(asked.migration_key == event.migration_key, asked.organisation_key == event.organisation_key)
        .values(consents=consents, answered_by=recorded.author.key, answered_at=recorded.occurred_at)
    )


@applies.register
def _(event: e.MigrationConsented, conn: Connection, recorded: Recorded) -> None:
    _answer(conn, recorded, True)


@applies.register
def _(event: e.MigrationObjected, conn: Connection, recorded: Recorded) -> None:
    _answer(conn, recorded, False)
    _migration(conn, recorded, event.migration_key, "objected", event.reason)


@applies.register
def _(event: e.MigrationWithdrawn, conn: Connection, recorded: Recorded) -> None:
    _migration(conn, recorded, event.migration_key, "withdrawn", event.reason)


@applies.register
def _(event: e.MigrationLapsed, conn: Connection, recorded: Recorded) -> None:
    _migration(conn, recorded, event.migration_key, "lapsed", "；".join(event.reasons))


@applies.register
def _(event: e.InstanceMigrated, conn: Connection, recorded: Recorded) -> None:
    change_case(conn, recorded, definition_key=event.definition_key)
    _migration(conn, recorded, event.migration_key, "done")
    # What is over keeps its words, but goes under the new ids: who did a task may not do the one after it.
    for table, columns in (
        (t.user_task, ("element_id", "scope")),
        (t.deadline, ("element_id", "attached_to")),
    ):
        for name in columns if event.names else ():
            column = table.c[name]
            renamed = case(event.names, value=column, else_=column)
            conn.execute(update(table).where(table.c.instance_key == recorded.stream).values({name: renamed}))


@applies.register
def _(event: e.ElementReached, conn: Connection, recorded: Recorded) -> None:
    if event.state is not None:
        change_case(conn, recorded, state=event.state)


@applies.register
def _(event: e.PartiesSet, conn: Connection, recorded: Recorded) -> None:
    _retitle(conn, recorded.stream, event.title)
    change_case(
        conn,
        recorded,
        using_key=event.using,
        providing_key=event.providing,
        managing_key=event.managing,
        title=event.title,
    )


def _retitle(conn: Connection, instance: int, title: str) -> None:
    before = conn.execute(_TITLE, {"of": instance}).one()
    if title == before.title:
        return
    old, new = (of_case(before.business_id, text) for text in (before.title, title))
    if gone := old - new:
        conn.execute(_FORGET, [{"gram": gram, "of": instance} for gram in sorted(gone)])
    _index(conn, instance, new - old)


@applies.register
def _(event: e.VariablesSet, conn: Connection, recorded: Recorded) -> None:
    present = conn.execute(_VARIABLES, {"of": recorded.stream}).scalar_one()
    values: dict[str, object] = {"variables": {**present, **event.values}}
    if isinstance(received := event.values.get("received_at"), str):
        values["received_at"] = instant(received)
    if isinstance(origin := event.values.get("origin"), dict) and origin.get("instance_key"):
        values["origin_key"] = int(origin["instance_key"])
    if isinstance(resource := event.values.get("resource"), dict) and resource.get("key"):
        values["resource_key"] = int(resource["key"])
    change_case(conn, recorded, **values)
