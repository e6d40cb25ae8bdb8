"""Codes in words, and how instants and days are written, in the language of the page."""

from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext, ngettext

from engine.chinese_dates import zh
from engine.english_dates import MONTHS, WEEK, en, en_at, en_feast, en_short, en_week
from engine.explanation import on_zh as chinese_on
from engine.periods import BEIJING
from engine.queries.views import Chip
from web.language import language

STATES = {
    "draft": _("草稿"),
    "internal_review": _("部门内部审核"),
    "running": _("办理中"),
    "due_soon": _("临期"),
    "awaiting_supplement": _("待补正"),
    "extended": _("已延期"),
    "overdue": _("已逾期"),
    "in_dispute": _("争议中"),
    "rectifying": _("整改中"),
    "reported_up": _("已上报"),
    "closed": _("已办结"),
    "closed_late": _("逾期办结"),
    "withdrawn": _("已撤回"),
    "void": _("已撤销"),
}
RESULTS = {
    "granted_direct": _("无条件共享已授权"),
    "not_applicable": _("目录为不予共享，未受理"),
    "granted": _("已共享"),
    "granted_partly": _("部分共享"),
    "refused": _("不予共享办结"),
    "to_dispute": _("转争议协调"),
    "withdrawn": _("已撤回"),
    "lapsed": _("逾期未补正，视为撤回"),
    "no_holder": _("无部门掌握，终止"),
    "updated": _("已更新"),
    "updated_late": _("逾期更新"),
    "no_update": _("无需更新"),
    "prompted": _("已提示"),
    "deleted": _("已删除"),
    "grant_ended": _("授权终止"),
    "lead_opened": _("转整改立案"),
    "lead_transferred": _("移送有关机关"),
    "lead_unfounded": _("线索不成立"),
    "lead_by_government": _("本级政府已处理"),
    "given_back": _("授权已交还"),
    "negotiated": _("协商一致"),
    "coordinated": _("协调一致"),
    "decided": _("协调处理"),
    "government_decided": _("政府决定"),
    "not_accepted": _("不予受理"),
    "verified": _("校核办结"),
    "merged": _("并入已有校核"),
    "business_handled": _("业务已照常办理"),
    "rectified": _("按期整改，已销号"),
    "rectified_late": _("逾期整改，已销号"),
    "reported_up_closed": _("已上报，按批示办结"),
    "sanction_proposed": _("已移送处分建议"),
    "not_opened": _("不予立案"),
    "handed_over": _("已移送"),
    "annulled": _("通知书已撤销"),
}
GRANT_STATES = {
    "living": _("有效"),
    "ending": _("三十日内届满"),
    "not_yet": _("尚未生效"),
    "suspended": _("暂停使用"),
    "ended": _("已终止"),
}
GRANT_ENDS = {
    "term": _("期限届满"),
    "superseded": _("由新授权替代"),
    "given_back": _("已交还"),
    "merged": _("双方成为同一部门"),
    "set": _("资源停止共享"),
}
SHARING = {"unconditional": _("无条件共享"), "conditional": _("有条件共享"), "not_shared": _("不予共享")}
METHODS = {"api": _("接口"), "db_exchange": _("库表交换"), "file": _("文件")}
CYCLES = {
    "realtime": _("实时"),
    "daily": _("每日"),
    "weekly": _("每周"),
    "monthly": _("每月"),
    "quarterly": _("每季度"),
    "half_yearly": _("每半年"),
    "yearly": _("每年"),
    "irregular": _("不定期"),
}
TASK_STATES = {
    "open": _("待办理"),
    "completed": _("已办理"),
    "cancelled": lazy_pgettext("task", "已撤销"),
    "skipped": _("已略过"),
}
DEADLINE_STATES = {
    "running": _("计算中"),
    "overdue": _("已届满"),
    "paused": _("已中止"),
    "answered": _("期限内已办理，待审核"),
    "undetermined": _("期限待定"),
    "met": _("按期办理"),
    "met_late": _("逾期办理"),
    "cancelled": _("停止计算"),
    "expired": _("届满转下一环节"),
}
CERTAINTY = {"final": "", "provisional": _("暂定"), "uncovered": _("估算")}
DAY_ROLES = {
    "event": _("当日不计"),
    "counted": _("计入"),
    "weekend": _("周末"),
    "holiday": _("放假"),
    "makeup_counted": _("调休上班"),
    "excluded": _("扣除"),
    "rolled": _("顺延"),
}
LAYERS = {"national": _("国家"), "area": _("地方"), "unit": _("单位")}
ENTRY_CHANGES = {"revise": _("修改"), "add": _("新增"), "delete": _("删除"), "none": _("无需更新")}
VERSION_CHANGES = {"published": _("发布"), "added": _("新增"), "revised": _("修改")}
METADATA = {
    "class_path": _("信息资源分类"),
    "class_code": _("分类代码"),
    "format_class": _("信息资源格式"),
    "format_type": _("格式类型"),
    "sharing_conditions": _("共享条件（依据）"),
    "use_scope": _("共享范围"),
    "use_purpose": _("使用用途"),
    "open_flag": _("是否向社会开放"),
    "security_class": _("数据分类分级"),
    "catalogue_kind": _("目录类别"),
    "lead_dept": _("牵头部门"),
    "related_code": _("关联资源代码"),
    "publish_date": _("发布日期"),
}
STANDS = {
    "in_force": _("施行中"),
    "superseded": _("已由新版接替"),
    "not_yet": _("未施行"),
    "suspended": _("已停用"),
    "retired": _("已废止"),
}
MIGRATIONS = {
    "open": _("征求意见"),
    "done": _("已迁移"),
    "objected": _("未获同意"),
    "withdrawn": _("已撤回"),
    "lapsed": _("已失效"),
}
TYPES = {
    "userTask": _("用户任务"),
    "manualTask": _("人工任务"),
    "serviceTask": _("服务任务"),
    "sendTask": _("发送任务"),
    "receiveTask": _("接收任务"),
    "businessRuleTask": _("决策任务"),
    "callActivity": _("调用活动"),
    "subProcess": _("子流程"),
    "transaction": _("事务子流程"),
    "exclusiveGateway": _("排他网关"),
    "inclusiveGateway": _("包容网关"),
    "parallelGateway": _("并行网关"),
    "eventBasedGateway": _("事件网关"),
    "startEvent": _("开始事件"),
    "endEvent": _("结束事件"),
    "intermediateCatchEvent": _("中间捕获事件"),
    "intermediateThrowEvent": _("中间抛出事件"),
    "boundaryEvent": _("边界事件"),
}
_CHIPS = {
    "today": _("今日到期"),
    "soon": _("下一工作日到期"),
    "open": _("期限待定"),
    "paused": _("期限中止"),
    "answered": _("已按期报送，待审核"),
    "met": _("按期办理"),
    "ended": _("已停止计算"),
    "past": _("已过提醒期"),
}
MINOR = ("VariablesSet", "TimerArmed", "TimerDisarmed", "PartiesSet", "ElementReached", "TimerFired")
"""Events that a history leaves out at first reading."""
_WEEK = "一二三四五六日"


def chip_text(chip: Chip) -> str:
    """Return a deadline chip's words, in working days."""
    n = chip.working_days
    text: str
    if chip.tone == "late" and n:
        text = ngettext("已逾期 %(num)s 个工作日", "已逾期 %(num)s 个工作日", n)
    elif chip.tone == "late":
        text = ngettext("已逾期 %(num)s 天", "已逾期 %(num)s 天", chip.calendar_days)
    elif chip.tone == "met_late" and n:
        text = ngettext("逾期 %(num)s 个工作日办理", "逾期 %(num)s 个工作日办理", n)
    elif chip.tone == "met_late":
        text = ngettext("逾期 %(num)s 天办理", "逾期 %(num)s 天办理", chip.calendar_days)
    elif chip.tone == "ok":
        text = ngettext("剩 %(num)s 个工作日", "剩 %(num)s 个工作日", n)
    else:
        text = str(_CHIPS[chip.tone])
    return text


def day_zh(value: date | str | None) -> str:
    """Return 2026年6月15日, 15 June 2026."""
    if not value:
        return ""
    day = value if isinstance(value, date) else date.fromisoformat(value)
    return en(day) if _english() else zh(day)


def on_zh(day: date) -> str:
    """Return 2026年6月15日（星期一）, Mon 15 Jun 2026."""
    return en_week(day) if _english() else chinese_on(day)


def day_week(value: date) -> str:
    """Return 6月15日（周一）, Mon 15 Jun."""
    if _english():
        return f"{week(value)} {en_short(value)}"
    return f"{value.month}月{value.day}日（周{_WEEK[value.weekday()]}）"


def span_zh(first: date, last: date) -> str:
    """Return 6月19日（周五）至21日（周日）, Fri 19 to Sun 21 Jun; one day alone without 至."""
    if first == last:
        return day_week(first)
    same = (first.year, first.month) == (last.year, last.month)
    if _english():
        return (
            f"{week(first)} {first.day} to {day_week(last)}"
            if same
            else f"{day_week(first)} to {day_week(last)}"
        )
    month = "" if same else f"{last.month}月"
    return f"{day_week(first)}至{month}{last.day}日（{week(last)}）"


def week(value: date) -> str:
    """Return 周一, Mon."""
    return WEEK[value.weekday()][:3] if _english() else f"周{_WEEK[value.weekday()]}"


def weekdays() -> list[tuple[str, str]]:
    """Return the heads of a month's columns, short and in full, Monday first."""
    if _english():
        return [(name[:2], name) for name in WEEK]
    return [(day, f"星期{day}") for day in _WEEK]


def month_name(month: int) -> str:
    """Return 6月, June."""
    return MONTHS[month - 1] if _english() else f"{month}月"


def instant_zh(value: datetime | None) -> str:
    """Return an instant in Beijing time, to the minute: 2026年6月15日 09:30, 15 June 2026, 09:30."""
    if value is None:
        return ""
    if _english():
        return en_at(value)
    local = value.astimezone(BEIJING)
    return f"{zh(local)} {local:%H:%M}"


def clock_zh(value: datetime) -> str:
    """Return the time of an event as （14:35）; nothing for noon sharp, which stands for a day without a time."""
    local = value.astimezone(BEIJING)
    if (local.hour, local.minute, local.second) == (12, 0, 0):
        return ""
    return f" ({local:%H:%M})" if _english() else f"（{local:%H:%M}）"


def day_end(value: datetime) -> str:
    """Return when on its last day a limit ends: 24时, or 17:00 where office hours count."""
    local = value.astimezone(BEIJING)
    if (local.hour, local.minute) != (0, 0):
        return f"{local:%H:%M}"
    return "24:00" if _english() else "24时"


def end_zh(value: datetime) -> str:
    """Return when a limit ends, the midnight after its last day as that day's 24时."""
    local = value.astimezone(BEIJING)
    if (local.hour, local.minute) != (0, 0):
        return instant_zh(value)
    last = local.date() - timedelta(days=1)
    return f"{en(last)}, 24:00" if _english() else f"{zh(last)}24时"


def instant_short(value: datetime | None) -> str:
    """Return an instant in Beijing time as 06-15 09:30."""
    return "" if value is None else f"{value.astimezone(BEIJING):%m-%d %H:%M}"


def clock_minute(value: datetime) -> str:
    """Return the time of day in Beijing as 15:42."""
    return f"{value.astimezone(BEIJING):%H:%M}"


def feast(name: str | None) -> str:
    """Return the name of a public holiday: 春节, Spring Festival."""
    return en_feast(name or "") if _english() else name or ""


def groups(text: str) -> str:
    """Return hexadecimal digits in groups of eight, to be read aloud."""
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))


def _english() -> bool:
    return language() == "en"
