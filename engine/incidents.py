"""Incidents (异常): what can fail, where the token is held, how often it is tried again. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import orjson

from engine.model import Node, Retry

KINDS = {
    "expression": "表达式无法计算",
    "condition": "条件无法判断",
    "gateway": "网关没有可走的分支",
    "service": "服务调用失败",
    "decision": "决策表无法判定",
    "party": "承办部门或者人员无法确定",
    "limit": "期限无法计算",
    "correlation": "消息关联键无效",
    "document": "文书无法生成",
    "loop": "循环没有等待点",
    "timer": "到时处理失败",
    "message": "消息送达失败",
    "fault": "程序故障",
}
"""What failed."""

STEPS = {
    "work": "办理该环节的自动事项",
    "completion": "任务提交后的处理",
    "opening": "交办任务",
    "arming": "设定等待的事件",
    "condition": "判断条件",
    "gateway": "选择分支",
    "loop": "循环执行",
    "answer": "汇总被调用流程的结果",
    "limit": "确认期限的办理结果",
    "finish": "办结",
    "timer": "到时触发",
    "message": "送达消息",
}
"""What was about to be done; a try begins there again."""

STATES = {
    "open": "待处理",
    "resolved": "已恢复",
    "skipped": "已略过",
    "cancelled": "事项已撤销",
    "closed": "已自行消除",
}

SERVICE_RETRY = Retry(attempts=3, every=timedelta(minutes=5))
"""Of a service without a policy of its own: what it needs may be back by then. Expressions do not mend themselves."""

MAX_TEXT = 2000
MAX_VALUE = 500
MAX_VARIABLES = 20
MAX_ATTEMPTS = 100
_DURATION = re.compile(
    r"P(?!$)(?:(?P<days>\d{1,3})D)?(?:T(?=\d)(?:(?P<hours>\d{1,3})H)?(?:(?P<minutes>\d{1,4})M)?(?:(?P<seconds>\d{1,6})S)?)?"
)


def duration(text: str) -> timedelta | None:
    """Return an ISO 8601 duration of days, hours, minutes and seconds, None if it is none or zero."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    return timedelta(**{k: int(v) for k, v in found.groupdict().items() if v}) or None


def policy(node: Node | None, kind: str) -> Retry:
    """Return how often what failed is tried again by itself, and how far apart."""
    if node is not None and node.retry is not None:
        return node.retry
    return SERVICE_RETRY if kind == "service" else Retry(0, timedelta())


def is_cut(value: object) -> bool:
    """Say whether `shown` has cut a value to its beginning."""
    return isinstance(value, str) and len(value) == MAX_VALUE + 1 and value.endswith("…")


def shown(subject: str, names: Iterable[str], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a failed step worked on: the text of it, and the variables it named, cut to a bounded size."""
    values = {}
    for name in list(names)[:MAX_VARIABLES]:
        value = variables.get(name)
        text = orjson.dumps(value, default=str).decode()
        values[name] = value if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"
    return {"text": subject[:MAX_TEXT], "variables": values}
