"""Events of comments → rows."""

from sqlalchemy import Connection

from engine import events as e
from engine.appliers.base import applies
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add


@applies.register
def _(event: e.CommentAdded, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.comment,
        {
            "key": event.comment_key,
            "instance_key": recorded.stream,
            "task_key": event.task_key,
            "organisation_key": event.organisation_key,
            "user_key": recorded.author.key,
            "sha256": event.sha256,
            "mentioned": event.mentioned,
            "at": recorded.occurred_at,
        },
    )
