"""Deliveries, messages, signals and acts."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class MessageDelivered(Event):
    """The platform delivered something between parties: a fact with an instant (R-T6)."""

    element_id: str
    name: str
    sender: int | None
    receiver: int | None


@dataclass(frozen=True)
class CaseWithheld(Event):
    """The case is about a department that is never to see it."""

    organisation_key: int


@dataclass(frozen=True)
class ActDone(Event):
    """Somebody began an event sub-process by hand; `values` is what its form was given."""

    element_id: str
    name: str
    variable: str | None
    values: dict[str, Any]


@dataclass(frozen=True)
class MessageThrown(Event):
    """A message for another procedure; it waits until that procedure catches it."""

    message_key: int
    element_id: str
    name: str
    target: str
    correlation: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class MessageCaught(Event):
    """Another procedure took the message; `by` is the case that did."""

    message_key: int
    target: str
    by: int | None = None


@dataclass(frozen=True)
class MessageLapsed(Event):
    """Whoever the message was addressed to no longer waits."""

    message_key: int
    target: str


@dataclass(frozen=True)
class MessageReceived(Event):
    """This case took a message that another one, or itself, has thrown."""

    message_key: int
    element_id: str
    name: str
    source: int
    payload: dict[str, Any]


@dataclass(frozen=True)
class SignalThrown(Event):
    """A signal for everybody who waits for it now; `deliveries` maps message keys to whom they are for."""

    element_id: str
    name: str
    signal: str
    deliveries: dict[str, str]
    payload: dict[str, Any]


@dataclass(frozen=True)
class SubscriptionOpened(Event):
    """The case waits for a message, a signal, the answer to a call, or its cancellation by its caller."""

    subscription_key: int
    element_id: str
    token: str
    kind: str
    name: str
    correlation: str


@dataclass(frozen=True)
class SubscriptionChanged(Event):
    """The case waits for it as its new version says."""

    subscription_key: int
    element_id: str
    token: str
    name: str
    correlation: str


@dataclass(frozen=True)
class SubscriptionClosed(Event):
    """The case no longer waits for it."""

    subscription_key: int
