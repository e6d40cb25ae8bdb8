"""Writing a unit of work: the same statements on every database."""

from sqlalchemy import Connection, bindparam, select, update

from engine.appliers import apply
from engine.inbox_rows import TOUCHING, settle
from engine.letters import enqueue
from engine.storage.database import Overtaken
from engine.storage.statements import add, insert_new
from engine.storage.tables import event, guard, stream_head
from engine.uow import UnitOfWork

_AS_READ = (stream_head.c.stream == bindparam("of"), stream_head.c.seq == bindparam("read"))
# Shared, so that all who only count by the calendar do not queue up behind its one row.
_STILL = select(stream_head.c.seq).where(*_AS_READ).with_for_update(read=True)
_MOVE = update(stream_head).where(*_AS_READ).values(seq=bindparam("seq"), hash=bindparam("hash"))
_MOVE_GUARD = (
    update(guard)
    .where(guard.c.name == bindparam("of"), guard.c.version == bindparam("read"))
    .values(version=bindparam("version"), value=bindparam("value"))
)


def store(conn: Connection, uow: UnitOfWork) -> None:
    """Write everything a command wants written, if what it read still stands.

    Heads are taken in the order of their streams and guards in that of their names: commands that meet in
    two of them then wait for each other instead of locking each other out.

    Raises:
        Overtaken: a stream or guard has moved since it was read.
    """
    for stream in sorted(uow.read_heads):
        _head(conn, uow, stream)
    for name in sorted(uow.guards):
        _guard(conn, uow, name)
    if uow.events:
        rows = [
            {
                "stream": s.recorded.stream,
                "seq": s.recorded.seq,
                "type": type(s.recorded.event).__name__,
                "body": s.body,
                "hash": s.hash,
            }
            for s in uow.events
        ]
        add(conn, event, *rows)
    for write in uow.writes:
        write(conn)
    for sealed in uow.events:
        apply(conn, sealed.recorded)
    settle(conn, {s.recorded.stream for s in uow.events if isinstance(s.recorded.event, TOUCHING)})
    enqueue(conn, uow.events, uow.next_key)


def _head(conn: Connection, uow: UnitOfWork, stream: int) -> None:
    seq, _ = uow.read_heads[stream]
    new_seq, new_hash = uow.heads[stream]
    if new_seq == seq:
        if seq == 0:
            return
        kept = conn.execute(_STILL, {"of": stream, "read": seq}).first() is not None
    elif seq == 0:
        kept = insert_new(conn, stream_head, {"stream": stream, "seq": new_seq, "hash": new_hash})
    else:
        moved = {"of": stream, "read": seq, "seq": new_seq, "hash": new_hash}
        kept = conn.execute(_MOVE, moved).rowcount == 1
    if not kept:
        raise Overtaken(f"stream {stream}")


def _guard(conn: Connection, uow: UnitOfWork, name: str) -> None:
    version, value = uow.guards[name]
    if version == 0:
        kept = insert_new(conn, guard, {"name": name, "version": 1, "value": value})
    else:
        moved = {"of": name, "read": version, "version": version + 1, "value": value}
        kept = conn.execute(_MOVE_GUARD, moved).rowcount == 1
    if not kept:
        raise Overtaken(f"guard {name}")
