"""Proposing the migration of many cases of a version: one command a case, a slice at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import commands as c
from engine.errors import Refused
from engine.people import Actor
from engine.queries import Queries
from engine.queries.versions import RunningCase, running

SLICE = 50
Handle = Callable[[c.Command], dict[str, Any]]


@dataclass(frozen=True)
class Slice:
    """What became of some cases.

    Attributes:
        proposed: Case and key of its proposal.
        refused: Case and why none could be made.
        next: The last case looked at, None where no more follow.
    """

    proposed: tuple[tuple[RunningCase, int], ...]
    refused: tuple[tuple[RunningCase, Refused], ...]
    next: int | None


def propose_slice(
    handle: Handle,
    queries: Queries,
    actor: Actor,
    definition_key: int,
    target_key: int,
    reason: str,
    names: dict[str, str],
    after: int = 0,
    limit: int = SLICE,
    batch_id: str = "",
) -> Slice:
    """Propose to move the next cases of a version, those with an open proposal left out.

    Args:
        after: The last case of the slice before.
        batch_id: Makes the ids of the commands, so that a repeat proposes nothing twice.

    Raises:
        NotAllowed: by anybody but an administrator.
    """
    actor.must_hold("admin")
    found = queries.search(running, definition_key, after, limit + 1)
    proposed: list[tuple[RunningCase, int]] = []
    refused: list[tuple[RunningCase, Refused]] = []
    for case in found[:limit]:
        command = c.ProposeMigration(
            actor=actor,
            instance_key=case.key,
            definition_key=target_key,
            reason=reason,
            names=names,
            **({"id": f"{batch_id}:{case.key}"} if batch_id else {}),
        )
        try:
            if case.migration_key is None:
                proposed.append((case, int(handle(command)["migration_key"])))
        except Refused as refusal:
            refused.append((case, refusal))
    return Slice(tuple(proposed), tuple(refused), found[limit - 1].key if len(found) > limit else None)
