"""Verification codes: what lets the holder of a document, and nobody else, ask about it."""

import secrets
import unicodedata

# Crockford's letters: none is taken for a digit or for another, whoever reads them aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _SIZE = 4, 4  # 16 characters of 5 bits: 80 bits
_LIKE = str.maketrans("OIL", "011")


def draw() -> str:
    """Return a new code, such as 7KQ2-M0XW-3F9T-AH5C: random, so that no number of a case leads to it."""
    drawn = [secrets.choice(ALPHABET) for _ in range(_GROUPS * _SIZE)]
    return _grouped("".join(drawn))


def read(text: str) -> str | None:
    """Return a code as it was typed, in the form it was issued; None if it cannot be one.

    Small letters, full-width characters, spaces and dashes are taken as meant, and so are the letters O, I and
    L, which no code has.
    """
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LIKE)
    kept = "".join(ch for ch in plain if ch.isalnum())
    if len(kept) != _GROUPS * _SIZE or set(kept) - set(ALPHABET):
        return None
    return _grouped(kept)


def _grouped(characters: str) -> str:
    return "-".join(characters[at : at + _SIZE] for at in range(0, len(characters), _SIZE))
