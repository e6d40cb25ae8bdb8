"""What the law asks of a model: limits that run and have an owner, extensions within bounds, reasons for refusals.

Source: domain C.2 (what must be refused at publishing), R12-11, R13-06 to R13-08, R-V2; design 5.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from engine.bpmn.reader import SHIXIAN
from engine.definition_contents import Contents
from engine.elements import BPMN, id_of
from engine.expressions import first_arguments
from engine.findings import Finding, finding
from engine.forms import Form
from engine.forms.model import Component
from engine.model import Node, Process, Setting
from engine.periods import Unit
from engine.steps import flows
from engine.vocabulary_checks import form_texts, node_texts
from engine.workbench.drawing import Drawing

SAMPLE = "（请填写"
"""Begins a text of the blank template that a designer replaces."""
KEPT = {"ln_art12_application": "p12.reply_wd", "ln_art13_verification": "p13.verify_wd"}
"""The statutory limit that a version of a procedure may not leave out (domain C.2)."""
READ_BY_NAME = frozenset({"p08.delete_after_days"})
"""Lengths that the engine's services read themselves, beside all that begin with `cal.`."""
_UNITS = tuple(unit.value for unit in Unit if unit.value != "fixed_date")
_REFUSING = frozenset(
    "refuse refused reject rejected decline declined deny denied disagree disapprove".split()
)
_REFUSING_ZH = re.compile("^(不同意|不予(受理|批准|许可|立案|同意)|驳回|拒绝|不批准)")
_RESULT = re.compile("refus|reject|declin|denied|deny|拒绝|驳回|不予")
_LONG_TEXT = ("textarea", "textfield")
_ISO = re.compile(r"^\s*[-+]?P(?=.)")


def law_findings(drawing: Drawing, contents: Contents) -> Iterator[Finding]:
    """Yield what the law asks for and the model lacks."""
    yield from _durations(drawing)
    process = contents.process
    if process is None:
        return
    yield from _kept(process)
    yield from _samples(process)
    used = _settings_used(process, contents)
    for setting in process.settings.values():
        yield from _setting(setting, used)
    for node in process.nodes.values():
        yield from _owner(process, node)
        yield from _extensions(process, node)
        yield from _reasons_asked(contents, node)
    yield from _refusing_ends(process, contents)
    yield from _lanes(drawing)


def _durations(drawing: Drawing) -> Iterator[Finding]:
    for node in drawing.nodes():
        starts = node.kind == "startEvent" and node.holder is not None and node.holder.kind == "process"
        for text in (
            e for e in node.xml.iter() if str(e.tag).endswith(("}timeDuration", "}timeCycle", "}timeDate"))
        ):
            if not starts and (not str(text.tag).endswith("}timeDate") or _ISO.match(text.text or "")):
                yield finding(
                    "calendar-days",
                    node.id,
                    f"期限写成了时长“{(text.text or '').strip()[:40]}”，按自然日计算；请改用 shixian:period 和以工作日计的设置",
                    f"the limit is written as a duration, {(text.text or '').strip()[:40]!r}, which counts calendar days; use shixian:period with a setting in working days",
                )


def _kept(process: Process) -> Iterator[Finding]:
    key = KEPT.get(process.id)
    if key is not None and key not in process.settings:
        yield finding(
            "limit-removed",
            process.id,
            f"法定期限设置 {key} 已被删去，请恢复",
            f"the statutory limit {key} was removed; put it back",
        )


def _samples(process: Process) -> Iterator[Finding]:
    where = [(process.id, process.article), *((s.key, s.basis) for s in process.settings.values())]
    for element, text in where:
        if text.startswith(SAMPLE):
            yield finding(
                "sample-text",
                element,
                f"还是模板中的示例文字“{text}”，请填写依据",
                "this is still the sample text of the template; fill in the basis",
            )


def _setting(setting: Setting, used: set[str]) -> Iterator[Finding]:
    severe = setting.kind == "law"
    switched_off = setting.value == "0" and not severe
    if setting.unit in _UNITS and setting.key not in used and not switched_off:
        yield finding(
            "limit-without-timer",
            setting.key,
            "没有定时事件使用这一期限，请在 shixian:period 中引用，或者删去该设置",
            "no timer uses this limit; name it in a shixian:period, or remove the setting",
            "error" if severe else "warning",
        )
    if setting.kind == "law" and setting.unit == Unit.CALENDAR_DAY.value:
        yield from _calendar_days(setting)
    yield from _range(setting)


def _calendar_days(setting: Setting) -> Iterator[Finding]:
    said = setting.basis + setting.note
    if "工作日" in said:
        yield finding(
            "calendar-days",
            setting.key,
            "依据写明工作日，单位却是自然日；请把单位改为 working_day",
            "the basis says working days and the unit is calendar_day; change the unit to working_day",
        )
    elif "自然日" not in said:
        yield finding(
            "calendar-days",
            setting.key,
            "法定期限按自然日计算；法规如此规定的，请在说明中写明“自然日”，否则把单位改为 working_day",
            "a statutory limit in calendar days: say 自然日 in its note where the law says so, otherwise use working_day",
            "warning",
        )


def _range(setting: Setting) -> Iterator[Finding]:
    try:
        value = Decimal(setting.value)
        low = Decimal(setting.minimum) if setting.minimum else value
        high = Decimal(setting.maximum) if setting.maximum else value
        if low <= value <= high:
            return
    except (InvalidOperation, ValueError):
        return
    extends = "extension" in setting.key
    yield finding(
        "extension-cap" if extends else "setting-range",
        setting.key,
        f"值为{setting.value}，应在{setting.minimum or '（不限）'}至{setting.maximum or '（不限）'}之间，请改正",
        f"the value is {setting.value}; it lies between {setting.minimum or 'any'} and {setting.maximum or 'any'}",
    )


def _settings_used(process: Process, contents: Contents) -> set[str]:
    """Return the settings that a timer or an expression uses."""
    texts = [text for node in process.nodes.values() for text in node_texts(node)]
    texts += process.conditions.values()
    texts += [text for form in contents.forms.values() for _, several in form_texts(form) for text in several]
    found = {key for text in texts for key in first_arguments(text, frozenset({"setting"}))}
    for node in process.nodes.values():
        if node.period is not None:
            found |= {k for k in (node.period.setting, node.period.grounds, *node.period.extension) if k}
        if node.reminder is not None and node.reminder.lead_setting:
            found.add(node.reminder.lead_setting)
        if node.return_pauses:
            found.add(node.return_pauses)
    return found | READ_BY_NAME | {key for key in process.settings if key.startswith("cal.")}


def _owner(process: Process, node: Node) -> Iterator[Finding]:
    period = node.period
    if period is None or period.setting is None or period.on_expiry == "move" or period.supervisor:
        return
    setting = process.settings.get(period.setting)
    statutory = setting is not None and setting.kind == "law"
    yield finding(
        "limit-owner",
        node.id,
        "期限届满后没有人负责；请在 shixian:period 的 supervisor 中写明督办的角色，例如 mgr.handler",
        "nobody owns the overdue case; name the role that supervises in supervisor of shixian:period, such as mgr.handler",
        "error" if statutory else "warning",
    )


def _extensions(process: Process, node: Node) -> Iterator[Finding]:
    for act in node.limit_acts:
        if act.kind != "extension":
            continue
        timer = process.nodes.get(act.of)
        if timer is not None and timer.period is not None and timer.period.extension[0] is None:
            yield finding(
                "extension-cap",
                node.id,
                f"延长 {act.of} 的期限没有上限；请在该定时事件的 extension 中引用上限设置",
                f"the extension of {act.of} has no cap; name the setting of the cap in extension of that timer",
            )
        asked = process.nodes.get(act.asked or "")
        asks = asked is not None and asked.type in ("userTask", "startEvent") and asked.id != node.id
        if not asks or node.type not in ("userTask", "manualTask"):
            yield finding(
                "extension-approver",
                node.id,
                "延长期限须经他人审批；请写在审批的用户任务上，并以 asked 指明提出申请的任务",
                "an extension is approved by somebody else; put it on the approving user task, and name the asking one in asked",
            )


def _reasons_asked(contents: Contents, node: Node) -> Iterator[Finding]:
    form = contents.forms.get(node.form or "")
    # One vote of a round refuses nothing by itself.
    if form is None or node.approval is not None:
        return
    for choice in form.fields:
        for value, label in _refusals(choice):
            if not any(_demanded(form, field, choice.key, value) for field in form.fields):
                yield finding(
                    "refusal-reasons",
                    node.id,
                    f"表单 {form.id} 选“{label or value}”时没有必填的理由；请加入理由字段，并在此时必填",
                    f"form {form.id} asks for no reasons where {value!r} is chosen; add a field of reasons that is then required",
                    path=contents.paths["form", form.id],
                )


def _refusals(choice: Component) -> Iterator[tuple[str, str]]:
    if choice.type in ("radio", "select"):
        for value, label in choice.values:
            if value in _REFUSING or _REFUSING_ZH.match(label):
                yield value, label


def _demanded(form: Form, field: Component, key: str, value: str) -> bool:
    if field.type not in _LONG_TEXT:
        return False
    quoted = (f"'{value}'", f'"{value}"')
    asked = [field.required_when or "", *(rule.when for rule in form.rules if rule.field == field.key)]
    return field.required or any(key in text and any(q in text for q in quoted) for text in asked)


def _refusing_ends(process: Process, contents: Contents) -> Iterator[Finding]:
    ends = [n for n in process.nodes.values() if n.result and _RESULT.search(n.result)]
    if not ends:
        return
    with_reasons = {
        n.id
        for n in process.nodes.values()
        if n.form in contents.forms and _asks(contents.forms[n.form or ""])
    }
    before: dict[str, list[str]] = {}
    for source, targets in flows(process).items():
        for target in targets:
            before.setdefault(target, []).append(source)
    for node in process.nodes.values():
        # What was asked inside a sub-process was asked before what follows it.
        if node.scope is not None:
            before.setdefault(node.scope, []).append(node.id)
    for end in ends:
        if not _comes_before(before, end.id, with_reasons):
            yield finding(
                "refusal-reasons",
                end.id,
                f"以“{end.result}”结束之前没有哪个表单要求写明理由；请在作出决定的表单中加入必填的理由",
                f"no form asks for reasons before this ends as {end.result!r}; add a required field of reasons to the form that decides",
            )


def _asks(form: Form) -> bool:
    return any(
        f.type in _LONG_TEXT and (f.required or f.required_when or any(r.field == f.key for r in form.rules))
        for f in form.fields
    )


def _comes_before(before: dict[str, list[str]], name: str, wanted: set[str]) -> bool:
    seen, ahead = {name}, [name]
    while ahead:
        for source in before.get(ahead.pop(), ()):
            if source in wanted:
                return True
            if source not in seen:
                seen.add(source)
                ahead.append(source)
    return False


def _lanes(drawing: Drawing) -> Iterator[Finding]:
    tasks = {
        n.id
        for n in drawing.nodes()
        if n.kind in ("userTask", "manualTask") and not n.xml.get(f"{{{SHIXIAN}}}role")
    }
    for lane in drawing.root.iter(f"{{{BPMN}}}lane"):
        if (lane.get(f"{{{SHIXIAN}}}role") or "").strip() or lane.find(f"{{{BPMN}}}childLaneSet") is not None:
            continue
        held = {(ref.text or "").strip() for ref in lane.findall(f"{{{BPMN}}}flowNodeRef")}
        yield finding(
            "lane-role",
            id_of(lane),
            "泳道没有角色，其中的任务没有人能办；请写明 shixian:role，例如 prov.handler",
            "the lane has no role and nobody could do its tasks; give it a shixian:role, such as prov.handler",
            "error" if held & tasks else "warning",
        )
