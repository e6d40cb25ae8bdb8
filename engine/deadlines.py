"""The deadline (期限) as a legal object: what may be done to it, and what is refused, by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from engine.calendar import ChinaWorkingCalendar
from engine.chinese_dates import zh
from engine.clock import instant_text
from engine.errors import InvalidInput, NotAllowed, Refused, WrongState
from engine.periods import Due, Pause, Status, Term, Unit, count, end_of
from engine.speech import Bilingual, plural

UNITS = {
    Unit.WORKING_DAY: "个工作日",
    Unit.CALENDAR_DAY: "日",
    Unit.MONTH: "个月",
    Unit.FIXED_DATE: "",
}
_ENGLISH_UNITS = {Unit.WORKING_DAY: "working day", Unit.CALENDAR_DAY: "day", Unit.MONTH: "month"}


def length_text(length: int, unit: Unit) -> Bilingual:
    """Return a length in words: 20个工作日, 20 working days; of a limit without one, that it is a fixed date."""
    if not length:
        return Bilingual("固定日期", "a fixed date")
    return Bilingual(f"{length}{UNITS[unit]}", plural(length, _ENGLISH_UNITS[unit]))


class State(StrEnum):
    """How a deadline stands."""

    RUNNING = "running"
    PAUSED = "paused"  # 中止
    UNDETERMINED = "undetermined"  # 期限待定
    ANSWERED = "answered"  # an act that meets it was done, and is being looked at
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


LIVE = (State.RUNNING, State.PAUSED, State.UNDETERMINED, State.ANSWERED)
"""States in which the due date may still move."""
OWED = (State.RUNNING, State.PAUSED, State.UNDETERMINED, State.OVERDUE)
"""States in which the act is still owed: inboxes and task pages show the limit. One that was answered presses nobody
while it is looked at, and its due date may lie in the past."""


class ExtensionNotProvided(Refused):
    """Nothing in the version allows this limit to be extended (R12-13)."""

    code = "extension_not_provided"


class ExtensionOutOfRange(InvalidInput):
    """More, or less, than the cap leaves (R13-08, R13-09)."""

    code = "extension_out_of_range"


class ExtensionUsedUp(Refused):
    """The limit was extended as often as it may be (R13-09)."""

    code = "extension_used_up"


class DeadlineOver(WrongState):
    """The limit has run out or ended; an expired limit cannot be extended or paused (R13-06)."""

    code = "deadline_over"


class SelfApproval(NotAllowed):
    """Who asked for the extension may not approve it (R13-07)."""

    code = "self_approval"


class PauseNotGranted(Refused):
    """No setting of the version grants this ground; the law knows no suspension of its own (R-T15)."""

    code = "pause_not_granted"


class NotPaused(WrongState):
    """Only a paused limit can be resumed, and only a running one paused."""

    code = "not_paused"


REFUSALS = (ExtensionNotProvided, ExtensionUsedUp, DeadlineOver, PauseNotGranted, NotPaused)
"""What the law refuses about a limit, besides a wrong number of days and self-approval."""


@dataclass(frozen=True)
class ExtensionRule:
    """What a version says about extending a limit (R13-05 to R13-10).

    Attributes:
        max_length: In the period's unit; 0 is off.
        cap_mode: `additional` (the time added is at most `max_length`) or `total` (the extended limit is).
        max_count: How many approved extensions one deadline may have.
        late_approval: Whether a request made in time may be approved after expiry, with a mark.
        basis: Article, as documents quote it.
    """

    max_length: int
    cap_mode: str = "additional"
    max_count: int = 1
    late_approval: bool = False
    basis: str = ""

    def reading(self, unit: Unit) -> Bilingual:
        """Return which reading of the cap the version uses, for pages and documents (R13-08)."""
        most = length_text(self.max_length, unit) if self.max_length else Bilingual(f"0{UNITS[unit]}", "none")
        if self.cap_mode == "total":
            return Bilingual(f"延长后的期限合计最长{most}", f"the extended limit is at most {most.en} in all")
        return Bilingual(
            f"在原期限之外延长的时间最长{most}", f"at most {most.en} may be added to the original limit"
        )


@dataclass(frozen=True)
class Extension:
    """One approved extension; `asked_by` and `approved_by` are names as of that day."""

    days: int
    asked_by: str
    approved_by: str
    approved_at: datetime
    due_before: date


@dataclass(frozen=True)
class Deadline:
    """A time limit of one case; every operation returns the deadline it leads to, or refuses.

    Attributes:
        name: 答复期限.
        basis: The article it rests on.
        kind: law or choice (domain C.2).
        setting: The setting its length comes from.
        term: What is counted.
        rule: What the version says about extensions, None where it says nothing.
        grounds: Grounds of a pause that a setting grants, each with its basis.
        due: The result in force.
        set_by: The document of the case that sets the length, where the law leaves it to one (Art. 20).
    """

    name: str
    basis: str
    kind: str
    setting: str
    term: Term
    due: Due
    state: State = State.RUNNING
    rule: ExtensionRule | None = None
    grounds: Mapping[str, str] = field(default_factory=dict)
    extensions: tuple[Extension, ...] = ()
    set_by: str = ""

    # Extension (R13-05 to R13-11)

    @property
    def extension_left(self) -> int:
        """How much may still be added, in the period's unit."""
        if self.rule is None:
            return 0
        cap = self.rule.max_length
        if self.rule.cap_mode == "total":
            cap -= self.term.length
        return max(cap - self.term.extended_by, 0)

    def check_request(self, at: datetime) -> None:
        """Refuse where an extension may not even be asked for now (R13-06, R13-09).

        Raises:
            ExtensionNotProvided, ExtensionUsedUp, DeadlineOver, ExtensionOutOfRange.
        """
        self._may_be_extended()
        self._must_run(at, "延长")
        if self.extension_left < 1:
            self._within_cap(None, 0)

    def check_extension(self, days: object, at: datetime) -> int:
        """Return the days asked for, if asking is allowed now (R13-06, R13-08, R13-09).

        Raises:
            ExtensionNotProvided, ExtensionUsedUp, DeadlineOver, ExtensionOutOfRange.
        """
        self._may_be_extended()
        self._must_run(at, "延长")
        return self._within_cap(days, self.extension_left)

    def extend(
        self,
        days: object,
        asked: int,
        asked_by: tuple[int, str],
        approved_by: tuple[int, str],
        at: datetime,
        calendar: ChinaWorkingCalendar,
    ) -> "Deadline":
        """Return the deadline with an approved extension.

        Args:
            days: Approved, in the period's unit.
            asked: What was asked for; no more may be approved (R13-09).
            asked_by: Key and name of who asked.
            approved_by: Key and name of who approves.
            at: The instant of approval.

        Raises:
            ExtensionNotProvided, ExtensionUsedUp, DeadlineOver, ExtensionOutOfRange, SelfApproval.
        """
        rule = self._may_be_extended()
        if not (rule.late_approval and self.state is State.OVERDUE):
            self._must_run(at, "延长")
        if asked_by[0] == approved_by[0]:
            raise SelfApproval(
                f"延长期限的申请由{asked_by[1]}提出，不得由本人审批，应经另一位负责人同意。",
                f"Expected somebody else than {asked_by[1]}, who asked, to approve.",
                logged="extension",
            )
        granted = self._within_cap(days, min(self.extension_left, asked))
        given = Extension(granted, asked_by[1], approved_by[1], at, self.due.due_on)
        term = replace(self.term, extended_by=self.term.extended_by + granted)
        due = count(term, calendar)
        runs_again = self.state is State.OVERDUE and at < due.due_at
        return replace(
            self,
            term=term,
            due=due,
            state=State.RUNNING if runs_again else self.state,
            extensions=(*self.extensions, given),
        )

    # Pause

    def pause(self, ground: str, at: datetime) -> "Deadline":
        """Return the deadline standing still on a ground that a setting grants.

        Raises:
            PauseNotGranted, DeadlineOver, NotPaused.
        """
        if ground not in self.grounds:
            granted = "、".join(self.grounds) or "无"
            raise PauseNotGranted(
                f"“{self.name}”不得因“{ground}”中止：本流程准许中止的情形为{granted}。",
                f"Expected one of the grounds {granted}, found {ground!r}.",
            )
        if self.state is State.PAUSED:
            raise NotPaused(f"“{self.name}”已经中止。", "Expected a running limit, found it paused.")
        self._must_run(at, "中止")
        stretch = Pause(ground, self.grounds[ground], at)
        return replace(self, state=State.PAUSED, term=replace(self.term, pauses=(*self.term.pauses, stretch)))

    def resume(self, at: datetime, calendar: ChinaWorkingCalendar) -> "Deadline":
        """Return the deadline running again, later by the days it stood still.

        Raises:
            NotPaused: it does not stand still.
        """
        if self.state is not State.PAUSED:
            raise NotPaused(
                f"“{self.name}”没有中止，无需恢复。", "Expected a paused limit, found it running."
            )
        *earlier, last = self.term.pauses
        term = replace(self.term, pauses=(*earlier, replace(last, until=at)))
        return replace(self, state=State.RUNNING, term=term, due=count(term, calendar))

    # Calendar

    def recount(self, calendar: ChinaWorkingCalendar, not_before: date) -> "Deadline":
        """Return the deadline by another calendar (R-T14).

        One that has run out or ended stays as it is. A date that came earlier is kept at `not_before` at
        the earliest, the day the change became known: a limit may not expire before anybody could know.
        """
        if self.state not in LIVE:
            return self
        due = self._held(count(self.term, calendar), min(not_before, self.due.due_on))
        known = self.state is State.UNDETERMINED and due.status is not Status.UNCOVERED
        return replace(self, due=due, state=State.RUNNING if known else self.state)

    def not_before(self, day: date) -> "Deadline":
        """Return the deadline due on a day at the earliest: one that is set late may not have passed already."""
        return replace(self, due=self._held(self.due, day))

    @property
    def held(self) -> bool:
        """Whether the due date is later than the count yields, since that had passed already."""
        return self.due.due_on > self.due.examined[1]

    # Inner

    def _held(self, due: Due, day: date) -> Due:
        if due.due_on >= day:
            return due
        return replace(due, due_on=day, due_at=end_of(day, self.term.policy.day_end))

    def _may_be_extended(self) -> ExtensionRule:
        if self.rule is None or self.rule.max_length < 1:
            raise ExtensionNotProvided(
                f"“{self.name}”不得延长：{self.basis or '本流程'}没有规定延长。",
                f"Expected a limit that may be extended, found {self.setting} without any extension.",
            )
        if len(self.extensions) >= self.rule.max_count:
            raise ExtensionUsedUp(
                f"“{self.name}”已延长{len(self.extensions)}次，最多可以延长{self.rule.max_count}次。",
                f"Expected at most {self.rule.max_count} extension(s), found {len(self.extensions)} already.",
                count=len(self.extensions),
            )
        return self.rule

    def _must_run(self, at: datetime, act: str) -> None:
        if self.state not in (State.RUNNING, State.UNDETERMINED, State.PAUSED):
            raise DeadlineOver(
                f"“{self.name}”已届满或者已经结束，不得{act}。",
                f"Expected a running limit, found it {self.state.value}.",
                state=self.state.value,
            )
        if self.state is State.RUNNING and at >= self.due.due_at:
            raise DeadlineOver(
                f"“{self.name}”已于{zh(self.due.due_on)}届满，届满后不得{act}。",
                f"Expected an act before {instant_text(self.due.due_at)}, found {instant_text(at)}.",
                due_at=instant_text(self.due.due_at),
            )

    def _within_cap(self, days: object, most: int) -> int:
        unit = UNITS[self.term.unit]
        if most < 1:
            raise ExtensionOutOfRange(
                f"“{self.name}”已无可以延长的时间。", "Expected an extension that is left, found none."
            )
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= most:
            raise ExtensionOutOfRange(
                f"延长的时间应为1至{most}{unit}的整数，实为“{days}”。",
                f"Expected a whole number from 1 to {most}, found {days!r}.",
                minimum=1,
                maximum=most,
            )
        return days
