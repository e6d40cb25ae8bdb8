"""Models that designers work on: every save is a revision, and none is lost."""

from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.clock import instant_text
from engine.commands import Command, CreateModel, DiscardModel, RestoreRevision, SaveModel
from engine.definitions import stored_files, version_files
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from engine.storage.tables import model, model_revision
from engine.uow import UnitOfWork
from engine.workbench.files import as_utf8, checked, must_be_path, must_fit

_STATES = {"editing": "编辑中", "requested": "待发布", "published": "已发布", "discarded": "已停止编辑"}


class ModelChanged(Conflict):
    """Somebody saved the model since the page was opened; nothing was overwritten."""

    code = "model_changed"


def create_model(cmd: CreateModel, uow: UnitOfWork) -> dict[str, Any]:
    """Begin a model from files, or from a published version."""
    _must_design(cmd)
    files = checked(cmd.files)
    if cmd.definition_key is not None:
        files = version_files(uow.conn, cmd.definition_key)
    key = uow.next_key()
    kept = {path: uow.keep(content) for path, content in files.items()}
    origin = f"version:{cmd.definition_key}" if cmd.definition_key is not None else cmd.origin[:200]
    uow.record(key, e.ModelCreated(key, _name(cmd.name), origin, cmd.definition_key, kept))
    return {"model_key": str(key), "revision": 1}


def save_model(cmd: SaveModel, uow: UnitOfWork) -> dict[str, Any]:
    """Keep what changed as the next revision; the same content again is no revision.

    Raises:
        ModelChanged: another revision was saved since `base`.
    """
    row = model_row(cmd, uow, ("editing", "requested"))
    if cmd.base != row.revision:
        raise ModelChanged(
            f"模型已在别处另行保存为第{row.revision}次修订，本页的修改没有保存。请刷新后重做，或者先导出本页内容。",
            f"Expected revision {row.revision} as the base, found {cmd.base}.",
            revision=row.revision,
        )
    before = revision_files(uow, row.key, row.revision)
    after = dict(before)
    for path, content in cmd.files.items():
        must_be_path(path)
        if content is None:
            after.pop(path, None)
        else:
            after[path] = uow.keep(as_utf8(path, content))
    if cmd.files:
        unchanged = {path: digest for path, digest in after.items() if path not in cmd.files}
        size = sum(map(len, stored_files(uow.conn, unchanged).values()))
        must_fit(len(after), size + sum(len(content or b"") for content in cmd.files.values()))
    name = row.name if cmd.name is None else _name(cmd.name)
    return _next_revision(uow, row, name, before, after, cmd.note)


def restore_revision(cmd: RestoreRevision, uow: UnitOfWork) -> dict[str, Any]:
    """Make an earlier content the newest revision."""
    row = model_row(cmd, uow, ("editing", "requested"))
    after = revision_files(uow, row.key, cmd.revision)
    before = revision_files(uow, row.key, row.revision)
    return _next_revision(uow, row, row.name, before, after, f"恢复第{cmd.revision}次修订")


def discard_model(cmd: DiscardModel, uow: UnitOfWork) -> dict[str, Any]:
    """Take a model off the list; its revisions stay in the history."""
    row = model_row(cmd, uow, ("editing", "requested"))
    uow.record(row.key, e.ModelDiscarded(row.key))
    return {"model_key": str(row.key), "state": "discarded"}


def model_row(cmd: Any, uow: UnitOfWork, states: tuple[str, ...]) -> Row[Any]:
    """Return the row of the model that a designer's command names.

    Raises:
        NotAllowed: not a designer.
        NotFound: no such model.
        WrongState: it is in none of the states.
    """
    _must_design(cmd)
    uow.expect(cmd.model_key)
    row: Row[Any] | None = uow.conn.execute(select(model).where(model.c.key == cmd.model_key)).first()
    if row is None:
        raise NotFound("没有该模型。", f"Expected a model {cmd.model_key}, found none.")
    if row.state not in states:
        raise WrongState(
            f"模型“{row.name}”现为{_STATES[row.state]}，不能如此办理。",
            f"Expected a model that is {' or '.join(states)}, found {row.state}.",
            state=row.state,
        )
    return row


def revision_files(uow: UnitOfWork, model_key: int, revision: int) -> dict[str, str]:
    """Return the SHA-256 of each file of a revision.

    Raises:
        NotFound: no such revision.
    """
    query = select(model_revision.c.files).where(
        model_revision.c.model_key == model_key, model_revision.c.revision == revision
    )
    found: dict[str, str] | None = uow.conn.execute(query).scalar()
    if found is None:
        raise NotFound(
            f"没有第{revision}次修订。", f"Expected a revision {revision} of the model, found none."
        )
    return found


def files_of(uow: UnitOfWork, row: Row[Any]) -> dict[str, bytes]:
    """Return the content of a model's newest revision, by path."""
    return stored_files(uow.conn, revision_files(uow, row.key, row.revision))


def _next_revision(
    uow: UnitOfWork, row: Row[Any], name: str, before: dict[str, str], after: dict[str, str], note: str
) -> dict[str, Any]:
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    if not changed and name == row.name:
        return {"revision": row.revision, "saved_at": instant_text(row.saved_at)}
    revision = row.revision + 1
    uow.record(row.key, e.ModelSaved(row.key, revision, name, after, changed, note.strip()[:200]))
    return {"revision": revision, "saved_at": instant_text(uow.now)}


def _must_design(cmd: Command) -> None:
    if cmd.actor is None:
        raise NotAllowed("只有流程设计人员可以编辑模型。", "Expected a designer, found nobody.")
    cmd.actor.must_hold("designer")


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 100:
        raise InvalidInput("请填写模型名称（1至100个字）。", "Expected a name of 1 to 100 characters.")
    return name
