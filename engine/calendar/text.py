"""The text of a notice before it is read: bytes to characters, lines, one form for each punctuation mark."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_NOT_TEXT = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_DASHES = "‐‑‒–—―−~〜"
_QUOTES = "“”„‟「」『』"
_ONE_FORM = {ord(c): "-" for c in _DASHES} | {ord(c): '"' for c in _QUOTES}
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\x80-\x9f\ufffe\uffff]")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {c: 0 for c in "〇○◯O0"}
# A notice pasted as one paragraph is cut where an item, the closing words or the signature begin.
_PARAGRAPH = re.compile(r"(?<=[。:：])(?=[一二三四五六七八九十]{1,3}、)|(?<=。)(?=节假日期间|国务院办公厅)")


class NoticeUnreadable(ValueError):
    """A text that cannot be read as a notice, or that contradicts itself.

    Attributes:
        zh: What was expected, what was found, what to do; shown to the person.
        en: The same in English.
        sentence: The numbered item or line it is about, as printed; empty for the text as a whole.
    """

    def __init__(self, zh: str, en: str, sentence: str = "") -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en, self.sentence = zh, en, sentence

    def within(self, sentence: str) -> "NoticeUnreadable":
        """Return the same complaint about this sentence, unless it already names one."""
        return NoticeUnreadable(self.zh, self.en, self.sentence or sentence)


def decode_notice(raw: bytes) -> str:
    """Return the text of a file: UTF-8 with or without mark, else GB18030.

    Raises:
        NoticeUnreadable: the bytes are no plain text in either encoding.
    """
    if not raw.startswith(_NOT_TEXT) and b"\x00" not in raw:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            if not _CONTROL.search(text):
                return text
    raise NoticeUnreadable(
        "需要纯文本文件（UTF-8 或 GB18030 编码），而这个文件不是。请打开原文，复制通知正文，存为纯文本（.txt）后再试。",
        "Expected a plain text file (UTF-8 or GB18030), and this is none. Open the original, copy the text of the "
        "notice, save it as plain text (.txt) and try again.",
    )


def canonical(text: str) -> str:
    """Return the text, equally long, with half-width digits and punctuation, one dash, one quotation mark."""
    narrow = (unicodedata.normalize("NFKC", char) for char in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, narrow, strict=True)).translate(
        _ONE_FORM
    )


def lines(text: str) -> list[str]:
    """Return the paragraphs that say something, without the spaces Chinese does not need."""
    squeezed = (_squeeze(_INVISIBLE.sub("", line)) for line in text.splitlines())
    return [part for line in squeezed for part in _PARAGRAPH.split(line) if part]


def join(parts: Iterable[str]) -> str:
    """Return a broken line put together; digits that may or may not be one number stay apart."""
    return _squeeze(" ".join(parts))


def split(text: str, marks: str) -> Iterator[str]:
    """Yield what stands between the marks outside of brackets, as printed."""
    depth, start = 0, 0
    for at, char in enumerate(canonical(text)):
        depth += (char == "(") - (char == ")")
        if depth not in (0, 1):
            break
        if depth == 0 and char in marks:
            yield text[start:at]
            start = at + 1
    if depth:
        raise NoticeUnreadable(
            f"“{text}”的括号不成对。请核对原文。",
            f'The brackets in "{text}" do not pair. Compare the original.',
        )
    yield text[start:]


def chinese_number(text: str) -> int | None:
    """Return 1–99 as written in figures or in Chinese (初五, 廿八), None for anything else."""
    if re.fullmatch("[0-9]{1,2}", text):
        return int(text)
    tens, found, ones = text.removeprefix("初").replace("廿", "二十").rpartition("十")
    if not re.fullmatch("[一二三四五六七八九]?", tens) or not re.fullmatch("[一二三四五六七八九]?", ones):
        return None
    return ((_DIGITS[tens] if tens else 1) * 10 if found else 0) + (_DIGITS[ones] if ones else 0) or None


def chinese_year(text: str) -> int | None:
    """Return a year of four figures, Arabic or Chinese (二○○九), None for anything else."""
    if re.fullmatch("[0-9]{4}", text):
        return int(text)
    if len(text) != 4 or any(char not in _DIGITS for char in text):
        return None
    return int("".join(str(_DIGITS[char]) for char in text))


def _squeeze(line: str) -> str:
    # A space between two digits stays: "1 1日" may be 1日 or 11日, and no rule reads it.
    return re.sub(
        r"(?<=[0-9０-９])\s+(?=[0-9０-９])|(\s+)", lambda space: "" if space[1] else " ", line.strip()
    )
