"""What an inbox can be narrowed to."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

MAX_TEXT = 100


@dataclass(frozen=True)
class Filters:
    """What rows must meet; an empty text asks nothing.

    Attributes:
        state: A code of A.3.
        department: Part of the name of either party, today's or an earlier one.
        provider, resource: Part of the name of the providing department, of the resource.
        text: Words that all must be somewhere in number, title, names.
        due_from, due_until: ISO days that a limit's last day must lie between.
    """

    process: str = ""
    state: str = ""
    department: str = ""
    provider: str = ""
    resource: str = ""
    text: str = ""
    due_from: str = ""
    due_until: str = ""

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Filters":
        """Return the filters among the values of a request; what is none of them is left out."""
        texts = {f.name: str(found.get(f.name) or "").strip()[:MAX_TEXT] for f in fields(cls)}
        for name in ("due_from", "due_until"):
            texts[name] = texts[name] if day_of(texts[name]) else ""
        return cls(**texts)

    def chosen(self) -> dict[str, str]:
        """Return those that ask something, by name."""
        return {name: value for name, value in asdict(self).items() if value}


NO_FILTERS = Filters()


def day_of(text: str) -> date | None:
    """Return the day of an ISO date, None for any other text."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
