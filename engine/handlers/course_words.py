"""The course of a case (案件经过) in words for a reader outside the platform, such as a government.

The trail says 办理完成“核查整改情况”; a report on the case has to say with which result, and that a report was
delivered, without digests, versions and other matters of the platform.
"""

from collections.abc import Callable

from engine import events as e
from engine.forms.describe import shown
from engine.handlers.case import Case
from engine.history.words import sentence
from engine.profiles import profile_of

Name = Callable[[int | None], str | None]

_OUTCOMES = ("decision", "result", "outcome", "handling")
"""The fields of a form that say how an act ended."""
_DELIVERED = ("通知书", "报告", "意见书", "告知书", "回证")
"""How the name of a delivery ends that is named after what is delivered, not after an act."""


def course_words(case: Case, event: e.Event, org: Name, person: Name) -> str:
    """Return one sentence on an act."""
    if isinstance(event, e.UserTaskCompleted):
        deputy = f"（代{event.as_deputy_of}）" if event.as_deputy_of else ""
        return f"{event.name}{deputy}{_outcome(case, event)}。"
    if isinstance(event, e.MessageDelivered):
        what, receiver = event.name.removesuffix("送达"), org(event.receiver) or "有关部门"
        return f"{what}送达{receiver}。" if what.endswith(_DELIVERED) else f"{event.name}，送达{receiver}。"
    if isinstance(event, e.DocumentIssued):
        return f"印发《{event.title}》（{event.number}）。"
    if isinstance(event, e.ActDone):
        return f"{event.name}。"
    if isinstance(event, e.NoticeSent):
        return event.text
    return sentence(event, org, person, profile_of(case.process))


def _outcome(case: Case, event: e.UserTaskCompleted) -> str:
    """Return how a task ended, as its form words it, or that somebody else has yet to sign what was drafted."""
    node = case.process.nodes.get(event.element_id)
    form = case.definition.forms.get((node.form if node else None) or "")
    for c in form.fields if form else ():
        if c.key in _OUTCOMES and event.values.get(c.key) is not None:
            return f"，{c.label}：{shown(c, event.values[c.key], dict(c.values))}"
    signed = any(event.element_id in n.separate_from for n in case.process.nodes.values())
    return "，报负责人审签" if signed else ""
