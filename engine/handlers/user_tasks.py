"""User tasks: claim, give back, hand over, hand in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, bindparam, select

from engine import events as e
from engine.commands import (
    AssignTask,
    ClaimTask,
    CompleteTask,
    UnclaimTask,
)
from engine.definitions import load_definition
from engine.errors import Conflict, InvalidForm, InvalidInput, Message, NotAllowed, NotFound, WrongState
from engine.forms import Form, validate
from engine.handlers import form_checks, held
from engine.handlers.access import must_see
from engine.handlers.advance import advance, work
from engine.handlers.approvals import decide, must_not_have_decided
from engine.handlers.case import Case, load_case
from engine.handlers.parties import members
from engine.handlers.record_tables import keep_typed, resolved
from engine.handlers.separation import must_be_separate
from engine.handlers.sources import options
from engine.history.chain import parse
from engine.model import Node
from engine.people import ROLES, Actor
from engine.periods import beijing_day
from engine.storage.statements import remove
from engine.storage.tables import attachment, draft, event, process_instance, user, user_task
from engine.uow import UnitOfWork

_DEFINITION = select(process_instance.c.definition_key).where(process_instance.c.key == bindparam("of"))
_TASK = select(user_task).where(user_task.c.key == bindparam("of"))


def claim_task(cmd: ClaimTask, uow: UnitOfWork) -> dict[str, Any]:
    """Take an open user task."""
    task, actor = open_task(uow, cmd.task_key, cmd.actor)
    must_be_candidate(task, actor)
    must_be_free(uow, task, actor)
    _must_be_able_to_end(uow, task, actor.user_key)
    uow.record(task.instance_key, e.UserTaskAssigned(task.key, task.name, actor.user_key, actor.name))
    return {}


def unclaim_task(cmd: UnclaimTask, uow: UnitOfWork) -> dict[str, Any]:
    """Give an owned user task back to the department."""
    task, actor = open_task(uow, cmd.task_key, cmd.actor)
    must_be_candidate(task, actor)
    must_be_free(uow, task, actor)
    uow.record(task.instance_key, e.UserTaskAssigned(task.key, task.name, None, None))
    return {}


def assign_task(cmd: AssignTask, uow: UnitOfWork) -> dict[str, Any]:
    """Hand a user task to a colleague of the same lane."""
    task, actor = open_task(uow, cmd.task_key, cmd.actor)
    must_be_candidate(task, actor)
    must_be_free(uow, task, actor)
    colleague = uow.conn.execute(select(user).where(user.c.username == cmd.assignee)).first()
    lane = members(uow.conn, task.organisation_key, task.role, beijing_day(uow.now))
    if colleague is None or colleague.key not in lane:
        raise InvalidInput(
            f"“{cmd.assignee}”不是本部门的{ROLES[task.role]}，不能接办该任务。",
            f"Expected a {task.role} of the same department, found {cmd.assignee}.",
        )
    _must_be_able_to_end(uow, task, colleague.key)
    uow.record(task.instance_key, e.UserTaskAssigned(task.key, task.name, colleague.key, colleague.name))
    return {}


def complete_task(cmd: CompleteTask, uow: UnitOfWork) -> dict[str, Any]:
    """Hand in the form of a user task and let its token move on."""
    task, actor = open_task(uow, cmd.task_key, cmd.actor)
    must_be_candidate(task, actor)
    must_be_free(uow, task, actor)
    case = load_case(uow, task.instance_key)
    node = case.node(task.element_id)
    must_be_separate(case, node, task.organisation_key, actor.user_key)
    must_not_have_decided(case, node, actor)
    values = check_form(case, node, cmd.values, cmd.rejected)
    case.record(
        e.UserTaskCompleted(
            task.key,
            node.id,
            node.name,
            node.form_variable,
            values,
            actor.deputy_of.get((task.organisation_key, task.role)),
        )
    )
    if node.form_variable:
        case.set(**{node.form_variable: values})
    uow.writes.append(lambda conn: remove(conn, draft, task.key))
    case.tasks.pop(task.token, None)
    case.completed = node.id
    complete_held(case, node, task, values)
    advance(case)
    return {"instance_key": str(case.key), "opened": [str(key) for key in case.opened], "ended": case.ended}


def complete_held(case: Case, node: Node, task: Row[Any], values: dict[str, Any]) -> None:
    """Do what a task that was handed in asks for, and let its token leave; or hold it there.

    While one person's vote cannot be counted, the others' can: the token of a round stays open for them.
    """
    token, over = task.token.partition("#")[0], [node.approval is None]

    def act() -> None:
        over[0] = node.approval is None or decide(case, node, task, values)
        if over[0]:
            work(case, node)

    if held.attempt(case, "completion", node.id, task.token, act):
        if over[0]:
            case.machine.complete(token)
    elif node.approval is None:
        case.machine.hold(token)


def check_form(
    case: Case,
    node: Node,
    values: dict[str, Any],
    rejected: Mapping[str, list[Message]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the clean values of a node's form.

    Args:
        rejected: Errors by field that were found before; they come back beside the form's own.

    Raises:
        InvalidForm: with every error at once (R12-02, R12-11).
    """
    form = case.definition.forms.get(node.form or "")
    if form is not None and form.check and isinstance(values, Mapping):
        rejected = {**form_checks.findings(case, form.check, values), **rejected}
    try:
        clean = _check_values(case, node, values)
    except InvalidForm as refused:
        both = {key: [*found, *rejected.get(key, ())] for key, found in refused.errors.items()}
        raise InvalidForm({**rejected, **both}) from refused
    if rejected:
        raise InvalidForm(rejected)
    return clean


def _check_values(case: Case, node: Node, values: dict[str, Any]) -> dict[str, Any]:
    if node.form is None:
        return {}
    earlier = case.variables.get(node.form_variable or "") or {}
    form = case.definition.forms[node.form]
    opened = open_fields(case, node)
    clean = validate(
        form,
        resolved(case, form, values),
        case.variables,
        case.functions,
        options(case),
        open_fields=opened,
        earlier=earlier,
        forms=case.definition.forms,
    )
    if opened is not None and all(clean.get(key) == earlier.get(key) for key in opened):
        _refuse_unchanged(form, opened)
    _must_be_stored(case, form, clean)
    return keep_typed(case, form, clean)


def _refuse_unchanged(form: Form, opened: frozenset[str]) -> None:
    """Refuse a supplement that supplements nothing: it would start the limit anew for free (R12-05, R12-06)."""
    raise InvalidForm(
        {
            c.key: [
                Message(
                    f"{c.label}与补正前相同，请按补正要求修改。",
                    f"Expected {c.label_en} or another listed field to be changed.",
                )
            ]
            for c in form.fields
            if c.key in opened
        }
    )


def _must_be_stored(case: Case, form: Form, values: dict[str, Any]) -> None:
    """Refuse files that were never stored for this case: a client could name evidence that nobody can open."""
    errors: dict[str, list[Message]] = {}
    for component in form.fields:
        named = values.get(component.key) if component.type == "filepicker" else None
        if not named:
            continue
        kept = {
            (str(row.key), row.name, row.size, row.sha256)
            for row in case.uow.conn.execute(select(attachment).where(attachment.c.instance_key == case.key))
        }
        if missing := [f for f in named if (f["key"], f["name"], f["size"], f["sha256"]) not in kept]:
            names = "、".join(f["name"] for f in missing)[:100]
            errors[component.key] = [
                Message(
                    f"附件“{names}”没有上传成功，请重新上传。", f"Expected files of this case, found {names}."
                )
            ]
    if errors:
        raise InvalidForm(errors)


def open_fields(case: Case, node: Node) -> frozenset[str] | None:
    """Return the only fields that may be changed, None if all may: a supplement mends what was listed (R12-05)."""
    return None if node.form_open is None else fields_named(case.evaluate(node.form_open))


def fields_named(listed: Any) -> frozenset[str] | None:
    """Return the fields that a list names, as texts or as rows with a `field`; None where it names none."""
    rows = listed if isinstance(listed, list) else []
    names = [row.get("field") if isinstance(row, Mapping) else row for row in rows]
    return frozenset(str(name) for name in names if name) or None


def form_of(uow: UnitOfWork, task: Row[Any]) -> Form | None:
    """Return the form of a user task, None if it asks nothing."""
    of = process_instance.c
    key = uow.conn.execute(select(of.definition_key).where(of.key == task.instance_key)).scalar_one()
    definition = load_definition(uow.conn, key)
    return definition.forms.get(definition.process.nodes[task.element_id].form or "")


def open_task(uow: UnitOfWork, key: int, actor: Actor | None) -> tuple[Row[Any], Actor]:
    """Return an open user task and who acts.

    Raises:
        NotFound: none that the actor may know of.
        Conflict, WrongState: it is no longer open.
    """
    task = uow.conn.execute(_TASK, {"of": key}).first()
    if task is None or actor is None:
        raise NotFound("没有该任务。", f"Expected a user task {key}, found none.")
    must_see(uow.conn, actor, task.instance_key)
    uow.expect(task.instance_key)
    if task.state == "completed":
        who = uow.conn.execute(select(user.c.name).where(user.c.key == task.ended_by)).scalar()
        raise Conflict(
            f"该任务已由{who or '共享平台'}办理，您的操作没有生效。",
            f"This user task was already completed by {who or 'the platform'}; nothing was changed.",
            state=task.state,
            completed_by=who,
        )
    if task.state != "open":
        why = _why_cancelled(uow, task)
        raise WrongState(
            f"该任务已撤销，无需办理{f'：{why}' if why else ''}。",
            f"Expected user task {key} to be open, but it is {task.state}{f': {why}' if why else ''}.",
            state=task.state,
        )
    return task, actor


def _why_cancelled(uow: UnitOfWork, task: Row[Any]) -> str:
    """Return the name of the end that the event which took a task away led to, such as 逾期未审批，未延期."""
    kinds = ("UserTaskCancelled", "ElementReached")
    rows = uow.conn.execute(
        select(event.c.body)
        .where(event.c.stream == task.instance_key, event.c.type.in_(kinds))
        .order_by(event.c.seq)
    )
    instance = must_see(uow.conn, None, task.instance_key)
    nodes = load_definition(uow.conn, instance.definition_key).process.nodes
    gone_at: str | None = None
    for (body,) in rows:
        recorded = parse(body)
        happened = recorded.event
        if isinstance(happened, e.UserTaskCancelled) and happened.user_task_key == task.key:
            gone_at = str(recorded.recorded_at)
        elif gone_at == str(recorded.recorded_at) and isinstance(happened, e.ElementReached):
            node = nodes.get(happened.element_id)
            if node is not None and node.type == "endEvent":
                return node.name
    return ""


def must_be_candidate(task: Row[Any], actor: Actor) -> None:
    """Refuse who does not stand in the task's lane."""
    if not actor.holds(task.role, task.organisation_key):
        raise NotAllowed(
            f"“{task.name}”由承办部门的{ROLES[task.role]}办理，您没有该角色。",
            f"Expected a member of {task.lane}, found {actor.username}.",
            logged="user_task",
        )


def must_be_free(uow: UnitOfWork, task: Row[Any], actor: Actor) -> None:
    """Refuse where somebody else has taken the task."""
    if task.assignee in (None, actor.user_key):
        return
    owner = uow.conn.execute(select(user.c.name).where(user.c.key == task.assignee)).scalar()
    raise Conflict(
        f"该任务已由{owner}认领，请与其协商退回或转交。",
        f"Expected the task to be free or yours, found it owned by {owner}.",
        assignee=owner,
    )


def _must_be_able_to_end(uow: UnitOfWork, task: Row[Any], user_key: int) -> None:
    """Whoever may not do a task may not hold it either: nobody else could do it before its limit is over."""
    row = uow.conn.execute(_DEFINITION, {"of": task.instance_key}).one()
    if load_definition(uow.conn, row.definition_key).process.nodes[task.element_id].separate_from:
        case = load_case(uow, task.instance_key)
        must_be_separate(case, case.node(task.element_id), task.organisation_key, user_key)
