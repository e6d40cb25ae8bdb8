"""Everything that is wrong with a model, finished or not: one list for the browser and for publishing."""

from collections.abc import Mapping

from engine.definitions import examine
from engine.findings import Finding, Severity

__all__ = ["Finding", "Severity", "check_files"]


def check_files(files: Mapping[str, bytes]) -> list[Finding]:
    """Return what is wrong with the files of a model, errors first; raises nothing, whatever they hold.

    Args:
        files: Content by path: process.bpmn, forms/*.json, documents/*.html, decisions/*.dmn.
    """
    _, findings = examine(0, 0, dict(files))
    return sorted(findings, key=lambda found: found.severity)
