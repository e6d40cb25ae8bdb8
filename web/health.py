"""For those who watch the machine: does it answer, can it work, how does it do."""

from ipaddress import ip_address

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from engine.errors import NotAllowed
from web.engine import engine

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthy() -> ResponseReturnValue:
    """Say that the process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether the product can work: the database reads and commits, and there is room to write; beside it, whether the clock is trusted."""
    faults = engine().faults()
    clock = "unconfirmed" if engine().halted else "ok"
    return {
        "status": "ok" if not faults else "unavailable",
        "faults": faults,
        "clock": clock,
    }, 503 if faults else 200


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Return the figures, to this machine itself or to an administrator."""
    local = request.remote_addr is not None and ip_address(request.remote_addr).is_loopback
    if not local and (g.actor is None or not g.actor.holds("admin")):
        raise NotAllowed("仅供本机或者系统管理员查看。", "Expected this machine or an administrator.")
    return Response(engine().figures(), content_type="text/plain; version=0.0.4; charset=utf-8")
