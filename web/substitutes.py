"""Rules of substitution (委托代理): those that concern the reader, and a form for a new one."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from engine import commands as c
from engine.errors import Conflict, InvalidInput, NotFound, Refused, WrongState
from engine.people import ROLES
from engine.queries import mandates
from web.engine import command_id, engine
from web.language import said
from web.security import acting

bp = Blueprint("substitutes", __name__, url_prefix="/substitutes")
STATES = {
    "in_force": _("生效中"),
    "coming": _("尚未生效"),
    "expired": _("期满终止"),
    "revoked": _("已撤销"),
    "left": _("因离职终止"),
}
FIELDS = {  # which field a refusal's code speaks of
    "role": "role",
    "self": "deputy",
    "colleague": "deputy",
    "chain": "deputy",
    "circle": "deputy",
    "overlap": "valid_from",
    "period": "valid_from",
    "process": "processes",
    "resource": "resource_code",
    "department": "other_code",
    "doc_no": "doc_no",
}
_TEXTS = (
    "role",
    "principal",
    "deputy",
    "valid_from",
    "valid_until",
    "resource_code",
    "other_code",
    "doc_no",
    "reason",
)


@bp.get("")
def index() -> ResponseReturnValue:
    """List the rules and what the reader may do in another's place."""
    return _page({}, [], {})


@bp.post("")
def enter() -> ResponseReturnValue:
    """Enter a rule."""
    values = {name: request.form.get(name, "")[:600].strip() for name in _TEXTS}
    chosen = [name[:100] for name in request.form.getlist("processes")][:50]
    command = c.AuthoriseDeputy(
        actor=acting(),
        **{**values, "principal": values["principal"] or acting().username},
        processes=tuple(chosen),
        id=command_id() or uuid4().hex,
    )
    try:
        engine().handle(command)
    except (InvalidInput, Conflict, NotFound) as refusal:
        return _page(values, chosen, {_field(refusal): said(refusal)}), 422
    return redirect(url_for("substitutes.index", done="entered"))


@bp.post("/<int:key>/revocation")
def revoke(key: int) -> ResponseReturnValue:
    """End a rule at once."""
    command = c.RevokeDeputy(
        actor=acting(),
        deputy_key=key,
        reason=request.form.get("reason", "")[:500],
        id=command_id() or uuid4().hex,
    )
    try:
        engine().handle(command)
    except WrongState as refusal:
        return _page({}, [], {"": said(refusal)}), 409
    return redirect(url_for("substitutes.index", done="revoked"))


def _field(refusal: Refused) -> str:
    return FIELDS.get(str(refusal.facts.get("code", "")), "deputy" if isinstance(refusal, NotFound) else "")


def _page(values: Mapping[str, Any], chosen: list[str], errors: Mapping[str, str]) -> str:
    ask, actor = engine().queries.search, acting()
    choices = ask(mandates.choices, actor)
    offered_roles = list(dict.fromkeys(role for _, _, held in choices.principals for role in held))
    return render_template(
        "substitutes.html",
        for_me=ask(mandates.for_me, actor),
        rules=ask(mandates.by_me, actor),
        over=ask(mandates.over, actor),
        waiting=ask(mandates.waiting_for, actor) if actor.mandates else (),
        choices=choices,
        offered_roles=offered_roles,
        roles=ROLES,
        states=STATES,
        values=values,
        chosen=chosen,
        errors=errors,
        done=request.args.get("done", ""),
        command_id=uuid4().hex,
    )
