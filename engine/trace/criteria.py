"""What a search over histories asks, and a check every night again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from engine.filters import MAX_TEXT, day_of
from engine.people import ROLES
from engine.trace.kinds import BY_CODE
from engine.trace.reads import WHATS

SOURCES = ("act", "access")
MOST_MINUTES = 60 * 24 * 366


@dataclass(frozen=True)
class Criteria:
    """What acts, or reads of cases, must meet; an empty value asks nothing.

    Attributes:
        source: `act` for what the histories hold, `access` for reads of cases.
        person: A user name, or part of a name.
        department: Part of the name of the acting department, today's or an earlier one.
        by: `people` or `platform`.
        kinds: Codes of `engine.trace.kinds`, or of reads `engine.trace.reads.WHATS`.
        text: Words that all must be in number, title or names of the case.
        element: Id of an element, such as T12-04.
        since, until: ISO days in Beijing that the act must lie between.
        on_behalf, off_hours, after_period, sensitive: Only those.
        late_minutes: Recorded so many minutes after it happened, or later.
    """

    source: str = "act"
    person: str = ""
    department: str = ""
    role: str = ""
    by: str = ""
    kinds: tuple[str, ...] = ()
    text: str = ""
    process: str = ""
    element: str = ""
    since: str = ""
    until: str = ""
    on_behalf: bool = False
    off_hours: bool = False
    after_period: bool = False
    late_minutes: int | None = None
    sensitive: bool = False

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Criteria":
        """Return the criteria among the values of a request or a saved check; what is none of them is left out."""
        texts: dict[str, Any] = {name: str(found.get(name) or "").strip()[:MAX_TEXT] for name in _TEXTS}
        source = texts["source"] if texts["source"] in SOURCES else "act"
        known = WHATS if source == "access" else BY_CODE
        minutes = str(found.get("late_minutes") or "")
        late = int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 7 else 0
        given: dict[str, Any] = {name: bool(found.get(name)) for name in _FLAGS}
        return cls(
            **{
                **texts,
                "source": source,
                "role": texts["role"] if texts["role"] in ROLES else "",
                "by": texts["by"] if texts["by"] in ("people", "platform") else "",
                "since": texts["since"] if day_of(texts["since"]) else "",
                "until": texts["until"] if day_of(texts["until"]) else "",
            },
            kinds=tuple(sorted({str(k) for k in found.get("kinds") or () if str(k) in known})),
            late_minutes=min(late, MOST_MINUTES) or None,
            **given,
        )

    def chosen(self) -> dict[str, Any]:
        """Return those that ask something, by name, as JSON values."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value and (name, value) != ("source", "act")
        }


_FLAGS = tuple(f.name for f in fields(Criteria) if f.type is bool)
_TEXTS = tuple(f.name for f in fields(Criteria) if f.type is str)
