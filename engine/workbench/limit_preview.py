"""What days the limits of a procedure would fall on, for a day of receipt (期限预览). Pure: no case, no database.

A limit that begins when another has ended is shown as if every act were done on the last day it may be done.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from engine.calendar import ChinaWorkingCalendar
from engine.deadlines import ExtensionRule
from engine.explanation import Explanation, explain
from engine.model import Node, Process, Setting
from engine.periods import BEIJING, Policy, Term, Unit, reminder_at
from engine.steps import flows

LONGEST = 3_660
"""Days or months of a limit that are still counted one by one."""
RECEIPT, LIMIT, HAND = "receipt", "limit", "hand"


@dataclass(frozen=True)
class PreviewedLimit:
    """One limit of the path.

    Attributes:
        origin: What it is counted from: the receipt, another limit's last day, or an act that somebody chooses to do.
        after: Of `limit`: the timer of that limit.
        why_not: Why no day can be said: date (the case names it), off (the version sets
            none), document (of the case sets the length), after (the limit before it has none), setting (its value is no length); empty where one is.
        longest: With the longest extension; None where the version provides none.
        cap: What the version says about extensions, None where it says nothing.
        usual: Whether a document of the case may set another length, so that this is the usual one.
    """

    element: str
    name: str
    setting: Setting
    unit: Unit
    length: int
    owner: str
    origin: str
    after: str | None
    explanation: Explanation | None
    why_not: str
    reminders: tuple[datetime, ...]
    longest: Explanation | None
    cap: ExtensionRule | None
    usual: bool = False

    @property
    def due_on(self) -> date | None:
        """Its last day."""
        return self.explanation.due.due_on if self.explanation else None


def with_settings(process: Process, values: Mapping[str, str]) -> Process:
    """Return the process with other values of its settings; unknown keys are left out."""
    changed = {
        key: replace(process.settings[key], value=value)
        for key, value in values.items()
        if key in process.settings and value
    }
    return replace(process, settings={**process.settings, **changed})


def preview(
    process: Process, calendar: ChinaWorkingCalendar, received_at: datetime
) -> tuple[PreviewedLimit, ...]:
    """Return every limit of a procedure, the earliest due first.

    Args:
        calendar: Estimates where no notice is out.
        received_at: Aware instant of the receipt.

    Source: R-T1, R-T5, R-T7, R-T9, R-T11; domain C.3.4, C.4.4.
    """
    timers = {n.id: n for n in process.nodes.values() if n.period is not None and n.period.setting}
    ways = _Ways(process, timers)
    found: dict[str, PreviewedLimit] = {}
    left = dict(timers)
    while left:
        # One whose origin is shown already; in a ring of limits the first of the file begins at the receipt.
        name = next((n for n in left if ways.origin(n)[1] in (None, *found)), next(iter(left)))
        node = left.pop(name)
        kind, after = ways.origin(name)
        event_at: datetime | None = received_at
        if after is not None:
            before = found.get(after)
            event_at = received_at if before is None else _noon(before.due_on)
        found[name] = _limit(process, calendar, node, kind, after, event_at)
    order = {name: n for n, name in enumerate(timers)}
    return tuple(sorted(found.values(), key=lambda x: (x.due_on or date.max, order[x.element])))


def policy_of(process: Process) -> Policy:
    """Return the choices of counting that a version makes (domain C.2, cal.*).

    Raises:
        ValueError: one of them is none.
    """
    typed = {key: setting.typed for key, setting in process.settings.items()}
    return Policy(
        count_receipt_day=bool(typed.get("cal.count_receipt_day", False)),
        day_end=str(typed.get("cal.day_end", "24:00")),
        after_hours_rule=str(typed.get("cal.after_hours_rule", "same_day")),
        office_close=str(typed.get("cal.office_close", "17:00")),
        fixed_date_inclusive=bool(typed.get("cal.fixed_date_inclusive", True)),
        fixed_date_roll=str(typed.get("cal.fixed_date_roll", "none")),
    )


def _limit(
    process: Process,
    calendar: ChinaWorkingCalendar,
    node: Node,
    kind: str,
    after: str | None,
    event_at: datetime | None,
) -> PreviewedLimit:
    assert node.period is not None
    setting = process.settings.get(node.period.setting or "") or Setting(
        node.period.setting or "", "", "", "choice", "", ""
    )
    holder = process.nodes.get(node.attached_to or "") or node
    blank = PreviewedLimit(
        element=node.id,
        name=node.name.removesuffix("届满") or node.id,
        setting=setting,
        unit=Unit.WORKING_DAY,
        length=0,
        owner=holder.role or "",
        origin=kind,
        after=after,
        explanation=None,
        why_not="",
        reminders=(),
        longest=None,
        cap=None,
        usual=node.period.length is not None,
    )
    if node.period.date is not None and node.period.start is None:
        return replace(blank, why_not="date")
    if setting.value in ("0", "false"):
        return replace(blank, why_not="off")
    if node.period.length is not None and not setting.value.isdecimal():
        return replace(blank, why_not="document")
    if event_at is None:
        return replace(blank, why_not="after")
    try:
        unit, length = Unit(setting.unit), int(setting.value)
        if length > LONGEST:
            raise ValueError(length)
        term = Term(length, event_at, unit, policy_of(process))
        explained = explain(term, calendar, setting.basis, by_law=setting.kind == "law")
        cap = _cap(process, node)
        most = _most(cap, length)
        longest = (
            explain(replace(term, extended_by=most), calendar, setting.basis, by_law=setting.kind == "law")
            if most
            else None
        )
        reminders = tuple(sorted(_reminders(process, calendar, node, explained.due.due_on)))
    except ValueError:
        return replace(blank, why_not="setting")
    return replace(
        blank,
        unit=unit,
        length=length,
        explanation=explained,
        reminders=reminders,
        longest=longest,
        cap=cap,
    )


def _cap(process: Process, node: Node) -> ExtensionRule | None:
    assert node.period is not None
    most, mode, times, late = (process.settings.get(key or "") for key in node.period.extension)
    if most is None:
        return None
    return ExtensionRule(
        max_length=int(most.value) if most.value.isdecimal() else 0,  # else the case itself says how many
        cap_mode=mode.value if mode else "additional",
        max_count=int(times.value) if times else 1,
        late_approval=bool(late.typed) if late else False,
        basis=most.basis,
    )


def _most(cap: ExtensionRule | None, length: int) -> int:
    if cap is None:
        return 0
    return max(cap.max_length - (length if cap.cap_mode == "total" else 0), 0)


def _reminders(
    process: Process, calendar: ChinaWorkingCalendar, node: Node, due_on: date
) -> Iterator[datetime]:
    """Yield when people are reminded: by the reminders that are drawn, else once before the due date (R-T7)."""
    typed = {key: setting.typed for key, setting in process.settings.items()}
    at = str(typed.get("cal.reminder_time", "09:00"))
    drawn = [n.reminder for n in process.nodes.values() if n.reminder and n.reminder.of == node.id]
    for one in drawn:
        lead = int(str(typed[one.lead_setting])) if one.lead_setting in typed else one.lead
        yield reminder_at(due_on, lead, at, calendar)
    if node.period and node.period.remind and not drawn:
        yield reminder_at(due_on, int(str(typed.get("cal.reminder_lead_wd", 1))), at, calendar)


def _noon(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(12), BEIJING).astimezone(UTC)


class _Ways:
    """Which limit must have ended before another begins, read from the diagram."""

    def __init__(self, process: Process, timers: Mapping[str, Node]) -> None:
        self._process, self._timers = process, timers
        self._hosts = {n.attached_to: n.id for n in timers.values() if n.attached_to}
        self._into: dict[str, list[str]] = {}
        for source, targets in flows(process).items():
            for target in targets:
                self._into.setdefault(target, []).append(source)
        for node in process.nodes.values():
            if node.type == "startEvent" and node.scope and not process.nodes[node.scope].event_scope:
                # Inside a scope its limit still runs: what comes before is what comes before the scope.
                self._into[node.id] = list(self._into.get(node.scope, ()))

    def origin(self, timer: str) -> tuple[str, str | None]:
        """Return what a limit is counted from, and the limit whose last day that is."""
        period = self._timers[timer].period
        variable = (period.start or period.date) if period else None
        setters = [n.id for n in self._process.nodes.values() if variable in dict(n.assigns)]
        kinds = [self._before(setter, timer) for setter in setters]
        if not kinds or variable == "received_at" or (RECEIPT, None) in kinds:
            return RECEIPT, None
        return kinds[0]

    def _before(self, element: str, timer: str) -> tuple[str, str | None]:
        """Search backwards for the limits that end where an element is reached."""
        if element in self._timers:
            return (LIMIT, element) if element != timer else (RECEIPT, None)
        seen, ahead, met, begins = {element}, [element], None, None
        while ahead:
            at = ahead.pop(0)
            node = self._process.nodes.get(at)
            before = self._into.get(at, [])
            if node is not None and not before and node.type == "startEvent":
                begins = begins or (HAND if node.scope else RECEIPT)
            for one in before:
                limit = one if one in self._timers else self._hosts.get(one)
                if limit is not None and limit != timer:
                    met = met or limit
                elif one not in seen:
                    seen.add(one)
                    ahead.append(one)
        if begins is not None or met is None:
            return begins or RECEIPT, None
        return LIMIT, met
