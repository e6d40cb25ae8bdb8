"""委派, 收回, 办毕交回, 协办, 沟通, 回复: others have a hand in a task, its owner alone hands it in."""

from typing import Any

from engine import events as e
from engine.commands import AnswerQuestion, AskAssistance, Consult, DelegateTask, GiveBackTask, TakeBackTask
from engine.handlers.case import load_case
from engine.handlers.judges import benches
from engine.handlers.verbs.ask import ask
from engine.handlers.verbs.people import (
    colleague,
    give_part,
    must_be_shown,
    note,
    own,
    parts,
    person,
    several,
    tell,
    withdraw,
)
from engine.handlers.verbs.refusals import MayNotSee, WouldBarTheJudge
from engine.people import Actor
from engine.uow import UnitOfWork


def delegate_task(cmd: DelegateTask, uow: UnitOfWork) -> dict[str, Any]:
    """Let a colleague fill in the form; the task stays its owner's."""
    task, actor = ask(uow, cmd.actor, "delegate", cmd.task_key)
    to, text = colleague(uow, task, actor, cmd.person), note(cmd.text)
    _must_leave_a_judge(uow, task, actor, [to])
    own(uow, task, actor)
    give_part(uow, task, actor, "delegated", to, text)
    return _answer(task)


def take_back_task(cmd: TakeBackTask, uow: UnitOfWork) -> dict[str, Any]:
    """End the delegation; what was typed stays."""
    task, actor = ask(uow, cmd.actor, "take_back", cmd.task_key)
    withdraw(uow, task, actor, "delegated")
    return _answer(task)


def give_back_task(cmd: GiveBackTask, uow: UnitOfWork) -> dict[str, Any]:
    """Whoever filled in the form, or helped to, is done."""
    task, actor = ask(uow, cmd.actor, "give_back", cmd.task_key)
    text = note(cmd.text)
    mine = [p for p in parts(uow.conn, task.key) if p.user_key == actor.user_key]
    for part in mine:
        if part.kind in ("delegated", "assist"):
            uow.record(
                task.instance_key,
                e.TaskPartAnswered(part.key, task.key, task.name, part.kind, None, uow.keep_words(text)),
            )
    tell(uow, task.instance_key, [task.assignee], f"“{task.name}”：{actor.name}办毕交回。")
    return _answer(task)


def ask_assistance(cmd: AskAssistance, uow: UnitOfWork) -> dict[str, Any]:
    """Have colleagues work on the draft too."""
    task, actor = ask(uow, cmd.actor, "assist", cmd.task_key)
    text = note(cmd.text)
    found = [colleague(uow, task, actor, name) for name in several(cmd.people)]
    _must_leave_a_judge(uow, task, actor, found)
    own(uow, task, actor)
    for to in found:
        give_part(uow, task, actor, "assist", to, text)
    return _answer(task)


def consult(cmd: Consult, uow: UnitOfWork) -> dict[str, Any]:
    """Ask people who may see the case; nothing waits for the answer.

    Raises:
        MayNotSee: somebody may not see the case, or only audits it and may not comment.
    """
    task, actor = ask(uow, cmd.actor, "consult", cmd.task_key)
    text = note(cmd.text, 2, "要问的事项")
    for name in several(cmd.people):
        to = person(uow.conn, name)
        if not must_be_shown(uow, task.instance_key, to).acting_orgs:
            raise MayNotSee(
                f"{to.name}只能查看，不能答复。", f"Expected somebody who works in cases, found {name}."
            )
        give_part(uow, task, actor, "consult", to, text)
    return _answer(task)


def answer_question(cmd: AnswerQuestion, uow: UnitOfWork) -> dict[str, Any]:
    """Answer the oldest question that waits for the actor."""
    task, actor = ask(uow, cmd.actor, "answer", cmd.task_key)
    text = note(cmd.text, 1, "回复")
    part = next(p for p in parts(uow.conn, task.key) if p.user_key == actor.user_key and p.kind == "consult")
    uow.record(
        task.instance_key,
        e.TaskPartAnswered(part.key, task.key, task.name, part.kind, None, uow.keep_words(text)),
    )
    tell(uow, task.instance_key, [part.asked_by], f"“{task.name}”：{actor.name}已经回复。")
    return _answer(task)


def _must_leave_a_judge(uow: UnitOfWork, task: Any, actor: Actor, asked: list[Any]) -> None:
    """Refuse to give a hand in a task to the last who could do a later step that is separate from it.

    Raises:
        WouldBarTheJudge: nobody of the department would be left for that step.
    """
    people, names = {to.key for to in asked}, "、".join(to.name for to in asked)
    for bench in benches(load_case(uow, task.instance_key), task, actor):
        if bench.emptied_by(people):
            raise WouldBarTheJudge(
                f"{names}参与办理“{task.name}”后须回避“{bench.node.name}”，本部门再无其他人员可以办理，请另选人员。",
                f"Expected somebody besides {names} who could do {bench.node.id} later:"
                f" whoever has a hand in {task.element_id} may not.",
                element_id=bench.node.id,
            )


def _answer(task: Any) -> dict[str, Any]:
    return {"instance_key": str(task.instance_key), "user_task_key": str(task.key)}
