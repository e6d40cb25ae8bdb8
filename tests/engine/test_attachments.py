"""A file is what its content says, its name may not deceive, and nothing is let through unscanned."""

import io
import socket
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.errors import InvalidInput, NotFound
from engine.file_checks import MAX_NAME, MAX_SIZE, fault, kind_of, tidy
from engine.scan import Infected, ScanFailed, Scanner
from engine.storage.tables import attachment
from tests.conftest import at_once
from tests.processes.office import case, task

PDF, PNG, JPG = b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOC, XLS = OLE + "WordDocument".encode("utf-16-le"), OLE + "Workbook".encode("utf-16-le")


def packed(*parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return content.getvalue()


OFD, DOCX, XLSX = packed("OFD.xml"), packed("word/document.xml"), packed("xl/workbook.xml")
MACROS = packed("word/document.xml", "word/vbaProject.bin")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("函.pdf", PDF),
        ("图.png", PNG),
        ("图.jpg", JPG),
        ("图.JPEG", JPG),
        ("公文.ofd", OFD),
        ("文.docx", DOCX),
        ("表.xlsx", XLSX),
        ("文.doc", DOC),
        ("表.xls", XLS),
        ("2026.6.8 第1.2版 函.pdf", PDF),
    ],
)
def test_a_file_whose_content_agrees_with_its_name_is_taken(name: str, content: bytes) -> None:
    assert fault(name, content) is None


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        pytest.param("函.pdf", b"MZ\x90\0" + b"\0" * 60, "exe", id="a program called pdf"),
        pytest.param("函.pdf", PNG, "png", id="a picture called pdf"),
        pytest.param("文.docx", XLSX, "xlsx", id="a sheet called document"),
        pytest.param("文.docx", packed("a.txt"), "zip", id="any archive called document"),
        pytest.param("文.docx", MACROS, "docm", id="a document with macros"),
        pytest.param("文.doc", XLS, "xls", id="an old sheet called document"),
        pytest.param("公文.ofd", DOCX, "docx", id="a document called OFD"),
        pytest.param("文.docx", b"PK\x03\x04broken", "zip", id="a broken archive"),
        pytest.param("图.png", "图片".encode(), "不能识别的内容", id="text called picture"),
    ],
)
def test_content_that_disagrees_is_refused_with_what_was_expected_and_found(
    name: str, content: bytes, found: str
) -> None:
    refused = fault(name, content)

    assert refused is not None
    assert f"应为{name.rpartition('.')[2]}文件" in refused.zh and found in refused.zh


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("../etc/函.pdf", "不应含有路径", id="a path"),
        pytest.param("C:\\函.pdf", "不应含有路径", id="a path of Windows"),
        pytest.param("函\u202efdp.exe.pdf", "不可见字符", id="turned reading direction"),
        pytest.param("函\u200b.pdf", "不可见字符", id="a character nobody sees"),
        pytest.param("函\n.pdf", "控制字符", id="a line break"),
        pytest.param("函.exe.pdf", "可执行文件", id="two endings"),
        pytest.param("函.JS.pdf", "可执行文件", id="two endings in capitals"),
        pytest.param("函" * MAX_NAME + ".pdf", "过长", id="too long"),
        pytest.param("函.exe", "不受支持", id="a program"),
        pytest.param("函", "不受支持", id="no ending"),
        pytest.param("...", "不应含有路径", id="dots alone"),
    ],
)
def test_a_name_that_deceives_is_refused(name: str, why: str) -> None:
    refused = fault(name, PDF)

    assert refused is not None and why in refused.zh
    assert "\u202e" not in refused.zh


@pytest.mark.parametrize("content", [b"", PDF + b"\0" * MAX_SIZE])
def test_an_empty_and_a_huge_file_are_refused(content: bytes) -> None:
    refused = fault("函.pdf", content)

    assert refused is not None and "20 MB" in refused.zh


def test_a_name_is_kept_in_composed_form() -> None:
    assert tidy(" re\u0301sume\u0301.pdf ") == "résumé.pdf"


def test_what_nothing_tells_has_no_kind() -> None:
    assert kind_of(b"hello") == ""


def _store(desk: Desk, key: int, *files: tuple[str, bytes]) -> dict[str, Any]:
    row = task(desk, key, "T12-04")
    return desk.engine.handle(
        c.StoreAttachments(
            actor=desk.actor(row.organisation_key, "handler"), task_key=row.key, files=tuple(files)
        )
    )


def test_the_same_content_under_another_name_is_told(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))

    alone = _store(desk, key, ("函.pdf", PDF))
    later = _store(desk, key, ("函（副本）.pdf", PDF), ("图.png", PNG))
    [first], [again, _] = alone["attachments"], later["attachments"]

    assert (alone["same_as"], later["same_as"]) == ({}, {again["key"]: "函.pdf"})
    assert again["sha256"] == first["sha256"] and len(first["sha256"]) == 64


# The scanner

SCRIPT = """
import sys, time
content = sys.stdin.buffer.read()
if b"EICAR" in content: sys.exit(1)
if b"BROKEN" in content: sys.exit(2)
"""


@pytest.fixture
def scanned(engine: Engine, tmp_path: Path) -> Engine:
    script = tmp_path / "scan.py"
    script.write_text(SCRIPT)
    engine._scanner = Scanner(f"{sys.executable} {script}")
    return engine


def test_an_infected_file_is_refused_and_a_clean_one_is_kept(scanned: Engine, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))

    with pytest.raises(Infected, match="含有病毒") as refused:
        _store(desk, key, ("图.png", PNG), ("函.pdf", PDF + b"EICAR"))
    assert refused.value.code == "infected"
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(attachment)).first() is None
    assert len(_store(desk, key, ("函.pdf", PDF))["attachments"]) == 1


def test_a_file_that_could_not_be_scanned_is_never_let_through(scanned: Engine, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))

    with pytest.raises(ScanFailed) as refused:
        _store(desk, key, ("函.pdf", PDF + b"BROKEN"))
    assert refused.value.code == "scan_failed"
    assert isinstance(refused.value, InvalidInput)


@pytest.mark.parametrize("how", ["/nowhere/scanner -", "clamd:/nowhere/clamd.ctl", "clamd:127.0.0.1:1"])
def test_a_scanner_that_is_not_there_lets_nothing_through(how: str) -> None:
    with pytest.raises(ScanFailed):
        Scanner(how).check(c.StoreAttachments(actor=None, task_key=1, files=(("函.pdf", PDF),)))


def test_a_scanner_that_never_answers_lets_nothing_through() -> None:
    endless = f"{sys.executable} -c 'import threading; threading.Event().wait()'"

    with pytest.raises(ScanFailed):
        Scanner(endless, patience=0.3).check(
            c.StoreAttachments(actor=None, task_key=1, files=(("函.pdf", PDF),))
        )


def test_a_table_of_records_is_scanned_too(scanned: Engine) -> None:
    with pytest.raises(Infected):
        scanned._scanner.check(
            c.StoreRecords(actor=None, task_key=1, component="x", name="表.csv", content=b"EICAR")
        )


@pytest.mark.parametrize(
    ("answer", "refused"),
    [(b"stream: OK\0", None), (b"stream: Eicar FOUND\0", Infected), (b"INSTREAM size limit\0", ScanFailed)],
)
def test_clamd_is_asked_by_its_own_protocol(answer: bytes, refused: type[InvalidInput] | None) -> None:
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = server.accept()
        with line:
            stream = line.makefile("rb")
            heard.append(stream.read(10))
            while size := int.from_bytes(stream.read(4), "big"):
                heard.append(stream.read(size))
            line.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    scanner = Scanner(f"clamd:127.0.0.1:{server.getsockname()[1]}")
    command = c.StoreAttachments(actor=None, task_key=1, files=(("函.pdf", PDF),))
    if refused is None:
        scanner.check(command)
    else:
        with pytest.raises(refused):
            scanner.check(command)
    thread.join()
    server.close()

    assert heard == [b"zINSTREAM\0", PDF]


def test_an_archive_with_an_endless_directory_is_no_document() -> None:
    """Reading twenty megabytes of names takes seconds, in which no other command runs."""
    content = packed("word/document.xml", *(f"{n:06x}" for n in range(30_000)))

    found = fault("文.docx", content)

    assert found is not None and "实为zip文件" in found.zh


def test_a_file_of_a_draft_is_its_departments_alone_until_it_is_handed_in(desk: Desk) -> None:
    """C.6: what the provider has uploaded for a reply says before its day what the reply will be."""
    key = at_once(deliver(desk, 1))
    stored = _store(desk, key, ("函.pdf", PDF))["attachments"][0]
    provider = desk.actor(case(desk, key).providing_key, "head")
    applicant = desk.actor(case(desk, key).using_key, "handler")

    assert desk.engine.queries.attachment(provider, int(stored["key"]))[0] == PDF
    for stranger in (applicant, desk.engine.accounts.actor_named("audit")):
        with pytest.raises(NotFound):
            desk.engine.queries.attachment(stranger, int(stored["key"]))
