"""Whether this machine's clock can be trusted to let limits run out; the sweep stands still while it cannot."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from engine.clock import Clock, SteadyClock
from engine.errors import Refused
from engine.events import ClockAlarm

_JUMP = timedelta(hours=1)
_BACK = timedelta(seconds=1)
_BEAT = timedelta(minutes=1)


class ClockUnconfirmed(Refused):
    """A limit of the case has run out, if the clock is right, and nobody has said so yet."""

    code = "clock_unconfirmed"

    def __init__(self) -> None:
        super().__init__(
            "本机时钟发生跳变，尚待系统管理员核对；该事项按现在的时钟有期限届满，核对之前不能办理。",
            "The clock was set forward and is not confirmed; a limit of this case would run out by it.",
        )


class ClockWatch:
    """Compares the clock with what has gone by since the last beat.

    Set back: the legal clock stands still until it is caught up. Set forward by more than an hour: nothing
    fires until an administrator has looked at the clock and confirmed it, or has set it right and started the
    service again. Both leave an alarm.

    Args:
        machine: The clock that is watched.
        alarm: Keeps the alarm in the history.
        beat: Called every minute with the instant; returns whether this clock agrees with the database's.
        elapsed: Seconds since the machine was started, which nobody can set.
        confirmed: Asked while halted; whether somebody has confirmed the clock since the last alarm.
    """

    def __init__(
        self,
        machine: Clock,
        alarm: Callable[[ClockAlarm], None],
        beat: Callable[[datetime], bool],
        elapsed: Callable[[], float] | None = None,
        confirmed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._machine, self._alarm, self._beat = machine, alarm, beat
        self._elapsed = elapsed or _since_boot
        self._wall, self._ran = machine.now(), self._elapsed()
        self._beaten = self._wall
        self._confirmed = confirmed
        self._behind = self.halted = False
        self._unsaid: timedelta | None = None  # a jump whose alarm is not in the history yet
        self._agrees = True

    def trusted(self, clock: Clock) -> bool:
        """Look at the clock; say whether the sweep may go by it."""
        wall, ran = self._machine.now(), self._elapsed()
        jump = wall - self._wall - timedelta(seconds=ran - self._ran)
        self._wall, self._ran = wall, ran
        if jump > _JUMP:
            self.halted, self._unsaid = True, jump
        if self._unsaid is not None:
            self._raise("forward", self._unsaid)
            self._unsaid = None
        elif self.halted and self._confirmed():
            self.halted = False
        behind = isinstance(clock, SteadyClock) and clock.behind() > _BACK
        if behind and not self._behind and isinstance(clock, SteadyClock):
            self._raise("back", clock.behind())
        self._behind = behind
        if abs(wall - self._beaten) >= _BEAT:
            self._beaten, self._agrees = wall, self._beat(wall)
        return self._agrees and not self.halted

    def _raise(self, direction: str, by: timedelta) -> None:
        seconds = int(by.total_seconds())
        logging.getLogger("shixian").critical(
            "本机时钟跳变（%s，%s秒），请系统管理员核对。 / The clock was set %s by %s s; an administrator must check it.",
            direction,
            seconds,
            direction,
            seconds,
        )
        self._alarm(ClockAlarm(direction, seconds))


def _since_boot() -> float:
    # The monotonic clock of Linux does not count the hours that a laptop slept, and would halt it each morning.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
