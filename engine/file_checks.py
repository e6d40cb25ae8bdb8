"""What a file is by its content, and whether its name may stand: pure."""

import io
import unicodedata
import zipfile

import filetype

from engine.errors import Message

TYPES = ("pdf", "ofd", "doc", "docx", "xls", "xlsx", "jpg", "jpeg", "png")
MAX_SIZE = 20 * 1024 * 1024
MAX_NAME = 120
_MAX_DIRECTORY = 1024 * 1024
_SAME = {"jpeg": "jpg"}
_RUN = frozenset(
    "exe com bat cmd scr pif msi msp dll cpl js jse vbs vbe wsf wsh ps1 sh bash py jar lnk hta reg html htm svg".split()
)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = (("doc", "WordDocument"), ("xls", "Workbook"), ("xls", "Book"))
_PARTS = (("ofd", "OFD.xml"), ("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml"))


def tidy(name: str) -> str:
    """Return a file's name in composed form, without blanks around it."""
    return unicodedata.normalize("NFC", name).strip()


def fault(name: str, content: bytes) -> Message | None:
    """Return why a file may not be handed in, None where it may.

    Args:
        name: As `tidy` returns it.
    """
    return _name_fault(name) or _size_fault(name, content) or _content_fault(name, content)


def kind_of(content: bytes) -> str:
    """Return what a file is by its content, as the usual ending: pdf, docx, zip; empty where nothing tells."""
    if content.startswith(_COMPOUND):
        return next((kind for kind, stream in _STREAMS if stream.encode("utf-16-le") in content), "ole")
    if content.startswith(b"PK"):
        return _packed(content)
    return str(filetype.guess_extension(content) or "")


def ending(name: str) -> str:
    """Return what stands behind the last dot of a name, in small letters."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def _packed(content: bytes) -> str:
    if not _directory_is_small(content):
        return "zip"
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return "zip"
    kind = next((kind for kind, part in _PARTS if part in names), "zip")
    # Word opens a document with macros under any ending.
    return f"{kind[:3]}m" if any(n.lower().endswith("vbaproject.bin") for n in names) else kind


def _directory_is_small(content: bytes) -> bool:
    """Say whether the directory at an archive's end is as long as an office file's; reading one of 20 MB takes seconds."""
    end = content.rfind(b"PK\x05\x06")
    return end >= 0 and int.from_bytes(content[end + 12 : end + 16], "little") <= _MAX_DIRECTORY


def _name_fault(name: str) -> Message | None:
    shown = "".join(c for c in name if not _hidden(c))[:60]
    if "/" in name or "\\" in name or name.strip(".") == "":
        return Message(
            f"附件名“{shown}”不应含有路径，请改名后上传。",
            f"Expected a file name without a path, found {shown}.",
        )
    if shown != name[:60] or any(map(_hidden, name)):
        return Message(
            f"附件名“{shown}”含有控制字符或者不可见字符，请改名后上传。",
            f"Expected a name without control or direction characters, found one in {shown}.",
        )
    if len(name) > MAX_NAME:
        return Message(
            f"附件名“{shown}…”过长，不应超过{MAX_NAME}字，请改名后上传。",
            f"Expected a name of at most {MAX_NAME} characters, found {len(name)}.",
        )
    if ending(name) not in TYPES:
        return Message(
            f"附件“{shown}”的格式不受支持，请上传 {'、'.join(TYPES)} 文件。",
            f"Expected one of {', '.join(TYPES)}, found {ending(name) or 'no extension'}.",
        )
    if inner := [part for part in name.lower().split(".")[1:-1] if part.strip() in _RUN]:
        return Message(
            f"附件名“{shown}”含有可执行文件的后缀“.{inner[0]}”，请改名后上传。",
            f"Expected no ending of a program within the name, found .{inner[0]}.",
        )
    return None


def _size_fault(name: str, content: bytes) -> Message | None:
    if 0 < len(content) <= MAX_SIZE:
        return None
    return Message(
        f"附件“{name}”应大于 0 且不超过 20 MB。", f"Expected 1 byte to 20 MB, found {len(content)} bytes."
    )


def _content_fault(name: str, content: bytes) -> Message | None:
    claimed = _SAME.get(ending(name), ending(name))
    found = kind_of(content)
    if found == claimed:
        return None
    told = f"{found}文件" if found else "不能识别的内容"
    return Message(
        f"附件“{name}”的内容与后缀不符：应为{claimed}文件，实为{told}。请核对后上传。",
        f"Expected the content of {name} to be {claimed}, found {found or 'nothing known'}.",
    )


def _hidden(char: str) -> bool:
    """Say whether a character is not seen, or turns the reading direction: fdp.exe would read exe.pdf."""
    return unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")
