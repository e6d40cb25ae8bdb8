"""Proposals that a running case goes on under another version: what they would do, and who has answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from engine.definitions import profile_in
from engine.errors import NotFound
from engine.handlers.access import seen, visible_cases
from engine.handlers.parties import with_predecessors
from engine.people import Actor
from engine.profiles import party_name
from engine.queries.cases import role_name
from engine.queries.reader import Reader
from engine.storage.tables import (
    deadline,
    migration,
    migration_consent,
    process_definition,
    process_instance,
    user_task,
)

_m, _i, _c = migration.c, process_instance.c, migration_consent.c
LIMIT = 100


@dataclass(frozen=True)
class Answer:
    """A department that was asked; `consents` None while it has not answered."""

    organisation_key: int
    org_name: str
    consents: bool | None
    by: str | None
    at: datetime | None


@dataclass(frozen=True)
class MigrationLine:
    """A proposal in a list."""

    key: int
    instance_key: int
    business_id: str
    process_name: str
    from_version: int
    to_version: int
    state: str  # open, done, objected, withdrawn or lapsed
    proposed_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class MigrationView:
    """A proposal's page.

    Attributes:
        preview: As `engine.handlers.migration_steps` made it.
        lanes: The Chinese names of the lanes and departments in it.
        outcome: Why it ended.
        stale: Whether the case has visibly moved since, so that the next consent lets it lapse.
    """

    line: MigrationLine
    definition_key: int
    reason: str
    names: Mapping[str, str]
    preview: Mapping[str, Any]
    lanes: Mapping[str, str]
    orgs: Mapping[int, str]
    answers: tuple[Answer, ...]
    proposed_by: str
    outcome: str
    stale: bool
    may_answer: bool
    may_withdraw: bool
    may_see_case: bool
    consenting: tuple[str, str] = ("", "")  # what the law of the case calls the two that are asked


def one(reader: Reader, actor: Actor, key: int) -> MigrationView:
    """Return a proposal.

    Raises:
        NotFound: none, or none for this reader: administrators, the parties asked, and who sees the case.
    """
    row = reader.conn.execute(_LINES.add_columns(migration).where(_m.key == key)).first()
    answers = _answers(reader, key)
    sees = row is not None and _sees_case(reader, actor, row.instance_key)
    asked = {a.organisation_key for a in answers} & with_predecessors(reader.conn, actor.acting_orgs)
    if row is None or not (actor.holds("admin") or asked or sees):
        raise NotFound(
            "没有该迁移提议，或者您无权查看。",
            f"Expected a proposal {key} that the actor may see, found none.",
            logged="migration",
        )
    seen(actor, row.instance_key)
    waits = row.state == "open"
    mine = [a for a in answers if a.consents is None and actor.holds("head", a.organisation_key)]
    tasks = row.preview["tasks"]
    speaks = profile_in(reader.conn, row.definition_key)
    return MigrationView(
        line=_line(row),
        definition_key=row.definition_key,
        reason=row.reason,
        names=row.names,
        preview=row.preview,
        lanes={lane: role_name(speaks, lane) for line in tasks for lane in (line["lane"], line["to_lane"])},
        orgs={
            org: reader.org(org)
            for line in tasks
            for org in (line["organisation_key"], line["to_organisation_key"])
        },
        answers=answers,
        proposed_by=reader.person(row.proposed_by) or "",
        outcome=row.outcome or "",
        stale=waits and _moved(reader, row),
        may_answer=waits and bool(mine) and row.proposed_by != actor.user_key,
        may_withdraw=waits and actor.holds("admin"),
        may_see_case=sees,
        consenting=(party_name(speaks, "use"), party_name(speaks, "prov")),
    )


def of_case(reader: Reader, instance_key: int) -> tuple[MigrationLine, ...]:
    """Return the proposals about a case, newest first."""
    rows = reader.conn.execute(_LINES.where(_m.instance_key == instance_key).order_by(_m.key.desc()))
    return tuple(map(_line, rows))


def waiting_for(reader: Reader, actor: Actor) -> tuple[MigrationLine, ...]:
    """Return the open proposals that the reader's departments, as whose head they act, have not answered."""
    orgs = [org for org, role in actor.roles if role == "head"]
    if not orgs:
        return ()
    mine = select(_c.migration_key).where(_c.organisation_key.in_(orgs), _c.consents.is_(None))
    rows = reader.conn.execute(
        _LINES.where(_m.key.in_(mine), _m.state == "open").order_by(_m.key).limit(LIMIT)
    )
    return tuple(map(_line, rows))


def open_ones(reader: Reader, actor: Actor, process_id: str | None = None) -> tuple[MigrationLine, ...]:
    """Return the open proposals, oldest first, for administrators; none for anybody else."""
    if not actor.holds("admin"):
        return ()
    query = _LINES.where(_m.state == "open")
    if process_id is not None:
        query = query.where(_i.process_id == process_id)
    return tuple(map(_line, reader.conn.execute(query.order_by(_m.key).limit(LIMIT))))


_LINES: Select[Any] = (
    select(
        _m.key,
        _m.instance_key,
        _i.business_id,
        process_definition.c.name.label("process_name"),
        _m.from_version,
        _m.to_version,
        _m.state,
        _m.proposed_at,
        _m.decided_at,
    )
    .join(process_instance, _i.key == _m.instance_key)
    .join(process_definition, process_definition.c.key == _m.definition_key)
)


def _line(row: Row[Any]) -> MigrationLine:
    return MigrationLine(
        row.key,
        row.instance_key,
        row.business_id,
        row.process_name,
        row.from_version,
        row.to_version,
        row.state,
        row.proposed_at,
        row.decided_at,
    )


def _answers(reader: Reader, key: int) -> tuple[Answer, ...]:
    rows = reader.conn.execute(
        select(migration_consent).where(_c.migration_key == key).order_by(_c.organisation_key)
    )
    return tuple(
        Answer(
            row.organisation_key,
            reader.org(row.organisation_key),
            row.consents,
            reader.person(row.answered_by),
            row.answered_at,
        )
        for row in rows
    )


def _sees_case(reader: Reader, actor: Actor, instance_key: int) -> bool:
    mine = select(_i.key).where(_i.key == instance_key, visible_cases(reader.conn, actor))
    return reader.conn.execute(mine).first() is not None


def _moved(reader: Reader, row: Row[Any]) -> bool:
    """Say whether open tasks or due dates are others than in the preview; the consent itself looks closer."""
    tasks = select(user_task.c.key).where(
        user_task.c.instance_key == row.instance_key, user_task.c.state == "open"
    )
    limits = select(deadline.c.key, deadline.c.due_on).where(
        deadline.c.instance_key == row.instance_key, deadline.c.ended_at.is_(None)
    )
    now = (
        {str(key) for key in reader.conn.execute(tasks).scalars()},
        {(str(x.key), x.due_on.isoformat()) for x in reader.conn.execute(limits)},
    )
    promised = (
        {line["user_task_key"] for line in row.preview["tasks"]},
        {(x["deadline_key"], x["before_due_on"]) for x in row.preview["limits"] if x["deadline_key"]},
    )
    return now != promised
