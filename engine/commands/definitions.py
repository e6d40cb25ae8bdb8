"""What may be asked of process definitions."""

from dataclasses import dataclass

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class DeployDefinition(Command):
    """Publish a process definition with its forms and documents, by path."""

    files: dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class SuspendDefinition(Command):
    """Let no case start under a version, and as the newest in force under none; running cases go on."""

    definition_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ResumeDefinition(Command):
    """Let a suspended version take cases again."""

    definition_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RetireDefinition(Command):
    """Let a version take no case for good; another one in force stands in its place."""

    definition_key: int
    reason: str
