"""Stand-ins (示例值) for what a case would hold: a template of a document can be tried before there is any case."""

from collections.abc import Iterator
from typing import Any

from jinja2 import StrictUndefined

DAY = "2026-06-15"
INSTANT = "2026-06-15T09:30:00+08:00"
NUMBER = 3
_NUMBERS = ("_wd", "_days", "_count", "_no", "_version")
_COUNTED = frozenset({"days", "count", "rows", "length", "number", "size"})


def text_of(name: str, label: str = "", kind: str = "text") -> str:
    """Return what stands for a value, by its declared kind, or else by what its name ends with."""
    if kind == "instant" or name == "at" or name.endswith("_at"):
        return INSTANT
    if kind == "date" or name.endswith(("_on", "_date")) or name.startswith("due_"):
        return DAY
    if kind == "int" or name in _COUNTED or name.endswith(_NUMBERS):
        return str(NUMBER)
    return f"〔{label or name}〕"


class StandIn:
    """A value of a shape nobody knows: it has every part, is a list of two, a text and a number at once."""

    def __init__(self, name: str, text: str = "") -> None:
        self._name = name
        self._text = text or text_of(name)

    def __getattr__(self, name: str) -> Any:
        # The template engine asks for these to learn what it may call, and how it is to be escaped.
        if name.startswith("_") or name in ("unsafe_callable", "alters_data", "jinja_pass_arg"):
            raise AttributeError(name)
        return StandIn(name)

    def __getitem__(self, name: object) -> "StandIn":
        return StandIn(str(name)) if isinstance(name, str) else self

    def __call__(self, *given: object, **named: object) -> "StandIn":
        return self

    def get(self, name: str, default: object = None) -> "StandIn":
        """Return a part, as a dictionary would."""
        return StandIn(name)

    def __iter__(self) -> Iterator["StandIn"]:
        return iter((self, self))

    def __len__(self) -> int:
        return 2

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return self._text

    def __int__(self) -> int:
        return NUMBER

    __index__ = __int__

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return str(other) == self._text

    def __lt__(self, other: object) -> bool:
        return NUMBER < _number(other)

    def __gt__(self, other: object) -> bool:
        return NUMBER > _number(other)

    def __le__(self, other: object) -> bool:
        return NUMBER <= _number(other)

    def __ge__(self, other: object) -> bool:
        return NUMBER >= _number(other)

    def __add__(self, other: object) -> object:
        return [*self, *other] if isinstance(other, list) else _sum(self, other)

    def __radd__(self, other: object) -> object:
        return [*other, *self] if isinstance(other, list) else _sum(other, self)

    def __sub__(self, other: object) -> int:
        return NUMBER - _number(other)

    def __rsub__(self, other: object) -> int:
        return _number(other) - NUMBER

    def __contains__(self, item: object) -> bool:
        return False


def _number(value: object) -> int:
    return value if isinstance(value, int) else NUMBER


def _sum(one: object, other: object) -> object:
    if isinstance(one, int) or isinstance(other, int):
        return _number(one) + _number(other)
    return f"{one}{other}"


class StandInOrFault(StrictUndefined):
    """What a template asked for and is not there: a fault, unless it looked a stand-in up in words of its own."""

    def __new__(cls, hint: str | None = None, obj: object = None, name: object = None, *given: object) -> Any:
        return name if isinstance(name, StandIn) else super().__new__(cls)
