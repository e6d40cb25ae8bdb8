"""User tasks: claim, give back, hand over, save, hand in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, bindparam, select

from engine import events as e
from engine.commands import (
    AssignTask,
    ClaimTask,
    CompleteTask,
    SaveDraft,
    StoreAttachments,
    StoreRecords,
    UnclaimTask,
)
from engine.definitions import load_definition
from engine.errors import Conflict, InvalidForm, InvalidInput, Message, NotAllowed, NotFound, WrongState
from engine.forms import Form, validate
from engine.handlers import form_checks, held, mandates
from engine.handlers.access import must_see
from engine.handlers.advance import advance, work
from engine.handlers.approvals import decide, must_not_have_decided
from engine.handlers.case import Case, load_case
from engine.handlers.parties import members
from engine.handlers.record_tables import keep_file, keep_typed, masked_draft, resolved
from engine.handlers.separation import must_be_separate
from engine.handlers.sources import options
from engine.history.chain import parse
from engine.model import Node
from engine.people import ROLES, Actor, Mandate
from engine.periods import beijing_day
from engine.storage.statements import put, remove
from engine.storage.tables import attachment, draft, event, process_instance, user, user_task
from engine.uow import UnitOfWork

MAX_ATTACHMENT = 20 * 1024 * 1024
MAX_ATTACHMENTS = 10
_DEFINITION = select(process_instance.c.definition_key).where(process_instance.c.key == bindparam("of"))
_TASK = select(user_task).where(user_task.c.key == bindparam("of"))
ATTACHMENT_TYPES = ("pdf", "ofd", "doc", "docx", "xls", "xlsx", "jpg", "jpeg", "png")


def claim_task(cmd: ClaimTask, uow: UnitOfWork) -> dict[str, Any]:
    """Take an open user task."""
    task, actor = _open_task(uow, cmd.task_key, cmd.actor)
    _must_be_candidate(task, actor)
    _must_be_free(uow, task, actor)
    mandate = mandates.stands_in(actor, task)
    _must_be_able_to_end(uow, task, actor, mandate)
    uow.record(task.instance_key, mandates.assigned(task, actor.user_key, actor.name, mandate))
    return {}


def unclaim_task(cmd: UnclaimTask, uow: UnitOfWork) -> dict[str, Any]:
    """Give an owned user task back to the department."""
    task, actor = _open_task(uow, cmd.task_key, cmd.actor)
    _must_be_candidate(task, actor)
    _must_be_free(uow, task, actor)
    uow.record(task.instance_key, mandates.given_back(uow.conn, task))
    return {}


def assign_task(cmd: AssignTask, uow: UnitOfWork) -> dict[str, Any]:
    """Hand a user task to a colleague of the same lane."""
    task, actor = _open_task(uow, cmd.task_key, cmd.actor)
    _must_be_candidate(task, actor)
    _must_be_free(uow, task, actor)
    colleague = uow.conn.execute(select(user).where(user.c.username == cmd.assignee)).first()
    matter = mandates.matter_of(uow.conn, task.instance_key)
    lane = members(uow.conn, task.organisation_key, task.role, beijing_day(uow.now), matter)
    if colleague is None or colleague.key not in lane:
        raise InvalidInput(
            f"“{cmd.assignee}”不是本部门的{ROLES[task.role]}，不能接办该任务。",
            f"Expected a {task.role} of the same department, found {cmd.assignee}.",
        )
    receiver = mandates.for_task(uow.conn, mandates.person(uow.conn, colleague, beijing_day(uow.now)), task)
    mandate = mandates.stands_in(receiver, task)
    _must_be_able_to_end(uow, task, receiver, mandate)
    uow.record(task.instance_key, mandates.assigned(task, colleague.key, colleague.name, mandate))
    return {}


def save_draft(cmd: SaveDraft, uow: UnitOfWork) -> dict[str, Any]:
    """Keep what was typed so far; drafts are no history."""
    task, actor = _open_task(uow, cmd.task_key, cmd.actor)
    _must_be_candidate(task, actor)
    _must_be_free(uow, task, actor)
    row = {
        "user_task_key": task.key,
        "form_values": masked_draft(_form_of(uow, task), cmd.values),
        "saved_by": actor.user_key,
        "saved_at": uow.now,
    }
    uow.writes.append(lambda conn: put(conn, draft, row))
    return {}


def store_attachments(cmd: StoreAttachments, uow: UnitOfWork) -> dict[str, Any]:
    """Keep files; they become part of the case when the form that names them is handed in."""
    task, actor = _open_task(uow, cmd.task_key, cmd.actor)
    _must_be_candidate(task, actor)
    if not 0 < len(cmd.files) <= MAX_ATTACHMENTS:
        raise InvalidInput(
            f"请上传1至{MAX_ATTACHMENTS}个文件。",
            f"Expected 1 to {MAX_ATTACHMENTS} files, found {len(cmd.files)}.",
        )
    faults = [fault for name, content in cmd.files if (fault := _attachment_fault(name, content))]
    if faults:
        raise InvalidInput("".join(f.zh for f in faults), " ".join(f.en for f in faults))
    rows = [
        {
            "key": uow.next_key(),
            "instance_key": task.instance_key,
            "name": name[-255:],
            "size": len(content),
            "sha256": uow.keep(content),
            "stored_by": actor.user_key,
        }
        for name, content in cmd.files
    ]
    uow.writes.append(lambda conn: conn.execute(attachment.insert(), rows))
    shown = ("name", "size", "sha256")
    return {"attachments": [{"key": str(row["key"]), **{k: row[k] for k in shown}} for row in rows]}


def store_records(cmd: StoreRecords, uow: UnitOfWork) -> dict[str, Any]:
    """Keep a table of records, masked; it becomes part of the case as an attachment does."""
    task, actor = _open_task(uow, cmd.task_key, cmd.actor)
    _must_be_candidate(task, actor)
    form = _form_of(uow, task)
    fields = form.fields if form else ()
    component = next((f for f in fields if f.key == cmd.component and f.type == "records"), None)
    if component is None:
        raise NotFound(
            "该任务的表单没有这张记录表。",
            f"Expected a table of records in the form, found no {cmd.component}.",
        )
    return {"table": keep_file(uow, task.instance_key, component, cmd.name, cmd.content)}


def _form_of(uow: UnitOfWork, task: Row[Any]) -> Form | None:
    of = process_instance.c
    key = uow.conn.execute(select(of.definition_key).where(of.key == task.instance_key)).scalar_one()
    definition = load_definition(uow.conn, key)
    return definition.forms.get(definition.process.nodes[task.element_id].form or "")


def _attachment_fault(name: str, content: bytes) -> Message | None:
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix not in ATTACHMENT_TYPES:
        return Message(
            f"附件“{name}”的格式不受支持，请上传 {'、'.join(ATTACHMENT_TYPES)} 文件。",
            f"Expected one of {', '.join(ATTACHMENT_TYPES)}, found {suffix or 'no extension'}.",
        )
    if not 0 < len(content) <= MAX_ATTACHMENT:
        return Message(
            f"附件“{name}”应大于 0 且不超过 20 MB。",
            f"Expected 1 byte to 20 MB, found {len(content)} bytes.",
        )
    return None


def complete_task(cmd: CompleteTask, uow: UnitOfWork) -> dict[str, Any]:
    """Hand in the form of a user task and let its token move on."""
    task, actor = _open_task(uow, cmd.task_key, cmd.actor)
    _must_be_candidate(task, actor)
    _must_be_free(uow, task, actor)
    case = load_case(uow, task.instance_key)
    node = case.node(task.element_id)
    mandate = mandates.stands_in(actor, task)
    must_be_separate(case, node, task.organisation_key, actor.user_key, mandate)
    must_not_have_decided(case, node, actor, mandate)
    values = check_form(case, node, cmd.values, cmd.rejected)
    case.record(
        e.UserTaskCompleted(
            task.key,
            node.id,
            node.name,
            node.form_variable,
            values,
            mandate.principal_name if mandate else None,
            mandate.principal if mandate else None,
        )
    )
    case.stands_for = (mandate.principal, mandate.principal_name) if mandate else None
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


def _open_task(uow: UnitOfWork, key: int, actor: Actor | None) -> tuple[Row[Any], Actor]:
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
    return task, mandates.for_task(uow.conn, actor, task)


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


def _must_be_candidate(task: Row[Any], actor: Actor) -> None:
    if not actor.holds(task.role, task.organisation_key):
        raise NotAllowed(
            f"“{task.name}”由承办部门的{ROLES[task.role]}办理，您没有该角色。",
            f"Expected a member of {task.lane}, found {actor.username}.",
            logged="user_task",
        )


def _must_be_free(uow: UnitOfWork, task: Row[Any], actor: Actor) -> None:
    if mandates.is_free(actor, task):
        return
    owner = uow.conn.execute(select(user.c.name).where(user.c.key == task.assignee)).scalar()
    raise Conflict(
        f"该任务已由{owner}认领，请与其协商退回或转交。",
        f"Expected the task to be free or yours, found it owned by {owner}.",
        assignee=owner,
    )


def _must_be_able_to_end(uow: UnitOfWork, task: Row[Any], actor: Actor, mandate: Mandate | None) -> None:
    """Whoever may not do a task may not hold it either: nobody else could do it before its limit is over."""
    row = uow.conn.execute(_DEFINITION, {"of": task.instance_key}).one()
    node = load_definition(uow.conn, row.definition_key).process.nodes[task.element_id]
    if node.separate_from or (node.approval and mandate):
        case = load_case(uow, task.instance_key)
        must_be_separate(case, node, task.organisation_key, actor.user_key, mandate)
        must_not_have_decided(case, node, actor, mandate)
