"""Models that designers work on: the list, one with its files, its revisions and what happened to it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import Row, select

from engine.definitions import stored_files, version_files
from engine.errors import Message, NotFound
from engine.handlers import publication
from engine.handlers.parties import other_designers_of
from engine.history.chain import parse
from engine.history.words import sentence
from engine.people import Actor
from engine.process_files import PROCESS
from engine.queries.reader import Reader
from engine.queries.versions import Happening
from engine.storage.tables import event, model, model_revision, process_definition
from engine.workbench.files import process_id_of

_m, _r = model.c, model_revision.c
OPEN = ("editing", "requested")


@dataclass(frozen=True)
class ModelLine:
    """A model in the list."""

    key: int
    name: str
    state: str  # editing, requested, published or discarded
    revision: int
    origin: str
    origin_key: int | None
    created_by: str
    saved_by: str
    saved_at: datetime
    requested_by: str | None
    definition_key: int | None


@dataclass(frozen=True)
class Revision:
    """One saving of a model."""

    revision: int
    saved_by: str
    saved_at: datetime
    changed: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class ModelView:
    """A model with the content of a revision.

    Attributes:
        files: Content by path.
        authors: Keys of everybody who saved a revision.
    """

    line: ModelLine
    revision: int
    files: dict[str, bytes]
    effective_from: date | None
    notes: str
    basis: str
    returned: str | None
    authors: frozenset[int]
    trail: tuple[Happening, ...]

    @property
    def key(self) -> int:
        """The model's key."""
        return self.line.key

    @property
    def name(self) -> str:
        """What its designers call it."""
        return self.line.name

    @property
    def origin_key(self) -> int | None:
        """The version it began from."""
        return self.line.origin_key

    @property
    def open(self) -> bool:
        """Whether it may still be edited."""
        return self.line.state in OPEN

    @cached_property
    def process_id(self) -> str:
        """The id of its process; empty where the file has none, or several."""
        return process_id_of(self.files.get(PROCESS, b""))


def models(reader: Reader, actor: Actor) -> list[ModelLine]:
    """Return the models that are worked on or wait for publication, then the last that were published.

    Raises:
        NotAllowed: not a designer.
    """
    actor.must_hold("designer")
    waiting = select(model).where(_m.state.in_(OPEN)).order_by(_m.saved_at.desc(), _m.key.desc())
    done = select(model).where(_m.state == "published").order_by(_m.saved_at.desc(), _m.key.desc()).limit(20)
    rows = [*reader.conn.execute(waiting), *reader.conn.execute(done)]
    return [_line(reader, row) for row in rows]


def model_view(reader: Reader, actor: Actor, key: int, revision: int | None = None) -> ModelView:
    """Return a model with the files of its newest revision, or of an earlier one.

    Raises:
        NotAllowed: not a designer.
        NotFound: no such model or revision.
    """
    actor.must_hold("designer")
    row = reader.conn.execute(select(model).where(_m.key == key)).first()
    if row is None:
        raise NotFound("没有该模型。", f"Expected a model {key}, found none.")
    wanted = row.revision if revision is None else revision
    names = reader.conn.execute(select(_r.files).where(_r.model_key == key, _r.revision == wanted)).scalar()
    if names is None:
        raise NotFound(f"没有第{wanted}次修订。", f"Expected a revision {wanted} of the model, found none.")
    authors = reader.conn.execute(select(_r.saved_by).where(_r.model_key == key).distinct()).scalars()
    return ModelView(
        line=_line(reader, row),
        revision=wanted,
        files=stored_files(reader.conn, names),
        effective_from=row.effective_from,
        notes=row.notes,
        basis=row.basis,
        returned=row.returned,
        authors=frozenset(authors),
        trail=_trail(reader, key),
    )


def revisions(
    reader: Reader, actor: Actor, key: int, before: int | None = None, limit: int = 50
) -> list[Revision]:
    """Return revisions, newest first; the first one is the model as it began.

    Args:
        before: Only those before this one.

    Raises:
        NotAllowed: not a designer.
    """
    actor.must_hold("designer")
    query = select(model_revision).where(_r.model_key == key).order_by(_r.revision.desc()).limit(limit)
    rows = reader.conn.execute(query if before is None else query.where(_r.revision < before))
    return [
        Revision(r.revision, reader.person(r.saved_by) or "", r.saved_at, tuple(r.changed), r.note)
        for r in rows
    ]


def newest_version(reader: Reader, process_id: str) -> int | None:
    """Return the key of the newest published version of a process, whether or not in force."""
    d = process_definition.c
    query = select(d.key).where(d.process_id == process_id).order_by(d.version.desc()).limit(1)
    found: int | None = reader.conn.execute(query).scalar()
    return found


def files_of_version(reader: Reader, key: int) -> dict[str, bytes]:
    """Return the files of a published version, by path."""
    return version_files(reader.conn, key)


def statutory_changes(
    reader: Reader, process_id: str, effective: date | None, today: date, files: dict[str, bytes]
) -> tuple[Message, ...]:
    """Return what publishing the files would change in statutory limits; see the handler's rule of the second person."""
    return publication.statutory_changes(reader.conn, process_id, effective, today, files)


def other_designers(reader: Reader, actor: Actor) -> int:
    """Return how many other designers the person's department has."""
    return len(other_designers_of(reader.conn, actor))


def _line(reader: Reader, row: Row[tuple[object, ...]]) -> ModelLine:
    return ModelLine(
        key=row.key,
        name=row.name,
        state=row.state,
        revision=row.revision,
        origin=row.origin,
        origin_key=row.origin_key,
        created_by=reader.person(row.created_by) or "",
        saved_by=reader.person(row.saved_by) or "",
        saved_at=row.saved_at,
        requested_by=reader.person(row.requested_by),
        definition_key=row.definition_key,
    )


def _trail(reader: Reader, key: int) -> tuple[Happening, ...]:
    """What happened but for the savings, which the list of revisions shows; newest first."""
    query = (
        select(event.c.body)
        .where(event.c.stream == key, event.c.type.not_in(("ModelSaved", "NoticeSent")))
        .order_by(event.c.seq.desc())
    )
    found = []
    for body in reader.conn.execute(query).scalars():
        recorded = parse(body)
        text = sentence(recorded.event, reader.org, reader.person)
        found.append(Happening(recorded.recorded_at, recorded.author.name, text))
    return tuple(found)
