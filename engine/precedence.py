"""People first: work that nobody waits for lets those who wait go before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class People:
    """Counts who is being served in this process, whose one interpreter runs one thread at a time."""

    def __init__(self) -> None:
        self._served = 0
        self._changed = Condition()

    @contextmanager
    def served(self) -> Iterator[None]:
        """Count somebody in for as long as they wait for an answer."""
        with self._changed:
            self._served += 1
        try:
            yield
        finally:
            with self._changed:
                self._served -= 1
                self._changed.notify_all()

    def let_through(self, longest: float) -> bool:
        """Wait until nobody is being served, but not longer than so many seconds; say whether nobody is.

        Who waits as long as its last piece of work took still gets half of the machine: under people who
        never pause, limits run out at half the speed, not never.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._served == 0, longest)
