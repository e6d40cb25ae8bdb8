"""The CSRF token as a page carries it: masked anew each time.

Pages are compressed. A token that always read the same could be guessed letter by letter from the length of answers
(BREACH); one that is XORed with random bytes cannot.
"""

import hmac
import secrets


def masked(token: str) -> str:
    """Return a token (hexadecimal) as random bytes and what they make of it."""
    mask = secrets.token_bytes(len(token) // 2)
    return mask.hex() + _xor(bytes.fromhex(token), mask).hex()


def matches(sent: str, token: str) -> bool:
    """Say whether a page sent the token, masked."""
    try:
        given = bytes.fromhex(sent)
    except ValueError:
        return False
    half = len(given) // 2
    return hmac.compare_digest(_xor(given[half:], given[:half]), bytes.fromhex(token))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))
