"""Pairs of neighbouring characters as numbers: what a case is found by, without a database's own full text.

Chinese has no spaces to cut words at, so each two neighbours of a title are a term; the last character pairs with
nothing, so that every single character begins a term. A case's number has one term, its serial number, negative.
"""

import re
from itertools import pairwise

_SERIAL = re.compile(r"(\d{1,15})\D*$")
_BITS = 21  # of a Unicode code point


def gram(first: str, second: str = "\0") -> int:
    """Return the term of two characters."""
    return ord(first) << _BITS | ord(second)


def of_case(business_id: str, title: str) -> frozenset[int]:
    """Return all terms a case is found by."""
    text = plain(title)
    found = {gram(a, b) for a, b in zip(text, text[1:] + "\0", strict=True)}
    number = _SERIAL.search(business_id)
    return frozenset(found | ({-int(number[1])} if number else set()))


def of_word(word: str) -> list[int]:
    """Return the terms that a title with the word has; of a single character none, see `beginning_with`."""
    text = plain(word)
    return sorted({gram(a, b) for a, b in pairwise(text)})


def beginning_with(character: str) -> tuple[int, int]:
    """Return from which term on, and up to before which, all begin with a character."""
    first = ord(plain(character)[:1] or "\0")
    return first << _BITS, (first + 1) << _BITS


def serial(word: str) -> int | None:
    """Return the term of a serial number, None if the word is none."""
    return -int(word) if word.isascii() and word.isdigit() and len(word) <= 15 else None


def plain(text: str) -> str:
    """Return a text without spaces, in small letters."""
    return "".join(text.split()).lower()
