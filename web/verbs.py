"""Verbs on tasks and cases: one route each, which builds the command; and the administrator's page of last resort."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import verb_command
from engine.errors import NotFound
from engine.queries import verbs as verb_queries
from engine.verbs import VERBS
from web.engine import command_id, engine
from web.forms import values_from_request
from web.language import said
from web.paths import local
from web.security import acting

bp = Blueprint("verbs", __name__)
_LEAVES_TASK = ("return",)
_BY_ADMINISTRATOR = ("jump", "void")


@bp.post("/tasks/<int:key>/do/<code>")
def on_task(key: int, code: str) -> ResponseReturnValue:
    """Do a verb with a task, and go back to it; to the case where the task is over by it."""
    verb = _verb(code, "task")
    command = verb_command(
        code, acting(), task_key=key, fields=_fields(code, key), id=command_id() or uuid4().hex
    )
    answer = engine().handle(command)
    done = said(verb.name)
    if code in _BY_ADMINISTRATOR:
        return redirect(url_for("verbs.disposal", key=answer["instance_key"], done=done))
    if code in _LEAVES_TASK:
        return redirect(url_for("cases.show", key=answer["instance_key"], done=done))
    return _back(url_for("tasks.show", key=key, done=done))


@bp.post("/cases/<int:key>/do/<code>")
def on_case(key: int, code: str) -> ResponseReturnValue:
    """Do a verb with a case, and go back to it."""
    verb = _verb(code, "case")
    command = verb_command(
        code, acting(), instance_key=key, fields=_fields(code, key), id=command_id() or uuid4().hex
    )
    engine().handle(command)
    page = "verbs.disposal" if code in _BY_ADMINISTRATOR else "cases.show"
    return _back(url_for(page, key=key, done=said(verb.name)))


@bp.get("/cases/<int:key>/do")
def disposal(key: int) -> ResponseReturnValue:
    """Show what an administrator may do with a case: where it stands and nothing of what it is about (C.6)."""
    return _page(engine().queries.search(verb_queries.disposal, acting(), key))


@bp.get("/cases/do")
def find_disposal() -> ResponseReturnValue:
    """Let an administrator name a case by its number."""
    acting().must_hold("admin")
    number = request.args.get("number", "").strip()[:60]
    if not number:
        return _page(None)
    key = engine().queries.search(verb_queries.case_numbered, acting(), number)
    return redirect(url_for("verbs.disposal", key=key))


def _page(view: Any) -> str:
    return render_template("disposal.html", view=view, command_id=lambda: uuid4().hex)


def _verb(code: str, on: str) -> Any:
    verb = VERBS.get(code)
    if verb is None or verb.on != on:
        raise NotFound("没有该操作。", f"Expected a verb on a {on}, found {code}.")
    return verb


def _fields(code: str, key: int) -> dict[str, Any]:
    if code == "draft":
        return dict(values_from_request(engine().queries.task(acting(), key).form, request.form))
    one = {name: request.form.get(name, "") for name in ("person", "reason", "text", "step", "ground")}
    return {**one, "people": request.form.getlist("people")}


def _back(otherwise: str) -> ResponseReturnValue:
    """Go where the page asked to, within the product."""
    wanted = request.form.get("next", "")
    return redirect(local(wanted) if wanted else otherwise)
