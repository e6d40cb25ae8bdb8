"""Which finished cases count, and which of them are behind a figure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from engine.keys import key_of

DIMENSIONS = ("procedure", "version", "department", "using", "providing", "level", "area", "month", "result")
"""What cases can be grouped by; `narrowed` takes a group's value back into a selection."""


@dataclass(frozen=True)
class Selection:
    """A set of finished cases; an empty text or None asks nothing.

    Attributes:
        procedure: A process id, all its versions.
        definition: Key of one version.
        department: Who owed the case's limits: the owner of its first statutory limit, else of its first limit,
            else the providing, the managing, the using department.
        using, providing: Parties, as the case ended.
        level: province, city or county; of `department`.
        area: Of `department`; not those below it.
        month_from, month_until: ISO months such as 2026-04, of the end in Beijing.
        result: The code the case ended with.
        variant: Key of a variant, as `Variant.key` has it.
    """

    procedure: str = ""
    definition: int | None = None
    department: int | None = None
    using: int | None = None
    providing: int | None = None
    level: str = ""
    area: str = ""
    month_from: str = ""
    month_until: str = ""
    result: str = ""
    variant: str = ""

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Selection":
        """Return the selection among the values of a request; what is none of it, or no number or month, is left out."""
        return cls(**{f.name: _read(f.name, str(found.get(f.name) or "").strip()) for f in fields(cls)})

    def chosen(self) -> dict[str, str]:
        """Return what asks something, by name, as an address has it."""
        return {name: str(value) for name, value in asdict(self).items() if value not in ("", None)}


EVERYTHING = Selection()


def narrowed(selection: Selection, dimension: str, value: str) -> Selection:
    """Return the selection of the cases of one group that `by` has found."""
    if dimension == "month":
        return replace(selection, month_from=value, month_until=value)
    name = "definition" if dimension == "version" else dimension
    return replace(selection, **{name: _read(name, value)})


_NUMBERS = ("definition", "department", "using", "providing")


def _read(name: str, text: str) -> Any:
    if name in _NUMBERS:
        return key_of(text)
    if name.startswith("month"):
        year, _, month = text.partition("-")
        right = len(text) == 7 and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12
        return text if right and text.isascii() else ""
    if name == "variant":
        return text if key_of(text) is not None else ""
    return text[:100]
