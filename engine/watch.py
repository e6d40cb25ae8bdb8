"""Whether this machine's clock can be trusted to let limits run out; the sweep stands still while it cannot."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from engine.clock import Clock, SteadyClock
from engine.events import ClockAlarm

_JUMP = timedelta(hours=1)
_BACK = timedelta(seconds=1)
_BEAT = timedelta(minutes=1)


class ClockWatch:
    """Compares the clock with what has gone by since the last beat.

    Set back: the legal clock stands still until it is caught up. Set forward by more than an hour: nothing
    fires until the service is started again, by somebody who has looked at the clock. Both leave an alarm.

    Args:
        machine: The clock that is watched.
        alarm: Keeps the alarm in the history.
        beat: Called every minute with the instant; returns whether this clock agrees with the database's.
        elapsed: Seconds since the machine was started, which nobody can set.
    """

    def __init__(
        self,
        machine: Clock,
        alarm: Callable[[ClockAlarm], None],
        beat: Callable[[datetime], bool],
        elapsed: Callable[[], float] | None = None,
    ) -> None:
        self._machine, self._alarm, self._beat = machine, alarm, beat
        self._elapsed = elapsed or _since_boot
        self._wall, self._ran = machine.now(), self._elapsed()
        self._beaten = self._wall
        self._behind = self._halted = False
        self._agrees = True

    def trusted(self, clock: Clock) -> bool:
        """Look at the clock; say whether the sweep may go by it."""
        wall, ran = self._machine.now(), self._elapsed()
        jump = wall - self._wall - timedelta(seconds=ran - self._ran)
        self._wall, self._ran = wall, ran
        if jump > _JUMP:
            self._halted = True
            self._raise("forward", jump)
        behind = isinstance(clock, SteadyClock) and clock.behind() > _BACK
        if behind and not self._behind and isinstance(clock, SteadyClock):
            self._raise("back", clock.behind())
        self._behind = behind
        if abs(wall - self._beaten) >= _BEAT:
            self._beaten, self._agrees = wall, self._beat(wall)
        return self._agrees and not self._halted

    def _raise(self, direction: str, by: timedelta) -> None:
        seconds = int(by.total_seconds())
        logging.getLogger("shixian").critical(
            "本机时钟跳变（%s，%s秒），请核对时间后重新启动。 / The clock was set %s by %s s; check it and start again.",
            direction,
            seconds,
            direction,
            seconds,
        )
        self._alarm(ClockAlarm(direction, seconds))


def _since_boot() -> float:
    # The monotonic clock of Linux does not count the hours that a laptop slept, and would halt it each morning.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
