"""Two rules of substitution that are in force when the curtain rises."""

from datetime import timedelta

from engine import commands as c
from engine.app import Engine
from engine.periods import beijing_day

_RULES = (
    ("rst.fz", "rst.jb2", "head", "人社〔2026〕示例8号", "赴外地参加示例培训", ()),
    ("gat.jb", "gat.jb2", "handler", "", "年休假（示例）", ("ln_art12_application", "ln_art13_verification")),
)


def enter(engine: Engine) -> None:
    """Have the principals name their substitutes for the next two weeks."""
    first = beijing_day(engine.clock.now())
    for principal, deputy, role, doc_no, reason, processes in _RULES:
        engine.handle(
            c.AuthoriseDeputy(
                actor=engine.accounts.actor_named(principal),
                principal=principal,
                deputy=deputy,
                role=role,
                valid_from=first.isoformat(),
                valid_until=(first + timedelta(days=13)).isoformat(),
                doc_no=doc_no,
                reason=reason,
                processes=processes,
            )
        )
