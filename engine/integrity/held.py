"""The database held against an export that was given away earlier: it shows the exact event that was rewritten since."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import BinaryIO

import orjson
from sqlalchemy import Connection, select

from engine.history.verify import Report, verify
from engine.integrity.findings import Checked, Finding
from engine.storage.tables import event


@dataclass(frozen=True)
class Held:
    """A whole export: its report and the hash of every event."""

    report: Report
    hashes: tuple[str, ...]


def read_held(file: BinaryIO) -> Held:
    """Return an export, checked.

    Raises:
        Broken: it is not whole itself.
    """
    report = verify(file)
    file.seek(0)
    lines = (line for line in file if line.startswith(b'{"hash":"'))
    return Held(report, tuple(orjson.loads(line)["hash"] for line in lines))


def compare(conn: Connection, held: Held, checked: Checked) -> None:
    """Find the first event that is not the one the export holds."""
    stream = int(held.report.stream)
    rows = conn.execute(
        select(event.c.seq, event.c.hash)
        .where(event.c.stream == stream, event.c.seq <= len(held.hashes))
        .order_by(event.c.seq)
    )
    pairs = zip_longest(held.hashes, (bytes(row.hash).hex() for row in rows))
    for seq, (then, now) in enumerate(pairs, start=1):
        if then != now:
            gone = now is None
            checked.add(
                Finding(
                    "truncated" if gone else "rewritten",
                    f"第{seq}条记录与{held.report.exported_at}导出的文件不符：该条{'已不存在' if gone else '在导出之后被改写'}。",
                    f"Event {seq} is not the one exported at {held.report.exported_at}: it "
                    + ("is gone." if gone else "was rewritten since."),
                    stream,
                    "",
                    seq,
                    then or "",
                    now or "",
                )
            )
            return
