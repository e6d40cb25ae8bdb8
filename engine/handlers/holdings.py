"""What a person holds, and what becomes of each thing when they leave (离职转办).

The same function says it for the preview and decides it when the thing is handed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from engine.errors import NotAllowed
from engine.handlers.approvals import takes_part
from engine.handlers.case import load_case
from engine.handlers.parties import holders, organisation_named
from engine.handlers.separation import must_be_separate
from engine.people import CASE_ROLES, ROLES
from engine.periods import beijing_day
from engine.storage.tables import deputy, process_instance, task_part, user, user_role, user_task
from engine.uow import UnitOfWork

GROUPS = (*CASE_ROLES, "parts", "cases")
"""For what a successor is chosen: the tasks of a role, parts in others' tasks, cases that the person began."""
_t, _p, _i, _d = user_task.c, task_part.c, process_instance.c, deputy.c


@dataclass(frozen=True)
class Holding:
    """One thing that a person holds.

    Attributes:
        kind: rule, task, part (what the person has to do with another's task), asked (what others have to answer to
            the person) or case (that they began).
        group: For whom a successor is chosen, one of `GROUPS`; empty for what simply ends.
    """

    kind: str
    key: int
    name: str
    group: str
    row: Any  # of the table it is in

    @property
    def instance_key(self) -> int | None:
        """The case it belongs to."""
        if self.kind == "rule":
            return None
        return int(self.row.key if self.kind == "case" else self.row.instance_key)


@dataclass(frozen=True)
class Outcome:
    """What becomes of it: handed_on, returned or ended; to whom, and why not to the successor."""

    outcome: str
    to: Row[Any] | None = None
    to_name: str = ""
    reason: str = ""


def holdings(conn: Connection, user_key: int) -> list[Holding]:
    """Return everything a person holds, in the order in which it is handed on.

    Rules of substitution come first: what a substitute took of the person's is theirs again when the rule ends.
    """
    return [
        *_rules(conn, user_key),
        *_tasks(conn, user_key),
        *_parts(conn, user_key),
        *_cases(conn, user_key),
    ]


def _rules(conn: Connection, user_key: int) -> list[Holding]:
    rows = conn.execute(
        select(deputy)
        .where(_d.ended_at.is_(None), or_(_d.principal_key == user_key, _d.deputy_key == user_key))
        .order_by(_d.key)
    )
    names = {key: name for key, name in conn.execute(select(user.c.key, user.c.name))} if rows else {}
    return [Holding("rule", r.key, f"{names[r.principal_key]}委托{names[r.deputy_key]}", "", r) for r in rows]


def _tasks(conn: Connection, user_key: int) -> list[Holding]:
    own = (_t.assignee == user_key) & _t.deputy_key.is_(None)
    rows = conn.execute(
        select(user_task).where(_t.state == "open", or_(own, _t.returns_to == user_key)).order_by(_t.key)
    )
    return [Holding("task", r.key, r.name, r.role, r) for r in rows]


def _parts(conn: Connection, user_key: int) -> list[Holding]:
    query = (
        select(task_part, _t.name)
        .join(user_task, _t.key == _p.task_key)
        .where(_p.state.in_(("open", "planned")))
    )
    mine = conn.execute(query.where(_p.user_key == user_key).order_by(_p.key))
    asked = conn.execute(query.where(_p.asked_by == user_key, _p.user_key != user_key).order_by(_p.key))
    return [
        *(Holding("part", r.key, r.name, "parts", r) for r in mine),
        *(Holding("asked", r.key, r.name, "parts", r) for r in asked),
    ]


def _cases(conn: Connection, user_key: int) -> list[Holding]:
    rows = conn.execute(
        select(_i.key, _i.title, _i.business_id, _i.process_id)
        .where(_i.started_by == user_key, _i.ended_at.is_(None))
        .order_by(_i.key)
    )
    return [Holding("case", r.key, r.business_id, "cases", r) for r in rows]


class Plan:
    """Says of each thing what becomes of it.

    Args:
        successors: User name by group; `all` for every group that is not named.
    """

    def __init__(self, uow: UnitOfWork, leaving_user: int, org: int, successors: Mapping[str, str]) -> None:
        self._uow, self._leaving, self._org, self._chosen = uow, leaving_user, org, successors

    def outcome(self, holding: Holding) -> Outcome:
        """Return what becomes of a thing."""
        if holding.kind == "rule":
            return self._rule(holding)
        successor = self._successor(holding.group)
        if holding.kind == "task":
            return self._task(holding, successor)
        if successor is None:
            return Outcome("returned", reason="没有指定承接人。")
        if successor.key not in self._colleagues:
            return Outcome("returned", reason=f"{successor.name}不是本部门办理事项的人员。")
        if holding.kind == "part" and successor.key == holding.row.asked_by:
            return Outcome("returned", reason=f"{successor.name}就是交办人。")
        return Outcome("handed_on", successor, successor.name)

    def _rule(self, holding: Holding) -> Outcome:
        if holding.row.deputy_key != self._leaving:
            return Outcome("ended")
        taken = select(_t.key).where(_t.deputy_key == holding.key, _t.state == "open")
        count = len(self._uow.conn.execute(taken).all())
        return Outcome("ended", reason=f"代办的{count}项任务退回。" if count else "")

    def _task(self, holding: Holding, successor: Row[Any] | None) -> Outcome:
        task, conn = holding.row, self._uow.conn
        back = organisation_named(conn, task.organisation_key, self._today)
        if successor is None:
            return Outcome("returned", to_name=back, reason="没有指定承接人。")
        if successor.key not in holders(conn, task.organisation_key, task.role):
            reason = f"{successor.name}不是该部门的{ROLES[task.role]}。"
            return Outcome("returned", to_name=back, reason=reason)
        if (kept_out := self._kept_out(holding, successor)) is not None:
            return Outcome("returned", to_name=back, reason=kept_out)
        return Outcome("handed_on", successor, str(successor.name))

    def _kept_out(self, holding: Holding, successor: Row[Any]) -> str | None:
        task = holding.row
        case = load_case(self._uow, task.instance_key)
        node = case.node(task.element_id)
        if takes_part(case, node, successor.key, successor.username):
            return f"{successor.name}本人也在本轮办理人员之中。"
        try:
            must_be_separate(case, node, task.organisation_key, successor.key)
        except NotAllowed as refusal:
            return refusal.zh
        return None

    def _successor(self, group: str) -> Row[Any] | None:
        username = self._chosen.get(group) or self._chosen.get("all") or ""
        found = select(user).where(user.c.username == username, user.c.active, user.c.key != self._leaving)
        return self._uow.conn.execute(found).first()

    @cached_property
    def _colleagues(self) -> set[int]:
        held = user_role.c
        rows = self._uow.conn.execute(
            select(held.user_key).where(held.organisation_key == self._org, held.role.in_(CASE_ROLES))
        )
        return {int(key) for key in rows.scalars()}

    @property
    def _today(self) -> date:
        return beijing_day(self._uow.now)
