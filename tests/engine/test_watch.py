"""A clock that is set back or forward: the legal clock stands still, the sweep halts, and both are kept."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from engine.clock import SteadyClock
from engine.events import ClockAlarm
from engine.watch import ClockWatch

NOON = datetime(2026, 6, 8, 12, 0, tzinfo=UTC)


class Machine:
    """A clock that anybody may set, and the seconds that have truly gone by."""

    def __init__(self) -> None:
        self.at, self.ran = NOON, 0.0
        self.alarms: list[ClockAlarm] = []
        self.beats: list[datetime] = []
        self.agrees = True

    def now(self) -> datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at, self.ran = self.at + timedelta(seconds=seconds), self.ran + seconds

    def watch(self) -> ClockWatch:
        return ClockWatch(self, self.alarms.append, self._beat, lambda: self.ran)

    def _beat(self, at: datetime) -> bool:
        self.beats.append(at)
        return self.agrees


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_hours_that_truly_go_by_are_no_jump(machine: Machine) -> None:
    clock, watch = SteadyClock(machine), machine.watch()
    machine.pass_(10 * 3600)

    assert watch.trusted(clock)
    assert machine.alarms == []


def test_a_jump_forward_of_more_than_an_hour_halts_the_sweep_for_good(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    clock, watch = SteadyClock(machine), machine.watch()
    machine.at += timedelta(hours=2)

    with caplog.at_level(logging.CRITICAL):
        assert not watch.trusted(clock)
    machine.pass_(1)
    assert not watch.trusted(clock)

    assert machine.alarms == [ClockAlarm("forward", 7200)]
    assert "7200" in caplog.text


def test_after_a_jump_a_confirmation_lets_the_sweep_go_on(machine: Machine) -> None:
    clock, confirmed = SteadyClock(machine), [False]
    watch = ClockWatch(machine, machine.alarms.append, lambda at: True, lambda: 0.0, lambda: confirmed[0])
    machine.at += timedelta(hours=2)
    assert not watch.trusted(clock) and not watch.trusted(clock)

    confirmed[0] = True
    assert watch.trusted(clock)

    confirmed[0] = False
    machine.at += timedelta(hours=2)
    assert not watch.trusted(clock)
    assert len(machine.alarms) == 2


def test_a_jump_whose_alarm_could_not_be_kept_is_told_again_before_any_confirmation_counts(
    machine: Machine,
) -> None:
    told: list[ClockAlarm] = []

    def alarm(found: ClockAlarm) -> None:
        told.append(found)
        if len(told) == 1:
            raise ConnectionError("no database")

    clock = SteadyClock(machine)
    watch = ClockWatch(machine, alarm, lambda at: True, lambda: 0.0, lambda: True)
    machine.at += timedelta(hours=2)
    with pytest.raises(ConnectionError):
        watch.trusted(clock)
    assert not watch.trusted(clock)

    assert watch.trusted(clock)
    assert told == [ClockAlarm("forward", 7200)] * 2


def test_a_clock_set_back_stands_still_and_is_told_once(machine: Machine) -> None:
    clock, watch = SteadyClock(machine), machine.watch()
    machine.at -= timedelta(hours=3)

    assert watch.trusted(clock) and watch.trusted(clock)
    assert clock.now() == NOON
    assert machine.alarms == [ClockAlarm("back", 10800)]


def test_an_instant_seen_before_the_start_is_not_gone_behind(machine: Machine) -> None:
    assert SteadyClock(machine, NOON + timedelta(minutes=5)).now() == NOON + timedelta(minutes=5)


def test_a_clock_that_leaves_the_databases_halts_the_sweep_until_it_is_right_again(machine: Machine) -> None:
    clock, watch = SteadyClock(machine), machine.watch()
    machine.agrees = False
    machine.pass_(61)
    assert not watch.trusted(clock)

    machine.agrees = True
    machine.pass_(61)

    assert watch.trusted(clock)
    assert len(machine.beats) == 2
