"""Event → rows: the only place where read tables change."""

from datetime import date
from functools import singledispatch

from sqlalchemy import Connection, delete, insert, select, update

from engine import events as e
from engine.clock import instant
from engine.history.chain import Recorded
from engine.storage import tables as t


def apply(conn: Connection, recorded: Recorded) -> None:
    """Apply one event to the read tables."""
    _apply(recorded.event, conn, recorded)


@singledispatch
def _apply(event: e.Event, conn: Connection, recorded: Recorded) -> None:
    """Most events change no table."""


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


# Organisations and people


@_apply.register
def _(event: e.AreaRegistered, conn: Connection, recorded: Recorded) -> None:
    conn.execute(insert(t.area), {"name": event.name, "level": event.level, "parent": event.parent})


@_apply.register
def _(event: e.OrganisationRegistered, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.organisation),
        {
            "key": event.organisation_key,
            "code": event.code,
            "kind": event.kind,
            "level": event.level,
            "area": event.area,
            "managing": event.managing,
            "name": event.name,
        },
    )
    _name(conn, event.organisation_key, event.name, event.valid_from, "")


@_apply.register
def _(event: e.OrganisationRenamed, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        update(t.organisation).where(t.organisation.c.key == event.organisation_key).values(name=event.name)
    )
    _name(conn, event.organisation_key, event.name, event.valid_from, event.doc_no)


def _name(conn: Connection, key: int, name: str, valid_from: str, doc_no: str) -> None:
    conn.execute(
        insert(t.organisation_name),
        {"organisation_key": key, "name": name, "valid_from": _day(valid_from), "doc_no": doc_no},
    )


@_apply.register
def _(event: e.UserRegistered, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.user),
        {
            "key": event.user_key,
            "username": event.username,
            "name": event.name,
            "organisation_key": event.organisation_key,
            "active": True,
        },
    )


@_apply.register
def _(event: e.RoleGranted, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.user_role),
        {"user_key": event.user_key, "organisation_key": event.organisation_key, "role": event.role},
    )


@_apply.register
def _(event: e.DeputyAuthorised, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.deputy),
        {
            "key": event.deputy_key,
            "organisation_key": event.organisation_key,
            "principal_key": event.principal_user,
            "deputy_key": event.deputy_user,
            "role": event.role,
            "valid_from": _day(event.valid_from),
            "valid_until": _day(event.valid_until),
            "doc_no": event.doc_no,
        },
    )


# Catalogue, definitions


@_apply.register
def _(event: e.EntryPublished, conn: Connection, recorded: Recorded) -> None:
    values = {
        "code": event.code,
        "name": event.name,
        "provider_key": event.provider_key,
        "sharing_type": event.sharing_type,
        "update_cycle": event.update_cycle,
        "abstract": event.abstract,
        "metadata": event.metadata,
    }
    entry = t.catalogue_entry
    changed = conn.execute(
        update(entry).where(entry.c.key == event.entry_key).values(**values, version=entry.c.version + 1)
    )
    if changed.rowcount == 0:
        conn.execute(insert(entry), {"key": event.entry_key, "version": 1, **values})


@_apply.register
def _(event: e.DefinitionDeployed, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.process_definition),
        {
            "key": event.definition_key,
            "process_id": event.process_id,
            "version": event.version,
            "name": event.name,
            "sha256": event.sha256,
            "files": event.files,
            "deployed_at": recorded.recorded_at,
        },
    )


# A case

_instance = t.process_instance


@_apply.register
def _(event: e.InstanceStarted, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(_instance),
        {
            "key": recorded.stream,
            "definition_key": event.definition_key,
            "process_id": event.process_id,
            "business_id": event.business_id,
            "title": event.title,
            "state": "running",
            "started_by": recorded.author.key,
            "started_at": recorded.occurred_at,
            "overdue": False,
            "late": False,
            "variables": {},
        },
    )


def _change(conn: Connection, recorded: Recorded, **values: object) -> None:
    conn.execute(update(_instance).where(_instance.c.key == recorded.stream).values(**values))


@_apply.register
def _(event: e.ElementReached, conn: Connection, recorded: Recorded) -> None:
    if event.state is not None:
        _change(conn, recorded, state=event.state)


@_apply.register
def _(event: e.PartiesSet, conn: Connection, recorded: Recorded) -> None:
    _change(
        conn,
        recorded,
        using_key=event.using,
        providing_key=event.providing,
        managing_key=event.managing,
        title=event.title,
    )


@_apply.register
def _(event: e.VariablesSet, conn: Connection, recorded: Recorded) -> None:
    present = conn.execute(
        select(_instance.c.variables).where(_instance.c.key == recorded.stream)
    ).scalar_one()
    values: dict[str, object] = {"variables": {**present, **event.values}}
    if isinstance(received := event.values.get("received_at"), str):
        values["received_at"] = instant(received)
    _change(conn, recorded, **values)


@_apply.register
def _(event: e.UserTaskOpened, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.user_task),
        {
            "key": event.user_task_key,
            "instance_key": recorded.stream,
            "token": event.token,
            "element_id": event.element_id,
            "name": event.name,
            "organisation_key": event.organisation_key,
            "role": event.role,
            "lane": event.lane,
            "scope": event.scope,
            "state": "open",
            "created_at": recorded.occurred_at,
        },
    )


def _task(conn: Connection, key: int, **values: object) -> None:
    conn.execute(update(t.user_task).where(t.user_task.c.key == key).values(**values))


@_apply.register
def _(event: e.UserTaskAssigned, conn: Connection, recorded: Recorded) -> None:
    _task(conn, event.user_task_key, assignee=event.assignee)


@_apply.register
def _(event: e.UserTaskCompleted, conn: Connection, recorded: Recorded) -> None:
    _task(
        conn,
        event.user_task_key,
        state="completed",
        ended_at=recorded.occurred_at,
        ended_by=recorded.author.key,
        assignee=recorded.author.key,
    )


@_apply.register
def _(event: e.UserTaskCancelled, conn: Connection, recorded: Recorded) -> None:
    _task(conn, event.user_task_key, state="cancelled", ended_at=recorded.occurred_at)


@_apply.register
def _(event: e.DeadlineSet, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.deadline),
        {
            "key": event.deadline_key,
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "attached_to": event.attached_to,
            "name": event.name,
            "basis": event.basis,
            "kind": event.kind,
            "setting": event.setting,
            "length": event.length,
            "excluded": event.excluded,
            "extended_by": event.extended_by,
            "event_at": instant(event.event_at),
            "event_on": _day(event.event_on),
            "due_on": _day(event.due_on),
            "due_at": instant(event.due_at),
            "status": event.status,
            "calendar_as_of": _day(event.calendar_as_of),
            "notices": event.notices,
            "on_expiry": event.on_expiry,
            "state": "running",
        },
    )


def _deadline(conn: Connection, key: int, **values: object) -> None:
    conn.execute(update(t.deadline).where(t.deadline.c.key == key).values(**values))


def _overdue(conn: Connection, recorded: Recorded) -> None:
    late = conn.execute(
        select(t.deadline.c.key).where(
            t.deadline.c.instance_key == recorded.stream,
            t.deadline.c.state == "overdue",
            t.deadline.c.on_expiry == "overdue",
        )
    ).first()
    _change(conn, recorded, overdue=late is not None)


@_apply.register
def _(event: e.DeadlineExpired, conn: Connection, recorded: Recorded) -> None:
    _deadline(
        conn,
        event.deadline_key,
        state="overdue",
        expired_at=recorded.occurred_at,
        noticed_at=recorded.recorded_at,
    )
    _overdue(conn, recorded)


@_apply.register
def _(event: e.DeadlineUndetermined, conn: Connection, recorded: Recorded) -> None:
    _deadline(conn, event.deadline_key, state="undetermined")


@_apply.register
def _(event: e.DeadlineEnded, conn: Connection, recorded: Recorded) -> None:
    _deadline(
        conn,
        event.deadline_key,
        state=event.state,
        ended_at=recorded.occurred_at,
        late_wd=event.late_wd,
        late_cd=event.late_cd,
    )
    _overdue(conn, recorded)
    if event.state == "met_late" and event.kind == "law":
        _change(conn, recorded, late=True)


@_apply.register
def _(event: e.TimerArmed, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.timer),
        {
            "key": event.timer_key,
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "token": event.token,
            "deadline_key": event.deadline_key,
            "kind": event.kind,
            "fires_at": instant(event.fires_at),
            "not_before": instant(event.fires_at),
            "attempts": 0,
        },
    )


@_apply.register
def _(event: e.TimerFired, conn: Connection, recorded: Recorded) -> None:
    conn.execute(delete(t.timer).where(t.timer.c.key == event.timer_key))


@_apply.register
def _(event: e.TimerDisarmed, conn: Connection, recorded: Recorded) -> None:
    conn.execute(delete(t.timer).where(t.timer.c.key == event.timer_key))


@_apply.register
def _(event: e.TimerPostponed, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        update(t.timer)
        .where(t.timer.c.key == event.timer_key)
        .values(not_before=instant(event.until), attempts=t.timer.c.attempts + 1)
    )


@_apply.register
def _(event: e.MessageThrown, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.message),
        {
            "key": event.message_key,
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "target": event.target,
            "correlation": event.correlation,
            "payload": event.payload,
            "state": "waiting",
            "thrown_at": recorded.occurred_at,
        },
    )


@_apply.register
def _(event: e.MessageCaught, conn: Connection, recorded: Recorded) -> None:
    conn.execute(update(t.message).where(t.message.c.key == event.message_key).values(state="delivered"))


@_apply.register
def _(event: e.GrantRecorded, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.grant),
        {
            "key": event.grant_key,
            "instance_key": recorded.stream,
            "using_key": event.using,
            "providing_key": event.providing,
            "resource_key": event.resource_key,
            "data_items": event.data_items,
            "conditions": event.conditions,
            "valid_from": _day(event.valid_from),
            "valid_until": _day(event.valid_until),
        },
    )


@_apply.register
def _(event: e.DocumentIssued, conn: Connection, recorded: Recorded) -> None:
    conn.execute(
        insert(t.document),
        {
            "key": event.document_key,
            "instance_key": recorded.stream,
            "template": event.template,
            "number": event.number,
            "title": event.title,
            "sha256": event.sha256,
            "issued_at": recorded.occurred_at,
        },
    )


@_apply.register
def _(event: e.NoticeSent, conn: Connection, recorded: Recorded) -> None:
    rows = [
        {
            "key": key,
            "instance_key": recorded.stream,
            "user_key": user,
            "text": event.text,
            "sent_at": recorded.occurred_at,
        }
        for key, user in zip(event.notice_keys, event.to, strict=True)
    ]
    if rows:
        conn.execute(insert(t.notice), rows)


@_apply.register
def _(event: e.InstanceEnded, conn: Connection, recorded: Recorded) -> None:
    _change(
        conn,
        recorded,
        state=event.state,
        result=event.result,
        late=event.late,
        overdue=False,
        ended_at=recorded.occurred_at,
    )
