"""The case file (E-18, 案件流程档案): one archive `*.shixian.zip`, format version 1.

| name | what it is |
|---|---|
| `manifest.json` | case, head, seal, and every other file with its SHA-256 and size |
| `history.shixian.jsonl` | the case's history: `engine.history.export` |
| `evidence/calendar.shixian.jsonl` | the history of the working calendar: every notice, and when it was known |
| `evidence/definition-KEY.shixian.jsonl` | the history of a version that applied: the hashes of its files |
| `model/VERSION/…` | the files of each version that applied |
| `calendar/layers.json` | whose local rules count for each department that owed an act, outermost first |
| `calendar/notices.json` | the notices that the case's limits rest on, to read |
| `forms/forms.json` | what was filled in, event by event, before and after, to read |
| `documents/KEY.html`, `.pdf` | issued documents; the HTML's hash stands in the history |
| `attachments/SHA256` | files handed in, by the hash that the history names |
| `xes/…` | the history as an IEEE 1849 log |
| `report.html`, `report.pdf` | the same for reading |

The same case at the same instant gives the same bytes.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import orjson

FORMAT = "shixian.case-file"
VERSION = 1
SUFFIX = ".shixian.zip"
MANIFEST = "manifest.json"
HISTORY = "history.shixian.jsonl"
CALENDAR = "evidence/calendar.shixian.jsonl"
LAYERS = "calendar/layers.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can hold; the hour of packing is in the manifest


def definition_history(key: int) -> str:
    """Return the name of the history of a version."""
    return f"evidence/definition-{key}.shixian.jsonl"


def model_file(version: int, path: str) -> str:
    """Return the name of a file of a version."""
    return f"model/{version}/{path}"


def document_file(key: int, ending: str = "html") -> str:
    """Return the name of an issued document."""
    return f"documents/{key}.{ending}"


def attachment_file(sha256: str) -> str:
    """Return the name of a file that was handed in."""
    return f"attachments/{sha256}"


def log_file(number: str) -> str:
    """Return the name of the log for process mining; names of persons are in it as they are in the history."""
    return f"xes/{number}.xes"


def manifest(files: Mapping[str, bytes], facts: Mapping[str, Any]) -> bytes:
    """Return the manifest of an archive; `facts` are about the case."""
    return orjson.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            **facts,
            "files": {
                name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
                for name, content in sorted(files.items())
            },
        },
        option=orjson.OPT_INDENT_2,
    )


def pack(files: Mapping[str, bytes], facts: Mapping[str, Any]) -> bytes:
    """Return the archive of these files with their manifest in front."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in ((MANIFEST, manifest(files, facts)), *sorted(files.items())):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content)
    return made.getvalue()
