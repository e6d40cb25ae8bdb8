"""One open rectification per department, ground and fact (R20-14): a second on the same facts is blocked.

The same facts are the same matter of the same case that gave rise to it (its kind, such as 逾期未答复), or the same
words, blanks and punctuation aside. Anything else is a new fact, and a case of its own. It is asked of the lead, and
again of the notice when it is signed, which may say other things: the case then holds what was signed.
"""

import hashlib
import unicodedata
from typing import Any

from engine.errors import InvalidForm, Message
from engine.handlers.case import Case
from engine.handlers.parties import with_predecessors
from engine.model import Node

HELD = "facts_held"
"""The variable that keeps under which guard a case holds its facts."""


def check_same_facts(case: Case, node: Node) -> dict[str, Any]:
    """Hold the facts of a case for its department, or name the open case that holds them already.

    Its inputs: `target`, the department; `grounds`, a list; `facts`, the text; `matter`, the kind of the source.
    """
    given = {name: case.evaluate(text) for name, text in node.inputs}
    target, grounds = int(given["target"]), list(given["grounds"] or [])
    wanted = _identities(case, str(given["facts"] or ""), given.get("matter"))
    release_facts(case)
    defects = [
        f"{other}已就同一事实（第二十条第（{_listed(same)}）项）对该部门立案，不得重复立案；发现新的事实的，请写明新的事实。"
        for other, kept in _open_cases(case, target).items()
        if wanted & set(kept["facts"]) and (same := [g for g in grounds if g in kept["grounds"]])
    ]
    if not defects:
        name = _guard(target)
        held = {"grounds": grounds, "facts": sorted(wanted)}
        case.uow.set_guard(name, {**dict(case.uow.guarded(name) or {}), case.business_id: held})
        case.set(**{HELD: name})
    return {"ok": not defects, "defects": defects}


def hold_signed_facts(case: Case, node: Node) -> dict[str, Any]:
    """Hold the facts of the notice that is being signed, with the inputs of `check_same_facts`.

    Raises:
        InvalidForm: another open case holds them; its number is named.
    """
    found = check_same_facts(case, node)
    if defects := found["defects"]:
        en = "Expected a notice on facts that no other open case holds, found them held."
        raise InvalidForm({"decision": [Message(f"{zh}请退回修改，或者不予签发。", en) for zh in defects]})
    return found


def release_facts(case: Case) -> None:
    """Let go of the facts a case holds: it is over, or is about others now."""
    name = case.variables.get(HELD)
    if name is None:
        return
    kept = dict(case.uow.guarded(name) or {})
    if kept.pop(case.business_id, None) is not None:
        case.uow.set_guard(name, kept)


def _open_cases(case: Case, target: int) -> dict[str, dict[str, list[str]]]:
    """Return what open cases hold against a department or those it succeeded.

    Reading them joins the guards, so that two cases at once collide.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for org in sorted(with_predecessors(case.uow.conn, frozenset({target}))):
        found |= dict(case.uow.guarded(_guard(org)) or {})
    return {other: kept for other, kept in found.items() if other != case.business_id}


def _identities(case: Case, facts: str, matter: Any) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKC", facts).casefold() if c.isalnum())
    found = {f"text:{hashlib.sha256(plain.encode()).hexdigest()[:32]}"}
    origin = case.variables.get("origin") or {}
    if matter and origin.get("instance_key"):
        found.add(f"case:{origin['instance_key']}:{matter}")
    return found


def _listed(grounds: list[str]) -> str:
    return "）（".join("一二三四五六"[int(g) - 1] if g in "123456" else g for g in grounds)


def _guard(target: int) -> str:
    return f"rectification:{target}"
