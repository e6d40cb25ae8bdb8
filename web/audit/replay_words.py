"""What the replay says, on the page and through its script."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from web.labels import CERTAINTY, DAY_ROLES, DEADLINE_STATES
from web.language import language

MARKS = {"overdue": lazy("逾期"), "extension": lazy("延长"), "document": lazy("文书")}
ENDS = {
    "": lazy("在办"),
    "completed": lazy("已办理"),
    "cancelled": lazy("已撤销"),
    "handed_on": lazy("转交"),
    "moved": lazy("随部门承接"),
    "migrated": lazy("随版本迁移"),
}
DEVIATIONS = {
    "jump": lazy("管理员跳转"),
    "skip": lazy("略过"),
    "return": lazy("退回"),
    "recall": lazy("收回"),
    "migration": lazy("版本迁移"),
    "voided": lazy("撤销"),
    "no_way": lazy("记录中没有相应的流转"),
}


def words() -> dict[str, Any]:
    """Return the texts that the script shows, in the language of the page."""
    return {
        "language": language(),
        "play": _("播放"),
        "pause": _("暂停"),
        "position": _("第{seq}条，共{all}条"),
        "visit": _("第{n}次"),
        "times": _("×{n}"),
        "person": _("{name}（代{other}）"),
        "when": _("时间"),
        "recorded": _("平台记录"),
        "planned": _("原定时刻"),
        "by": _("办理人"),
        "forWhom": _("代何人"),
        "role": _("角色"),
        "department": _("部门"),
        "element": _("环节"),
        "version": _("适用版本"),
        "versionOf": _("第{n}版"),
        "changes": _("填报内容"),
        "registered": _("登记的数据"),
        "field": _("项目"),
        "before": _("办理前"),
        "after": _("办理后"),
        "same": _("未改动的{n}项"),
        "none": _("（空）"),
        "document": _("印发文书"),
        "open": _("查看"),
        "limits": _("期限"),
        "noLimits": _("此刻没有在计算的期限。"),
        "counted": _("已计{n}日，共{all}日"),
        "due": _("{day}届满"),
        "kept": _("按新安排计算的届满日已过，保留至可知之日。"),
        "otherwise": _("按当时的放假安排重新计算为{day}，与记录的届满日不一致。"),
        "rests": _("其间休息日{rest}天，放假{holiday}天，调休上班{makeup}天，扣除{excluded}天"),
        "lateBy": _("已逾期{n}个工作日（{cd}个自然日）"),
        "endedLate": _("逾期{n}个工作日（{cd}个自然日）办理"),
        "knownThen": _("按{at}已知的放假安排：{day}届满"),
        "knownNow": _("按现在已知的放假安排：{day}届满"),
        "differs": _("两种安排下计算结果不同，相差的日子以边框标出；有效的是当时的结果。"),
        "why": _("逐日理由"),
        "day": _("日期"),
        "number": _("第几日"),
        "reason": _("理由"),
        "basis": _("{kind}{length}，依据{basis}"),
        "kinds": {"law": _("法定"), "choice": _("流程设定"), "document": _("文书规定")},
        "explain": _("计算说明"),
        "inHand": _("此刻在办"),
        "nobody": _("此刻没有待办环节。"),
        "pool": _("待部门认领"),
        "since": _("自{at}"),
        "failed": _("回放未能载入，请刷新页面重试，或者查看逐条记录。"),
        "noDiagram": _("流程图未能显示；各步内容不受影响。"),
        "deviates": _("偏离：{kind}"),
        "deviations": {kind: str(name) for kind, name in DEVIATIONS.items()},
        "marks": {kind: str(name) for kind, name in MARKS.items()},
        "states": {code: str(name) for code, name in DEADLINE_STATES.items()},
        "certainty": {code: str(name) for code, name in CERTAINTY.items()},
        "roles": {
            **{code: str(name) for code, name in DAY_ROLES.items()},
            "held": _("保留"),
            "late": _("逾期"),
            "late_rest": _("休息"),
        },
    }
