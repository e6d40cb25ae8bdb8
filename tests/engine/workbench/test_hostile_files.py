"""Files that somebody sends to do harm: refused in a moment, and in words."""

import io
import time
import zipfile
from collections.abc import Mapping
from datetime import datetime

import pytest

from engine.bpmn import read_process
from engine.calendar import ChinaWorkingCalendar, load_notices
from engine.errors import InvalidInput
from engine.periods import BEIJING
from engine.process_files import PROCESSES, definition_files
from engine.profiles import profiles
from engine.workbench.compare import compare
from engine.workbench.files import as_utf8, from_upload, process_id_of
from engine.workbench.limit_preview import preview, with_settings
from engine.workbench.scenario import ScenarioFault, read_scenario
from engine.workbench.words import reword

NOTICES = PROCESSES / "calendars/notices.yaml"
SECONDS = 5
"""More than any of them takes here, far less than what each took before it was bounded."""


def archive(method: int) -> bytes:
    """Return an archive whose packed content is broken."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as packed:
        packed.writestr("process.bpmn", "<a/>" * 1000)
    content = bytearray(held.getvalue())
    start = content.find(b"process.bpmn") + 12 + (9 if method == zipfile.ZIP_LZMA else 0)
    content[start : start + 8] = b"\xff" * 8
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="unicode_escape"?>\\ud800',
        b'<?xml version="1.0" encoding="undefined"?>x',
        b'<?xml version="1.0" encoding="utf-7"?>+2AA-',
        b'<?xml version="1.0" encoding="punycode"?>' + b"a9" * 500_000,
    ],
)
def test_an_encoding_that_no_editor_writes_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="编码"):
        as_utf8("process.bpmn", content)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_broken_archive_is_refused(method: int) -> None:
    with pytest.raises(InvalidInput, match="已损坏"):
        from_upload("a.zip", archive(method))


def text(content: bytes) -> Mapping[str, bytes]:
    return {"process.bpmn": b"<a/>", "documents/E-3.html": content}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(b"<" * 1_000_000 + b"x", b"<" * 1_000_000 + b"y", id="brackets"),
        pytest.param(b"a\n" * 500_000, b"a\n" * 500_001 + b"b", id="the same line again and again"),
    ],
)
def test_texts_that_resemble_themselves_are_compared_in_a_moment(one: bytes, other: bytes) -> None:
    begun = time.process_time()

    assert compare(text(one), text(other)).differences

    assert time.process_time() - begun < SECONDS


def test_templates_of_beginnings_are_read_in_a_moment() -> None:
    begun = time.process_time()

    first, second = list(profiles().values())[:2]
    reword({**text(b"{{" * 500_000)}, first, second)
    assert compare(text(b"x"), text(b"{{" * 120_000)).differences

    assert time.process_time() - begun < SECONDS


def test_a_head_of_blanks_is_read_in_a_moment() -> None:
    begun = time.process_time()

    as_utf8("process.bpmn", b"<?xml" + b" " * 1_000_000)
    assert process_id_of(b"<process " * 100_000) == ""

    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"id": "a", "start": {"at": "9999-12-31T23:59"}}',
        b'{"id": "a", "start": {"at": "0001-01-01T00:00"}}',
        b'{"id": "a", "start": {"at": "2026-06-08T10:00"}, "steps": [{"clock": {"to": "9999-12-31T23:59"}}]}',
    ],
)
def test_a_scenario_that_nobody_recorded_is_told(content: bytes) -> None:
    with pytest.raises(ScenarioFault):
        read_scenario(content)


def test_a_limit_of_millennia_is_not_counted() -> None:
    calendar = ChinaWorkingCalendar(list(load_notices(NOTICES)), (), estimate=True)
    process = read_process(definition_files(PROCESSES / "ln_art12_application")["process.bpmn"])
    begun = time.process_time()

    found = preview(
        with_settings(process, {"p12.reply_wd": "2000000"}),
        calendar,
        datetime(2026, 6, 8, 10, tzinfo=BEIJING),
    )

    assert next(x for x in found if x.setting.key == "p12.reply_wd").why_not == "setting"
    assert time.process_time() - begun < SECONDS
