"""Receivers outside, for administrators."""

from uuid import uuid4

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput
from engine.queries import outbox as boxes
from web.api.body import body
from web.engine import engine
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.get("/webhooks")(webhooks)
    bp.post("/webhooks")(add)
    bp.delete("/webhooks/<int:key>")(remove)


def webhooks() -> ResponseReturnValue:
    """List the receivers, with what waits for each and the last error."""
    return {"items": engine().queries.search(boxes.webhooks, acting())}


def add() -> ResponseReturnValue:
    """Send events of the given types to a URL, signed with the secret."""
    data = body("url", "secret", "types")
    url, secret, types = data.get("url"), data.get("secret"), data.get("types")
    if not isinstance(url, str) or not isinstance(secret, str) or not isinstance(types, list):
        raise InvalidInput("请给出 url、secret 和 types。", "Expected url, secret and types.")
    if not all(isinstance(name, str) for name in types):
        raise InvalidInput("types 应为事件名称的列表。", "Expected a list of names of events.")
    command_id = request.headers.get("Idempotency-Key", "")[:100] or uuid4().hex
    command = c.RegisterWebhook(actor=acting(), url=url, secret=secret, types=tuple(types), id=command_id)
    answer = engine().handle(command)
    return {"webhookKey": answer["webhook_key"]}, 201


def remove(key: int) -> ResponseReturnValue:
    """Send nothing more to a receiver."""
    engine().handle(c.RemoveWebhook(actor=acting(), webhook_key=key))
    return "", 204
