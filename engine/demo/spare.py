"""Numbers of applications that no story of Art. 12 uses, so that other stories do not apply for the same twice (R12-03)."""

from collections.abc import Iterator
from itertools import count

from sqlalchemy import select

from engine.demo.cases import Desk, pair
from engine.storage.tables import process_instance

_APPLICATIONS = 80  # the stories of Art. 12 count from 0 and stay far below
_TRIED = 4000


def spare(desk: Desk, n: int) -> int:
    """Return the n-th number whose department and entry no application has, and none of Art. 12's stories takes.

    Raises:
        LookupError: every pair of a department and a conditional entry is taken.
    """
    free = [number for number, _ in zip(_free(desk), range(n + 1), strict=False)]
    if len(free) <= n:
        raise LookupError(f"Expected {n + 1} pairs that nobody applies for, found {len(free)}.")
    return free[n]


def _free(desk: Desk) -> Iterator[int]:
    taken = {pair(desk, number, "conditional") for number in range(_APPLICATIONS)}
    with desk.engine.database.reading() as conn:
        rows = conn.execute(
            select(process_instance.c.using_key, process_instance.c.variables).where(
                process_instance.c.process_id == "ln_art12_application"
            )
        )
        taken |= {(r.using_key, int((r.variables.get("resource") or {}).get("key") or 0)) for r in rows}
    for number in count(_APPLICATIONS):
        if number > _TRIED:
            return
        chosen = pair(desk, number, "conditional")
        if chosen not in taken:
            taken.add(chosen)
            yield number
