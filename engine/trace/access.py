"""Who saw which case when (查阅记录): a row for each case that an answer shows, kept before the answer leaves.

On SQLite the writer's group commit takes it along with whatever else waits, on PostgreSQL it is a transaction of its
own: a read costs one durable commit, and no crash loses one that was shown. What cannot be noted is not shown. After
a lost connection a row may be there twice, never not at all.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from engine.clock import Clock, instant_text
from engine.definitions import load_definition
from engine.history.algorithm import Algorithm
from engine.history.chain import parse
from engine.people import Actor
from engine.storage.database import Database, Writer
from engine.storage.statements import add
from engine.storage.tables import case_access, event, process_instance
from engine.trace.reads import WHOLE

ACCESS_STREAM = 8
GENESIS = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Shown:
    """What an answer shows of a case.

    Attributes:
        what: One of `engine.trace.reads.WHATS`.
        way: page or api.
        subject_key: The document, file or task, where it is one.
    """

    instance_key: int
    what: str
    way: str
    subject_key: int | None = None


class AccessLog:
    """Keeps who saw what."""

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database, self._writer, self._clock = database, writer, clock

    def note(self, actor: Actor, shown: Iterable[Shown]) -> None:
        """Keep that a person is shown cases; durable when it returns."""
        found = list(shown)
        if not found:
            return
        whole = {one.instance_key for one in found if one.what in WHOLE}
        masking = self._masking(whole) if whole else set()

        def write(conn: Connection) -> None:
            self._database.take_number(conn)
            # By the writer's clock, so that rows stand in the order of their instants where there is one writer.
            at = self._clock.now()
            add(conn, case_access, *(_row(actor, one, at, one.instance_key in masking) for one in found))

        self._writer.write(write)

    def _masking(self, keys: set[int]) -> set[int]:
        """Return those of some cases whose forms take numbers of persons."""
        query = select(process_instance.c.key, process_instance.c.definition_key)
        with self._database.reading() as conn:
            rows = conn.execute(query.where(process_instance.c.key.in_(keys))).all()
            return {row.key for row in rows if _masks(conn, row.definition_key)}


def _row(actor: Actor, one: Shown, at: Any, masks: bool) -> dict[str, Any]:
    return {
        "at": at,
        "user_key": actor.user_key,
        "user_name": actor.name,
        "organisation_key": actor.org_key,
        "organisation_name": actor.org_name,
        "what": one.what,
        "way": one.way,
        "instance_key": one.instance_key,
        "subject_key": one.subject_key,
        "sensitive": one.what == "records" or (masks and one.what in WHOLE),
    }


def _masks(conn: Connection, definition_key: int) -> bool:
    forms = load_definition(conn, definition_key).forms.values()
    return any(
        field.masks or any(column.masked for column in field.record_columns)
        for form in forms
        for field in form.fields
    )


def line(row: Row[Any]) -> bytes:
    """Return what of a row is hashed: all of it, as canonical JSON."""
    return orjson.dumps(
        [
            row.key,
            instant_text(row.at),
            row.user_key,
            row.user_name,
            row.organisation_key,
            row.organisation_name,
            row.what,
            row.way,
            row.instance_key,
            row.subject_key,
            bool(row.sensitive),
        ]
    )


def digest(conn: Connection, first: int, last: int, before: str, algorithm: Algorithm) -> tuple[int, str]:
    """Return how many reads lie behind `first` up to `last`, and the hash of the chain over them.

    Args:
        before: The digest of the seal before, `GENESIS` for the first.
    """
    count, found = 0, algorithm.digest(bytes.fromhex(before))
    query = select(case_access).where(case_access.c.key > first, case_access.c.key <= last)
    for row in conn.execute(query.order_by(case_access.c.key)):
        found = algorithm.digest(found + line(row))
        count += 1
    return count, found.hex()


@dataclass(frozen=True)
class Breach:
    """A sealed stretch of the access log that is no longer what it was.

    Attributes:
        number: Of the seal.
        kind: removed, added or changed.
    """

    number: int
    day: str
    kind: str
    expected: int
    found: int


def breaches(conn: Connection, algorithm: Algorithm, among: Iterable[int] | None = None) -> Iterator[Breach]:
    """Yield the seals whose reads were removed, added to or changed, the earliest first.

    Args:
        among: Numbers of the seals to look at; None for all.
    """
    chosen = None if among is None else set(among)
    before = GENESIS
    # From the events, not from the table that was made of them: these are chained and sealed.
    bodies = select(event.c.seq, event.c.body).where(event.c.stream == ACCESS_STREAM).order_by(event.c.seq)
    for number, body in conn.execute(bodies).all():
        seal: Any = parse(body).event
        previous, before = before, seal.digest
        if chosen is not None and number not in chosen:
            continue
        count, found = digest(conn, seal.first, seal.last, previous, algorithm)
        if (count, found) != (seal.count, seal.digest):
            kind = "removed" if count < seal.count else "added" if count > seal.count else "changed"
            yield Breach(number, seal.day, kind, seal.count, count)
