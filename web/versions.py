"""Versions of process definitions and the migration of running cases: lists, switches, proposals, answers."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput, Refused
from engine.migration_batch import propose_slice
from engine.queries import comparisons
from engine.queries import migrations as proposals
from engine.queries import versions as queries
from engine.queries.versions import VersionView
from engine.workbench.files import archived
from web.engine import command_id, engine
from web.errors import status_of
from web.labels import MIGRATIONS, STANDS, TYPES
from web.language import said
from web.security import acting

bp = Blueprint("versions", __name__)
_SWITCHES: dict[str, type[c.SuspendDefinition | c.ResumeDefinition | c.RetireDefinition]] = {
    "suspend": c.SuspendDefinition,
    "resume": c.ResumeDefinition,
    "retire": c.RetireDefinition,
}


@bp.get("/versions")
def index() -> ResponseReturnValue:
    """List every procedure with its versions, and the proposals that wait."""
    search = engine().queries.search
    return render_template(
        "versions/index.html",
        procedures=search(queries.procedures, acting()),
        waiting=search(proposals.open_ones, acting()),
        stands=STANDS,
    )


@bp.get("/versions/<int:key>")
def show(key: int) -> ResponseReturnValue:
    """Show a version with its switches and the cases that run under it."""
    return _page(key)


@bp.post("/versions/<int:key>/<any(suspend, resume, retire):act>")
def switch(key: int, act: str) -> ResponseReturnValue:
    """Suspend, resume or retire a version."""
    reason = request.form.get("reason", "")
    command = _SWITCHES[act](actor=acting(), definition_key=key, reason=reason, id=_id())
    try:
        engine().handle(command)
    except Refused as refusal:
        return _page(key, error=said(refusal), at=act, typed=reason), status_of(refusal)
    return redirect(url_for("versions.show", key=key))


@bp.get("/versions/<int:key>/export.zip")
def export(key: int) -> ResponseReturnValue:
    """Return every file of a version as an archive, to a designer."""
    acting().must_hold("designer")
    side: comparisons.Side = engine().queries.search(comparisons.version_side, acting(), key)
    assert side.version is not None
    name = f"{side.process_id}-{side.version.version}.zip"
    return Response(
        archived(side.files),
        content_type="application/zip",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )


@bp.get("/versions/<int:key>/propose")
def propose(key: int) -> ResponseReturnValue:
    """Ask which version the cases should move to, and why: one case, or all that run under a version."""
    return _proposing(key, request.args.get("case", 0, type=int))


@bp.post("/versions/<int:key>/propose")
def do_propose(key: int) -> ResponseReturnValue:
    """Propose the migration of one case, or of the next slice of all."""
    instance = request.form.get("case", 0, type=int)
    try:
        target = request.form.get("target", 0, type=int)
        if not target:
            raise InvalidInput("请选择目标版本。", "Expected a target version.")
        names = read_names(request.form.get("names", ""))
        reason = request.form.get("reason", "")
        if not instance:
            return _batch(key, target, reason, names)
        answer = engine().handle(
            c.ProposeMigration(
                actor=acting(),
                instance_key=instance,
                definition_key=target,
                reason=reason,
                names=names,
                id=_id(),
            )
        )
    except Refused as refusal:
        return _proposing(key, instance, refusal), status_of(refusal)
    return redirect(url_for("versions.migration", key=int(answer["migration_key"])))


@bp.get("/migrations/<int:key>")
def migration(key: int) -> ResponseReturnValue:
    """Show a proposal: what moves, and who has answered."""
    return _migration(key)


@bp.post("/migrations/<int:key>/<any(consent, object, withdraw):act>")
def answer(key: int, act: str) -> ResponseReturnValue:
    """Consent or object as the head of a party, or withdraw as an administrator."""
    view = engine().queries.search(proposals.one, acting(), key)
    about: dict[str, Any] = {"instance_key": view.line.instance_key, "migration_key": key, "id": _id()}
    reason = request.form.get("reason", "")
    command: c.Command
    if act == "consent":
        command = c.ConsentToMigration(actor=acting(), **about)
    elif act == "object":
        command = c.ObjectToMigration(actor=acting(), reason=reason, **about)
    else:
        command = c.WithdrawMigration(actor=acting(), reason=reason, **about)
    try:
        engine().handle(command)
    except InvalidInput as refusal:
        return _migration(key, error=said(refusal), at=act, typed=reason), status_of(refusal)
    return redirect(url_for("versions.migration", key=key))


def read_names(text: str) -> dict[str, str]:
    """Return the mapping that lines such as "T12-07 = T12-07A" write down.

    Raises:
        InvalidInput: a line without exactly one sign of equality.
    """
    names: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        one, sign, other = (part.strip() for part in line.replace("＝", "=").partition("="))
        if not (one and sign and other) or "=" in other or one in names:
            raise InvalidInput(
                f"对应关系应一行一对，写作“原元素=目标元素”，实为“{line[:60]}”。",
                f"Expected one pair a line, such as A=B, found {line[:60]!r}.",
            )
        names[one] = other
    return names


def _batch(key: int, target: int, reason: str, names: dict[str, str]) -> ResponseReturnValue:
    found = propose_slice(
        engine().handle,
        engine().queries,
        acting(),
        key,
        target,
        reason,
        names,
        after=request.form.get("after", 0, type=int),
        batch_id=_id(),
    )
    return render_template(
        "versions/batch.html",
        view=_view(key),
        found=found,
        target=target,
        reason=reason,
        names=request.form.get("names", ""),
        command_id=uuid4().hex,
    )


def _view(key: int, after: int = 0) -> VersionView:
    view: VersionView = engine().queries.search(queries.version, acting(), key, after)
    return view


def _page(key: int, error: str | None = None, at: str = "", typed: str = "") -> str:
    after = request.args.get("after", 0, type=int)
    return render_template(
        "versions/version.html",
        view=_view(key, after),
        first=not after,
        stands=STANDS,
        error=error,
        at=at,
        typed=typed,
        command_id=uuid4().hex,
    )


def _proposing(key: int, instance: int, refusal: Refused | None = None) -> str:
    view = _view(key, instance - 1 if instance else 0)
    return render_template(
        "versions/propose.html",
        view=view,
        case=next((x for x in view.cases if x.key == instance), None),
        instance=instance,
        refusal=refusal,
        form=request.form,
        command_id=uuid4().hex,
    )


def _migration(key: int, error: str | None = None, at: str = "", typed: str = "") -> str:
    return render_template(
        "versions/migration.html",
        view=engine().queries.search(proposals.one, acting(), key),
        states=MIGRATIONS,
        types=TYPES,
        error=error,
        at=at,
        typed=typed,
        command_id=uuid4().hex,
    )


def _id() -> str:
    return command_id() or uuid4().hex
