"""The refusals of verbs as exceptions, with the words of `engine.verbs.WHY`."""

from engine.errors import NotAllowed, Refused, WrongState
from engine.verbs import WHY


class VerbRefused(WrongState):
    """The task or case is not in the state that the verb needs; `code` says which rule it met."""

    def __init__(self, code: str, zh: str, en: str, **facts: object) -> None:
        super().__init__(zh, en, **facts)
        self.code = code  # type: ignore[misc]


class MayNotSee(NotAllowed):
    """A copy or a question widens no rights: its addressee may not see the case (C.6)."""

    code = "may_not_see"


class WouldBarTheJudge(NotAllowed):
    """Whoever has a hand in a task may not judge it, and nobody else in the department could (C.6)."""

    code = "would_bar_the_judge"


class LegalStepBetween(WrongState):
    """A jump would skip or repeat what has legal effect."""

    code = "legal_step_between"


def refused(code: str, **facts: object) -> Refused:
    """Return the refusal of a code."""
    why = WHY[code]
    if code == "not_allowed":
        return NotAllowed(why.zh, why.en, logged="verb", **facts)
    return VerbRefused(code, why.zh, why.en, **facts)
