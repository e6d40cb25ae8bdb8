"""The files that stand beside the diagram: their names, and keeping or taking away one of them."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import request

from engine import commands as c
from engine.errors import Conflict, InvalidInput, NotFound
from engine.queries.models import ModelView
from web.designer.base import texts
from web.engine import command_id, engine
from web.security import acting

_NAME = re.compile(r"[A-Za-z0-9_\u4e00-\u9fff][\w.-]{0,59}")


def ids(view: ModelView, folder: str, ending: str) -> list[str]:
    """Return the ids of a model's files of one kind."""
    return sorted(
        path.removeprefix(f"{folder}/").removesuffix(f".{ending}")
        for path in view.files
        if path.startswith(f"{folder}/") and path.endswith(f".{ending}")
    )


def content_of(view: ModelView, path: str) -> str:
    """Return the text of a file.

    Raises:
        NotFound: the model has no such file.
    """
    if path not in view.files:
        raise NotFound("模型中没有该文件。", f"Expected the file {path} in the model, found none.")
    return view.files[path].decode(errors="replace")


def fresh_path(view: ModelView, folder: str, ending: str, name: str) -> str:
    """Return the path of a new file.

    Raises:
        InvalidInput: not a name.
        Conflict: there is one already.
    """
    if not _NAME.fullmatch(name) or ".." in name:
        raise InvalidInput(
            "编号应由汉字、字母、数字、下划线、点和连字符组成，不超过60个字，例如 F12-X。",
            f"Expected letters, digits, underscores, dots and dashes, found {name[:80]!r}.",
        )
    path = f"{folder}/{name}.{ending}"
    if path in view.files:
        raise Conflict(f"编号“{name}”已经使用，请换一个。", f"There is a file {path} already.")
    return path


def keep(view: ModelView, files: Mapping[str, bytes | None], note: str) -> None:
    """Save changed files of a model over the revision that was looked at."""
    base = request.form.get("base", view.revision, type=int)
    engine().handle(
        c.SaveModel(
            actor=acting(),
            model_key=view.key,
            base=base,
            files=dict(files),
            note=note,
            id=command_id() or uuid4().hex,
        )
    )


def with_drafts(view: ModelView, data: dict[str, Any]) -> dict[str, bytes]:
    """Return a model's files with those a page sent in place of the saved ones."""
    found = dict(view.files)
    for path, content in texts(data, "files").items():
        if content is None:
            found.pop(path, None)
        else:
            found[path] = content
    return found


def text_in(data: dict[str, Any], name: str) -> str:
    """Return a text of a posted object.

    Raises:
        InvalidInput: not a text.
    """
    found = data.get(name, "")
    if not isinstance(found, str):
        raise InvalidInput(f"{name} 应为文字。", f"Expected a text under {name}.")
    return found
