"""Checks, findings and the seals of the access log, in words."""

from functools import singledispatch

from engine import events as e
from engine.speech import Bilingual


@singledispatch
def trace_sentence(event: e.Event) -> Bilingual | None:
    """Return one sentence in both languages, None for events of other kinds."""
    return None


@trace_sentence.register
def _(event: e.CheckSaved) -> Bilingual:
    return Bilingual(f"建立检查“{event.name}”。", f"Check “{event.name}” set up.")


@trace_sentence.register
def _(event: e.CheckRetired) -> Bilingual:
    return Bilingual(
        f"停用检查“{event.name}”。理由：{event.reason}",
        f"Check “{event.name}” retired. Reason: {event.reason}",
    )


@trace_sentence.register
def _(event: e.ChecksRun) -> Bilingual:
    found = sum(event.found.values())
    rest = "" if event.check is None else "，尚未完毕"
    more = "" if event.check is None else "; more to come"
    failed = f"，{len(event.failed)}项检查未能进行" if event.failed else ""
    not_run = f", {len(event.failed)} checks could not be run" if event.failed else ""
    return Bilingual(
        f"对{event.day}的办理进行检查，发现疑点{found}项{failed}{rest}。",
        f"Checks run over {event.day}: {found} findings{not_run}{more}.",
    )


@trace_sentence.register
def _(event: e.FindingRaised) -> Bilingual:
    return Bilingual(f"检查“{event.check_name}”发现疑点。", f"Raised by the check “{event.check_name}”.")


@trace_sentence.register
def _(event: e.FindingExplained) -> Bilingual:
    return Bilingual(f"情况说明：{event.text}", f"Explanation: {event.text}")


@trace_sentence.register
def _(event: e.FindingClosed) -> Bilingual:
    return Bilingual(f"了结。理由：{event.reason}", f"Closed. Reason: {event.reason}")


@trace_sentence.register
def _(event: e.FindingReopened) -> Bilingual:
    return Bilingual(f"重新处理。理由：{event.reason}", f"Reopened. Reason: {event.reason}")


@trace_sentence.register
def _(event: e.AccessSealed) -> Bilingual:
    return Bilingual(
        f"封存{event.day}的查阅记录{event.count}条，摘要{event.digest[:16]}…。",
        f"Access log of {event.day} sealed: {event.count} reads, digest {event.digest[:16]}….",
    )
