"""Characters that no database keeps: refused by name before any of them is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from engine.errors import InvalidInput


class Unstorable(InvalidInput):
    """A text holds U+0000, which PostgreSQL refuses, or half of a surrogate pair, which no file can hold."""

    code = "unstorable_text"

    def __init__(self) -> None:
        super().__init__(
            "提交的内容含有空字符等无法保存的字符，请删除后重新提交。",
            "Found U+0000 or a lone surrogate; remove it and send again.",
        )


def must_be_storable(value: object) -> None:
    """Refuse what holds an unstorable text anywhere within, in names of fields too.

    Raises:
        Unstorable: some text in it cannot be kept.
    """
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            if "\0" in found or not (found.isascii() or _encodable(found)):
                raise Unstorable
        elif isinstance(found, Mapping):
            waiting += [*found.keys(), *found.values()]
        elif isinstance(found, Sequence) and not isinstance(found, bytes):
            waiting += found


def canonical(content: dict[str, Any], default: Any, unchecked: bool) -> bytes:
    """Return a command's content as JSON with sorted keys.

    Args:
        unchecked: Whether U+0000 is left to the form, which names the field.

    Raises:
        InvalidInput: it holds what no JSON or no database can: a lone surrogate, U+0000, a number beyond
            64 bits, more than 254 levels.
    """
    try:
        text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=default)
    except orjson.JSONEncodeError as fault:
        must_be_storable(content)
        raise InvalidInput(
            "提交的内容含有过大的数值或者过多的层次，请修改后重新提交。",
            f"Expected whole numbers of 64 bits and at most 254 levels: {fault}.",
        ) from fault
    if b"\\u0000" in text and not unchecked:
        must_be_storable(content)
    return text


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
