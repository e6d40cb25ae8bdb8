"""The sealed tree: its leaves are the heads of all streams, in the order in which they were first sealed.

A leaf keeps its number for ever, so that a seal changes only the leaves of streams that grew since the seal
before. Leaves are kept together in chunks of `CHUNK`; a chunk's hash is a whole subtree of the RFC 6962 tree,
so the root needs the hashes of all chunks, and the leaves of those chunks only in which something changed.
"""

from collections.abc import Sequence

from engine.history import merkle
from engine.history.algorithm import SHA256, Algorithm

CHUNK = 1024  # a power of two, or the chunks would not be subtrees


def leaf_data(stream: int, seq: int, head: bytes) -> bytes:
    """Return what is hashed for a stream: its key, its last sequence number, that event's hash in hex."""
    return f"{stream}:{seq}:{head.hex()}".encode()


def leaf(stream: int, seq: int, head: bytes, algorithm: Algorithm = SHA256) -> bytes:
    """Return the hash of a stream's leaf."""
    return merkle.leaf_hash(leaf_data(stream, seq, head), algorithm)


def path(
    leaves: Sequence[bytes],
    chunks: Sequence[bytes],
    number: int,
    algorithm: Algorithm = SHA256,
    size: int = CHUNK,
) -> list[bytes]:
    """Return the audit path of a leaf.

    Args:
        leaves: The hashes of the leaf's own chunk.
        chunks: The hashes of all chunks.
        number: The leaf's number in the whole tree.
        size: Leaves to a chunk.
    """
    within = merkle.path(leaves, number % size, algorithm)
    return within + merkle.path(chunks, number // size, algorithm)
