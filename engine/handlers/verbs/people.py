"""Owners, colleagues, and the parts that people have in another's task."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from engine import events as e
from engine.accounts import load_actor
from engine.clock import FixedClock
from engine.definitions import load_definition
from engine.errors import InvalidInput, NotFound
from engine.handlers import mandates
from engine.handlers.access import must_see
from engine.handlers.approvals import must_not_have_decided
from engine.handlers.case import load_case
from engine.handlers.parties import members
from engine.handlers.separation import must_be_separate
from engine.handlers.verbs.acting import acting_on
from engine.handlers.verbs.refusals import MayNotSee
from engine.people import CASE_ROLES, Actor, Mandate
from engine.periods import beijing_day
from engine.storage.tables import process_instance, task_part, user
from engine.uow import UnitOfWork

MAX_TEXT = 500
_DEFINITION = select(process_instance.c.definition_key).where(process_instance.c.key == bindparam("of"))
_NUMBER = select(process_instance.c.business_id).where(process_instance.c.key == bindparam("of"))
_LIVE = (
    select(task_part)
    .where(task_part.c.task_key == bindparam("of"), task_part.c.state.in_(("open", "planned")))
    .order_by(task_part.c.key)
)
_NAMED = select(user.c.key, user.c.username, user.c.name).where(
    user.c.username == bindparam("name"), user.c.active
)


def own(uow: UnitOfWork, task: Row[Any], actor: Actor) -> None:
    """Let a free task be the actor's, who does with it what only its owner does."""
    if task.assignee != actor.user_key:
        mandate = mandates.stands_in(actor, task)
        uow.record(task.instance_key, mandates.assigned(task, actor.user_key, actor.name, mandate))


def must_be_able_to_end(uow: UnitOfWork, task: Row[Any], user_key: int) -> None:
    """Whoever may not do a task may not hold it, nor have a hand in it (C.6)."""
    row = uow.conn.execute(_DEFINITION, {"of": task.instance_key}).one()
    if load_definition(uow.conn, row.definition_key).process.nodes[task.element_id].separate_from:
        case = load_case(uow, task.instance_key)
        must_be_separate(case, case.node(task.element_id), task.organisation_key, user_key)


def must_be_able_to_take(uow: UnitOfWork, task: Row[Any], actor: Actor, mandate: Mandate | None) -> None:
    """Whoever may not do a task, or not in somebody's place, may not hold it: nobody else could do it in time."""
    row = uow.conn.execute(_DEFINITION, {"of": task.instance_key}).one()
    node = load_definition(uow.conn, row.definition_key).process.nodes[task.element_id]
    if node.separate_from or (node.approval and mandate):
        case = load_case(uow, task.instance_key)
        must_be_separate(case, node, task.organisation_key, actor.user_key, mandate)
        must_not_have_decided(case, node, actor, mandate)


def person(conn: Connection, username: str) -> Any:
    """Return an active person's key, user name and name.

    Raises:
        InvalidInput: nobody is called so.
    """
    found = conn.execute(_NAMED, {"name": username}).first()
    if found is None:
        raise InvalidInput(
            f"没有用户“{username}”，请重新选择人员。" if username else "请选择人员。",
            f"Expected a user name, found {username!r}.",
        )
    return found


def colleagues(conn: Connection, organisation: int, today: Any) -> frozenset[int]:
    """Return the keys of those who do tasks of cases in a department on a day, deputies included."""
    return frozenset(key for role in CASE_ROLES for key in members(conn, organisation, role, today))


def colleague(uow: UnitOfWork, task: Row[Any], actor: Actor, username: str) -> Any:
    """Return another person of the task's department who may have a hand in it.

    Raises:
        InvalidInput: the person is none, or the task's owner.
        NotAllowed: separation of duties keeps the person out.
    """
    found = person(uow.conn, username)
    owner = task.assignee or actor.user_key
    if found.key in (owner, actor.user_key) or found.key not in colleagues(
        uow.conn, task.organisation_key, beijing_day(uow.now)
    ):
        raise InvalidInput(
            f"{found.name}不是承办部门的其他办理人员，请选择本部门同事。",
            f"Expected another case worker of the task's department, found {username}.",
        )
    must_be_able_to_end(uow, task, found.key)
    return found


def must_be_shown(uow: UnitOfWork, instance_key: int, found: Row[Any]) -> Actor:
    """Return a person who may see the case already: a copy or a question widens no rights (C.6).

    Raises:
        MayNotSee: the person may not.
    """
    reader = load_actor(uow.conn, found.key, FixedClock(uow.now))
    try:
        must_see(uow.conn, reader, instance_key)
    except NotFound:
        raise MayNotSee(
            f"{found.name}无权查看本事项，请从可以查看的人员中选择。",
            f"Expected somebody who may see the case, found {found.username}.",
            username=found.username,
        ) from None
    return reader


def several(usernames: Iterable[str]) -> tuple[str, ...]:
    """Return user names once each.

    Raises:
        InvalidInput: none is given.
    """
    names = tuple(dict.fromkeys(name for name in usernames if name))
    if not names:
        raise InvalidInput("请选择人员。", "Expected at least one person.")
    return names


def note(text: str, least: int = 0, what: str = "说明") -> str:
    """Return a text that somebody typed, without space around it.

    Raises:
        InvalidInput: it is too short or too long.
    """
    text = text.strip()
    if not least <= len(text) <= MAX_TEXT:
        bounds = f"{least}至{MAX_TEXT}个字" if least else f"最多{MAX_TEXT}个字"
        raise InvalidInput(
            f"请填写{what}（{bounds}）。",
            f"Expected a text of {least} to {MAX_TEXT} characters, found {len(text)}.",
        )
    return text


def parts(conn: Connection, task_key: int) -> list[Row[Any]]:
    """Return the parts that are open or planned, oldest first."""
    return list(conn.execute(_LIVE, {"of": task_key}))


def give_part(
    uow: UnitOfWork, task: Row[Any], actor: Actor, kind: str, to: Row[Any], text: str, state: str = "open"
) -> None:
    """Give somebody a part in a task, and tell them if it begins now.

    Raises:
        InvalidInput: they have it already.
    """
    if any(p.user_key == to.key and p.kind == kind for p in parts(uow.conn, task.key)):
        raise InvalidInput(f"已经请{to.name}办理，无需重复。", f"{to.username} was asked already.")
    deputy = acting_on(actor, task)
    asked = e.TaskPartAsked(
        uow.next_key(), task.key, task.name, kind, to.key, to.name, uow.keep_words(text), state, deputy
    )
    uow.record(task.instance_key, asked)
    if state == "open":
        tell(uow, task.instance_key, [to.key], f"“{task.name}”：{actor.name}{_INVITES[kind]}。")


def withdraw(uow: UnitOfWork, task: Row[Any], actor: Actor, *kinds: str) -> None:
    """End every part of some kinds that others have in a task."""
    for part in parts(uow.conn, task.key):
        if part.kind in kinds:
            end_part(uow, task, actor, part)


def end_part(uow: UnitOfWork, task: Row[Any], actor: Actor, part: Row[Any]) -> None:
    """End one part, and tell whoever had it."""
    name = uow.conn.execute(select(user.c.name).where(user.c.key == part.user_key)).scalar_one()
    deputy = acting_on(actor, task)
    uow.record(
        task.instance_key,
        e.TaskPartWithdrawn(part.key, task.key, task.name, part.kind, part.user_key, str(name), deputy),
    )
    if part.state == "open":
        tell(uow, task.instance_key, [part.user_key], f"“{task.name}”已无需您办理。")


def tell(uow: UnitOfWork, instance_key: int, people: Iterable[int], text: str, kind: str = "talk") -> None:
    """Send a notice about a case, which names its number; a notice changes nothing.

    Args:
        kind: What it is about (`engine.notice_kinds`).
    """
    to = list(dict.fromkeys(key for key in people if key and key != uow.author.key))
    if to:
        number = uow.conn.execute(_NUMBER, {"of": instance_key}).scalar_one()
        uow.record(instance_key, e.NoticeSent([uow.next_key() for _ in to], to, [], f"{number}{text}", kind))


_INVITES = {
    "delegated": "委派您填写，办毕请交回",
    "cosign_before": "请您签署意见",
    "cosign_after": "请您签署意见",
    "assist": "请您协办",
    "consult": "向您提问，请回复",
}
