"""The inbox: boxes, filters, saved views, and the rows alone for a page that keeps itself fresh."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from engine import commands as c
from engine.errors import Refused
from engine.filters import Filters
from engine.keys import key_of
from engine.people import Actor
from engine.queries import inbox as boxes
from engine.queries import inbox_extras as extras
from engine.queries import migrations
from engine.queries.saved_views import SavedView, saved_views
from engine.queries.views import InboxPage
from web.engine import command_id, engine
from web.language import said
from web.paths import local
from web.security import acting

bp = Blueprint("inbox", __name__)
NAMES = {
    "mine": lazy_gettext("待办"),
    "department": lazy_gettext("本部门"),
    "done": lazy_gettext("已办"),
    "started": lazy_gettext("我发起的"),
    "copied": lazy_gettext("抄送我的"),
    "supervised": lazy_gettext("督办"),
}
GROUPS = {
    "late": lazy_gettext("已逾期"),
    "today": lazy_gettext("今日届满"),
    "soon": lazy_gettext("临期"),
    "later": lazy_gettext("其他"),
    "never": lazy_gettext("不计期限"),
}
PARTS = {
    "delegated": lazy_gettext("委派给您"),
    "cosign_before": lazy_gettext("请您会签"),
    "cosign_after": lazy_gettext("请您会签"),
    "assist": lazy_gettext("请您协办"),
    "consult": lazy_gettext("沟通"),
    "waiting": lazy_gettext("待交回"),
}
EMPTY = {
    "mine": lazy_gettext("没有待您办理的事项。"),
    "department": lazy_gettext("本部门没有等待认领的事项。"),
    "done": lazy_gettext("您还没有办理过事项。"),
    "started": lazy_gettext("您还没有发起过事项。"),
    "copied": lazy_gettext("没有抄送给您的事项。"),
    "supervised": lazy_gettext("所管事项中没有正在办理的任务。"),
}
STATES = (
    "overdue",
    "due_soon",
    "running",
    "extended",
    "awaiting_supplement",
    "in_dispute",
    "internal_review",
    "draft",
    "rectifying",
    "reported_up",
)
PAST_STATES = (*STATES, "closed", "closed_late", "withdrawn", "void")
DESK = "shixian_desk"  # a cookie that the page's script writes: list, or list and task side by side
MOST_KNOWN = 100


@dataclass(frozen=True)
class Asked:
    """What of an inbox a request asks for."""

    box: str
    filters: Filters
    after: str
    view: SavedView | None

    @property
    def args(self) -> dict[str, str]:
        """The request as it stands in an address, without the place in the list."""
        return {"box": self.box, **self.filters.chosen()}


@bp.get("/")
def show() -> ResponseReturnValue:
    """Show one of the boxes."""
    actor = acting()
    views = engine().queries.search(saved_views, actor)
    asked = _asked(views)
    page = _page(actor, asked)
    if _plain() and not page.rows and not page.counts["mine"] and page.counts["department"]:
        asked = Asked("department", asked.filters, "", None)
        page = _page(actor, asked)
    return _shown(actor, asked, page, views)


@bp.get("/inbox/rows")
def rows() -> ResponseReturnValue:
    """Return the rows of a page as HTML, the counts, and what became of rows the reader still has before them."""
    actor = acting()
    asked = _asked(())
    page = _page(actor, asked)
    here = {str(row.task_key or row.copy_key or row.instance_key) for row in page.rows}
    known = map(key_of, request.args.get("have", "").split(",")[:MOST_KNOWN])
    lost = [key for key in known if key is not None and str(key) not in here]
    gone = engine().queries.search(extras.gone, actor, asked.box, lost) if asked.box in boxes.OPEN else {}
    return {
        "html": render_template("_inbox_rows.html", **_common(asked, page)),
        "counts": {box: _capped(number) for box, number in page.counts.items()},
        "gone": {str(key): _fate(*fate) for key, fate in gone.items()},
    }


@bp.post("/inbox/views")
def save_view() -> ResponseReturnValue:
    """Keep the box and its filters under a name."""
    asked = _asked((), request.form)
    command = c.SaveView(
        actor=acting(),
        name=request.form.get("name", ""),
        box=asked.box,
        filters=asked.filters.chosen(),
        shared=request.form.get("shared") == "1",
        **({"id": given} if (given := command_id()) else {}),
    )
    try:
        answer = engine().handle(command)
    except Refused as refusal:
        views = engine().queries.search(saved_views, acting())
        return _shown(acting(), asked, _page(acting(), asked), views, said(refusal)), 422
    return redirect(url_for("inbox.show", view=answer["view_key"]))


@bp.post("/inbox/views/<int:key>/removal")
def remove_view(key: int) -> ResponseReturnValue:
    """Take a saved view away."""
    engine().handle(c.RemoveView(actor=acting(), view_key=key))
    return redirect(url_for("inbox.show", box="mine"))


@bp.post("/inbox/start")
def choose_start() -> ResponseReturnValue:
    """Have the inbox begin with a view, or again with what is to be done."""
    engine().handle(c.ChooseStartView(actor=acting(), view_key=key_of(request.form.get("view", ""))))
    return redirect(local(request.form.get("next", "")))


def _plain() -> bool:
    return not set(request.args) - {"after", "task", "finished"}


def _asked(views: tuple[SavedView, ...], given: Any = None) -> Asked:
    values = request.args if given is None else given
    key = values.get("view", "")
    view = next((v for v in views if str(v.key) == key or (_plain() and v.starts)), None)
    after = values.get("after", "")
    if view is not None:
        return Asked(view.box, view.filters, after, view)
    box = values.get("box", "")
    return Asked(box if box in boxes.BOXES else "mine", Filters.of(values), after, None)


def _page(actor: Actor, asked: Asked) -> InboxPage:
    return engine().queries.inbox(actor, asked.box, asked.after, asked.filters)


def _shown(actor: Actor, asked: Asked, page: InboxPage, views: tuple[SavedView, ...], error: str = "") -> str:
    same = next((v for v in views if v.box == asked.box and v.filters == asked.filters), None)
    return render_template(
        "inbox.html",
        **_common(asked, page),
        names={box: NAMES[box] for box in page.counts},
        views=views,
        view=asked.view or same,
        error=error,
        split=request.cookies.get(DESK, "split") == "split",
        opened=request.args.get("task", ""),
        finished="finished" in request.args,
        procedures=engine().queries.search(extras.procedures),
        departments=engine().queries.search(extras.departments),
        states=STATES if asked.box in boxes.OPEN else PAST_STATES,
        asked=engine().queries.search(migrations.waiting_for, actor),
    )


def _common(asked: Asked, page: InboxPage) -> dict[str, Any]:
    return {
        "box": asked.box,
        "filters": asked.filters,
        "chosen": asked.filters.chosen(),
        "args": asked.args,
        "page": page,
        "groups_of": GROUPS,
        "parts": PARTS,
        "empty": EMPTY[asked.box],
        "capped": _capped,
        "is_open": asked.box in boxes.OPEN,
        "query": urlencode(asked.args),
    }


def _capped(number: int) -> str:
    return str(number) if number <= boxes.MOST else f"{boxes.MOST}+"


def _fate(fate: str, person: str) -> str:
    """Return what became of a task that was on the list."""
    words = {
        "claimed": _("已由%(name)s认领", name=person),
        "done": _("已由%(name)s办理", name=person),
        "back": _("已放回本部门"),
        "cancelled": _("已撤销"),
    }
    return str(words[fate])
