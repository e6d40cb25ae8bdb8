"""What can be compared: published versions for whom versions concern, models for designers."""

from dataclasses import dataclass, field

from engine.errors import NotFound
from engine.keys import key_of
from engine.people import Actor
from engine.queries import models
from engine.queries.reader import Reader
from engine.queries.versions import VersionLine, must_see, version_line


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        token: How an address names it: v and the key of a version; m, the key of a model, r and a revision.
        version: Of a published version; None for a model.
        revision: Of a model.
    """

    token: str
    name: str
    process_id: str
    files: dict[str, bytes] = field(repr=False)
    version: VersionLine | None = None
    model_key: int | None = None
    revision: int | None = None
    origin_key: int | None = None


def side(reader: Reader, actor: Actor, token: str) -> Side:
    """Return a version or a revision of a model with its files.

    Raises:
        NotAllowed: the reader may not see versions, or is no designer and asks for a model.
        NotFound: no such version, model or revision.
    """
    kind, rest = token[:1], token[1:]
    number, _, revision = rest.partition("r")
    if not _is_key(number) or (revision and not _is_key(revision)):
        raise NotFound("没有可以比较的这一版本。", f"Expected a version or model, found {token[:40]!r}.")
    if kind == "v" and not revision:
        return version_side(reader, actor, int(number))
    if kind == "m":
        return _model_side(reader, actor, int(number), int(revision) if revision else None)
    raise NotFound("没有可以比较的这一版本。", f"Expected a version or model, found {token[:40]!r}.")


def version_side(reader: Reader, actor: Actor, key: int) -> Side:
    """Return a published version with its files.

    Raises:
        NotAllowed: the reader is none of those whom versions concern.
        NotFound: no such version.
    """
    must_see(actor)
    line = version_line(reader, key)
    files = models.files_of_version(reader, key)
    return Side(f"v{key}", line.name, line.process_id, files, version=line)


def _model_side(reader: Reader, actor: Actor, key: int, revision: int | None) -> Side:
    view = models.model_view(reader, actor, key, revision)
    token = f"m{key}r{revision}" if revision else f"m{key}"
    return Side(
        token,
        view.name,
        view.process_id,
        view.files,
        model_key=key,
        revision=view.revision,
        origin_key=view.origin_key,
    )


def _is_key(text: str) -> bool:
    return key_of(text) is not None
