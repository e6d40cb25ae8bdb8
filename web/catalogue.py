"""The catalogue, and the way from an entry to an application."""

from uuid import uuid4

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from web.engine import engine
from web.keys import MAX_KEY
from web.security import acting

bp = Blueprint("catalogue", __name__, url_prefix="/catalogue")


@bp.get("")
def index() -> ResponseReturnValue:
    """List the entries."""
    args = request.args
    text, sharing_type = args.get("q", "")[:100], args.get("type", "")
    provider = args.get("provider", type=int)
    provider = provider if provider is None or 0 < provider <= MAX_KEY else 0
    queries = engine().queries
    page = queries.catalogue(acting(), text, sharing_type, provider, args.get("page", 1, type=int))
    return render_template(
        "catalogue.html",
        page=page,
        text=text,
        sharing_type=sharing_type,
        provider=provider,
        providers=queries.providers(acting()),
    )


@bp.get("/<int:key>")
def show(key: int) -> ResponseReturnValue:
    """Show one entry."""
    return render_template("entry.html", entry=engine().queries.entry(acting(), key), command_id=uuid4().hex)
