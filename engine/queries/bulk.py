"""What doing one thing to many tasks would do to each: who it is about, until when, and what stands against it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from engine.bulk import MOST, VERBS, closed_options, left_out, own_fields, shared_form
from engine.chinese_dates import zh
from engine.definitions import Definition, load_definition
from engine.errors import InvalidInput, Message
from engine.handlers.access import visible_cases
from engine.handlers.parties import members
from engine.handlers.verbs.facts import task_facts
from engine.people import Actor
from engine.queries.reader import CHIP, Reader
from engine.queries.views import Chip, Colleague
from engine.storage.tables import case_copy, deadline, process_instance, task_inbox, user, user_task
from engine.verbs import WHY, refusal

_OTHER = Message(
    "与所选其他任务的环节或者流程版本不同，请分批办理。",
    "Its step or version differs from the others; do it in another batch.",
)
_MENDED = Message("退回修改的须逐件办理。", "It came back to be mended; do it by itself.")
_DONE = Message("该任务已经办理。", "It is done already.")
_CANCELLED = Message("该任务已经撤销。", "It was cancelled.")
_GONE = Message("没有该任务，或者您无权查看。", "No such task, or none that you may see.")


@dataclass(frozen=True)
class BulkRow:
    """One of the chosen; with a reason it cannot be done."""

    key: int
    instance_key: int | None
    business_id: str
    title: str
    task_name: str
    limit_name: str
    chip: Chip | None
    effects: tuple[Message, ...]
    reason: Message | None


@dataclass(frozen=True)
class BulkPreview:
    """The dialogue: the rows in the order they were chosen, and what is to be filled in once for all.

    Attributes:
        form: The shared form; None where the verb has none, or nobody of the chosen has one.
        left_out: Names of fields that the shared form does not ask.
        closed: Options, by field, that would need one of those.
    """

    rows: tuple[BulkRow, ...]
    colleagues: tuple[Colleague, ...] = ()
    form: dict[str, Any] | None = None
    left_out: tuple[str, ...] = ()
    closed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def able(self) -> tuple[BulkRow, ...]:
        """Those it can be done to."""
        return tuple(row for row in self.rows if row.reason is None)


def preview(reader: Reader, actor: Actor, verb: str, keys: Sequence[int]) -> BulkPreview:
    """Return what a verb would do to each of the chosen.

    Raises:
        InvalidInput: no such verb, nothing chosen, or too much.
    """
    keys = list(dict.fromkeys(keys))
    if verb not in VERBS or not 0 < len(keys) <= MOST:
        raise InvalidInput(
            f"请选择1至{MOST}项和一种操作。", f"Expected 1 to {MOST} things and a verb, found {len(keys)}."
        )
    if VERBS[verb].of == "case":
        return BulkPreview(_copies(reader, actor, keys))
    found = {row.key: row for row in reader.conn.execute(_tasks(reader, actor, keys))}
    if verb == "complete":
        return _alike(reader, actor, keys, found)
    rows = tuple(_row(reader, actor, verb, key, found.get(key)) for key in keys)
    able = [found[row.key] for row in rows if row.reason is None]
    return BulkPreview(rows, _colleagues(reader, actor, able) if verb == "assign" else ())


def alike(
    reader: Reader, actor: Actor, verb: str, keys: Sequence[int]
) -> tuple[tuple[BulkRow, ...], dict[str, Any] | None]:
    """Return the chosen by name, and the form they share.

    Nothing is asked of their state: a command that was carried out has its stored answer. Only what is of another step
    than the first, or whose form is not for many, has its reason: values meant for one form never go into another.
    """
    if VERBS[verb].of == "case":
        return _copies(reader, actor, keys, read=True), None
    found = {row.key: row for row in reader.conn.execute(_tasks(reader, actor, keys))}
    rows = [_named(reader, key, found.get(key)) for key in keys]
    if verb != "complete":
        return tuple(rows), None
    kinds = {key: (row.definition_key, row.element_id) for key, row in found.items()}
    common = next((kinds[key] for key in keys if key in kinds), None)
    if common is None:
        return tuple(rows), None
    definition = load_definition(reader.conn, common[0])
    against = _unfit(definition, common[1])
    marked = tuple(
        replace(row, reason=against if kinds[row.key] == common else _OTHER) if row.key in kinds else row
        for row in rows
    )
    if against is not None:
        return marked, None
    form_id = definition.process.nodes[common[1]].form or ""
    return marked, shared_form(definition.forms[form_id], definition.form_data[form_id])


def _tasks(reader: Reader, actor: Actor, keys: Sequence[int]) -> Any:
    t, case = user_task.c, process_instance.c
    return (
        select(
            t.key,
            t.instance_key,
            t.element_id,
            t.name,
            t.organisation_key.label("org"),
            t.role,
            t.assignee,
            t.state,
            case.business_id,
            case.title,
            case.definition_key,
            deadline.c.name.label("limit_name"),
            deadline.c.attached_to,
            *(deadline.c[name].label(f"d_{name}") for name in CHIP),
        )
        .join(process_instance, case.key == t.instance_key)
        .join(task_inbox, (task_inbox.c.task_key == t.key) & task_inbox.c.part.is_(None), isouter=True)
        .join(deadline, deadline.c.key == task_inbox.c.deadline_key, isouter=True)
        .where(t.key.in_(keys), visible_cases(reader.conn, actor))
    )


def _row(reader: Reader, actor: Actor, verb: str, key: int, row: Any) -> BulkRow:
    named = _named(reader, key, row)
    if row is None:
        return named
    reason = _obstacle(reader, actor, verb, row)
    return replace(named, effects=(_effect(verb, row),), reason=reason)


def _named(reader: Reader, key: int, row: Any) -> BulkRow:
    if row is None:
        return BulkRow(key, None, "", "", "", "", None, (), _GONE)
    return BulkRow(
        row.key,
        row.instance_key,
        row.business_id,
        row.title or "",
        row.name,
        row.limit_name or "",
        reader.joined_chip(row),
        (),
        None,
    )


def _obstacle(reader: Reader, actor: Actor, verb: str, row: Any) -> Message | None:
    """Return what stands against a verb, by the table that its command is held against."""
    task = reader.conn.execute(select(user_task).where(user_task.c.key == row.key)).one()
    found = refusal(verb, task_facts(reader.conn, actor, task, reader.now, verb))
    if found == "conflict" and row.state == "open":
        owner = reader.person(row.assignee) or ""
        return Message(f"已由{owner}认领。", f"{owner} holds it.")
    return {None: None, "not_found": _GONE, "conflict": _DONE, "wrong_state": _CANCELLED}.get(
        found, WHY.get(found or "", _GONE)
    )


def _effect(verb: str, row: Any) -> Message:
    if verb != "complete":
        return VERBS[verb].effect
    if row.limit_name and row.attached_to == row.element_id:
        due = row.d_due_on
        return Message(
            f"提交后“{row.limit_name}”（{zh(due)}届满）停止计时。",
            f"“{row.limit_name}” (due {due.isoformat()}) then stops.",
        )
    runs = f"，“{row.limit_name}”照常计算" if row.limit_name else ""
    return Message(f"提交后转入下一环节{runs}。", "The case then goes on to its next step; limits run on.")


def _alike(reader: Reader, actor: Actor, keys: Sequence[int], found: dict[int, Any]) -> BulkPreview:
    """Return the preview of one form for many: tasks of one step and version, whose form asks nothing of its own."""
    rows = [_row(reader, actor, "complete", key, found.get(key)) for key in keys]
    kinds = {
        row.key: (found[row.key].definition_key, found[row.key].element_id)
        for row in rows
        if row.reason is None
    }
    if not kinds:
        return BulkPreview(tuple(rows))
    common = Counter(kinds.values()).most_common(1)[0][0]
    definition = load_definition(reader.conn, common[0])
    against = _unfit(definition, common[1])
    rows = [
        replace(row, reason=against if kinds[row.key] == common else _OTHER) if row.key in kinds else row
        for row in rows
    ]
    if against is not None:
        return BulkPreview(tuple(rows))
    mended = _mended(reader, definition, common[1], [row.instance_key for row in rows if row.reason is None])
    rows = [replace(row, reason=_MENDED) if row.instance_key in mended else row for row in rows]
    form_id = definition.process.nodes[common[1]].form or ""
    form = definition.forms[form_id]
    return BulkPreview(
        tuple(rows),
        (),
        shared_form(form, definition.form_data[form_id]),
        tuple(left_out(form)),
        closed_options(form),
    )


def _unfit(definition: Definition, element_id: str) -> Message | None:
    node = definition.process.nodes[element_id]
    if node.form is None or node.form_open is not None:
        return Message("该环节须逐件办理。", "This step is done case by case.")
    if own := own_fields(definition.forms[node.form]):
        names = "、".join(own[:3])
        return Message(
            f"“{names}”因事项而异，须逐件办理。", f"{names} differ from case to case; do them one by one."
        )
    return None


def _mended(
    reader: Reader, definition: Definition, element_id: str, cases: Sequence[int | None]
) -> set[int | None]:
    """Return the cases that came back to the step to be mended: what was handed in before differs from case to case."""
    node, case = definition.process.nodes[element_id], process_instance.c
    if not node.form_resumes or not node.form_variable:
        return set()
    rows = reader.conn.execute(select(case.key, case.variables).where(case.key.in_(cases)))
    return {row.key for row in rows if row.variables.get(node.form_variable)}


def _colleagues(reader: Reader, actor: Actor, tasks: Sequence[Any]) -> tuple[Colleague, ...]:
    """Return who holds the lane of every task, but for the actor."""
    lanes = {(row.org, row.role) for row in tasks}
    if not lanes:
        return ()
    people = set.intersection(*(set(members(reader.conn, org, role, reader.today)) for org, role in lanes))
    query = select(user.c.username, user.c.name).where(user.c.key.in_(people - {actor.user_key}))
    return tuple(Colleague(r.username, r.name) for r in reader.conn.execute(query.order_by(user.c.key)))


def _copies(reader: Reader, actor: Actor, keys: Sequence[int], read: bool = False) -> tuple[BulkRow, ...]:
    """Return cases that the actor was copied on; those that were read only if asked for."""
    case, copy = process_instance.c, case_copy.c
    mine = select(copy.key).where(copy.instance_key == case.key, copy.user_key == actor.user_key)
    if not read:
        mine = mine.where(copy.read_at.is_(None))
    query = select(case.key, case.business_id, case.title).where(
        case.key.in_(keys), visible_cases(reader.conn, actor), mine.exists()
    )
    found = {row.key: row for row in reader.conn.execute(query)}
    none = Message("没有抄送您的未阅事项。", "No unread copy of yours.")
    effect = (VERBS["mark_read"].effect,)
    return tuple(
        BulkRow(key, key, row.business_id, row.title or "", "", "", None, effect, None)
        if (row := found.get(key)) is not None
        else BulkRow(key, None, "", "", "", "", None, (), none)
        for key in keys
    )
