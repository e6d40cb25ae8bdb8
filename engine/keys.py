"""Keys: 64-bit integers that grow with time, decimal strings in JSON."""

import time
from datetime import UTC, datetime
from threading import Lock

_COUNT_BITS, _NODE_BITS = 8, 14
NODES = 1 << _NODE_BITS
MAX_KEY = 2**63 - 1
"""Of the databases; keys handed out have 18 digits until July 2027, then 19."""
_DIGITS = len(str(MAX_KEY))
_EPOCH = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000)


def key_of(text: str) -> int | None:
    """Return the key that a text from outside names, None if no key can be written so."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return None
    key = int(text)
    return key if key <= MAX_KEY else None


class KeySequence:
    """Hands out keys, each greater than the one before; no two nodes hand out the same.

    A key is, from the left: milliseconds since 2020 (41 bits, until 2089), a count within the millisecond (8),
    the node (14). More than 256 keys in a millisecond borrow from the next one.

    Args:
        node: This process's number; no two that run at the same time may share it.
        floor: An instant that keys lie behind even if the clock was set back since.
    """

    def __init__(self, node: int = 0, floor: datetime | None = None) -> None:
        if not 0 <= node < NODES:
            raise ValueError(f"Expected a node from 0 to {NODES - 1}, found {node}")
        self._lock, self._node = Lock(), node
        self._last = 0 if floor is None else (_since_epoch(floor.timestamp()) + 1) << _COUNT_BITS

    def next(self) -> int:
        """Return a new key."""
        with self._lock:
            self._last = max(self._last + 1, _since_epoch(time.time()) << _COUNT_BITS)
            return self._last << _NODE_BITS | self._node


def _since_epoch(seconds: float) -> int:
    return int(seconds * 1000) - _EPOCH
