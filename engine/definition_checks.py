"""What a definition needs so that its cases can run: each finding with its element."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date

from engine.definition_contents import Contents
from engine.document_checks import document_findings
from engine.element_checks import node_findings
from engine.expression_checks import Told, expression_findings
from engine.expressions import FUNCTIONS
from engine.findings import Finding, finding, placed
from engine.forms import Form
from engine.forms.model import Component, settings_named
from engine.model import Node, Process
from engine.periods import Unit
from engine.process_files import PROCESS
from engine.profiles import profiles
from engine.vocabulary_checks import vocabulary_findings

# SpiffWorkflow gives every process tasks of these names; an element called so would be taken for one of them.
_RESERVED = ("Start", "End")
_UNITS = tuple(unit.value for unit in Unit)


def definition_findings(contents: Contents, process: Process) -> list[Finding]:
    """Return what hinders cases of a definition."""
    found = [
        *_settings(process),
        *_decisions(contents, process),
        *_conditions(process),
        *_effective_from(process),
        *_profile(process),
        *(f for node in process.nodes.values() for f in _node(contents, process, node)),
        *vocabulary_findings(process, contents.forms),
        *_form_findings(contents, process),
    ]
    return [_in_its_file(contents, one) for one in found]


def _in_its_file(contents: Contents, one: Finding) -> Finding:
    """Return the finding with the file of the form that it is about; a field is named form.field."""
    path = contents.paths.get(("form", one.element.partition(".")[0]))
    return one if path is None or one.path != PROCESS else replace(one, path=path)


def _settings(process: Process) -> Iterator[Finding]:
    for setting in process.settings.values():
        if setting.kind == "law" and not setting.basis:
            yield finding(
                "setting-basis",
                setting.key,
                "法定期限须写明依据，请补充 basis",
                "a statutory setting needs its basis",
            )


def _decisions(contents: Contents, process: Process) -> Iterator[Finding]:
    for decision in contents.decisions.values():
        path = contents.paths["decision", decision.id]
        for message in decision.findings(process.variables.keys(), FUNCTIONS):
            yield replace(placed(message, "decision", path), element=decision.id)


def _conditions(process: Process) -> Iterator[Finding]:
    for flow, text in process.conditions.items():
        for rule, zh, en in expression_findings(text, process.variables.keys()):
            yield finding(rule, flow, zh, en)


def _effective_from(process: Process) -> Iterator[Finding]:
    if process.effective_from and not _is_day(process.effective_from):
        yield finding(
            "effective-from",
            process.id,
            f"施行日应为日期，例如2026-06-15，实为“{process.effective_from}”",
            f"effectiveFrom should be an ISO date, found {process.effective_from!r}",
        )


def _profile(process: Process) -> Iterator[Finding]:
    if process.profile and process.profile not in profiles():
        yield finding(
            "profile",
            process.id,
            f"没有法规口径“{process.profile}”，可选{'、'.join(profiles())}",
            f"law profile {process.profile!r} is not installed; choose one of {', '.join(profiles())}",
        )


def _node(contents: Contents, process: Process, node: Node) -> Iterator[Finding]:
    told = (
        node_findings(process, node),
        _of_its_kind(contents, process, node),
        (
            one
            for document in node.documents
            for one in document_findings(process, document, contents.templates)
        ),
        (one for text, names in _texts(process, node) for one in expression_findings(text, names)),
    )
    for several in told:
        for rule, zh, en in several:
            yield finding(rule, node.id, zh, en)
    yield from _limits(process, node)


def _of_its_kind(contents: Contents, process: Process, node: Node) -> Iterator[Told]:
    if node.id in _RESERVED:
        yield (
            "reserved-id",
            "编号与执行引擎内部名称相同，请改名，例如 Start_Application",
            "the id is a name of the engine's own; choose another",
        )
    if node.type in ("userTask", "manualTask") and not node.role:
        yield "lane-role", "用户任务须位于带角色的泳道内", "a user task must lie in a lane with a role"
    if node.type == "businessRuleTask" and (node.decision or ("",))[0] not in contents.decisions:
        yield "decision", "找不到决策表，请在 shixian:decision 中写明", "its decision table is missing"
    if node.decision and node.decision[1] not in process.variables:
        yield (
            "undeclared-variable",
            f"变量 {node.decision[1]} 未声明",
            f"variable {node.decision[1]} is not declared",
        )
    if node.form and node.form not in contents.forms:
        yield "form", f"找不到表单 {node.form}", f"form {node.form} is missing"


def _limits(process: Process, node: Node) -> Iterator[Finding]:
    for key in _settings_of(node):
        if key not in process.settings:
            yield finding(
                "limit-setting", node.id, f"期限设置 {key} 未声明", f"setting {key} is not declared"
            )
        elif key == (node.period and node.period.setting) and process.settings[key].unit not in _UNITS:
            yield finding(
                "limit-setting",
                key,
                f"期限的单位应为{'、'.join(_UNITS)}之一",
                f"a period is counted in one of {', '.join(_UNITS)}",
            )
    for what in node.limit_acts:
        if what.of not in process.nodes or process.nodes[what.of].period is None:
            yield finding(
                "limit-setting", node.id, f"{what.kind} 所指的 {what.of} 不是计时器", f"{what.of} is no timer"
            )


def _texts(process: Process, node: Node) -> Iterator[tuple[str, Collection[str]]]:
    """Yield the expressions of an element, each with the names that it may use."""
    names = process.variables.keys()
    for text in (
        node.skip_when,
        node.period.when if node.period else None,
        node.when,
        node.condition,
        node.form_open,
        node.correlation and node.correlation[1],
        *(x for _, x in node.assigns),
        *(text for document in node.documents for text in (document.when, document.number)),
        *(x for act in node.limit_acts for x in (act.value, act.asked_value, act.when)),
    ):
        if text:
            yield text, names
    item = {node.several.item} if node.several else set()
    for _, text in node.inputs:
        yield text, names | item


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _form_findings(contents: Contents, process: Process) -> Iterator[Finding]:
    for form in contents.forms.values():
        for component in form.fields:
            if component.type == "subforms":
                yield from _subform_findings(contents, form, component)
            for key in sorted(settings_named(component) - process.settings.keys()):
                where = f"{form.id}.{component.key}"
                yield finding(
                    "form", where, f"提示所列设置 {key} 未声明", f"setting {key} of a hint is not declared"
                )


def _subform_findings(contents: Contents, form: Form, component: Component) -> Iterator[Finding]:
    where, inner = f"{form.id}.{component.key}", contents.forms.get(component.form or "")
    if inner is None:
        yield finding("form", where, f"找不到表单 {component.form}", f"form {component.form} is missing")
    elif any(c.type in ("subforms", "filepicker") for c in inner.fields):
        yield finding(
            "form",
            where,
            f"所用表单 {inner.id} 不得含有附件或者下一层表单",
            f"{inner.id} may hold no files and no sub-forms",
        )
    elif component.item not in {c.key for c in inner.fields}:
        yield finding(
            "form",
            where,
            f"item 所指字段“{component.item}”不在表单 {inner.id} 中",
            f"{inner.id} has no field {component.item!r} that says what an object is about",
        )


def _settings_of(node: Node) -> list[str]:
    """Return every setting that a timer's period names."""
    if node.period is None:
        return []
    return [key for key in (node.period.setting, node.period.grounds, *node.period.extension) if key]
