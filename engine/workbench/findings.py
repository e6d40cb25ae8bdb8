"""What is wrong with a model, element by element."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.definitions import read_definition
from engine.errors import InvalidDefinition


@dataclass(frozen=True)
class Finding:
    """One sentence on what is wrong and how to mend it.

    Attributes:
        element: Id of the element, empty for the whole model.
        severity: `error` hinders publishing, `warning` does not.
        path: The file it is about.
    """

    element: str
    rule: str
    severity: str
    zh: str
    en: str
    path: str = "process.bpmn"


def check_files(files: Mapping[str, bytes]) -> list[Finding]:
    """Return every finding of a model's files; never raises for what they hold."""
    try:
        read_definition(0, 0, dict(files))
    except InvalidDefinition as refused:
        return [Finding("", "definition", "error", m.zh, m.en) for m in refused.findings]
    return []
