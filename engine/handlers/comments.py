"""Comments (交流): what colleagues of one department say to each other about a case."""

import re
import unicodedata
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.commands import AddComment
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.handlers.access import must_see
from engine.people import CASE_ROLES, Actor
from engine.storage.tables import process_instance, user, user_role, user_task
from engine.uow import UnitOfWork

MOST = 2000
"""Characters of one comment."""
_MENTION = re.compile(r"[@＠]([\w·.]+)")


def add_comment(cmd: AddComment, uow: UnitOfWork) -> dict[str, Any]:
    """Keep what was said, and tell the colleagues it names."""
    actor = cmd.actor
    if actor is None:
        raise NotAllowed("交流由承办人员填写。", "Expected a person to comment.")
    case = must_see(uow.conn, actor, cmd.instance_key)
    uow.expect(case.key)
    org = _department(uow, cmd, actor)
    text = unicodedata.normalize("NFC", cmd.text.replace("\r\n", "\n")).strip()
    if not 0 < len(text) <= MOST:
        raise InvalidInput(
            f"请填写交流内容，不超过{MOST}字。", f"Expected 1 to {MOST} characters, found {len(text)}."
        )
    mentioned = _mentioned(uow, org, actor, text)
    key = uow.next_key()
    uow.record(case.key, e.CommentAdded(key, cmd.task_key, org, uow.keep(text.encode()), mentioned))
    if mentioned:
        note = f"{actor.name}在{case.business_id}的内部交流中提到您，请查看。"
        uow.record(case.key, e.NoticeSent([uow.next_key() for _ in mentioned], mentioned, [], note))
    return {"comment_key": str(key), "told": len(mentioned)}


def _department(uow: UnitOfWork, cmd: AddComment, actor: Actor) -> int:
    """Return the department that talks: of those the actor works for, the one whose task or case it is."""
    orgs = actor.acting_orgs
    if not orgs:
        raise NotAllowed(
            "交流由当事部门的承办人员填写，您没有该角色。",
            f"Expected a handler or head, found {actor.username}.",
            logged="comment",
        )
    if cmd.task_key is not None:
        of = user_task.c
        task = uow.conn.execute(
            select(of.organisation_key).where(of.key == cmd.task_key, of.instance_key == cmd.instance_key)
        ).first()
        if task is None:
            raise NotFound("没有该任务。", f"Expected a user task {cmd.task_key} of the case, found none.")
        if task.organisation_key in orgs:
            return int(task.organisation_key)
    if actor.org_key in orgs:
        return actor.org_key
    c = process_instance.c
    parties = uow.conn.execute(
        select(c.using_key, c.providing_key, c.managing_key).where(c.key == cmd.instance_key)
    ).one()
    return next((key for key in parties if key in orgs), min(orgs))


def _mentioned(uow: UnitOfWork, org: int, actor: Actor, text: str) -> list[int]:
    """Return the colleagues whose name stands behind an @; of two namesakes both, since the text tells no more.

    Chinese is written without spaces: a name may go on into the sentence.
    """
    named = _MENTION.findall(text)
    if not named:
        return []
    rows = uow.conn.execute(
        select(user.c.key, user.c.name, user.c.username)
        .join(user_role, user_role.c.user_key == user.c.key)
        .where(user_role.c.organisation_key == org, user_role.c.role.in_(CASE_ROLES), user.c.active)
        .distinct()
        .order_by(user.c.key)
    ).all()
    return [
        row.key
        for row in rows
        if row.key != actor.user_key and any(n == row.username or n.startswith(row.name) for n in named)
    ]
