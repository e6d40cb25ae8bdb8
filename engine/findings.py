"""One thing that is wrong with a model: where, by which rule, and what to do about it."""

from dataclasses import dataclass
from typing import Literal

from engine.errors import Message
from engine.process_files import PROCESS

Severity = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True)
class Finding(Message):
    """A message with its place.

    Attributes:
        zh, en: The whole sentence; where there is an element, it begins with its id.
        element: A BPMN id, the key of a setting, or "" for the whole.
        rule: The rule's code, one of `engine.workbench.rules.RULES`.
        severity: `error` hinders publishing, `warning` does not.
        path: The file it is found in.
    """

    zh: str
    en: str
    element: str = ""
    rule: str = "structure"
    severity: Severity = "error"
    path: str = PROCESS


def finding(
    rule: str, element: str, zh: str, en: str, severity: Severity = "error", path: str = PROCESS
) -> Finding:
    """Return what is wrong at an element, in the words `element：what, and what to do`."""
    at_zh, at_en = (f"{element}：", f"{element}: ") if element else ("", "")
    return Finding(
        zh=f"{at_zh}{zh}", en=f"{at_en}{en}", element=element, rule=rule, severity=severity, path=path
    )


def placed(message: Message, rule: str, path: str) -> Finding:
    """Return a message that may know its place already as a finding that does."""
    if isinstance(message, Finding):
        return message
    return Finding(zh=message.zh, en=message.en, rule=rule, path=path)
