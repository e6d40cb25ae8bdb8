"""What may be asked of tasks and cases beside handing in, and which command a verb with its fields is.

People are named by user name, steps by element id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from engine.commands.base import Command
from engine.commands.tasks import AssignTask, ClaimTask, SaveDraft, UnclaimTask
from engine.errors import NotFound
from engine.people import Actor


@dataclass(frozen=True, kw_only=True)
class DelegateTask(Command):
    """Let a colleague fill in the form; the owner hands it in (委派)."""

    task_key: int
    person: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class TakeBackTask(Command):
    """End the delegation (收回)."""

    task_key: int


@dataclass(frozen=True, kw_only=True)
class GiveBackTask(Command):
    """Whoever was asked to fill in the form is done (办毕交回)."""

    task_key: int
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerQuestion(Command):
    """Answer the oldest question that waits for the actor (回复)."""

    task_key: int
    text: str


@dataclass(frozen=True, kw_only=True)
class SignTask(Command):
    """Give the opinion of an added signer (同意, 不同意)."""

    task_key: int
    agrees: bool
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnTask(Command):
    """Send the work back to an earlier step that the model allows (退回)."""

    task_key: int
    step: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecallTask(Command):
    """Take back what was handed in, before anybody acts on it (取回)."""

    task_key: int


@dataclass(frozen=True, kw_only=True)
class AddSigners(Command):
    """Ask colleagues for their opinion before or after handing in (加签)."""

    task_key: int
    people: tuple[str, ...]
    before: bool
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class RemoveSigner(Command):
    """Wait no longer for a signer (减签)."""

    task_key: int
    person: str


@dataclass(frozen=True, kw_only=True)
class AskAssistance(Command):
    """Have colleagues work on the draft too (协办)."""

    task_key: int
    people: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Consult(Command):
    """Ask people who may see the case (沟通)."""

    task_key: int
    people: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class UrgeTask(Command):
    """Remind whoever owes the task (催办)."""

    task_key: int
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class JumpTask(Command):
    """Put a task's token to another step, by an administrator (跳转)."""

    task_key: int
    step: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SuspendTask(Command):
    """Let the task's limits stand still on a ground that a law grants (挂起)."""

    task_key: int
    ground: str


@dataclass(frozen=True, kw_only=True)
class ResumeTask(Command):
    """Let the task's limits run again (恢复)."""

    task_key: int


@dataclass(frozen=True, kw_only=True)
class AnnulCase(Command):
    """End a case that nobody else knows of yet (撤销)."""

    instance_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class VoidCase(Command):
    """End a case as void, by an administrator (作废)."""

    instance_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class CopyCase(Command):
    """Tell people who may see the case (抄送)."""

    instance_key: int
    people: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class MarkCopyRead(Command):
    """The actor has read their copies of the case (已阅)."""

    instance_key: int


@dataclass(frozen=True, kw_only=True)
class SuperviseCase(Command):
    """Put the case under the managing department's supervision (督办)."""

    instance_key: int
    text: str


@dataclass(frozen=True, kw_only=True)
class EndSupervision(Command):
    """End the supervision (结束督办)."""

    instance_key: int
    text: str = ""


def verb_command(
    code: str,
    actor: Actor,
    *,
    task_key: int | None = None,
    instance_key: int | None = None,
    fields: Mapping[str, Any] | None = None,
    id: str | None = None,
) -> Command:
    """Return the command of a verb.

    Args:
        code: A key of `engine.verbs.VERBS`.
        fields: What the dialogue asked for: person, people, reason, text, step, ground; of draft the form's values.

    Raises:
        NotFound: no such verb on a task, or on a case.
    """
    given = dict(fields or {})

    def text(name: str) -> str:
        return str(given.get(name) or "").strip()

    people = tuple(str(p) for p in given.get("people") or () if p)
    note = text("text") or text("reason")
    reason = text("reason") or text("text")
    base: dict[str, Any] = {"actor": actor, "id": id or uuid4().hex}
    key: Any = task_key
    on_task: dict[str, Any] = {
        "claim": lambda: ClaimTask(task_key=key, **base),
        "unclaim": lambda: UnclaimTask(task_key=key, **base),
        "assign": lambda: AssignTask(task_key=key, assignee=text("person"), reason=note, **base),
        "delegate": lambda: DelegateTask(task_key=key, person=text("person"), text=note, **base),
        "take_back": lambda: TakeBackTask(task_key=key, **base),
        "give_back": lambda: GiveBackTask(task_key=key, text=note, **base),
        "answer": lambda: AnswerQuestion(task_key=key, text=note, **base),
        "agree": lambda: SignTask(task_key=key, agrees=True, text=note, **base),
        "disagree": lambda: SignTask(task_key=key, agrees=False, text=reason, **base),
        "return": lambda: ReturnTask(task_key=key, step=text("step"), reason=reason, **base),
        "recall": lambda: RecallTask(task_key=key, **base),
        "add_signer_before": lambda: AddSigners(task_key=key, people=people, before=True, text=note, **base),
        "add_signer_after": lambda: AddSigners(task_key=key, people=people, before=False, text=note, **base),
        "remove_signer": lambda: RemoveSigner(task_key=key, person=text("person"), **base),
        "assist": lambda: AskAssistance(task_key=key, people=people, text=note, **base),
        "consult": lambda: Consult(task_key=key, people=people, text=note, **base),
        "urge": lambda: UrgeTask(task_key=key, text=note, **base),
        "draft": lambda: SaveDraft(task_key=key, values=given, **base),
        "jump": lambda: JumpTask(task_key=key, step=text("step"), reason=reason, **base),
        "suspend": lambda: SuspendTask(task_key=key, ground=text("ground"), **base),
        "resume": lambda: ResumeTask(task_key=key, **base),
    }
    case: Any = instance_key
    on_case: dict[str, Any] = {
        "annul": lambda: AnnulCase(instance_key=case, reason=reason, **base),
        "void": lambda: VoidCase(instance_key=case, reason=reason, **base),
        "copy": lambda: CopyCase(instance_key=case, people=people, text=note, **base),
        "mark_read": lambda: MarkCopyRead(instance_key=case, **base),
        "supervise": lambda: SuperviseCase(instance_key=case, text=note, **base),
        "end_supervision": lambda: EndSupervision(instance_key=case, text=note, **base),
    }
    make = (on_task if task_key is not None else on_case).get(code)
    if make is None:
        raise NotFound("没有该操作。", f"Expected a verb, found {code}.")
    command: Command = make()
    return command
