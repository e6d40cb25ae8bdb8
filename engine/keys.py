"""Keys: 64-bit integers that grow with time, decimal strings in JSON."""

import time
from threading import Lock

_SEQUENCE_BITS = 12


class KeySequence:
    """Hands out keys, each greater than the one before and than every key in the database.

    A key starts with the machine's milliseconds, so that two processes rarely meet; the floor keeps a
    clock set back from handing out an old key again.
    """

    def __init__(self, floor: int = 0) -> None:
        self._lock = Lock()
        self._last = floor

    def next(self) -> int:
        """Return a new key."""
        with self._lock:
            self._last = max(self._last + 1, int(time.time() * 1000) << _SEQUENCE_BITS)
            return self._last
