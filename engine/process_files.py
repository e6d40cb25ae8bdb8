"""The files of the shipped process definitions, and the document layout that all of them share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROCESS = "process.bpmn"
"""The diagram among the files of a definition."""
PROCESSES = Path(__file__).parents[1] / "processes"
COMMON = PROCESSES / "common"
_NAME = re.compile(r'<bpmn:process id="[^"]*" name="([^"]*)"')
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
    return sorted(path.parent for path in PROCESSES.glob(f"*/{PROCESS}"))


@dataclass(frozen=True)
class Template:
    """What a model can begin from: the folder of a procedure, or of the blank one."""

    id: str
    name: str
    folder: Path


def templates() -> list[Template]:
    """Return what a model can begin from: the blank template first, then the procedures that ship."""
    blank = sorted(path.parent for path in (PROCESSES / "templates").glob(f"*/{PROCESS}"))
    return [Template(folder.name, _name(folder), folder) for folder in (*blank, *shipped())]


def _name(folder: Path) -> str:
    found = _NAME.search((folder / PROCESS).read_text(encoding="utf-8"))
    return found[1] if found else folder.name


def profile_templates() -> dict[str, list[Template]]:
    """Return the definitions that ship for another law, by its profile; they are templates and not deployed."""
    found: dict[str, list[Template]] = {}
    for path in sorted((PROCESSES / "profiles").glob(f"*/*/{PROCESS}")):
        folder, profile = path.parent, path.parts[-3]
        found.setdefault(profile, []).append(Template(f"{profile}/{folder.name}", _name(folder), folder))
    return found


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in _SUFFIXES
    }
