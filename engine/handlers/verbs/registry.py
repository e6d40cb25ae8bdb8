"""Which function carries out which command."""

from collections.abc import Callable
from typing import Any

from engine import commands as c
from engine.handlers.verbs import copies, endings, oversight, parts, pauses, recall, returns, signers
from engine.uow import UnitOfWork

HANDLERS: dict[type[c.Command], Callable[[Any, UnitOfWork], dict[str, Any]]] = {
    c.DelegateTask: parts.delegate_task,
    c.TakeBackTask: parts.take_back_task,
    c.GiveBackTask: parts.give_back_task,
    c.AskAssistance: parts.ask_assistance,
    c.Consult: parts.consult,
    c.AnswerQuestion: parts.answer_question,
    c.AddSigners: signers.add_signers,
    c.RemoveSigner: signers.remove_signer,
    c.SignTask: signers.sign_task,
    c.ReturnTask: returns.return_task,
    c.JumpTask: returns.jump_task,
    c.RecallTask: recall.recall_task,
    c.SuspendTask: pauses.suspend_task,
    c.ResumeTask: pauses.resume_task,
    c.UrgeTask: oversight.urge_task,
    c.SuperviseCase: oversight.supervise_case,
    c.EndSupervision: oversight.end_supervision,
    c.CopyCase: copies.copy_case,
    c.MarkCopyRead: copies.mark_copy_read,
    c.AnnulCase: endings.annul_case,
    c.VoidCase: endings.void_case,
}
