"""What keeps a case from being migrated, in words: each element with what to do about it."""

from dataclasses import replace

from sqlalchemy import select

from engine.deadlines import State
from engine.definitions import Definition
from engine.errors import Message, Refused
from engine.handlers.case import Case, Limit
from engine.handlers.parties import split_role
from engine.model import Node
from engine.periods import beijing_day, count
from engine.runner import Why
from engine.storage.tables import user_task
from engine.version_diff import differences


class MigrationObstructed(Refused):
    """The case cannot go on under the other version as it stands; `obstacles` name each element and what to do."""

    code = "migration_obstructed"

    def __init__(self, found: list[Message]) -> None:
        super().__init__(
            "本事项不能迁移：" + "；".join(m.zh for m in found) + "。",
            "The case cannot be migrated: " + "; ".join(m.en for m in found) + ".",
            obstacles=[{"zh": m.zh, "en": m.en} for m in found],
        )


class Obstacles:
    """Looks for what in a case has no place in the target.

    Args:
        names: Elements of the case's version that have another id in the target.
    """

    def __init__(self, case: Case, target: Definition, names: dict[str, str]) -> None:
        self.case, self.target, self.names = case, target, names
        self.before = case.definition

    def check(self) -> None:
        """Refuse the migration of a case with an obstacle.

        Raises:
            MigrationObstructed: with each of them.
        """
        found = [*self._wrong_names()]
        if not found:
            found = [self.told(*one) for one in self._obstacles()]
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
            for other in (*node.separate_from, *(act.asked for act in node.limit_acts))
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

    def told(self, element_id: str, zh: str, do: str, en: str) -> Message:
        """Return an obstacle at an element, and which of the target's may take its place."""
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

    def _element_of(self, token: str) -> str | None:
        base = token.partition("#")[0]
        return next((at.element_id for at in self.case.machine.standing() if at.token == base), None)

    def _node(self, element_id: str) -> Node | None:
        return self.target.process.nodes.get(self.names.get(element_id, element_id))


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
