"""Carrying a migration out: tokens, tasks, limits, timers and subscriptions of a case go over to another version.

The preview is what these very steps did to a copy of the case that nobody keeps, so it cannot promise anything else.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.clock import instant_text
from engine.deadline_terms import terms_data
from engine.deadlines import LIVE, Deadline, State
from engine.definitions import Definition
from engine.errors import Message
from engine.handlers import limits, moves, subscriptions, terms
from engine.handlers.advance import advance
from engine.handlers.case import Armed, Case, Limit
from engine.handlers.migration_lines import follow_ups, limit_lines
from engine.handlers.migration_obstacles import MigrationObstructed, Obstacles
from engine.handlers.parties import split_role, standing_role
from engine.history.chain import PLATFORM
from engine.model import Node
from engine.periods import beijing_day, end_of
from engine.runner import Fact, Kind
from engine.storage.tables import subscription, user_task
from engine.version_diff import aspects, differences

_MENDED = ("work", "gateway", "condition", "opening")
"""Steps whose failure the target's model may mend: they begin anew where the token stands."""
_NOT_SHOWN = ("boundaryEvent", "subProcess", "transaction")


class Migration:
    """One case on its way from its version to another.

    Args:
        names: Elements of the case's version that have another id in the target.
    """

    def __init__(self, case: Case, target: Definition, names: dict[str, str], migration_key: int) -> None:
        self.case, self.target, self.names = case, target, names
        self.before = case.definition
        self._obstacles = Obstacles(case, target, names)
        self._key = migration_key
        self._preview: dict[str, Any] = {"tokens": [], "tasks": [], "limits": [], "events": [], "moves": []}

    def run(self) -> dict[str, Any]:
        """Move the case and return what was done.

        Raises:
            MigrationObstructed: something in the case has no place in the target.
        """
        case = self.case
        self._obstacles.check()
        self._must_be_sound("请先处理完毕", "resolve it first", self._tried_again())
        case.uow.expect_calendar()
        case.not_due_before = self._earliest_due()
        stood = case.machine.standing()
        ended = self._take_away()
        old_limits = {key: limit.deadline for key, limit in case.limits.items()}
        waited = case.machine.standing()
        case.migrate(self.target, self.names)
        case.record(
            e.InstanceMigrated(
                self._key, self.target.key, self.before.version, self.target.version, self.names
            )
        )
        self._tokens([at.element_id for at in stood])
        self._tasks({at.token: at.element_id for at in waited})
        self._limits()
        self._timers()
        self._subscriptions({at.token: at.element_id for at in waited})
        mark = len(case.uow.events)
        advance(case)
        self._try_again()
        for limit in list(case.limits.values()):
            if limit.deadline.state in LIVE:
                moves.rearm(case, limit, again=self._known_now(old_limits.get(limit.key), limit))
        self._preview["limits"] = limit_lines(case, old_limits, ended)
        at_once, awaited = follow_ups(self.target, [s.recorded.event for s in case.uow.events[mark:]])
        self._preview["moves"] += at_once
        self._preview["events"] += awaited
        case.not_due_before = None
        self._must_be_sound("请改用其他版本", "take another version")
        return {**self._preview, "elements": differences(self.before, self.target, self.names)}

    # What stands in the way

    def _must_be_sound(self, zh: str, en: str, but: Collection[int] = ()) -> None:
        """Refuse where a step of the case failed, before the migration or by it: its token stands nowhere sure.

        Args:
            but: The incidents that the target may mend.
        """
        if found := [x for key, x in self.case.incidents.items() if key not in but]:
            raise MigrationObstructed(
                [Message(f"“{x.name}”出现异常，{zh}", f"an incident at {x.name}: {en}") for x in found]
            )

    def _tried_again(self) -> list[int]:
        """Return the incidents whose token waits to do under the target what failed under the case's version."""
        stood = {at.token for at in self.case.machine.standing()}
        return [key for key, x in self.case.incidents.items() if x.step in _MENDED and x.token in stood]

    def _try_again(self) -> None:
        """Let each held token begin its step again, as a retry does."""
        case = self.case
        personal, acts_for = case.personal, case.acts_for
        case.personal = False
        for stuck in list(case.incidents.values()):
            # An earlier one may have left its scope, or ended the case.
            if stuck.step in _MENDED and stuck.key in case.incidents:
                case.trying, case.acts_for = stuck, stuck.acting or (PLATFORM.key, PLATFORM.name)
                case.machine.release(stuck.token)
                advance(case)
        case.personal, case.acts_for, case.trying = personal, acts_for, None

    # Going over

    def _earliest_due(self) -> date:
        """Return the first day whose end is still ahead: nobody is late before they could know."""
        now = self.case.uow.now
        today = beijing_day(now)
        day_end = self.target.process.settings.get("cal.day_end")
        passed = day_end is not None and end_of(today, str(day_end.typed)) <= now
        return self.case.calendar.find_following_working_day(today + timedelta(1)) if passed else today

    def _take_away(self) -> list[Limit]:
        """End what the target has no more, while the case's own version still says what it is."""
        case = self.case
        ended: list[Limit] = []
        for limit in list(case.limits.values()):
            node = self._node(limit.element_id)
            if node is None or node.period is None:
                ended.append(limit)
                limits.end(case, limit, cancelled=True)
        for at in case.machine.dropped(self.target.program, self.names):
            limits.disarm(case, at.token)
            if case.close_subscription(at.token) is not None:
                self._event(at.element_id, None)
        scopes, kept = case.process.event_scopes, self.target.process.event_scopes
        for scope, start in scopes.items():
            other = kept.get(self.names.get(scope, scope))
            same = other and self.target.process.nodes[other].event == case.node(start).event
            if not same and case.close_subscription(scope) is not None:
                self._event(start, None)
        return ended

    def _tokens(self, stood: list[str]) -> None:
        for element_id in stood:
            old = self.before.process.nodes[element_id]
            if old.type in _NOT_SHOWN:
                continue
            new = self._node(element_id)
            assert new is not None
            self._preview["tokens"].append(
                {
                    "element_id": old.id,
                    "name": old.name,
                    "to_element_id": new.id,
                    "to_name": new.name,
                    "type": old.type,
                }
            )

    def _tasks(self, stood: dict[str, str]) -> None:
        case = self.case
        rows = {
            row.key: row
            for row in case.uow.conn.execute(
                select(user_task).where(user_task.c.instance_key == case.key, user_task.c.state == "open")
            )
        }
        for token, key in case.tasks.items():
            row = rows[key]
            old = self.before.process.nodes[stood[token.partition("#")[0]]]
            new = self._node(old.id)
            assert new is not None
            party, role = split_role(new.role or "")
            org = row.organisation_key if new.role == old.role else case.org_of(party)
            assert org is not None
            role = standing_role(case.uow.conn, org, role)
            event = e.UserTaskChanged(key, new.id, new.name, org, role, new.role or "", new.scope or "")
            was = (row.element_id, row.name, row.organisation_key, row.role, row.lane, row.scope)
            lane_changed = (org, role) != (row.organisation_key, row.role)
            if was != (new.id, new.name, org, role, new.role or "", new.scope or ""):
                case.record(event)
            if lane_changed and row.assignee is not None:
                case.record(e.UserTaskAssigned(key, new.name, None, None))
            self._preview["tasks"].append(
                {
                    "user_task_key": str(key),
                    "name": old.name,
                    "to_name": new.name,
                    "lane": old.role or "",
                    "to_lane": new.role or "",
                    "organisation_key": row.organisation_key,
                    "to_organisation_key": org,
                    "form": old.form or "",
                    "to_form": new.form or "",
                    "aspects": aspects(self.before, self.target, old, new, self.names),
                }
            )

    def _limits(self) -> None:
        case = self.case
        assert case.not_due_before is not None
        for limit in case.limits.values():
            node = self._node(limit.element_id)
            assert node is not None
            attached, owner = node.attached_to or node.id, terms.owner(case, node)
            was = (limit.element_id, limit.attached_to, limit.organisation, limit.deadline)
            live = limit.deadline.state in LIVE
            after = terms.restated(case, node, limit.deadline, owner, case.not_due_before)
            if not live:
                owner = limit.organisation
            same = terms_data(after) == terms_data(limit.deadline) and (
                limit.deadline.due.due_on,
                limit.deadline.due.status,
                limit.deadline.basis,
                limit.name,
            ) == (after.due.due_on, after.due.status, after.basis, after.name)
            limit.organisation = owner
            data = moves.moved_data(case, limit, after) | {"name": after.name}
            limit.element_id, limit.attached_to = node.id, attached
            if same and was[:3] == (node.id, attached, owner):
                continue
            period = terms.period_of(node)
            case.record(
                e.DeadlineMigrated(
                    **data,
                    element_id=node.id,
                    attached_to=attached,
                    organisation_key=owner,
                    basis=after.basis,
                    kind=after.kind,
                    setting=after.setting,
                    on_expiry=period.on_expiry if live else self._on_expiry(was[0]),
                    version=self.target.version,
                    held=live and after.held,
                )
            )
            limit.deadline = after

    def _on_expiry(self, element_id: str) -> str:
        period = self.before.process.nodes[element_id].period
        return period.on_expiry if period else "move"

    def _timers(self) -> None:
        """Let timers that are kept stand at the elements of the target; `rearm` moves their instants."""
        case = self.case
        announced = {n.reminder.of for n in case.process.nodes.values() if n.reminder}
        for armed in list(case.timers.values()):
            node = self._node(armed.element_id)
            if node is None:
                continue  # taken away with its event
            own = ":" in armed.token
            period = node.period
            if own and (period is None or not period.remind or node.id in announced):
                self._disarm(armed)
                continue
            at = armed.fires_at
            if armed.kind == "date" and period is not None and period.date is not None:
                at = limits.end_of_date(case, period.date, period.minus_days)
                if at <= case.uow.now:
                    raise MigrationObstructed(
                        [
                            self._obstacles.told(
                                node.id,
                                "按目标版本所定的日期已过",
                                "不能迁移",
                                "its date in the target has passed",
                            )
                        ]
                    )
            if node.id != armed.element_id:
                token = f"{node.id}:a" if armed.token == f"{armed.element_id}:a" else armed.token
                self._disarm(armed)
                limits.arm_timer(case, node.id, token, armed.deadline_key, armed.kind, at)
            elif at != armed.fires_at:
                armed.fires_at = at
                case.record(e.TimerRearmed(armed.key, node.id, instant_text(at)))

    def _disarm(self, armed: Armed) -> None:
        del self.case.timers[armed.token]
        self.case.record(e.TimerDisarmed(armed.key, armed.element_id))

    def _subscriptions(self, stood: dict[str, str]) -> None:
        case = self.case
        rows = case.uow.conn.execute(
            select(subscription).where(subscription.c.instance_key == case.key).order_by(subscription.c.key)
        ).all()
        for row in rows:
            if row.token not in case.subscriptions or not row.element_id:
                continue
            token, new = self._new_place(row.token, row.element_id)
            old = self.before.process.nodes[row.element_id]
            name, correlation = row.name, row.correlation
            if row.kind == "signal":
                name = new.event_ref or ""
            elif row.kind == "message":
                if new.correlation is None:
                    case.close_subscription(row.token)
                    self._event(row.element_id, None)
                    continue
                name = new.correlation[0] or new.event_ref or ""
                if old.correlation is None or new.correlation[1] != old.correlation[1]:
                    correlation = subscriptions.business_key(case, new, new.correlation[1])
            if (row.element_id, row.token, row.name, row.correlation) != (new.id, token, name, correlation):
                key, kind, _ = case.subscriptions.pop(row.token)
                case.subscriptions[token] = (key, kind, name)
                case.record(e.SubscriptionChanged(key, new.id, token, name, correlation))
                self._event(row.element_id, new)
        for token, element_id in stood.items():
            waits = self._node(element_id)
            if waits is None or token in case.subscriptions or waits.event not in ("message", "signal"):
                continue
            if case.machine.waits(token):
                subscriptions.open_subscription(case, Fact(Kind.ARMED, waits.id, token))

    def _new_place(self, token: str, element_id: str) -> tuple[str, Node]:
        scopes = self.target.process.event_scopes
        scope = self.names.get(token, token)
        if token in self.before.process.event_scopes:
            return scope, self.target.process.nodes[scopes[scope]]
        new = self._node(element_id)
        assert new is not None
        return token, new

    # What the preview says

    def _event(self, element_id: str, new: Node | None) -> None:
        old = self.before.process.nodes[element_id]
        line = {
            "element_id": old.id,
            "name": old.name,
            "to_element_id": new.id if new else None,
            "to_name": new.name if new else None,
        }
        self._preview["events"].append(line)

    # Inner

    def _known_now(self, before: Deadline | None, limit: Limit) -> bool:
        return (
            before is not None
            and before.state is State.UNDETERMINED
            and limit.deadline.state is State.RUNNING
        )

    def _node(self, element_id: str) -> Node | None:
        return self.target.process.nodes.get(self.names.get(element_id, element_id))
