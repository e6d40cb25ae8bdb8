"""The words of a comparison: kinds of elements, units, parties and roles."""

from engine.errors import Message
from engine.people import ROLES
from engine.profiles import Profile, party_name
from engine.speech import english

_TYPES = {
    "userTask": ("用户任务", "user task"),
    "manualTask": ("人工任务", "manual task"),
    "serviceTask": ("服务任务", "service task"),
    "sendTask": ("发送任务", "send task"),
    "receiveTask": ("接收任务", "receive task"),
    "scriptTask": ("脚本任务", "script task"),
    "businessRuleTask": ("决策任务", "decision task"),
    "task": ("任务", "task"),
    "callActivity": ("调用活动", "call activity"),
    "subProcess": ("子流程", "sub-process"),
    "eventSubProcess": ("事件子流程", "event sub-process"),
    "adHocSubProcess": ("自由子流程", "ad-hoc sub-process"),
    "transaction": ("事务子流程", "transaction"),
    "exclusiveGateway": ("排他网关", "exclusive gateway"),
    "inclusiveGateway": ("包容网关", "inclusive gateway"),
    "parallelGateway": ("并行网关", "parallel gateway"),
    "eventBasedGateway": ("事件网关", "event gateway"),
    "complexGateway": ("复杂网关", "complex gateway"),
    "startEvent": ("开始事件", "start event"),
    "endEvent": ("结束事件", "end event"),
    "intermediateCatchEvent": ("中间捕获事件", "catch event"),
    "intermediateThrowEvent": ("中间抛出事件", "throw event"),
    "boundaryEvent": ("边界事件", "boundary event"),
    "sequenceFlow": ("流向", "flow"),
    "messageFlow": ("消息流", "message flow"),
    "association": ("关联", "association"),
    "lane": ("泳道", "lane"),
    "participant": ("泳池", "pool"),
    "message": ("消息", "message"),
    "signal": ("信号", "signal"),
    "error": ("错误", "error"),
    "escalation": ("升级", "escalation"),
    "textAnnotation": ("注释", "annotation"),
    "group": ("分组框", "group"),
    "dataStore": ("数据存储", "data store"),
    "dataStoreReference": ("数据存储", "data store"),
    "dataObject": ("数据对象", "data object"),
    "dataObjectReference": ("数据对象", "data object"),
}
_EVENTS = {
    "timer": ("定时", "timer"),
    "message": ("消息", "message"),
    "signal": ("信号", "signal"),
    "error": ("错误", "error"),
    "escalation": ("升级", "escalation"),
    "conditional": ("条件", "conditional"),
    "compensate": ("补偿", "compensation"),
    "terminate": ("终止", "terminate"),
    "cancel": ("取消", "cancel"),
    "link": ("链接", "link"),
}
_UNITS = {
    "working_day": ("个工作日", "working days"),
    "calendar_day": ("个自然日", "calendar days"),
    "month": ("个月", "months"),
    "count": ("次", "times"),
    "character": ("字", "characters"),
}


def kind_words(kind: str) -> Message:
    """Return what a kind of element is called: `boundaryEvent/timer` is 定时边界事件."""
    tag, _, event = kind.partition("/")
    zh, en = _TYPES.get(tag, (tag, tag))
    if not event:
        return Message(zh, en)
    if tag == "boundaryEvent" and event == "timer":
        return Message("计时器", "timer")
    before_zh, before_en = _EVENTS.get(event, (event, event))
    return Message(f"{before_zh}{zh}", f"{before_en} {en}")


def unit_words(unit: str) -> Message:
    """Return a unit as it follows a number."""
    return Message(*_UNITS.get(unit, ("", "")))


def party_words(prefix: str, profile: Profile) -> Message:
    """Return what a law calls a party: prov is 提供部门."""
    name = party_name(profile, prefix)
    return Message(str(name) or prefix, english(name) or prefix)


def role_words(role: str, profile: Profile) -> Message:
    """Return who a role is: prov.handler is 提供部门经办人; several are parted by a bar or spaces."""
    said = []
    party = ""
    for each in role.replace("|", " ").split():
        if "." not in each and party:  # prov.handler|head: either role of the same party
            each = f"{party}.{each}"
        party = each.partition(".")[0]
        said.append(_one_role(each, profile))
    return Message("、".join(m.zh for m in said), ", ".join(m.en for m in said))


def _one_role(role: str, profile: Profile) -> Message:
    party, _, what = role.partition(".")
    if role == "platform":
        return Message("共享平台", "sharing platform")
    if party not in profile.parties or what not in ROLES:
        return Message(role, role)
    name = party_words(party, profile)
    return Message(f"{name.zh}{ROLES[what]}", f"{name.en} {english(ROLES[what]).lower()}")
