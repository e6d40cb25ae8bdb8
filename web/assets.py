"""The built front end: which file stands behind a name."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

BUILD = Path(__file__).parent / "static" / "build"


@lru_cache(maxsize=1)
def _manifest() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RuntimeError("Expected a built front end, found none: run `make build`") from None
    return found


def script(entry: str) -> str:
    """Return the path under static/ of an entry's script."""
    return f"build/{_manifest()[f'src/{entry}.js']['file']}"


def styles(entry: str) -> list[str]:
    """Return the paths under static/ of an entry's style sheets, and of what it shares with other entries."""
    own = _manifest()[f"src/{entry}.js"]
    parts = [own, *(_manifest()[name] for name in own.get("imports", ()))]
    return [f"build/{name}" for part in parts for name in part.get("css", ())]
