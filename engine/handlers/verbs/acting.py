"""In whose role somebody acts."""

from typing import Any

from sqlalchemy import Row

from engine.handlers.mandates import stands_in
from engine.people import CASE_ROLES, Actor


def acting_on(actor: Actor, task: Row[Any]) -> str | None:
    """Return the name of whom the actor stands in for with a task, as `engine.handlers.mandates.for_task` has them."""
    mandate = stands_in(actor, task)
    return mandate.principal_name if mandate else None


def acting_for(actor: Actor, organisation: int | None, role: str = "") -> str | None:
    """Return the name of whom the actor stands in for in a department, None where the role is their own.

    Args:
        role: The role that is exercised; empty for any that does tasks of cases.
    """
    if organisation is None:
        return None
    held = [r for o, r in actor.roles if o == organisation and (r == role if role else r in CASE_ROLES)]
    own = [r for r in held if (organisation, r) not in actor.deputy_of]
    if own or not held:
        return None
    return actor.deputy_of[organisation, sorted(held)[0]]
