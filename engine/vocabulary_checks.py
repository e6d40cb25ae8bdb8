"""What a model says in the words of Shixian, held against what there is: found when it is deployed.

One function for each attribute. A name that names nothing would be kept in silence: a start open to everybody,
two steps done by one person, a limit that never runs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from engine.expressions import ExpressionRefused, compile_expression, constants, first_arguments
from engine.findings import Finding, finding
from engine.forms import Form
from engine.forms.model import Component
from engine.forms.source_names import SOURCE_NAMES, TAKES_A_VALUE
from engine.model import PARTIES, TITLE_NAMES, Node, Process
from engine.steps import between, forks, legal, precedes

NEEDS = ("entry", "access", "case")
GIVEN_BY_THE_ENGINE = frozenset({"void"})
"""Results that no end event has: a case that was voided."""
_OF_TIMERS = frozenset({"due", "runs", "extension_left", "extended_due"})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def vocabulary_findings(process: Process, forms: Mapping[str, Form]) -> Iterator[Finding]:
    """Yield each name that names nothing, with its element and what to do."""
    yield from _withheld(process)
    yield from _case_title(process)
    yield from _results(process)
    for node in process.nodes.values():
        for check in (_needs, _separate_from, _answered_by, _counted_from, _remarks, _written, _returns):
            yield from check(process, node)
        yield from _timers(process, node.id, node_texts(node))
        yield from _settings(process, node.id, node_texts(node))
    for flow, text in process.conditions.items():
        yield from _timers(process, flow, [text])
        yield from _settings(process, flow, [text])
    for form in forms.values():
        for where, texts in form_texts(form):
            yield from _timers(process, where, texts)
            yield from _settings(process, where, texts)
        for component in form.fields:
            yield from _source(process, forms, form, component)


def node_texts(node: Node) -> list[str]:
    """Return every expression of an element."""
    period, approval, several = node.period, node.approval, node.several
    found = [
        *(node.result_when, node.skip_when, node.when, node.condition, node.form_open),
        node.correlation and node.correlation[1],
        *(text for _, text in (*node.assigns, *node.inputs, *node.outputs)),
        *(text for document in node.documents for text in (document.when, document.number)),
        *(text for act in node.limit_acts for text in (act.value, act.asked_value, act.when)),
        *(when for _, _, when in node.notices),
        *((approval.agrees, approval.until) if approval else ()),
        *((several.until,) if several else ()),
        *(
            (period.when, period.met_when, period.length, period.length_by, period.extension_most)
            if period
            else ()
        ),
    ]
    return [text for text in found if text]


def _names(found: Iterable[str]) -> str:
    return "、".join(sorted(found)) or "（无）"


def _withheld(process: Process) -> Iterator[Finding]:
    for name in process.withheld:
        if process.variables.get(name) != "org" or name in PARTIES.values():
            yield finding(
                "unknown-name",
                name,
                "withheld 只用于不作为当事方的部门变量（type 为 org），请改正 type 或者删去 withheld",
                "withheld is for a variable of type org that is no party; mend the type or drop withheld",
            )


def _case_title(process: Process) -> Iterator[Finding]:
    for name in _PLACEHOLDER.findall(process.case_title):
        if name not in TITLE_NAMES:
            yield finding(
                "unknown-name",
                process.id,
                f"caseTitle 中的 {{{name}}} 无从取值，可用 {'、'.join(f'{{{n}}}' for n in TITLE_NAMES)}",
                f"caseTitle knows no {{{name}}}; use one of {', '.join(TITLE_NAMES)}",
            )


def _results(process: Process) -> Iterator[Finding]:
    """Both ways: a result that no end has, and one that the list would lose where several ends are reached."""
    reached, any_text = set(GIVEN_BY_THE_ENGINE), False
    for node in process.nodes.values():
        if node.result and not node.result_when:
            reached.add(node.result)
        if node.result_when:
            told = _told(process, node.result_when)
            reached |= told
            any_text = any_text or not told
    for name in process.results:
        if name not in reached and not any_text:
            yield finding(
                "results",
                process.id,
                f"results 所列“{name}”不是任何结束事件的办理结果，请改为 {_names(reached)} 之一",
                f"results names {name!r}, which is no end's result; use one of {', '.join(sorted(reached))}",
            )
    for name in sorted(reached - GIVEN_BY_THE_ENGINE - set(process.results)) if process.results else ():
        users = [n.id for n in process.nodes.values() if n.result == name]
        yield finding(
            "results",
            users[0] if users else process.id,
            f"办理结果“{name}”未列入 results，几个分支同时结束时会丢失，请补入",
            f"results does not name {name!r}, which is lost where several branches end; add it",
        )


def _told(process: Process, text: str) -> set[str]:
    """Return the texts that a result's expression can give: its own, or those of the variable that it names."""
    try:
        names = compile_expression(text).names
    except ExpressionRefused:
        return set()
    if text.strip() not in names:
        return set(constants(text))
    given = (x for n in process.nodes.values() for name, x in n.assigns if name == text.strip())
    return {told for x in given for told in constants(x)}


def _needs(process: Process, node: Node) -> Iterator[Finding]:
    if node.needs and node.needs not in NEEDS:
        yield finding(
            "unknown-name",
            node.id,
            f"needs 为“{node.needs}”，应为 {'、'.join(NEEDS)} 之一，或者不写",
            f"needs is {node.needs!r}; use one of {', '.join(NEEDS)}, or leave it out",
        )


def _separate_from(process: Process, node: Node) -> Iterator[Finding]:
    for other in node.separate_from:
        named = process.nodes.get(other)
        if named is None or named.type not in ("userTask", "manualTask"):
            yield finding(
                "unknown-name",
                node.id,
                f"separateFrom 所指的 {other} 不是用户任务，请改为须回避的任务的编号",
                f"separateFrom names {other}, which is no user task; name the task whose author is kept out",
            )


def _returns(process: Process, node: Node) -> Iterator[Finding]:
    """A return goes back inside one department's own steps: nothing may lie between that has legal effect."""
    for name in node.return_to:
        target = process.nodes.get(name)
        if (
            target is None
            or target.type not in ("userTask", "manualTask")
            or target.approval
            or node.approval
        ):
            yield finding(
                "return-to",
                node.id,
                f"returnTo 所指的 {name} 不是由一人办理的用户任务，请改为可以退回的任务的编号",
                f"returnTo names {name}, which is no user task of one person; name a task to return to",
            )
        elif target.scope != node.scope or _party(target) != _party(node):
            yield finding(
                "return-to",
                node.id,
                f"returnTo 所指的 {name} 不在同一子流程内，或者不由同一方办理；退回不得越过送达",
                f"returnTo names {name} of another scope or party; a return does not cross a delivery",
            )
        elif not precedes(process, name, node.id) or [n for n in between(process, name, node.id) if legal(n)]:
            yield finding(
                "return-to",
                node.id,
                f"returnTo 所指的 {name} 不在该环节之前，或者其间有送达、签发、决策等有法律效果的环节",
                f"returnTo names {name}, which does not come before, or beyond a step with legal effect",
            )
        elif forks(process, name, node.id):
            yield finding(
                "return-to",
                node.id,
                f"returnTo 所指的 {name} 与该环节之间有并行分支，退回会留下另一分支",
                f"returnTo names {name} before a parallel branch, which would be left behind",
            )
    setting = process.settings.get(node.return_pauses or "")
    if node.return_pauses and (setting is None or setting.kind != "law" or not node.return_to):
        yield finding(
            "return-to",
            node.id,
            f"returnPauses 须指明法定（kind 为 law）的设置，并与 returnTo 同用，实为“{node.return_pauses}”",
            f"returnPauses needs a statutory setting (kind law) beside returnTo, found {node.return_pauses!r}",
        )


def _party(node: Node) -> str:
    return (node.role or "").partition(".")[0]


def _answered_by(process: Process, node: Node) -> Iterator[Finding]:
    name = node.period.answered_by if node.period else None
    if name is not None and process.variables.get(name) != "instant":
        found = process.variables.get(name)
        yield finding(
            "undeclared-variable",
            node.id,
            f"answeredBy 的变量 {name} 未声明，请声明为 instant"
            if found is None
            else f"answeredBy 的变量 {name} 的 type 应为 instant，实为 {found}",
            f"answeredBy needs a declared variable of type instant, found {name} ({found or 'not declared'})",
        )


def _counted_from(process: Process, node: Node) -> Iterator[Finding]:
    period = node.period
    named = {"from": period.start, "date": period.date, "pauses": period.pauses} if period else {}
    for attribute, name in named.items():
        if name and name not in process.variables:
            yield finding(
                "undeclared-variable",
                node.id,
                f"{attribute} 的变量 {name} 未声明，请用 shixian:variable 声明",
                f"{attribute} names {name}, which is not declared; declare it by shixian:variable",
            )


def _remarks(process: Process, node: Node) -> Iterator[Finding]:
    for name in node.form_remarks:
        if name not in process.variables:
            yield finding(
                "undeclared-variable",
                node.id,
                f"remarks 所列变量 {name} 未声明，请改为写有退回理由的变量",
                f"remarks names {name}, which is not declared; name the variable that says why it came back",
            )


def _written(process: Process, node: Node) -> Iterator[Finding]:
    """What an element writes into."""
    assigned = {name for name, _ in node.assigns}
    for name in sorted(assigned | set(filter(None, (node.form_variable, node.service_variable)))):
        if name not in process.variables:
            yield finding(
                "undeclared-variable",
                node.id,
                f"所写入的变量 {name} 未声明，请用 shixian:variable 声明",
                f"writes {name}, which is not declared; declare it by shixian:variable",
            )


def _timers(process: Process, where: str, texts: Iterable[str]) -> Iterator[Finding]:
    timers = {n.id for n in process.nodes.values() if n.period is not None}
    for text in texts:
        for name in sorted(first_arguments(text, _OF_TIMERS) - timers):
            yield finding(
                "unknown-name",
                where,
                f"表达式所问的 {name} 不是计时器，请改为 {_names(timers)} 之一（{text}）",
                f"{name} is no timer with a period; use one of {', '.join(sorted(timers))} ({text})",
            )


def _settings(process: Process, where: str, texts: Iterable[str]) -> Iterator[Finding]:
    for text in texts:
        for name in sorted(first_arguments(text, frozenset({"setting"})) - process.settings.keys()):
            yield finding(
                "unknown-name",
                where,
                f"表达式所用的设置 {name} 未声明，请用 shixian:setting 声明（{text}）",
                f"setting {name} is not declared; declare it by shixian:setting ({text})",
            )


def form_texts(form: Form) -> Iterator[tuple[str, list[str]]]:
    """Yield the expressions of each field of a form, with where they stand."""
    for c in form.components:
        texts = (c.visible_when, c.required_when, c.fixed, c.most, c.initial, *c.options_when.values())
        yield f"{form.id}.{c.key}", [t for t in (*texts, *(when for when, _ in c.hints)) if t]
    for rule in form.rules:
        yield f"{form.id}.{rule.field}", [rule.when]


def _source(process: Process, forms: Mapping[str, Form], form: Form, c: Component) -> Iterator[Finding]:
    if c.source is None or _is_source(process, forms, c.source):
        if c.source not in TAKES_A_VALUE or c.source_of is not None:
            return
        yield finding(
            "unknown-name",
            f"{form.id}.{c.key}",
            f"选项来源 {c.source} 须以 sourceOf 指明所问的字段",
            f"the source {c.source} needs sourceOf, the field it is asked about",
        )
        return
    yield finding(
        "unknown-name",
        f"{form.id}.{c.key}",
        f"没有选项来源“{c.source}”，请改为 {_names(SOURCE_NAMES)} 之一，或者“变量.字段”",
        f"there is no source {c.source!r}; use one of {', '.join(sorted(SOURCE_NAMES))}, or variable.field",
    )


def _is_source(process: Process, forms: Mapping[str, Form], source: str) -> bool:
    if source in SOURCE_NAMES:
        return True
    name, _, key = source.partition(".")
    if name == "entry":
        return key == "items" and "resource" in process.variables
    if not key or name not in process.variables:
        return False
    # What comes from another case has no form here, and may hold anything.
    asked = [n.form for n in process.nodes.values() if n.form_variable == name and n.form in forms]
    return not asked or any(key in {c.key for c in forms[form or ""].fields} for form in asked)
