"""A case of a round that cannot begin: there is no case yet that an incident could stand in."""

from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.commands import NoteFailure
from engine.definitions import load_definition
from engine.handlers.notices import administrators
from engine.handlers.triggers import START
from engine.history.chain import parse
from engine.storage.tables import event, process_instance, start_trigger
from engine.uow import UnitOfWork


def is_start(uow: UnitOfWork, row: Row[Any]) -> bool:
    """Say whether a message begins a case of a round; one that a case threw is an incident there."""
    thrower = select(process_instance.c.key).where(process_instance.c.key == row.instance_key)
    return bool(row.target.startswith(START)) and uow.conn.execute(thrower).first() is None


def note_start(cmd: NoteFailure, uow: UnitOfWork, row: Row[Any]) -> dict[str, Any]:
    """Write the first failure into the definition's trail and tell the administrators, once.

    The sweep goes on trying; the last error is shown with the planned starts until the case has begun.
    """
    stream = row.instance_key
    uow.expect(stream)
    told = select(event.c.body).where(event.c.stream == stream, event.c.type == e.StartFailed.__name__)
    for body in uow.conn.execute(told).scalars():
        known = parse(body).event
        if isinstance(known, e.StartFailed) and known.message_key == row.key:
            return {}
    key = int(row.target.removeprefix(START))
    trigger = uow.conn.execute(select(start_trigger).where(start_trigger.c.key == key)).one()
    process = load_definition(uow.conn, trigger.definition_key).process
    name = process.nodes[trigger.element_id].name or trigger.element_id
    uow.record(stream, e.StartFailed(key, trigger.element_id, name, row.key, cmd.cause, cmd.cause_en))
    text = (
        f"流程“{process.name}”由“{name}”启动的一件事项未能启动：{cmd.cause}"
        "平台将继续尝试，原因见“定期启动”的查询结果，请系统管理员和流程设计人员处理。"
    )
    to = administrators(uow.conn)
    uow.record(stream, e.NoticeSent([uow.next_key() for _ in to], to, ["admin"], text))
    return {}
