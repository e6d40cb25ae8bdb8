"""User tasks: the form and what can be done with it."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidForm, InvalidInput, Message
from engine.queries.views import TaskView
from web.engine import command_id, engine
from web.forms import values_from_request
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
    try:
        _attach(task, values)
        answer = engine().handle(
            c.CompleteTask(actor=acting(), task_key=key, values=values, id=command_id() or uuid4().hex)
        )
    except InvalidForm as refusal:
        return _page(task, values, dict(refusal.errors)), 422
    return redirect(url_for("cases.show", key=answer["instance_key"], done=task.name))


@bp.post("/<int:key>/draft")
def save_draft(key: int) -> ResponseReturnValue:
    """Keep what was typed."""
    task = engine().queries.task(acting(), key)
    values = values_from_request(task.form, request.form)
    _attach(task, values)
    engine().handle(c.SaveDraft(actor=acting(), task_key=key, values=values))
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


def _attach(task: TaskView, values: dict[str, Any]) -> None:
    """Store new files, and keep those that were there and not struck out."""
    for component in task.form.get("components", []):  # type: ignore[attr-defined]
        key = component.get("key")
        if component.get("type") != "filepicker":
            continue
        kept = set(request.form.getlist(f"{key}.keep"))
        before = task.values.get(key) or []
        files = [f for f in before if isinstance(f, dict) and f.get("key") in kept]  # type: ignore[attr-defined]
        for upload in request.files.getlist(key):
            if not upload.filename:
                continue
            command = c.StoreAttachment(
                actor=acting(), task_key=task.key, name=upload.filename, content=upload.read()
            )
            try:
                files.append(engine().handle(command))
            except InvalidInput as refusal:
                raise InvalidForm({key: [Message(refusal.zh, refusal.en)]}) from refusal
        values[key] = files


def _page(task: TaskView, values: dict[str, Any], errors: dict[str, Any]) -> str:
    return render_template("task.html", task=task, values=values, errors=errors, command_id=uuid4().hex)
