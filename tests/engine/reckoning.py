"""Whether a database holds what its clients were told, once each, and nothing that nobody asked for."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select, update

from engine.app import Engine
from engine.demo.cases import PROCESS
from engine.history.chain import first_break, parse
from engine.history.replay import rebuild
from engine.storage import tables as t
from tests.conftest import NOTICES
from tests.databases import Where
from tests.test_replay import tables


def reckon(where: Where, log: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Let what is due be done, and hold the database against the log of answers.

    Returns:
        How much was compared: answers, cases, completions, timers fired, events.

    Raises:
        AssertionError: something was lost, done twice, or is not whole.
    """
    engine = Engine(where, NOTICES, rehearsal=True, durable=False)
    try:
        with engine.database.writing() as conn:
            for table in (t.timer, t.message, t.incident):  # the leases and pauses of the dead have run out
                conn.execute(update(table).values(retry_at=None))
        while engine.sweep():
            pass
        with engine.database.reading() as conn:
            if conn.dialect.name == "sqlite":
                assert conn.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            events = whole(conn)
            figures = _answers_kept(conn, list(log)) | {"events": len(events)}
            _nothing_twice(conn, events)
            figures["fired"] = _timers(conn, events, engine)
            before = tables(conn)
        with engine.database.writing() as conn:
            rebuild(conn)
            assert tables(conn) == before
    finally:
        engine.close()
    return figures


def whole(conn: Connection) -> list[Any]:
    """Return the events of every stream, whose chains hold and end at their heads."""
    found = []
    heads = {row.stream: (row.seq, row.hash) for row in conn.execute(select(t.stream_head))}
    for stream in conn.execute(select(t.event.c.stream).distinct()).scalars().all():
        query = select(t.event.c.seq, t.event.c.body, t.event.c.hash).where(t.event.c.stream == stream)
        rows = conn.execute(query.order_by(t.event.c.seq)).all()
        assert first_break((r.seq, r.body, r.hash) for r in rows) is None, stream
        assert heads.pop(stream) == (rows[-1].seq, rows[-1].hash), stream
        found += [parse(r.body).event for r in rows]
    assert heads == {}
    return found


def _answers_kept(conn: Connection, log: list[dict[str, Any]]) -> dict[str, int]:
    kept = {row.id: row for row in conn.execute(select(t.command))}
    done = [entry for entry in log if entry["status"] < 300 and "id" in entry]
    lost = [entry for entry in done if entry["id"] not in kept]
    assert lost == [], lost
    refused = [entry for entry in log if entry["status"] >= 400 and entry.get("id") in kept]
    assert refused == [], refused
    for entry in done:
        stored, told = kept[entry["id"]].answer, entry["answer"]
        if entry["act"] == "start":
            told = (told["processInstanceKey"], told["variables"]["userTaskKey"])
            assert told == (stored["instance_key"], stored["user_task_key"])
        elif entry["act"] == "attach":
            assert told == stored
    tasks = {str(row.key): row.state for row in conn.execute(select(t.user_task.c.key, t.user_task.c.state))}
    for entry in done:
        if entry["act"] == "complete":
            assert tasks[entry["path"].split("/")[3]] == "completed"
    drafts = {row.user_task_key: row.form_values for row in conn.execute(select(t.draft))}
    for entry in log:
        if entry["act"] == "draft" and tasks[entry["task"]] == "open":
            assert drafts[int(entry["task"])]["title"] == entry["title"]
    return {"answers": len(log), "done": len(done)}


def _nothing_twice(conn: Connection, events: list[Any]) -> None:
    """What the commands say was done, and what the events say happened, are the same number of things."""
    commands = Counter(conn.execute(select(t.command.c.name)).scalars())
    happened = Counter(type(event).__name__ for event in events)
    cases = select(func.count()).select_from(t.process_instance)
    started = conn.execute(cases.where(t.process_instance.c.process_id == PROCESS)).scalar_one()
    assert started == commands["StartInstance"]
    assert happened["InstanceStarted"] == conn.execute(cases).scalar_one()
    assert happened["UserTaskCompleted"] == commands["CompleteTask"]
    stored = [
        int(file["key"])
        for row in conn.execute(select(t.command).where(t.command.c.name == "StoreAttachments"))
        for file in row.answer["attachments"]
    ]
    assert sorted(stored) == sorted(conn.execute(select(t.attachment.c.key)).scalars())
    numbers = list(conn.execute(select(t.process_instance.c.business_id)).scalars())
    assert len(set(numbers)) == len(numbers)
    for kind, key in (
        ("UserTaskCompleted", "user_task_key"),
        ("DeadlineExpired", "deadline_key"),
        ("DeadlineEnded", "deadline_key"),
        ("MessageThrown", "message_key"),
        ("MessageCaught", "message_key"),
        ("DocumentIssued", "document_key"),
    ):
        seen = Counter(getattr(event, key) for event in events if type(event).__name__ == kind)
        assert [key for key, count in seen.items() if count > 1] == [], kind


def _timers(conn: Connection, events: list[Any], engine: Engine) -> int:
    """Every timer that was armed has fired once, was disarmed once, or waits; none is due."""
    kinds = ("TimerArmed", "TimerFired", "TimerDisarmed")
    keys = {kind: [e.timer_key for e in events if type(e).__name__ == kind] for kind in kinds}
    waiting = list(conn.execute(select(t.timer.c.key)).scalars())
    over = Counter(keys["TimerFired"] + keys["TimerDisarmed"] + waiting)
    assert [key for key, count in over.items() if count > 1] == []
    assert sorted(over) == sorted(keys["TimerArmed"])
    due = select(t.timer.c.key).where(t.timer.c.not_before <= engine.clock.now())
    assert conn.execute(due).all() == []
    assert set(conn.execute(select(t.timer.c.last_error)).scalars()) <= {None}
    return len(keys["TimerFired"])
