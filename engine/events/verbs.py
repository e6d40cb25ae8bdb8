"""What people do with tasks and cases beside handing in. `as_deputy_of` names whose role was exercised.

The other party reads the history too: what colleagues write to each other is kept beside it, and named by `sha256`,
which is empty where nothing was written.
"""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class TaskPartAsked(Event):
    """Somebody has a part in another's task.

    Attributes:
        kind: delegated, cosign_before, cosign_after, assist or consult.
        state: open, or planned for who signs after the task is handed in.
        asked_by: Whose wish it is, where it is not the event's author.
    """

    part_key: int
    user_task_key: int
    name: str
    kind: str
    user_key: int
    user_name: str
    sha256: str
    state: str
    as_deputy_of: str | None = None
    asked_by: int | None = None


@dataclass(frozen=True)
class TaskPartAnswered(Event):
    """Whoever had the part has done it; `agrees` of a signer."""

    part_key: int
    user_task_key: int
    name: str
    kind: str
    agrees: bool | None
    sha256: str


@dataclass(frozen=True)
class TaskPartWithdrawn(Event):
    """The part is waited for no longer: taken back, or the signer was removed."""

    part_key: int
    user_task_key: int
    name: str
    kind: str
    user_key: int
    user_name: str
    as_deputy_of: str | None = None


@dataclass(frozen=True)
class TaskHandedIn(Event):
    """The form was handed in and waits for the added signers; `parts` are theirs."""

    user_task_key: int
    element_id: str
    name: str
    values: dict[str, Any]
    parts: list[int]
    as_deputy_of: str | None = None
    principal: int | None = None


@dataclass(frozen=True)
class TaskOpenedAnew(Event):
    """What was handed in and waited for added signers is a draft again.

    Attributes:
        reason: Why, where somebody whom it hung on is gone.
        by_signer: Whether one of them did not agree; why, their answer says.
    """

    user_task_key: int
    name: str
    reason: str
    by_signer: bool = True


@dataclass(frozen=True)
class TaskReturned(Event):
    """The work went back to an earlier step, which the model allows.

    Attributes:
        returned_key: The task that was opened there.
        paused: Whether a limit stands still until that task is handed in.
    """

    user_task_key: int
    element_id: str
    name: str
    target: str
    target_name: str
    returned_key: int
    sha256: str
    paused: bool
    user_key: int
    as_deputy_of: str | None = None


@dataclass(frozen=True)
class TaskRecalled(Event):
    """Who had handed the task in took it back before anybody acted: the counter-entry to its completion.

    Attributes:
        state: The case's state from here on: that of before the completion.
    """

    user_task_key: int
    element_id: str
    name: str
    state: str
    as_deputy_of: str | None = None


@dataclass(frozen=True)
class TaskUrged(Event):
    """A department reminded whoever owes the task; the limit is not answered by it."""

    user_task_key: int
    name: str
    organisation_key: int
    text: str
    as_deputy_of: str | None = None


@dataclass(frozen=True)
class TaskJumped(Event):
    """An administrator put the token to another step, which deviates from the model.

    Attributes:
        skipped: Names of the steps that every way between the two would have led through.
    """

    user_task_key: int
    element_id: str
    name: str
    target: str
    target_name: str
    reason: str
    skipped: list[str]


@dataclass(frozen=True)
class CaseAnnulled(Event):
    """The department that began the case ended it before anybody else knew of it."""

    reason: str
    as_deputy_of: str | None = None


@dataclass(frozen=True)
class CaseCopied(Event):
    """Somebody who may see the case was told of it."""

    copy_key: int
    user_key: int
    user_name: str
    sha256: str
    as_deputy_of: str | None = None


@dataclass(frozen=True)
class CopyRead(Event):
    """The person marked their copy as read."""

    copy_key: int


@dataclass(frozen=True)
class SupervisionBegun(Event):
    """The managing department supervises the case."""

    supervision_key: int
    organisation_key: int
    text: str
    as_deputy_of: str | None = None


@dataclass(frozen=True)
class SupervisionEnded(Event):
    """The managing department supervises the case no longer."""

    supervision_key: int
    organisation_key: int
    text: str
    as_deputy_of: str | None = None
