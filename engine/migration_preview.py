"""Two previews of one migration compared: whether what was consented to is still what would happen."""

import json
from collections.abc import Mapping
from typing import Any


def changes(promised: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return in Chinese where a preview no longer says what was promised, empty while it does."""
    found = []
    for part, words in _PARTS.items():
        if _plain(part, promised[part]) != _plain(part, now[part]):
            found.append(words)
    return found or ([] if _same(promised["elements"], now["elements"]) else ["版本内容已经变化"])


_PARTS = {
    "tokens": "事项所在环节已经变化",
    "tasks": "待办任务已经变化",
    "limits": "期限已经变化",
    "events": "等待的事件已经变化",
    "moves": "迁移后的走向已经变化",
}


def _plain(part: str, lines: list[dict[str, Any]]) -> list[str]:
    return sorted(_text(_fixed(line) if part == "limits" else line) for line in lines)


def _fixed(line: dict[str, Any]) -> dict[str, Any]:
    """Return a limit's line without its explanation, and without what the day of the migration decides."""
    aside = {"before_rule", "after_rule"} | ({"after_due_on", "moves"} if line.get("held") else set())
    return {key: value for key, value in line.items() if key not in aside}


def _same(one: Any, other: Any) -> bool:
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
