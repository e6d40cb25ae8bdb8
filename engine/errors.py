"""What can be refused, and why. Every refusal speaks Chinese first and English beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Message:
    """One sentence in both languages."""

    zh: str
    en: str


class Refused(Exception):
    """A command that was understood but not carried out; nothing was written.

    Args:
        zh: What was expected, what was found, what to do; shown to the person.
        en: The same in English.
        facts: What a program may want to know, JSON values only.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, zh: str, en: str, **facts: object) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en, self.facts = zh, en, facts


class NotFound(Refused):
    """There is no such thing, or the asker may not know of it."""

    code = "not_found"


class NotSignedIn(Refused):
    """Nobody is acting."""

    code = "not_signed_in"


class NotAllowed(Refused):
    """The actor has no right to this act."""

    code = "not_allowed"


class WrongState(Refused):
    """The thing is no longer, or not yet, in the state the act needs."""

    code = "wrong_state"


class ModelFault(WrongState):
    """The model, or what it calls, is at fault and not the person: an expression, a decision, an open party.

    Attributes:
        kind: What failed, one of `engine.incidents.KINDS`.
        subject: The expression, decision or setting that failed; empty where there is none.
        names: The variables it reads.
    """

    def __init__(
        self,
        zh: str,
        en: str,
        kind: str = "expression",
        subject: str = "",
        names: Iterable[str] = (),
        **facts: object,
    ) -> None:
        super().__init__(zh, en, **facts)
        self.kind, self.subject, self.names = kind, subject, tuple(sorted(names))


class Conflict(Refused):
    """Somebody else was faster, or a rule across cases forbids it."""

    code = "conflict"


class TooManyAttempts(Refused):
    """Asked too often; try again later."""

    code = "too_many_attempts"


class InvalidInput(Refused):
    """A value outside a form that has the wrong type or range."""

    code = "invalid_input"


class InvalidForm(Refused):
    """A form with at least one field error; `errors` holds all of them at once, by field."""

    code = "invalid_form"

    def __init__(self, errors: Mapping[str, Sequence[Message]]) -> None:
        fields = "、".join(errors)
        super().__init__(
            f"表单有 {len(errors)} 处需要修改：{fields}。",
            f"The form has {len(errors)} field(s) to mend: {', '.join(errors)}.",
            errors={field: [{"zh": m.zh, "en": m.en} for m in found] for field, found in errors.items()},
        )
        self.errors = errors


class InvalidDefinition(Refused):
    """A process definition that cannot be published; `findings` names each element and what to do."""

    code = "invalid_definition"

    def __init__(self, findings: Sequence[Message]) -> None:
        super().__init__(
            "流程定义未通过检查：" + "；".join(m.zh for m in findings),
            "The process definition did not pass its checks: " + "; ".join(m.en for m in findings),
            findings=[{"zh": m.zh, "en": m.en} for m in findings],
        )
        self.findings = findings
