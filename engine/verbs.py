"""What may be done with a task or a case beside handing it in: names, effects, and who may do which when.

`refusal` decides from plain facts. Handlers ask it before they act and pages before they offer, so that a page never
offers what the engine refuses. What hangs on the words of a command (a person, a step) is checked by its handler.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

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
    """

    code: str
    name: Message
    effect: Message
    needs: tuple[str, ...] = ()
    on: str = "task"
    danger: bool = False
    wants_text: bool = False


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
    ),
    _verb(
        "unclaim",
        ("放回", "Give back to department"),
        "任务放回本部门，其他经办人可以认领；期限照常计算。",
        "The task goes back to the department for others to claim; the limit runs on.",
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
    ),
    _verb(
        "answer",
        ("回复", "Reply"),
        "回复发给提问人，并记入办理记录；事项和期限不受影响。",
        "Your reply goes to who asked and into the history; case and limit stay as they are.",
        "text",
        wants_text=True,
    ),
    _verb(
        "agree",
        ("同意", "Agree"),
        "登记您同意的会签意见；办理人提交所等的意见到齐后，任务方可办结；期限照常计算。",
        "Records your consent; the task can go on once all opinions it waits for are in; the limit runs on.",
        "text",
    ),
    _verb(
        "disagree",
        ("不同意", "Disagree"),
        "登记您不同意的会签意见，由任务的办理人研究处理；期限照常计算。",
        "Records your dissent, which the task's owner has to deal with; the limit runs on.",
        "reason",
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


@dataclass(frozen=True)
class Facts:
    """What is known of a task or case, and of how the actor stands to it.

    Attributes:
        state: Of the task: open, completed or cancelled.
        ended: Whether the case is over.
        owner: Who has taken the task: nobody (empty), me, or other.
        delegated: Whether somebody fills in the form in the owner's place.
        before: How many opinions the owner has to wait for.
        signing: Whether it was handed in and waits for those who sign after.
        signers: Whether anybody was added who has not signed.
        in_round: Whether the model asks several people (会签, 或签, 依次, 票签).
        done_by_me: Whether the actor handed it in.
        recall: Why it cannot be recalled: a refusal's code, or empty.
        ways_back: Whether the model names a step that it may be returned to.
        ways_on: Whether there is another step that its token may be put to by hand.
        grounds: Whether a law grants a pause of a limit that it is under.
        paused: Whether such a limit stands still.
        urged: Whether the actor's department has urged it today.
        sees: Whether the actor may see the case (C.6).
        candidate: Whether the actor holds the task's role in its department.
        member: Whether the actor does tasks of cases in that department.
        head: Whether the actor heads that department.
        starter: Whether the actor belongs to the department that began the case.
        waits: Whether the actor belongs to another party of the case.
        managing: Whether the actor belongs to the case's managing department.
        party: Whether the actor does tasks in any department of the case.
        admin: Whether the actor is a system administrator.
        asked: What the actor was asked for and owes still: kinds of `task_part`.
        known: Whether anybody outside the starter's department knows of the case.
        copied: Whether the actor has a copy that is not marked as read.
        supervised: Whether the managing department supervises the case.
    """

    state: str = "open"
    ended: bool = False
    owner: str = ""
    delegated: bool = False
    before: int = 0
    signing: bool = False
    signers: bool = False
    in_round: bool = False
    done_by_me: bool = False
    recall: str = "already_acted"
    ways_back: bool = False
    ways_on: bool = False
    grounds: bool = False
    paused: bool = False
    urged: bool = False
    sees: bool = True
    candidate: bool = False
    member: bool = False
    head: bool = False
    starter: bool = False
    waits: bool = False
    managing: bool = False
    party: bool = False
    admin: bool = False
    asked: frozenset[str] = frozenset()
    known: bool = True
    copied: bool = False
    supervised: bool = False


def refusal(code: str, facts: Facts) -> str | None:
    """Return the code of the refusal that the verb meets, None where it is allowed.

    Args:
        code: A key of `VERBS`, or complete, or attach (store a file for the form).
    """
    for rule in _RULES[code]:
        if (found := rule(facts)) is not None:
            return found
    return None


Rule = Callable[[Facts], str | None]


def _where(holds: Callable[[Facts], bool], otherwise: str) -> Rule:
    return lambda facts: None if holds(facts) else otherwise


def _open(facts: Facts) -> str | None:
    return {"open": None, "completed": "conflict"}.get(facts.state, "wrong_state")


_sees = _where(lambda f: f.sees, "not_found")
_runs = _where(lambda f: not f.ended, "case_ended")
_candidate = _where(lambda f: f.candidate, "not_allowed")
_free_or_mine = _where(lambda f: f.owner != "other", "conflict")
_mine = _where(lambda f: f.owner == "me", "not_yours")
_whole = _where(lambda f: not f.delegated, "delegated_away")
_no_round = _where(lambda f: not f.in_round, "approval_round")
_not_handed_in = _where(lambda f: not f.signing, "awaiting_signers")
_hands_on = _where(lambda f: f.candidate or f.head, "not_allowed")
_OWNERS: tuple[Rule, ...] = (_sees, _open, _candidate, _free_or_mine)


def _asked(*kinds: str) -> Rule:
    return _where(lambda f: bool(f.asked & set(kinds)), "not_asked")


def _of_owner_or_head(facts: Facts) -> str | None:
    return None if facts.head else _free_or_mine(facts)


def _typing(facts: Facts) -> str | None:
    """Whoever was asked to fill in the form may; its owner, while nobody does so in their place."""
    if facts.asked & {"delegated", "assist"}:
        return None
    return next((x for rule in (_candidate, _free_or_mine, _whole) if (x := rule(facts))), None)


def _urging(facts: Facts) -> str | None:
    """Whoever waits or answers for the work presses others, and nobody themselves."""
    presses = facts.starter or facts.waits or facts.managing or (facts.member and facts.head)
    own = facts.owner == "me" or (facts.owner == "" and facts.candidate)
    return None if presses and not own else "not_allowed"


def _own_completion(facts: Facts) -> str | None:
    if facts.state == "open":
        return "not_handed_in"
    return "wrong_state" if facts.state != "completed" else None


def _by_administrator(facts: Facts) -> str | None:
    if facts.admin:
        return None
    return "not_allowed" if facts.sees else "not_found"


_RULES: dict[str, tuple[Rule, ...]] = {
    "complete": (
        *_OWNERS,
        _whole,
        _where(lambda f: f.before == 0, "awaiting_signers"),
        _not_handed_in,
    ),
    "claim": (*_OWNERS, _where(lambda f: f.owner != "me", "already_yours")),
    "unclaim": (*_OWNERS, _mine, _whole, _not_handed_in),
    "assign": (_sees, _open, _hands_on, _of_owner_or_head, _not_handed_in),
    "delegate": (*_OWNERS, _whole, _not_handed_in),
    "take_back": (
        _sees,
        _open,
        _hands_on,
        _of_owner_or_head,
        _where(lambda f: f.delegated, "not_delegated"),
    ),
    "give_back": (_sees, _open, _asked("delegated", "assist")),
    "answer": (_sees, _open, _asked("consult")),
    "agree": (_sees, _open, _asked("cosign_before", "cosign_after")),
    "disagree": (_sees, _open, _asked("cosign_before", "cosign_after")),
    "return": (
        *_OWNERS,
        _no_round,
        _where(lambda f: f.ways_back, "no_way_back"),
        _whole,
        _not_handed_in,
    ),
    "recall": (
        _sees,
        _own_completion,
        _where(lambda f: f.done_by_me and f.candidate, "not_allowed"),
        _no_round,
        lambda f: f.recall or None,
    ),
    "add_signer_before": (*_OWNERS, _no_round, _not_handed_in),
    "add_signer_after": (*_OWNERS, _no_round, _not_handed_in),
    "remove_signer": (*_OWNERS, _where(lambda f: f.signers, "no_signers")),
    "assist": (*_OWNERS, _not_handed_in),
    "consult": (_sees, _open, _where(lambda f: f.candidate or bool(f.asked), "not_allowed")),
    "urge": (_sees, _open, _urging, _where(lambda f: not f.urged, "already_urged")),
    "draft": (_sees, _open, _typing, _not_handed_in),
    "attach": (
        _sees,
        _open,
        _where(lambda f: f.candidate or bool(f.asked & {"delegated", "assist"}), "not_allowed"),
    ),
    "jump": (_by_administrator, _open, _no_round, _where(lambda f: f.ways_on, "no_other_step")),
    "suspend": (
        _sees,
        _open,
        _hands_on,
        _of_owner_or_head,
        _where(lambda f: not f.paused, "not_paused"),
        _where(lambda f: f.grounds, "pause_not_granted"),
    ),
    "resume": (_sees, _open, _hands_on, _of_owner_or_head, _where(lambda f: f.paused, "not_paused")),
    "annul": (
        _sees,
        _where(lambda f: f.starter, "not_allowed"),
        _runs,
        _where(lambda f: not f.known, "already_delivered"),
    ),
    "copy": (_sees, _where(lambda f: f.party, "not_allowed")),
    "mark_read": (_sees, _where(lambda f: f.copied, "no_copy")),
    "supervise": (
        _sees,
        _where(lambda f: f.managing, "not_allowed"),
        _runs,
        _where(lambda f: not f.supervised, "already_supervised"),
    ),
    "end_supervision": (
        _sees,
        _where(lambda f: f.managing, "not_allowed"),
        _where(lambda f: f.supervised, "not_supervised"),
    ),
    "void": (_by_administrator, _runs),
}


def allowed(on: str, facts: Facts) -> tuple[Verb, ...]:
    """Return the verbs that are allowed, in their order.

    Args:
        on: task or case.
    """
    return tuple(verb for verb in _LIST if verb.on == on and refusal(verb.code, facts) is None)


def outside(facts: Facts) -> Facts:
    """Return the facts as they are for somebody who may not see the case."""
    return replace(facts, sees=False)


WHY = {
    "approval_round": Message(
        "该环节由流程规定的人员共同办理，不能加签、退回、取回或者跳转。",
        "The model says who decides this step together; it takes no added signers, no return, recall or jump.",
    ),
    "awaiting_signers": Message(
        "会签意见尚未到齐，请等候意见或者减签。",
        "Opinions of added signers are still awaited; wait for them or remove the signers.",
    ),
    "delegated_away": Message(
        "任务已委派同事填写，请等其办毕交回，或者先收回委派。",
        "The task is delegated; wait until it is handed back, or take it back first.",
    ),
    "already_yours": Message("该任务已由您认领。", "The task is already yours."),
    "not_yours": Message("该任务尚未由您认领。", "The task is not yours."),
    "not_delegated": Message("该任务没有委派出去。", "The task is not delegated."),
    "not_asked": Message(
        "没有等您办理的委派、协办、会签或者沟通。", "Nothing was asked of you in this task."
    ),
    "no_way_back": Message(
        "流程没有规定该环节可以退回。", "The model names no step that this one may be returned to."
    ),
    "no_other_step": Message(
        "该环节没有可以跳转的其他环节。", "There is no other step of the same level to jump to."
    ),
    "no_signers": Message("没有尚待签署的加签人员。", "No added signer is still to sign."),
    "not_handed_in": Message("该任务尚未提交，无需取回。", "The task was not handed in; nothing to recall."),
    "already_acted": Message(
        "下一环节已经有人办理，不能取回。", "Somebody has acted since; it cannot be recalled."
    ),
    "already_effective": Message(
        "提交已经产生送达、文书、期限等法律效果，不能取回。",
        "Handing it in had legal effect (delivery, document, limit, result); it cannot be recalled.",
    ),
    "already_urged": Message("贵部门今日已经催办过该任务。", "Your department has urged this task today."),
    "already_delivered": Message(
        "事项已为本部门以外所知，不能撤销；请按流程撤回。",
        "Others know of the case already; it cannot be annulled, only withdrawn as the procedure says.",
    ),
    "already_supervised": Message("该事项已在督办中。", "The case is already under supervision."),
    "not_supervised": Message("该事项没有在督办。", "The case is not under supervision."),
    "no_copy": Message("没有抄送您而未阅的事项。", "No copy of this case waits to be read by you."),
    "case_ended": Message("事项已经办结。", "The case is over."),
    "pause_not_granted": Message(
        "流程没有依法准许中止期限的情形，不能挂起。", "No setting grants by law that a limit stands still."
    ),
    "not_paused": Message("期限的状态不允许该操作。", "The limit is not in the state that this needs."),
    "not_allowed": Message("您没有办理该操作的权限。", "You have no right to do this."),
}
"""What each refusal says; not_found, conflict and wrong_state say whom or what they met."""
