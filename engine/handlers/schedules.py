"""Cases that begin by themselves: at a planned instant, or by a signal. A round (一次启动) begins one case, or
one for each department that its start event names.

A round is one event in the definition's stream; each of its cases is a message beside it, which the sweep
carries: so every case begins in a transaction of its own, exactly once, and one that cannot begin holds up no
other.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select

from engine import events as e
from engine.clock import instant_text
from engine.commands import StartRound
from engine.definitions import load_definition
from engine.errors import Conflict, WrongState
from engine.handlers.advance import advance
from engine.handlers.case import start_case
from engine.handlers.governments import GOVERNMENT
from engine.handlers.parties import managing_department
from engine.handlers.triggers import START, rule_of, version_at
from engine.model import Node, StartParty
from engine.periods import beijing_day
from engine.schedules import Rule, rolled
from engine.storage.tables import organisation, organisation_name, process_definition, start_trigger
from engine.uow import UnitOfWork

MAX_OWED = 24
"""Of the planned starts that were missed, this many are made up for, the latest ones."""


def start_round(cmd: StartRound, uow: UnitOfWork) -> dict[str, Any]:
    """Begin what is planned for an instant that has come, or pass it over and say why; each instant once."""
    row = uow.conn.execute(select(start_trigger).where(start_trigger.c.key == cmd.trigger_key)).first()
    if row is None or row.planned_at != cmd.planned_at:
        return {"done": False}  # another node was faster
    node = load_definition(uow.conn, row.definition_key).process.nodes[row.element_id]
    assert node.planned is not None
    uow.expect_calendar()
    rule, calendar = rule_of(node), uow.calendar()
    starts_at = rolled(row.planned_at, node.planned.roll, calendar)
    if starts_at > uow.now:
        # An answer would be kept under the command's id, and the round would never begin.
        raise Conflict("原定的启动时刻尚未到时。", f"Expected a round due by {uow.now}, found {starts_at}.")
    owed = list(rule.between(row.planned_at, uow.now))
    if len(owed) > MAX_OWED:
        return _pass(uow, row, node, owed[:-MAX_OWED], "too_many", rule)
    uow.at = starts_at
    state = _state(uow, row.definition_key)
    if state == "retired":
        return _pass(uow, row, node, [row.planned_at], "retired", rule)
    if version_at(uow.conn, row.process_id, starts_at) != row.definition_key:
        return _pass(uow, row, node, [row.planned_at], "not_in_force", rule)
    if state == "suspended":
        raise WrongState(
            f"流程“{node.name or row.process_id}”已经停用，定期启动待恢复后补办。",
            f"Expected {row.process_id} to take cases, found it suspended; the round waits.",
        )
    estimated = node.planned.roll != "none" and beijing_day(starts_at) > calendar.covered_until
    following = rule.after(row.planned_at)
    cases = _round(uow, row, node, row.planned_at, starts_at, estimated, following, {}, None)
    return {"done": True, "cases": cases}


def begin(uow: UnitOfWork, row: Row[Any]) -> dict[str, Any]:
    """Begin what a message is for: the round of a signal, or one case of a round.

    Args:
        row: The waiting message, whose target is a start event.
    """
    trigger = uow.conn.execute(
        select(start_trigger).where(start_trigger.c.key == int(row.target.removeprefix(START)))
    ).one()
    definition = load_definition(uow.conn, trigger.definition_key)
    node = definition.process.nodes[trigger.element_id]
    state = _state(uow, definition.key)
    if state == "suspended":
        return {"caught": False}  # it waits until the version is resumed
    if state == "retired":
        uow.record(row.instance_key, e.MessageLapsed(row.key, row.target))
        return {"caught": False}
    uow.at = row.thrown_at  # however late it is carried
    uow.record(row.instance_key, e.MessageCaught(row.key, row.target))
    payload = row.payload
    if row.instance_key != trigger.definition_key:
        origin = {name: payload[name] for name in ("instance_key", "business_id")}
        came = payload.get("variables") or {}
        _round(uow, trigger, node, None, row.thrown_at, False, None, came, origin)
        return {"caught": True}
    variables = {"title": definition.process.name, **payload["parties"]}
    variables |= {name: payload[name] for name in ("planned_at", "origin") if payload[name] is not None}
    case = start_case(uow, trigger.process_id, variables, definition)
    case.start = node.id
    case.record(
        e.InstanceTriggered(
            node.id,
            node.name,
            trigger.kind,
            payload["planned_at"],
            instant_text(row.thrown_at),
            payload["estimated"],
        )
    )
    seen = {**case.variables, **payload["came"]}
    kept = {name: case.evaluate(text, seen) for name, text in node.outputs}
    if kept:
        case.set(**kept)
    advance(case)
    return {"caught": True, "instance_key": str(case.key)}


def _state(uow: UnitOfWork, definition_key: int) -> str:
    uow.expect(definition_key)
    state = select(process_definition.c.state).where(process_definition.c.key == definition_key)
    return str(uow.conn.execute(state).scalar_one())


def _pass(
    uow: UnitOfWork, row: Row[Any], node: Node, planned: list[datetime], reason: str, rule: Rule
) -> dict[str, Any]:
    following = rule.after(planned[-1])
    uow.record(
        row.definition_key,
        e.RoundsPassed(
            row.key,
            node.id,
            node.name,
            instant_text(planned[0]),
            instant_text(planned[-1]),
            len(planned),
            reason,
            instant_text(following) if following else None,
        ),
    )
    return {"done": True, "cases": 0}


def _round(
    uow: UnitOfWork,
    row: Row[Any],
    node: Node,
    planned_at: datetime | None,
    starts_at: datetime,
    estimated: bool,
    following: datetime | None,
    came: dict[str, Any],
    origin: dict[str, Any] | None,
) -> int:
    deliveries = {str(uow.next_key()): parties for parties in _parties(uow, node)}
    uow.record(
        row.definition_key,
        e.RoundStarted(
            row.key,
            node.id,
            node.name,
            row.kind,
            instant_text(planned_at) if planned_at else None,
            instant_text(starts_at),
            estimated,
            deliveries,
            came,
            origin,
            instant_text(following) if following else None,
        ),
    )
    return len(deliveries)


def _parties(uow: UnitOfWork, node: Node) -> list[dict[str, Any]]:
    """Return the parties of each case of a round.

    Raises:
        WrongState: one department is named, but none or several are such.
    """
    shared: dict[str, Any] = {}
    each: tuple[str, list[int]] | None = None
    for party in (p for p in node.start_parties if p.of is None):
        found = _departments(uow, party)
        if party.take == "each":
            each = (party.variable, found)
        elif party.take == "all":
            shared[party.variable] = [str(key) for key in found]
        elif len(found) == 1:
            shared[party.variable] = str(found[0])
        else:
            raise WrongState(
                f"“{node.name or node.id}”的 {party.variable} 应为一个部门，符合条件的有{len(found)}个，请修改流程或者部门登记。",
                f"Expected one department to be {party.variable} of {node.id}, found {len(found)}.",
            )
    cases = [shared] if each is None else [{**shared, each[0]: str(key)} for key in each[1]]
    for party in (p for p in node.start_parties if p.of is not None):
        cases = [{**case, party.variable: _managing(uow, node, case[str(party.of)])} for case in cases]
    return cases


def _managing(uow: UnitOfWork, node: Node, of: str) -> str:
    found = managing_department(uow.conn, int(of), int(of))
    if found is None:
        raise WrongState(
            f"“{node.name or node.id}”的当事部门所在区域没有管理部门，请登记管理部门。",
            f"Expected a managing department for department {of}, found none.",
        )
    return str(found)


def _departments(uow: UnitOfWork, party: StartParty) -> list[int]:
    """Return the departments that fit and exist on the day, by key."""
    table, on = organisation.c, beijing_day(uow.at)
    where = [
        table[name] == ((value == "true") if name == "managing" else value) for name, value in party.where
    ]
    if "kind" not in dict(party.where):
        where.append(table.kind != GOVERNMENT)
    registered = exists().where(
        organisation_name.c.organisation_key == table.key, organisation_name.c.valid_from <= on
    )
    found = select(table.key).where(*where, table.successor_key.is_(None), registered).order_by(table.key)
    return [int(key) for key in uow.conn.execute(found).scalars()]
