"""What a reader may begin or do: procedures by their start events, and acts on a running case."""

from typing import Any

from sqlalchemy import select

from engine.definitions import Definition, in_force, latest_key, load_definition
from engine.handlers.acts import acts, holds, may_do
from engine.handlers.parties import split_role
from engine.handlers.resources import may_use
from engine.handlers.starts import HANDED_ON, asked_for, may_begin, origin_of
from engine.people import Actor
from engine.queries.functions import functions_for
from engine.queries.reader import Reader
from engine.queries.views import Act, Offer
from engine.runner import Machine
from engine.storage.tables import process_definition, snapshot


def offers(reader: Reader, actor: Actor) -> tuple[Offer, ...]:
    """Return the procedures that the reader may begin, at which start event."""
    found: list[Offer] = []
    # One that is suspended is among them: whoever begins it reads why it takes no case.
    known = select(process_definition.c.process_id).where(in_force(reader.today)).distinct()
    ids = reader.conn.execute(known).scalars().all()
    for process_id in sorted(ids):
        process = load_definition(reader.conn, latest_key(reader.conn, process_id, reader.today)).process
        found += [
            Offer(process.id, process.name, process.article, node.id, node.name or process.name, node.needs)
            for node in asked_for(process)
            if may_begin(reader.conn, actor, node)
        ]
    return tuple(found)


def entry_offers(reader: Reader, actor: Actor, entry: dict[str, Any]) -> tuple[Offer, ...]:
    """Return the procedures that the reader may begin about a catalogue entry.

    Args:
        entry: As a case freezes it (`engine.handlers.resources`).
    """
    stays = entry["withdrawn_on"] is None and entry.get("deletes_on") is None
    if entry["provider"] == str(actor.org_key):
        return tuple(o for o in offers(reader, actor) if _is_of_own(reader, o)) if stays else ()
    usable = may_use(reader.conn, actor.org_key, entry, reader.today)
    wanted = {"entry": stays, "access": usable}
    return tuple(offer for offer in offers(reader, actor) if wanted.get(offer.needs, False))


def _is_of_own(reader: Reader, offer: Offer) -> bool:
    """Say whether a procedure is about what the department itself reports, an entry among it (Art. 8)."""
    variables = load_definition(
        reader.conn, latest_key(reader.conn, offer.process_id, reader.today)
    ).process.variables
    return not offer.needs and {"reporting_dept", "resource"} <= variables.keys()


def followers(reader: Reader, actor: Actor, row: Any) -> tuple[Offer, ...]:
    """Return the procedures that the reader may begin about a case its department is a party of."""
    if not {row.using_key, row.providing_key, row.managing_key} & actor.acting_orgs:
        return ()
    return tuple(
        offer for offer in offers(reader, actor) if offer.needs == "case" and _fits(reader, actor, offer, row)
    )


def _fits(reader: Reader, actor: Actor, offer: Offer, row: Any) -> bool:
    """Say whether the start event would take the case, as far as its condition tells."""
    definition = load_definition(reader.conn, latest_key(reader.conn, offer.process_id, reader.today))
    node = definition.process.nodes[offer.start]
    handed = {name: row.variables.get(name) for name in HANDED_ON}
    own = {split_role(node.role or "")[0]: str(actor.org_key), "origin": origin_of(row)}
    return holds(node.when, {**handed, **own}, functions_for(reader, definition, row.key, row.variables))


def offered(reader: Reader, actor: Actor, definition: Definition, row: Any) -> tuple[Act, ...]:
    """Return the acts that the reader may do with a case now.

    Args:
        row: The case's row of process_instance.
    """
    if row.ended_at is not None:
        return ()
    functions = functions_for(reader, definition, row.key, row.variables)
    known = [
        (scope_id, node)
        for scope_id, node in acts(definition.process)
        if may_do(node, actor, row.variables) and holds(node.when, row.variables, functions)
    ]
    if not known:
        return ()
    data = reader.conn.execute(select(snapshot.c.data).where(snapshot.c.instance_key == row.key)).scalar()
    machine = Machine(definition.program, lambda *_: None, data)
    waiting = set(machine.armed.values())
    whole = definition.process.event_scopes
    return tuple(
        Act(scope_id, node.name, node.interrupting)
        for scope_id, node in known
        if (machine.stands(scope_id) if scope_id in whole else node.id in waiting)
    )
