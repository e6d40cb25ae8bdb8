"""What a line of an inbox shows, read for the rows of one page."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, func, select

from engine.handlers.access import withheld_cases
from engine.people import Actor
from engine.queries.reader import CHIP, Reader
from engine.queries.states import case_state
from engine.queries.views import Chip, InboxRow
from engine.storage.tables import (
    case_copy,
    deadline,
    process_definition,
    process_instance,
    supervision,
    task_inbox,
    user_task,
)

_GROUPS = {"late": "late", "today": "today", "soon": "soon", "ok": "later"}  # all others count no days
_t, _i = user_task.c, process_instance.c
_CASE = (
    _i.key.label("instance_key"),
    _i.business_id,
    _i.title,
    _i.state.label("case_state"),
    _i.overdue,
    _i.result,
    _i.using_key,
    _i.providing_key,
    _i.managing_key,
    process_definition.c.name.label("process_name"),
)
_TASK = (
    _t.key.label("task_key"),
    _t.element_id,
    _t.name.label("task_name"),
    _t.assignee,
    _t.organisation_key,
    _t.role,
    _t.stands_for,
    func.coalesce(_t.ended_at, _t.created_at).label("since"),
)
Build = Callable[[list[Any]], list[InboxRow | None]]


def task_rows(reader: Reader, actor: Actor) -> Build:
    """Return what makes lines of walked rows whose key is a task; None where it is withheld from the reader."""

    def build(found: list[Any]) -> list[InboxRow | None]:
        query = _joined(user_task.c.key.in_([row.key for row in found]))
        tasks = {task.task_key: task for task in _read(reader, actor, query)}
        limits = _limits(reader, {getattr(row, "deadline_key", None) for row in found})
        notes = _supervisions(reader, {row.instance_key for row in found})
        lines: list[InboxRow | None] = []
        for row in found:
            task = tasks.get(row.key)
            if task is None:
                lines.append(None)
                continue
            chip = limits.get(getattr(row, "deadline_key", None))
            text, by = notes.get(row.instance_key, ("", ""))
            part = getattr(row, "part", None) or ""
            lines.append(_line(reader, actor, task, chip, part=part, note=text, note_by=by))
        return lines

    return build


def case_rows(reader: Reader, actor: Actor) -> Build:
    """Return what makes lines of walked rows that are cases, each at its newest task."""

    def build(found: list[Any]) -> list[InboxRow | None]:
        lines = _newest(reader, actor, {row.instance_key for row in found})
        return [lines.get(row.instance_key) for row in found]

    return build


def copy_rows(reader: Reader, actor: Actor) -> Build:
    """Return what makes lines of walked rows that are copies of a case."""

    def build(found: list[Any]) -> list[InboxRow | None]:
        lines = _newest(reader, actor, {row.instance_key for row in found})
        kept = select(case_copy).where(case_copy.c.key.in_([row.key for row in found]))
        copies = {copy.key: copy for copy in reader.conn.execute(kept)}
        return [_copied(reader, lines.get(row.instance_key), copies[row.key]) for row in found]

    return build


def _copied(reader: Reader, line: InboxRow | None, copy: Any) -> InboxRow | None:
    if line is None:
        return None
    more = {
        "since": copy.sent_at,
        "note": reader.words(copy.text_sha256),
        "note_by": reader.person(copy.sent_by) or "",
        "unread": copy.read_at is None,
        "copy_key": copy.key,
    }
    return InboxRow(**{**vars(line), **more})


def _newest(reader: Reader, actor: Actor, instances: set[int]) -> dict[int, InboxRow]:
    newest = select(func.max(_t.key)).where(_t.instance_key.in_(instances)).group_by(_t.instance_key)
    keys = reader.conn.execute(newest).scalars().all() if instances else []
    tasks = _read(reader, actor, _joined(user_task.c.key.in_(keys))) if keys else []
    here = task_inbox.c
    open_ones = select(here.task_key, here.deadline_key).where(here.instance_key.in_(instances))
    of_task = {row.task_key: row.deadline_key for row in reader.conn.execute(open_ones)} if instances else {}
    limits = _limits(reader, set(of_task.values()))
    return {
        task.instance_key: _line(reader, actor, task, limits.get(of_task.get(task.task_key)))
        for task in tasks
    }


def _joined(where: Any) -> Any:
    cases = process_definition.c.key == process_instance.c.definition_key
    return (
        select(*_TASK, *_CASE)
        .select_from(user_task)
        .join(process_instance, _i.key == _t.instance_key)
        .join(process_definition, cases)
        .where(where)
    )


def _read(reader: Reader, actor: Actor, query: Any) -> list[Any]:
    return list(reader.conn.execute(query.where(~withheld_cases(reader.conn, actor))))


def _limits(reader: Reader, keys: set[int | None]) -> dict[int | None, Chip | None]:
    """Return the chips of limits."""
    wanted = [key for key in keys if key is not None]
    if not wanted:
        return {}
    c = deadline.c
    rows = reader.conn.execute(select(c.key, *(c[name] for name in CHIP)).where(c.key.in_(wanted)))
    return {row.key: reader.chip(row) for row in rows}


def _supervisions(reader: Reader, instances: set[int]) -> dict[int, tuple[str, str]]:
    """Return what the managing department last wrote on cases it supervises, and its name."""
    s = supervision.c
    query = select(s.instance_key, s.text, s.organisation_key).where(
        and_(s.instance_key.in_(instances), s.ended_at.is_(None))
    )
    rows = reader.conn.execute(query.order_by(s.at))
    return {row.instance_key: (row.text, reader.org(row.organisation_key)) for row in rows}


def _line(
    reader: Reader,
    actor: Actor,
    row: Any,
    chip: Chip | None,
    part: str = "",
    note: str = "",
    note_by: str = "",
) -> InboxRow:
    tone = chip.tone if chip else None
    extended = bool(chip and chip.extended)
    group = _GROUPS.get(chip.tone, "never") if chip else "never"
    return InboxRow(
        task_key=row.task_key,
        instance_key=row.instance_key,
        business_id=row.business_id,
        title=row.title,
        element_id=row.element_id,
        task_name=row.task_name,
        state=case_state(row.case_state, row.overdue, tone, extended),
        result=row.result,
        parties=reader.parties(row),
        assignee_name=reader.acting(row.assignee, row.stands_for),
        mine=row.assignee == actor.user_key,
        since=row.since,
        chip=chip,
        process_name=row.process_name,
        holder_name=reader.org(row.organisation_key),
        part=part,
        behalf=actor.stands_in_for(row.organisation_key, row.role),
        group=group,
        note=note,
        note_by=note_by,
    )
