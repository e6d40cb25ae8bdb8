"""The HTTP API: Camunda 8's v2 paths and shapes where it has the noun, our own beside (design 6)."""

from flask import Blueprint, g, request

from engine.accounts import basic_credentials
from engine.errors import NotSignedIn
from web.api import (
    calendar,
    clock,
    definitions,
    deployments,
    flags,
    grants,
    incidents,
    instances,
    legal,
    migrations,
    openapi,
    organisations,
    planned,
    records,
    seals,
    user_tasks,
    verbs,
    webhooks,
)
from web.engine import engine

bp = Blueprint("api", __name__, url_prefix="/v2")
_OPEN = {"/v2/openapi.json", "/v2/topology", "/v2/token"}


@bp.before_request
def _authenticate() -> None:
    """Take a bearer token or basic credentials; a browser's cookie is no key to the API, so CSRF cannot be."""
    g.actor = None
    header = request.headers.get("Authorization", "")
    scheme, _, value = header.partition(" ")
    accounts = engine().accounts
    if scheme.lower() == "bearer":
        g.actor = accounts.actor(value.strip())
    elif scheme.lower() == "basic":
        g.actor = accounts.verify(*basic_credentials(value), request.remote_addr or "")
    if g.actor is None and request.path not in _OPEN:
        raise NotSignedIn("请使用访问令牌或者用户名、密码。", "Expected a bearer token or basic credentials.")


for module in (
    instances,
    incidents,
    user_tasks,
    verbs,
    organisations,
    definitions,
    deployments,
    migrations,
    legal,
    flags,
    grants,
    planned,
    records,
    calendar,
    seals,
    clock,
    webhooks,
    openapi,
):
    module.register(bp)
