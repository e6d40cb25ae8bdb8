"""Deployments: a designer publishes a definition with its forms, decisions and documents."""

from pathlib import PurePosixPath

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput
from engine.process_files import with_common
from engine.queries import versions as queries
from web.api import shapes
from web.api.user_tasks import command_id
from web.designer.workshop import scenarios_must_pass
from web.engine import engine
from web.security import acting

MAX_FILES = 200
_FOLDERS = {".json": "forms", ".dmn": "decisions", ".html": "documents"}


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/deployments")(deploy)


def deploy() -> ResponseReturnValue:
    """Publish a definition (multipart/form-data): one .bpmn, and its .json forms, .dmn tables, .html documents.

    The common layout of documents is joined, where no file of the definition stands in its place. The same
    content again is the same version.
    """
    files = [f for part in request.files.lists() for f in part[1]]
    if not 0 < len(files) <= MAX_FILES:
        raise InvalidInput(
            f"请上传一个 .bpmn 文件及其表单、决策表和文书，共不超过{MAX_FILES}个文件。",
            f"Expected 1 to {MAX_FILES} files, one of them .bpmn; found {len(files)}.",
        )
    content: dict[str, bytes] = {}
    for file in files:
        path = _path(file.filename or "")
        if path in content:
            raise InvalidInput(f"文件 {path} 重复。", f"Expected each file once, found {path} twice.")
        content[path] = file.read()
    whole = with_common(content)
    if acting().holds("designer"):
        scenarios_must_pass(whole)
    answer = engine().handle(c.DeployDefinition(actor=acting(), files=whole, id=command_id()))
    where = {"processDefinitionKey": int(answer["definition_key"])}
    [row], _ = engine().queries.search(queries.definitions, acting(), where, 1, 0)
    process = {
        "processDefinitionId": row.process_id,
        "processDefinitionVersion": row.version,
        "processDefinitionKey": str(row.key),
        "resourceName": "process.bpmn",
        "tenantId": shapes.TENANT,
    }
    empty = dict.fromkeys(("decisionDefinition", "decisionRequirements", "form", "resource"))
    return {
        "deploymentKey": str(row.key),
        "tenantId": shapes.TENANT,
        "deployments": [{"processDefinition": process, **empty}],
    }


def _path(name: str) -> str:
    """Return where a file belongs: as it is named with its folder, else by its kind."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.suffix == ".bpmn":
        return "process.bpmn"
    if path.suffix not in _FOLDERS or path.is_absolute() or ".." in path.parts:
        raise InvalidInput(
            f"文件“{name[:100]}”不能作为流程的一部分，应为 .bpmn、.json、.dmn 或者 .html。",
            f"Expected .bpmn, .json, .dmn or .html, found {name[:100]!r}.",
        )
    if path.suffix == ".json" and path.parts[-2:-1] == ("scenarios",):
        return f"scenarios/{path.name}"
    return f"{_FOLDERS[path.suffix]}/{path.name}"
