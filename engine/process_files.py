"""The files of the shipped process definitions, and the document layout that all of them share."""

from collections.abc import Mapping
from pathlib import Path

PROCESSES = Path(__file__).parents[1] / "processes"
COMMON = PROCESSES / "common"
_SUFFIXES = (".bpmn", ".json", ".html", ".dmn")


def definition_files(folder: Path) -> dict[str, bytes]:
    """Return what a folder's definition is deployed with: its own files and the common ones it has no own of."""
    return with_common(_files(folder))


def with_common(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a definition that has documents with the common layout; its own file wins."""
    if not any(path.startswith("documents/") for path in files):
        return dict(files)
    return {**_files(COMMON), **files}


def shipped() -> list[Path]:
    """Return the folders of the definitions that come with the product."""
    return sorted(path.parent for path in PROCESSES.glob("*/process.bpmn"))


def profile_templates() -> dict[str, list[Path]]:
    """Return the definitions that ship for another law, by its profile; they are templates and not deployed."""
    found: dict[str, list[Path]] = {}
    for path in sorted((PROCESSES / "profiles").glob("*/*/process.bpmn")):
        found.setdefault(path.parts[-3], []).append(path.parent)
    return found


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in _SUFFIXES
    }
