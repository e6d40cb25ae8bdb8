"""Leaving a post (离职转办): choose, look at what will happen, confirm, see how far it has come."""

from collections.abc import Mapping
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from engine import commands as c
from engine.errors import InvalidInput, NotAllowed
from engine.handlers.holdings import GROUPS
from engine.queries import leavings
from web.engine import command_id, engine
from web.language import said
from web.security import acting

bp = Blueprint("leaving", __name__, url_prefix="/leaving")
KINDS = {
    "rule": _("委托代理"),
    "task": _("承办任务"),
    "part": _("委派、加签、协办等"),
    "asked": _("交他人办理待答复"),
    "case": _("发起的在办事项"),
}
OUTCOMES = {
    "handed_on": _("转交"),
    "returned": _("退回部门"),
    "ended": _("终止"),
    "failed": _("未能转办"),
}
GROUP_NAMES = {
    "handler": _("经办人任务"),
    "head": _("负责人任务"),
    "office": _("办公机构工作人员任务"),
    "window": _("受理单位窗口人员任务"),
    "parts": _("委派、加签、协办等"),
    "cases": _("发起的在办事项"),
}


@bp.get("")
def index() -> ResponseReturnValue:
    """Choose a person; with one, preview everything they hold."""
    return _page(request.args.get("user", "")[:60], _successors(request.args), "")


@bp.post("")
def begin() -> ResponseReturnValue:
    """Confirm the preview."""
    username, chosen = request.form.get("user", "")[:60], _successors(request.form)
    command = c.BeginLeaving(
        actor=acting(),
        username=username,
        reason=request.form.get("reason", "")[:600],
        successors=chosen,
        id=command_id() or uuid4().hex,
    )
    try:
        answer = engine().handle(command)
    except InvalidInput as refusal:
        return _page(username, chosen, said(refusal)), 422
    return redirect(url_for("leaving.show", key=answer["leaving_key"]))


@bp.get("/<int:key>")
def show(key: int) -> ResponseReturnValue:
    """Show how far a leaving has come."""
    view = engine().queries.search(leavings.progress, acting(), key)
    return render_template("leaving_progress.html", view=view, kinds=KINDS, outcomes=OUTCOMES)


def _page(username: str, chosen: dict[str, str], error: str) -> str:
    ask, actor = engine().queries.search, acting()
    people = ask(leavings.people, actor)
    if not people and not actor.holds("admin"):
        raise NotAllowed(
            "离职转办由系统管理员或者部门负责人办理。",
            "Expected an administrator or the head of a department.",
        )
    return render_template(
        "leaving.html",
        people=people,
        username=username,
        preview=ask(leavings.preview, actor, username, chosen) if username else None,
        recent=ask(leavings.recent, actor),
        chosen=chosen,
        error=error,
        reason=request.form.get("reason", ""),
        kinds=KINDS,
        outcomes=OUTCOMES,
        group_names=GROUP_NAMES,
        command_id=uuid4().hex,
    )


def _successors(given: Mapping[str, str]) -> dict[str, str]:
    found = {group: given.get(f"to.{group}", "")[:60] for group in ("all", *GROUPS)}
    return {group: name for group, name in found.items() if name}
