"""Seven ways to falsify a history, on a copy of an export (.jsonl or .zip) or of a database.

    python -m tests.tamper MANIPULATION SOURCE TARGET [--case NUMBER] [--event N] [--other FILE or NUMBER]
    python -m tests.tamper MANIPULATION postgresql://…       (changes that database itself)

The one who does it holds everything: the append-only triggers and unique constraints are dropped first, hashes are
computed anew where that helps, and in an archive the manifest is made to fit.
"""

import argparse
import hashlib
import io
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, create_engine, delete, func, insert, make_url, select, update

from engine.history.breaks import GENESIS
from engine.history.chain import link
from engine.history.export import event_line
from engine.storage.tables import event, process_instance, stream_head

Lines = list[bytes]
HISTORY = "history.shixian.jsonl"
MANIFEST = "manifest.json"


# An event that never happened so


def falsified(body: bytes) -> bytes:
    """Return a body that says the act was done by somebody else."""
    found = orjson.loads(body)
    found["actor"]["name"] = "冒名者"
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS)


# Exports: lines of a *.shixian.jsonl


def body_of(line: bytes) -> bytes:
    """Return the body's own bytes in a line of an export."""
    return line[line.index(b'"body":') + 7 : -2]


def hash_of(line: bytes) -> bytes:
    """Return the hash that a line states."""
    return bytes.fromhex(orjson.loads(line)["hash"])


def edit(lines: Lines, n: int, other: Lines) -> Lines:
    """Change what an event says."""
    return [*lines[:n], event_line(falsified(body_of(lines[n])), hash_of(lines[n])), *lines[n + 1 :]]


def remove(lines: Lines, n: int, other: Lines) -> Lines:
    """Take an event out."""
    return [*lines[:n], *lines[n + 1 :]]


def reorder(lines: Lines, n: int, other: Lines) -> Lines:
    """Let an event and the next one change places."""
    return [*lines[:n], lines[n + 1], lines[n], *lines[n + 2 :]]


def truncate(lines: Lines, n: int, other: Lines) -> Lines:
    """Cut off an event and all after it, and make the trailer fit."""
    return _closed([*lines[:n], lines[-1]])


def fork(lines: Lines, n: int, other: Lines) -> Lines:
    """Put a second event in the place of one: another continuation of the same history."""
    made = falsified(body_of(lines[n]))
    before = hash_of(lines[n - 1]) if n > 1 else GENESIS
    return _closed([*lines[: n + 1], event_line(made, link(before, made)), *lines[n + 1 :]])


def swap(lines: Lines, n: int, other: Lines) -> Lines:
    """Put the event of another case in the place of one."""
    return [*lines[:n], other[n], *lines[n + 1 :]]


def recompute(lines: Lines, n: int, other: Lines) -> Lines:
    """Change what an event says and compute every hash anew."""
    made, previous = lines[:1], GENESIS
    for seq, line in enumerate(lines[1:-1], start=1):
        body = falsified(body_of(line)) if seq == n else body_of(line)
        previous = link(previous, body)
        made.append(event_line(body, previous))
    return _closed([*made, lines[-1]])


def _closed(lines: Lines) -> Lines:
    """Return the lines with a trailer that states their number and head."""
    found = orjson.loads(lines[-1])
    found["trailer"].update(events=len(lines) - 2, head=hash_of(lines[-2]).hex())
    return [*lines[:-1], orjson.dumps(found) + b"\n"]


ON_LINES: dict[str, Callable[[Lines, int, Lines], Lines]] = {
    "edit": edit,
    "delete": remove,
    "reorder": reorder,
    "truncate": truncate,
    "fork": fork,
    "swap": swap,
    "recompute": recompute,
}


# Archives: the history inside, with a manifest made to fit


def on_archive(data: bytes, how: str, n: int, other: bytes) -> bytes:
    """Return an archive whose history was falsified and whose manifest says the hashes it then has."""
    files = entries(data)
    history = files[HISTORY].splitlines(keepends=True)
    files[HISTORY] = b"".join(ON_LINES[how](history, n, entries(other)[HISTORY].splitlines(keepends=True)))
    return packed(files)


def entries(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(files: dict[str, bytes], fitting: bool = True) -> bytes:
    """Return an archive of these files, with a manifest that fits them."""
    if fitting:
        manifest = orjson.loads(files[MANIFEST])
        manifest["files"] = {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for name, content in sorted(files.items())
            if name != MANIFEST
        }
        trailer = orjson.loads(files[HISTORY].splitlines()[-1]).get("trailer", {})
        manifest["head"] = trailer.get("head")
        manifest["events"] = trailer.get("events")
        if not trailer.get("proofs"):
            manifest.update(sealed_to=0, sealed_day=None, sealed_root=None)
        files = {**files, MANIFEST: orjson.dumps(manifest)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


# Databases


@dataclass(frozen=True)
class At:
    """An event of a stream, and a second stream to swap with."""

    stream: int
    seq: int
    other: int


def unlocked(conn: Connection) -> None:
    """Drop what keeps the history from being changed."""
    postgresql = conn.dialect.name == "postgresql"
    for act in ("update", "delete", *(("truncate",) if postgresql else ())):
        on = " ON event" if postgresql else ""
        conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS event_refuses_{act}{on}")
    if postgresql:
        conn.exec_driver_sql("ALTER TABLE event DROP CONSTRAINT uq_event_stream_seq")
    else:
        conn.exec_driver_sql("CREATE TABLE open_event AS SELECT * FROM event")
        conn.exec_driver_sql("DROP TABLE event")
        conn.exec_driver_sql("ALTER TABLE open_event RENAME TO event")


def on_database(conn: Connection, how: str, at: At) -> None:
    """Falsify the history of a database."""
    unlocked(conn)
    ON_ROWS[how](conn, at)


def _row(conn: Connection, stream: int, seq: int) -> Any:
    return conn.execute(select(event).where(event.c.stream == stream, event.c.seq == seq)).one()


def _set(conn: Connection, position: int, **values: Any) -> None:
    conn.execute(update(event).where(event.c.position == position).values(**values))


def edit_row(conn: Connection, at: At) -> None:
    row = _row(conn, at.stream, at.seq)
    _set(conn, row.position, body=falsified(row.body))


def delete_row(conn: Connection, at: At) -> None:
    conn.execute(delete(event).where(event.c.stream == at.stream, event.c.seq == at.seq))


def reorder_rows(conn: Connection, at: At) -> None:
    one, two = _row(conn, at.stream, at.seq), _row(conn, at.stream, at.seq + 1)
    _set(conn, one.position, seq=two.seq)
    _set(conn, two.position, seq=one.seq)


def truncate_rows(conn: Connection, at: At) -> None:
    """Cut off an event and all after it, and set the head back."""
    conn.execute(delete(event).where(event.c.stream == at.stream, event.c.seq >= at.seq))
    last = _row(conn, at.stream, at.seq - 1)
    _head(conn, at.stream, last.seq, last.hash)


def fork_rows(conn: Connection, at: At) -> None:
    row = _row(conn, at.stream, at.seq)
    before = _row(conn, at.stream, at.seq - 1).hash if at.seq > 1 else GENESIS
    body = falsified(row.body)
    last = conn.execute(select(func.max(event.c.position))).scalar_one()
    conn.execute(
        insert(event).values(
            position=last + 1, stream=at.stream, seq=at.seq, type=row.type, body=body, hash=link(before, body)
        )
    )


def swap_rows(conn: Connection, at: At) -> None:
    one, two = _row(conn, at.stream, at.seq), _row(conn, at.other, at.seq)
    _set(conn, one.position, type=two.type, body=two.body, hash=two.hash)
    _set(conn, two.position, type=one.type, body=one.body, hash=one.hash)


def recompute_rows(conn: Connection, at: At) -> None:
    """Change what an event says, compute every later hash anew, and set the head to it."""
    previous = _row(conn, at.stream, at.seq - 1).hash if at.seq > 1 else GENESIS
    rows = conn.execute(
        select(event).where(event.c.stream == at.stream, event.c.seq >= at.seq).order_by(event.c.seq)
    ).all()
    for row in rows:
        body = falsified(row.body) if row.seq == at.seq else row.body
        previous = link(previous, body)
        _set(conn, row.position, body=body, hash=previous)
    _head(conn, at.stream, rows[-1].seq, previous)


def _head(conn: Connection, stream: int, seq: int, digest: bytes) -> None:
    conn.execute(update(stream_head).where(stream_head.c.stream == stream).values(seq=seq, hash=digest))


ON_ROWS: dict[str, Callable[[Connection, At], None]] = {
    "edit": edit_row,
    "delete": delete_row,
    "reorder": reorder_rows,
    "truncate": truncate_rows,
    "fork": fork_rows,
    "swap": swap_rows,
    "recompute": recompute_rows,
}

KINDS = {
    "edit": "edited",
    "delete": "deleted",
    "reorder": "reordered",
    "truncate": "truncated",
    "fork": "forked",
    "swap": "swapped",
    "recompute": "rewritten",
}
"""What `shixian verify` calls each."""


# Command line


def main() -> None:
    """Falsify a copy, and say what was done."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("manipulation", choices=KINDS)
    parser.add_argument("source", help="*.jsonl, *.zip, *.db or postgresql://…")
    parser.add_argument("target", nargs="?", help="where the falsified copy goes; none for a server")
    parser.add_argument("--case", help="case number in a database; the first case without")
    parser.add_argument("--event", type=int, default=5)
    parser.add_argument("--other", help="swap: another export, or another case number")
    args = parser.parse_args()
    if "://" in args.source or args.source.endswith(".db"):
        _database(args)
    else:
        _file(args)
    print(f"{args.manipulation}: event {args.event}")


def _file(args: argparse.Namespace) -> None:
    data = Path(args.source).read_bytes()
    other = Path(args.other).read_bytes() if args.other else data
    if args.source.endswith(".zip"):
        made = on_archive(data, args.manipulation, args.event, other)
    else:
        lines, others = data.splitlines(keepends=True), other.splitlines(keepends=True)
        made = b"".join(ON_LINES[args.manipulation](lines, args.event, others))
    Path(args.target).write_bytes(made)


def _database(args: argparse.Namespace) -> None:
    if "://" in args.source:
        url = make_url(args.source).set(drivername="postgresql+psycopg")
    else:
        shutil.copy(args.source, args.target)
        url = make_url(f"sqlite:///{args.target}")
    with create_engine(url).begin() as conn:
        of = process_instance.c
        numbers = {row.business_id: row.key for row in conn.execute(select(of).order_by(of.key))}
        keys = list(numbers.values())
        stream = numbers[args.case] if args.case else keys[0]
        other = numbers[args.other] if args.other else next(key for key in keys if key != stream)
        on_database(conn, args.manipulation, At(stream, args.event, other))


if __name__ == "__main__":
    main()
