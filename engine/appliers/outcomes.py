"""Events of what a case leads to → rows."""

from sqlalchemy import Connection, delete, select, update

from engine import events as e
from engine.appliers.base import applies, change_case, day
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change, insert_new, remove


@applies.register
def _(event: e.GrantRecorded, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.grant,
        {
            "key": event.grant_key,
            "instance_key": recorded.stream,
            "using_key": event.using,
            "providing_key": event.providing,
            "resource_key": event.resource_key,
            "data_items": event.data_items,
            "conditions": event.conditions,
            "valid_from": day(event.valid_from),
            "valid_until": day(event.valid_until),
            "given_back": False,
        },
    )


@applies.register
def _(event: e.GrantMoved, conn: Connection, recorded: Recorded) -> None:
    values: dict[str, object] = {"using_key": event.using, "providing_key": event.providing}
    if event.ended_on is not None:
        values |= {"ended_on": day(event.ended_on), "end_cause": "merged"}
    change(conn, t.grant, event.grant_key, **values)


@applies.register
def _(event: e.GrantSuperseded, conn: Connection, recorded: Recorded) -> None:
    ended = {"ended_on": day(event.ended_on), "end_cause": "superseded"}
    change(conn, t.grant, event.grant_key, superseded_by=event.by_grant_key, **ended)


@applies.register
def _(event: e.GrantEndSet, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.grant, event.grant_key, ended_on=day(event.ended_on), end_cause="set")


@applies.register
def _(event: e.GrantSuspended, conn: Connection, recorded: Recorded) -> None:
    row = {
        "grant_key": event.grant_key,
        "instance_key": event.by_instance_key,
        "suspended_at": recorded.occurred_at,
    }
    insert_new(conn, t.grant_suspension, row)
    _settle_suspension(conn, event.grant_key)


@applies.register
def _(event: e.GrantResumed, conn: Connection, recorded: Recorded) -> None:
    of = t.grant_suspension.c
    mine = (of.grant_key == event.grant_key) & (of.instance_key == event.by_instance_key)
    conn.execute(delete(t.grant_suspension).where(mine))
    _settle_suspension(conn, event.grant_key)


def _settle_suspension(conn: Connection, grant_key: int) -> None:
    """A grant is suspended as long as one case suspends it; the earliest of them stands in its row."""
    of = t.grant_suspension.c
    first = select(of.instance_key, of.suspended_at).where(of.grant_key == grant_key)
    row = conn.execute(first.order_by(of.suspended_at, of.instance_key).limit(1)).first()
    by, at = (row.instance_key, row.suspended_at) if row is not None else (None, None)
    change(conn, t.grant, grant_key, suspended_by=by, suspended_at=at)


@applies.register
def _(event: e.GrantGivenBack, conn: Connection, recorded: Recorded) -> None:
    change(
        conn, t.grant, event.grant_key, ended_on=day(event.ended_on), given_back=True, end_cause="given_back"
    )


@applies.register
def _(event: e.DocumentIssued, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.document,
        {
            "key": event.document_key,
            "instance_key": recorded.stream,
            "template": event.template,
            "number": event.number,
            "title": event.title,
            "sha256": event.sha256,
            "issued_at": recorded.occurred_at,
            "organisation_key": event.organisation_key,
            "addressee_key": event.addressee,
            "verification": event.verification or None,
        },
    )


@applies.register
def _(event: e.NoticeSent, conn: Connection, recorded: Recorded) -> None:
    rows = [
        {
            "key": key,
            "instance_key": recorded.stream,
            "user_key": user,
            "kind": event.kind,
            "text": event.text,
            "sent_at": recorded.occurred_at,
        }
        for key, user in zip(event.notice_keys, event.to, strict=True)
    ]
    if rows:
        add(conn, t.notice, *rows)


@applies.register
def _(event: e.InstanceEnded, conn: Connection, recorded: Recorded) -> None:
    change_case(
        conn,
        recorded,
        state=event.state,
        result=event.result,
        late=event.late,
        overdue=False,
        ended_at=recorded.occurred_at,
    )
    waits = (t.migration.c.instance_key == recorded.stream, t.migration.c.state == "open")
    over = {"state": "lapsed", "outcome": "事项已经办结", "decided_at": recorded.occurred_at}
    conn.execute(update(t.migration).where(*waits).values(**over))


@applies.register
def _(event: e.ResourceFlagged, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.resource_flag,
        {
            "key": event.flag_key,
            "instance_key": recorded.stream,
            "resource_key": event.resource_key,
            "data_items": event.data_items,
            "records": event.records,
            "since": recorded.occurred_at,
        },
    )


@applies.register
def _(event: e.ResourceUnflagged, conn: Connection, recorded: Recorded) -> None:
    remove(conn, t.resource_flag, event.flag_key)
