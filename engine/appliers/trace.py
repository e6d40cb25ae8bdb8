"""Events of checks, findings and the access log → rows."""

from sqlalchemy import Connection

from engine import events as e
from engine.appliers.base import applies, day
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change


@applies.register
def _(event: e.CheckSaved, conn: Connection, recorded: Recorded) -> None:
    row = {
        "key": event.check_key,
        "name": event.name,
        "note": event.note,
        "criteria": event.criteria,
        "saved_by": recorded.author.key,
        "saved_at": recorded.occurred_at,
    }
    add(conn, t.audit_check, row)


@applies.register
def _(event: e.CheckRetired, conn: Connection, recorded: Recorded) -> None:
    change(
        conn,
        t.audit_check,
        event.check_key,
        retired_by=recorded.author.key,
        retired_at=recorded.occurred_at,
    )


@applies.register
def _(event: e.ChecksRun, conn: Connection, recorded: Recorded) -> None:
    row = {
        "number": recorded.seq,
        "day": day(event.day),
        "found": event.found,
        "failed": event.failed,
        "covered": event.covered,
        "until": event.until,
        "check_code": event.check,
        "after": event.after,
        "ran_at": recorded.recorded_at,
    }
    add(conn, t.check_run, row)


@applies.register
def _(event: e.FindingRaised, conn: Connection, recorded: Recorded) -> None:
    row = {
        "key": event.finding_key,
        "check_code": event.check,
        "check_name": event.check_name,
        "source": event.source,
        "instance_key": event.instance_key,
        "subject": event.subject,
        "day": day(event.day),
        "user_key": event.user_key,
        "user_name": event.user_name,
        "organisation_key": event.organisation_key,
        "state": "open",
        "raised_at": recorded.recorded_at,
        "changed_at": recorded.recorded_at,
        "changed_by": recorded.author.key,
    }
    add(conn, t.finding, row)


@applies.register
def _(event: e.FindingExplained, conn: Connection, recorded: Recorded) -> None:
    _became(conn, event.finding_key, "explained", recorded)


@applies.register
def _(event: e.FindingClosed, conn: Connection, recorded: Recorded) -> None:
    _became(conn, event.finding_key, "closed", recorded)


@applies.register
def _(event: e.FindingReopened, conn: Connection, recorded: Recorded) -> None:
    _became(conn, event.finding_key, "open", recorded)


def _became(conn: Connection, key: int, state: str, recorded: Recorded) -> None:
    at, by = recorded.recorded_at, recorded.author.key
    change(conn, t.finding, key, state=state, changed_at=at, changed_by=by)


@applies.register
def _(event: e.AccessSealed, conn: Connection, recorded: Recorded) -> None:
    row = {
        "number": recorded.seq,
        "day": day(event.day),
        "first": event.first,
        "last": event.last,
        "count": event.count,
        "digest": event.digest,
    }
    add(conn, t.access_seal, row)
