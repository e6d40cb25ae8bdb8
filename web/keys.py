"""Keys in addresses: decimal texts of 64-bit integers."""

from werkzeug.routing import IntegerConverter

from engine.keys import MAX_KEY

__all__ = ["MAX_KEY", "KeyConverter"]


class KeyConverter(IntegerConverter):
    """A key; a longer number names nothing, so its address is not found rather than a fault of the database."""

    def __init__(self, map: object, fixed_digits: int = 0, max: int = MAX_KEY) -> None:
        super().__init__(map, fixed_digits=fixed_digits, max=max)  # type: ignore[arg-type]
