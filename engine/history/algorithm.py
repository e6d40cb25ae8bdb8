"""The hash of the chain: SHA-256, or SM3 (GB/T 32905) where the law on commercial cryptography asks for it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class AlgorithmUnavailable(ValueError):
    """This machine's OpenSSL cannot compute the hash that was chosen."""


class AlgorithmChanged(ValueError):
    """The database was begun with another hash; its chain cannot go on with this one."""


@dataclass(frozen=True)
class Algorithm:
    """A hash of 32 bytes under the name that exports and seals carry."""

    name: str
    start: Callable[[bytes], Any]

    def digest(self, data: bytes) -> bytes:
        """Return the hash of some bytes."""
        found: bytes = self.start(data).digest()
        return found


def _sm3(data: bytes) -> Any:
    return hashlib.new("sm3", data)


SHA256 = Algorithm("SHA-256", hashlib.sha256)
SM3 = Algorithm("SM3", _sm3)
ALGORITHMS = {algorithm.name: algorithm for algorithm in (SHA256, SM3)}

# The hash of "abc": FIPS 180-4 examples; GB/T 32905-2016 annex A.1.
_KNOWN = {
    "SHA-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "SM3": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
}


def algorithm(name: str) -> Algorithm:
    """Return an algorithm by its name, after it gave its known answer on this machine.

    Raises:
        AlgorithmUnavailable: no such algorithm, or OpenSSL here is built without it.
    """
    found = ALGORITHMS.get(name)
    if found is None:
        raise AlgorithmUnavailable(
            f"没有名为 {name} 的摘要算法，可用：{'、'.join(ALGORITHMS)}。 / "
            f"Expected one of {', '.join(ALGORITHMS)}, found {name!r}."
        )
    try:
        answer = found.digest(b"abc").hex()
    except ValueError as fault:
        raise AlgorithmUnavailable(
            f"本机的 OpenSSL 不支持 {name}，请换用带有该算法的 OpenSSL。 / "
            f"Expected an OpenSSL with {name}, found none: {fault}"
        ) from fault
    if answer != _KNOWN[name]:
        raise AlgorithmUnavailable(
            f"本机 {name} 的计算结果不正确。 / Expected {_KNOWN[name]} for “abc” by {name}, found {answer}."
        )
    return found
