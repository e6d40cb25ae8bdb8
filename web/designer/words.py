"""The words of a law: put another law's words and defaults into a model."""

from uuid import uuid4

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidDefinition, InvalidInput
from engine.process_files import PROCESS
from engine.profiles import Profile, profile_in, profiles
from engine.queries.models import ModelView
from engine.workbench.profile_settings import apply_defaults, proposals
from engine.workbench.words import reword
from web.designer.base import bp, model_of, page
from web.engine import command_id, engine
from web.security import acting


@bp.get("/models/<int:key>/words")
def words(key: int) -> ResponseReturnValue:
    """Show what another law's words and defaults would change."""
    view = model_of(key)
    target = _profile(request.args.get("profile", ""), _other(view))
    try:
        settings = proposals(view.files, target)
    except InvalidDefinition:
        settings = []
    return page(
        "words",
        "words",
        view,
        profiles=profiles().values(),
        target=target,
        rewording=reword(view.files, _spoken(view), target),
        settings=settings,
        spoken=_spoken(view),
        command_id=uuid4().hex,
    )


@bp.post("/models/<int:key>/words")
def do_words(key: int) -> ResponseReturnValue:
    """Keep the model with the words replaced, the ticked settings taken over, or both."""
    view = model_of(key)
    target = _profile(request.form.get("profile", ""), _other(view))
    files = dict(view.files)
    if request.form.get("words"):
        files = reword(files, _spoken(view), target).files
    chosen = request.form.getlist("settings")
    files = apply_defaults(files, target, chosen)
    changed: dict[str, bytes | None] = {
        path: content for path, content in files.items() if view.files.get(path) != content
    }
    if changed:
        engine().handle(
            c.SaveModel(
                actor=acting(),
                model_key=key,
                base=request.form.get("revision", 0, type=int),
                files=changed,
                note=f"换用《{target.law.strip('《》')}》的用语和默认设置",
                id=command_id() or uuid4().hex,
            )
        )
    return redirect(url_for("designer.words", key=key, profile=target.id))


def _spoken(view: ModelView) -> Profile:
    return profile_in(view.files.get(PROCESS, b""))


def _other(view: ModelView) -> Profile:
    spoken = _spoken(view)
    return next((one for one in profiles().values() if one is not spoken), spoken)


def _profile(profile_id: str, otherwise: Profile) -> Profile:
    if profile_id and profile_id not in profiles():
        raise InvalidInput(
            "没有该法规口径。", f"Expected one of {', '.join(profiles())}, found {profile_id}."
        )
    return profiles().get(profile_id, otherwise)
