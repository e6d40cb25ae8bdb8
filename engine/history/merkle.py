"""Merkle trees as in RFC 6962 section 2.1: 0x00 before a leaf, 0x01 before a node, split at a power of two.

Pairing neighbours level by level, and carrying an odd last one up unchanged, makes the same tree as the
RFC's recursive definition; it costs n - 1 hashes and no recursion.
"""

from collections.abc import Sequence

from engine.history.algorithm import SHA256, Algorithm


def leaf_hash(data: bytes, algorithm: Algorithm = SHA256) -> bytes:
    """Return the hash of a leaf."""
    return algorithm.digest(b"\x00" + data)


def node_hash(left: bytes, right: bytes, algorithm: Algorithm = SHA256) -> bytes:
    """Return the hash of an inner node."""
    return algorithm.digest(b"\x01" + left + right)


def root(hashes: Sequence[bytes], algorithm: Algorithm = SHA256) -> bytes:
    """Return the root over hashes of leaves, or of whole subtrees of one size but for the last.

    The second is what makes sealing cheap: see `engine.history.tree`.
    """
    if not hashes:
        return algorithm.digest(b"")
    start = algorithm.start
    level = list(hashes)
    while len(level) > 1:
        paired = [
            start(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def path(hashes: Sequence[bytes], index: int, algorithm: Algorithm = SHA256) -> list[bytes]:
    """Return the audit path of a leaf, from the bottom up (RFC 6962 section 2.1.1).

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(hashes):
        raise IndexError(f"Expected a leaf below {len(hashes)}, found {index}")
    found: list[bytes] = []
    level = list(hashes)
    while len(level) > 1:
        if index ^ 1 < len(level):
            found.append(level[index ^ 1])
        paired = [
            node_hash(left, right, algorithm) for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level, index = paired, index // 2
    return found


def root_from_path(
    leaf: bytes, index: int, size: int, steps: Sequence[bytes], algorithm: Algorithm = SHA256
) -> bytes | None:
    """Return the root that a leaf's audit path leads to, None where the path has a wrong length.

    Args:
        leaf: The leaf's hash.
        index: Which leaf, from 0.
        size: Leaves in the tree.

    Source:
        RFC 9162 section 2.1.3.2, which is RFC 6962's path with the check spelled out.
    """
    if not 0 <= index < size:
        return None
    fn, sn, found = index, size - 1, leaf
    for step in steps:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            found = node_hash(step, found, algorithm)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step, algorithm)
        fn, sn = fn >> 1, sn >> 1
    return found if sn == 0 else None
