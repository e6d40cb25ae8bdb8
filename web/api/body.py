"""Request bodies: JSON objects, checked before they reach a command."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from flask import request

from engine.characters import must_be_storable
from engine.errors import InvalidInput
from engine.queries.search import MAX_LIMIT


def body(*known: str) -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        InvalidInput: no object, or fields beside the known ones.
    """
    data = _json(request.data) if request.data else {}
    if not isinstance(data, dict):
        raise InvalidInput("请求内容应为 JSON 对象。", "Expected a JSON object.")
    if unknown := sorted(set(data) - set(known)):
        raise InvalidInput(
            f"不认识的字段：{'、'.join(unknown)}；可用字段为{'、'.join(known) or '（无）'}。",
            f"Expected only {', '.join(known) or 'no fields'}, found {', '.join(unknown)}.",
        )
    return data


def _json(content: bytes) -> object:
    """Read strict JSON: no NaN, no lone surrogates, no U+0000, a bounded depth."""
    if not request.is_json:
        return None
    try:
        data: object = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        raise InvalidInput(
            "请求内容不是有效的 JSON。", f"Expected valid JSON: {fault.msg}, at byte {fault.pos}."
        ) from None
    if b"\\u0000" in content:
        must_be_storable(data)
    return data


def search() -> tuple[dict[str, Any], int, int]:
    """Return (filter, limit, offset) of a search request.

    Raises:
        InvalidInput: a filter or page of the wrong shape.
    """
    data = body("filter", "page", "sort")
    where, page = data.get("filter") or {}, data.get("page") or {}
    if not isinstance(where, Mapping) or not isinstance(page, Mapping):
        raise InvalidInput("filter 和 page 应为对象。", "Expected objects under filter and page.")
    return (
        {key: _value(key, value) for key, value in where.items()},
        integer(page.get("limit", 100), "page.limit", 0, MAX_LIMIT),
        integer(page.get("from", 0), "page.from", 0, 10**9),
    )


def integer(value: object, name: str, least: int, most: int) -> int:
    """Return a whole number within bounds.

    Raises:
        InvalidInput: it is none.
    """
    if isinstance(value, str) and value.isdigit() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidInput(
            f"{name} 应为{least}至{most}的整数。", f"Expected {name} to be a whole number, {least} to {most}."
        )
    return value


def _value(key: str, value: object) -> object:
    if isinstance(value, Mapping):  # Camunda's operators: {"$eq": x}, {"$in": [x, y]}
        if set(value) == {"$eq"}:
            value = value["$eq"]
        elif set(value) == {"$in"} and isinstance(value["$in"], list):
            return [_value(key, item) for item in value["$in"]]
        else:
            raise InvalidInput(f"筛选项 {key} 只支持 $eq 和 $in。", f"Expected $eq or $in for {key}.")
    if key.endswith("Key"):
        return integer(value, key, 0, 2**63 - 1)
    if key.endswith("On"):
        return _day(key, value)
    if key == "version":
        return integer(value, key, 0, 2**31 - 1)
    if key.startswith("is") and isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise InvalidInput(f"筛选项 {key} 应为文本。", f"Expected a text for {key}.")
    return value


def _day(key: str, value: object) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise InvalidInput(
            f"筛选项 {key} 应为日期，例如2026-06-15。", f"Expected a date such as 2026-06-15 for {key}."
        ) from None
