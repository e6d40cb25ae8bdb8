"""Statistics over finished cases, for auditors and managing departments (domain C.6): counts, spreads, and the cases behind them.

Ask `Engine.statistics.catch_up()` before: it looks at what ended since, within a bound.
"""

from engine.people import Actor
from engine.queries.reader import Reader
from engine.statistics.selection import Selection
from engine.statistics.views import Bottlenecks, CasesBehind, Choices, Group, Heat, Overview, Variant

PAGE = 50
FILE_PAGE = 5000
"""How many cases a file asks for at a time."""


def may_see(reader: Reader, actor: Actor) -> bool:
    """Say whether the reader is an auditor or of a managing department."""
    raise NotImplementedError


def choices(reader: Reader, actor: Actor) -> Choices:
    """Return what a selection can be made of.

    Raises:
        NotAllowed: the reader is neither an auditor nor of a managing department; so all questions here.
    """
    raise NotImplementedError


def overview(reader: Reader, actor: Actor, selection: Selection) -> Overview:
    """Return the rates and the duration of all cases of a selection."""
    raise NotImplementedError


def by(reader: Reader, actor: Actor, selection: Selection, dimension: str) -> tuple[Group, ...]:
    """Return the cases of a selection in groups: months in order, all others the largest first.

    Args:
        dimension: One of `engine.statistics.selection.DIMENSIONS`.
    """
    raise NotImplementedError


def heat(reader: Reader, actor: Actor, selection: Selection, definition_key: int) -> Heat:
    """Return what the cases of a selection did on the diagram of one version; every element and flow of it.

    Raises:
        NotFound: no such version.
    """
    raise NotImplementedError


def variants(
    reader: Reader, actor: Actor, selection: Selection, limit: int = 50
) -> tuple[tuple[Variant, ...], int]:
    """Return the variants of a procedure, the most frequent first, and how many there are.

    Args:
        selection: Must name a procedure or a version; of several procedures each has its own variants.
    """
    raise NotImplementedError


def bottlenecks(reader: Reader, actor: Actor, selection: Selection) -> Bottlenecks:
    """Return the elements that took the most working days of finished cases, and where running cases wait now.

    Of running cases only procedure, version, parties, level and area of a selection are asked.
    """
    raise NotImplementedError


def cases_behind(
    reader: Reader,
    actor: Actor,
    selection: Selection,
    figure: str = "cases",
    after: str = "",
    limit: int = PAGE,
) -> CasesBehind:
    """Return a page of the cases that a figure counts.

    Args:
        figure: `cases`; a rate's key for its part, `{key}.of` for its whole, `{key}.not` for the rest;
            `element:{id}`, `late:{id}`, `flow:{id}`; `waiting:{id}` (running cases).
        after: `CasesBehind.next` of the page before.

    Raises:
        NotFound: no such figure.
    """
    raise NotImplementedError
