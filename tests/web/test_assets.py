"""The built front end: what a page of it needs."""

import pytest

from web import assets


def test_styles_of_what_is_shared_are_found_however_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    built = {
        "src/page.js": {"imports": ["_drawing.js", "_common.js"], "css": ["page.css"]},
        "_drawing.js": {"imports": ["_library.js", "_common.js"]},
        "_library.js": {"css": ["library.css"]},
        "_common.js": {"css": ["common.css"]},
    }
    monkeypatch.setattr(assets, "_manifest", lambda: built)

    assert assets.styles("page") == ["build/page.css", "build/common.css", "build/library.css"]
