"""The built front end: which file stands behind a name, and how it travels."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from whitenoise import WhiteNoise

STATIC = Path(__file__).parent / "static"
BUILD = STATIC / "build"
_HASHED = r"^.*/assets/.+-[0-9a-zA-Z_-]{8}\.\w+$"


def serve(app: Flask) -> None:
    """Answer for the built files before Flask does: compressed when they were built, kept by the browser for good."""
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=STATIC,
        prefix="static/",
        immutable_file_test=_HASHED,
        allow_all_origins=False,
        add_headers_function=lambda headers, path, url: headers.add_header(
            "X-Content-Type-Options", "nosniff"
        ),
    )


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
    parts = [f"src/{entry}.js"]
    for part in parts:  # grows: what is shared may itself import what is shared
        parts += [name for name in _manifest()[part].get("imports", ()) if name not in parts]
    return [f"build/{name}" for part in parts for name in _manifest()[part].get("css", ())]
