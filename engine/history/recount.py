"""An outsider's recount: every limit of a case counted again from its file alone, by the calendar as known then."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.calendar import ChinaWorkingCalendar, Notice
from engine.calendar.data import read_notice
from engine.clock import instant, instant_text
from engine.deadline_terms import read_term
from engine.deadlines import LIVE
from engine.events import (
    CalendarNoticeConfirmed,
    CalendarNoticeEntered,
    DeadlineAnswered,
    DeadlineEnded,
    DeadlineExpired,
    DeadlineMigrated,
    DeadlineMoved,
    DeadlinePaused,
    DeadlineRecounted,
    DeadlineReopened,
    DeadlineSet,
    InstanceMigrated,
)
from engine.history.breaks import Broken
from engine.history.chain import Recorded
from engine.periods import beijing_day, count, days_late

_LIVE = {state.value for state in LIVE}


@dataclass(frozen=True)
class Known:
    """A confirmed notice, and from when until when it was held true."""

    key: int
    notice: Notice
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class _Limit:
    """How a limit stands: who owes it, until when, and when it was set, which may be after it had run out."""

    organisation: int | None
    due_on: str
    due_at: str
    set_at: datetime


def known_notices(events: Iterable[Recorded]) -> list[Known]:
    """Return the notices that the calendar's history confirms, in the order they became known."""
    entered: dict[int, CalendarNoticeEntered] = {}
    known: dict[int, Known] = {}
    for recorded in events:
        event = recorded.event
        if isinstance(event, CalendarNoticeEntered):
            entered[event.calendar_notice_key] = event
        elif isinstance(event, CalendarNoticeConfirmed):
            told = entered[event.calendar_notice_key]
            since = instant(event.known_at)
            known[event.calendar_notice_key] = Known(
                event.calendar_notice_key, read_notice(told.notice), since
            )
            if told.corrects is not None and told.corrects in known:
                before = known[told.corrects]
                known[told.corrects] = Known(before.key, before.notice, before.since, since)
    return sorted(known.values(), key=lambda one: (one.since, one.key))


class Recount:
    """Counts the limits of one case again.

    Args:
        known: As `known_notices` returns them.
        layers: Whose local rules count for a department, outermost first; by its key.
    """

    def __init__(self, known: Sequence[Known], layers: Mapping[int, Sequence[str]]) -> None:
        self._known, self._layers = known, layers
        self._calendars: dict[tuple[Any, ...], ChinaWorkingCalendar] = {}
        self._limits: dict[int, _Limit] = {}
        self._out: set[int] = set()  # which of them ran out and were not set running again
        self._migrated = False  # what a migration sets late is due on its day at the earliest
        self.counted = 0

    def calendars(self, at: datetime, department: int | None) -> list[ChinaWorkingCalendar]:
        """Return the calendar of a department as known at an instant.

        Where a notice became known at that very instant there are two, with it and without it: which of the two
        acts was written first does not follow from the file.
        """
        found = [
            self._calendar(
                [k for k in self._known if k.since <= at and (k.until is None or at < k.until)], department
            )
        ]
        if any(at in (k.since, k.until) for k in self._known):
            before = [k for k in self._known if k.since < at and (k.until is None or at <= k.until)]
            found.append(self._calendar(before, department))
        return found

    def _calendar(self, held: Sequence[Known], department: int | None) -> ChinaWorkingCalendar:
        local = {k.notice.scope for k in held} - {""}
        chain = self._layers.get(department, ()) if department is not None else ()
        scopes = tuple(scope for scope in chain if scope in local)
        key = (tuple(k.key for k in held), scopes)
        if key not in self._calendars:
            self._calendars[key] = ChinaWorkingCalendar([k.notice for k in held], scopes, estimate=True)
        return self._calendars[key]

    def check(self, events: Iterable[Recorded]) -> Iterator[Broken]:
        """Yield what does not come out as the history says."""
        for recorded in events:
            event = recorded.event
            if isinstance(event, InstanceMigrated):
                self._migrated = True
            elif isinstance(event, DeadlineSet):
                yield from self._set(recorded, event)
            elif isinstance(event, DeadlineMoved):
                yield from self._moved(recorded, event)
            elif isinstance(event, DeadlineExpired):
                yield from self._expired(recorded, event)
            elif isinstance(event, DeadlineEnded):
                yield from self._ended(recorded, event)
            elif isinstance(event, DeadlineAnswered | DeadlineReopened):
                self._out.discard(event.deadline_key)

    # One event each

    def _set(self, recorded: Recorded, event: DeadlineSet) -> Iterator[Broken]:
        yield from self._count(recorded.seq, event, event.organisation_key, event.terms, self._migrated)
        self._limits[event.deadline_key] = _Limit(
            event.organisation_key, event.due_on, event.due_at, recorded.occurred_at
        )

    def _moved(self, recorded: Recorded, event: DeadlineMoved) -> Iterator[Broken]:
        limit = self._limits.get(event.deadline_key)
        if limit is None:
            yield _wrong(recorded.seq, event.name, "期限没有设定", "no limit of this key was set", "", "")
            return
        if event.state != "overdue":
            self._out.discard(event.deadline_key)
        if event.due_before != limit.due_on:
            zh, en = "变动前的届满日与此前所载不符", "the due date before is not the one that was"
            yield _wrong(recorded.seq, event.name, zh, en, limit.due_on, event.due_before)
        owner = event.organisation_key if isinstance(event, DeadlineMigrated) else limit.organisation
        stands = isinstance(event, DeadlinePaused) or event.state not in _LIVE
        if stands and event.due_on != limit.due_on:
            zh, en = "该变动不应改变届满日", "this does not move the due date"
            yield _wrong(recorded.seq, event.name, zh, en, limit.due_on, event.due_on)
        if not stands:
            held = isinstance(event, DeadlineMigrated | DeadlineRecounted) and event.held
            yield from self._count(recorded.seq, event, owner, event.terms, held)
        self._limits[event.deadline_key] = _Limit(owner, event.due_on, event.due_at, limit.set_at)

    def _count(
        self,
        seq: int,
        event: DeadlineSet | DeadlineMoved,
        owner: int | None,
        terms: Mapping[str, Any],
        held: bool,
    ) -> Iterator[Broken]:
        self.counted += 1
        found = [
            list(self._differs(seq, event, calendar, terms, held))
            for calendar in self.calendars(instant(event.calendar_as_of), owner)
        ]
        if all(found):
            yield from found[0]

    def _differs(
        self,
        seq: int,
        event: DeadlineSet | DeadlineMoved,
        calendar: ChinaWorkingCalendar,
        terms: Mapping[str, Any],
        held: bool,
    ) -> Iterator[Broken]:
        due = count(read_term(terms), calendar)
        told = (event.original_due_on, event.due_on, event.due_at, event.status)
        found = (
            due.original_due_on.isoformat(),
            due.due_on.isoformat(),
            instant_text(due.due_at),
            due.status.value,
        )
        kept = held and event.due_on > found[1] and event.original_due_on == found[0]
        if told != found and not kept:
            zh, en = (
                "按所载条件和当时的日历重新计算，届满日不符",
                "counted again by the calendar of then, it is another",
            )
            yield _wrong(seq, event.name, zh, en, " ".join(found), " ".join(told))
        missing = set(event.notices) - {k.notice.id for k in self._known}
        if missing:
            zh, en = "所依据的放假文件不在档案中", "a notice it rests on is not in the file"
            yield _wrong(seq, event.name, zh, en, "、".join(sorted(missing)), "", "notice")
        elif list(event.notices) != list(calendar.rests_on(*due.examined)):
            zh, en = "所载依据的放假文件与重新计算的不符", "it rests on other notices than it names"
            yield _wrong(
                seq,
                event.name,
                zh,
                en,
                "、".join(calendar.rests_on(*due.examined)),
                "、".join(event.notices),
                "notice",
            )

    def _expired(self, recorded: Recorded, event: DeadlineExpired) -> Iterator[Broken]:
        self._out.add(event.deadline_key)
        limit = self._limits.get(event.deadline_key)
        if limit is None:
            return
        planned = max(instant(limit.due_at), limit.set_at)
        if recorded.occurred_at != planned:
            zh, en = "届满时刻与期限所载不符", "it did not run out at its due instant"
            yield _wrong(
                recorded.seq, event.name, zh, en, instant_text(planned), instant_text(recorded.occurred_at)
            )

    def _ended(self, recorded: Recorded, event: DeadlineEnded) -> Iterator[Broken]:
        limit = self._limits.get(event.deadline_key)
        if limit is None or event.state not in ("met", "met_late"):
            return
        state = "met_late" if event.deadline_key in self._out else "met"
        if event.state != state:
            zh, en = (
                "所载按期或者逾期与届满记录不符",
                "whether it was met in time is not what its expiry says",
            )
            yield _wrong(recorded.seq, event.name, zh, en, state, event.state)
        due_on, acted_on = date.fromisoformat(limit.due_on), beijing_day(recorded.occurred_at)
        calendars = self.calendars(recorded.recorded_at, limit.organisation)
        late, *others = [days_late(due_on, acted_on, calendar) for calendar in calendars]
        if (event.late_wd, event.late_cd) not in (late, *others):
            zh, en = "逾期天数与重新计算的不符", "it is late by another number of days"
            told = (event.late_wd, event.late_cd)
            yield _wrong(recorded.seq, event.name, zh, en, f"{late[0]}/{late[1]}", f"{told[0]}/{told[1]}")


def _wrong(seq: int, name: str, zh: str, en: str, expected: str, found: str, kind: str = "limit") -> Broken:
    return Broken(kind, f"第{seq}条“{name}”：{zh}。", f"Event {seq}, {name}: {en}.", seq, expected, found)
