"""Trying again: later each time, and never in step with the others."""

import random
import time
from collections.abc import Callable

PATIENCE = 20.0  # seconds in which a server that restarts, or its successor, should be back


class Retry:
    """Waits between attempts, longer each time and never alike, and gives up when patience ends."""

    def __init__(self, passing: Callable[[BaseException], bool], patience: float = PATIENCE) -> None:
        self._passing, self._end, self._pause = passing, time.monotonic() + patience, 0.005

    def after(self, fault: BaseException) -> None:
        """Wait before the next attempt.

        Raises:
            the fault itself: it does not pass, or it has lasted too long.
        """
        if not self._passing(fault) or time.monotonic() > self._end:
            raise fault
        time.sleep(self._pause * random.uniform(0.5, 1.5))
        self._pause = min(self._pause * 2, 0.5)
