"""Models: the list, what one can begin from, saving and checking, revisions, files in and out."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine import commands as c
from engine.errors import InvalidInput, Refused
from engine.process_files import Template, definition_files, profile_templates, templates, with_common
from engine.profiles import profile_named
from engine.queries import models as queries
from engine.queries import versions as version_queries
from engine.workbench.files import archived, from_upload
from engine.workbench.findings import Finding, check_files
from web.designer.base import bp, model_of, page, posted, texts
from web.engine import command_id, engine
from web.errors import status_of
from web.language import said
from web.security import acting


@bp.get("")
def index() -> ResponseReturnValue:
    """List the models, and what a new one can begin from."""
    return _index()


@bp.post("/models")
def create() -> ResponseReturnValue:
    """Begin a model from a template, a published version or an uploaded file."""
    try:
        command = _beginning()
        answer = engine().handle(command)
    except Refused as refusal:
        return _index(said(refusal)), status_of(refusal)
    return redirect(url_for("designer.show", key=int(answer["model_key"])))


@bp.get("/models/<int:key>")
def show(key: int) -> ResponseReturnValue:
    """Show what a model is made of, what the checks find, its revisions and what happened to it."""
    view = model_of(key)
    before = request.args.get("before", 0, type=int)
    search = engine().queries.search
    return page(
        "overview",
        "overview",
        view,
        findings=check_files(view.files),
        revisions=search(queries.revisions, acting(), key, before or None),
        first=not before,
        newest=search(queries.newest_version, view.process_id),
        command_id=uuid4().hex,
    )


@bp.get("/models/<int:key>/files/<path:path>")
def file(key: int, path: str) -> ResponseReturnValue:
    """Return the text of a file, of the newest revision or of the one asked for."""
    view = model_of(key, request.args.get("revision", type=int))
    if path not in view.files:
        return Response(status=404)
    # As plain text: markup that somebody drew must never be read as a page of this address.
    return Response(
        view.files[path], content_type="text/plain; charset=utf-8", headers={"ETag": f'"{view.revision}"'}
    )


@bp.get("/models/<int:key>/export.<any(zip, bpmn):kind>")
def export(key: int, kind: str) -> ResponseReturnValue:
    """Return the whole model as an archive, or its diagram alone."""
    view = model_of(key, request.args.get("revision", type=int))
    name = view.process_id or f"model-{key}"
    if kind == "zip":
        return _download(archived(view.files), f"{name}.zip", "application/zip")
    return _download(view.files.get("process.bpmn", b""), f"{name}.bpmn", "application/octet-stream")


@bp.post("/models/<int:key>/save")
def save(key: int) -> ResponseReturnValue:
    """Keep changed files (JSON: base, files, note); return the revision."""
    data = posted()
    command = c.SaveModel(
        actor=acting(),
        model_key=key,
        base=_whole(data, "base"),
        files=texts(data, "files"),
        note=str(data.get("note") or ""),
        id=command_id() or uuid4().hex,
    )
    return engine().handle(command)


@bp.post("/models/<int:key>/check")
def check(key: int) -> ResponseReturnValue:
    """Return what the checks find in the model with the given files in place of the saved ones."""
    view = model_of(key)
    found = dict(view.files)
    for path, content in texts(posted(), "files").items():
        if content is None:
            found.pop(path, None)
        else:
            found[path] = content
    return {"findings": [_as_json(one) for one in check_files(found)]}


@bp.post("/models/<int:key>/restore")
def restore(key: int) -> ResponseReturnValue:
    """Make an earlier revision the newest."""
    revision = request.form.get("revision", 0, type=int)
    engine().handle(
        c.RestoreRevision(actor=acting(), model_key=key, revision=revision, id=command_id() or uuid4().hex)
    )
    return redirect(url_for("designer.show", key=key))


@bp.post("/models/<int:key>/rename")
def rename(key: int) -> ResponseReturnValue:
    """Give the model another name."""
    view = model_of(key)
    engine().handle(
        c.SaveModel(
            actor=acting(),
            model_key=key,
            base=view.revision,
            files={},
            name=request.form.get("name", ""),
            id=command_id() or uuid4().hex,
        )
    )
    return redirect(url_for("designer.show", key=key))


@bp.post("/models/<int:key>/import")
def take_in(key: int) -> ResponseReturnValue:
    """Put the files of an upload into the model; those it does not have stay."""
    view = model_of(key)
    command = c.SaveModel(
        actor=acting(),
        model_key=key,
        base=view.revision,
        files={**_uploaded()},
        note="导入",
        id=command_id() or uuid4().hex,
    )
    engine().handle(command)
    return redirect(url_for("designer.show", key=key))


@bp.post("/models/<int:key>/discard")
def discard(key: int) -> ResponseReturnValue:
    """Work on the model no longer."""
    engine().handle(c.DiscardModel(actor=acting(), model_key=key, id=command_id() or uuid4().hex))
    return redirect(url_for("designer.index"))


def template_groups() -> list[tuple[str, list[Template]]]:
    """Return what a model can begin from: blank and shipped ones, then those of other laws under their names."""
    others = [(str(profile_named(name).law), found) for name, found in profile_templates().items()]
    return [(_("模板"), templates()), *others]


def _index(error: str | None = None) -> str:
    search = engine().queries.search
    return render_template(
        "designer/index.html",
        models=search(queries.models, acting()),
        procedures=search(version_queries.procedures, acting()),
        templates=template_groups(),
        error=error,
        command_id=uuid4().hex,
    )


def _beginning() -> c.CreateModel:
    kind, _, which = request.form.get("from", "").partition(":")
    common: dict[str, Any] = {"actor": acting(), "id": command_id() or uuid4().hex}
    name = request.form.get("name", "")
    if kind == "version" and which.isdecimal():
        return c.CreateModel(name=name, definition_key=int(which), **common)
    if kind == "template" and (
        found := next((t for __, group in template_groups() for t in group if t.id == which), None)
    ):
        return c.CreateModel(
            name=name, files=definition_files(found.folder), origin=f"template:{which}", **common
        )
    if kind == "file":
        files = with_common(_uploaded())
        return c.CreateModel(name=name or request.files["file"].filename or "", files=files, **common)
    raise InvalidInput("请选择模型从何处开始。", "Expected what the model begins from.")


def _uploaded() -> dict[str, bytes]:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise InvalidInput("请选择要导入的文件。", "Expected a file.")
    return from_upload(upload.filename, upload.read())


def _as_json(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in ("element", "rule", "severity", "path", "zh", "en")}


def _whole(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(f"{name} 应为整数。", f"Expected an integer under {name}.")
    return value


def _download(content: bytes, name: str, kind: str) -> Response:
    return Response(
        content,
        content_type=kind,
        # The id of a draft's process may hold anything that XML does.
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )
