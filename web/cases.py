"""Cases: the page, its diagram, its papers, withdrawal."""

from urllib.parse import quote
from uuid import uuid4

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput
from engine.periods import beijing_day
from engine.queries import migrations
from web.engine import command_id, engine
from web.labels import MIGRATIONS
from web.security import DOCUMENT_POLICY, acting

bp = Blueprint("cases", __name__)
NAMES = {"all": "全部", "open": "在办", "overdue": "在办并已逾期", "ended": "已办结"}


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
    return render_template("case.html", case=view, today=today, proposals=proposals, states=MIGRATIONS)


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


@bp.get("/cases/<int:key>/withdraw")
def withdraw(key: int) -> ResponseReturnValue:
    """Ask for the reason before withdrawing."""
    case = engine().queries.case(acting(), key)
    return render_template("withdraw.html", case=case, reason="", error=None, command_id=uuid4().hex)


@bp.post("/cases/<int:key>/withdraw")
def do_withdraw(key: int) -> ResponseReturnValue:
    """Withdraw the application (R12-09)."""
    reason = request.form.get("reason", "")
    command = c.SendMessage(
        actor=acting(),
        instance_key=key,
        element_id="ES12-W",
        values={"reason": reason},
        id=command_id() or uuid4().hex,
    )
    try:
        engine().handle(command)
    except InvalidInput as refusal:
        case = engine().queries.case(acting(), key)
        page = render_template(
            "withdraw.html", case=case, reason=reason, error=refusal.zh, command_id=uuid4().hex
        )
        return page, 422
    return redirect(url_for("cases.show", key=key))


def _file(content: bytes, media: str, name: str, inline: bool) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = media
    how = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name)}"
    return response
