"""How somebody begins a case: which start event, who may, and what it is about."""

from typing import Any

from sqlalchemy import Connection, select

from engine import events as e
from engine.commands import StartInstance
from engine.definitions import load_definition
from engine.errors import InvalidInput, NotAllowed, WrongState
from engine.handlers.access import must_see
from engine.handlers.advance import advance
from engine.handlers.case import PARTY_VARIABLES, Case, start_case
from engine.handlers.governments import GOVERNMENT
from engine.handlers.parties import split_role
from engine.handlers.resources import may_use, resource
from engine.model import TITLE_NAMES, Node, Process
from engine.people import ROLES, Actor
from engine.periods import beijing_day
from engine.profiles import party_name, profile_of
from engine.storage.tables import organisation
from engine.uow import UnitOfWork
from engine.version_states import version_for_new_case

HANDED_ON = (*PARTY_VARIABLES, "resource")
_NEEDS_ENTRY = ("entry", "access")


def start_instance(cmd: StartInstance, uow: UnitOfWork) -> dict[str, Any]:
    """Open a case; its first task is the starter's."""
    actor = cmd.actor
    newest = version_for_new_case(uow.conn, cmd.process_id, beijing_day(uow.at))
    process = load_definition(uow.conn, newest).process
    node = _start_event(process, cmd.start)
    if actor is None or not may_begin(uow.conn, actor, node):
        raise NotAllowed(
            f"“{process.name}”由{_starter(process, node)}发起，您没有该角色。",
            f"Expected a member of {node.role}, found {actor.username if actor else 'nobody'}.",
        )
    variables = _about_case(uow, actor, cmd.about, node, process)
    variables |= _about_entry(uow, actor, cmd.resource_key, node, process)
    variables[split_role(node.role or "")[0]] = str(actor.org_key)
    case = start_case(uow, cmd.process_id, {**variables, "title": case_title(process, variables)})
    if cmd.start is not None:
        case.start = node.id
    if node.when and not case.evaluate(node.when):
        raise NotAllowed(
            f"“{process.name}”不能由本部门就该事项发起：本部门不是该事项的当事部门，或者不符合流程规定的条件。",
            f"Expected what {node.id} asks for ({node.when}), found otherwise.",
        )
    advance(case)
    first = case.opened[0] if case.opened else None
    if first is not None:
        _assign(case, first, actor)
    return {"instance_key": str(case.key), "user_task_key": str(first) if first else None}


def asked_for(process: Process) -> list[Node]:
    """Return the start events at which somebody may begin a case, in the order of the model."""
    starts = (n for n in process.nodes.values() if n.type == "startEvent" and n.scope is None)
    return [n for n in starts if n.event is None and split_role(n.role or "")[0]]


def may_begin(conn: Connection, actor: Actor, node: Node) -> bool:
    """Say whether the actor's department may be the party whose lane the start event lies in."""
    prefix = (node.role or "").partition(".")[0]
    if not actor.holds(split_role(node.role or "")[1], actor.org_key):
        return False
    if prefix not in ("mgr", "gov"):
        return True
    row = conn.execute(select(organisation).where(organisation.c.key == actor.org_key)).one()
    return bool(row.managing) if prefix == "mgr" else row.kind == GOVERNMENT


def case_title(process: Process, variables: dict[str, Any]) -> str:
    """Return what a new case is called, as its process says (shixian:caseTitle)."""
    origin = variables.get("origin") or {}
    named = (variables.get("resource") or {}).get("name", "")
    text = process.case_title or process.name
    for name, value in zip(
        TITLE_NAMES, (named, origin.get("title", ""), origin.get("business_id", "")), strict=True
    ):
        text = text.replace(f"{{{name}}}", str(value))
    return text[:100].rstrip("： ")


def origin_of(row: Any) -> dict[str, str]:
    """Return what a case keeps of the case it comes from.

    Args:
        row: That case's row of process_instance.
    """
    return {
        "instance_key": str(row.key),
        "business_id": row.business_id,
        "process_id": row.process_id,
        "title": row.title,
    }


def _starter(process: Process, node: Node) -> str:
    party, _, role = (node.role or "").partition(".")
    named = party_name(profile_of(process), party) if party in ("mgr", "gov") else "部门"
    return named + ROLES.get(role, role)


def _start_event(process: Process, start: str | None) -> Node:
    found = asked_for(process)
    if start is not None:
        found = [node for node in found if node.id == start]
    if not found:
        raise InvalidInput(
            f"流程“{process.name}”不能由人员直接发起。",
            f"Expected a process that somebody may start, found {process.id}.",
        )
    return found[0]


def _about_case(
    uow: UnitOfWork, actor: Actor, about: int | None, node: Node, process: Process
) -> dict[str, Any]:
    if about is None:
        if node.needs == "case":
            raise InvalidInput("请从有关事项发起。", f"Expected the case that {process.id} is about.")
        return {}
    row = must_see(uow.conn, actor, about)
    uow.expect(row.key)
    handed = {name: row.variables[name] for name in HANDED_ON if row.variables.get(name) is not None}
    kept = {name: value for name, value in handed.items() if name in process.variables}
    return {**kept, "origin": origin_of(row)}


def _about_entry(
    uow: UnitOfWork, actor: Actor, key: int | None, node: Node, process: Process
) -> dict[str, Any]:
    if key is None:
        if node.needs in _NEEDS_ENTRY:
            raise InvalidInput("请先从资源目录选择资源。", f"Expected the entry that {process.id} is about.")
        return {}
    entry = resource(uow.conn, key)
    own = entry["provider"] == str(actor.org_key)
    if node.needs == "entry" and entry["withdrawn_on"] is not None:
        raise WrongState(
            "该资源已从目录撤销，不能申请共享。", "Expected an entry in force, found it withdrawn."
        )
    if node.needs == "entry" and entry.get("deletes_on") is not None:
        raise WrongState(
            f"该资源将自{entry['deletes_on']}起从目录删除，不再受理新的申请。",
            f"Expected an entry that stays, found one that leaves on {entry['deletes_on']}.",
        )
    if own and "providing_dept" in process.variables:
        raise InvalidInput(
            f"该资源由本部门提供，不能就其发起“{process.name}”。",
            "Expected a resource of another department, found one of the actor's own.",
        )
    if node.needs == "access" and not may_use(uow.conn, actor.org_key, entry, beijing_day(uow.at)):
        raise NotAllowed(
            "本部门没有该资源的有效授权，不能就其发起该事项。",
            f"Expected a department that may use entry {key}, found {actor.org_key} without a grant.",
        )
    found: dict[str, Any] = {"resource": entry}
    if "providing_dept" in process.variables:
        found["providing_dept"] = entry["provider"]
    return found


def _assign(case: Case, task_key: int, actor: Actor) -> None:
    task = next(
        x.recorded.event
        for x in case.uow.events
        if isinstance(x.recorded.event, e.UserTaskOpened) and x.recorded.event.user_task_key == task_key
    )
    pair, given = (task.organisation_key, task.role), (task_key, task.name, actor.user_key, actor.name)
    rules = [m for m in actor.mandates if (m.org_key, m.role) == pair and pair in actor.deputy_of]
    standing = [(m.principal, m.principal_name, m.key) for m in rules if m.unconditional][:1]
    case.record(e.UserTaskAssigned(*given, *(standing[0] if standing else ())))
