"""Documents of a model: the list, the editor of a template, and the document it makes of stand-ins."""

from functools import lru_cache
from uuid import uuid4

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import InvalidInput, Message, Refused
from engine.process_files import PROCESS, PROCESSES, with_common
from engine.profiles import profile_in
from engine.queries.models import ModelView
from engine.workbench.outline import outline
from engine.workbench.paper_preview import Tried, tried
from engine.workbench.paper_sample import read_forms, template_names
from web.designer.base import bp, model_of, page, posted
from web.designer.beside import content_of, fresh_path, ids, keep, text_in
from web.designer.document_words import patterns, pieces
from web.errors import status_of
from web.language import said
from web.security import allow_frames

FOLDER, ENDING = "documents", "html"
MAX_TEXT = 200_000
_PATTERNS = PROCESSES / "patterns" / "documents"
# What a template makes is shown and nothing more: no script, no address, no form, no frame of others.
_PREVIEW = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@bp.get("/models/<int:key>/documents")
def documents(key: int) -> ResponseReturnValue:
    """List the documents of a model with the elements that issue them."""
    return _list(model_of(key))


@bp.post("/models/<int:key>/documents")
def add_document(key: int) -> ResponseReturnValue:
    """Begin a document from a pattern, or as the copy of another one."""
    view = model_of(key)
    name, source = request.form.get("id", "").strip(), request.form.get("from", "")
    try:
        path = fresh_path(view, FOLDER, ENDING, name)
        joined = with_common({"documents/": b"", **view.files})
        layout = {p: c for p, c in joined.items() if p.startswith("documents/_") and p not in view.files}
        keep(view, {**layout, path: _beginning(view, source)}, f"新增文书 {name}")
    except Refused as refusal:
        return _list(view, said(refusal)), status_of(refusal)
    return redirect(url_for("designer.document", key=key, document_id=name))


@bp.post("/models/<int:key>/documents/<document_id>/remove")
def remove_document(key: int, document_id: str) -> ResponseReturnValue:
    """Take a document out of the model."""
    view = model_of(key)
    content_of(view, _path(document_id))
    keep(view, {_path(document_id): None}, f"删除文书 {document_id}")
    return redirect(url_for("designer.documents", key=key))


@bp.get("/models/<int:key>/documents/<document_id>")
def document(key: int, document_id: str) -> ResponseReturnValue:
    """Show the editor of a document's template."""
    view = model_of(key)
    content_of(view, _path(document_id))
    allow_frames()
    drawn = outline(view.files)
    return page(
        "document",
        "documents",
        view,
        document_id=document_id,
        path=_path(document_id),
        uses=drawn.of("document", document_id),
        groups=pieces(
            drawn,
            read_forms(view.files),
            template_names(view.files),
            profile_in(view.files.get(PROCESS, b"")),
        ),
        part_of=_shown_by(view.files, document_id),
    )


@bp.post("/models/<int:key>/documents/<document_id>/try")
def try_document(key: int, document_id: str) -> ResponseReturnValue:
    """Say what is wrong in a draft (JSON: text), if anything is."""
    found = _tried(model_of(key), document_id, text_in(posted(), "text"))
    if not found.failed:
        return {"fault": None}
    return {
        "fault": {
            "text": said(Message(found.zh, found.en)),
            "line": found.line,
            "own": found.template == document_id,
            "template": found.template,
        }
    }


@bp.post("/models/<int:key>/documents/<document_id>/preview")
def preview_document(key: int, document_id: str) -> ResponseReturnValue:
    """Show the document that a draft (form field: text) makes, for a frame in which nothing runs."""
    found = _tried(model_of(key), document_id, request.form.get("text", ""))
    html = render_template("designer/document_fault.html", fault=found) if found.failed else found.html
    return Response(html, headers={"Content-Security-Policy": _PREVIEW})


def _tried(view: ModelView, document_id: str, text: str) -> Tried:
    if len(text) > MAX_TEXT:
        raise InvalidInput(
            f"模板不得超过{MAX_TEXT}个字。", f"Expected at most {MAX_TEXT} characters, found {len(text)}."
        )
    content_of(view, _path(document_id))
    # A form field comes with the line ends of the web.
    files = {**view.files, _path(document_id): text.replace("\r\n", "\n").encode()}
    name = _shown_by(files, document_id) or document_id
    return _once(tuple(sorted(files.items())), name)


@lru_cache(maxsize=8)
def _once(files: tuple[tuple[str, bytes], ...], name: str) -> Tried:
    """Try a template once for the two requests of a preview: is it sound, and what does it show."""
    return tried(dict(files), name)


def _shown_by(files: dict[str, bytes], document_id: str) -> str | None:
    """Return the first document that includes a part, which makes no document of its own."""
    if not document_id.startswith("_"):
        return None
    wanted = f'"{document_id}.html"'.encode()
    return next(
        (
            name
            for name in template_names(files)
            if not name.startswith("_") and wanted in files[_path(name)].replace(b"'", b'"')
        ),
        None,
    )


def _beginning(view: ModelView, source: str) -> bytes:
    kind, _, name = source.partition(":")
    if kind == "copy":
        return content_of(view, _path(name)).encode()
    if kind == "pattern" and name in dict(patterns()):
        return (_PATTERNS / f"{name}.html").read_bytes()
    raise InvalidInput("请选择文书从何处开始。", "Expected a pattern or a document to copy.")


def _list(view: ModelView, error: str | None = None) -> str:
    drawn = outline(view.files)
    lines = [
        {"id": name, "uses": drawn.of("document", name), "part": name.startswith("_")}
        for name in ids(view, FOLDER, ENDING)
    ]
    return page(
        "documents",
        "documents",
        view,
        lines=lines,
        patterns=patterns(),
        error=error,
        typed=request.form,
        command_id=uuid4().hex,
    )


def _path(document_id: str) -> str:
    return f"{FOLDER}/{document_id}.{ENDING}"
