"""Every stream walked from its first event to its head, in batches; where one breaks, it is looked at again as a whole."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, LargeBinary, func, literal, select, tuple_, type_coerce
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from engine.history.algorithm import Algorithm
from engine.history.breaks import GENESIS, Broken, Row, find_break, named, reordered
from engine.integrity.findings import Checked, Finding
from engine.storage.packing import unpack
from engine.storage.tables import event, process_instance, seal, sealed_stream, stream_head

BATCH = 5000
_PACKED = type_coerce(event.c.body, LargeBinary).label("packed")
_ROWS = select(event.c.stream, event.c.seq, event.c.position, event.c.type, _PACKED, event.c.hash).order_by(
    event.c.stream, event.c.seq, event.c.position
)


def walk(conn: Connection, algorithm: Algorithm, checked: Checked) -> None:
    """Check every stream against itself and against its head."""
    start = algorithm.start
    for stream, rows in groupby(_rows(conn), key=itemgetter(0)):
        previous, expected, before, whole = GENESIS, 0, 0, True
        for _, seq, position, kind, packed, stated in rows:
            checked.events += 1
            if not whole:
                continue
            expected += 1
            body = unpacked(packed)
            digest = start(previous + body).digest() if body is not None else b""
            whole = (
                seq == expected
                and digest == stated
                and position > before
                and named(body or b"") == (seq, stream, kind)
            )
            previous, before = digest, position
        checked.streams += 1
        if not whole:
            checked.add_break(_break_of(conn, stream, algorithm), stream)
        else:
            _end(conn, checked, stream, expected, previous)
    _gone(conn, checked)


def walk_one(conn: Connection, stream: int, algorithm: Algorithm) -> Broken | None:
    """Return what is wrong with one stream, None if nothing is."""
    return break_of(conn, stream, raw_rows(conn, stream), algorithm)


def break_of(conn: Connection, stream: int, rows: Sequence[Row], algorithm: Algorithm) -> Broken | None:
    """Return the first break of a stream whose rows were read, its end held against the head kept for it."""
    broken = find_break(rows, stream, algorithm)
    return broken or end_of(conn, stream, len(rows), rows[-1][3] if rows else GENESIS)


def raw_rows(conn: Connection, stream: int) -> list[Row]:
    """Return the rows of a stream as `find_break` takes them; a body that cannot be unpacked is None."""
    rows = conn.execute(_ROWS.where(event.c.stream == stream))
    return [(r.seq, r.type, unpacked(r.packed), bytes(r.hash)) for r in rows]


def unpacked(packed: bytes) -> bytes | None:
    """Return a body as it was hashed, None where it cannot be unpacked."""
    try:
        return unpack(packed)
    except Exception:  # the library has errors of its own for each way bytes can be wrong
        return None


def _rows(conn: Connection) -> Iterator[Any]:
    after: tuple[int, int, int] | None = None
    place = tuple_(event.c.stream, event.c.seq, event.c.position)
    while True:
        query = _ROWS if after is None else _ROWS.where(place > tuple_(*(literal(part) for part in after)))
        rows = conn.execute(query.limit(BATCH)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = (rows[-1].stream, rows[-1].seq, rows[-1].position)


def _break_of(conn: Connection, stream: int, algorithm: Algorithm) -> Broken:
    found = find_break(raw_rows(conn, stream), stream, algorithm)
    if found is not None:
        return found
    # The chain is whole, so only the places in the log can be wrong.
    positions = conn.execute(
        select(event.c.seq, event.c.position).where(event.c.stream == stream).order_by(event.c.seq)
    ).all()
    wrong = next(n for n in range(1, len(positions)) if positions[n].position <= positions[n - 1].position)
    return reordered(positions[wrong - 1].seq, positions[wrong].seq)


def _end(conn: Connection, checked: Checked, stream: int, count: int, last: bytes) -> None:
    broken = end_of(conn, stream, count, last)
    if broken is not None:
        checked.add_break(broken, stream)


def end_of(conn: Connection, stream: int, count: int, last: bytes) -> Broken | None:
    """Return how the end of a whole chain differs from the head kept for it."""
    head = conn.execute(
        select(stream_head.c.seq, stream_head.c.hash).where(stream_head.c.stream == stream)
    ).first()
    if head is None:
        return Broken(
            "head",
            f"共{count}条记录，末端登记已不存在。",
            f"Expected a head for these {count} events, found none.",
            count or None,
        )
    if head.seq > count:
        return Broken(
            "truncated",
            f"末端登记为第{head.seq}条，记录只到第{count}条：其后的记录被删去。",
            f"Expected {head.seq} events by the head, found {count}: those after it were cut off.",
            count + 1,
            str(head.seq),
            str(count),
        )
    if head.seq < count:
        return Broken(
            "forked",
            f"末端登记为第{head.seq}条，其后又有记录至第{count}条：不是平台写入的续记。",
            f"Expected {head.seq} events by the head, found {count}: what follows was not written by the platform.",
            head.seq + 1,
            str(head.seq),
            str(count),
        )
    if bytes(head.hash) != last:
        return Broken(
            "rewritten",
            f"记录链自身相符，但末条校验值与末端登记不符：记录被改写，并重新计算过全链（至第{count}条）。",
            f"The chain fits itself but leads to another head: it was rewritten and computed anew, up to event {count}.",
            None,
            bytes(head.hash).hex(),
            last.hex(),
        )
    return None


def _gone(conn: Connection, checked: Checked) -> None:
    """Look for what names a stream that has no event left."""
    for table, column in (
        (stream_head, stream_head.c.stream),
        (sealed_stream, sealed_stream.c.stream),
        (process_instance, process_instance.c.key),
    ):
        missing = select(column).where(~select(event.c.stream).where(event.c.stream == column).exists())
        for stream in conn.execute(missing).scalars():
            checked.add(
                Finding(
                    "truncated",
                    f"记录链{stream}的全部记录已不存在（{table.name}中仍有登记）。",
                    f"Every event of stream {stream} is gone, though {table.name} names it.",
                    stream,
                    "",
                    1,
                )
            )
    checked.cases = conn.execute(select(func.count()).select_from(process_instance)).scalar_one()


def positions(conn: Connection, checked: Checked) -> None:
    """Look for gaps in the log as a whole: they show a stream taken out with everything that named it."""
    last, count = conn.execute(select(func.max(event.c.position), func.count()).select_from(event)).one()
    if count == 0:
        return
    exact = isinstance(conn.dialect, SQLiteDialect)  # there a number is the highest one and 1
    last = max(last, conn.execute(select(func.coalesce(func.max(seal.c.last_position), 0))).scalar_one())
    missing = last - count
    if missing <= 0:
        return
    where = _first_gap(conn) or last
    zh = f"全部记录的位置号缺{missing}个，自第{where}号起"
    en = f"{missing} of the log's places are empty, the first is {where}"
    if exact and not checked.findings:
        checked.add(
            Finding("deleted", f"{zh}：有记录被整条删去。", f"{en}: events were deleted.", found=str(where))
        )
    elif not exact:
        checked.remarks.append(
            (
                f"{zh}；撤销的事务也会留下空号，这本身不说明有改动。",
                f"{en}; what was rolled back leaves such places too.",
            )
        )


def _first_gap(conn: Connection) -> int | None:
    place = event.c.position
    following = select((place + 1).label("n"), func.lead(place).over(order_by=place).label("next")).subquery()
    first = conn.execute(select(func.min(place))).scalar_one()
    if first > 1:
        return 1
    found = conn.execute(
        select(following.c.n)
        .where((following.c.next.is_(None)) | (following.c.next != following.c.n))
        .order_by(following.c.n)
        .limit(1)
    ).scalar()
    return None if found is None else int(found)
