"""Whether a verb is allowed, from plain facts alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.verbs.table import VERBS, Verb


@dataclass(frozen=True)
class Facts:
    """What is known of a task or case, and of how the actor stands to it.

    Attributes:
        state: Of the task: open, completed or cancelled.
        ended: Whether the case is over.
        owner: Who has taken the task: nobody (empty), me, or other.
        delegated: Whether somebody fills in the form in the owner's place.
        before: How many opinions the owner has to wait for.
        signing: Whether it was handed in and waits for those who sign after.
        signers: Whether anybody was added who has not signed.
        in_round: Whether the model asks several people (会签, 或签, 依次, 票签).
        done_by_me: Whether the actor handed it in.
        recall: Why it cannot be recalled: a refusal's code, or empty.
        ways_back: Whether the model names a step that it may be returned to.
        ways_on: Whether there is another step that its token may be put to by hand.
        grounds: Whether a law grants a pause of a limit that it is under.
        paused: Whether such a limit stands still.
        urged: Whether the actor's department has urged it today.
        sees: Whether the actor may see the case (C.6).
        candidate: Whether the actor holds the task's role in its department.
        member: Whether the actor does tasks of cases in that department.
        head: Whether the actor heads that department.
        starter: Whether the actor belongs to the department that began the case.
        waits: Whether the actor belongs to another party of the case.
        managing: Whether the actor belongs to the case's managing department.
        party: Whether the actor does tasks in any department of the case.
        admin: Whether the actor is a system administrator.
        asked: What the actor was asked for and owes still: kinds of `task_part`.
        known: Whether anybody outside the starter's department knows of the case.
        copied: Whether the actor has a copy that is not marked as read.
        supervised: Whether the managing department supervises the case.
    """

    state: str = "open"
    ended: bool = False
    owner: str = ""
    delegated: bool = False
    before: int = 0
    signing: bool = False
    signers: bool = False
    in_round: bool = False
    done_by_me: bool = False
    recall: str = "already_acted"
    ways_back: bool = False
    ways_on: bool = False
    grounds: bool = False
    paused: bool = False
    urged: bool = False
    sees: bool = True
    candidate: bool = False
    member: bool = False
    head: bool = False
    starter: bool = False
    waits: bool = False
    managing: bool = False
    party: bool = False
    admin: bool = False
    asked: frozenset[str] = frozenset()
    known: bool = True
    copied: bool = False
    supervised: bool = False


def refusal(code: str, facts: Facts) -> str | None:
    """Return the code of the refusal that the verb meets, None where it is allowed.

    Args:
        code: A key of `VERBS`, or complete, or attach (store a file for the form).
    """
    for rule in _RULES[code]:
        if (found := rule(facts)) is not None:
            return found
    return None


Rule = Callable[[Facts], str | None]


def _where(holds: Callable[[Facts], bool], otherwise: str) -> Rule:
    return lambda facts: None if holds(facts) else otherwise


def _open(facts: Facts) -> str | None:
    return {"open": None, "completed": "conflict"}.get(facts.state, "wrong_state")


_sees = _where(lambda f: f.sees, "not_found")
_runs = _where(lambda f: not f.ended, "case_ended")
_candidate = _where(lambda f: f.candidate, "not_allowed")
_free_or_mine = _where(lambda f: f.owner != "other", "conflict")
_mine = _where(lambda f: f.owner == "me", "not_yours")
_whole = _where(lambda f: not f.delegated, "delegated_away")
_no_round = _where(lambda f: not f.in_round, "approval_round")
_not_handed_in = _where(lambda f: not f.signing, "awaiting_signers")
_hands_on = _where(lambda f: f.candidate or f.head, "not_allowed")
_OWNERS: tuple[Rule, ...] = (_sees, _open, _candidate, _free_or_mine)


def _asked(*kinds: str) -> Rule:
    return _where(lambda f: bool(f.asked & set(kinds)), "not_asked")


def _of_owner_or_head(facts: Facts) -> str | None:
    return None if facts.head else _free_or_mine(facts)


def _typing(facts: Facts) -> str | None:
    """Whoever was asked to fill in the form may; its owner, while nobody does so in their place."""
    if facts.asked & {"delegated", "assist"}:
        return None
    return next((x for rule in (_candidate, _free_or_mine, _whole) if (x := rule(facts))), None)


def _urging(facts: Facts) -> str | None:
    """Whoever waits or answers for the work presses others, and nobody themselves."""
    presses = facts.starter or facts.waits or facts.managing or (facts.member and facts.head)
    own = facts.owner == "me" or (facts.owner == "" and facts.candidate)
    return None if presses and not own else "not_allowed"


def _own_completion(facts: Facts) -> str | None:
    if facts.state == "open":
        return "not_handed_in"
    return "wrong_state" if facts.state != "completed" else None


def _by_administrator(facts: Facts) -> str | None:
    if facts.admin:
        return None
    return "not_allowed" if facts.sees else "not_found"


_RULES: dict[str, tuple[Rule, ...]] = {
    "complete": (
        *_OWNERS,
        _whole,
        _where(lambda f: f.before == 0, "awaiting_signers"),
        _not_handed_in,
    ),
    "claim": (*_OWNERS, _where(lambda f: f.owner != "me", "already_yours"), _not_handed_in),
    "unclaim": (*_OWNERS, _mine, _whole, _not_handed_in),
    "assign": (_sees, _open, _hands_on, _of_owner_or_head, _not_handed_in),
    "delegate": (*_OWNERS, _whole, _not_handed_in),
    "take_back": (
        _sees,
        _open,
        _hands_on,
        _of_owner_or_head,
        _where(lambda f: f.delegated, "not_delegated"),
    ),
    "give_back": (_sees, _open, _asked("delegated", "assist")),
    "answer": (_sees, _open, _asked("consult")),
    "agree": (_sees, _open, _asked("cosign_before", "cosign_after")),
    "disagree": (_sees, _open, _asked("cosign_before", "cosign_after")),
    "return": (
        *_OWNERS,
        _no_round,
        _where(lambda f: f.ways_back, "no_way_back"),
        _whole,
        _not_handed_in,
    ),
    "recall": (
        _sees,
        _own_completion,
        _where(lambda f: f.done_by_me and f.candidate, "not_allowed"),
        _no_round,
        lambda f: f.recall or None,
    ),
    "add_signer_before": (*_OWNERS, _no_round, _not_handed_in),
    "add_signer_after": (*_OWNERS, _no_round, _not_handed_in),
    "remove_signer": (*_OWNERS, _where(lambda f: f.signers, "no_signers")),
    "assist": (*_OWNERS, _not_handed_in),
    "consult": (_sees, _open, _where(lambda f: f.candidate or bool(f.asked), "not_allowed")),
    "urge": (_sees, _open, _urging, _where(lambda f: not f.urged, "already_urged")),
    "draft": (_sees, _open, _typing, _not_handed_in),
    "attach": (
        _sees,
        _open,
        _where(lambda f: f.candidate or bool(f.asked & {"delegated", "assist"}), "not_allowed"),
    ),
    "jump": (_by_administrator, _open, _no_round, _where(lambda f: f.ways_on, "no_other_step")),
    "suspend": (
        _sees,
        _open,
        _hands_on,
        _of_owner_or_head,
        _where(lambda f: not f.paused, "not_paused"),
        _where(lambda f: f.grounds, "pause_not_granted"),
    ),
    "resume": (_sees, _open, _hands_on, _of_owner_or_head, _where(lambda f: f.paused, "not_paused")),
    "annul": (
        _sees,
        _where(lambda f: f.starter, "not_allowed"),
        _runs,
        _where(lambda f: not f.known, "already_delivered"),
    ),
    "copy": (_sees, _where(lambda f: f.party, "not_allowed")),
    "mark_read": (_sees, _where(lambda f: f.copied, "no_copy")),
    "supervise": (
        _sees,
        _where(lambda f: f.managing, "not_allowed"),
        _runs,
        _where(lambda f: not f.supervised, "already_supervised"),
    ),
    "end_supervision": (
        _sees,
        _where(lambda f: f.managing, "not_allowed"),
        _where(lambda f: f.supervised, "not_supervised"),
    ),
    "void": (_by_administrator, _runs),
}


def allowed(on: str, facts: Facts) -> tuple[Verb, ...]:
    """Return the verbs that are allowed, in their order.

    Args:
        on: task or case.
    """
    return tuple(verb for verb in VERBS.values() if verb.on == on and refusal(verb.code, facts) is None)


def outside(facts: Facts) -> Facts:
    """Return the facts as they are for somebody who may not see the case."""
    return replace(facts, sees=False)
