"""Words in a picture: how wide they are, and where they are broken."""

import unicodedata


def width_of(text: str, size: float) -> float:
    """Return about how wide a text is: a Chinese letter is as wide as it is high."""
    return sum(size if unicodedata.east_asian_width(c) in "WFA" else size * 0.56 for c in text)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Return the lines of a text within a width; Chinese breaks anywhere, other words between each other."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for part in _parts(paragraph):
            if line and width_of(line + part.rstrip(), size) > width + 1:
                lines.append(line.rstrip())
                line = part.lstrip()
            else:
                line += part
            while width_of(line.rstrip(), size) > width + 1 and len(line) > 1:
                cut = _fitting(line, width, size)
                lines.append(line[:cut])
                line = line[cut:]
        lines.append(line.rstrip())
    return [line for line in lines if line] or [""]


def _parts(text: str) -> list[str]:
    """Split into what stays together: single wide letters, and words with the blank after them."""
    parts: list[str] = []
    for c in text:
        wide = unicodedata.east_asian_width(c) in "WF"
        closing = c in "，。、；：？！）》」』”’〕"
        if parts and (closing or (not wide and parts[-1] and not _ends_word(parts[-1]))):
            parts[-1] += c
        else:
            parts.append(c)
    return parts


def _ends_word(part: str) -> bool:
    return part[-1].isspace() or unicodedata.east_asian_width(part[-1]) in "WF"


def _fitting(line: str, width: float, size: float) -> int:
    cut = 1
    while cut < len(line) and width_of(line[: cut + 1], size) <= width:
        cut += 1
    return cut
