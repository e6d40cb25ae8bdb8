"""Who may not do a step, for what they did earlier in the same case (C.6, R20-15).

`shixian:separateFrom` names earlier steps. Of a step of the same department, whoever did it last is kept out, but in
a department of one person (unless `separateStrict`). Of another side's step, whoever ever did it is: nobody
judges what they stated or owed for that side, however few people there are. Whoever gave back a part of it (委派,
协办) did it too.
"""

from sqlalchemy import bindparam, select

from engine.errors import NotAllowed
from engine.handlers.case import Case
from engine.handlers.parties import split_role, staff_count
from engine.model import Node
from engine.people import Mandate
from engine.storage.tables import process_instance, task_part, user_task

HANDS = ("delegated", "assist")
"""The kinds of parts in a task by which somebody works on what its owner hands in."""
_t, _p = user_task.c, task_part.c
_DONE = (
    select(_t.key, _t.element_id, _t.ended_by, _t.stands_for)
    .where(
        _t.instance_key == bindparam("of"),
        _t.element_id.in_(bindparam("steps", expanding=True)),
        _t.state == "completed",
    )
    .order_by(_t.ended_at, _t.key)
)
_HELPED = (
    select(_t.key, _t.element_id, _t.state, _p.user_key)
    .join(user_task, _t.key == _p.task_key)
    .where(
        _p.instance_key == bindparam("of"),
        _t.element_id.in_(bindparam("steps", expanding=True)),
        _p.kind.in_(HANDS),
        _p.state == "answered",
    )
    .order_by(_p.key)
)


def must_be_separate(case: Case, node: Node, org: int, user_key: int, mandate: Mandate | None = None) -> None:
    """Refuse whoever did an earlier step that this one judges, in person or through a substitute.

    Whoever stands in for somebody is kept out where that person is, and where they are themselves: as who began the
    case too, where its own department's step is judged.

    Args:
        org: The department whose step this is.
        user_key: The person who would do it.
        mandate: In whose place, if not in their own right.

    Raises:
        NotAllowed: the person did one of those steps.
    """
    found = kept_out(case, node, org)
    for other in found.get(user_key, ()):
        raise NotAllowed(
            f"“{node.name}”不得由办理“{case.node(other).name}”的同一人办理，请由另一人办理。",
            f"Expected somebody else than the person who did {other}.",
            logged="user_task",
        )
    if mandate is None:
        return
    for other in found.get(mandate.principal, ()):
        raise NotAllowed(
            f"委托人{mandate.principal_name}办理过“{case.node(other).name}”，不得由他人代其办理“{node.name}”。",
            f"Expected a principal who did not do {other}.",
            logged="user_task",
            code="principal_barred",
        )
    if _judges_the_beginning(case, node, org) and began(case) in (user_key, mandate.principal):
        raise NotAllowed(
            f"发起本事项的人员不得代他人办理“{node.name}”，也不得由他人代为办理。",
            "Expected a substitute and a principal who did not begin the case.",
            logged="user_task",
            code="substitute_is_party",
        )


def _judges_the_beginning(case: Case, node: Node, org: int) -> bool:
    return any(_side(case, step) in (None, org) for step in node.separate_from)


def began(case: Case) -> int:
    """Return the key of the person who began a case."""
    query = select(process_instance.c.started_by).where(process_instance.c.key == case.key)
    return int(case.uow.conn.execute(query).scalar_one())


def kept_out(case: Case, node: Node, org: int) -> dict[int, list[str]]:
    """Return who may not do a step, by the key of the person, with the steps they did."""
    if not node.separate_from:
        return {}
    done = _done(case, node.separate_from)
    own = {step for step in done if _side(case, step) in (None, org)}
    if own and not node.separate_strict and staff_count(case.uow.conn, org) == 1:
        done = {step: people for step, people in done.items() if step not in own}
    found: dict[int, list[str]] = {}
    for step, people in done.items():
        for person in dict.fromkeys(key for both in (people[-1:] if step in own else people) for key in both):
            found.setdefault(person, []).append(step)
    return found


def _done(case: Case, steps: tuple[str, ...]) -> dict[str, list[tuple[int, ...]]]:
    """Return who did each step, in order, with whom they stood in for and who had a hand in it.

    What is being handed in by this very command is among them; its row still says that it is open.
    """
    of = {"of": case.key, "steps": list(steps)}
    helped = case.uow.conn.execute(_HELPED, of).all()
    found: dict[str, list[tuple[int, ...]]] = {}
    for row in case.uow.conn.execute(_DONE, of):
        if row.ended_by is not None:
            people = (row.ended_by, row.stands_for, *(h.user_key for h in helped if h.key == row.key))
            found.setdefault(row.element_id, []).append(tuple(int(key) for key in people if key is not None))
    if case.completed in steps and case.acting[0] is not None:
        now = (h.user_key for h in helped if h.element_id == case.completed and h.state == "open")
        people = (case.acting[0], *(case.stands_for[:1] if case.stands_for else ()), *now)
        found.setdefault(str(case.completed), []).append(people)
    return found


def _side(case: Case, step: str) -> int | None:
    """Return the department whose step it is, None where the model no longer tells."""
    node = case.process.nodes.get(step)
    party, _ = split_role((node.role if node else None) or "")
    return case.org_of(party) if party else None
