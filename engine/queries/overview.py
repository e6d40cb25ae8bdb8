"""The head's overview (部门总览): load by person, what waits, what will be late, who is away.

Every figure is counted through an index and stops at `MOST`; no department is ever sorted or counted whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, bindparam, func, literal, select

from engine.errors import NotAllowed, NotFound
from engine.inbox_rows import NEVER, of_lane, of_person
from engine.people import CASE_ROLES, ROLES, Actor
from engine.periods import BEIJING
from engine.queries.mandates import RuleView, in_department
from engine.queries.reader import CHIP, Reader
from engine.queries.views import Chip
from engine.storage.tables import deadline, process_instance, task_inbox, user, user_role, user_task

MOST = 1000
"""Counts stop here; a page says 1000+."""
LINES = 50
SOON_DAYS, DONE_DAYS = 5, 20
WHICH = ("open", "overdue", "soon", "done")
_x, _t, _held = task_inbox.c, user_task.c, user_role.c
_EVER = datetime(1, 1, 1, tzinfo=UTC)


def _capped(query: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(query.limit(MOST + 1).subquery()).scalar_subquery()


def _due(after: str, until: str) -> Select[Any]:
    """Return the rows of a holder due after one instant and not after another.

    What only answers in another's task is no load of its own.
    """
    return select(literal(1)).where(
        _x.holder == bindparam("holder"),
        _x.part.is_(None),
        _x.due_at > bindparam(after),
        _x.due_at <= bindparam(until),
    )


# Built once: a page asks them of every person, and building them costs more than running them.
_LOAD = select(_capped(_due("ever", "never")), _capped(_due("ever", "now")), _capped(_due("now", "soon")))
_SINCE = func.substr(_t.created_at, 1, 10, type_=String).label("since")
_AGES = (
    select(_SINCE, func.count())
    .where(
        _t.key.in_(select(_x.task_key).where(_x.holder == bindparam("holder"), _x.part.is_(None)).limit(MOST))
    )
    .group_by("since")
)
_DONE_BY = select(_t.key).where(
    _t.ended_by == bindparam("person"),
    _t.ended_at >= bindparam("since"),
    _t.state == "completed",
    _t.organisation_key == bindparam("org"),
)
_DONE = select(_capped(_DONE_BY))
_FIRST = (
    _due("after", "until")
    .with_only_columns(_x.due_at, _x.task_key)
    .order_by(_x.due_at, _x.task_key)
    .limit(LINES + 1)
)


@dataclass(frozen=True)
class Load:
    """What one person has, or what waits in a lane.

    Attributes:
        who: User name of a person, or the role of a lane.
        done: In the last 20 working days; None for a lane.
        days_open: Average of calendar days since the open tasks came; None without any.
        away: Each substitute and the last day, where a rule of substitution is in force.
    """

    who: str
    name: str
    lane: bool
    open: int
    overdue: int
    soon: int
    done: int | None
    days_open: float | None
    away: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True)
class Line:
    """One task of the department."""

    task_key: int
    name: str
    business_id: str
    title: str
    owner: str | None
    chip: Chip | None
    since: datetime


@dataclass(frozen=True)
class Overview:
    """A department as its head sees it."""

    org_key: int
    org_name: str
    orgs: tuple[tuple[int, str], ...]  # all whose head the reader is
    people: tuple[Load, ...]
    lanes: tuple[Load, ...]
    late: tuple[Line, ...]
    late_more: bool
    away: tuple[RuleView, ...]
    soon_until: datetime


@dataclass(frozen=True)
class TaskList:
    """The list behind a figure."""

    org_name: str
    name: str
    which: str
    lines: tuple[Line, ...]
    more: bool


def overview(reader: Reader, actor: Actor, org_key: int | None = None) -> Overview:
    """Return the overview of a department.

    Raises:
        NotAllowed: the reader is not its head.
    """
    orgs = headed(actor)
    org = _of(orgs, org_key)
    away = in_department(reader, actor, org)
    staff, spans, since = _people(reader, org), _spans(reader), _done_since(reader)
    people = tuple(_person_load(reader, org, row, away, spans, since) for row in staff)
    lanes = tuple(
        _load(reader, role, ROLES[role], of_lane(org, role), spans, lane=True)
        for role in CASE_ROLES
        if _exists(reader, org, role)
    )
    holders = [of_person(row.key) for row in staff]
    holders += [of_lane(org, role) for role in CASE_ROLES]
    late = _open_lines(reader, org, holders, "soon")
    return Overview(
        org_key=org,
        org_name=reader.org(org),
        orgs=tuple((key, reader.org(key)) for key in orgs),
        people=people,
        lanes=lanes,
        late=late[:LINES],
        late_more=len(late) > LINES,
        away=away,
        soon_until=spans["soon"],
    )


def headed(actor: Actor) -> tuple[int, ...]:
    """Return the departments whose head the person is, or stands in for without condition."""
    return tuple(sorted(org for org, role in actor.roles if role == "head"))


def task_list(reader: Reader, actor: Actor, org_key: int | None, who: str, which: str) -> TaskList:
    """Return the list behind a figure.

    Args:
        who: User name of a person of the department, or the role of a lane.
        which: One of `WHICH`.

    Raises:
        NotAllowed: the reader is not the department's head.
        NotFound: no such person or list.
    """
    org = _of(headed(actor), org_key)
    person = next((row for row in _people(reader, org) if row.username == who), None)
    if which not in WHICH or (person is None and (who not in CASE_ROLES or which == "done")):
        raise NotFound("没有该清单。", f"Expected a list of the department, found {who} {which}.")
    if person is not None and which == "done":
        lines = _done_lines(reader, org, person.key)
    else:
        holder = of_person(person.key) if person is not None else of_lane(org, who)
        lines = _open_lines(reader, org, [holder], which)
    name = person.name if person is not None else f"{ROLES[who]}待认领"
    return TaskList(reader.org(org), name, which, lines[:LINES], len(lines) > LINES)


def _of(orgs: tuple[int, ...], org_key: int | None) -> int:
    if not orgs or (org_key is not None and org_key not in orgs):
        raise NotAllowed(
            "部门总览供部门负责人查看。", "Expected the head of the department.", logged="department"
        )
    return org_key if org_key is not None else orgs[0]


def _people(reader: Reader, org: int) -> list[Any]:
    working = select(_held.user_key).where(_held.organisation_key == org, _held.role.in_(CASE_ROLES))
    query = select(user).where(user.c.key.in_(working.distinct()), user.c.active).order_by(user.c.key)
    return list(reader.conn.execute(query.limit(200)))


def _exists(reader: Reader, org: int, role: str) -> bool:
    query = select(_held.user_key).where(_held.organisation_key == org, _held.role == role).limit(1)
    return reader.conn.execute(query).first() is not None


def _person_load(
    reader: Reader,
    org: int,
    row: Any,
    away: Iterable[RuleView],
    spans: Mapping[str, datetime],
    since: datetime,
) -> Load:
    standing = [(x.substitute, x.valid_until) for x in away if x.principal_key == row.key]
    by = {"person": row.key, "since": since, "org": org}
    done = int(reader.conn.execute(_DONE, by).scalar_one())
    load = _load(reader, row.username, row.name, of_person(row.key), spans, lane=False)
    return replace(load, done=done, away=tuple(dict.fromkeys(standing)))


def _load(
    reader: Reader, who: str, name: str, holder: str, spans: Mapping[str, datetime], lane: bool
) -> Load:
    open_, overdue, soon = reader.conn.execute(_LOAD, {"holder": holder, **spans}).one()
    return Load(who, name, lane, open_, overdue, soon, None, _days_open(reader, holder) if open_ else None)


def _spans(reader: Reader) -> dict[str, datetime]:
    return {"ever": _EVER, "now": reader.now, "soon": _soon_until(reader), "never": NEVER}


def _days_open(reader: Reader, holder: str) -> float:
    """Return the average age in days; by the day the task came, so that few rows leave the database."""
    rows = reader.conn.execute(_AGES, {"holder": holder}).all()
    today = reader.now.astimezone(UTC).date()
    waited = sum((today - date.fromisoformat(came)).days * count for came, count in rows)
    return waited / sum(count for _, count in rows)


def _soon_until(reader: Reader) -> datetime:
    last = reader.calendar().add_working_days(reader.today, SOON_DAYS)
    return datetime.combine(last + timedelta(days=1), time(), BEIJING)


def _done_since(reader: Reader) -> datetime:
    first = reader.calendar().add_working_days(reader.today, -DONE_DAYS)
    return datetime.combine(first, time(), BEIJING)


def _open_lines(reader: Reader, org: int, holders: list[str], which: str) -> tuple[Line, ...]:
    """Return the first lines of holders by due date; of each no more than a page is read."""
    spans = _spans(reader)
    after, until = {"open": ("ever", "never"), "overdue": ("ever", "now"), "soon": ("now", "soon")}[which]
    by = {"after": spans[after], "until": spans[until]}
    found = [row for holder in holders for row in reader.conn.execute(_FIRST, {"holder": holder, **by})]
    keys = [row.task_key for row in sorted(found, key=lambda r: (r.due_at, r.task_key))[: LINES + 1]]
    rows = {r.key: r for r in reader.conn.execute(_details(keys)) if r.organisation_key == org}
    return tuple(_line(reader, rows[key]) for key in keys if key in rows)


def _done_lines(reader: Reader, org: int, user_key: int) -> tuple[Line, ...]:
    by = {"person": user_key, "since": _done_since(reader), "org": org}
    newest = _DONE_BY.order_by(_t.ended_at.desc()).limit(LINES + 1)
    keys = list(reader.conn.execute(newest, by).scalars())
    rows = {r.key: r for r in reader.conn.execute(_details(keys)) if r.organisation_key == org}
    return tuple(_line(reader, rows[key]) for key in keys if key in rows)


def _details(keys: list[int]) -> Select[Any]:
    case = process_instance.c
    return (
        select(
            _t.key,
            _t.name,
            _t.organisation_key,
            _t.assignee,
            _t.stands_for,
            func.coalesce(_t.ended_at, _t.created_at).label("since"),
            case.business_id,
            case.title,
            *(deadline.c[name].label(f"d_{name}") for name in CHIP),
        )
        .join(process_instance, case.key == _t.instance_key)
        .join(task_inbox, (_x.task_key == _t.key) & _x.part.is_(None), isouter=True)
        .join(deadline, deadline.c.key == _x.deadline_key, isouter=True)
        .where(_t.key.in_(keys))
    )


def _line(reader: Reader, row: Any) -> Line:
    return Line(
        row.key,
        row.name,
        row.business_id,
        row.title,
        reader.acting(row.assignee, row.stands_for),
        reader.joined_chip(row),
        row.since,
    )
