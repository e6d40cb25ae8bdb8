"""Incidents (异常): what can fail, where the token is held, how often it is tried again. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import orjson

from engine.model import Node, Retry
from engine.speech import Bilingual

KINDS = {
    "expression": Bilingual("表达式无法计算", "expression cannot be evaluated"),
    "condition": Bilingual("条件无法判断", "condition cannot be decided"),
    "gateway": Bilingual("网关没有可走的分支", "gateway has no way out"),
    "service": Bilingual("服务调用失败", "service call failed"),
    "decision": Bilingual("决策表无法判定", "decision table gives no result"),
    "party": Bilingual("承办部门或者人员无法确定", "department or person cannot be determined"),
    "limit": Bilingual("期限无法计算", "time limit cannot be calculated"),
    "correlation": Bilingual("消息关联键无效", "invalid correlation key"),
    "document": Bilingual("文书无法生成", "document cannot be made"),
    "loop": Bilingual("循环没有等待点", "loop without a waiting point"),
    "timer": Bilingual("到时处理失败", "timer failed"),
    "message": Bilingual("消息送达失败", "message delivery failed"),
    "fault": Bilingual("程序故障", "program fault"),
}
"""What failed."""

STEPS = {
    "work": Bilingual("办理该环节的自动事项", "automatic work of the step"),
    "completion": Bilingual("任务提交后的处理", "what follows a submitted task"),
    "opening": Bilingual("交办任务", "opening the task"),
    "arming": Bilingual("设定等待的事件", "setting what to wait for"),
    "condition": Bilingual("判断条件", "deciding a condition"),
    "gateway": Bilingual("选择分支", "choosing a way out"),
    "loop": Bilingual("循环执行", "running the loop"),
    "answer": Bilingual("汇总被调用流程的结果", "collecting the result of the called process"),
    "limit": Bilingual("确认期限的办理结果", "settling how the time limit ended"),
    "finish": Bilingual("办结", "closing the case"),
    "timer": Bilingual("到时触发", "firing the timer"),
    "message": Bilingual("送达消息", "delivering the message"),
}
"""What was about to be done; a try begins there again."""

STATES = {
    "open": Bilingual("待处理", "To deal with"),
    "resolved": Bilingual("已恢复", "Resolved"),
    "skipped": Bilingual("已略过", "Skipped"),
    "cancelled": Bilingual("事项已撤销", "Case cancelled"),
    "closed": Bilingual("已自行消除", "Cleared by itself"),
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
