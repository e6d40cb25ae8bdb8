"""What can be written at an element, by its path: what it is called, and how its value is shown."""

from dataclasses import dataclass

from engine.bpmn.reader import LIMIT_ACTS


@dataclass(frozen=True)
class Aspect:
    """What a value at a path is called, and how it is shown.

    `shows` is raw, code, yes (true or false), ref, refs, setting, settings, variable, variables, role, roles.
    """

    zh: str
    en: str
    shows: str = "raw"


_PERIOD = {
    "setting": Aspect("期限", "limit", "setting"),
    "from": Aspect("起算", "start of the count", "variable"),
    "date": Aspect("固定日期", "fixed date", "variable"),
    "minusDays": Aspect("提前天数", "days ahead"),
    "pauses": Aspect("扣除的时间", "excluded time", "variable"),
    "remind": Aspect("提醒对象", "who is reminded", "roles"),
    "supervisor": Aspect("督办", "supervisor", "role"),
    "onExpiry": Aspect("届满后的处理", "what happens on expiry"),
    "metWhen": Aspect("视为按期的条件", "condition of being met", "code"),
    "extension": Aspect("延长的上限", "longest extension", "setting"),
    "extensionCap": Aspect("上限的计法", "reading of the cap", "setting"),
    "extensionCount": Aspect("延长的次数", "number of extensions", "setting"),
    "extensionLate": Aspect("逾期批准延长", "late extension", "setting"),
    "extensionMost": Aspect("最长延长的算式", "expression of the longest extension", "code"),
    "grounds": Aspect("可以中止的事由", "grounds of a pause", "setting"),
    "when": Aspect("适用条件", "condition", "code"),
    "answeredBy": Aspect("视为答复的时刻", "instant of the answer", "variable"),
    "length": Aspect("长度的算式", "expression of the length", "code"),
    "lengthBy": Aspect("确定长度的文书", "document that sets the length", "code"),
    "follows": Aspect("所随的计时器", "timer it goes with", "ref"),
}
_ACT = {
    "of": Aspect("所涉计时器", "timer", "ref"),
    "value": Aspect("取值", "value", "code"),
    "asked": Aspect("申请环节", "step that asks", "ref"),
    "askedValue": Aspect("申请天数", "days asked for", "code"),
    "when": Aspect("条件", "condition", "code"),
}
_DOCUMENT = {
    "template": Aspect("模板", "template"),
    "title": Aspect("标题", "title"),
    "series": Aspect("文种字", "series"),
    "by": Aspect("制发方", "issuer", "party"),
    "to": Aspect("送达方", "addressee", "party"),
    "when": Aspect("条件", "condition", "code"),
    "limit": Aspect("所载期限", "limit it names", "ref"),
    "number": Aspect("文号", "number", "code"),
}
CONTAINERS = {
    "shixian:period": Aspect("期限", "limit"),
    "shixian:reminder": Aspect("提醒", "reminder"),
    "shixian:extensionRequest": Aspect("延长申请", "extension request"),
    "shixian:extension": Aspect("期限延长", "extension"),
    "shixian:pause": Aspect("期限中止", "pause"),
    "shixian:resume": Aspect("期限恢复", "resumption"),
    "shixian:document": Aspect("文书", "document"),
    "shixian:form": Aspect("表单", "form"),
    "shixian:assign": Aspect("赋值", "assignment"),
    "shixian:service": Aspect("服务", "service"),
    "shixian:decision": Aspect("决策表", "decision"),
    "shixian:delivery": Aspect("送达", "delivery"),
    "shixian:correlation": Aspect("消息关联", "correlation"),
    "shixian:input": Aspect("输入", "input"),
    "shixian:output": Aspect("输出", "output"),
    "shixian:approval": Aspect("会签规则", "approval"),
    "shixian:notice": Aspect("告知", "notice"),
    "shixian:retry": Aspect("重试", "retry"),
    "shixian:schedule": Aspect("定期启动", "schedule"),
    "shixian:party": Aspect("当事方", "party"),
    "multiInstanceLoopCharacteristics": Aspect("多实例", "multi-instance"),
    "standardLoopCharacteristics": Aspect("循环", "loop"),
    "timerEventDefinition": Aspect("定时", "timer"),
    "messageEventDefinition": Aspect("消息", "message"),
    "signalEventDefinition": Aspect("信号", "signal"),
    "conditionalEventDefinition": Aspect("条件", "condition"),
    "errorEventDefinition": Aspect("错误", "error"),
    "escalationEventDefinition": Aspect("升级", "escalation"),
    "linkEventDefinition": Aspect("链接", "link"),
    "documentation": Aspect("说明", "documentation"),
    "conditionExpression": Aspect("条件", "condition"),
    "completionCondition": Aspect("完成条件", "completion condition"),
    "ioSpecification": Aspect("数据输入输出", "data input and output"),
}
"""Children that are told as one thing."""
_OWN = {
    "@shixian:role": Aspect("角色", "role", "roles"),
    "@shixian:state": Aspect("事项状态", "state of the case"),
    "@shixian:result": Aspect("办理结果", "result"),
    "@shixian:resultWhen": Aspect("办理结果的条件", "condition of the result", "code"),
    "@shixian:skipWhen": Aspect("略过条件", "condition of being skipped", "code"),
    "@shixian:when": Aspect("启用条件", "condition of being offered", "code"),
    "@shixian:separateFrom": Aspect("回避要求", "separation", "refs"),
    "@shixian:separateStrict": Aspect("严格回避", "strict separation", "yes"),
    "@shixian:returnTo": Aspect("可以退回的环节", "steps it may be returned to", "refs"),
    "@shixian:returnPauses": Aspect("退回期间中止的依据", "ground of standing still on return", "setting"),
    "@shixian:apart": Aspect("与其他分支分开", "apart from other branches", "yes"),
    "@shixian:needs": Aspect("发起条件", "what a start needs"),
    "@attachedToRef": Aspect("所附环节", "step it is attached to", "ref"),
    "@cancelActivity": Aspect("是否中断", "interrupting", "yes"),
    "@isInterrupting": Aspect("是否中断", "interrupting", "yes"),
    "@default": Aspect("默认流向", "default flow", "ref"),
    "@calledElement": Aspect("调用的流程", "called process"),
    "@messageRef": Aspect("消息", "message", "ref"),
    "@processRef": Aspect("流程", "process"),
    "@errorCode": Aspect("代码", "code"),
    "@escalationCode": Aspect("代码", "code"),
    "@instantiate": Aspect("是否启动流程", "starts a process", "yes"),
    "documentation/#": Aspect("说明", "documentation"),
    "conditionExpression/#": Aspect("条件", "condition", "code"),
    "completionCondition/#": Aspect("完成条件", "completion condition", "code"),
    "timerEventDefinition/timeDate/#": Aspect("定时", "instant", "code"),
    "timerEventDefinition/timeDuration/#": Aspect("定时时长", "duration", "code"),
    "timerEventDefinition/timeCycle/#": Aspect("定时周期", "cycle", "code"),
    "conditionalEventDefinition/condition/#": Aspect("条件", "condition", "code"),
    "messageEventDefinition/@messageRef": Aspect("消息", "message", "ref"),
    "signalEventDefinition/@signalRef": Aspect("信号", "signal", "ref"),
    "errorEventDefinition/@errorRef": Aspect("错误", "error", "ref"),
    "escalationEventDefinition/@escalationRef": Aspect("升级", "escalation", "ref"),
    "linkEventDefinition/@name": Aspect("链接名称", "name of the link"),
    "multiInstanceLoopCharacteristics/@isSequential": Aspect("依次办理", "one by one", "yes"),
    "multiInstanceLoopCharacteristics/loopDataInputRef/#": Aspect("多实例的列表", "list", "variable"),
    "multiInstanceLoopCharacteristics/loopDataOutputRef/#": Aspect("多实例的结果", "result", "variable"),
    "multiInstanceLoopCharacteristics/completionCondition/#": Aspect("提前结束的条件", "condition of an early end", "code"),
    "multiInstanceLoopCharacteristics/loopCardinality/#": Aspect("实例个数", "number of instances", "code"),
    "multiInstanceLoopCharacteristics/inputDataItem/@name": Aspect("单项的名称", "name of an item"),
    "shixian:form/@id": Aspect("表单", "form", "form"),
    "shixian:form/@variable": Aspect("表单写入的变量", "variable of the form", "variable"),
    "shixian:form/@resume": Aspect("带出上次填写的内容", "opens with what was handed in", "yes"),
    "shixian:form/@open": Aspect("可以修改的字段", "fields that may be changed", "code"),
    "shixian:form/@remarks": Aspect("退回理由的来源", "where remarks come from", "variables"),
    "shixian:service/@name": Aspect("服务", "service"),
    "shixian:decision/@id": Aspect("决策表", "decision"),
    "shixian:delivery/@from": Aspect("送达方", "deliverer", "party"),
    "shixian:delivery/@to": Aspect("收件方", "recipient", "party"),
    "shixian:correlation/@to": Aspect("消息发往", "receiver of the message"),
    "shixian:correlation/@key": Aspect("关联键", "correlation key", "code"),
    "shixian:correlation/@kind": Aspect("事项种类", "kind of the matter"),
    "shixian:approval/@kind": Aspect("会签方式", "kind of approval", "approval"),
    "shixian:approval/@members": Aspect("参加人", "members", "variable"),
    "shixian:approval/@agrees": Aspect("视为同意的条件", "condition of consent", "code"),
    "shixian:approval/@needed": Aspect("通过所需", "votes needed"),
    "shixian:approval/@until": Aspect("提前结束的条件", "condition of an early end", "code"),
    "shixian:approval/@result": Aspect("会签结果写入", "variable of the result", "variable"),
    "shixian:notice/@to": Aspect("告知对象", "who is told", "roles"),
    "shixian:notice/@text": Aspect("告知内容", "text of the notice"),
    "shixian:notice/@when": Aspect("告知的条件", "condition of the notice", "code"),
    "shixian:retry/@attempts": Aspect("重试次数", "attempts"),
    "shixian:retry/@every": Aspect("重试间隔", "time between attempts"),
    "shixian:schedule/@roll": Aspect("逢休息日", "on a rest day"),
    "shixian:reminder/@of": Aspect("所提醒的计时器", "timer it reminds of", "ref"),
    "shixian:reminder/@leadSetting": Aspect("提前量", "lead", "setting"),
    "shixian:reminder/@lead": Aspect("提前量", "lead"),
    **{f"shixian:period/@{name}": aspect for name, aspect in _PERIOD.items()},
    **{f"shixian:document/@{name}": aspect for name, aspect in _DOCUMENT.items()},
    **{
        f"shixian:{act}/@{name}": aspect
        for act in LIMIT_ACTS
        for name, aspect in _ACT.items()
    },
    **{f"shixian:{what}/@expression": Aspect("算式", "expression", "code") for what in ("assign", "input", "output")},
}  # fmt: skip
OF_PROCESS = {
    "@name": Aspect("流程名称", "name of the procedure"),
    "@id": Aspect("流程编号", "id of the procedure"),
    "@isExecutable": Aspect("是否可执行", "executable", "yes"),
    "@shixian:article": Aspect("依据条款", "article"),
    "@shixian:effectiveFrom": Aspect("施行日", "in force from"),
    "@shixian:caseNumber": Aspect("编号前缀", "prefix of numbers"),
    "@shixian:caseTitle": Aspect("事项名称", "title of a case"),
    "@shixian:results": Aspect("办理结果的次序", "order of results"),
    "@shixian:profile": Aspect("法规口径", "law profile", "profile"),
    "documentation/#": Aspect("流程说明", "documentation"),
}


def aspect_words(path: str) -> Aspect:
    """Return what the value at a path is called; a foreign one keeps its own name."""
    plain = plain_path(path)
    if known := _OWN.get(plain):
        return known
    last = plain.replace("/#", "").rpartition("/")[2].lstrip("@").rpartition("}")[2]
    last = last.removeprefix("shixian:")
    return Aspect(f"属性 {last}", f"attribute {last}", "code")


def plain_path(path: str) -> str:
    """Return a path without what tells repeated elements apart."""
    head, bracket, rest = path.partition("[")
    path = head + rest.rpartition("]")[2] if bracket else path
    head, bracket, rest = path.partition("(")
    return head + rest.partition(")")[2] if bracket else path
