"""Parts of the task page that are loaded one by one: what will happen, the state, diagram, history, files, talk."""

from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from engine import commands as c
from engine.effects import Effect, binding
from engine.errors import InvalidForm, Message, Refused
from engine.queries import comments as comment_queries
from engine.queries import effects as effect_queries
from engine.queries import task_parts
from web.engine import command_id, engine
from web.errors import status_of
from web.form_files import kept
from web.forms import values_from_request
from web.labels import MINOR, RESULTS
from web.language import said
from web.security import acting

bp = Blueprint("task_parts", __name__)


@bp.post("/tasks/<int:key>/effects")
def effects(key: int) -> ResponseReturnValue:
    """Say what handing in the form as it is now would do; nothing is written."""
    task = engine().queries.task(acting(), key)
    values = values_from_request(task.form, request.form)
    kept(task, values)
    try:
        found, binds = foreseen(c.CompleteTask(actor=acting(), task_key=key, values=values))
    except InvalidForm as refusal:
        return render_template("_effects.html", missing=len(refusal.errors)), _hint(422)
    except Refused as refusal:
        return render_template("_effects.html", refused=said(refusal)), _hint(status_of(refusal))
    return render_template("_effects.html", effects=found, binding=binds)


@bp.get("/tasks/<int:key>/state")
def state(key: int) -> ResponseReturnValue:
    """Say how a task stands, to a page that shows it already."""
    found = engine().queries.search(task_parts.state, acting(), key)
    return {
        "state": found.state,
        "assignee_name": found.assignee_name,
        "mine": found.mine,
        "ended_by": found.ended_by,
    }


@bp.get("/tasks/<int:key>/diagram")
def diagram(key: int) -> ResponseReturnValue:
    """Show where the case stands in its model."""
    return render_template(
        "_diagram.html", progress=engine().queries.search(task_parts.progress, acting(), key)
    )


@bp.get("/tasks/<int:key>/history")
def history(key: int) -> ResponseReturnValue:
    """Show what happened in the case."""
    found = engine().queries.search(task_parts.progress, acting(), key)
    return render_template("_history.html", lines=found.history, minor=MINOR)


@bp.post("/tasks/<int:key>/attachments")
def upload(key: int) -> ResponseReturnValue:
    """Take files while the form is still being filled in; the page's script sends them."""
    files = tuple((f.filename or "", f.read()) for f in request.files.getlist("file"))
    command = c.StoreAttachments(actor=acting(), task_key=key, files=files, id=command_id() or uuid4().hex)
    try:
        return engine().handle(command), 201
    except Refused as refusal:
        return {"errors": [said(refusal)], "code": refusal.code}, status_of(refusal)


@bp.get("/tasks/<int:key>/comments")
def task_comments(key: int) -> ResponseReturnValue:
    """Show what one's department said about the task's case."""
    task = engine().queries.task(acting(), key)
    return _talk(task.head.key, key)


@bp.post("/tasks/<int:key>/comments")
def comment_on_task(key: int) -> ResponseReturnValue:
    """Say something about a task."""
    task = engine().queries.task(acting(), key)
    return _say(task.head.key, key, url_for("tasks.show", key=key, _anchor="panel-comments"))


@bp.get("/cases/<int:key>/comments")
def case_comments(key: int) -> ResponseReturnValue:
    """Show what one's department said about the case."""
    return _talk(key, None)


@bp.post("/cases/<int:key>/comments")
def comment_on_case(key: int) -> ResponseReturnValue:
    """Say something about a case."""
    return _say(key, None, url_for("cases.show", key=key, _anchor="comments"))


def foreseen(command: c.Command) -> tuple[tuple[Effect, ...], bool]:
    """Return what a command would do, and whether that binds others.

    Raises:
        Refused: it would not be carried out.
    """
    events = engine().preview(command)
    return engine().queries.search(effect_queries.told, events, _result), binding(events)


def _hint(status: int) -> int:
    """Return the status of what is only a hint to the page's script: an unfinished form is no fault there."""
    return 200 if request.headers.get("X-Shixian-Part") else status


def _result(code: str) -> Message:
    chinese = RESULTS.get(code, code)
    with force_locale("en"):
        return Message(chinese, gettext(chinese))


def _say(instance_key: int, task_key: int | None, back: str) -> ResponseReturnValue:
    command = c.AddComment(
        actor=acting(),
        instance_key=instance_key,
        task_key=task_key,
        text=request.form.get("text", ""),
        id=command_id() or uuid4().hex,
    )
    engine().handle(command)
    return _talk(instance_key, task_key) if request.headers.get("X-Shixian-Part") else redirect(back)


def _talk(instance_key: int, task_key: int | None) -> str:
    found = engine().queries.search(comment_queries.comments, acting(), instance_key)
    # Without a script the talk is a page of its own.
    name = "_comments.html" if request.headers.get("X-Shixian-Part") else "comments.html"
    return render_template(name, talk=found, task_key=task_key, command_id=uuid4().hex)
