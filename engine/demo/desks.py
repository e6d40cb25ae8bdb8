"""What people have asked of each other when the curtain rises: parts in tasks, copies, a supervised case."""

from engine import commands as c
from engine.app import Engine
from engine.people import Actor

HANDLER, COLLEAGUE, HEAD, MANAGER = "gat.jb", "gat.jb2", "gat.fz", "ysj.jb"


def arrange(engine: Engine) -> None:
    """Let one department's people work on their tasks together, and the managing department press what is late."""
    handler, colleague, manager = (
        engine.accounts.actor_named(name) for name in (HANDLER, COLLEAGUE, MANAGER)
    )
    waiting = engine.queries.inbox(handler, "department").rows
    tasks = {row.element_id: row.task_key for row in reversed(waiting)}
    if (reply := tasks.get("T12-07")) is not None:
        _do(engine, handler, "claim", reply)
        _do(
            engine,
            handler,
            "consult",
            reply,
            people=[HEAD],
            text="申请的数据项中含有公民身份号码，是否一并提供？",
        )
        _do(engine, handler, "assist", reply, people=[COLLEAGUE], text="请核对数据项的更新周期。")
        case = next(row.instance_key for row in waiting if row.task_key == reply)
        fields = {"people": [HEAD], "text": "本件拟于明日提请审签。"}
        engine.handle(c.verb_command("copy", handler, instance_key=case, fields=fields))
    if (update := tasks.get("T08-03")) is not None:
        _do(engine, colleague, "claim", update)
        _do(engine, colleague, "delegate", update, person=HANDLER, text="请先填写变更的数据项，填好后交回。")
    late = next(
        (row for row in engine.queries.inbox(manager, "supervised").rows if row.state == "overdue"), None
    )
    if late is not None:
        fields = {"text": "该事项已经逾期，请尽快办结，并书面说明逾期的原因。"}
        engine.handle(c.verb_command("supervise", manager, instance_key=late.instance_key, fields=fields))


def _do(engine: Engine, actor: Actor, code: str, task_key: int, **fields: object) -> None:
    engine.handle(c.verb_command(code, actor, task_key=task_key, fields=fields))
