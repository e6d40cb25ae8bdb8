"""The list of an inbox under headings: what is late, due today, due next, and all else."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, groupby

from engine.queries.views import InboxRow

ORDER = ("late", "today", "soon", "later", "never")


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    code: str
    rows: tuple[InboxRow, ...]


def groups_in_order(rows: Iterable[InboxRow]) -> list[Group]:
    """Return rows under headings that each come once.

    Two departments may count the same days by different calendars: a row that is less urgent by its own than the
    one after it stays where its date puts it, under the later heading.
    """
    kept = list(rows)
    ranks = accumulate((ORDER.index(row.group) for row in kept), max)
    ranked = zip(ranks, kept, strict=True)
    return [
        Group(ORDER[rank], tuple(row for _, row in part)) for rank, part in groupby(ranked, lambda x: x[0])
    ]
