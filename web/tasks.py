"""User tasks: the form and what can be done with it."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidForm, InvalidInput, Message
from engine.queries.records import table_facts
from engine.queries.views import TaskView
from web.engine import command_id, engine
from web.forms import values_from_request
from web.keys import MAX_KEY
from web.security import acting

bp = Blueprint("tasks", __name__, url_prefix="/tasks")


@bp.get("/<int:key>")
def show(key: int) -> ResponseReturnValue:
    """Show a task with its form."""
    task = engine().queries.task(acting(), key)
    return _page(task, dict(task.values), {})


@bp.post("/<int:key>/complete")
def complete(key: int) -> ResponseReturnValue:
    """Hand in the form; every error comes back at once beside its field."""
    task = engine().queries.task(acting(), key)
    values = values_from_request(task.form, request.form)
    command = c.CompleteTask(
        actor=acting(),
        task_key=key,
        rejected=_attach(task, values),
        values=values,
        id=command_id() or uuid4().hex,
    )
    try:
        answer = engine().handle(command)
    except InvalidForm as refusal:
        return _page(task, values, dict(refusal.errors)), 422
    return redirect(url_for("cases.show", key=answer["instance_key"], done=task.name))


@bp.get("/<int:key>/complete")
def again(key: int) -> ResponseReturnValue:
    """Lead back to the form whose errors were shown under this address."""
    return redirect(url_for("tasks.show", key=key))


@bp.post("/<int:key>/draft")
def save_draft(key: int) -> ResponseReturnValue:
    """Keep what was typed."""
    task = engine().queries.task(acting(), key)
    values = values_from_request(task.form, request.form)
    rejected = _attach(task, values)
    engine().handle(c.SaveDraft(actor=acting(), task_key=key, values=values))
    if rejected:
        return _page(task, values, rejected), 422
    return redirect(url_for("tasks.show", key=key, saved=1))


@bp.post("/<int:key>/claim")
def claim(key: int) -> ResponseReturnValue:
    """Take the task."""
    engine().handle(c.ClaimTask(actor=acting(), task_key=key))
    return redirect(url_for("tasks.show", key=key))


@bp.post("/<int:key>/unclaim")
def unclaim(key: int) -> ResponseReturnValue:
    """Give the task back to the department."""
    engine().handle(c.UnclaimTask(actor=acting(), task_key=key))
    return redirect(url_for("inbox.show", box="department"))


@bp.post("/<int:key>/assign")
def assign(key: int) -> ResponseReturnValue:
    """Hand the task to a colleague."""
    engine().handle(c.AssignTask(actor=acting(), task_key=key, assignee=request.form.get("assignee", "")))
    return redirect(url_for("inbox.show"))


def _attach(task: TaskView, values: dict[str, Any]) -> dict[str, Any]:
    """Store new files, and keep those that were there and not struck out; return the errors of those refused."""
    rejected: dict[str, list[Message]] = {}
    for component in task.form.get("components", []):  # type: ignore[attr-defined]
        key = component.get("key")
        if component.get("type") == "records":
            rejected |= _take_records(task, key, values)
        if component.get("type") != "filepicker":
            continue
        kept = set(request.form.getlist(f"{key}.keep"))
        before = task.values.get(key) or []
        files = [f for f in before if isinstance(f, dict) and f.get("key") in kept]  # type: ignore[attr-defined]
        # Of a form that was refused, the good files are stored already and named by nothing but the page.
        named = [int(k) for k in kept - {f["key"] for f in files} if k.isdigit() and len(k) < 19]
        files += engine().queries.uploaded(acting(), task.head.key, named)
        for upload in request.files.getlist(key):
            if not upload.filename:
                continue
            command = c.StoreAttachments(
                actor=acting(), task_key=task.key, files=((upload.filename, upload.read()),)
            )
            try:
                files += engine().handle(command)["attachments"]
            except InvalidInput as refusal:
                rejected.setdefault(key, []).append(Message(refusal.zh, refusal.en))
        values[key] = files
    return rejected


def _take_records(task: TaskView, key: str, values: dict[str, Any]) -> dict[str, list[Message]]:
    """Put a table's file in place of typed rows: one sent with the form, else one sent before."""
    sent = request.files.get(key)
    if sent is not None and sent.filename:
        command = c.StoreRecords(
            actor=acting(),
            task_key=task.key,
            component=key,
            name=sent.filename,
            content=sent.read(),
            id=f"{command_id()}:{key}"
            if command_id()
            else uuid4().hex,  # a repeated post finds the same table
        )
        try:
            values[key] = engine().handle(command)["table"]
        except InvalidForm as refusal:
            return {field: list(found) for field, found in refusal.errors.items()}
        except InvalidInput as refusal:
            return {key: [Message(refusal.zh, refusal.en)]}
    elif (named := request.form.get(f"{key}.keep", "")).isdigit() and int(named) <= MAX_KEY:
        facts = engine().queries.search(table_facts, acting(), task.head.key, int(named))
        values[key] = facts or values[key]
    return {}


def _page(task: TaskView, values: dict[str, Any], errors: dict[str, Any]) -> str:
    return render_template(
        "task.html",
        task=task,
        values=values,
        errors=errors,
        computed=task.computed,
        command_id=uuid4().hex,
    )
