"""Files for a user task's form: checked by name and content, kept, and part of the case once handed in."""

from typing import Any

from sqlalchemy import select

from engine.commands import StoreAttachments, StoreRecords
from engine.errors import InvalidInput, NotFound
from engine.file_checks import fault, tidy
from engine.handlers.record_tables import keep_file
from engine.handlers.user_tasks import form_of
from engine.handlers.verbs.ask import ask
from engine.storage.tables import attachment
from engine.uow import UnitOfWork

MAX_ATTACHMENTS = 10


def store_attachments(cmd: StoreAttachments, uow: UnitOfWork) -> dict[str, Any]:
    """Keep files; `same_as` in the answer tells by key which file of the case has the same content already."""
    task, actor = ask(uow, cmd.actor, "attach", cmd.task_key)
    if not 0 < len(cmd.files) <= MAX_ATTACHMENTS:
        raise InvalidInput(
            f"请上传1至{MAX_ATTACHMENTS}个文件。",
            f"Expected 1 to {MAX_ATTACHMENTS} files, found {len(cmd.files)}.",
        )
    faults = [found for name, content in cmd.files if (found := fault(tidy(name), content))]
    if faults:
        raise InvalidInput("".join(f.zh for f in faults), " ".join(f.en for f in faults))
    of = attachment.c
    known: dict[str, str] = {
        row.sha256: row.name
        for row in uow.conn.execute(
            select(of.sha256, of.name).where(of.instance_key == task.instance_key).order_by(of.key.desc())
        )
    }
    rows: list[dict[str, Any]] = []
    same_as: dict[str, str] = {}
    for given, content in cmd.files:
        row = {
            "key": uow.next_key(),
            "instance_key": task.instance_key,
            "name": tidy(given),
            "size": len(content),
            "sha256": uow.keep(content),
            "stored_by": actor.user_key,
        }
        rows.append(row)
        if row["sha256"] in known:
            same_as[str(row["key"])] = known[row["sha256"]]
        known.setdefault(row["sha256"], row["name"])
    uow.writes.append(lambda conn: conn.execute(attachment.insert(), rows))
    named = [{"key": str(row["key"]), **{k: row[k] for k in ("name", "size", "sha256")}} for row in rows]
    return {"attachments": named, "same_as": same_as}


def store_records(cmd: StoreRecords, uow: UnitOfWork) -> dict[str, Any]:
    """Keep a table of records, masked; it becomes part of the case as an attachment does."""
    task, _ = ask(uow, cmd.actor, "attach", cmd.task_key)
    form = form_of(uow, task)
    fields = form.fields if form else ()
    component = next((f for f in fields if f.key == cmd.component and f.type == "records"), None)
    if component is None:
        raise NotFound(
            "该任务的表单没有这张记录表。",
            f"Expected a table of records in the form, found no {cmd.component}.",
        )
    return {"table": keep_file(uow, task.instance_key, component, cmd.name, cmd.content)}
