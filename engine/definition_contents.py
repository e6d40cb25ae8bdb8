"""What the files of a definition hold, read as far as they can be read: nothing in them raises."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.reader import read_drawn
from engine.decisions import Decision, read_decisions
from engine.errors import InvalidDefinition
from engine.findings import Finding, finding, placed
from engine.forms import Form, FormFault, load_form
from engine.model import Process
from engine.process_files import PROCESS
from engine.runner import Program, compile_process


@dataclass
class Contents:
    """The parts of a definition that could be read.

    Attributes:
        process: The model, also of a file that cannot be executed; None where nothing of it can be read.
        program: The same for execution; None where it cannot be executed.
        paths: The file of each form and decision, by `form` or `decision` and id.
    """

    process: Process | None = None
    program: Program | None = None
    forms: dict[str, Form] = field(default_factory=dict)
    form_data: dict[str, dict[str, Any]] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    paths: dict[tuple[str, str], str] = field(default_factory=dict)


def read_contents(files: Mapping[str, bytes]) -> tuple[Contents, list[Finding]]:
    """Return what the files hold, and what cannot be read or executed in them."""
    contents, findings = Contents(), []
    readers: dict[tuple[str, str], Callable[[Contents, str, bytes], list[Finding]]] = {
        ("forms/", ".json"): _form,
        ("documents/", ".html"): _template,
        ("decisions/", ".dmn"): _decisions,
    }
    if PROCESS not in files:
        findings.append(finding("file-missing", "", "缺少 process.bpmn", "process.bpmn is missing"))
    else:
        findings += _process(contents, files[PROCESS])
    for path, content in sorted(files.items()):
        for (folder, ending), read in readers.items():
            if path.startswith(folder) and path.endswith(ending):
                findings += read(contents, path, content)
    return contents, findings


def _process(contents: Contents, content: bytes) -> list[Finding]:
    try:
        contents.program = compile_process(content)
    except InvalidDefinition as refused:
        contents.process = read_drawn(content)
        return [placed(message, "not-executable", PROCESS) for message in refused.findings]
    contents.process = contents.program.process
    return []


def _form(contents: Contents, path: str, content: bytes) -> list[Finding]:
    try:
        parsed = json.loads(content)
        form = load_form(parsed)
    except (ValueError, FormFault) as fault:
        return [Finding(zh=f"表单 {path}：{fault}", en=f"form {path}: {fault}", rule="form", path=path)]
    except Exception:  # a part of another type than the schema says fails wherever it is first used
        told = "不是表单的结构，请按表单的格式改正", "is not built as a form; mend its structure"
        return [Finding(zh=f"表单 {path}：{told[0]}", en=f"form {path}: {told[1]}", rule="form", path=path)]
    contents.forms[form.id], contents.form_data[form.id] = form, parsed
    contents.paths["form", form.id] = path
    return []


def _template(contents: Contents, path: str, content: bytes) -> list[Finding]:
    name = path.removeprefix("documents/").removesuffix(".html")
    try:
        contents.templates[name] = content.decode()
    except UnicodeDecodeError:
        told = ("不是 UTF-8 文本，请改存为 UTF-8", "is no UTF-8 text; save it as UTF-8")
        return [Finding(zh=f"{path}：{told[0]}", en=f"{path}: {told[1]}", rule="document", path=path)]
    return []


def _decisions(contents: Contents, path: str, content: bytes) -> list[Finding]:
    try:
        read, wrong = read_decisions(content)
    except InvalidDefinition as refused:
        return [placed(message, "decision", path) for message in refused.findings]
    for decision in read:
        contents.decisions[decision.id] = decision
        contents.paths["decision", decision.id] = path
    return [placed(message, "decision", path) for message in wrong]
