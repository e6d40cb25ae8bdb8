"""What designers may ask of models."""

from dataclasses import dataclass, field

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class CreateModel(Command):
    """Begin a model.

    Attributes:
        files: Content by path; with `definition_key` those of that version, and none are given.
        origin: What it began from, such as template:ln_art12_application or import.
    """

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    origin: str = "import"
    definition_key: int | None = None


@dataclass(frozen=True, kw_only=True)
class SaveModel(Command):
    """Keep changed files as the next revision.

    Attributes:
        base: The revision they were changed in.
        files: Path → content, None to take the file away.
        name: A new name of the model, None to leave it.
    """

    model_key: int
    base: int
    files: dict[str, bytes | None]
    note: str = ""
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class RestoreRevision(Command):
    """Make an earlier revision the newest; those between stay."""

    model_key: int
    revision: int


@dataclass(frozen=True, kw_only=True)
class DiscardModel(Command):
    """Work on a model no longer."""

    model_key: int


@dataclass(frozen=True, kw_only=True)
class RequestPublication(Command):
    """Ask a second person to publish the model as it stands."""

    model_key: int
    revision: int
    effective_from: str | None
    notes: str
    basis: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnPublication(Command):
    """Give a model back whose publication was asked for."""

    model_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PublishModel(Command):
    """Publish a model as the next version of its process.

    Attributes:
        revision: The one that was looked at; another one is not published in its place.
        effective_from: ISO day from which the version takes cases; None from now on.
    """

    model_key: int
    revision: int
    effective_from: str | None
    notes: str
    basis: str = ""
