"""Texts compared line by line, and changed lines word by word."""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from engine.errors import Message
from engine.workbench.compare_types import Line
from engine.workbench.compare_values import short

Pieces = tuple[tuple[str, bool], ...]
# A tag or template expression as a whole, a word or number, or one character of anything else.
_WORD = re.compile(r"<[^<>]*>|\{[{%](?:(?!\{[{%]).)*?[}%]\}|[A-Za-z0-9_.]+|\s+|.", re.DOTALL)
_ALIKE = 0.4
_MOST_CELLS = 250_000
_MOST_STEPS = 4_000_000


@lru_cache(maxsize=8)  # the sentence and the page of one difference ask one after the other
def lines(before: str, after: str) -> tuple[Line, ...]:
    """Return both texts side by side; lines that resemble each other stand beside each other."""
    old, new = before.splitlines(), after.splitlines()
    return tuple(_lines(old, new) if _steps(old, new) <= _MOST_STEPS else _whole(old, new))


def _steps(old: list[str], new: list[str]) -> int:
    """Return about how long the matcher works: each line of the one meets its like in the other."""
    times = Counter(new)
    return sum(times[line] for line in old) + len(old) + len(new)


def _whole(old: list[str], new: list[str]) -> Iterator[Line]:
    """Yield texts that nobody reads line by line: what they begin with alike, and the rest as gone and come."""
    same = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    for n in range(same):
        yield Line("same", ((old[n], False),), ((new[n], False),), n + 1, n + 1)
    yield from (Line("removed", ((old[n], True),), None, n + 1, 0) for n in range(same, len(old)))
    yield from (Line("added", None, ((new[n], True),), 0, n + 1) for n in range(same, len(new)))


def _lines(old: list[str], new: list[str]) -> Iterator[Line]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            for i, j in zip(range(a, b), range(c, d), strict=True):
                yield Line("same", ((old[i], False),), ((new[j], False),), i + 1, j + 1)
        else:
            yield from _block(old, new, range(a, b), range(c, d))


def _block(old: list[str], new: list[str], gone: range, come: range) -> Iterator[Line]:
    """Yield a stretch that differs, pairing in order the lines that are alike."""
    mates = _mates(old, new, gone, come)
    rest = iter(come)
    told: set[int] = set()
    for i in gone:
        if i not in mates:
            yield Line("removed", ((old[i], True),), None, i + 1, 0)
            continue
        for j in rest:
            told.add(j)
            if j == mates[i]:
                yield Line("changed", *_pieces(old[i], new[j]), i + 1, j + 1)
                break
            yield Line("added", None, ((new[j], True),), 0, j + 1)
    for j in come:
        if j not in told:
            yield Line("added", None, ((new[j], True),), 0, j + 1)


def _mates(old: list[str], new: list[str], gone: range, come: range) -> dict[int, int]:
    """Return which removed line became which added one, in order."""
    if len(gone) * len(come) > 2_500:
        return dict(zip(gone, come, strict=False))
    found: dict[int, int] = {}
    first = come.start
    for i in gone:
        for j in range(first, come.stop):
            if SequenceMatcher(None, old[i], new[j], autojunk=False).quick_ratio() >= _ALIKE and _alike(
                old[i], new[j]
            ):
                found[i], first = j, j + 1
                break
    return found


def _alike(one: str, other: str) -> bool:
    if len(one) * len(other) > _MOST_CELLS:
        return True
    return SequenceMatcher(None, _WORD.findall(one), _WORD.findall(other), autojunk=False).ratio() >= _ALIKE


def _pieces(one: str, other: str) -> tuple[Pieces, Pieces]:
    if len(one) * len(other) > _MOST_CELLS:
        return ((one, True),), ((other, True),)
    old, new = _WORD.findall(one), _WORD.findall(other)
    before: list[tuple[str, bool]] = []
    after: list[tuple[str, bool]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for pieces, text in ((before, "".join(old[a:b])), (after, "".join(new[c:d]))):
            if text:
                pieces.append((text, tag != "equal"))
    return tuple(before), tuple(after)


def text_words(told: tuple[Line, ...]) -> Message:
    """Return a difference of texts in one sentence, with the first change quoted."""
    number = {kind: sum(line.kind == kind for line in told) for kind in _LINES_ZH}
    zh = "、".join(f"{word} {number[k]} 行" for k, word in _LINES_ZH.items() if number[k])
    en = ", ".join(f"{number[k]} {word}" for k, word in _LINES_EN.items() if number[k])
    first = next((line for line in told if line.kind != "same"), None)
    if first is None:
        return Message("空白或者换行", "blank space")
    was, now = _quoted(_plain(first.before), _plain(first.after))
    if first.kind == "changed":
        return Message(f"{zh}，如“{was}”改为“{now}”", f"lines: {en}; first “{was}” → “{now}”")
    return Message(f"{zh}：“{was or now}”", f"lines: {en}: “{was or now}”")


_LINES_ZH = {"changed": "修改", "added": "新增", "removed": "删去"}
_LINES_EN = {"changed": "changed", "added": "added", "removed": "removed"}
_TAG = re.compile(r"<[^<>]*>")
_AROUND = 10


def _plain(pieces: Pieces | None) -> str:
    return _TAG.sub("", "".join(text for text, _ in pieces or ())).strip()


def _quoted(one: str, other: str) -> tuple[str, str]:
    """Return what differs of two lines with a few characters around it."""
    head = _common(one, other)
    tail = _common(one[head:][::-1], other[head:][::-1])
    return _cut(one, head, tail), _cut(other, head, tail)


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _cut(text: str, head: int, tail: int) -> str:
    first, last = max(head - _AROUND, 0), min(len(text) - tail + _AROUND, len(text))
    return short("…"[: first > 0] + text[first:last] + "…"[: last < len(text)])
