"""User tasks: the form and what can be done with it."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine import commands as c
from engine.clock import instant
from engine.errors import InvalidForm
from engine.handlers.drafts import DraftChanged
from engine.periods import beijing_day
from engine.queries import task_parts
from engine.queries import verbs as verb_queries
from engine.queries.views import TaskView
from web.engine import command_id, engine
from web.form_files import attach
from web.forms import values_from_request
from web.labels import clock_minute
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
        rejected=attach(task, values),
        values=values,
        id=command_id() or uuid4().hex,
    )
    try:
        answer = engine().handle(command)
    except InvalidForm as refusal:
        return _page(task, values, dict(refusal.errors)), 422
    if request.form.get("next"):
        return redirect(_next(key, task.name))
    return redirect(url_for("cases.show", key=answer["instance_key"], done=task.name))


@bp.get("/<int:key>/complete")
@bp.get("/<int:key>/draft")
def again(key: int) -> ResponseReturnValue:
    """Lead back to the form whose errors were shown under this address."""
    return redirect(url_for("tasks.show", key=key))


@bp.post("/<int:key>/draft")
def save_draft(key: int) -> ResponseReturnValue:
    """Keep what was typed; a script is answered in JSON."""
    task = engine().queries.task(acting(), key)
    values = values_from_request(task.form, request.form)
    rejected = attach(task, values)
    version = request.form.get("draft_version", "")
    command = c.SaveDraft(
        actor=acting(),
        task_key=key,
        values=values,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
        id=command_id() or uuid4().hex,
    )
    plain = "application/json" in request.headers.get("Accept", "")
    try:
        answer = engine().handle(command)
    except DraftChanged as refusal:
        facts = refusal.facts
        conflict = {
            "version": facts["version"],
            "saved_by": facts["saved_by"],
            "saved_at": instant(str(facts["saved_at"])),
            "values": dict(task.values),
        }
        if plain:
            html = render_template("_draft_conflict.html", task=task, values=values, conflict=conflict)
            return {"version": facts["version"], "html": html}, 409
        return _page(task, values, rejected, conflict), 409
    if plain:
        return {"version": answer["version"], "at": clock_minute(instant(answer["saved_at"]))}
    if rejected:
        return _page(engine().queries.task(acting(), key), values, rejected), 422
    return redirect(url_for("tasks.show", key=key, saved=1))


def _next(done: int, name: str) -> str:
    """Return where to go after a task: to the next one in due order, else to the inbox."""
    key = engine().queries.search(task_parts.next_task, acting(), done)
    if key is None:
        return url_for("inbox.show", box="mine", finished=1)
    return url_for("tasks.show", key=key, handed_in=name)


def _page(
    task: TaskView,
    values: dict[str, Any],
    errors: dict[str, Any],
    conflict: dict[str, Any] | None = None,
) -> str:
    verbs = engine().queries.search(verb_queries.offered, acting(), task.key)
    version = conflict["version"] if conflict else task.draft.version if task.draft else 0
    return render_template(
        "task.html",
        task=task,
        values=values,
        errors=errors,
        conflict=conflict,
        draft_version=version,
        computed=task.computed,
        today=beijing_day(engine().clock.now()),
        verbs=tuple(verb for verb in verbs if verb.code != "draft"),
        may_type=any(verb.code == "draft" for verb in verbs),
        parts=engine().queries.search(verb_queries.parts, acting(), task.key),
        tab_names=_tab_names(),
        words=_words(task),
        command_id=uuid4().hex,
    )


def _tab_names() -> dict[str, str]:
    return {
        "summary": _("事项概要"),
        "deadlines": _("期限"),
        "diagram": _("流程图"),
        "documents": _("文书"),
        "attachments": _("附件"),
        "forms": _("已有材料"),
        "history": _("办理记录"),
        "comments": _("交流"),
    }


def _words(task: TaskView) -> dict[str, str]:
    """Return what the page's script says."""
    return {
        "saved": _("已暂存 {at}"),
        "retrying": _("未能暂存，正在重试。所填内容保留在本页。"),
        "failed": _("未能暂存。所填内容保留在本页，可以复制。"),
        "signed_out": _("登录已失效，所填内容已留存在本浏览器。"),
        "sign_in": _("重新登录后继续"),
        "restored": _("已恢复上次未及暂存的内容。"),
        "files": _("选定的文件尚未上传，提交或者点“暂存”时上传。"),
        "taken": _("该任务已由{who}认领，不能再提交；您填写的内容仍在本页，可以复制。"),
        "done": _("该任务已由{who}办理，不能再提交；您填写的内容仍在本页，可以复制。"),
        "gone": _("该任务已撤销，无需办理；您填写的内容仍在本页，可以复制。"),
        "platform": _("共享平台"),
        "confirm": _("确认提交“{name}”").replace("{name}", task.name),
        "confirm_yes": _("确认提交"),
        "confirm_no": _("返回修改"),
    }
