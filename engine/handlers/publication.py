"""Publishing: a model, or files that a program sends, become the next version of their process."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select

from engine import events as e
from engine.commands import DeployDefinition, PublishModel, RequestPublication, ReturnPublication
from engine.definitions import content_hash, displaced_files, read_definition
from engine.errors import InvalidInput, Message, NotAllowed, WrongState
from engine.handlers.models import files_of, model_row
from engine.handlers.parties import other_designers_of
from engine.handlers.triggers import set_triggers
from engine.handlers.version_states import reason_of
from engine.people import Actor
from engine.periods import beijing_day
from engine.process_files import PROCESS
from engine.storage.tables import model_revision, process_definition
from engine.uow import UnitOfWork
from engine.workbench.compare import law_changes
from engine.workbench.files import with_effective_from

MAX_TEXT = 2000
_d = process_definition.c


class SecondPersonNeeded(WrongState):
    """A statutory setting changes: whoever worked on the model does not publish it (C.6)."""

    code = "second_person_needed"


@dataclass(frozen=True)
class Deployed:
    """What came of publishing files; `fresh` unless the newest version had the same content."""

    key: int
    version: int
    fresh: bool


def deploy_definition(cmd: DeployDefinition, uow: UnitOfWork) -> dict[str, Any]:
    """Publish files as they are; where a statutory setting changes, only the workbench may.

    Raises:
        SecondPersonNeeded: a person's files change a statutory setting.
    """
    if cmd.actor is not None:
        cmd.actor.must_hold("designer")
        if _law_changes(uow, cmd.files) and other_designers_of(uow.conn, cmd.actor):
            raise SecondPersonNeeded(
                "所发布的内容改变了法定期限，应当由另一名流程设计人员发布。请在流程设计中导入后提请发布。",
                "Expected a second designer to publish a changed statutory setting; import it into the workbench.",
            )
    found = deploy(uow, cmd.files)
    return {"definition_key": str(found.key), "version": found.version}


def request_publication(cmd: RequestPublication, uow: UnitOfWork) -> dict[str, Any]:
    """Ask a second person to publish the model; it must pass the checks already."""
    actor, row = _publishable(cmd, uow)
    read_definition(0, 0, files_of(uow, row))
    uow.record(
        row.key,
        e.PublicationRequested(
            row.key, row.revision, _day(cmd.effective_from), _said(cmd.notes), _law(cmd.basis)
        ),
    )
    to = other_designers_of(uow.conn, actor)
    if to:
        text = f"{actor.name}提请发布模型“{row.name}”，请在流程设计中核对后发布或者退回。"
        uow.record(row.key, e.NoticeSent([uow.next_key() for _ in to], to, ["designer"], text))
    return {"model_key": str(row.key), "state": "requested"}


def return_publication(cmd: ReturnPublication, uow: UnitOfWork) -> dict[str, Any]:
    """Give the model back to its author."""
    row = model_row(cmd, uow, ("requested",))
    uow.record(row.key, e.PublicationReturned(row.key, row.revision, reason_of(cmd.reason)))
    if row.requested_by and row.requested_by != uow.author.key:
        text = f"模型“{row.name}”的发布提请被退回。理由：{cmd.reason.strip()}"
        uow.record(row.key, e.NoticeSent([uow.next_key()], [row.requested_by], ["designer"], text))
    return {"model_key": str(row.key), "state": "editing"}


def publish_model(cmd: PublishModel, uow: UnitOfWork) -> dict[str, Any]:
    """Publish the model as the next version; running cases stay under theirs (R-V1).

    Raises:
        InvalidDefinition: with every finding of the checks.
        SecondPersonNeeded: a statutory setting changes and the publisher worked on the model, while the
            department has another designer.
    """
    actor, row = _publishable(cmd, uow)
    effective, notes, basis = _day(cmd.effective_from), _said(cmd.notes), _law(cmd.basis)
    kept = files_of(uow, row)
    files = {**kept, PROCESS: with_effective_from(kept[PROCESS], effective)} if PROCESS in kept else kept
    changes = _law_changes(uow, files)
    if changes and not basis:
        raise InvalidInput(
            "所发布的内容改变了法定期限，请写明依据。",
            "Expected the basis of a changed statutory setting.",
            field="basis",
        )
    alone = bool(changes) and actor.user_key in authors(uow, row.key)
    if alone and other_designers_of(uow.conn, actor):
        raise SecondPersonNeeded(
            "所发布的内容改变了法定期限，应当由未参与本模型修改的另一名流程设计人员发布。请提请发布。",
            "Expected somebody who did not work on the model to publish a changed statutory setting.",
        )
    found = deploy(uow, files, notes, basis)
    if not found.fresh:
        raise WrongState(
            f"内容与现行最新的第{found.version}版相同，没有需要发布的修改。",
            f"Expected a content that differs from version {found.version}.",
        )
    uow.record(
        row.key,
        e.ModelPublished(row.key, row.revision, found.key, found.version, bool(changes), alone),
    )
    return {"definition_key": str(found.key), "version": found.version}


def deploy(uow: UnitOfWork, files: dict[str, bytes], notes: str = "", basis: str = "") -> Deployed:
    """Keep files as the next version of their process; the newest one's content again is no new version.

    Raises:
        InvalidDefinition: with every finding of the checks.
    """
    key = uow.next_key()
    process = read_definition(key, 0, files).process
    whole = content_hash(files)
    newest = _newest(uow, process.id)
    if newest is not None and newest.sha256 == whole:
        return Deployed(newest.key, newest.version, fresh=False)
    highest = select(func.coalesce(func.max(_d.version), 0) + 1).where(_d.process_id == process.id)
    version = uow.conn.execute(highest).scalar_one()
    uow.guarded(f"definition:{process.id}")
    kept = {path: uow.keep(content) for path, content in files.items()}
    uow.record(
        key,
        e.DefinitionDeployed(
            key, process.id, version, process.name, whole, kept, process.effective_from or None, notes, basis
        ),
    )
    set_triggers(uow, key, process)
    return Deployed(key, version, fresh=True)


def statutory_changes(
    conn: Connection, process_id: str, effective: date | None, today: date, files: Mapping[str, bytes]
) -> tuple[Message, ...]:
    """Return what a new version changes in the statutory limits of those whose place it takes.

    Args:
        effective: From when it takes cases; None from now on.
    """
    before = displaced_files(conn, process_id, max(effective or today, today)) or [{}]
    return tuple(dict.fromkeys(found for one in before for found in law_changes(one, files)))


def authors(uow: UnitOfWork, model_key: int) -> set[int]:
    """Return the keys of everybody who saved a revision of a model."""
    query = select(model_revision.c.saved_by).where(model_revision.c.model_key == model_key)
    return set(uow.conn.execute(query.distinct()).scalars())


def _publishable(cmd: RequestPublication | PublishModel, uow: UnitOfWork) -> tuple[Actor, Row[Any]]:
    row = model_row(cmd, uow, ("editing", "requested"))
    if cmd.actor is None:
        raise NotAllowed("只有流程设计人员可以发布模型。", "Expected a designer, found nobody.")
    if cmd.revision != row.revision:
        raise WrongState(
            f"模型已有第{row.revision}次修订，您核对的是第{cmd.revision}次，请核对后再发布。",
            f"Expected revision {row.revision}, found {cmd.revision}.",
        )
    return cmd.actor, row


def _law_changes(uow: UnitOfWork, files: dict[str, bytes]) -> tuple[Message, ...]:
    process = read_definition(0, 0, files).process
    effective = date.fromisoformat(process.effective_from) if process.effective_from else None
    return statutory_changes(uow.conn, process.id, effective, beijing_day(uow.now), files)


def _newest(uow: UnitOfWork, process_id: str) -> Row[Any] | None:
    query = select(process_definition).where(_d.process_id == process_id)
    return uow.conn.execute(query.order_by(_d.version.desc()).limit(1)).first()


def _day(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidInput(
            f"施行日应为日期，例如2026-08-01，实为“{text[:20]}”。",
            f"Expected an ISO date, found {text[:20]!r}.",
            field="effective_from",
        ) from None


def _said(notes: str) -> str:
    if not 5 <= len(notes.strip()) <= MAX_TEXT:
        raise InvalidInput(
            f"请填写发布说明（5至{MAX_TEXT}个字）。",
            f"Expected notes of 5 to {MAX_TEXT} characters.",
            field="notes",
        )
    return notes.strip()


def _law(basis: str) -> str:
    if len(basis.strip()) > MAX_TEXT:
        raise InvalidInput(
            f"依据不得超过{MAX_TEXT}个字。",
            f"Expected a basis of at most {MAX_TEXT} characters.",
            field="basis",
        )
    return basis.strip()
