"""User tasks: claim, give back, hand over, save, hand in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.commands import (
    AssignTask,
    ClaimTask,
    CompleteTask,
    UnclaimTask,
)
from engine.definitions import load_definition
from engine.errors import InvalidForm, InvalidInput, Message
from engine.forms import Form, validate
from engine.handlers import form_checks, mandates
from engine.handlers.approvals import must_not_have_decided
from engine.handlers.case import Case, load_case
from engine.handlers.completion import finish
from engine.handlers.parties import members
from engine.handlers.record_tables import keep_typed, resolved
from engine.handlers.separation import must_be_separate
from engine.handlers.sources import options
from engine.handlers.verbs.ask import ask
from engine.handlers.verbs.people import must_be_able_to_take, note, withdraw
from engine.handlers.verbs.signers import wait_for_signers
from engine.model import Node
from engine.people import ROLES
from engine.periods import beijing_day
from engine.storage.tables import attachment, process_instance, user
from engine.uow import UnitOfWork


def claim_task(cmd: ClaimTask, uow: UnitOfWork) -> dict[str, Any]:
    """Take an open user task."""
    task, actor = ask(uow, cmd.actor, "claim", cmd.task_key)
    mandate = mandates.stands_in(actor, task)
    must_be_able_to_take(uow, task, actor, mandate)
    uow.record(task.instance_key, mandates.assigned(task, actor.user_key, actor.name, mandate))
    return {}


def unclaim_task(cmd: UnclaimTask, uow: UnitOfWork) -> dict[str, Any]:
    """Give an owned user task back to the department."""
    task, _ = ask(uow, cmd.actor, "unclaim", cmd.task_key)
    uow.record(task.instance_key, mandates.given_back(uow.conn, task))
    return {}


def assign_task(cmd: AssignTask, uow: UnitOfWork) -> dict[str, Any]:
    """Hand a user task to a colleague of the same lane; the head does so for people who are away."""
    task, actor = ask(uow, cmd.actor, "assign", cmd.task_key)
    reason = note(cmd.reason)
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
    must_be_able_to_take(uow, task, receiver, mandate)
    withdraw(uow, task, actor, "delegated")
    uow.record(task.instance_key, mandates.assigned(task, colleague.key, colleague.name, mandate))
    if reason:
        # To the own department: the other party reads the history too.
        said = e.CommentAdded(uow.next_key(), task.key, task.organisation_key, uow.keep_words(reason), [])
        uow.record(task.instance_key, said)
    return {}


def form_of(uow: UnitOfWork, task: Row[Any]) -> Form | None:
    """Return the form of a user task, None if it asks nothing."""
    of = process_instance.c
    key = uow.conn.execute(select(of.definition_key).where(of.key == task.instance_key)).scalar_one()
    definition = load_definition(uow.conn, key)
    return definition.forms.get(definition.process.nodes[task.element_id].form or "")


def complete_task(cmd: CompleteTask, uow: UnitOfWork) -> dict[str, Any]:
    """Hand in the form of a user task and let its token move on, once those agree who were added to sign after."""
    task, actor = ask(uow, cmd.actor, "complete", cmd.task_key)
    case = load_case(uow, task.instance_key)
    node = case.node(task.element_id)
    mandate = mandates.stands_in(actor, task)
    must_be_separate(case, node, task.organisation_key, actor.user_key, mandate)
    must_not_have_decided(case, node, actor, mandate)
    values = check_form(case, node, cmd.values, cmd.rejected)
    stands_for = (mandate.principal, mandate.principal_name) if mandate else None
    if wait_for_signers(case, task, actor, values, stands_for):
        return {"instance_key": str(case.key), "opened": [], "ended": False, "awaiting_signers": True}
    return finish(case, task, values, stands_for)


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
