"""Who is left to judge a step: whoever has a hand in it may not, so somebody else has to be there (C.6)."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, bindparam, select

from engine.handlers import mandates
from engine.handlers.case import Case
from engine.handlers.parties import holders, split_role, staff_count
from engine.handlers.separation import HANDS, began, kept_out
from engine.model import Node, Process
from engine.people import Actor
from engine.periods import beijing_day
from engine.storage.tables import task_part

_p = task_part.c
_HELPING = select(_p.user_key).where(
    _p.task_key == bindparam("of"), _p.kind.in_(HANDS), _p.state.in_(("open", "answered"))
)


@dataclass(frozen=True)
class Bench:
    """Those who may do a step that judges another of their department.

    Attributes:
        judges: Each with whom they stand in for; one who is barred bars the other.
    """

    node: Node
    judges: tuple[frozenset[int], ...]

    def emptied_by(self, people: Set[int]) -> bool:
        """Say whether nobody would be left if people had a hand in what is judged; an empty one they do not empty."""
        return bool(self.judges) and all(judge & people for judge in self.judges)


def judging(process: Process, element_id: str) -> tuple[Node, ...]:
    """Return the steps that whoever did a step may not do."""
    return tuple(node for node in process.nodes.values() if element_id in node.separate_from)


def benches(case: Case, task: Row[Any], actor: Actor) -> tuple[Bench, ...]:
    """Return who may judge an open task that the actor owns, or would, by each step of its department that does.

    Args:
        actor: As `engine.handlers.mandates.for_task` returns them.
    """
    conn, org = case.uow.conn, task.organisation_key
    alone = staff_count(conn, org) == 1
    helping = conn.execute(_HELPING, {"of": task.key}).scalars()
    barred = frozenset((*_owners(actor, task), *helping))
    found = []
    for node in judging(case.process, task.element_id):
        party, role = split_role(node.role or "")
        if case.org_of(party) == org and (node.separate_strict or not alone):
            # Who did the task before is kept out no more once it is handed in again.
            rest = replace(
                node, separate_from=tuple(step for step in node.separate_from if step != task.element_id)
            )
            out = barred | kept_out(case, rest, org).keys()
            found.append(Bench(node, tuple(judge for judge in _judges(case, org, role) if not judge & out)))
    return tuple(found)


def _judges(case: Case, org: int, role: str) -> Iterable[frozenset[int]]:
    conn, first = case.uow.conn, began(case)
    yield from (frozenset({key}) for key in holders(conn, org, role))
    matter = mandates.matter_of_case(case)
    for rule in mandates.of_lane(conn, org, role, beijing_day(case.uow.now)):
        if rule.covers(matter) and first not in (rule.substitute, rule.principal):
            yield frozenset({rule.substitute, rule.principal})


def _owners(actor: Actor, task: Row[Any]) -> Iterable[int]:
    if task.assignee == actor.user_key:
        principal = task.stands_for
    else:
        mandate = mandates.stands_in(actor, task)
        principal = mandate.principal if mandate else None
    return (actor.user_key,) if principal is None else (actor.user_key, principal)
