"""The verbs that a reader is offered on a task or a case, each with what its dialogue lets them choose from.

What is offered is what the engine allows: both ask `engine.verbs.refusal`. A verb that has nobody or nothing left to
choose from is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, literal, select

from engine.definitions import Definition, load_definition
from engine.errors import Message, NotFound
from engine.handlers import mandates
from engine.handlers.access import must_see, seen_by_department
from engine.handlers.case import Case, load_case
from engine.handlers.judges import benches, judging
from engine.handlers.parties import members, with_predecessors
from engine.handlers.separation import kept_out
from engine.handlers.verbs.facts import case_facts, departments_at_work, task_facts
from engine.handlers.verbs.limits import granted
from engine.handlers.verbs.people import colleagues
from engine.inbox_rows import of_person
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.verb_views import (
    CopyView,
    OfferedVerb,
    PartView,
    PersonChoice,
    StepChoice,
    SupervisionView,
)
from engine.steps import back, jumps
from engine.storage.tables import (
    case_copy,
    process_instance,
    supervision,
    task_inbox,
    task_part,
    user,
    user_task,
)
from engine.uow import UnitOfWork
from engine.verbs import Facts, Verb, allowed

MOST_LOAD = 99
_KINDS = {
    "delegated": Message("委派填写", "Delegated"),
    "cosign_before": Message("前加签", "Signs before"),
    "cosign_after": Message("后加签", "Signs after"),
    "assist": Message("协办", "Assists"),
    "consult": Message("沟通", "Consulted"),
    "returned": Message("退回", "Returned"),
}
_PRIMARY = ("claim", "give_back", "answer", "agree", "mark_read")


def offered(reader: Reader, actor: Actor, task_key: int) -> tuple[OfferedVerb, ...]:
    """Return the verbs that the actor may do with a task now.

    Raises:
        NotFound: no such task.
    """
    task = reader.conn.execute(select(user_task).where(user_task.c.key == task_key)).first()
    if task is None:
        raise NotFound("没有该任务。", f"Expected a user task {task_key}, found none.")
    facts = task_facts(reader.conn, actor, task, reader.now)
    case = case_row(reader, task.instance_key)
    return _filled(_Task(reader, actor, task, case), allowed("task", facts), facts)


def offered_on_case(reader: Reader, actor: Actor, instance_key: int) -> tuple[OfferedVerb, ...]:
    """Return the verbs that the actor may do with a case now.

    Raises:
        NotFound: no such case.
    """
    case = case_row(reader, instance_key)
    facts = case_facts(reader.conn, actor, case)
    return _filled(_Task(reader, actor, None, case), allowed("case", facts), facts)


def parts(reader: Reader, actor: Actor, task_key: int) -> tuple[PartView, ...]:
    """Return who has a hand in a task, oldest first, to its department and to auditors; to others what they were asked."""
    p, t = task_part.c, user_task.c
    rows = reader.conn.execute(select(task_part).where(p.task_key == task_key).order_by(p.key)).all()
    if not rows:
        return ()
    must_see(reader.conn, actor, rows[0].instance_key)
    org = reader.conn.execute(select(t.organisation_key).where(t.key == task_key)).scalar_one()
    if org not in with_predecessors(reader.conn, actor.acting_orgs) and not actor.holds("auditor"):
        rows = [row for row in rows if actor.user_key in (row.user_key, row.asked_by)]
    return tuple(
        PartView(
            row.kind,
            _KINDS[row.kind],
            reader.person(row.user_key) or "",
            reader.person(row.asked_by) or "",
            reader.words(row.text_sha256),
            row.state,
            row.agrees,
            reader.words(row.answer_sha256),
            row.asked_at,
            row.answered_at,
            row.user_key == actor.user_key,
        )
        for row in rows
    )


def supervisions(reader: Reader, actor: Actor, instance_key: int) -> tuple[SupervisionView, ...]:
    """Return the supervisions of a case, latest first."""
    must_see(reader.conn, actor, instance_key)
    s = supervision.c
    rows = reader.conn.execute(
        select(supervision).where(s.instance_key == instance_key).order_by(s.key.desc())
    )
    return tuple(
        SupervisionView(
            reader.org(row.organisation_key), row.text, reader.person(row.by_key) or "", row.at, row.ended_at
        )
        for row in rows
    )


def copies(reader: Reader, actor: Actor, instance_key: int) -> tuple[CopyView, ...]:
    """Return the copies of a case, latest first."""
    must_see(reader.conn, actor, instance_key)
    c = case_copy.c
    rows = reader.conn.execute(select(case_copy).where(c.instance_key == instance_key).order_by(c.key.desc()))
    return tuple(
        CopyView(
            reader.person(row.user_key) or "",
            reader.person(row.sent_by) or "",
            reader.words(row.text_sha256),
            row.sent_at,
            row.read_at,
        )
        for row in rows
    )


@dataclass
class _Task:
    reader: Reader
    actor: Actor
    task: Any
    case: Any

    @property
    def definition(self) -> Definition:
        return load_definition(self.reader.conn, self.case.definition_key)


def case_row(reader: Reader, key: int) -> Any:
    """Return the row of a case.

    Raises:
        NotFound: there is none.
    """
    row = reader.conn.execute(select(process_instance).where(process_instance.c.key == key)).first()
    if row is None:
        raise NotFound("没有该办理事项。", f"Expected a process instance {key}, found none.")
    return row


def _filled(of: _Task, verbs: Iterable[Verb], facts: Facts) -> tuple[OfferedVerb, ...]:
    found = []
    for verb in verbs:
        offer = OfferedVerb(
            verb.code,
            verb.name,
            verb.effect,
            verb.needs,
            danger=verb.danger,
            primary=verb.code in _PRIMARY,
            wants_text=verb.wants_text,
            at_once=verb.at_once,
            replies=verb.replies,
        )
        if {"person", "people"} & set(verb.needs):
            offer = replace(offer, people=_people(of, verb.code))
        if "step" in verb.needs:
            offer = replace(offer, steps=_steps(of, verb.code))
        if "ground" in verb.needs:
            offer = replace(offer, grounds=_grounds(of))
        if _complete(of, offer):
            found.append(offer)
    return tuple(found)


def _complete(of: _Task, offer: OfferedVerb) -> bool:
    """Say whether there is something to choose, and the actor may own what they would come to own."""
    if ({"person", "people"} & set(offer.needs)) and not offer.people:
        return False
    if "step" in offer.needs and not offer.steps:
        return False
    taking = ("claim", "delegate", "return", "add_signer_before", "add_signer_after", "assist")
    return offer.code not in taking or of.actor.user_key not in _kept_out(of)


def _steps(of: _Task, code: str) -> tuple[StepChoice, ...]:
    process = of.definition.process
    node = process.nodes[of.task.element_id]
    if code == "return":
        return tuple(StepChoice(n.id, n.name) for n in back(process, node))
    on = (jump for jump in jumps(process, node, of.case.variables) if not jump.blocked)
    return tuple(StepChoice(jump.target.id, jump.target.name) for jump in on)


def _grounds(of: _Task) -> tuple[str, ...]:
    rows = granted(of.reader.conn, of.definition.process, of.task)
    return tuple(dict.fromkeys(ground for row in rows for ground in row.terms["grounds"]))


def _people(of: _Task, code: str) -> tuple[PersonChoice, ...]:
    reader, task = of.reader, of.task
    if code == "remove_signer":
        p = task_part.c
        signers = reader.conn.execute(
            select(p.user_key).where(
                p.task_key == task.key, p.kind.like("cosign%"), p.state.in_(("open", "planned"))
            )
        ).scalars()
        return _choices(reader, set(signers))
    if code in ("copy", "consult"):
        return _choices(reader, _readers(of) - {of.actor.user_key})
    if code == "assign":
        keys = set(members(reader.conn, task.organisation_key, task.role, reader.today)) - {task.assignee}
    else:
        keys = set(colleagues(reader.conn, task.organisation_key, reader.today))
        keys -= {task.assignee, of.actor.user_key}
    if code == "assign" and task.assignee is None:
        keys -= {of.actor.user_key}
    if code in ("delegate", "assist"):
        keys -= _last_judges(of, keys)
    return _choices(reader, keys - _kept_out(of))


def _kept_out(of: _Task) -> set[int]:
    """Return who may not do the task for what they did before (C.6)."""
    node = of.definition.process.nodes.get(of.task.element_id) if of.task is not None else None
    if node is None or not node.separate_from:
        return set()
    return set(kept_out(_loaded(of), node, of.task.organisation_key))


def _last_judges(of: _Task, keys: set[int]) -> set[int]:
    """Return who is the last that could judge the task, and so must have no hand in it (C.6)."""
    if not judging(of.definition.process, of.task.element_id):
        return set()
    found = benches(_loaded(of), of.task, mandates.for_task(of.reader.conn, of.actor, of.task))
    return {key for key in keys if any(bench.emptied_by({key}) for bench in found)}


def _loaded(of: _Task) -> Case:
    reader = of.reader
    return load_case(UnitOfWork(reader.conn, reader.now, reader.calendars, lambda: 0), of.case.key)


def _readers(of: _Task) -> set[int]:
    """Return who works in cases of the departments that see the case."""
    conn, row = of.reader.conn, of.case
    orgs = {row.using_key, row.providing_key, row.managing_key, *departments_at_work(conn, row.key)}
    found: set[int] = set()
    for org in sorted(filter(None, orgs)):
        seen = seen_by_department(with_predecessors(conn, frozenset({org})))
        query = select(literal(1)).where(process_instance.c.key == row.key, seen)
        if conn.execute(query).first() is not None:
            found |= colleagues(conn, org, of.reader.today)
    return found


def _choices(reader: Reader, keys: set[int]) -> tuple[PersonChoice, ...]:
    """Return people with where they work and how many tasks wait for them, the least busy first."""
    rows = reader.conn.execute(
        select(user.c.key, user.c.username, user.c.name, user.c.organisation_key).where(
            user.c.key.in_(keys), user.c.active
        )
    ).all()
    loads = {row.key: _load(reader, row.key) for row in rows}
    return tuple(
        PersonChoice(
            row.username,
            row.name,
            Message(
                f"{reader.org(row.organisation_key)}，在办{_count(loads[row.key])}件",
                f"{reader.org(row.organisation_key)}, {_count(loads[row.key])} open",
            ),
        )
        for row in sorted(rows, key=lambda r: (r.organisation_key, loads[r.key], r.key))
    )


def _load(reader: Reader, user_key: int) -> int:
    holder = of_person(user_key)
    capped = select(literal(1)).where(task_inbox.c.holder == holder).limit(MOST_LOAD + 1).subquery()
    return int(reader.conn.execute(select(func.count()).select_from(capped)).scalar_one())


def _count(load: int) -> str:
    return f"{MOST_LOAD}+" if load > MOST_LOAD else str(load)
