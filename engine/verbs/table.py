"""What may be done with a task or a case: names, effects, what each dialogue asks for."""

from dataclasses import dataclass

from engine.errors import Message


@dataclass(frozen=True)
class Verb:
    """One thing to do.

    Attributes:
        effect: One line: what it does to the case, the people and the clock.
        needs: What the dialogue asks for: person, people, reason, text, step or ground. A reason is required, a text
            may be left out where `wants_text` is false.
        on: task or case.
        danger: Whether it cannot be taken back by the same person.
        at_once: Whether it asks for nothing and takes nothing away, so that one press does it.
        replies: Whether it is what somebody who was asked does.
    """

    code: str
    name: Message
    effect: Message
    needs: tuple[str, ...] = ()
    on: str = "task"
    danger: bool = False
    wants_text: bool = False
    at_once: bool = False
    replies: bool = False


def _verb(
    code: str, names: tuple[str, str], zh: str, en: str, needs: str = "", on: str = "task", **rest: bool
) -> Verb:
    return Verb(code, Message(*names), Message(zh, en), tuple(needs.split()), on, **rest)


_LIST = (
    _verb(
        "claim",
        ("认领", "Claim"),
        "任务由您办理，本部门其他人员不再办理；期限不变。",
        "The task is yours and nobody else's of your department; the limit does not move.",
        at_once=True,
    ),
    _verb(
        "unclaim",
        ("放回", "Give back to department"),
        "任务放回本部门，其他经办人可以认领；期限照常计算。",
        "The task goes back to the department for others to claim; the limit runs on.",
        at_once=True,
    ),
    _verb(
        "assign",
        ("转办", "Hand over"),
        "任务转给同事办理，不再由您办理；期限照常计算。",
        "The task becomes a colleague's and is no longer yours; the limit runs on.",
        "person text",
    ),
    _verb(
        "delegate",
        ("委派", "Delegate"),
        "同事代为填写，办毕交回后由您提交；期限照常计算。",
        "A colleague fills in the form and hands it back to you, who alone submits; the limit runs on.",
        "person text",
    ),
    _verb(
        "take_back",
        ("收回", "Take back"),
        "收回委派，由您继续办理，已填内容保留；期限照常计算。",
        "The delegation ends and you go on with what was typed; the limit runs on.",
    ),
    _verb(
        "give_back",
        ("办毕交回", "Hand back"),
        "所填内容交回任务的办理人，由其提交；期限照常计算。",
        "What you typed goes back to the task's owner, who submits it; the limit runs on.",
        "text",
        replies=True,
    ),
    _verb(
        "answer",
        ("回复", "Reply"),
        "回复发给提问人；事项和期限不受影响。",
        "Your reply goes to who asked; case and limit stay as they are.",
        "text",
        wants_text=True,
        replies=True,
    ),
    _verb(
        "agree",
        ("同意", "Agree"),
        "登记您同意的会签意见；办理人提交所等的意见到齐后，任务方可办结；期限照常计算。",
        "Records your consent; the task can go on once all opinions it waits for are in; the limit runs on.",
        "text",
        replies=True,
    ),
    _verb(
        "disagree",
        ("不同意", "Disagree"),
        "登记您不同意的会签意见，由任务的办理人研究处理；期限照常计算。",
        "Records your dissent, which the task's owner has to deal with; the limit runs on.",
        "reason",
        replies=True,
    ),
    _verb(
        "return",
        ("退回", "Return"),
        "退回所选环节重新办理，已填内容保留；期限照常计算，流程依法另有规定的除外。",
        "Sends the work back to the chosen step, keeping what was filled in; the limit runs on unless a law pauses it.",
        "step reason",
    ),
    _verb(
        "recall",
        ("取回", "Recall"),
        "下一环节尚未办理，取回由您修改后重新提交；记录保留，期限照常计算。",
        "Nobody has acted yet: the task comes back to you to be changed; nothing is deleted and the limit runs on.",
    ),
    _verb(
        "add_signer_before",
        ("前加签", "Add signer before"),
        "请同事先签署意见，意见到齐后您才能提交；期限照常计算。",
        "Colleagues give their opinion first and you submit after that; the limit runs on.",
        "people text",
    ),
    _verb(
        "add_signer_after",
        ("后加签", "Add signer after"),
        "您提交后请同事签署，全部同意后事项才进入下一环节；期限照常计算。",
        "After you submit, the case waits until the colleagues agree; the limit runs on.",
        "people text",
    ),
    _verb(
        "remove_signer",
        ("减签", "Remove signer"),
        "不再等待该同事的意见，记入办理记录；期限照常计算。",
        "The colleague's opinion is no longer waited for, which the history keeps; the limit runs on.",
        "person",
    ),
    _verb(
        "assist",
        ("协办", "Ask for assistance"),
        "请同事一同填写草稿，仍由您提交；期限照常计算。",
        "Colleagues work on the draft with you, who still submits; the limit runs on.",
        "people text",
    ),
    _verb(
        "consult",
        ("沟通", "Consult"),
        "向可以查看本事项的人员提问并等候回复，不影响办理；期限照常计算。",
        "Asks somebody who may see the case; nothing waits for the reply and the limit runs on.",
        "people text",
        wants_text=True,
    ),
    _verb(
        "urge",
        ("催办", "Urge"),
        "提醒任务的办理人尽快办理，每个部门每日一次；期限不变。",
        "Reminds whoever owes the task, once a day for each department; the limit does not move.",
        "text",
    ),
    _verb(
        "draft",
        ("暂存", "Save draft"),
        "保存已填内容，不提交；期限照常计算。",
        "Keeps what was typed without submitting; the limit runs on.",
    ),
    _verb(
        "jump",
        ("跳转", "Jump"),
        "事项转到所选环节，作为流程偏离记入办理记录；期限照常计算。",
        "Moves the case to the chosen step and records it as a deviation; the limit runs on.",
        "step reason",
        danger=True,
    ),
    _verb(
        "suspend",
        ("挂起", "Suspend"),
        "因法定情形中止期限计算，恢复后继续计算；任务仍由原办理人办理。",
        "The limit stands still on a ground that the law grants, until it is resumed; the task stays where it is.",
        "ground",
    ),
    _verb(
        "resume",
        ("恢复", "Resume"),
        "中止的情形已经消除，期限恢复计算，届满日相应顺延。",
        "The ground is over: the limit runs again and is due later by the days it stood still.",
    ),
    _verb(
        "annul",
        ("撤销", "Annul"),
        "送达对方之前撤销本事项，任务和期限终止；办理记录保留。",
        "Ends the case before the other side knows of it, with its tasks and limits; its history stays.",
        "reason",
        "case",
        danger=True,
    ),
    _verb(
        "copy",
        ("抄送", "Send copy"),
        "将本事项抄送可以查看的人员知悉，不增加其权限；期限不变。",
        "Tells people who may see the case anyway; it widens no rights and the limit does not move.",
        "people text",
        "case",
    ),
    _verb(
        "mark_read",
        ("已阅", "Mark as read"),
        "登记您已阅知抄送的事项；事项和期限不受影响。",
        "Records that you have read the copy; case and limit stay as they are.",
        "",
        "case",
        at_once=True,
    ),
    _verb(
        "supervise",
        ("督办", "Supervise"),
        "列入督办，通知办理人和所在部门负责人；不代替办理，期限不变。",
        "Puts the case under supervision and tells the owner and the head; it does nobody's work and moves no limit.",
        "text",
        "case",
        wants_text=True,
    ),
    _verb(
        "end_supervision",
        ("结束督办", "End supervision"),
        "结束本部门的督办，通知承办部门；期限不变。",
        "Ends your department's supervision and tells those who owe; the limit does not move.",
        "text",
        "case",
    ),
    _verb(
        "void",
        ("作废", "Void"),
        "整个事项作废，任务和期限终止，通知各方；办理记录保留，不能恢复。",
        "The whole case is void, its tasks and limits end and its parties are told; its history stays, for good.",
        "reason",
        "case",
        danger=True,
    ),
)
VERBS = {verb.code: verb for verb in _LIST}
"""Every verb by its code, in the order in which pages show them."""
