"""Inboxes."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries import migrations
from engine.queries.inbox import BOXES
from web.engine import engine
from web.security import acting

bp = Blueprint("inbox", __name__)
NAMES = {"mine": "我的待办", "department": "本部门待办", "done": "我已办理", "started": "我发起的"}


@bp.get("/")
def show() -> ResponseReturnValue:
    """Show one of the boxes."""
    box = request.args.get("box", "")
    box = box if box in BOXES else "mine"
    page = engine().queries.inbox(acting(), box, request.args.get("after", ""))
    if "box" not in request.args and not page.counts["mine"] and page.counts["department"]:
        box, page = "department", engine().queries.inbox(acting(), "department")
    asked = engine().queries.search(migrations.waiting_for, acting())
    return render_template("inbox.html", box=box, names=NAMES, page=page, asked=asked)
