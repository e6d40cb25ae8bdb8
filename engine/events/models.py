"""Models that designers work on."""

from dataclasses import dataclass

from engine.events.base import Event


@dataclass(frozen=True)
class ModelCreated(Event):
    """Somebody began a model; `files` maps path to SHA-256, `origin` says what it began from."""

    model_key: int
    name: str
    origin: str
    origin_key: int | None
    files: dict[str, str]


@dataclass(frozen=True)
class ModelSaved(Event):
    """A revision of a model; `changed` are the paths that differ from the one before."""

    model_key: int
    revision: int
    name: str
    files: dict[str, str]
    changed: list[str]
    note: str


@dataclass(frozen=True)
class ModelDiscarded(Event):
    """The model is worked on no longer; its revisions stay."""

    model_key: int


@dataclass(frozen=True)
class PublicationRequested(Event):
    """The author asks a second person to publish the model as it stands."""

    model_key: int
    revision: int
    effective_from: str | None
    notes: str
    basis: str


@dataclass(frozen=True)
class PublicationReturned(Event):
    """The second person gives the model back to be mended."""

    model_key: int
    revision: int
    reason: str


@dataclass(frozen=True)
class ModelPublished(Event):
    """The model became a version; `alone` says that nobody else could have published a changed statutory setting."""

    model_key: int
    revision: int
    definition_key: int
    version: int
    law_changed: bool
    alone: bool
