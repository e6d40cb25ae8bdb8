"""People first: work that nobody waits for lets those who wait go before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, local


class People:
    """Counts who is being served in this process, whose one interpreter runs one thread at a time."""

    def __init__(self) -> None:
        self._served = 0
        self._changed = Condition()
        self._here = local()

    @contextmanager
    def served(self) -> Iterator[None]:
        """Count somebody in for as long as they wait for an answer."""
        with self._changed:
            self._served += 1
        self._here.served = self._depth() + 1
        try:
            yield
        finally:
            self._here.served -= 1
            with self._changed:
                self._served -= 1
                self._changed.notify_all()

    def let_through(self, longest: float) -> bool:
        """Wait until nobody else is being served, but not longer than so many seconds; say whether nobody is.

        Who sweeps for somebody that waits for it, such as for a clock that is being set, waits for nobody.

        Who waits as long as its last piece of work took still gets half of the machine: under people who
        never pause, limits run out at half the speed, not never.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._served == 0, 0 if self._depth() else longest)

    def _depth(self) -> int:
        depth: int = getattr(self._here, "served", 0)
        return depth
