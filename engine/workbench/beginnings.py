"""How a case begins in a scratch office: by somebody, by a message, or by a planned instant."""

from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.errors import InvalidInput, NotAllowed, Refused
from engine.handlers.advance import advance
from engine.handlers.case import start_case
from engine.handlers.governments import GOVERNMENT
from engine.handlers.parties import split_role
from engine.handlers.resources import resource
from engine.handlers.starts import case_title
from engine.model import Node, Process
from engine.people import Actor
from engine.storage.tables import catalogue_entry, organisation
from engine.uow import UnitOfWork
from engine.workbench.scenario import Start
from engine.workbench.scratch import ScratchEngine

_NEEDS_ENTRY = ("entry", "access")
_ORIGIN = "ln_art12_application"


def starts_of(process: Process) -> tuple[Node, ...]:
    """Return the start events that a case can begin at, those that somebody begins first."""
    found = [n for n in process.nodes.values() if n.type == "startEvent" and n.scope is None]
    return tuple(sorted(found, key=lambda n: n.event is not None))


def begin(engine: ScratchEngine, process: Process, start: Start) -> int:
    """Begin a case and return its key.

    Raises:
        Refused: it cannot begin there.
    """
    known = {node.id: node for node in starts_of(process)}
    node = known.get(start.event or next(iter(known), ""))
    if node is None:
        raise InvalidInput(
            f"流程没有开始事件“{start.event or ''}”。", f"Expected a start event, found {start.event!r}."
        )
    if node.event is None and node.role:
        return _by_somebody(engine, process, node, start)
    return int(engine.work(lambda uow: _by_itself(engine, uow, process, node, start)))


def _by_somebody(engine: ScratchEngine, process: Process, node: Node, start: Start) -> int:
    """Begin as the first person of the office who may."""
    # Without a grant a department may use what is shared without conditions.
    kind = "unconditional" if node.needs == "access" else start.entry
    entry = _entry(engine, kind) if node.needs in _NEEDS_ENTRY else None
    refused: Refused | None = None
    for actor in _starters(engine, node, int(entry["provider"]) if entry else None):
        try:
            about = _origin(engine, actor, start) if node.needs == "case" else None
            command = c.StartInstance(
                actor=actor,
                process_id=process.id,
                resource_key=int(entry["key"]) if entry else None,
                about=about,
                start=node.id,
            )
            return int(engine.handle(command)["instance_key"])
        except (NotAllowed, InvalidInput) as refusal:  # another department may be who can
            refused = refusal
    raise refused or NotAllowed(
        f"演练的部门中没有可以从“{node.name or node.id}”发起的人员（{node.role}）。",
        f"Expected somebody of {node.role} in the office, found nobody.",
    )


def _starters(engine: ScratchEngine, node: Node, other_than: int | None) -> list[Actor]:
    role = split_role(node.role or "")[1]
    with engine.database.reading() as conn:
        orgs = conn.execute(select(organisation).order_by(organisation.c.key)).all()
    party = (node.role or "").partition(".")[0]
    if party == "mgr":
        orgs = [o for o in orgs if o.managing]
    elif party == "gov":
        orgs = [o for o in orgs if o.kind == GOVERNMENT]
    else:
        orgs = [o for o in orgs if not o.managing and o.kind != GOVERNMENT and o.key != other_than]
    return [people[0] for o in orgs if (people := engine.holders(o.key, role))]


def _entry(engine: ScratchEngine, kind: str) -> dict[str, Any]:
    with engine.database.reading() as conn:
        of = catalogue_entry.c
        query = select(of.key).where(of.sharing_type == kind, of.withdrawn_on.is_(None)).order_by(of.key)
        key = conn.execute(query.limit(1)).scalar()
        if key is None:
            raise InvalidInput(
                "演练的资源目录中没有这类资源。", f"Expected an entry that is {kind}, found none."
            )
        return resource(conn, int(key))


def _origin(engine: ScratchEngine, actor: Actor, start: Start) -> int:
    """Begin the case that this one comes from."""
    entry = _entry(engine, start.entry)
    command = c.StartInstance(actor=actor, process_id=start.about, resource_key=int(entry["key"]))
    return int(engine.handle(command)["instance_key"])


def _by_itself(engine: ScratchEngine, uow: UnitOfWork, process: Process, node: Node, start: Start) -> int:
    """Begin at a message, a signal or a planned instant, between invented parties."""
    variables = {**_parties(engine, process, start), **start.variables}
    variables.setdefault("title", case_title(process, variables))
    case = start_case(uow, process.id, variables)
    case.start = node.id
    known = {**case.variables, **{name: case.variables.get(name) for name in process.variables}}
    for name, text in node.outputs:
        try:
            case.set(**{name: case.evaluate(text, known)})
        except Refused:  # it needs what only a real message brings along
            continue
    advance(case)
    return case.key


def _parties(engine: ScratchEngine, process: Process, start: Start) -> dict[str, Any]:
    """Return a department for every party that the procedure declares, a resource and an origin where it has them."""
    entry = _entry(engine, start.entry)
    provider = int(entry["provider"])
    with engine.database.reading() as conn:
        rows = conn.execute(select(organisation).order_by(organisation.c.key)).all()
    plain = [o.key for o in rows if not o.managing and o.kind != GOVERNMENT and o.key != provider]
    managing = next((o.key for o in rows if o.managing), None)
    government = next((o.key for o in rows if o.kind == GOVERNMENT), managing)
    found: dict[str, Any] = {
        "using_dept": plain[0],
        "applicant_dept": plain[0],
        "reporting_dept": plain[0],
        "target_dept": provider,
        "respondent_dept": provider,
        "providing_dept": provider,
        "lead_dept": plain[1],
        "managing_dept": managing,
        "government": government,
    }
    parties: dict[str, Any] = {
        name: str(key) for name, key in found.items() if name in process.variables and key
    }
    if "resource" in process.variables:
        parties["resource"] = entry
    if "origin" in process.variables:
        parties["origin"] = {
            "instance_key": "1",
            "business_id": "演练-0001",
            "process_id": _ORIGIN,
            "title": "演练所用的来源事项",
        }
    return parties
