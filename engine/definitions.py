"""Deployed process definitions: their files, checked and read once."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, or_, select

from engine.decisions import Decision, read_decisions
from engine.document_checks import document_findings
from engine.element_checks import node_findings
from engine.errors import InvalidDefinition, Message, NotFound
from engine.expressions import FUNCTIONS, check
from engine.forms import Form, FormFault, load_form
from engine.forms.model import Component, settings_named
from engine.model import Node, Process
from engine.periods import Unit
from engine.profiles import Profile, profile_of, profiles
from engine.runner import Program, compile_process
from engine.storage.tables import blob, process_definition
from engine.vocabulary_checks import vocabulary_findings

# SpiffWorkflow gives every process tasks of these names; an element called so would be taken for one of them.
_RESERVED = ("Start", "End")
_UNITS = tuple(unit.value for unit in Unit)
# A deployed version never changes, so what was read once holds for ever.
_READ: dict[tuple[int, str], "Definition"] = {}
_DIGEST = select(process_definition.c.sha256).where(process_definition.c.key == bindparam("of"))


@dataclass(frozen=True)
class Definition:
    """One version with everything it is made of."""

    key: int
    version: int
    program: Program
    forms: dict[str, Form]
    form_data: dict[str, dict[str, Any]]
    templates: dict[str, str]
    decisions: dict[str, Decision] = field(default_factory=dict)

    @property
    def process(self) -> Process:
        """The model."""
        return self.program.process


def content_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 that names the content of a version."""
    whole = hashlib.sha256()
    for path, content in sorted(files.items()):
        whole.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return whole.hexdigest()


def read_definition(key: int, version: int, files: dict[str, bytes]) -> Definition:
    """Read and check the files of a definition.

    Args:
        files: Content by path: process.bpmn, forms/*.json, documents/*.html, decisions/*.dmn.

    Raises:
        InvalidDefinition: with every finding of the checks.
    """
    if "process.bpmn" not in files:
        raise InvalidDefinition([Message("缺少 process.bpmn", "process.bpmn is missing")])
    program = compile_process(files["process.bpmn"])
    findings: list[Message] = []
    forms: dict[str, Form] = {}
    data: dict[str, dict[str, Any]] = {}
    for path, content in sorted(files.items()):
        if path.startswith("forms/") and path.endswith(".json"):
            try:
                parsed = json.loads(content)
                form = load_form(parsed)
            except (ValueError, FormFault) as fault:
                findings.append(Message(f"表单 {path}：{fault}", f"form {path}: {fault}"))
                continue
            forms[form.id], data[form.id] = form, parsed
    templates = {
        path.removeprefix("documents/").removesuffix(".html"): content.decode()
        for path, content in files.items()
        if path.startswith("documents/") and path.endswith(".html")
    }
    decisions: dict[str, Decision] = {}
    for path, content in sorted(files.items()):
        if path.startswith("decisions/") and path.endswith(".dmn"):
            read, wrong = read_decisions(content)
            findings += wrong
            decisions |= {decision.id: decision for decision in read}
    definition = Definition(key, version, program, forms, data, templates, decisions)
    findings += _findings(definition)
    if findings:
        raise InvalidDefinition(findings)
    return definition


def _findings(definition: Definition) -> list[Message]:
    process = definition.process
    found: list[Message] = []

    def finding(element: str, zh: str, en: str) -> None:
        found.append(Message(f"{element}：{zh}", f"{element}: {en}"))

    for setting in process.settings.values():
        if setting.kind == "law" and not setting.basis:
            finding(setting.key, "法定期限须写明依据，请补充 basis", "a statutory setting needs its basis")
    for decision in definition.decisions.values():
        found += decision.findings(process.variables.keys(), FUNCTIONS)
    for flow, text in process.conditions.items():
        for wrong in check(text, process.variables.keys(), FUNCTIONS):
            finding(flow, f"{wrong}（{text}）", f"expression outside the subset: {text}")
    if process.effective_from and not _is_day(process.effective_from):
        finding(
            process.id,
            f"施行日应为日期，例如2026-06-15，实为“{process.effective_from}”",
            f"effectiveFrom should be an ISO date, found {process.effective_from!r}",
        )
    if process.profile and process.profile not in profiles():
        finding(
            process.id,
            f"没有法规口径“{process.profile}”，可选{'、'.join(profiles())}",
            f"law profile {process.profile!r} is not installed; choose one of {', '.join(profiles())}",
        )
    for node in process.nodes.values():
        for zh, en in node_findings(definition.process, node):
            finding(node.id, zh, en)
        if node.id in _RESERVED:
            finding(
                node.id,
                "编号与执行引擎内部名称相同，请改名，例如 Start_申请",
                "the id is a name of the engine's own; choose another",
            )
        if node.type in ("userTask", "manualTask") and not node.role:
            finding(node.id, "用户任务须位于带角色的泳道内", "a user task must lie in a lane with a role")
        if node.type == "businessRuleTask" and (node.decision or ("",))[0] not in definition.decisions:
            finding(node.id, "找不到决策表，请在 shixian:decision 中写明", "its decision table is missing")
        if node.decision and node.decision[1] not in process.variables:
            finding(
                node.id, f"变量 {node.decision[1]} 未声明", f"variable {node.decision[1]} is not declared"
            )
        if node.form and node.form not in definition.forms:
            finding(node.id, f"找不到表单 {node.form}", f"form {node.form} is missing")
        for document in node.documents:
            for zh, en in document_findings(process, document, definition.templates):
                finding(node.id, zh, en)
        for key in _settings_of(node):
            if key not in process.settings:
                finding(node.id, f"期限设置 {key} 未声明", f"setting {key} is not declared")
            elif key == (node.period and node.period.setting) and process.settings[key].unit not in _UNITS:
                finding(
                    key,
                    f"期限的单位应为{'、'.join(_UNITS)}之一",
                    f"a period is counted in one of {', '.join(_UNITS)}",
                )
        for what in node.limit_acts:
            if what.of not in process.nodes or process.nodes[what.of].period is None:
                finding(node.id, f"{what.kind} 所指的 {what.of} 不是计时器", f"{what.of} is no timer")
        texts = [
            node.skip_when,
            node.period.when if node.period else None,
            node.when,
            node.condition,
            node.form_open,
            node.correlation and node.correlation[1],
            *(x for _, x in node.assigns),
            *(text for document in node.documents for text in (document.when, document.number)),
            *(x for act in node.limit_acts for x in (act.value, act.asked_value, act.when)),
        ]
        item = {node.several.item} if node.several else set()
        known = [(text, process.variables.keys()) for text in filter(None, texts)]
        for text, names in [*known, *((x, process.variables.keys() | item) for _, x in node.inputs)]:
            for wrong in check(text, names, FUNCTIONS):
                finding(node.id, f"{wrong}（{text}）", f"expression outside the subset: {text}")
    return [*found, *vocabulary_findings(process, definition.forms), *_form_findings(definition)]


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _form_findings(definition: Definition) -> Iterator[Message]:
    for form in definition.forms.values():
        for component in form.fields:
            if component.type == "subforms":
                yield from _subform_findings(definition, form, component)
            for key in sorted(settings_named(component) - definition.process.settings.keys()):
                where = f"{form.id}.{component.key}"
                yield Message(
                    f"{where}：提示所列设置 {key} 未声明", f"{where}: setting {key} of a hint is not declared"
                )


def _subform_findings(definition: Definition, form: Form, component: Component) -> Iterator[Message]:
    where, inner = f"{form.id}.{component.key}", definition.forms.get(component.form or "")
    if inner is None:
        yield Message(f"{where}：找不到表单 {component.form}", f"{where}: form {component.form} is missing")
    elif any(c.type in ("subforms", "filepicker") for c in inner.fields):
        yield Message(
            f"{where}：所用表单 {inner.id} 不得含有附件或者下一层表单",
            f"{where}: {inner.id} may hold no files and no sub-forms",
        )
    elif component.item not in {c.key for c in inner.fields}:
        yield Message(
            f"{where}：item 所指字段“{component.item}”不在表单 {inner.id} 中",
            f"{where}: {inner.id} has no field {component.item!r} that says what an object is about",
        )


def _settings_of(node: Node) -> list[str]:
    """Return every setting that a timer's period names."""
    if node.period is None:
        return []
    return [key for key in (node.period.setting, node.period.grounds, *node.period.extension) if key]


def load_definition(conn: Connection, key: int, sha256: str | None = None) -> Definition:
    """Return a deployed definition; parsed once per process.

    Args:
        sha256: Its hash, where the caller has read it already.

    Raises:
        NotFound: no such key.
    """
    digest = sha256 or conn.execute(_DIGEST, {"of": key}).scalar()
    cached = _READ.get((key, digest)) if digest is not None else None
    if cached is None:
        row = conn.execute(select(process_definition).where(process_definition.c.key == key)).first()
        if row is None:
            raise NotFound("没有该流程定义。", f"Expected a process definition {key}, found none.")
        content = {
            b.sha256: b.content
            for b in conn.execute(select(blob).where(blob.c.sha256.in_(set(row.files.values()))))
        }
        files = {path: content[digest] for path, digest in row.files.items()}
        cached = _READ[key, row.sha256] = read_definition(key, row.version, files)
    return cached


def profile_in(conn: Connection, key: int) -> Profile:
    """Return the law profile that a deployed version speaks.

    Raises:
        NotFound: no such key.
    """
    return profile_of(load_definition(conn, key).process)


def in_force(on: date | BindParameter[Any]) -> ColumnElement[bool]:
    """Return the condition on process_definition that a version may be used on a day; a retired one may not."""
    effective = process_definition.c.effective_from
    return and_(or_(effective.is_(None), effective <= on), process_definition.c.state != "retired")


def latest_key(conn: Connection, process_id: str, on: date) -> int:
    """Return the key of the newest version that is in force on a day (R-V1).

    Raises:
        NotFound: none is under this id.
    """
    key = conn.execute(
        select(process_definition.c.key)
        .where(process_definition.c.process_id == process_id, in_force(on))
        .order_by(process_definition.c.version.desc())
        .limit(1)
    ).scalar()
    if key is None:
        raise NotFound(
            f"没有已施行的流程“{process_id}”。",
            f"Expected a deployed process {process_id} in force on {on}, found none.",
        )
    return int(key)
