"""Robots of group chats: 企业微信（政务微信）, 钉钉 and 飞书, each in the JSON its maker documents.

All three answer 200 to what they refuse; the code in the answer says so. 企业微信 has no signature: the key in the address
is its secret. 钉钉 signs in the address, 飞书 in the body, and with secret and text in each other's place.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import orjson

from engine.errors import Message

ROBOTS = {
    "wecom": Message("企业微信（政务微信）", "WeCom"),
    "dingtalk": Message("钉钉", "DingTalk"),
    "feishu": Message("飞书", "Feishu"),
}
PER_WINDOW, WINDOW = 20, timedelta(minutes=1)
"""What each maker lets one robot say."""


def request(kind: str, url: str, secret: str, text: str, at: datetime) -> tuple[str, dict[str, Any]]:
    """Return where a text is posted, and the body.

    Args:
        secret: Empty where the robot signs nothing.
        at: The machine's instant; a signature an hour off is refused.
    """
    if kind == "wecom":
        return url, {"msgtype": "text", "text": {"content": text}}
    if kind == "dingtalk":
        body = {"msgtype": "text", "text": {"content": text}, "at": {"isAtAll": False}}
        return f"{url}{_dingtalk_query(url, secret, at) if secret else ''}", body
    content: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    return url, {**(_feishu_signature(secret, at) if secret else {}), **content}


def fault(answer: bytes) -> str | None:
    """Return what a robot's answer complains of, None if it took the text."""
    try:
        said = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return "expected JSON, found something else"
    if not isinstance(said, Mapping):
        return "expected an object"
    code = next((said[name] for name in ("errcode", "code", "StatusCode") if name in said), None)
    if code == 0:
        return None
    text = said.get("errmsg") or said.get("msg") or said.get("StatusMessage") or ""
    return f"code {code}: {str(text)[:200]}"


def _dingtalk_query(url: str, secret: str, at: datetime) -> str:
    stamp = str(int(at.timestamp() * 1000))
    signed = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    joint = "&" if "?" in url else "?"
    return f"{joint}timestamp={stamp}&sign={quote_plus(base64.b64encode(signed))}"


def _feishu_signature(secret: str, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signed = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(signed).decode()}
