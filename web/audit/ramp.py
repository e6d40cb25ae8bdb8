"""Five steps between nothing and the largest value, as a heat map shows them."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

STEPS = 5


@dataclass(frozen=True)
class Ramp:
    """Ranges of values of equal width; nothing is a step of its own.

    Attributes:
        bounds: Upper end of each step that is used, rising; the last is no less than the largest value.
        unit: What values are counted in: 1, or 0.1 for those with a decimal.
    """

    bounds: tuple[float, ...]
    unit: float

    def step(self, value: float) -> int:
        """Return 0 for nothing, else the shade: the largest value always has the darkest one."""
        if value <= 0:
            return 0
        place = next((at for at, bound in enumerate(self.bounds) if value <= bound + 1e-9), STEPS - 1)
        return self.shade(place)

    def shade(self, place: int) -> int:
        """Return the shade of a range: few ranges are spread over all shades."""
        if len(self.bounds) == 1:
            return STEPS
        return 1 + round(place * (STEPS - 1) / (len(self.bounds) - 1))

    def ranges(self) -> list[tuple[int, float, float]]:
        """Return (shade, from, to) of each range, rising."""
        if not self.bounds:
            return []
        lower = [self.unit, *(one + self.unit for one, _ in pairwise(self.bounds))]
        return [
            (self.shade(at), low, high) for at, (low, high) in enumerate(zip(lower, self.bounds, strict=True))
        ]


def ramp(largest: float, unit: float = 1) -> Ramp:
    """Return the ranges for values up to the largest."""
    units = ceil(round(largest / unit, 6))
    steps = min(STEPS, units)
    bounds = sorted({ceil(units * at / steps) for at in range(1, steps + 1)}) if steps else []
    return Ramp(tuple(round(bound * unit, 6) for bound in bounds), unit)
