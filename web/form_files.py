"""Files and tables of records behind a form: what was sent with it, and what was stored before."""

from typing import Any
from uuid import uuid4

from flask import request

from engine import commands as c
from engine.errors import InvalidForm, InvalidInput, Message
from engine.keys import key_of
from engine.queries.records import table_facts
from engine.queries.views import TaskView
from web.engine import command_id, engine
from web.keys import MAX_KEY
from web.security import acting


def kept(task: TaskView, values: dict[str, Any]) -> None:
    """Put into a form's values what was stored before and is still wanted; nothing is stored."""
    for key, kind in _fields(task):
        if kind == "records":
            values[key] = _kept_table(task, key) or values[key]
        else:
            values[key] = _kept_files(task, key)


def attach(task: TaskView, values: dict[str, Any]) -> dict[str, list[Message]]:
    """Store what was sent with a form beside what is kept; return the errors of what was refused, by field."""
    kept(task, values)
    rejected: dict[str, list[Message]] = {}
    for key, kind in _fields(task):
        if kind == "records":
            rejected |= _take_records(task, key, values)
            continue
        for upload in request.files.getlist(key):
            if not upload.filename:
                continue
            command = c.StoreAttachments(
                actor=acting(), task_key=task.key, files=((upload.filename, upload.read()),)
            )
            try:
                values[key] += engine().handle(command)["attachments"]
            except InvalidInput as refusal:
                rejected.setdefault(key, []).append(Message(refusal.zh, refusal.en))
    return rejected


def _fields(task: TaskView) -> list[tuple[str, str]]:
    components: Any = task.form.get("components", [])
    return [(f["key"], f["type"]) for f in components if f.get("type") in ("filepicker", "records")]


def _kept_files(task: TaskView, key: str) -> list[dict[str, Any]]:
    named = set(request.form.getlist(f"{key}.keep"))
    before: Any = task.values.get(key) or []
    files = [f for f in before if isinstance(f, dict) and f.get("key") in named]
    # Of a form that was refused, the good files are stored already and named by nothing but the page.
    fresh = [k for text in named - {f["key"] for f in files} if (k := key_of(text)) is not None]
    return files + engine().queries.uploaded(acting(), task.head.key, fresh)


def _kept_table(task: TaskView, key: str) -> dict[str, Any] | None:
    named = request.form.get(f"{key}.keep", "")
    if not named.isdigit() or int(named) > MAX_KEY:
        return None
    found: dict[str, Any] | None = engine().queries.search(table_facts, acting(), task.head.key, int(named))
    return found


def _take_records(task: TaskView, key: str, values: dict[str, Any]) -> dict[str, list[Message]]:
    """Put a table's file in place of typed rows and of one sent before."""
    sent = request.files.get(key)
    if sent is None or not sent.filename:
        return {}
    command = c.StoreRecords(
        actor=acting(),
        task_key=task.key,
        component=key,
        name=sent.filename,
        content=sent.read(),
        # A repeated post finds the same table.
        id=f"{command_id()}:{key}" if command_id() else uuid4().hex,
    )
    try:
        values[key] = engine().handle(command)["table"]
    except InvalidForm as refusal:
        return {field: list(found) for field, found in refusal.errors.items()}
    except InvalidInput as refusal:
        return {key: [Message(refusal.zh, refusal.en)]}
    return {}
