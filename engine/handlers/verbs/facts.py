"""From rows to the plain facts that decide about a verb (`engine.verbs.refusal`)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.definitions import load_definition
from engine.errors import NotFound
from engine.handlers.access import is_withheld, must_see
from engine.handlers.mandates import is_free
from engine.handlers.verbs.limits import granted
from engine.handlers.verbs.trail import why_not
from engine.history.chain import parse
from engine.people import Actor
from engine.periods import beijing_day
from engine.steps import jumps
from engine.storage.tables import case_copy, event, process_instance, supervision, task_part, user_task
from engine.verbs import Facts, outside

_PARTS = select(task_part).where(
    task_part.c.task_key == bindparam("of"), task_part.c.state.in_(("open", "planned"))
)
_CASE = select(process_instance).where(process_instance.c.key == bindparam("of"))
_ORGS = select(user_task.c.organisation_key).where(user_task.c.instance_key == bindparam("of")).distinct()
_TELLING = (
    "MessageDelivered",
    "MessageThrown",
    "DocumentIssued",
    "GrantRecorded",
    "SignalThrown",
)
_TOLD = select(event.c.seq).where(event.c.stream == bindparam("of"), event.c.type.in_(_TELLING)).limit(1)
_URGED = select(event.c.body).where(event.c.stream == bindparam("of"), event.c.type == "TaskUrged")
_COPY = select(case_copy.c.key).where(
    case_copy.c.instance_key == bindparam("of"),
    case_copy.c.user_key == bindparam("who"),
    case_copy.c.read_at.is_(None),
)
_SUPERVISED = select(supervision.c.key).where(
    supervision.c.instance_key == bindparam("of"),
    supervision.c.organisation_key == bindparam("by"),
    supervision.c.ended_at.is_(None),
)


def task_facts(
    conn: Connection, actor: Actor, task: Row[Any], now: datetime, code: str | None = None
) -> Facts:
    """Return the facts of a task for an actor.

    Args:
        now: The instant, by which a day's urging is told.
        code: The verb that is asked about, where it is one: what only others hang on is left out, since reading
            the trail costs more than claiming a task.
    """
    seen = _seen(conn, actor, task.instance_key)
    case = seen or conn.execute(_CASE, {"of": task.instance_key}).one()
    process = load_definition(conn, case.definition_key).process
    node = process.nodes.get(task.element_id)
    parts = conn.execute(_PARTS, {"of": task.key}).all()
    open_kinds = [p.kind for p in parts if p.state == "open"]
    asks_limits = code in (None, "suspend", "resume") and task.state == "open"
    limits = granted(conn, process, task) if asks_limits else []
    orgs = actor.acting_orgs
    own = task.organisation_key in orgs
    done_by_me = task.state == "completed" and task.ended_by == actor.user_key
    facts = Facts(
        state=task.state,
        ended=case.ended_at is not None,
        owner="me" if task.assignee == actor.user_key else "" if is_free(actor, task) else "other",
        delegated="delegated" in open_kinds,
        before=open_kinds.count("cosign_before"),
        signing="cosign_after" in open_kinds,
        signers=any(p.kind.startswith("cosign") for p in parts),
        in_round=node is not None and node.approval is not None,
        done_by_me=done_by_me,
        recall=why_not(conn, task, process) if done_by_me and code in (None, "recall") else "already_acted",
        ways_back=node is not None and bool(node.return_to),
        ways_on=node is not None
        and actor.holds("admin")
        and any(not jump.blocked for jump in jumps(process, node, case.variables)),
        grounds=any(x.state != "paused" for x in limits),
        paused=any(x.state == "paused" for x in limits),
        urged=code in (None, "urge") and task.state == "open" and _urged(conn, task, orgs, now),
        candidate=actor.holds(task.role, task.organisation_key),
        member=own,
        head=actor.holds("head", task.organisation_key),
        starter=(case.using_key or case.managing_key) in orgs,
        waits=any(
            org in orgs and org != task.organisation_key for org in (case.using_key, case.providing_key)
        ),
        managing=case.managing_key in orgs,
        admin=actor.holds("admin") and not is_withheld(conn, actor, case),
        asked=frozenset(p.kind for p in parts if p.user_key == actor.user_key and p.state == "open"),
    )
    return facts if seen is not None else outside(facts)


def case_facts(conn: Connection, actor: Actor, case: Row[Any]) -> Facts:
    """Return the facts of a case, a row of process_instance, for an actor."""
    of, orgs = {"of": case.key}, actor.acting_orgs
    began = case.using_key or case.managing_key
    at_work = departments_at_work(conn, case.key)
    facts = Facts(
        ended=case.ended_at is not None,
        starter=began in orgs,
        managing=case.managing_key in orgs,
        party=bool(orgs & (at_work | {case.using_key, case.providing_key, case.managing_key})),
        admin=actor.holds("admin") and not is_withheld(conn, actor, case),
        known=case.received_at is not None
        or case.origin_key is not None
        or bool(case.variables.get("caller"))
        or bool(at_work - {began})
        or conn.execute(_TOLD, of).first() is not None,
        copied=conn.execute(_COPY, {**of, "who": actor.user_key}).first() is not None,
        supervised=case.managing_key is not None
        and conn.execute(_SUPERVISED, {**of, "by": case.managing_key}).first() is not None,
    )
    return facts if _seen(conn, actor, case.key) is not None else outside(facts)


def departments_at_work(conn: Connection, instance_key: int) -> set[int]:
    """Return the departments that have or had a task of a case."""
    return {int(key) for key in conn.execute(_ORGS, {"of": instance_key}).scalars()}


def urging_department(actor: Actor, case: Row[Any], task: Row[Any]) -> int | None:
    """Return the department in whose name an actor urges a task: of several, whoever waits goes first."""
    heads = task.organisation_key if actor.holds("head", task.organisation_key) else None
    for org in (
        case.using_key or case.managing_key,
        case.using_key,
        case.providing_key,
        case.managing_key,
        heads,
    ):
        if org is not None and org in actor.acting_orgs:
            return int(org)
    return None


def _urged(conn: Connection, task: Row[Any], orgs: frozenset[int], now: datetime) -> bool:
    """Say whether one of the actor's departments has urged the task on this Beijing day."""
    for body in conn.execute(_URGED, {"of": task.instance_key}).scalars():
        recorded = parse(body)
        data: Any = recorded.event
        if data.user_task_key == task.key and data.organisation_key in orgs:
            if beijing_day(recorded.occurred_at) == beijing_day(now):
                return True
    return False


def _seen(conn: Connection, actor: Actor, instance_key: int) -> Row[Any] | None:
    try:
        return must_see(conn, actor, instance_key)
    except NotFound:
        return None
