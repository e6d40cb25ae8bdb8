"""Receivers outside: an administrator says where the facts of cases are sent."""

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from engine import events as e
from engine.commands import RegisterWebhook, RemoveWebhook
from engine.errors import InvalidInput, NotFound
from engine.people import Actor
from engine.storage.tables import webhook
from engine.uow import UnitOfWork

SECURITY_STREAM = 2


def register_webhook(cmd: RegisterWebhook, uow: UnitOfWork) -> dict[str, Any]:
    """Send the named events to an address from now on, signed with the secret, which is no history."""
    administrator(cmd.actor)
    checked_address(cmd.url)
    if not 16 <= len(cmd.secret) <= 200:
        raise InvalidInput("签名密钥应为16至200个字符。", "Expected a secret of 16 to 200 characters.")
    if unknown := [name for name in cmd.types if name not in e.TYPES]:
        raise InvalidInput(
            f"没有名为“{unknown[0]}”的事件。", f"Expected names of events, found {unknown[0]!r}."
        )
    if not cmd.types or uow.guarded(f"webhook:{cmd.url}"):
        raise InvalidInput(
            "请至少选择一种事件，每个地址只登记一次。",
            "Expected at least one event and an address that is not registered.",
        )
    uow.set_guard(f"webhook:{cmd.url}", True)
    key = uow.next_key()
    row = {"key": key, "url": cmd.url, "secret": cmd.secret, "types": list(cmd.types)}
    uow.record(SECURITY_STREAM, e.WebhookRegistered(key, cmd.url, list(cmd.types)))
    uow.writes.append(lambda conn: conn.execute(webhook.insert(), row))
    return {"webhook_key": str(key)}


def remove_webhook(cmd: RemoveWebhook, uow: UnitOfWork) -> dict[str, Any]:
    """Send nothing more to an address."""
    administrator(cmd.actor)
    row = uow.conn.execute(select(webhook).where(webhook.c.key == cmd.webhook_key)).first()
    if row is None:
        raise NotFound("没有该接收地址。", f"Expected a webhook {cmd.webhook_key}, found none.")
    uow.set_guard(f"webhook:{row.url}", False)
    uow.record(SECURITY_STREAM, e.WebhookRemoved(row.key, row.url))
    uow.writes.append(lambda conn: conn.execute(delete(webhook).where(webhook.c.key == row.key)))
    return {}


def checked_address(url: str) -> str:
    """Return the host of an address that something is sent to.

    Raises:
        InvalidInput: it is no http(s) address, or holds a user name.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or len(url) > 500:
        raise InvalidInput(
            "接收地址应为不含用户名的 http 或 https 地址。",
            f"Expected an http(s) address without credentials, found one of {parts.hostname!r}.",
        )
    return parts.hostname


def administrator(actor: Actor | None) -> None:
    """Refuse unless an administrator, or the platform itself, asks."""
    if actor is not None:
        actor.must_hold("admin")
