"""What the refusals of verbs say."""

from engine.errors import Message

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
