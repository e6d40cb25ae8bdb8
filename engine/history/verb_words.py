"""What people did with tasks and cases beside handing in, in words."""

from functools import singledispatch

from engine import events as e


def deputy(name: str | None) -> str:
    """Return whose role was exercised, in brackets; empty where it was the person's own."""
    return f"（代{name}）" if name else ""


def _said(text: str) -> str:
    return f"：{text.rstrip('。')}。" if text else "。"


@singledispatch
def verb_sentence(event: e.Event) -> str | None:
    """Return one Chinese sentence, None for events of other kinds."""
    return None


_ASKED = {
    "delegated": "委派{who}填写“{name}”{deputy}",
    "cosign_before": "“{name}”加签，请{who}先行签署意见{deputy}",
    "cosign_after": "“{name}”加签，提交后请{who}签署{deputy}",
    "assist": "请{who}协办“{name}”{deputy}",
    "consult": "就“{name}”向{who}提问{deputy}",
}


@verb_sentence.register
def _(event: e.TaskPartAsked) -> str:
    asked = _ASKED[event.kind].format(who=event.user_name, name=event.name, deputy=deputy(event.as_deputy_of))
    return f"{asked}。"


@verb_sentence.register
def _(event: e.TaskPartAnswered) -> str:
    if event.agrees is not None:
        return f"对“{event.name}”签署意见：{'同意' if event.agrees else '不同意'}。"
    if event.kind == "consult":
        return f"就“{event.name}”的提问作出回复。"
    return f"“{event.name}”{'办毕交回' if event.kind == 'delegated' else '协办完毕，交回'}。"


@verb_sentence.register
def _(event: e.TaskPartWithdrawn) -> str:
    if event.kind.startswith("cosign"):
        return f"“{event.name}”减签，不再等待{event.user_name}的意见{deputy(event.as_deputy_of)}。"
    return f"收回委派{event.user_name}填写的“{event.name}”{deputy(event.as_deputy_of)}。"


@verb_sentence.register
def _(event: e.TaskHandedIn) -> str:
    return f"提交“{event.name}”，等待加签人员签署{deputy(event.as_deputy_of)}。"


@verb_sentence.register
def _(event: e.TaskOpenedAnew) -> str:
    if not event.by_signer:
        return f"{event.reason}，“{event.name}”须重新提交。"
    return f"加签人员不同意，“{event.name}”重新办理。"


@verb_sentence.register
def _(event: e.TaskReturned) -> str:
    clock = "期限中止计算" if event.paused else "期限照常计算"
    return f"将“{event.name}”退回“{event.target_name}”重新办理{deputy(event.as_deputy_of)}，{clock}。"


@verb_sentence.register
def _(event: e.TaskRecalled) -> str:
    return f"取回已提交的“{event.name}”{deputy(event.as_deputy_of)}，下一环节尚未办理，期限照常计算。"


@verb_sentence.register
def _(event: e.TaskUrged) -> str:
    return f"催办“{event.name}”{deputy(event.as_deputy_of)}{_said(event.text)}"


@verb_sentence.register
def _(event: e.TaskJumped) -> str:
    skipped = f"，未经{'、'.join(f'“{name}”' for name in event.skipped)}" if event.skipped else ""
    return (
        f"系统管理员将事项由“{event.name}”跳转至“{event.target_name}”{skipped}，偏离流程规定。"
        f"理由{_said(event.reason)}"
    )


@verb_sentence.register
def _(event: e.CaseAnnulled) -> str:
    return f"送达之前撤销本事项{deputy(event.as_deputy_of)}。理由{_said(event.reason)}"


@verb_sentence.register
def _(event: e.CaseCopied) -> str:
    return f"抄送{event.user_name}{deputy(event.as_deputy_of)}。"


@verb_sentence.register
def _(event: e.CopyRead) -> str:
    return "已阅抄送的事项。"


@verb_sentence.register
def _(event: e.SupervisionBegun) -> str:
    return f"列入督办{deputy(event.as_deputy_of)}{_said(event.text)}"


@verb_sentence.register
def _(event: e.SupervisionEnded) -> str:
    return f"结束督办{deputy(event.as_deputy_of)}{_said(event.text)}"
