"""Carrying a migration out: tokens, tasks, limits, timers and subscriptions of a case go over to another version.

The preview is what these very steps did to a copy of the case that nobody keeps, so it cannot promise anything else.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.clock import instant_text
from engine.deadline_terms import terms_data
from engine.deadlines import LIVE, UNITS, Deadline, State
from engine.definitions import Definition
from engine.errors import Message, Refused
from engine.explanation import explain
from engine.handlers import limits, moves, subscriptions, terms
from engine.handlers.advance import advance
from engine.handlers.case import Armed, Case, Limit
from engine.handlers.parties import split_role
from engine.history.chain import PLATFORM
from engine.model import Node
from engine.periods import beijing_day, count, end_of
from engine.runner import Fact, Kind, Why
from engine.storage.tables import subscription, user_task
from engine.version_diff import aspects, differences

_MENDED = ("work", "gateway", "condition", "opening")
"""Steps whose failure the target's model may mend: they begin anew where the token stands."""
_NOT_SHOWN = ("boundaryEvent", "subProcess", "transaction")


class MigrationObstructed(Refused):
    """The case cannot go on under the other version as it stands; `obstacles` name each element and what to do."""

    code = "migration_obstructed"

    def __init__(self, found: list[Message]) -> None:
        super().__init__(
            "本事项不能迁移：" + "；".join(m.zh for m in found) + "。",
            "The case cannot be migrated: " + "; ".join(m.en for m in found) + ".",
            obstacles=[{"zh": m.zh, "en": m.en} for m in found],
        )


class Migration:
    """One case on its way from its version to another.

    Args:
        names: Elements of the case's version that have another id in the target.
    """

    def __init__(self, case: Case, target: Definition, names: dict[str, str], migration_key: int) -> None:
        self.case, self.target, self.names = case, target, names
        self.before = case.definition
        self._key = migration_key
        self._preview: dict[str, Any] = {"tokens": [], "tasks": [], "limits": [], "events": [], "moves": []}

    def run(self) -> dict[str, Any]:
        """Move the case and return what was done.

        Raises:
            MigrationObstructed: something in the case has no place in the target.
        """
        case = self.case
        self._check()
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
        self._limit_lines(old_limits, ended)
        self._follow_ups([sealed.recorded.event for sealed in case.uow.events[mark:]])
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
            if stuck.key in case.incidents:  # an earlier one may have left its scope, or ended the case
                case.trying, case.acts_for = stuck, stuck.acting or (PLATFORM.key, PLATFORM.name)
                case.machine.release(stuck.token)
                advance(case)
        case.personal, case.acts_for, case.trying = personal, acts_for, None

    def _check(self) -> None:
        found = [*self._wrong_names()]
        if not found:
            found = [self._told(*one) for one in self._obstacles()]
        if found:
            raise MigrationObstructed(found)

    def _wrong_names(self) -> list[Message]:
        found = []
        old, new = self.before.process.nodes, self.target.process.nodes
        for one, other in self.names.items():
            if one not in old:
                found.append(
                    Message(
                        f"对应关系中的“{one}”不是第{self.before.version}版的元素",
                        f"{one} is no element of version {self.before.version}",
                    )
                )
            elif other not in new:
                found.append(
                    Message(
                        f"对应关系中的“{other}”不是第{self.target.version}版的元素",
                        f"{other} is no element of version {self.target.version}",
                    )
                )
        met = [self.names.get(one, one) for one in old]
        for other in sorted({x for x in self.names.values() if met.count(x) > 1}):
            found.append(
                Message(f"有两个元素对应到“{other}”，应逐一对应", f"two elements are mapped to {other}")
            )
        return found

    def _obstacles(self) -> list[tuple[str, str, str, str]]:
        """Return element id, reason and what to do, for each obstacle."""
        case, found = self.case, []
        for obstacle in case.machine.hindrances(self.target.program, self.names):
            found.append((obstacle.element_id, *_WORDS[obstacle.why]))
        for limit in case.limits.values():
            found += [(limit.element_id, *why) for why in self._limit_obstacles(limit)]
        for token, key in case.tasks.items():
            found += self._task_obstacles(token, key)
        found += self._forgotten_authors()
        return list(dict.fromkeys(found))

    def _forgotten_authors(self) -> list[tuple[str, str, str, str]]:
        """Name what people have done already, where the target keeps its authors from a task and knows it no more."""
        old, new = self.before.process.nodes, self.target.process.nodes
        had = {self.names.get(one, one) for one in old}
        asks = {
            other
            for node in new.values()
            for other in (node.separate_from, *(act.asked for act in node.limit_acts))
            if other and other not in had
        }
        if not asks:
            return []
        done = self.case.uow.conn.execute(
            select(user_task.c.element_id)
            .where(user_task.c.instance_key == self.case.key, user_task.c.state == "completed")
            .distinct()
        ).scalars()
        about = "、".join(
            f"“{new[other].name or other}”（{other}）" for other in sorted(asks) if other in new
        )
        return [
            (
                element_id,
                f"已经办理，目标版本没有这一元素，而{about}的办理人在目标版本中须回避",
                "请写明它与目标版本哪个元素对应",
                f"it was done, and the target keeps the authors of {', '.join(sorted(asks))} from a later task; map it",
            )
            for element_id in sorted(done)
            if element_id in old and self._node(element_id) is None
        ]

    def _limit_obstacles(self, limit: Limit) -> list[tuple[str, str, str]]:
        node = self._node(limit.element_id)
        if node is None or node.period is None:
            if limit.deadline.state is State.OVERDUE:
                return [
                    (
                        "期限已经届满而尚未办理，目标版本没有这一期限，逾期的记录不能因迁移而消失",
                        "请写明目标版本中与之对应的计时器",
                        "the limit has run out and the target has none in its place",
                    )
                ]
            return []
        period, before = node.period, limit.deadline
        setting = self.target.process.settings[period.setting or ""]
        fixed = before.term.unit.value == "fixed_date"
        if fixed != (period.date is not None):
            return [("期限改按另一种方式确定", "不能迁移", "the limit is determined in another way")]
        if before.extensions and not fixed and setting.unit != before.term.unit.value:
            return [
                (
                    "期限已经延长，目标版本改变了计算单位，已准许延长的时间无法换算",
                    "不能迁移",
                    "the extended limit would be counted in another unit",
                )
            ]
        if before.state is State.PAUSED and not fixed and self._would_have_passed(limit, node):
            return [
                (
                    "期限正在中止，按目标版本恢复后即告届满",
                    "请在恢复计算后再提出",
                    "the paused limit would have run out when it is resumed",
                )
            ]
        return []

    def _would_have_passed(self, limit: Limit, node: Node) -> bool:
        case, now = self.case, self.case.uow.now
        calendar = case.uow.calendar(limit.organisation)
        resumed = limit.deadline.resume(now, calendar)
        setting = self.target.process.settings[(node.period and node.period.setting) or ""]
        after = count(replace(resumed.term, length=int(setting.value)), calendar)
        return after.due_on < beijing_day(now)

    def _task_obstacles(self, token: str, key: int) -> list[tuple[str, str, str, str]]:
        element_id = self._element_of(token)
        if element_id is None:
            return []
        old, new = self.before.process.nodes[element_id], self._node(element_id)
        if new is None or new.role == old.role:
            return []
        if new.approval is not None:
            return [
                (
                    element_id,
                    "多人办理正在进行，承办角色不能改变",
                    "请在本轮结束后再提出",
                    "several people are deciding, so the lane cannot change",
                )
            ]
        party, _ = split_role(new.role or "")
        if self.case.org_of(party) is None:
            return [
                (
                    element_id,
                    "目标版本的承办部门在本事项中尚未确定",
                    "请在该部门确定后再提出",
                    "the party behind its lane in the target is not known",
                )
            ]
        return []

    def _told(self, element_id: str, zh: str, do: str, en: str) -> Message:
        nodes = self.before.process.nodes
        node = nodes.get(element_id) or self.target.process.nodes.get(element_id)
        name = f"“{node.name or element_id}”（{element_id}）" if node else f"“{element_id}”"
        hint = ""
        if element_id in nodes and self._node(element_id) is None:
            like = next(
                (
                    gone["like"]
                    for gone in differences(self.before, self.target, self.names)["removed"]
                    if gone["element_id"] == element_id
                ),
                None,
            )
            if like:
                other = self.target.process.nodes[like]
                hint = f"，目标版本中位置相当的是“{other.name or like}”（{like}）"
        return Message(f"{name}{zh}，{do}{hint}", f"{element_id}: {en}")

    # Going over

    def _earliest_due(self) -> date:
        """Return the first day whose end is still ahead: nobody is late before they could know."""
        now = self.case.uow.now
        today = beijing_day(now)
        day_end = self.target.process.settings.get("cal.day_end")
        passed = day_end is not None and end_of(today, str(day_end.typed)) <= now
        return self.case.calendar.find_following_working_day(today + timedelta(1)) if passed else today

    def _take_away(self) -> list[tuple[Limit, None]]:
        """End what the target has no more, while the case's own version still says what it is."""
        case, ended = self.case, []
        for limit in list(case.limits.values()):
            node = self._node(limit.element_id)
            if node is None or node.period is None:
                ended.append((limit, None))
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
                            self._told(
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

    def _limit_lines(self, before: dict[int, Deadline], ended: list[tuple[Limit, None]]) -> None:
        case, lines = self.case, self._preview["limits"]
        for limit, _ in ended:
            lines.append(
                {
                    "deadline_key": str(limit.key),
                    **_side(case, limit, limit.deadline, "before"),
                    "what": "ended",
                }
            )
        for key, limit in case.limits.items():
            after = _side(case, limit, limit.deadline, "after")
            if key not in before:
                lines.append({"deadline_key": None, **after, "what": "set", "held": limit.deadline.held})
                continue
            was = before[key]
            live = was.state in LIVE
            line = {
                "deadline_key": str(key),
                **_side(case, limit, was, "before"),
                **after,
                "what": "counted" if live else "kept",
                "held": live and limit.deadline.held,
                "moves": (limit.due_on > was.due.due_on) - (limit.due_on < was.due.due_on),
            }
            lines.append(line)

    def _follow_ups(self, done: list[e.Event]) -> None:
        """Say what happened at once under the target: tasks opened or taken away, elements passed."""
        for event in done:
            if isinstance(event, e.UserTaskOpened | e.UserTaskCancelled | e.ElementReached):
                what = {e.UserTaskOpened: "opened", e.UserTaskCancelled: "cancelled"}.get(
                    type(event), "reached"
                )
                self._preview["moves"].append(
                    {"element_id": event.element_id, "name": event.name, "what": what}
                )
            elif isinstance(event, e.SubscriptionOpened) and event.element_id:
                new = self.target.process.nodes[event.element_id]
                self._preview["events"].append(
                    {"element_id": None, "name": None, "to_element_id": new.id, "to_name": new.name}
                )
            elif isinstance(event, e.InstanceEnded):
                self._preview["moves"].append({"element_id": "", "name": "事项办结", "what": "ended"})

    # Inner

    def _known_now(self, before: Deadline | None, limit: Limit) -> bool:
        return (
            before is not None
            and before.state is State.UNDETERMINED
            and limit.deadline.state is State.RUNNING
        )

    def _element_of(self, token: str) -> str | None:
        base = token.partition("#")[0]
        return next((at.element_id for at in self.case.machine.standing() if at.token == base), None)

    def _node(self, element_id: str) -> Node | None:
        return self.target.process.nodes.get(self.names.get(element_id, element_id))


def _side(case: Case, limit: Limit, deadline: Deadline, which: str) -> dict[str, Any]:
    term = deadline.term
    explained = explain(
        term,
        case.uow.calendar(limit.organisation),
        deadline.basis,
        deadline.extensions,
        deadline.rule,
        by_law=deadline.kind == "law",
    )
    return {
        f"{which}_name": deadline.name,
        f"{which}_setting": deadline.setting,
        f"{which}_basis": deadline.basis,
        f"{which}_length": f"{term.length}{UNITS[term.unit]}" if term.length else "固定日期",
        f"{which}_due_on": deadline.due.due_on.isoformat(),
        f"{which}_status": deadline.due.status.value,
        f"{which}_state": deadline.state.value,
        f"{which}_rule": list(explained.rule),
    }


_WORDS = {
    Why.GONE: (
        "有正在办理或者等待的环节，目标版本没有这一元素",
        "请写明它与目标版本哪个元素对应",
        "a token stands there, and the target has no such element; map it to one of the target's",
    ),
    Why.KIND: (
        "在目标版本中是另一种元素",
        "请对应到同类元素，或者在该环节办结后再提出",
        "the target has an element of another kind; map it to one of its kind, or wait until the token has left",
    ),
    Why.ROUNDS: (
        "正在等待被调用流程的结果，目标版本改变了逐项办理的清单、终止条件或者结果变量",
        "请在结果全部返回后再提出",
        "the target calls for the items of another list, until another condition or into another result; "
        "wait until all have answered",
    ),
    Why.CONTENT: (
        "正在办理的子流程在目标版本中内容不同，新增的环节不会再开启",
        "请在该子流程办结后再提出",
        "what the sub-process opens as it is entered is not the same; wait until the token has left",
    ),
    Why.SCOPE: (
        "在目标版本中位于另一子流程",
        "请写明子流程的对应关系，或者在该环节办结后再提出",
        "it lies in another sub-process; map the sub-process, or wait until the token has left",
    ),
    Why.ATTACHED: (
        "在目标版本中附着于另一环节",
        "请写明所附环节的对应关系，或者在该环节办结后再提出",
        "it is attached to another activity; map the activity, or wait until the token has left",
    ),
    Why.GATEWAY: (
        "所在的事件网关在目标版本中分支不同",
        "请写明各分支的对应关系，或者在等待结束后再提出",
        "its event-based gateway has other branches; map them, or wait until one has been taken",
    ),
    Why.INFLOW: (
        "已经汇入的一路在目标版本中不再汇入该网关",
        "请写明来路元素的对应关系，或者在汇合后再提出",
        "the flow by which a token came no longer leads to the join; map its source, or wait until it has joined",
    ),
    Why.STARVED: (
        "在目标版本中等待一路不可能到达的来路，事项将不能继续",
        "请在汇合后再提出，或者修改目标版本",
        "the join would wait for ever for a flow that no token can reach",
    ),
}
