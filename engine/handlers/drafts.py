"""Drafts: what was typed and not yet handed in. They are no history."""

from typing import Any

from sqlalchemy import select

from engine.clock import instant_text
from engine.commands import SaveDraft
from engine.errors import Conflict
from engine.handlers import draft_rows
from engine.handlers.record_tables import masked_draft
from engine.handlers.user_tasks import form_of
from engine.handlers.verbs.ask import ask
from engine.storage.tables import draft, user
from engine.uow import UnitOfWork


class DraftChanged(Conflict):
    """The draft was saved elsewhere since the page was opened; both are shown, nothing was overwritten."""

    code = "draft_changed"


def save_draft(cmd: SaveDraft, uow: UnitOfWork) -> dict[str, Any]:
    """Keep what was typed so far."""
    task, actor = ask(uow, cmd.actor, "draft", cmd.task_key)
    found = uow.conn.execute(select(draft).where(draft.c.user_task_key == task.key)).first()
    version = found.version if found else 0
    values = masked_draft(form_of(uow, task), cmd.values)
    if found is not None and found.form_values == values and found.saved_by == actor.user_key:
        return {"version": version, "saved_at": instant_text(found.saved_at)}
    if cmd.version is not None and cmd.version != version and found is not None:
        who = uow.conn.execute(select(user.c.name).where(user.c.key == found.saved_by)).scalar() or ""
        raise DraftChanged(
            f"本页打开后，草稿已由{who}在别处另行保存，未予覆盖，请选择保留哪一份。",
            f"Expected version {cmd.version} of the draft, found {version} saved by {who}.",
            version=version,
            saved_at=instant_text(found.saved_at),
            saved_by=who,
        )
    version = draft_rows.write(uow, task.key, values, actor.user_key)
    return {"version": version, "saved_at": instant_text(uow.now)}
