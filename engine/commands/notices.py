"""What may be asked of how people are told: preferences, addresses, the daily digest, robots, what waits."""

from dataclasses import dataclass, field
from datetime import date

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class ChooseNotices(Command):
    """Say for kinds of notices how the actor is told by mail; what is not named stays (`engine.notice_kinds`)."""

    mail: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ProposeEmail(Command):
    """Send a code to an address that the actor wants notices at."""

    email: str


@dataclass(frozen=True, kw_only=True)
class ConfirmEmail(Command):
    """Use the proposed address, by the code that was sent to it."""

    code: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RemoveEmail(Command):
    """Send the actor no more mail, and forget the address."""


@dataclass(frozen=True, kw_only=True)
class SendDigest(Command):
    """Put a person's digest of a day into the outbox; issued by the sweep."""

    user_key: int
    day: date


@dataclass(frozen=True, kw_only=True)
class RegisterRobot(Command):
    """Tell a department's group by its robot of notices of some kinds; address and secret are no history."""

    org_code: str
    name: str
    kind: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    kinds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RemoveRobot(Command):
    """Tell a group nothing more; what waits for it is dropped."""

    robot_key: int


@dataclass(frozen=True, kw_only=True)
class TryRobot(Command):
    """Have a robot say one sentence, so that an administrator sees whether it does."""

    robot_key: int


@dataclass(frozen=True, kw_only=True)
class RetryLetters(Command):
    """Try now what waits in the outbox, what was given up included; an empty target means the whole channel."""

    channel: str
    target: str = ""
