"""Variants (变体): the ways that cases of one procedure have gone, each with its share.

A trace is what people and the platform did: tasks and calls that were done, in the order of the history; a loop
makes an activity stand in it more than once, several people who decide one task make it stand once. Gateways,
events and what was cancelled or skipped are no part of it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from engine.mining.records import Playback

Trace = tuple[str, ...]
ACTIVITIES = frozenset(
    "userTask manualTask serviceTask sendTask receiveTask businessRuleTask callActivity".split()
)
_LENGTH = 12


@dataclass(frozen=True)
class Variant:
    """One way, and the cases that went it.

    Attributes:
        id: The same for equal traces, whatever the cases.
        share: Of all cases, from 0 to 1.
        cases: Their keys, in the order in which they were given.
    """

    id: str
    trace: Trace
    share: float
    cases: tuple[int, ...]


def trace(played: Playback) -> Trace:
    """Return the ids of the activities that were done in a case, in order."""
    done = [v for v in played.visits if v.how == "completed" and v.type in ACTIVITIES and v.ended]
    return tuple(v.element_id for v in sorted(done, key=lambda v: (v.ended or 0, v.began)))


def variant_id(way: Trace) -> str:
    """Return the stable id of a trace: the beginning of the SHA-256 over its elements' ids."""
    return hashlib.sha256("\n".join(way).encode()).hexdigest()[:_LENGTH]


def variants(traces: Iterable[tuple[int, Trace]]) -> list[Variant]:
    """Return the variants of many cases, the most frequent first.

    Args:
        traces: Key and trace of each case.
    """
    cases: dict[Trace, list[int]] = defaultdict(list)
    for key, way in traces:
        cases[way].append(key)
    total = sum(len(keys) for keys in cases.values())
    found = [Variant(variant_id(way), way, len(keys) / total, tuple(keys)) for way, keys in cases.items()]
    return sorted(found, key=lambda v: (-len(v.cases), v.id))
