"""Reading an archive that anybody may have made: bounded in number, size and names, nothing is unpacked to disk."""

import re
import zipfile
from typing import BinaryIO

from engine.history.breaks import Broken

MAX_FILES = 5_000
MAX_BYTES = 256 * 1024 * 1024  # all of it is held in memory
MAX_RATIO = 400  # Deflate reaches 1032 on nothing but zeros; a long history reaches some tens
_SMALL = 1024 * 1024
_NAME = re.compile(r"[\w〔〕（）《》、·．()\-+=@ .]+(?:/[\w〔〕（）《》、·．()\-+=@ .]+)*")


def is_archive(file: BinaryIO) -> bool:
    """Say whether a file begins as a zip archive does; leaves it at its beginning."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    return head in (b"PK\x03\x04", b"PK\x05\x06")


def read_archive(file: BinaryIO) -> dict[str, bytes]:
    """Return the files of an archive by name.

    Raises:
        Broken: it is none, too large, encrypted, or holds a name twice or one that is no plain path.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _entries(archive)
            return {entry.filename: _content(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as fault:
        raise Broken(
            "archive", "压缩包已损坏，或者不是压缩包。", f"Expected a zip archive, found: {str(fault)[:200]}"
        ) from fault
    except Exception as fault:
        if isinstance(fault, Broken):
            raise
        # zlib has an error of its own, which is none of the above
        raise Broken("archive", "压缩包已损坏。", f"The archive is damaged: {str(fault)[:200]}") from fault


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        _too_large(f"{len(entries)}个文件", f"{len(entries)} files")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if not _NAME.fullmatch(name) or {".", ".."} & set(name.split("/")) or len(name) > 200:
            raise Broken(
                "name",
                f"压缩包中的文件名{name[:60]!r}不是普通的相对路径。",
                f"Expected plain relative paths, found {name[:60]!r}.",
                found=name[:200],
            )
        if name in seen:
            raise Broken(
                "duplicate",
                f"压缩包中有两个{name}。",
                f"Two entries of the archive are called {name}.",
                found=name,
            )
        seen.add(name)
        if entry.flag_bits & 1:
            raise Broken(
                "archive", f"{name}已加密。", f"Expected nothing encrypted, found {name}.", found=name
            )
        if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            _too_large(f"{name}的压缩比异常", f"{name}, packed beyond {MAX_RATIO}:1")
    if (total := sum(entry.file_size for entry in entries)) > MAX_BYTES:
        _too_large(f"解压后{total}字节", f"{total} bytes unpacked")
    return entries


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as opened:
        # What the directory says of the size may be a lie.
        content = opened.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        _too_large(
            f"{entry.filename}的实际大小与目录不符", f"{entry.filename}, of another size than its entry says"
        )
    return content


def _too_large(zh: str, en: str) -> None:
    raise Broken(
        "archive",
        f"压缩包超出限度：{zh}（至多{MAX_FILES}个文件、{MAX_BYTES // 2**20}MB）。",
        f"Expected at most {MAX_FILES} files and {MAX_BYTES // 2**20} MB, found {en}.",
    )
