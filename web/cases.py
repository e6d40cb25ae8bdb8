"""Cases: the page, its diagram, its papers, acts on it."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as lazy

from engine import commands as c
from engine.errors import InvalidForm
from engine.periods import beijing_day
from engine.queries import migrations, papers, tasks
from web.engine import command_id, engine
from web.forms import values_from_request
from web.labels import MIGRATIONS
from web.security import ATTACHMENT_POLICY, DOCUMENT_POLICY, acting

bp = Blueprint("cases", __name__)
NAMES = {"all": lazy("全部"), "open": lazy("在办"), "overdue": lazy("在办并已逾期"), "ended": lazy("已办结")}


@bp.get("/cases")
def index() -> ResponseReturnValue:
    """List the cases that the reader may see."""
    text, which = request.args.get("q", "")[:100], request.args.get("which", "all")
    which = which if which in NAMES else "all"
    page = engine().queries.cases(acting(), text, which, request.args.get("page", 1, type=int))
    return render_template("cases.html", page=page, text=text, which=which, names=NAMES)


@bp.get("/cases/<int:key>")
def show(key: int) -> ResponseReturnValue:
    """Show a case."""
    today = beijing_day(engine().clock.now())
    view = engine().queries.case(acting(), key)
    proposals = engine().queries.search(migrations.of_case, key)
    return render_template(
        "case.html", case=view, today=today, proposals=proposals, states=MIGRATIONS, command_id=uuid4().hex
    )


@bp.get("/diagrams/<int:definition_key>.bpmn")
def diagram(definition_key: int) -> ResponseReturnValue:
    """Return the BPMN of a version for the viewer; a version never changes."""
    response = make_response(engine().queries.diagram(acting(), definition_key))
    response.headers["Content-Type"] = "application/xml; charset=utf-8"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@bp.get("/documents/<int:key>.<any(html, pdf):fmt>")
def document(key: int, fmt: str) -> ResponseReturnValue:
    """Return an issued document."""
    response = _file(*engine().queries.document(acting(), key, fmt), inline=True)
    response.headers["Content-Security-Policy"] = DOCUMENT_POLICY
    return response


@bp.get("/attachments/<int:key>")
def attachment(key: int) -> ResponseReturnValue:
    """Return a file that was handed in; as a download, since it is somebody else's content."""
    return _file(*engine().queries.attachment(acting(), key), inline=False)


@bp.get("/attachments/<int:key>/view")
def view_attachment(key: int) -> ResponseReturnValue:
    """Show a picture or a PDF that was handed in; its content may do nothing but be seen."""
    content, media, name = engine().queries.attachment(acting(), key)
    shown = bool(papers.shows(name))
    response = _file(content, media if shown else "application/octet-stream", name, inline=shown)
    response.headers["Content-Security-Policy"] = ATTACHMENT_POLICY
    return response


@bp.get("/cases/<int:key>/acts/<element_id>")
def act(key: int, element_id: str) -> ResponseReturnValue:
    """Show the form of an act on the case, such as a withdrawal."""
    page = engine().queries.search(tasks.act, acting(), key, element_id)
    return _act_page(page, dict(page.values), {})


@bp.post("/cases/<int:key>/acts/<element_id>")
def do_act(key: int, element_id: str) -> ResponseReturnValue:
    """Do it; every error comes back at once beside its field."""
    form, name = engine().queries.search(tasks.act_form, acting(), key, element_id)
    values = values_from_request(form, request.form)
    command = c.SendMessage(
        actor=acting(),
        instance_key=key,
        element_id=element_id,
        values=values,
        id=command_id() or uuid4().hex,
    )
    try:
        answer = engine().handle(command)
    except InvalidForm as refusal:
        page = engine().queries.search(tasks.act, acting(), key, element_id)
        return _act_page(page, values, dict(refusal.errors)), 422
    return redirect(url_for("cases.show", key=answer["instance_key"], done=name))


def _act_page(page: Any, values: dict[str, Any], errors: dict[str, Any]) -> str:
    return render_template("act.html", page=page, values=values, errors=errors, command_id=uuid4().hex)


def _file(content: bytes, media: str, name: str, inline: bool) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = media
    how = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name)}"
    return response
