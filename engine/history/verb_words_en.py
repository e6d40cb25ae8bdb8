"""What people did with tasks and cases beside handing in, in English words."""

from functools import singledispatch

from engine import events as e


def english_deputy(name: str | None) -> str:
    """Return whose role was exercised, in brackets; empty where it was the person's own."""
    return f" (acting for {name})" if name else ""


def _said(text: str) -> str:
    return f": {text.rstrip('。')}." if text else "."


@singledispatch
def english_verb_sentence(event: e.Event) -> str | None:
    """Return one English sentence, None for events of other kinds."""
    return None


_ASKED = {
    "delegated": "{who} was asked to fill in “{name}”{acting}",
    "cosign_before": "“{name}” needs a further signature first, by {who}{acting}",
    "cosign_after": "“{name}” needs a further signature after it is handed in, by {who}{acting}",
    "assist": "{who} was asked to help with “{name}”{acting}",
    "consult": "{who} was asked a question about “{name}”{acting}",
}


@english_verb_sentence.register
def _(event: e.TaskPartAsked) -> str:
    acting = english_deputy(event.as_deputy_of)
    return _ASKED[event.kind].format(who=event.user_name, name=event.name, acting=acting) + "."


@english_verb_sentence.register
def _(event: e.TaskPartAnswered) -> str:
    if event.agrees is not None:
        verdict = "agrees" if event.agrees else "does not agree"
        return f"Signature on “{event.name}”: {verdict}."
    if event.kind == "consult":
        return f"Answer to the question about “{event.name}”."
    done = "filled in and given back" if event.kind == "delegated" else "helped with and given back"
    return f"“{event.name}” {done}."


@english_verb_sentence.register
def _(event: e.TaskPartWithdrawn) -> str:
    acting = english_deputy(event.as_deputy_of)
    if event.kind.startswith("cosign"):
        return f"“{event.name}” no longer waits for the signature of {event.user_name}{acting}."
    return f"What was asked of {event.user_name} for “{event.name}” was taken back{acting}."


@english_verb_sentence.register
def _(event: e.TaskHandedIn) -> str:
    return f"“{event.name}” handed in, waiting for further signatures{english_deputy(event.as_deputy_of)}."


@english_verb_sentence.register
def _(event: e.TaskOpenedAnew) -> str:
    if not event.by_signer:
        return f"“{event.name}” is to be handed in anew: {event.reason}"
    return f"A signer does not agree; “{event.name}” is to be done anew."


@english_verb_sentence.register
def _(event: e.TaskReturned) -> str:
    clock = "the time limit is paused" if event.paused else "the time limit keeps running"
    return (
        f"“{event.name}” returned to “{event.target_name}” to be done anew{english_deputy(event.as_deputy_of)}; "
        f"{clock}."
    )


@english_verb_sentence.register
def _(event: e.TaskRecalled) -> str:
    return (
        f"“{event.name}” recalled after it was handed in{english_deputy(event.as_deputy_of)}; the next step had not "
        "been done and the time limit keeps running."
    )


@english_verb_sentence.register
def _(event: e.TaskUrged) -> str:
    return f"Reminder for “{event.name}”{english_deputy(event.as_deputy_of)}{_said(event.text)}"


@english_verb_sentence.register
def _(event: e.TaskJumped) -> str:
    skipped = f", without {', '.join(f'“{name}”' for name in event.skipped)}" if event.skipped else ""
    return (
        f"A system administrator moved the case from “{event.name}” to “{event.target_name}”{skipped}, against the "
        f"process. Reason{_said(event.reason)}"
    )


@english_verb_sentence.register
def _(event: e.CaseAnnulled) -> str:
    return f"Case annulled before delivery{english_deputy(event.as_deputy_of)}. Reason{_said(event.reason)}"


@english_verb_sentence.register
def _(event: e.CaseCopied) -> str:
    return f"Copied to {event.user_name}{english_deputy(event.as_deputy_of)}."


@english_verb_sentence.register
def _(event: e.CopyRead) -> str:
    return "The copy of the case was read."


@english_verb_sentence.register
def _(event: e.SupervisionBegun) -> str:
    return f"Put under supervision{english_deputy(event.as_deputy_of)}{_said(event.text)}"


@english_verb_sentence.register
def _(event: e.SupervisionEnded) -> str:
    return f"Supervision ended{english_deputy(event.as_deputy_of)}{_said(event.text)}"
