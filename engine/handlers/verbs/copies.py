"""抄送, 已阅: people are told of a case that they may see anyway."""

from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.commands import CopyCase, MarkCopyRead
from engine.errors import InvalidInput
from engine.handlers.verbs.acting import acting_for
from engine.handlers.verbs.ask import ask_case
from engine.handlers.verbs.facts import departments_at_work
from engine.handlers.verbs.people import must_be_shown, note, person, several, tell
from engine.storage.tables import case_copy
from engine.uow import UnitOfWork


def copy_case(cmd: CopyCase, uow: UnitOfWork) -> dict[str, Any]:
    """Send copies; they widen no rights.

    Raises:
        MayNotSee: somebody may not see the case.
    """
    case, actor = ask_case(uow, cmd.actor, "copy", cmd.instance_key)
    text = note(cmd.text)
    orgs = {case.using_key, case.providing_key, case.managing_key, *departments_at_work(uow.conn, case.key)}
    own = next((org for org in sorted(filter(None, orgs)) if org in actor.acting_orgs), None)
    for name in several(cmd.people):
        to = person(uow.conn, name)
        if to.key == actor.user_key:
            raise InvalidInput("无需抄送本人。", "Expected somebody else than the sender.")
        must_be_shown(uow, case.key, to)
        copied = e.CaseCopied(uow.next_key(), to.key, to.name, uow.keep_words(text), acting_for(actor, own))
        uow.record(case.key, copied)
        tell(uow, case.key, [to.key], f"由{actor.name}抄送您知悉。")
    return {"instance_key": str(case.key)}


def mark_copy_read(cmd: MarkCopyRead, uow: UnitOfWork) -> dict[str, Any]:
    """Mark the actor's copies of a case as read."""
    case, actor = ask_case(uow, cmd.actor, "mark_read", cmd.instance_key)
    c = case_copy.c
    unread = select(c.key).where(
        c.instance_key == case.key, c.user_key == actor.user_key, c.read_at.is_(None)
    )
    for key in uow.conn.execute(unread).scalars().all():
        uow.record(case.key, e.CopyRead(key))
    return {"instance_key": str(case.key)}
