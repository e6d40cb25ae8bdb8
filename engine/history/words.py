"""Events in words, as an official would note them."""

from collections.abc import Callable
from datetime import date
from functools import singledispatch

from engine import events as e
from engine.chinese_dates import zh, zh_at
from engine.clock import instant
from engine.deadlines import UNITS
from engine.history.party_words import party_sentence
from engine.history.service_words import service_words
from engine.history.trace_words import trace_sentence
from engine.history.verb_words import deputy, verb_sentence
from engine.history.words_en import english_sentence
from engine.incidents import KINDS
from engine.people import ROLES, two_names
from engine.periods import Unit
from engine.profiles import Profile, default_profile
from engine.speech import Bilingual

Name = Callable[[int | None], str | None]


def sentence(event: e.Event, org: Name, person: Name, profile: Profile | None = None) -> Bilingual:
    """Return one sentence for an event, the English beside the Chinese; what has none is named by its class.

    Args:
        profile: The law whose words name the parties; the installation's own where the event is about no case.
    """
    if (named := party_sentence(event, org, profile or default_profile())) is not None:
        return named
    if (told := trace_sentence(event)) is not None:
        return told
    zh = verb_sentence(event) or _say(event, org, person)
    return Bilingual(zh, english_sentence(event, org, person) or zh)


_ESTIMATED = ("", "（当年放假安排尚未公布，按估算的工作日）")


@singledispatch
def _say(event: e.Event, org: Name, person: Name) -> str:
    return type(event).__name__


def _at(text: str) -> str:
    return zh_at(instant(text))


def _on(text: str) -> str:
    return zh(date.fromisoformat(text))


@_say.register
def _(event: e.InstanceStarted, org: Name, person: Name) -> str:
    return f"发起办理，编号{event.business_id}，适用流程第{event.version}版。"


@_say.register
def _(event: e.InstanceTriggered, org: Name, person: Name) -> str:
    if event.planned_at is None:
        return f"由“{event.name}”启动，信号发出时刻{_at(event.starts_at)}。"
    rolled = (
        "" if event.planned_at == event.starts_at else f"，原定{_at(event.planned_at)}为休息日，按规定调整"
    )
    return f"由“{event.name}”定期启动，启动时刻{_at(event.starts_at)}{rolled}{_ESTIMATED[event.estimated]}。"


@_say.register
def _(event: e.StartTriggerSet, org: Name, person: Name) -> str:
    if event.kind == "signal":
        return f"“{event.name}”由信号“{event.signal}”启动事项。"
    return (
        f"“{event.name}”定期启动事项，首次原定{_at(event.planned_at)}。"
        if event.planned_at
        else f"“{event.name}”所定时刻已过，不再启动事项。"
    )


@_say.register
def _(event: e.RoundStarted, org: Name, person: Name) -> str:
    next_at = f"，下次原定{_at(event.next_at)}" if event.next_at else ""
    return (
        f"“{event.name}”于{_at(event.starts_at)}启动事项{len(event.deliveries)}件"
        f"{_ESTIMATED[event.estimated]}{next_at}。"
    )


@_say.register
def _(event: e.RoundsPassed, org: Name, person: Name) -> str:
    why = {
        "not_in_force": "当时适用流程的其他版本",
        "retired": "该版本已经废止",
        "too_many": "停机期间错过的次数过多，只补办最近各次",
    }
    times = (
        _at(event.first_at)
        if event.count == 1
        else f"{_at(event.first_at)}至{_at(event.last_at)}共{event.count}次"
    )
    return f"“{event.name}”原定{times}不启动事项：{why[event.reason]}。"


@_say.register
def _(event: e.StartFailed, org: Name, person: Name) -> str:
    return f"由“{event.name}”启动的一件事项未能启动：{event.cause}平台将继续尝试。"


@_say.register
def _(event: e.InstanceRebound, org: Name, person: Name) -> str:
    return f"申请尚未送达，流程第{event.to_version}版已施行，由第{event.from_version}版转为适用第{event.to_version}版。"


@_say.register
def _(event: e.VersionKept, org: Name, person: Name) -> str:
    reasons = "；".join(event.reasons)
    return f"流程第{event.newer_version}版已施行，本事项继续适用第{event.version}版：{reasons}。"


@_say.register
def _(event: e.DefinitionDeployed, org: Name, person: Name) -> str:
    since = f"，自{_on(event.effective_from)}起施行" if event.effective_from else ""
    basis = f"依据：{event.basis}" if event.basis else ""
    notes = f"说明：{event.notes}" if event.notes else ""
    return (
        "。".join(filter(None, (f"发布第{event.version}版{since}", basis.rstrip("。"), notes.rstrip("。"))))
        + "。"
    )


@_say.register
def _(event: e.ModelCreated, org: Name, person: Name) -> str:
    return f"建立模型“{event.name}”。"


@_say.register
def _(event: e.ModelSaved, org: Name, person: Name) -> str:
    note = f"（{event.note}）" if event.note else ""
    return f"保存第{event.revision}次修订{note}。"


@_say.register
def _(event: e.ModelDiscarded, org: Name, person: Name) -> str:
    return "停止编辑。"


@_say.register
def _(event: e.PublicationRequested, org: Name, person: Name) -> str:
    return f"提请发布第{event.revision}次修订。说明：{event.notes}"


@_say.register
def _(event: e.PublicationReturned, org: Name, person: Name) -> str:
    return f"退回修改。理由：{event.reason}"


@_say.register
def _(event: e.ModelPublished, org: Name, person: Name) -> str:
    alone = "，所在部门没有其他流程设计人员，由修改人本人发布" if event.alone else ""
    return f"第{event.revision}次修订发布为第{event.version}版{alone}。"


@_say.register
def _(event: e.DefinitionSuspended, org: Name, person: Name) -> str:
    return f"第{event.version}版停用，不再受理新的事项；在办事项照常办理，期限不停。理由：{event.reason}"


@_say.register
def _(event: e.DefinitionResumed, org: Name, person: Name) -> str:
    return f"第{event.version}版恢复施行。理由：{event.reason}"


@_say.register
def _(event: e.DefinitionRetired, org: Name, person: Name) -> str:
    return f"第{event.version}版废止。理由：{event.reason}"


@_say.register
def _(event: e.MigrationProposed, org: Name, person: Name) -> str:
    asked = "、".join(filter(None, map(org, event.asked)))
    return f"提议由流程第{event.from_version}版迁移至第{event.to_version}版，征求{asked}同意。理由：{event.reason}"


@_say.register
def _(event: e.MigrationConsented, org: Name, person: Name) -> str:
    return f"{org(event.organisation_key)}负责人{deputy(event.as_deputy_of)}同意迁移。"


@_say.register
def _(event: e.MigrationObjected, org: Name, person: Name) -> str:
    return f"{org(event.organisation_key)}负责人{deputy(event.as_deputy_of)}不同意迁移，事项继续适用原版本。理由：{event.reason}"


@_say.register
def _(event: e.MigrationWithdrawn, org: Name, person: Name) -> str:
    return f"迁移提议撤回。理由：{event.reason}"


@_say.register
def _(event: e.MigrationLapsed, org: Name, person: Name) -> str:
    return f"迁移提议失效：{'；'.join(event.reasons)}。"


@_say.register
def _(event: e.InstanceMigrated, org: Name, person: Name) -> str:
    return f"经当事部门同意，由流程第{event.from_version}版迁移至第{event.to_version}版。"


@_say.register
def _(event: e.UserTaskChanged, org: Name, person: Name) -> str:
    return f"按新版本，待办环节为“{event.name}”，由{org(event.organisation_key)}办理。"


@_say.register
def _(event: e.SubscriptionChanged, org: Name, person: Name) -> str:
    return f"按新版本等待“{event.name or event.element_id}”。"


@_say.register
def _(event: e.ElementReached, org: Name, person: Name) -> str:
    return (
        f"“{event.name or event.element_id}”按设置略过。"
        if event.skipped
        else f"进入“{event.name or event.element_id}”。"
    )


@_say.register
def _(event: e.VariablesSet, org: Name, person: Name) -> str:
    return f"登记{'、'.join(event.values)}。"


@_say.register
def _(event: e.InstanceVoided, org: Name, person: Name) -> str:
    return f"事项撤销，理由：{event.reason}{f'（{event.doc_no}）' if event.doc_no else ''}。"


@_say.register
def _(event: e.UserTaskMoved, org: Name, person: Name) -> str:
    return f"“{event.name}”转由{org(event.organisation_key)}办理。"


@_say.register
def _(event: e.UserTaskOpened, org: Name, person: Name) -> str:
    return f"“{event.name}”交由{org(event.organisation_key)}办理。"


@_say.register
def _(event: e.UserTaskAssigned, org: Name, person: Name) -> str:
    if event.assignee is None:
        return f"{_moved_why(event)}“{event.name}”退回部门待办。"
    who = two_names(event.assignee_name or "", event.principal_name)
    return f"{_moved_why(event)}“{event.name}”由{who}承办。"


def _moved_why(event: e.UserTaskAssigned) -> str:
    reasons = {
        "expired": f"对{event.before_name}的委托期满，",
        "revoked": f"对{event.before_name}的委托撤销，",
        "left": f"{event.before_name}离职，",
    }
    return reasons.get(event.why, "")


@_say.register
def _(event: e.UserTaskCompleted, org: Name, person: Name) -> str:
    if event.by_name:
        return f"加签意见到齐，{event.by_name}办理完成“{event.name}”{deputy(event.as_deputy_of)}。"
    return f"办理完成“{event.name}”{deputy(event.as_deputy_of)}。"


@_say.register
def _(event: e.DeputyAuthorised, org: Name, person: Name) -> str:
    limits = [
        f"限{len(event.processes)}类流程" if event.processes else "",
        "限指定资源" if event.resource_key else "",
        f"限对方为{org(event.other_key)}" if event.other_key else "",
    ]
    scope = "、".join(filter(None, limits)) or "全部事项"
    number = f"（{event.doc_no}）" if event.doc_no else ""
    return (
        f"{person(event.principal_user)}委托{person(event.deputy_user)}自{_on(event.valid_from)}"
        f"至{_on(event.valid_until)}代理{org(event.organisation_key)}{ROLES.get(event.role, event.role)}，"
        f"{scope}{number}。"
    )


@_say.register
def _(event: e.DeputyEnded, org: Name, person: Name) -> str:
    ends = {"expired": "期满终止", "revoked": "撤销", "left": "因人员离职终止"}
    reason = f"，理由：{event.reason}" if event.reason else ""
    names = f"{person(event.principal_user)}对{person(event.deputy_user)}"
    return f"{names}的委托{ends.get(event.end, event.end)}{reason}。"


@_say.register
def _(event: e.LeavingBegun, org: Name, person: Name) -> str:
    return f"{person(event.user_key)}离职转办开始。理由：{event.reason}"


@_say.register
def _(event: e.HoldingHandedOn, org: Name, person: Name) -> str:
    done = {
        "handed_on": f"转{event.to_name}办理",
        "returned": f"退回{event.to_name or '部门'}",
        "ended": "终止",
        "failed": "未能转办",
    }
    return f"“{event.name}”{done[event.outcome]}{f'：{event.reason}' if event.reason else '。'}"


@_say.register
def _(event: e.UserLeft, org: Name, person: Name) -> str:
    failed = f"，{event.failed}项未能转办" if event.failed else ""
    return f"{person(event.user_key)}离职转办结束，账号停用{failed}。"


@_say.register
def _(event: e.TaskPartHandedOn, org: Name, person: Name) -> str:
    if event.user_key is None:
        return f"{event.from_name}离职，所承担的“{event.name}”有关事项撤回。"
    return f"{event.from_name}离职，所承担的“{event.name}”有关事项由{event.user_name}接办。"


@_say.register
def _(event: e.TaskPartAskerMoved, org: Name, person: Name) -> str:
    return f"“{event.name}”的答复改报{event.asked_by_name}。"


@_say.register
def _(event: e.InstanceHandedOn, org: Name, person: Name) -> str:
    return f"发起人{event.from_name}离职，本事项由{event.user_name}跟办。"


@_say.register
def _(event: e.CaseWithheld, org: Name, person: Name) -> str:
    return f"本事项对{org(event.organisation_key)}不予显示。"


@_say.register
def _(event: e.CommentAdded, org: Name, person: Name) -> str:
    return f"登记内部交流一条，内容仅{org(event.organisation_key)}可见。"


@_say.register
def _(event: e.ActDone, org: Name, person: Name) -> str:
    return f"提出“{event.name}”。"


@_say.register
def _(event: e.UserTaskCancelled, org: Name, person: Name) -> str:
    return f"“{event.name}”不再需要办理，已撤销。"


_CERTAIN = {
    "final": "",
    "provisional": "（暂定，待次年放假安排公布后核定）",
    "uncovered": "（估算，所涉年度放假安排尚未公布）",
}


@_say.register
def _(event: e.DeadlineSet, org: Name, person: Name) -> str:
    unit = UNITS[Unit(event.terms["unit"])]
    if not event.terms["length"]:
        return f"{event.name}：应于{_on(event.due_on)}前办理{_CERTAIN[event.status]}。"
    return (
        f"{event.name}起算：自{_on(event.event_on)}起{event.terms['length']}{unit}，"
        f"至{_on(event.due_on)}届满{_CERTAIN[event.status]}。"
    )


def _became(event: e.DeadlineMoved) -> str:
    if event.due_on == event.due_before:
        return f"届满日仍为{_on(event.due_on)}{_CERTAIN[event.status]}"
    return f"届满日由{_on(event.due_before)}改为{_on(event.due_on)}{_CERTAIN[event.status]}"


@_say.register
def _(event: e.DeadlineExtended, org: Name, person: Name) -> str:
    unit = UNITS[Unit(event.terms["unit"])]
    return (
        f"{event.name}经{event.approved_by}同意延长{event.days}{unit}（申请人{event.asked_by}），"
        f"{_became(event)}。"
    )


@_say.register
def _(event: e.DeadlinePaused, org: Name, person: Name) -> str:
    return f"{event.name}因{event.ground}中止计算，依据：{event.basis}。"


@_say.register
def _(event: e.DeadlineAnswered, org: Name, person: Name) -> str:
    return f"{event.name}内已按要求办理，审核期间不作届满处理；未通过的，自原起算日继续计算。"


@_say.register
def _(event: e.DeadlineReopened, org: Name, person: Name) -> str:
    return f"审核未通过，{event.name}继续计算，届满日仍为{_on(event.due_on)}。"


@_say.register
def _(event: e.DeadlineResumed, org: Name, person: Name) -> str:
    unit = "个工作日" if event.terms["unit"] == Unit.WORKING_DAY else "天"
    return f"{event.name}恢复计算，扣除{event.excluded}{unit}，{_became(event)}。"


@_say.register
def _(event: e.DeadlineRecounted, org: Name, person: Name) -> str:
    held = "；按新安排计算的届满日在公布时已过，保留至公布当日" if event.held else ""
    return f"因{event.cause}，{event.name}重新计算，{_became(event)}{held}。"


@_say.register
def _(event: e.DeadlineMigrated, org: Name, person: Name) -> str:
    length = f"{event.terms['length']}{UNITS[Unit(event.terms['unit'])]}，" if event.terms["length"] else ""
    held = "；按新版本计算的届满日已过，保留至迁移当日" if event.held else ""
    return f"迁移至第{event.version}版后，{event.name}为{length}自原起算日计算，{_became(event)}{held}。"


@_say.register
def _(event: e.DeadlineExpired, org: Name, person: Name) -> str:
    tail = "，事项逾期，办理义务不因此终止" if event.overdue else ""
    return f"{event.name}于{_on(event.due_on)}届满{tail}。"


@_say.register
def _(event: e.DeadlineUndetermined, org: Name, person: Name) -> str:
    return f"{event.name}所涉年度的放假安排尚未公布，期限待定，不作逾期处理。"


@_say.register
def _(event: e.DeadlineEnded, org: Name, person: Name) -> str:
    if event.state == "met_late":
        return f"{event.name}停止计算：逾期{event.late_wd}个工作日（{event.late_cd}个自然日）办理。"
    endings = {"met": "在期限内办理", "cancelled": "因程序转换停止计算", "expired": "届满后转入下一环节"}
    return f"{event.name}{endings.get(event.state, '结束')}。"


@_say.register
def _(event: e.TimerArmed, org: Name, person: Name) -> str:
    kinds = {"expiry": "届满时刻", "reminder": "提醒时刻", "date": "到期时刻"}
    return f"设定{kinds[event.kind]}：{_at(event.fires_at)}。"


@_say.register
def _(event: e.TimerFired, org: Name, person: Name) -> str:
    return f"“{event.name}”时刻已到。"


@_say.register
def _(event: e.TimerDisarmed, org: Name, person: Name) -> str:
    return "原定时刻不再适用，已解除。"


@_say.register
def _(event: e.TimerRearmed, org: Name, person: Name) -> str:
    if event.fires_at.startswith("9999"):
        return "期限中止，原定时刻暂不适用。"
    return f"原定时刻改为{_at(event.fires_at)}。"


@_say.register
def _(event: e.TimerPostponed, org: Name, person: Name) -> str:
    return f"推迟至{_at(event.until)}再行核对。"


@_say.register
def _(event: e.MessageDelivered, org: Name, person: Name) -> str:
    return f"{event.name}：由{org(event.sender) or '共享平台'}送达{org(event.receiver) or '有关部门'}。"


@_say.register
def _(event: e.MessageThrown, org: Name, person: Name) -> str:
    return f"{event.name}：转后续程序（{event.target}）。"


@_say.register
def _(event: e.MessageCaught, org: Name, person: Name) -> str:
    return f"后续程序（{event.target}）已启动。"


@_say.register
def _(event: e.MessageLapsed, org: Name, person: Name) -> str:
    return "消息送达前对方已不再等待，未作处理。"


@_say.register
def _(event: e.MessageReceived, org: Name, person: Name) -> str:
    source = event.payload.get("business_id") or "其他办理事项"
    return f"“{event.name}”收到{source}的消息。"


@_say.register
def _(event: e.SignalThrown, org: Name, person: Name) -> str:
    return f"“{event.name}”发出信号“{event.signal}”，等待该信号的有{len(event.deliveries)}处。"


@_say.register
def _(event: e.SubscriptionOpened, org: Name, person: Name) -> str:
    kinds = {
        "message": "等待消息",
        "signal": "等待信号",
        "call": "等待被调用的流程办结",
        "cancel": "随调用方撤销",
    }
    return f"{kinds[event.kind]}{f'“{event.name}”' if event.kind in ('message', 'signal') else ''}。"


@_say.register
def _(event: e.SubscriptionClosed, org: Name, person: Name) -> str:
    return "不再等待。"


@_say.register
def _(event: e.ErrorUncaught, org: Name, person: Name) -> str:
    return f"“{event.name}”发生错误 {event.code}，无处理步骤，事项终止。"


@_say.register
def _(event: e.IncidentRaised, org: Name, person: Name) -> str:
    again = f"，拟于{_at(event.next_try_at)}重试" if event.next_try_at else ""
    return f"“{event.name}”出现异常（{KINDS.get(event.kind, event.kind)}），该环节未生效，停在原处{again}。"


@_say.register
def _(event: e.IncidentTriedAgain, org: Name, person: Name) -> str:
    again = f"，拟于{_at(event.next_try_at)}再次重试" if event.next_try_at else ""
    return f"重试后仍有异常（{KINDS.get(event.kind, event.kind)}），停在原处{again}。"


@_say.register
def _(event: e.IncidentVariablesCorrected, org: Name, person: Name) -> str:
    changes = "；".join(
        f"{name}由{_value(event.before.get(name))}改为{_value(value)}" for name, value in event.after.items()
    )
    return f"更正数据：{changes}。理由：{event.reason}。"


@_say.register
def _(event: e.IncidentResolved, org: Name, person: Name) -> str:
    return f"“{event.name}”的异常已恢复。"


@_say.register
def _(event: e.IncidentSkipped, org: Name, person: Name) -> str:
    ways = f"，流向{'、'.join(event.flows)}" if event.flows else ""
    return f"“{event.name}”因异常略过{ways}。理由：{event.reason}。"


@_say.register
def _(event: e.IncidentCancelled, org: Name, person: Name) -> str:
    return f"因“{event.name}”的异常撤销事项。理由：{event.reason}。"


@_say.register
def _(event: e.IncidentClosed, org: Name, person: Name) -> str:
    why = {"interrupted": "该环节已因程序转换离开", "ended": "事项已经办结", "disarmed": "原定时刻不再适用"}
    return f"“{event.name}”的异常不再存在：{why.get(event.reason, event.reason)}。"


def _value(value: object) -> str:
    text = "空" if value is None else str(value)
    return f"“{text if len(text) <= 60 else text[:60] + '…'}”"


@_say.register
def _(event: e.DecisionMade, org: Name, person: Name) -> str:
    rows = f"命中第{'、'.join(map(str, event.hits))}行" if event.hits else "没有命中的行"
    return f"按决策表 {event.decision} 判定：{rows}。"


@_say.register
def _(event: e.ServiceCalled, org: Name, person: Name) -> str:
    return service_words(event.service, event.result)


@_say.register
def _(event: e.GrantRecorded, org: Name, person: Name) -> str:
    return f"登记授权：{org(event.using)}可使用{'、'.join(event.data_items)}。"


@_say.register
def _(event: e.GrantSuperseded, org: Name, person: Name) -> str:
    return f"原授权由{event.by_business_id}的授权替代，自{_on(event.ended_on)}起终止。"


@_say.register
def _(event: e.GrantEndSet, org: Name, person: Name) -> str:
    return f"因{event.cause}，授权自{_on(event.ended_on)}起终止。"


@_say.register
def _(event: e.GrantSuspended, org: Name, person: Name) -> str:
    basis = f"（{event.basis}）" if event.basis else ""
    return f"授权暂停使用：{event.reason}{basis}，事项{event.by_business_id}。"


@_say.register
def _(event: e.GrantResumed, org: Name, person: Name) -> str:
    return f"授权恢复使用：{event.reason}，事项{event.by_business_id}。"


@_say.register
def _(event: e.DocumentIssued, org: Name, person: Name) -> str:
    return f"印发《{event.title}》（{event.number}），内容摘要（SHA-256）{event.sha256[:16]}…。"


@_say.register
def _(event: e.NoticeSent, org: Name, person: Name) -> str:
    people = "、".join(filter(None, (person(key) for key in event.to))) or "无人在岗"
    return f"告知{people}：{event.text}"


@_say.register
def _(event: e.ResourceFlagged, org: Name, person: Name) -> str:
    return f"标注《{event.resource}》的{'、'.join(event.data_items)}正在校核，涉及{event.records}条记录。"


@_say.register
def _(event: e.ResourceUnflagged, org: Name, person: Name) -> str:
    return f"解除《{event.resource}》的正在校核标注。"


@_say.register
def _(event: e.InstanceEnded, org: Name, person: Name) -> str:
    return "事项办结（逾期）。" if event.late else "事项办结。"


@_say.register
def _(event: e.UnmaskedExportIssued, org: Name, person: Name) -> str:
    case = event.filters.get("case")
    what = f"{case}的案件流程档案" if case else f"未脱敏的办理记录{event.cases}件（{event.format}）"
    return f"导出{what}，理由：{event.reason}；文件SHA-256为{event.sha256}。"
