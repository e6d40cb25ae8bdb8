"""Folding the documents in force into one ruling for each day they name."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from engine.calendar.notices import Holiday, Layer, Notice

_LAYERS = tuple(Layer)


class Ruling(NamedTuple):
    """What the deciding document says of one day."""

    working: bool
    notice: Notice
    holiday: Holiday


def applicable(notices: Iterable[Notice], scopes: Sequence[str]) -> tuple[Notice, ...]:
    """Return the national documents and those of the given scopes, in the order of publication."""
    wanted = frozenset(scopes)
    return tuple(
        sorted(
            (n for n in notices if n.layer is Layer.NATIONAL or n.scope in wanted),
            key=lambda notice: notice.published,
        )
    )


def fold(notices: Sequence[Notice], scopes: Sequence[str]) -> dict[date, Ruling]:
    """Return the ruling on every day that is named.

    An inner scope decides over an outer one, and within one scope the later document over the earlier.

    Args:
        notices: Applicable documents in the order of publication.
        scopes: Outermost first, as given to `applicable`.
    """
    depth = {scope: n for n, scope in enumerate(scopes)}
    inward = sorted(notices, key=lambda n: (_LAYERS.index(n.layer), depth.get(n.scope, -1)))
    rulings: dict[date, Ruling] = {}
    for notice, holiday in _in_force(inward):
        rulings.update((day, Ruling(False, notice, holiday)) for day in holiday.days_off)
        rulings.update((day, Ruling(True, notice, holiday)) for day in holiday.work_days)
    return rulings


def _in_force(inward: Sequence[Notice]) -> Iterator[tuple[Notice, Holiday]]:
    """Leave out each holiday that a later amendment of the same year, layer and scope replaces."""
    for n, notice in enumerate(inward):
        replaced = {
            name
            for later in inward[n + 1 :]
            if (later.year, later.layer, later.scope) == (notice.year, notice.layer, notice.scope)
            for name in later.replaces
        }
        yield from ((notice, holiday) for holiday in notice.holidays if holiday.name not in replaced)
