"""The ways to begin a procedure: from the menu, from a catalogue entry, from another case."""

from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.queries import acts
from web.engine import command_id, engine
from web.keys import MAX_KEY
from web.security import acting

bp = Blueprint("starts", __name__, url_prefix="/start")


@bp.get("")
def index() -> ResponseReturnValue:
    """List the procedures that the reader may begin."""
    offers = engine().queries.search(acts.offers, acting())
    return render_template("starts.html", offers=offers, command_id=uuid4().hex)


@bp.post("/<process_id>")
def start(process_id: str) -> ResponseReturnValue:
    """Begin a procedure."""
    command = c.StartInstance(
        actor=acting(),
        process_id=process_id,
        resource_key=_key("resource"),
        about=_key("about"),
        start=request.form.get("start") or None,
        id=command_id() or uuid4().hex,
    )
    answer = engine().handle(command)
    if answer["user_task_key"] is None:  # its first step failed or waits: the case page says so
        return redirect(url_for("cases.show", key=answer["instance_key"]))
    return redirect(url_for("tasks.show", key=answer["user_task_key"]))


def _key(name: str) -> int | None:
    value = request.form.get(name, type=int)
    return value if value is None or 0 < value <= MAX_KEY else 0
