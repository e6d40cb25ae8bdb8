"""The files of a model: which there may be, how large, and in which encoding they are kept."""

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping

from engine.bpmn.reader import SHIXIAN
from engine.bpmn.xml import MAX_BYTES, as_file, parse_xml, processes_in
from engine.elements import BPMN
from engine.errors import InvalidInput
from engine.process_files import PROCESS

MAX_FILES = 300
MAX_TOTAL = 20_000_000
_PATH = re.compile(
    r"process\.bpmn|README\.md|forms/[^/]{1,80}\.json|decisions/[^/]{1,80}\.dmn"
    r"|documents/[^/]{1,80}\.html|scenarios/[^/]{1,80}\.json"
)
_DECLARED = re.compile(rb"""\A(<\?xml[^>]{0,99}?)\s{1,9}encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]+)["']""")
# The encodings that editors write; Python knows others, some of which take hours or yield what is no text.
_ENCODINGS = frozenset(
    {"utf-8", "utf-16", "ascii", "us-ascii", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252"}
    | {"gb2312", "gbk", "gb18030", "big5"}
)
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def checked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files, each in UTF-8.

    Raises:
        InvalidInput: a path that no model has, too much, or a text that cannot be read.
    """
    must_fit(len(files), sum(map(len, files.values())))
    return {path: as_utf8(must_be_path(path), content) for path, content in files.items()}


def must_fit(files: int, size: int) -> None:
    """Refuse a model of too many files, or of too many bytes in all.

    Raises:
        InvalidInput: it is.
    """
    if files > MAX_FILES or size > MAX_TOTAL:
        raise InvalidInput(
            f"一个模型不得超过{MAX_FILES}个文件、{MAX_TOTAL // 1_000_000} MB。",
            f"Expected at most {MAX_FILES} files and {MAX_TOTAL} bytes.",
        )


def must_be_path(path: str) -> str:
    """Return the path if a model may have a file there.

    Raises:
        InvalidInput: it may not.
    """
    if not _PATH.fullmatch(path) or ".." in path or "\\" in path:
        raise InvalidInput(
            f"文件“{path[:100]}”不能作为模型的一部分，应为 process.bpmn、forms/*.json、decisions/*.dmn、"
            "documents/*.html 或者 scenarios/*.json。",
            f"Expected process.bpmn or a file of forms, decisions, documents or scenarios, found {path[:100]!r}.",
        )
    return path


def as_utf8(path: str, content: bytes) -> bytes:
    """Return a text in UTF-8 whatever it came in; an XML declaration says so afterwards.

    Raises:
        InvalidInput: larger than `MAX_BYTES`, or bytes that are not in the encoding they claim.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInput(
            f"文件“{path}”超过{MAX_BYTES // 1_000_000} MB。",
            f"Expected at most {MAX_BYTES} bytes, found {len(content)} in {path}.",
        )
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    declared = _DECLARED.match(content)
    encoding = marked or (declared.group(2).decode().lower() if declared else "utf-8")
    try:
        if marked is None and encoding not in _ENCODINGS:
            raise LookupError(encoding)
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise InvalidInput(
            f"文件“{path}”不是 {encoding} 编码的文字，请另存为 UTF-8 后重试。",
            f"Expected {path} to be text in {encoding}.",
        ) from None
    found = text.encode()
    return _DECLARED.sub(rb'\1 encoding="UTF-8"', found, count=1)


def from_upload(name: str, content: bytes) -> dict[str, bytes]:
    """Return the files of an uploaded .bpmn, or of a .zip that holds a model.

    Raises:
        InvalidInput: neither of them, or an archive that is broken, too large or has other files.
    """
    if not content.startswith(b"PK\x03\x04"):
        if not name.lower().endswith((".bpmn", ".xml")):
            raise InvalidInput(
                "请选择 .bpmn 文件，或者导出的 .zip 文件。",
                f"Expected a .bpmn or .zip file, found {name[:100]!r}.",
            )
        return checked({PROCESS: content})
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_TOTAL:
                raise InvalidInput(
                    f"压缩文件内容过多，不得超过{MAX_FILES}个文件、{MAX_TOTAL // 1_000_000} MB。",
                    f"Expected at most {MAX_FILES} files and {MAX_TOTAL} bytes in the archive.",
                )
            files = {entry.filename: archive.read(entry) for entry in entries}
    except (
        *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError),
        *(RuntimeError, OSError, EOFError, ValueError),
    ):
        raise InvalidInput(
            "压缩文件已损坏或者加密，请重新导出。", "Expected a readable .zip archive."
        ) from None
    if PROCESS not in files:
        raise InvalidInput(
            "压缩文件中没有 process.bpmn。", "Expected process.bpmn in the archive, found none."
        )
    return checked(files)


def archived(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a .zip; the same files are the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def with_effective_from(xml: bytes, day: str | None) -> bytes:
    """Return a BPMN file whose process says from which day it is in force; unchanged where it says so already.

    Raises:
        InvalidDefinition: not well-formed XML.
    """
    root = parse_xml(xml, comments=True)
    name = f"{{{SHIXIAN}}}effectiveFrom"
    changed = False
    for process in root.findall(f"{{{BPMN}}}process"):
        if (process.get(name) or None) != day:
            changed = True
            process.attrib.pop(name, None)
            if day:
                process.set(name, day)
    return as_file(root) if changed else xml


def effective_from(xml: bytes) -> str:
    """Return the day of force that a BPMN file states; empty where it states none or cannot be read."""
    processes = processes_in(xml)
    return str(processes[0].get(f"{{{SHIXIAN}}}effectiveFrom", "")) if processes else ""


def process_id_of(xml: bytes) -> str:
    """Return the id of the only process of a BPMN file, else nothing."""
    processes = processes_in(xml)
    return str(processes[0].get("id", "")) if len(processes) == 1 else ""
