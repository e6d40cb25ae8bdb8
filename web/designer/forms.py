"""Forms of a model: the list, the editor, the page as whoever fills it in will see it."""

import json
from typing import Any
from uuid import uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import TemplateError

from engine.errors import InvalidInput, Refused
from engine.queries.models import ModelView
from engine.workbench.field_uses import places, renamed
from engine.workbench.form_preview import NoForm, presentable, read_draft, stand_ins
from engine.workbench.outline import outline
from web.designer import form_words
from web.designer.base import bp, model_of, page, posted
from web.designer.beside import content_of, fresh_path, ids, keep, text_in, with_drafts
from web.errors import status_of
from web.language import said

FOLDER, ENDING = "forms", "json"


@bp.get("/models/<int:key>/forms")
def forms(key: int) -> ResponseReturnValue:
    """List the forms of a model with the elements that use them."""
    return _list(model_of(key))


@bp.post("/models/<int:key>/forms")
def add_form(key: int) -> ResponseReturnValue:
    """Begin a form, blank or as the copy of another one."""
    view = model_of(key)
    name, source = request.form.get("id", "").strip(), request.form.get("copy_of", "")
    try:
        path = fresh_path(view, FOLDER, ENDING, name)
        form = _read(view, source) if source else None
        made = {**(form or _blank()), "id": name, "title": request.form.get("title", "").strip() or name}
        keep(view, {path: _written(made)}, f"新增表单 {name}")
    except Refused as refusal:
        return _list(view, said(refusal)), status_of(refusal)
    return redirect(url_for("designer.form", key=key, form_id=name))


@bp.post("/models/<int:key>/forms/<form_id>/remove")
def remove_form(key: int, form_id: str) -> ResponseReturnValue:
    """Take a form out of the model; elements that name it are found by the checks."""
    view = model_of(key)
    content_of(view, _path(form_id))
    keep(view, {_path(form_id): None}, f"删除表单 {form_id}")
    return redirect(url_for("designer.forms", key=key))


@bp.get("/models/<int:key>/forms/<form_id>")
def form(key: int, form_id: str) -> ResponseReturnValue:
    """Show the editor of a form."""
    view = model_of(key)
    content_of(view, _path(form_id))
    return page(
        "form",
        "forms",
        view,
        form_id=form_id,
        uses=outline(view.files).of("form", form_id),
        about={
            "path": _path(form_id),
            "types": form_words.types(),
            "sections": form_words.sections(),
            "form": form_words.form_properties(),
            "kinds": form_words.kinds(),
            "sources": form_words.sources(),
            "forms": ids(view, FOLDER, ENDING),
            "words": form_words.words(),
        },
    )


@bp.post("/models/<int:key>/forms/<form_id>/preview")
def preview_form(key: int, form_id: str) -> ResponseReturnValue:
    """Return a draft (JSON: text) as the page of a task shows it."""
    view = model_of(key)
    try:
        draft = read_draft(text_in(posted(), "text"))
        return {"html": _shown(view, draft)}
    except NoForm as wrong:
        raise InvalidInput(
            "".join(fault.zh for fault in wrong.faults), " ".join(fault.en for fault in wrong.faults)
        ) from None


@bp.post("/models/<int:key>/forms/<form_id>/uses")
def field_uses(key: int, form_id: str) -> ResponseReturnValue:
    """Return where the model names a field (JSON: field, files)."""
    data = posted()
    found = places(with_drafts(model_of(key), data), form_id, text_in(data, "field"))
    return {"places": [place.__dict__ for place in found]}


@bp.post("/models/<int:key>/forms/<form_id>/rename")
def rename_field(key: int, form_id: str) -> ResponseReturnValue:
    """Return the files that change when a field gets another name (JSON: field, name, files); nothing is saved."""
    data = posted()
    field, name = text_in(data, "field"), text_in(data, "name")
    if not name.isidentifier() or name == "case":
        raise InvalidInput(
            "字段名应以字母开头，由字母、数字、下划线组成，不能为 case。",
            f"Expected a name, found {name[:60]!r}.",
        )
    changed = renamed(with_drafts(model_of(key), data), form_id, field, name)
    return {"files": {path: content.decode() for path, content in changed.items()}}


def _shown(view: ModelView, draft: dict[str, Any]) -> str:
    others = {name: other for name in ids(view, FOLDER, ENDING) if (other := _read_or_none(view, name))}
    shown = presentable(draft, outline(view.files), others)
    values, sources, fixed = stand_ins(shown)
    try:
        # The templates ask for a task's address where a table takes a file; here nothing can be sent.
        return render_template(
            "designer/form_preview.html",
            form=shown,
            values=values,
            sources=sources,
            fixed=fixed,
            task={"key": 0, "differences": []},
        )
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as fault:
        raise InvalidInput(
            "表单的内容不完整，暂时不能显示。", f"The form cannot be shown: {fault}"
        ) from fault


def _list(view: ModelView, error: str | None = None) -> str:
    drawn = outline(view.files)
    lines = [
        {
            "id": name,
            "title": (form or {}).get("title") or "",
            "fields": len([c for c in (form or {}).get("components", ()) if c.get("type") != "text"]),
            "broken": form is None,
            "uses": drawn.of("form", name),
        }
        for name in ids(view, FOLDER, ENDING)
        for form in [_read_or_none(view, name)]
    ]
    return page("forms", "forms", view, lines=lines, error=error, typed=request.form, command_id=uuid4().hex)


def _path(form_id: str) -> str:
    return f"{FOLDER}/{form_id}.{ENDING}"


def _read(view: ModelView, form_id: str) -> dict[str, Any]:
    try:
        return read_draft(content_of(view, _path(form_id)))
    except NoForm:
        raise InvalidInput(
            "该表单不是有效的 JSON，不能复制。", f"The form {form_id} cannot be read and so not be copied."
        ) from None


def _read_or_none(view: ModelView, form_id: str) -> dict[str, Any] | None:
    try:
        return read_draft(content_of(view, _path(form_id)))
    except NoForm:
        return None


def _blank() -> dict[str, Any]:
    return {
        "id": "",
        "title": "",
        "title_en": "",
        "schemaVersion": 18,
        "type": "default",
        "components": [],
        "rules": [],
    }


def _written(form: dict[str, Any]) -> bytes:
    return (json.dumps(form, ensure_ascii=False, indent=2) + "\n").encode()
