"""Who may not do a step, for what they did earlier in the same case (C.6, R20-15).

`shixian:separateFrom` names earlier steps. Of a step of the same department, whoever did it last is kept out, but in
a department of one person (unless `separateStrict`). Of another side's step, whoever ever did it is: nobody
judges what they stated or owed for that side, however few people there are.
"""

from sqlalchemy import bindparam, select

from engine.errors import NotAllowed
from engine.handlers.case import Case
from engine.handlers.parties import split_role, staff_count
from engine.model import Node
from engine.storage.tables import user_task

_t = user_task.c
_DONE = (
    select(_t.element_id, _t.ended_by)
    .where(
        _t.instance_key == bindparam("of"),
        _t.element_id.in_(bindparam("steps", expanding=True)),
        _t.state == "completed",
    )
    .order_by(_t.ended_at, _t.key)
)


def must_be_separate(case: Case, node: Node, org: int, user_key: int) -> None:
    """Refuse whoever did an earlier step that this one judges.

    Args:
        org: The department whose step this is.
        user_key: The person who would do it.

    Raises:
        NotAllowed: the person did one of those steps.
    """
    for other in kept_out(case, node, org).get(user_key, ()):
        raise NotAllowed(
            f"“{node.name}”不得由办理“{case.node(other).name}”的同一人办理，请由另一人办理。",
            f"Expected somebody else than the person who did {other}.",
            logged="user_task",
        )


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
        for person in people[-1:] if step in own else dict.fromkeys(people):
            found.setdefault(person, []).append(step)
    return found


def _done(case: Case, steps: tuple[str, ...]) -> dict[str, list[int]]:
    """Return who did each step, in order; what is being handed in by this very command among them."""
    found: dict[str, list[int]] = {}
    for row in case.uow.conn.execute(_DONE, {"of": case.key, "steps": list(steps)}):
        if row.ended_by is not None:
            found.setdefault(row.element_id, []).append(int(row.ended_by))
    if case.completed in steps and case.acting[0] is not None:
        found.setdefault(str(case.completed), []).append(case.acting[0])
    return found


def _side(case: Case, step: str) -> int | None:
    """Return the department whose step it is, None where the model no longer tells."""
    node = case.process.nodes.get(step)
    party, _ = split_role((node.role if node else None) or "")
    return case.org_of(party) if party else None
