"""Event → rows: the only place where read tables change."""

from dataclasses import asdict
from datetime import date, datetime
from functools import singledispatch

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update

from engine import entry_versions as versions
from engine import events as e
from engine.clock import instant
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change, insert_new, put, remove


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
    add(conn, t.area, {"name": event.name, "level": event.level, "parent": event.parent})


@_apply.register
def _(event: e.OrganisationRegistered, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.organisation,
        {
            "key": event.organisation_key,
            "code": event.code,
            "kind": event.kind,
            "level": event.level,
            "area": event.area,
            "managing": event.managing,
            "name": event.name,
            "mark": event.mark,
        },
    )
    _name(conn, event.organisation_key, event.name, event.valid_from, "")


@_apply.register
def _(event: e.OrganisationRenamed, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.organisation, event.organisation_key, name=event.name)
    _name(conn, event.organisation_key, event.name, event.valid_from, event.doc_no)


def _name(conn: Connection, key: int, name: str, valid_from: str, doc_no: str) -> None:
    add(
        conn,
        t.organisation_name,
        {"organisation_key": key, "name": name, "valid_from": _day(valid_from), "doc_no": doc_no},
    )


@_apply.register
def _(event: e.OrganisationSucceeded, conn: Connection, recorded: Recorded) -> None:
    change(
        conn,
        t.organisation,
        event.organisation_key,
        successor_key=event.successor_key,
        abolished_on=_day(event.valid_from),
        succession="running",
    )
    conn.execute(
        update(t.deputy)
        .where(t.deputy.c.organisation_key == event.organisation_key)
        .values(organisation_key=event.successor_key)
    )


@_apply.register
def _(event: e.SuccessionFinished, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.organisation, event.organisation_key, succession="done")


@_apply.register
def _(event: e.UserMoved, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.user, event.user_key, organisation_key=event.organisation_key)


@_apply.register
def _(event: e.RoleMoved, conn: Connection, recorded: Recorded) -> None:
    held = t.user_role.c
    conn.execute(
        delete(t.user_role).where(
            held.user_key == event.user_key,
            held.organisation_key == event.from_organisation,
            held.role == event.role,
        )
    )
    insert_new(
        conn,
        t.user_role,
        {"user_key": event.user_key, "organisation_key": event.to_organisation, "role": event.role},
    )


@_apply.register
def _(event: e.UserRegistered, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.user,
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
    add(
        conn,
        t.user_role,
        {"user_key": event.user_key, "organisation_key": event.organisation_key, "role": event.role},
    )


@_apply.register
def _(event: e.DeputyAuthorised, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.deputy,
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


# The working calendar


@_apply.register
def _(event: e.CalendarNoticeEntered, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.calendar_notice,
        {
            "key": event.calendar_notice_key,
            "notice_id": event.notice["id"],
            "layer": event.notice["layer"],
            "notice": event.notice,
            "text_sha256": event.text_sha256,
            "corrects": event.corrects,
            "state": "entered",
            "entered_by": recorded.author.key,
            "entered_at": recorded.recorded_at,
        },
    )


def _calendar_notice(conn: Connection, key: int, **values: object) -> None:
    change(conn, t.calendar_notice, key, **values)


@_apply.register
def _(event: e.CalendarNoticeConfirmed, conn: Connection, recorded: Recorded) -> None:
    table, key, known_at = t.calendar_notice, event.calendar_notice_key, instant(event.known_at)
    _calendar_notice(
        conn,
        key,
        state="confirmed",
        decided_by=recorded.author.key,
        decided_at=recorded.recorded_at,
        known_at=known_at,
    )
    corrects = conn.execute(select(table.c.corrects).where(table.c.key == key)).scalar()
    if corrects is not None:
        _calendar_notice(conn, corrects, state="corrected", known_until=known_at)


@_apply.register
def _(event: e.CalendarNoticeRejected, conn: Connection, recorded: Recorded) -> None:
    _calendar_notice(
        conn,
        event.calendar_notice_key,
        state="rejected",
        reason=event.reason,
        decided_by=recorded.author.key,
        decided_at=recorded.recorded_at,
    )


@_apply.register
def _(event: e.RecountStarted, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.recount,
        {
            "key": event.recount_key,
            "calendar_notice_key": event.calendar_notice_key,
            "state": "running",
            "cases": event.cases,
            "started_at": recorded.recorded_at,
        },
    )


def _recount(conn: Connection, key: int, **values: object) -> None:
    change(conn, t.recount, key, **values)


@_apply.register
def _(event: e.RecountHeld, conn: Connection, recorded: Recorded) -> None:
    _recount(conn, event.recount_key, state="held" if event.held else "running")


@_apply.register
def _(event: e.RecountFailed, conn: Connection, recorded: Recorded) -> None:
    put(
        conn,
        t.recount_failure,
        {"recount_key": event.recount_key, "instance_key": event.instance_key, "error": event.error},
    )


@_apply.register
def _(event: e.RecountFinished, conn: Connection, recorded: Recorded) -> None:
    _recount(conn, event.recount_key, state="done", finished_at=recorded.recorded_at)


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
        "withdrawn_on": None,
    }
    entry = t.catalogue_entry
    changed = conn.execute(
        update(entry).where(entry.c.key == event.entry_key).values(**values, version=entry.c.version + 1)
    )
    if changed.rowcount == 0:
        conn.execute(insert(entry), {"key": event.entry_key, "version": 1, **values})
    versions.published(conn, event, recorded)


@_apply.register
def _(event: e.EntryWithdrawn, conn: Connection, recorded: Recorded) -> None:
    entry = t.catalogue_entry
    change(conn, entry, event.entry_key, withdrawn_on=_day(event.withdrawn_on))
    versions.withdrawn(conn, event, recorded)


@_apply.register
def _(event: e.EntryDeletionAnnounced, conn: Connection, recorded: Recorded) -> None:
    versions.deletion_announced(conn, event, recorded)


@_apply.register
def _(event: e.EntryMoved, conn: Connection, recorded: Recorded) -> None:
    entry = t.catalogue_entry
    change(conn, entry, event.entry_key, provider_key=event.provider_key)


@_apply.register
def _(event: e.EntryLeadMoved, conn: Connection, recorded: Recorded) -> None:
    entry = t.catalogue_entry
    kept = conn.execute(select(entry.c.metadata).where(entry.c.key == event.entry_key)).scalar_one()
    change(conn, entry, event.entry_key, metadata={**kept, "lead_dept": str(event.lead_key)})


@_apply.register
def _(event: e.DefinitionDeployed, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.process_definition,
        {
            "key": event.definition_key,
            "process_id": event.process_id,
            "version": event.version,
            "name": event.name,
            "sha256": event.sha256,
            "files": event.files,
            "deployed_at": recorded.recorded_at,
            "effective_from": _day(event.effective_from),
            "state": "active",
        },
    )


@_apply.register
def _(event: e.StartTriggerSet, conn: Connection, recorded: Recorded) -> None:
    row = {
        "key": event.trigger_key,
        "definition_key": event.definition_key,
        "process_id": event.process_id,
        "element_id": event.element_id,
        "kind": event.kind,
        "signal": event.signal,
        "planned_at": _instant(event.planned_at),
        "attempts": 0,
    }
    conn.execute(insert(t.start_trigger), row)


@_apply.register
def _(event: e.RoundStarted, conn: Connection, recorded: Recorded) -> None:
    if event.planned_at is not None:
        _next_round(conn, event.trigger_key, event.planned_at, event.next_at)
    rows = [
        {
            "key": int(key),
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "target": f"start:{event.trigger_key}",
            "correlation": "",
            "payload": {
                "parties": parties,
                "came": event.came,
                "origin": event.origin,
                "planned_at": event.planned_at,
                "estimated": event.estimated,
            },
            "state": "waiting",
            "thrown_at": instant(event.starts_at),
            "attempts": 0,
        }
        for key, parties in event.deliveries.items()
    ]
    if rows:
        conn.execute(insert(t.message), rows)


@_apply.register
def _(event: e.RoundsPassed, conn: Connection, recorded: Recorded) -> None:
    _next_round(conn, event.trigger_key, event.last_at, event.next_at)


def _next_round(conn: Connection, key: int, last_at: str, next_at: str | None) -> None:
    row = {"last_at": instant(last_at), "planned_at": _instant(next_at)}
    fresh = {"attempts": 0, "last_error": None, "retry_at": None}
    conn.execute(update(t.start_trigger).where(t.start_trigger.c.key == key).values(**row, **fresh))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


@_apply.register(e.DefinitionSuspended)
@_apply.register(e.DefinitionResumed)
@_apply.register(e.DefinitionRetired)
def _(
    event: e.DefinitionSuspended | e.DefinitionResumed | e.DefinitionRetired,
    conn: Connection,
    recorded: Recorded,
) -> None:
    state = {"Suspended": "suspended", "Resumed": "active", "Retired": "retired"}[
        type(event).__name__.removeprefix("Definition")
    ]
    changed = {"state": state, "state_reason": event.reason, "state_since": recorded.occurred_at}
    conn.execute(
        update(t.process_definition)
        .where(t.process_definition.c.key == event.definition_key)
        .values(**changed)
    )


# A case

_instance = t.process_instance
_VARIABLES = select(_instance.c.variables).where(_instance.c.key == bindparam("of"))
_LATE = select(t.deadline.c.key).where(
    t.deadline.c.instance_key == bindparam("of"),
    t.deadline.c.state == "overdue",
    t.deadline.c.on_expiry == "overdue",
)


@_apply.register
def _(event: e.InstanceStarted, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        _instance,
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


def _change(conn: Connection, recorded: Recorded, **values: object) -> None:
    change(conn, _instance, recorded.stream, **values)


@_apply.register
def _(event: e.InstanceRebound, conn: Connection, recorded: Recorded) -> None:
    _change(conn, recorded, definition_key=event.definition_key)


@_apply.register
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


@_apply.register
def _(event: e.MigrationConsented, conn: Connection, recorded: Recorded) -> None:
    _answer(conn, recorded, True)


@_apply.register
def _(event: e.MigrationObjected, conn: Connection, recorded: Recorded) -> None:
    _answer(conn, recorded, False)
    _migration(conn, recorded, event.migration_key, "objected", event.reason)


@_apply.register
def _(event: e.MigrationWithdrawn, conn: Connection, recorded: Recorded) -> None:
    _migration(conn, recorded, event.migration_key, "withdrawn", event.reason)


@_apply.register
def _(event: e.MigrationLapsed, conn: Connection, recorded: Recorded) -> None:
    _migration(conn, recorded, event.migration_key, "lapsed", "；".join(event.reasons))


@_apply.register
def _(event: e.InstanceMigrated, conn: Connection, recorded: Recorded) -> None:
    _change(conn, recorded, definition_key=event.definition_key)
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
    present = conn.execute(_VARIABLES, {"of": recorded.stream}).scalar_one()
    values: dict[str, object] = {"variables": {**present, **event.values}}
    if isinstance(received := event.values.get("received_at"), str):
        values["received_at"] = instant(received)
    if isinstance(origin := event.values.get("origin"), dict) and origin.get("instance_key"):
        values["origin_key"] = int(origin["instance_key"])
    _change(conn, recorded, **values)


@_apply.register
def _(event: e.UserTaskOpened, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.user_task,
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
    change(conn, t.user_task, key, **values)


@_apply.register
def _(event: e.UserTaskAssigned, conn: Connection, recorded: Recorded) -> None:
    _task(conn, event.user_task_key, assignee=event.assignee)


@_apply.register
def _(event: e.UserTaskMoved, conn: Connection, recorded: Recorded) -> None:
    _task(conn, event.user_task_key, organisation_key=event.organisation_key)


@_apply.register
def _(event: e.UserTaskChanged, conn: Connection, recorded: Recorded) -> None:
    names = ("element_id", "name", "organisation_key", "role", "lane", "scope")
    _task(conn, event.user_task_key, **{name: getattr(event, name) for name in names})


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
    add(
        conn,
        t.deadline,
        {
            "key": event.deadline_key,
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "attached_to": event.attached_to,
            "organisation_key": event.organisation_key,
            "name": event.name,
            "basis": event.basis,
            "kind": event.kind,
            "setting": event.setting,
            "on_expiry": event.on_expiry,
            "event_on": _day(event.event_on),
            "state": "running",
            **_counted(event),
        },
    )


def _counted(event: e.DeadlineSet | e.DeadlineMoved) -> dict[str, object]:
    return {
        "terms": event.terms,
        "extended_by": event.terms["extended_by"],
        "original_due_on": _day(event.original_due_on),
        "due_on": _day(event.due_on),
        "due_at": instant(event.due_at),
        "status": event.status,
        "calendar_as_of": instant(event.calendar_as_of),
        "notices": event.notices,
    }


@_apply.register
def _moved(event: e.DeadlineMoved, conn: Connection, recorded: Recorded) -> None:
    _deadline(conn, event.deadline_key, state=event.state, **_counted(event))
    add(
        conn,
        t.deadline_move,
        {
            "instance_key": recorded.stream,
            "seq": recorded.seq,
            "deadline_key": event.deadline_key,
            "kind": type(event).__name__.removeprefix("Deadline").lower(),
            "at": recorded.occurred_at,
            "due_before": _day(event.due_before),
            "due_after": _day(event.due_on),
            "status_before": event.status_before,
            "status_after": event.status,
            "calendar_notice_key": getattr(event, "calendar_notice_key", None),
        },
    )
    _overdue(conn, recorded)


@_apply.register
def _(event: e.DeadlineMigrated, conn: Connection, recorded: Recorded) -> None:
    names = (
        "element_id",
        "attached_to",
        "organisation_key",
        "name",
        "basis",
        "kind",
        "setting",
        "on_expiry",
    )
    _deadline(conn, event.deadline_key, **{name: getattr(event, name) for name in names})
    _moved(event, conn, recorded)


def _deadline(conn: Connection, key: int, **values: object) -> None:
    change(conn, t.deadline, key, **values)


def _overdue(conn: Connection, recorded: Recorded) -> None:
    late = conn.execute(_LATE, {"of": recorded.stream}).first()
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
def _(event: e.DeadlineAnswered, conn: Connection, recorded: Recorded) -> None:
    _deadline(conn, event.deadline_key, state="answered")


@_apply.register
def _(event: e.DeadlineReopened, conn: Connection, recorded: Recorded) -> None:
    _deadline(conn, event.deadline_key, state="running")


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
    add(
        conn,
        t.timer,
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
    remove(conn, t.timer, event.timer_key)


@_apply.register
def _(event: e.TimerDisarmed, conn: Connection, recorded: Recorded) -> None:
    remove(conn, t.timer, event.timer_key)


@_apply.register
def _(event: e.TimerRearmed, conn: Connection, recorded: Recorded) -> None:
    at = instant(event.fires_at)
    change(
        conn, t.timer, event.timer_key, fires_at=at, not_before=at, attempts=0, last_error=None, retry_at=None
    )


@_apply.register
def _(event: e.TimerPostponed, conn: Connection, recorded: Recorded) -> None:
    # Nobody has it in hand any more, whoever claimed it.
    change(conn, t.timer, event.timer_key, not_before=instant(event.until), retry_at=None)


@_apply.register
def _(event: e.MessageThrown, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.message,
        {
            "key": event.message_key,
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "target": event.target,
            "correlation": event.correlation,
            "payload": event.payload,
            "state": "waiting",
            "thrown_at": recorded.occurred_at,
            "attempts": 0,
        },
    )


@_apply.register
def _(event: e.CaseWithheld, conn: Connection, recorded: Recorded) -> None:
    _change(conn, recorded, withheld_key=event.organisation_key)


@_apply.register
def _(event: e.MessageCaught, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.message, event.message_key, state="delivered", caught_by=event.by)


@_apply.register
def _(event: e.MessageLapsed, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.message, event.message_key, state="lapsed")


@_apply.register
def _(event: e.SignalThrown, conn: Connection, recorded: Recorded) -> None:
    for key, target in event.deliveries.items():
        row = {
            "key": int(key),
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "target": target,
            "correlation": event.signal,
            "payload": event.payload,
            "state": "waiting",
            "thrown_at": recorded.occurred_at,
            "attempts": 0,
        }
        add(conn, t.message, row)


@_apply.register
def _(event: e.SubscriptionOpened, conn: Connection, recorded: Recorded) -> None:
    row = {
        "key": event.subscription_key,
        "instance_key": recorded.stream,
        "element_id": event.element_id,
        "token": event.token,
        "kind": event.kind,
        "name": event.name,
        "correlation": event.correlation,
    }
    add(conn, t.subscription, row)


@_apply.register
def _(event: e.SubscriptionChanged, conn: Connection, recorded: Recorded) -> None:
    names = ("element_id", "token", "name", "correlation")
    conn.execute(
        update(t.subscription)
        .where(t.subscription.c.key == event.subscription_key)
        .values(**{name: getattr(event, name) for name in names})
    )


@_apply.register
def _(event: e.SubscriptionClosed, conn: Connection, recorded: Recorded) -> None:
    remove(conn, t.subscription, event.subscription_key)


@_apply.register
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
            "valid_from": _day(event.valid_from),
            "valid_until": _day(event.valid_until),
            "given_back": False,
        },
    )


@_apply.register
def _(event: e.GrantMoved, conn: Connection, recorded: Recorded) -> None:
    values: dict[str, object] = {"using_key": event.using, "providing_key": event.providing}
    if event.ended_on is not None:
        values |= {"ended_on": _day(event.ended_on), "end_cause": "merged"}
    change(conn, t.grant, event.grant_key, **values)


@_apply.register
def _(event: e.GrantSuperseded, conn: Connection, recorded: Recorded) -> None:
    ended = {"ended_on": _day(event.ended_on), "end_cause": "superseded"}
    change(conn, t.grant, event.grant_key, superseded_by=event.by_grant_key, **ended)


@_apply.register
def _(event: e.GrantEndSet, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.grant, event.grant_key, ended_on=_day(event.ended_on), end_cause="set")


@_apply.register
def _(event: e.GrantSuspended, conn: Connection, recorded: Recorded) -> None:
    row = {
        "grant_key": event.grant_key,
        "instance_key": event.by_instance_key,
        "suspended_at": recorded.occurred_at,
    }
    insert_new(conn, t.grant_suspension, row)
    _settle_suspension(conn, event.grant_key)


@_apply.register
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


@_apply.register
def _(event: e.GrantGivenBack, conn: Connection, recorded: Recorded) -> None:
    change(
        conn, t.grant, event.grant_key, ended_on=_day(event.ended_on), given_back=True, end_cause="given_back"
    )


@_apply.register
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
        add(conn, t.notice, *rows)


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
    waits = (t.migration.c.instance_key == recorded.stream, t.migration.c.state == "open")
    over = {"state": "lapsed", "outcome": "事项已经办结", "decided_at": recorded.occurred_at}
    conn.execute(update(t.migration).where(*waits).values(**over))


# Incidents


@_apply.register
def _(event: e.IncidentRaised, conn: Connection, recorded: Recorded) -> None:
    values = asdict(event) | {"key": event.incident_key, "next_try_at": _instant(event.next_try_at)}
    del values["incident_key"]
    row = {"instance_key": recorded.stream, "state": "open", "tries": 0, "attempts": 0}
    conn.execute(insert(t.incident), {**values, **row, "raised_at": recorded.occurred_at})
    _open_incidents(conn, recorded.stream)


@_apply.register
def _(event: e.IncidentTriedAgain, conn: Connection, recorded: Recorded) -> None:
    values = {name: getattr(event, name) for name in ("kind", "cause", "cause_en", "input", "token")}
    conn.execute(
        update(t.incident)
        .where(t.incident.c.key == event.incident_key)
        .values(
            **values,
            next_try_at=_instant(event.next_try_at),
            tries=t.incident.c.tries + 1,
            tried_at=recorded.recorded_at,
            tried_by=recorded.author.key,
            attempts=0,
            retry_at=None,
        )
    )
    if recorded.author.key:  # a message that a person tried again gets as many tries by itself as at first
        tried = select(t.incident.c.message_key).where(t.incident.c.key == event.incident_key)
        fresh = {"attempts": 0, "retry_at": None}
        conn.execute(update(t.message).where(t.message.c.key == tried.scalar_subquery()).values(**fresh))


@_apply.register
def _(event: e.IncidentEnded, conn: Connection, recorded: Recorded) -> None:
    states = {"IncidentResolved": "resolved", "IncidentSkipped": "skipped", "IncidentCancelled": "cancelled"}
    conn.execute(
        update(t.incident)
        .where(t.incident.c.key == event.incident_key)
        .values(
            state=states.get(type(event).__name__, "closed"),
            reason=getattr(event, "reason", None),
            ended_at=recorded.recorded_at,
            ended_by=recorded.author.key,
            next_try_at=None,
        )
    )
    _open_incidents(conn, recorded.stream)


def _open_incidents(conn: Connection, instance: int) -> None:
    here = (t.incident.c.instance_key == instance, t.incident.c.state == "open")
    count = select(func.count()).select_from(t.incident).where(*here).scalar_subquery()
    conn.execute(update(_instance).where(_instance.c.key == instance).values(incidents=count))


# Seals


@_apply.register
def _(event: e.DaySealed, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.seal,
        {
            "number": recorded.seq,
            "day": _day(event.day),
            "algorithm": event.algorithm,
            "root": event.root,
            "streams": event.streams,
            "last_position": event.last_position,
            "previous": event.previous,
            "sealed_at": recorded.recorded_at,
        },
    )


@_apply.register
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


@_apply.register
def _(event: e.ResourceUnflagged, conn: Connection, recorded: Recorded) -> None:
    remove(conn, t.resource_flag, event.flag_key)
