"""加签, 减签, 同意, 不同意: colleagues sign before a task is handed in, or after.

Who signs before is waited for; what they say, its owner weighs. Who signs after holds the token: it leaves when all
agree, as the owner's work. One who does not agree gives it back to the owner, and all are asked again.
"""

from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.commands import AddSigners, RemoveSigner, SignTask
from engine.errors import InvalidInput
from engine.handlers import draft_rows
from engine.handlers.case import Case, load_case
from engine.handlers.completion import finish
from engine.handlers.verbs.ask import ask
from engine.handlers.verbs.people import (
    colleague,
    end_part,
    give_part,
    note,
    own,
    parts,
    person,
    several,
    tell,
)
from engine.history.chain import parse
from engine.people import Actor
from engine.storage.tables import event, task_part, user, user_task
from engine.uow import UnitOfWork

MIN_REASON = 5


def add_signers(cmd: AddSigners, uow: UnitOfWork) -> dict[str, Any]:
    """Ask colleagues for their opinion, now or once the task is handed in."""
    task, actor = ask(uow, cmd.actor, "add_signer_before" if cmd.before else "add_signer_after", cmd.task_key)
    text = note(cmd.text)
    found = [colleague(uow, task, actor, name) for name in several(cmd.people)]
    own(uow, task, actor)
    for to in found:
        if cmd.before:
            give_part(uow, task, actor, "cosign_before", to, text)
        else:
            give_part(uow, task, actor, "cosign_after", to, text, "planned")
    return {"instance_key": str(task.instance_key)}


def remove_signer(cmd: RemoveSigner, uow: UnitOfWork) -> dict[str, Any]:
    """Wait no longer for a signer; the history keeps that they were asked."""
    task, actor = ask(uow, cmd.actor, "remove_signer", cmd.task_key)
    who = person(uow.conn, cmd.person)
    theirs = [p for p in parts(uow.conn, task.key) if p.user_key == who.key and p.kind.startswith("cosign")]
    if not theirs:
        raise InvalidInput(f"{who.name}没有待签署的意见。", f"Expected an added signer, found {cmd.person}.")
    for part in theirs:
        end_part(uow, task, actor, part)
    if any(p.kind == "cosign_after" and p.state == "open" for p in theirs):
        return _go_on(uow, task, {p.key for p in theirs})
    return {"instance_key": str(task.instance_key)}


def sign_task(cmd: SignTask, uow: UnitOfWork) -> dict[str, Any]:
    """Give an added signer's opinion."""
    task, actor = ask(uow, cmd.actor, "agree" if cmd.agrees else "disagree", cmd.task_key)
    text = note(cmd.text) if cmd.agrees else note(cmd.text, MIN_REASON, "不同意的理由")
    part = next(
        p
        for p in parts(uow.conn, task.key)
        if p.user_key == actor.user_key and p.kind.startswith("cosign") and p.state == "open"
    )
    uow.record(
        task.instance_key,
        e.TaskPartAnswered(part.key, task.key, task.name, part.kind, cmd.agrees, uow.keep_words(text)),
    )
    said = "同意" if cmd.agrees else "不同意"
    tell(uow, task.instance_key, [task.assignee], f"“{task.name}”：{actor.name}签署意见，{said}")
    if part.kind == "cosign_before":
        return {"instance_key": str(task.instance_key)}
    if cmd.agrees:
        return _go_on(uow, task, {part.key})
    _open_anew(uow, task, part.key)
    return {"instance_key": str(task.instance_key)}


def wait_for_signers(
    case: Case, task: Row[Any], actor: Actor, values: dict[str, Any], stands_for: tuple[int, str] | None
) -> bool:
    """Hold what was handed in until those agree who were added to sign after; say whether there is anybody."""
    waiting = [p for p in parts(case.uow.conn, task.key) if p.kind == "cosign_after"]
    if not waiting:
        return False
    principal, name = stands_for or (None, None)
    parts_of = [p.key for p in waiting]
    case.record(e.TaskHandedIn(task.key, task.element_id, task.name, values, parts_of, name, principal))
    draft_rows.write(case.uow, task.key, values, actor.user_key)
    text = f"“{task.name}”已由{actor.name}提交，请您签署意见。"
    tell(case.uow, case.key, [p.user_key for p in waiting], text)
    return True


def _go_on(uow: UnitOfWork, task: Row[Any], done: set[int]) -> dict[str, Any]:
    """Complete the task for its owner, if nobody is waited for any more."""
    left = [p for p in parts(uow.conn, task.key) if p.kind == "cosign_after" and p.key not in done]
    if left:
        return {"instance_key": str(task.instance_key)}
    case = load_case(uow, task.instance_key)
    handed_in = _handed_in(uow, task)
    name = uow.conn.execute(select(user.c.name).where(user.c.key == task.assignee)).scalar_one()
    case.acts_for = (task.assignee, str(name))
    stands_for = (handed_in.principal, handed_in.as_deputy_of or "") if handed_in.principal else None
    return finish(case, task, handed_in.values, stands_for)


def undo_handing_in(uow: UnitOfWork, task: Row[Any], reason: str) -> None:
    """Make what waits for added signers a draft again, where who handed it in no longer answers for it.

    The consent of others would complete it as the work of somebody who never handed it in, or who is gone.
    """
    live = parts(uow.conn, task.key)
    if any(p.kind == "cosign_after" and p.state == "open" for p in live):
        _open_anew(uow, task, 0, reason, by_signer=False)


def give_up_part(uow: UnitOfWork, part: Row[Any]) -> None:
    """Wait no longer for a signer who is gone; what waited for nobody else is its owner's to hand in again."""
    task = uow.conn.execute(select(user_task).where(user_task.c.key == part.task_key)).one()
    waited_for = [p for p in parts(uow.conn, task.key) if p.kind == "cosign_after" and p.state == "open"]
    if [p.key for p in waited_for] != [part.key]:
        return
    reason = "后加签人员离职，已无人可以签署，请重新提交"
    uow.record(task.instance_key, e.TaskOpenedAnew(task.key, task.name, reason, by_signer=False))
    tell(uow, task.instance_key, [task.assignee], f"“{task.name}”：{reason}。", "task")


def _open_anew(
    uow: UnitOfWork, task: Row[Any], refused: int, reason: str = "", by_signer: bool = True
) -> None:
    uow.record(task.instance_key, e.TaskOpenedAnew(task.key, task.name, reason, by_signer))
    handed_in = _handed_in(uow, task)
    draft_rows.write(uow, task.key, handed_in.values, task.assignee)
    asked = uow.conn.execute(
        select(task_part, user.c.name)
        .join(user, user.c.key == task_part.c.user_key)
        .where(task_part.c.key.in_(handed_in.parts), task_part.c.state != "withdrawn")
        .order_by(task_part.c.key)
    )
    for part in asked.all():
        if part.state == "open" and part.key != refused:
            gone = e.TaskPartWithdrawn(part.key, task.key, task.name, part.kind, part.user_key, part.name)
            uow.record(task.instance_key, gone)
        again = e.TaskPartAsked(
            uow.next_key(),
            task.key,
            task.name,
            part.kind,
            part.user_key,
            part.name,
            part.text_sha256,
            "planned",
            None,
            part.asked_by,
        )
        uow.record(task.instance_key, again)


def _handed_in(uow: UnitOfWork, task: Row[Any]) -> e.TaskHandedIn:
    bodies = uow.conn.execute(
        select(event.c.body)
        .where(event.c.stream == task.instance_key, event.c.type == "TaskHandedIn")
        .order_by(event.c.seq.desc())
    ).scalars()
    read = (parse(body).event for body in bodies)
    return next(x for x in read if isinstance(x, e.TaskHandedIn) and x.user_task_key == task.key)
