"""Several people decide one user task: 会签 (all), 或签 (first), 依次 (one after another), 票签 (votes).

The token waits once; each person has a task of their own. What was decided so far is a case variable, so that
conditions, forms and the history see it:
{total, agreed, passed, asked: [user names], items: [{by, name, agrees, values}]}.
"""

import math
from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.errors import ModelFault, NotAllowed
from engine.handlers.case import Case
from engine.handlers.parties import holders
from engine.handlers.separation import kept_out
from engine.model import Approval, Node
from engine.people import Actor, Mandate
from engine.runner import Fact
from engine.storage.tables import user


def open_round(case: Case, fact: Fact, node: Node, org: int, role: str) -> None:
    """Give each person their task, or the first one theirs.

    Raises:
        ModelFault: nobody may decide.
    """
    rule = _rule(node)
    people = _people(case, node, rule, org, role)
    if not people:
        raise ModelFault(
            f"“{node.name}”没有可以办理的人员。", f"Expected somebody who may do {node.id}.", kind="party"
        )
    result = {"total": len(people), "agreed": 0, "passed": None, "asked": people, "items": []}
    case.set(**{rule.result: result})
    for number in range(1 if rule.kind == "sequential" else len(people)):
        _open(case, node, fact.token, number, people[number], org, role)


def decide(case: Case, node: Node, task: Row[Any], values: dict[str, Any]) -> bool:
    """Count what somebody handed in; say whether the round is over.

    The tasks of the others are taken away when it is; of a sequence, the next person's is opened when it is not.
    """
    rule = _rule(node)
    result = dict(case.variables[rule.result])
    agrees = rule.agrees is None or bool(case.evaluate(rule.agrees))
    by, name = case.acting
    item = {"by": str(by), "name": name, "agrees": agrees, "values": values}
    result["items"] = [*result["items"], item]
    result["agreed"] += agrees
    result["passed"] = _passed(rule, result)
    case.set(**{rule.result: result})
    over = result["passed"] is not None or bool(rule.until and case.evaluate(rule.until))
    token, _, _ = task.token.partition("#")
    if over:
        cancel_round(case, node, token)
    elif rule.kind == "sequential":
        number = len(result["items"])
        _open(case, node, token, number, result["asked"][number], task.organisation_key, task.role)
    return over


def must_not_have_decided(case: Case, node: Node, actor: Actor, mandate: Mandate | None = None) -> None:
    """One person, one vote: a task that was handed over or is done for another does not give a second one.

    Raises:
        NotAllowed: the actor has decided in this round, or is to decide in it and stands in for another.
    """
    if node.approval is None:
        return
    result = case.variables.get(node.approval.result) or {}
    if any(item["by"] == str(actor.user_key) for item in result.get("items", ())):
        raise NotAllowed(
            "您在本轮中已经办理过。",
            f"Expected somebody who has not decided {node.id} yet.",
            code="second_vote",
        )
    if mandate is not None and actor.username in result.get("asked", ()):
        raise NotAllowed(
            f"您本人也在本轮办理人员之中，不得再代{mandate.principal_name}办理。",
            f"Expected a substitute who is not asked in {node.id} in person.",
            code="second_vote",
        )


def takes_part(case: Case, node: Node, user_key: int, username: str) -> bool:
    """Say whether a person has decided in the round, or is asked to."""
    if node.approval is None:
        return False
    result = case.variables.get(node.approval.result) or {}
    decided = any(item["by"] == str(user_key) for item in result.get("items", ()))
    return decided or username in result.get("asked", ())


def cancel_round(case: Case, node: Node, token: str) -> None:
    """Take away the tasks of a round that is over."""
    for held in [t for t in case.tasks if t.startswith(f"{token}#")]:
        case.record(e.UserTaskCancelled(case.tasks.pop(held), node.id, node.name))


def _passed(rule: Approval, result: dict[str, Any]) -> bool | None:
    """Return how the round was decided, None while it is open."""
    total, agreed, done = result["total"], result["agreed"], len(result["items"])
    if rule.kind == "first":
        return bool(agreed)
    needed = _needed(rule.needed, total) if rule.kind == "votes" else total
    if rule.kind == "votes" and agreed >= needed:
        return True
    if rule.kind != "all" and agreed + total - done < needed:
        return False
    return agreed >= needed if done == total else None


def _needed(text: str | None, total: int) -> int:
    if text is None:
        return total // 2 + 1
    return max(1, math.ceil(float(text[:-1]) * total / 100) if text.endswith("%") else int(text))


def _rule(node: Node) -> Approval:
    assert node.approval is not None
    return node.approval


def _people(case: Case, node: Node, rule: Approval, org: int, role: str) -> list[str]:
    """Return the user names of who decides: of the lane, and on the list where there is one."""
    conn = case.uow.conn
    # Whoever stands in for somebody acts in that person's place: a task of their own would be a vote too many.
    keys = holders(conn, org, role)
    names = {
        key: name
        for key, name in conn.execute(select(user.c.key, user.c.username).where(user.c.key.in_(keys)))
    }
    authors = kept_out(case, node, org)
    allowed = [names[key] for key in sorted(names) if key not in authors]
    if rule.members is None:
        return allowed
    listed = case.variables.get(rule.members)
    return [n for n in dict.fromkeys(listed if isinstance(listed, list) else []) if n in allowed]


def _open(case: Case, node: Node, token: str, number: int, username: str, org: int, role: str) -> None:
    person = case.uow.conn.execute(select(user.c.key, user.c.name).where(user.c.username == username)).one()
    key, own = case.uow.next_key(), f"{token}#{number}"
    case.tasks[own] = key
    case.opened.append(key)
    lane, scope = node.role or "", node.scope or ""
    case.record(e.UserTaskOpened(key, own, node.id, node.name, org, role, lane, scope))
    case.record(e.UserTaskAssigned(key, node.name, person.key, person.name))
