"""User tasks: search, assign, attach, complete."""

from uuid import uuid4

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput, NotFound
from engine.handlers.access import seen
from engine.handlers.verbs.refusals import VerbRefused
from engine.queries import search as searches
from web.api import shapes
from web.api.body import body, search
from web.engine import engine
from web.security import acting
from web.task_parts import foreseen

_STATES = {"CREATED": "open", "COMPLETED": "completed", "CANCELED": "cancelled"}


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/user-tasks/search")(find_user_tasks)
    bp.get("/user-tasks/<int:key>")(get_user_task)
    bp.post("/user-tasks/<int:key>/assignment")(assign_user_task)
    bp.delete("/user-tasks/<int:key>/assignee")(unassign_user_task)
    bp.post("/user-tasks/<int:key>/attachments")(attach_to_user_task)
    bp.post("/user-tasks/<int:key>/completion")(complete_user_task)
    bp.post("/user-tasks/<int:key>/effects")(foresee_user_task)


def find_user_tasks() -> ResponseReturnValue:
    """Search user tasks."""
    where, limit, offset = search()
    if isinstance(state := where.get("state"), str):
        where["state"] = _STATES.get(state, state)
    rows, total = engine().queries.search(searches.user_tasks, acting(), where, limit, offset)
    return shapes.page([shapes.user_task(row) for row in rows], total)


def get_user_task(key: int) -> ResponseReturnValue:
    """Return one user task."""
    rows, _ = engine().queries.search(searches.user_tasks, acting(), {"userTaskKey": key}, 1, 0)
    if not rows:
        raise NotFound("没有该任务。", f"Expected a user task {key}, found none.")
    seen(acting(), rows[0].instance_key)
    return shapes.user_task(rows[0])


def assign_user_task(key: int) -> ResponseReturnValue:
    """Claim the task, or hand it to a colleague."""
    assignee = body("assignee", "allowOverride", "action").get("assignee")
    if not isinstance(assignee, str) or not assignee:
        raise InvalidInput("请给出 assignee（用户名）。", "Expected a user name under assignee.")
    if assignee == acting().username:
        _unless_so(c.ClaimTask(actor=acting(), task_key=key, id=command_id()), "already_yours")
    else:
        engine().handle(c.AssignTask(actor=acting(), task_key=key, assignee=assignee, id=command_id()))
    return "", 204


def unassign_user_task(key: int) -> ResponseReturnValue:
    """Give the task back to the department."""
    _unless_so(c.UnclaimTask(actor=acting(), task_key=key, id=command_id()), "not_yours")
    return "", 204


def _unless_so(command: c.Command, code: str) -> None:
    """Carry out what changes nothing where it is so already: for a program that is no refusal."""
    try:
        engine().handle(command)
    except VerbRefused as refused:
        if refused.code != code:
            raise


def attach_to_user_task(key: int) -> ResponseReturnValue:
    """Store files (multipart/form-data), all or none; name the answer's objects in the form's file fields."""
    files = tuple((f.filename or "", f.read()) for part in request.files.lists() for f in part[1])
    answer = engine().handle(c.StoreAttachments(actor=acting(), task_key=key, files=files, id=command_id()))
    return answer, 201


def complete_user_task(key: int) -> ResponseReturnValue:
    """Hand in the task's form; `variables` are the form's fields."""
    values = body("variables", "action").get("variables") or {}
    engine().handle(c.CompleteTask(actor=acting(), task_key=key, values=values, id=command_id()))
    return "", 204


def foresee_user_task(key: int) -> ResponseReturnValue:
    """Say what a completion with these `variables` would do now; nothing is written."""
    values = body("variables", "action").get("variables") or {}
    found, binds = foreseen(c.CompleteTask(actor=acting(), task_key=key, values=values))
    return {
        "binding": binds,
        "effects": [{"kind": x.kind, "zh": x.message.zh, "en": x.message.en} for x in found],
    }


def command_id() -> str:
    """Return the client's id of the command, from the header Idempotency-Key."""
    return request.headers.get("Idempotency-Key", "")[:100] or uuid4().hex
