"""The whole check of a database, and that of one stream."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from engine.history.algorithm import Algorithm
from engine.history.breaks import Broken
from engine.history.verify import Published
from engine.integrity.findings import Checked
from engine.integrity.held import Held, compare
from engine.integrity.projection import replayed
from engine.integrity.sealed import check_seals
from engine.integrity.walk import positions, walk, walk_one
from engine.storage.tables import process_instance


def check_database(
    conn: Connection,
    algorithm: Algorithm,
    published: Published | None = None,
    held: Sequence[Held] = (),
    replay: bool = False,
) -> Checked:
    """Check every stream, every seal and, if asked, every table that is read.

    Args:
        conn: On one snapshot, such as `read_only` yields.
        published: A root known from elsewhere; without one a platform rewritten as a whole, seals too, can pass.
        held: Exports that were given away earlier: they show the exact event of a history rewritten since.
        replay: Whether the read tables are built once more from the history and compared.
    """
    checked = Checked()
    walk(conn, algorithm, checked)
    for export in held:
        compare(conn, export, checked)
    check_seals(conn, algorithm, checked, published)
    positions(conn, checked)
    if replay and checked.whole:
        replayed(conn, checked)
    _name_cases(conn, checked)
    return checked


def check_stream(conn: Connection, stream: int, algorithm: Algorithm) -> Broken | None:
    """Return the first break of one stream, None if it is whole up to its head."""
    return walk_one(conn, stream, algorithm)


def _name_cases(conn: Connection, checked: Checked) -> None:
    keys = {one.stream for one in checked.findings if one.stream is not None}
    if not keys:
        return
    of = process_instance.c
    rows = conn.execute(select(of.key, of.business_id).where(of.key.in_(keys)))
    numbers = {row.key: row.business_id for row in rows}
    checked.findings = [
        one if one.stream is None else replace(one, case=numbers.get(one.stream, ""))
        for one in checked.findings
    ]
