"""Receivers outside and robots of departments' groups, for administrators."""

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
    bp.get("/robots")(robots)
    bp.post("/robots")(add_robot)
    bp.delete("/robots/<int:key>")(remove_robot)


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


def robots() -> ResponseReturnValue:
    """List the robots, without address and secret, with what waits for each and the last error."""
    found = engine().queries.search(boxes.robots, acting())
    items = [
        {
            "robotKey": str(r.key),
            "organisation": r.organisation,
            "name": r.name,
            "kind": r.kind,
            "signed": r.signed,
            "kinds": list(r.kinds),
            "waiting": r.waiting.letters,
            "lastError": r.waiting.error,
        }
        for r in found
    ]
    return {"items": items}


def add_robot() -> ResponseReturnValue:
    """Tell a department's group of notices of the given kinds: wecom, dingtalk or feishu."""
    data = body("organisation", "name", "kind", "url", "secret", "kinds")
    texts = {name: data.get(name, "") for name in ("organisation", "name", "kind", "url", "secret")}
    kinds = data.get("kinds")
    if not all(isinstance(text, str) for text in texts.values()) or not isinstance(kinds, list):
        raise InvalidInput(
            "请给出 organisation、name、kind、url、kinds，需要签名的另给 secret。",
            "Expected organisation, name, kind, url and kinds, and a secret where the robot signs.",
        )
    if not all(isinstance(kind, str) for kind in kinds):
        raise InvalidInput("kinds 应为消息类别的列表。", "Expected a list of kinds of notices.")
    command = c.RegisterRobot(
        actor=acting(),
        org_code=texts.pop("organisation"),
        kinds=tuple(kinds),
        id=request.headers.get("Idempotency-Key", "")[:100] or uuid4().hex,
        **texts,
    )
    return {"robotKey": engine().handle(command)["robot_key"]}, 201


def remove_robot(key: int) -> ResponseReturnValue:
    """Tell a group nothing more; what waits for it is dropped."""
    engine().handle(c.RemoveRobot(actor=acting(), robot_key=key))
    return "", 204
