"""Codes in Chinese, and how instants and days are written."""

from datetime import date, datetime, timedelta

from engine.chinese_dates import zh
from engine.periods import BEIJING
from engine.queries.views import Chip

STATES = {
    "draft": "草稿",
    "internal_review": "部门内部审核",
    "running": "办理中",
    "due_soon": "临期",
    "awaiting_supplement": "待补正",
    "extended": "已延期",
    "overdue": "已逾期",
    "in_dispute": "争议中",
    "rectifying": "整改中",
    "reported_up": "已上报",
    "closed": "已办结",
    "closed_late": "逾期办结",
    "withdrawn": "已撤回",
    "void": "已撤销",
}
RESULTS = {
    "granted_direct": "无条件共享已授权",
    "not_applicable": "目录为不予共享，未受理",
    "granted": "已共享",
    "granted_partly": "部分共享",
    "refused": "不予共享办结",
    "to_dispute": "转争议协调",
    "withdrawn": "已撤回",
    "lapsed": "逾期未补正，视为撤回",
    "no_holder": "无提供部门，终止",
    "updated": "已更新",
    "updated_late": "逾期更新",
    "no_update": "无需更新",
    "prompted": "已提示",
    "deleted": "已删除",
    "grant_ended": "授权终止",
    "lead_opened": "转整改立案",
    "lead_transferred": "移送有关机关",
    "lead_unfounded": "线索不成立",
    "lead_by_government": "本级政府已处理",
    "given_back": "授权已交还",
    "negotiated": "协商一致",
    "coordinated": "协调一致",
    "decided": "协调处理",
    "government_decided": "政府决定",
    "not_accepted": "不予受理",
    "verified": "校核办结",
    "merged": "并入已有校核",
    "business_handled": "业务已照常办理",
    "rectified": "按期整改，已销号",
    "rectified_late": "逾期整改，已销号",
    "reported_up_closed": "已上报，按批示办结",
    "not_opened": "不予立案",
    "handed_over": "已移送",
    "annulled": "通知书已撤销",
}
GRANT_STATES = {
    "living": "有效",
    "ending": "三十日内届满",
    "not_yet": "尚未生效",
    "suspended": "暂停使用",
    "ended": "已终止",
}
GRANT_ENDS = {
    "term": "期限届满",
    "superseded": "由新授权替代",
    "given_back": "使用部门交还",
    "merged": "双方成为同一部门",
    "set": "资源停止共享",
}
SHARING = {"unconditional": "无条件共享", "conditional": "有条件共享", "not_shared": "不予共享"}
METHODS = {"api": "接口", "db_exchange": "库表交换", "file": "文件"}
CYCLES = {
    "realtime": "实时",
    "daily": "每日",
    "weekly": "每周",
    "monthly": "每月",
    "quarterly": "每季度",
    "half_yearly": "每半年",
    "yearly": "每年",
    "irregular": "不定期",
}
TASK_STATES = {"open": "待办理", "completed": "已办理", "cancelled": "已撤销", "skipped": "已略过"}
DEADLINE_STATES = {
    "running": "计算中",
    "overdue": "已届满",
    "paused": "已中止",
    "answered": "期限内已办理，待审核",
    "undetermined": "期限待定",
    "met": "按期办理",
    "met_late": "逾期办理",
    "cancelled": "停止计算",
    "expired": "届满转下一环节",
}
CERTAINTY = {"final": "", "provisional": "暂定", "uncovered": "估算"}
DAY_ROLES = {
    "event": "当日不计",
    "counted": "计入",
    "weekend": "周末",
    "holiday": "放假",
    "makeup_counted": "调休上班",
    "excluded": "扣除",
    "rolled": "顺延",
}
LAYERS = {"national": "国家", "area": "地方", "unit": "单位"}
ENTRY_CHANGES = {"revise": "修改", "add": "新增", "delete": "删除", "none": "无需更新"}
VERSION_CHANGES = {"published": "发布", "added": "新增", "revised": "修改"}
METADATA = {
    "class_path": "信息资源分类",
    "class_code": "分类代码",
    "format_class": "信息资源格式",
    "format_type": "格式类型",
    "sharing_conditions": "共享条件（依据）",
    "use_scope": "共享范围",
    "use_purpose": "使用用途",
    "open_flag": "是否向社会开放",
    "security_class": "数据分类分级",
    "catalogue_kind": "目录类别",
    "lead_dept": "牵头部门",
    "related_code": "关联资源代码",
    "publish_date": "发布日期",
}
STANDS = {
    "in_force": "施行中",
    "superseded": "已由新版接替",
    "not_yet": "未施行",
    "suspended": "已停用",
    "retired": "已废止",
}
MIGRATIONS = {
    "open": "征求意见",
    "done": "已迁移",
    "objected": "未获同意",
    "withdrawn": "已撤回",
    "lapsed": "已失效",
}
TYPES = {
    "userTask": "用户任务",
    "manualTask": "人工任务",
    "serviceTask": "服务任务",
    "sendTask": "发送任务",
    "receiveTask": "接收任务",
    "businessRuleTask": "决策任务",
    "callActivity": "调用活动",
    "subProcess": "子流程",
    "transaction": "事务子流程",
    "exclusiveGateway": "排他网关",
    "inclusiveGateway": "包容网关",
    "parallelGateway": "并行网关",
    "eventBasedGateway": "事件网关",
    "startEvent": "开始事件",
    "endEvent": "结束事件",
    "intermediateCatchEvent": "中间捕获事件",
    "intermediateThrowEvent": "中间抛出事件",
    "boundaryEvent": "边界事件",
}
MINOR = ("VariablesSet", "TimerArmed", "TimerDisarmed", "PartiesSet", "ElementReached", "TimerFired")
"""Events that a history leaves out at first reading."""
_WEEK = "一二三四五六日"


def chip_text(chip: Chip) -> str:
    """Return a deadline chip's words, in working days."""
    n = chip.working_days
    if chip.tone == "late":
        return f"已逾期 {n} 个工作日" if n else f"已逾期 {chip.calendar_days} 天"
    if chip.tone == "met_late":
        return f"逾期 {n} 个工作日办理" if n else f"逾期 {chip.calendar_days} 天办理"
    texts = {
        "today": "今日到期",
        "soon": "下一工作日到期",
        "ok": f"剩 {n} 个工作日",
        "open": "期限待定",
        "paused": "期限中止",
        "answered": "已按期报送，待审核",
        "met": "按期办理",
        "ended": "已停止计算",
        "past": "已过提醒期",
    }
    return texts[chip.tone]


def day_zh(value: date | str | None) -> str:
    """Return 2026年6月15日."""
    if not value:
        return ""
    day = value if isinstance(value, date) else date.fromisoformat(value)
    return zh(day)


def day_week(value: date) -> str:
    """Return 6月15日（周一）."""
    return f"{value.month}月{value.day}日（周{_WEEK[value.weekday()]}）"


def span_zh(first: date, last: date) -> str:
    """Return 6月19日（周五）至21日（周日）; one day alone without 至."""
    if first == last:
        return day_week(first)
    month = "" if (first.year, first.month) == (last.year, last.month) else f"{last.month}月"
    return f"{day_week(first)}至{month}{last.day}日（{week(last)}）"


def week(value: date) -> str:
    """Return 周一."""
    return f"周{_WEEK[value.weekday()]}"


def instant_zh(value: datetime | None) -> str:
    """Return an instant in Beijing time, to the minute."""
    if value is None:
        return ""
    local = value.astimezone(BEIJING)
    return f"{zh(local)} {local:%H:%M}"


def clock_zh(value: datetime) -> str:
    """Return the time of an event as （14:35）; nothing for noon sharp, which stands for a day without a time."""
    local = value.astimezone(BEIJING)
    return "" if (local.hour, local.minute, local.second) == (12, 0, 0) else f"（{local:%H:%M}）"


def day_end(value: datetime) -> str:
    """Return when on its last day a limit ends: 24时, or 17:00 where office hours count."""
    local = value.astimezone(BEIJING)
    return "24时" if (local.hour, local.minute) == (0, 0) else f"{local:%H:%M}"


def end_zh(value: datetime) -> str:
    """Return when a limit ends, the midnight after its last day as that day's 24时."""
    local = value.astimezone(BEIJING)
    if day_end(value) != "24时":
        return instant_zh(value)
    last = local.date() - timedelta(days=1)
    return f"{zh(last)}24时"


def instant_short(value: datetime | None) -> str:
    """Return an instant in Beijing time as 06-15 09:30."""
    return "" if value is None else f"{value.astimezone(BEIJING):%m-%d %H:%M}"


def clock_minute(value: datetime) -> str:
    """Return the time of day in Beijing as 15:42."""
    return f"{value.astimezone(BEIJING):%H:%M}"


def groups(text: str) -> str:
    """Return hexadecimal digits in groups of eight, to be read aloud."""
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))
