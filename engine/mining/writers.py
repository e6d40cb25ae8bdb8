"""The kinds of files that a log leaves the platform in."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from engine.mining import ocel, sheet, xes
from engine.mining.traces import Trace
from engine.model import Process


@dataclass(frozen=True)
class Format:
    """A kind of file: how its name ends, what it is, who writes it."""

    suffix: str
    media_type: str
    write: Callable[[Iterable[Process], Iterable[Trace]], Iterator[bytes]]


FORMATS = {
    "xes": Format(xes.SUFFIX, "application/xml", lambda _, traces: xes.write(traces)),
    "xes_pairs": Format(xes.SUFFIX, "application/xml", lambda _, traces: xes.write(traces, pairs=True)),
    "ocel": Format(ocel.SUFFIX, "application/json", ocel.write),
    "csv": Format(sheet.SUFFIX, "text/csv; charset=utf-8", lambda _, traces: sheet.write(traces)),
}
"""By the name a request calls it."""


def pour(parts: Iterable[bytes], sink: BinaryIO) -> tuple[int, str]:
    """Write a file part by part; return its size and its SHA-256."""
    whole, size = hashlib.sha256(), 0
    for part in parts:
        whole.update(part)
        size += sink.write(part)
    return size, whole.hexdigest()
