"""The single writer: a first-in-first-out queue, one commit for all that waits."""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from sqlalchemy import Connection, insert, update

from engine.appliers import apply
from engine.inbox_rows import TOUCHING, settle
from engine.keys import KeySequence
from engine.outbox import enqueue
from engine.space import OutOfSpace
from engine.storage.database import Database, in_transaction, is_full
from engine.storage.tables import event, guard, stream_head
from engine.uow import UnitOfWork

_BATCH = 64


class Overtaken(Exception):
    """Somebody else wrote to a stream or guard since it was read; read again and try again."""


@dataclass(frozen=True)
class _Job:
    write: Callable[[Connection], Any]
    done: Future[Any] = field(default_factory=Future)


class Writer:
    """Owns the only writing connection. A job is answered after its commit, never before."""

    def __init__(self, database: Database, keys: KeySequence) -> None:
        self._database, self._keys = database, keys
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def write(self, write: Callable[[Connection], Any]) -> Any:
        """Run `write` in the next transaction and return its value once it is durable.

        Raises:
            whatever `write` raises; its part of the transaction is undone, that of others is not.
        """
        job = _Job(write)
        self._queue.put(job)
        return job.done.result()

    def commit(self, uow: UnitOfWork) -> None:
        """Make a unit of work durable, whole or not at all.

        Raises:
            Overtaken: a stream or guard it read has moved.
        """
        self.write(lambda conn: _store(conn, uow, self._keys))

    def stop(self) -> None:
        """Finish what waits and end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            jobs = [job]
            stop = False
            while len(jobs) < _BATCH and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    stop = True
                    break
                jobs.append(following)
            self._transact(jobs)
            if stop:
                return

    def _transact(self, jobs: list[_Job]) -> None:
        answers: list[tuple[_Job, Any]] = []
        try:
            with self._database.writing() as conn:
                for job in jobs:
                    conn.exec_driver_sql("SAVEPOINT job")
                    try:
                        answers.append((job, job.write(conn)))
                    except Exception as fault:
                        if not in_transaction(conn):
                            raise  # the whole transaction is gone: everybody's work with it
                        conn.exec_driver_sql("ROLLBACK TO job")
                        job.done.set_exception(fault)
                    conn.exec_driver_sql("RELEASE job")
        except Exception as fault:  # the commit itself failed: nobody's work is kept
            told = _no_room() if is_full(fault) else fault
            for job in jobs:
                if not job.done.done():
                    job.done.set_exception(told)
            return
        for job, answer in answers:
            job.done.set_result(answer)


def _no_room() -> OutOfSpace:
    return OutOfSpace(
        "磁盘空间已满，操作没有生效。请系统管理员清理磁盘后重试。",
        "The disk is full; nothing was written. Make room and try again.",
    )


def _store(conn: Connection, uow: UnitOfWork, keys: KeySequence) -> None:
    for stream, (seq, _) in uow.read_heads.items():
        new_seq, new_hash = uow.heads[stream]
        if seq == 0 and new_seq > 0:
            fresh = insert(stream_head).prefix_with("OR IGNORE")
            moved = conn.execute(fresh, {"stream": stream, "seq": new_seq, "hash": new_hash})
        elif seq == 0:
            continue
        else:
            moved = conn.execute(
                update(stream_head)
                .where(stream_head.c.stream == stream, stream_head.c.seq == seq)
                .values(seq=new_seq, hash=new_hash)
            )
        if moved.rowcount != 1:
            raise Overtaken(f"stream {stream}")
    for name, (version, value) in uow.guards.items():
        if version == 0:
            fresh = insert(guard).prefix_with("OR IGNORE")
            moved = conn.execute(fresh, {"name": name, "version": 1, "value": value})
        else:
            moved = conn.execute(
                update(guard)
                .where(guard.c.name == name, guard.c.version == version)
                .values(version=version + 1, value=value)
            )
        if moved.rowcount != 1:
            raise Overtaken(f"guard {name}")
    if uow.events:
        conn.execute(
            insert(event),
            [
                {
                    "stream": s.recorded.stream,
                    "seq": s.recorded.seq,
                    "type": type(s.recorded.event).__name__,
                    "body": s.body,
                    "hash": s.hash,
                }
                for s in uow.events
            ],
        )
    for write in uow.writes:
        write(conn)
    for sealed in uow.events:
        apply(conn, sealed.recorded)
    settle(conn, {s.recorded.stream for s in uow.events if isinstance(s.recorded.event, TOUCHING)})
    enqueue(conn, uow.events, keys)
