"""What the workbench keeps in memory: it goes with its application."""

import gc
import weakref
from datetime import datetime
from pathlib import Path

import pytest

from engine.app import Engine
from engine.periods import BEIJING
from web import create_app
from web.config import Settings
from web.designer.workshop import workshop

MONDAY = datetime(2026, 6, 8, 10, tzinfo=BEIJING)


def test_what_the_workbench_keeps_goes_with_its_application(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    app = create_app(Settings(rehearsal=True), engine)
    with app.app_context():
        room = weakref.ref(workshop())
        workshop().scratches.open(MONDAY, (), ()).close()
    assert len(list(tmp_path.glob("shixian-scratch-*"))) == 1

    del app
    gc.collect()

    assert room() is None
    assert list(tmp_path.glob("shixian-scratch-*")) == []
