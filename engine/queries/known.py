"""The calendar as known on a day, the layers it is made of, and the documents in force."""

from dataclasses import dataclass
from datetime import date, datetime

from engine.calendar import Layer, Notice
from engine.errors import InvalidInput
from engine.handlers.parties import areas_above
from engine.people import Actor
from engine.periods import beijing_day, end_of
from engine.queries.reader import Reader
from engine.speech import Bilingual

NATIONWIDE = Bilingual("全国", "Nationwide")


@dataclass(frozen=True)
class LayerView:
    """A layer that may decide the reader's days, with its documents about a year."""

    layer: Layer
    scope_name: str
    notices: tuple[Notice, ...]


def known_at(day: date, now: datetime) -> datetime:
    """Return the instant at which "known on a day" is asked: its end, or now for today.

    Raises:
        InvalidInput: a day to come; nobody knows what will be known.
    """
    if day > beijing_day(now):
        raise InvalidInput(
            "“截至”日期不能晚于今天。", f"Expected a day up to today, found {day.isoformat()}."
        )
    return min(end_of(day, "24:00"), now)


def in_force_notices(reader: Reader, actor: Actor, at: datetime | None = None) -> tuple[Notice, ...]:
    """Return the documents held true at an instant, now if none is given, of every layer."""
    when = at or reader.now
    return tuple(k.notice for k in reader.calendars.known(reader.conn) if k.at(when))


def layers(reader: Reader, actor: Actor, year: int, at: datetime | None = None) -> tuple[LayerView, ...]:
    """Return the layers over the reader's department, outermost first; those without documents too (R-T14)."""
    found = [n for n in in_force_notices(reader, actor, at) if _about(n, year)]
    chain: list[tuple[Layer, str, str]] = [(Layer.NATIONAL, "", NATIONWIDE)]
    chain += [(Layer.AREA, name, name) for name in areas_above(reader.conn, actor.org_key)]
    chain.append((Layer.UNIT, str(actor.org_key), actor.org_name))
    return tuple(
        LayerView(
            layer,
            name,
            tuple(
                sorted(
                    (n for n in found if (n.layer, n.scope) == (layer, scope)),
                    key=lambda n: (n.published, n.id),
                )
            ),
        )
        for layer, scope, name in chain
    )


def _about(notice: Notice, year: int) -> bool:
    return notice.year == year or any(
        day.year == year for h in notice.holidays for day in (*h.days_off, *h.work_days)
    )
