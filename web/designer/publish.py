"""Publishing a model: what it changes, by whom and from when."""

from datetime import date
from uuid import uuid4

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import Refused
from engine.periods import beijing_day
from engine.process_files import PROCESS
from engine.queries import models as queries
from engine.queries import versions as version_queries
from engine.queries.models import ModelView
from engine.workbench.compare import compare, headline, kept_bases
from engine.workbench.files import effective_from
from engine.workbench.findings import check_files
from web.designer.base import bp, model_of, page
from web.designer.workshop import scenarios_must_pass
from web.engine import command_id, engine
from web.errors import status_of
from web.language import said
from web.security import acting

_ACTS: dict[str, type[c.RequestPublication | c.PublishModel]] = {
    "request": c.RequestPublication,
    "publish": c.PublishModel,
}


@bp.get("/models/<int:key>/publish")
def publication(key: int) -> ResponseReturnValue:
    """Show what publishing would change, what hinders it, and the form for it."""
    return _page(key)


@bp.post("/models/<int:key>/<any(request, publish):act>")
def do_publish(key: int, act: str) -> ResponseReturnValue:
    """Publish the model, or ask a second person to."""
    command = _ACTS[act](
        actor=acting(),
        model_key=key,
        revision=request.form.get("revision", 0, type=int),
        effective_from=request.form.get("effective_from", "") or None,
        notes=request.form.get("notes", ""),
        basis=request.form.get("basis", ""),
        id=command_id() or uuid4().hex,
    )
    try:
        if (view := model_of(key)).open:
            scenarios_must_pass(view.files)
        answer = engine().handle(command)
    except Refused as refusal:
        return _page(key, refusal), status_of(refusal)
    if act == "publish":
        return redirect(url_for("versions.show", key=int(answer["definition_key"])))
    return redirect(url_for("designer.show", key=key))


@bp.post("/models/<int:key>/return")
def give_back(key: int) -> ResponseReturnValue:
    """Give the model back to be mended."""
    command = c.ReturnPublication(
        actor=acting(), model_key=key, reason=request.form.get("reason", ""), id=command_id() or uuid4().hex
    )
    try:
        engine().handle(command)
    except Refused as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("designer.show", key=key))


def _page(key: int, refusal: Refused | None = None) -> str:
    view, search = model_of(key), engine().queries.search
    newest = search(queries.newest_version, view.process_id)
    before = search(queries.files_of_version, newest) if newest else {}
    findings, effective = check_files(view.files), _effective(view)
    comparison = compare(before, view.files)
    today = beijing_day(engine().clock.now())
    law = search(queries.statutory_changes, view.process_id, _day(effective), today, view.files)
    return page(
        "publish",
        "publish",
        view,
        error=said(refusal) if refusal else None,
        at=refusal.facts.get("field") if refusal else None,
        typed=request.form,
        effective=effective,
        errors=[one for one in findings if one.severity == "error"],
        warnings=[one for one in findings if one.severity != "error"],
        law=law,
        headline=[m for m in headline(comparison, 12) if m not in law] if before else [],
        kept=kept_bases(comparison) if before else (),
        worked=acting().user_key in view.authors,
        others=search(queries.other_designers, acting()),
        scenarios=[path for path in view.files if path.startswith("scenarios/")],
        newest=search(version_queries.version_line, newest) if newest else None,
        command_id=uuid4().hex,
    )


def _effective(view: ModelView) -> str:
    if request.method == "POST":
        return request.form.get("effective_from", "")
    if view.effective_from:
        return view.effective_from.isoformat()
    return effective_from(view.files.get(PROCESS, b""))


def _day(text: str) -> date | None:
    """Return the day that was typed; none where it is no date, which the command refuses."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
