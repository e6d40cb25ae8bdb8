"""Incidents (异常) for administrators: the list, one of them, and what may be done about it."""

import json
from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as lazy

from engine import commands as c
from engine.errors import Conflict, InvalidInput, Refused, WrongState
from engine.incidents import STATES, STEPS, is_cut
from engine.queries import incidents as queries
from engine.queries.incidents import View
from web.engine import command_id, engine
from web.errors import status_of
from web.language import said
from web.security import acting

bp = Blueprint("incidents", __name__)
FILTERS = {"open": lazy("待处理"), "closed": lazy("已处理")}


@bp.get("/incidents")
def index() -> ResponseReturnValue:
    """List the incidents."""
    which = request.args.get("which", "open")
    which = which if which in FILTERS else "open"
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    lines, total = engine().queries.search(queries.incidents, acting(), which, page)
    pages = -(-total // queries.PAGE)
    return render_template(
        "incidents.html",
        lines=lines,
        total=total,
        which=which,
        filters=FILTERS,
        states=STATES,
        page=page,
        pages=pages,
    )


@bp.get("/incidents/<int:key>")
def show(key: int) -> ResponseReturnValue:
    """Show an incident with what may be done about it."""
    return _page(key)


@bp.post("/incidents/<int:key>/resolve")
def resolve(key: int) -> ResponseReturnValue:
    """Try the failed step again, with corrected variables if any were given."""
    seen = request.form.get("seen", "")
    try:
        corrections = _corrections(key)
        answer = engine().handle(
            c.ResolveIncident(
                actor=acting(),
                incident_key=key,
                corrections=corrections,
                reason=request.form.get("reason", "") if corrections else "",
                seen=int(seen) if seen.isdigit() and len(seen) < 9 else None,
                id=_id(),
            )
        )
    except Refused as refusal:
        return _refused(key, refusal, "resolve")
    return redirect(url_for("incidents.show", key=key, done="resolved" if answer["resolved"] else "again"))


@bp.post("/incidents/<int:key>/skip")
def skip(key: int) -> ResponseReturnValue:
    """Let the token leave without the element's work."""
    flows = tuple(request.form.getlist("flow"))
    reason = request.form.get("reason", "")
    command = c.SkipIncident(actor=acting(), incident_key=key, reason=reason, flows=flows, id=_id())
    return _done(key, command, "skip")


@bp.post("/incidents/<int:key>/cancel")
def cancel(key: int) -> ResponseReturnValue:
    """End the case."""
    reason = request.form.get("reason", "")
    return _done(key, c.CancelIncident(actor=acting(), incident_key=key, reason=reason, id=_id()), "cancel")


def _done(key: int, command: c.Command, act: str) -> ResponseReturnValue:
    try:
        engine().handle(command)
    except Refused as refusal:
        return _refused(key, refusal, act)
    return redirect(url_for("incidents.show", key=key))


def _refused(key: int, refusal: Refused, act: str) -> ResponseReturnValue:
    """Show what was wrong beside the form, or that somebody was faster above everything."""
    if not isinstance(refusal, InvalidInput | Conflict | WrongState):
        raise refusal
    return _page(key, said(refusal), act), status_of(refusal)


def _page(key: int, error: str | None = None, act: str = "") -> str:
    view: View = engine().queries.search(queries.one, acting(), key)
    return render_template(
        "incident.html",
        view=view,
        line=view.line,
        shown=_shown(view.input["variables"]),
        states=STATES,
        steps=STEPS,
        error=error,
        act=act,
        form=request.form,
        done=request.args.get("done", ""),
        command_id=uuid4().hex,
    )


def _shown(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value if is_cut(value) else json.dumps(value, ensure_ascii=False))
        for name, value in values.items()
    ]


def _corrections(key: int) -> dict[str, Any]:
    """Return the variables whose text was changed, read as JSON."""
    view: View = engine().queries.search(queries.one, acting(), key)
    before = dict(_shown(view.input["variables"]))
    found: dict[str, Any] = {}
    for name in view.correctable:
        text = request.form.get(f"variable.{name}")
        if text is None or text.strip() == before.get(name):
            continue
        try:
            found[name] = json.loads(text)
        except ValueError:
            raise InvalidInput(
                f'变量“{name}”应按原来的格式填写：文字加英文双引号，例如"甲"；数字、true、false、null不加。',
                f"Expected a JSON value for {name}.",
            ) from None
    return found


def _id() -> str:
    return command_id() or uuid4().hex
